import { WireError } from '@mortise/contract/errors'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { addonById } from '../addons/store.js'
import { listAttachmentsOfApp } from '../attachments/store.js'
import { findPlan, serviceById } from '../catalog/store.js'
import { rows, sql } from '../db/db.js'
import type { Trials } from '../saga/engine.js'
import { findOperation, operationLog } from '../saga/store.js'
import { destroyApp } from './app-lifecycle.js'
import { attach } from './attach.js'
import { patchConfig, providerSays } from './call-backs.js'
import type { ChangeOrder } from './change-set.js'
import { changeApp, previewChange } from './order-change.js'
import { allAddons, type TestLifecycle, testLifecycle, whatIsWrong } from './test-lifecycle.js'

let t: TestLifecycle
beforeEach(async () => {
  t = await testLifecycle()
})
afterEach(() => t.stop())

type App = Awaited<ReturnType<TestLifecycle['newApp']>>
const value = 'fast://user:secret-value@127.0.0.1/db'
const nothing: ChangeOrder = { config: {}, attach: [], detach: [], create: [] }

async function wanted(plan: string, as: string | null = null) {
  const found = (await findPlan(t.db, `fast-db:${plan}`))!
  const service = (await serviceById(t.db, found.serviceId))!
  return { service, plan: found, name: null, as, options: {} }
}
/** Two new add-ons and a config var. */
const both = async (): Promise<ChangeOrder> => ({
  ...nothing,
  config: { COLOUR: 'blue' },
  create: [await wanted('small', 'MAIN'), await wanted('large', 'SPARE')],
})
const order = async (app: App, given: Partial<ChangeOrder>, how = t.life, confirm: string | null = null) =>
  changeApp(how.deps, how.stories, { app, actor: t.actor, order: { ...nothing, ...given }, confirm })
const preview = (app: App, given: Partial<ChangeOrder>) =>
  previewChange(t.life.deps, t.life.stories, { app, actor: t.actor, order: { ...nothing, ...given }, confirm: null })

async function refusalOf(work: Promise<unknown>): Promise<WireError> {
  const error = await work.then(
    () => undefined,
    (found) => found,
  )
  expect(error).toBeInstanceOf(WireError)
  return error
}

/** What was in doubt is looked at again for the last time 13 hours later. */
async function settle() {
  for (const minutes of [1, 2, 15, 60, 13 * 60, 13 * 60]) {
    t.advance(minutes * 60_000 + 1_000)
    await t.work()
  }
}

/** As if nothing had been ordered, here and at the provider. */
async function expectCleanSlate(app: App) {
  await settle()
  expect(t.provider.resources.size).toBe(0)
  expect((await allAddons(t.db)).map(({ state }) => state)).toEqual(['deprovisioned', 'deprovisioned'])
  for (const { id } of await allAddons(t.db)) {
    expect((await t.debt(id))?.state).toBe('clear')
    expect((await t.charges(id)).map(({ voidedAt }) => voidedAt)).toEqual([expect.any(Date)])
  }
  expect(await t.head(app)).toEqual({})
  expect((await t.releases(app)).length).toBe(1)
  expect(await listAttachmentsOfApp(t.db, app.id)).toEqual([])
  expect(await whatIsWrong(t)).toEqual([])
}

describe('the four shapes', () => {
  test('it succeeds: two add-ons and a config var are one release and one roll', async () => {
    const app = await t.newApp()
    const done = await order(app, await both())
    expect(done.state).toBe('done')
    expect(await t.head(app)).toEqual({ COLOUR: 'blue', MAIN_URL: value, SPARE_URL: value })
    const [newest, ...older] = await t.releases(app)
    const [main, spare] = await allAddons(t.db)
    expect(older.length).toBe(1)
    expect(newest).toMatchObject({
      version: 2,
      operationId: done.id,
      description: `Attach MAIN (@ref:${main?.name}), attach SPARE (@ref:${spare?.name}), set COLOUR config vars`,
      addonPlanNames: ['fast-db:large', 'fast-db:small'],
    })
    for (const { id } of await allAddons(t.db)) {
      expect(await t.charges(id)).toMatchObject([{ confirmedAt: expect.any(Date), closedAt: null }])
      expect((await t.debt(id))?.state).toBe('held')
    }
    expect(await whatIsWrong(t)).toEqual([])
  })

  test('every step twice makes two resources, one release, two charges', async () => {
    const app = await t.newApp()
    const done = await order(app, await both(), t.make({ stepsTwice: true }))
    expect(done.state).toBe('done')
    expect(t.provider.resources.size).toBe(2)
    expect((await t.releases(app)).length).toBe(2)
    for (const { id } of await allAddons(t.db)) expect((await t.charges(id)).length).toBe(1)
    expect(await whatIsWrong(t)).toEqual([])
  })

  // Of the change itself, then of an add-on that it orders.
  const steps = ['order', 'await add-ons', 'apply', 'intend', 'ask', 'gather']
  for (const undosTwice of [false, true]) {
    for (const failAt of steps) {
      test(`failing at ${failAt} leaves a clean slate here and at the provider${undosTwice ? ', undo run twice' : ''}`, async () => {
        const app = await t.newApp()
        const error = await refusalOf(order(app, await both(), t.make({ failAt, undosTwice } satisfies Trials)))
        expect(error.message).toContain(`told to fail at ${failAt}`)
        expect(error.message).toContain('Nothing of this change was made.')
        await expectCleanSlate(app)
      })
    }
  }
})

describe('a provider', () => {
  test('that refuses one of two: the other is removed, the app is untouched, its words are told', async () => {
    const app = await t.newApp()
    t.provider.onRequest = ({ method, body }) => {
      if (method === 'POST' && body?.['plan'] === 'large')
        t.provider.lie('POST', { status: 422, body: { message: 'No more room.' } })
    }
    const error = await refusalOf(order(app, await both()))
    expect([error.status, error.id]).toEqual([422, 'provider_refused'])
    expect(error.message).toBe('fast-db: No more room. Nothing of this change was made.')
    const [main, spare] = await allAddons(t.db)
    expect(spare?.provisionMessage).toBe('No more room.')
    expect(main?.provisionMessage).toContain('No more room.')
    await expectCleanSlate(app)
  })

  test('that can not be reached: 503, nothing created', async () => {
    const app = await t.newApp()
    await t.provider.stop()
    const error = await refusalOf(order(app, await both()))
    expect([error.status, error.id]).toEqual([503, 'provider_unreachable'])
    expect(await t.head(app)).toEqual({})
    expect(await whatIsWrong(t)).toEqual([])
  })

  test('that works in its own time: nothing changes until both are there, then all at once', async () => {
    const app = await t.newApp()
    t.provider.lie('POST', { acts: true, status: 202, body: { id: 'one' } })
    const waiting = await order(app, await both())
    expect(waiting).toMatchObject({ state: 'waiting', reason: expect.stringContaining('Waits for the providers of') })
    expect(await t.head(app)).toEqual({})
    const late = (await rows<{ subject: string }>(t.db, sql`select subject from operations where step = 'ask'`))[0]!
    // Values that come before it is done are kept for then.
    await patchConfig(t.life.deps, (await addonById(t.db, late.subject))!, [{ name: 'FAST_DB_URL', value: 'late' }])
    expect((await t.releases(app)).length).toBe(1)
    await providerSays(t.life.deps, late.subject, 'provision')
    await t.work()
    expect((await findOperation(t.db, waiting.id))?.state).toBe('done')
    expect(Object.values(await t.head(app)).sort()).toEqual(['blue', value, 'late'])
    expect((await t.releases(app)).length).toBe(2)
    expect(await whatIsWrong(t)).toEqual([])
  })

  test('that works for hours: the change looks seldom, and is done as soon as the provider is', async () => {
    const app = await t.newApp()
    t.provider.lie('POST', { acts: true, status: 202, body: { id: 'one' } })
    const waiting = await order(app, await both())
    for (let looks = 0; looks < 12; looks++) {
      t.advance(400_000)
      await t.work()
    }
    const last = (await operationLog(t.db, waiting.id)).at(-1)
    expect(last).toMatchObject({ kind: 'again' })
    expect(Number(last?.note?.['after_ms'])).toBeGreaterThan(200_000)
    const late = (await rows<{ subject: string }>(t.db, sql`select subject from operations where step = 'ask'`))[0]!
    await providerSays(t.life.deps, late.subject, 'provision')
    await t.work()
    expect((await findOperation(t.db, waiting.id))?.state).toBe('done')
  })

  test('that works in its own time and gives up: the other is removed as well', async () => {
    const app = await t.newApp()
    t.provider.lie('POST', { acts: true, status: 202, body: { id: 'one' } })
    const waiting = await order(app, await both())
    const late = (await rows<{ subject: string }>(t.db, sql`select subject from operations where step = 'ask'`))[0]!
    await providerSays(t.life.deps, late.subject, 'deprovision')
    await t.work()
    expect(await findOperation(t.db, waiting.id)).toMatchObject({
      state: 'unwound',
      reason: 'fast-db could not create it.',
    })
    await expectCleanSlate(app)
  })

  test('that says it is gone after it said it was there, while the other is awaited: both are removed', async () => {
    const app = await t.newApp()
    t.provider.lie('POST', { acts: true, status: 202, body: { id: 'one' } })
    await order(app, await both())
    const there = (await rows<{ subject: string }>(t.db, sql`select subject from operations where step = 'gather'`))[0]!
    await providerSays(t.life.deps, there.subject, 'provision')
    await providerSays(t.life.deps, there.subject, 'deprovision')
    await t.work()
    await expectCleanSlate(app)
  })

  test('that never answers clearly: given up like a single one, and watched', async () => {
    const app = await t.newApp()
    const lie = { acts: true, hangUp: true } as const
    t.provider.onRequest = ({ method, body }) => {
      if (method === 'POST' && body?.['plan'] === 'large') t.provider.lie('POST', lie)
    }
    const waiting = await order(app, await both())
    expect(waiting.state).toBe('waiting')
    for (const wait of [6_000, 34_000, 133_000, 1_000]) {
      t.advance(wait)
      await t.work()
    }
    expect((await findOperation(t.db, waiting.id))?.state).toBe('unwound')
    await expectCleanSlate(app)
  })
})

describe('meanwhile', () => {
  /** A change that waits: one add-on is there, the other is not. */
  async function waitingChange(app: App, given: Partial<ChangeOrder> = {}) {
    t.provider.onRequest = ({ method, body }) => {
      if (method === 'POST' && body?.['plan'] === 'large')
        t.provider.lie('POST', { acts: true, status: 202, body: { id: 'later' } })
    }
    const waiting = await order(app, { ...(await both()), ...given })
    expect(waiting.state).toBe('waiting')
    const [there, late] = await allAddons(t.db)
    return { waiting, there: there!, late: late! }
  }

  for (const which of ['there', 'late'] as const) {
    test(`removing the add-on that is ${which} gives the whole change up`, async () => {
      const app = await t.newApp()
      const change = await waitingChange(app)
      await t.remove(change[which].id)
      await t.work()
      expect(await findOperation(t.db, change.waiting.id)).toMatchObject({
        state: 'unwound',
        reason: expect.stringContaining(`${change[which].name} was removed while it was being created.`),
      })
      await expectCleanSlate(app)
    })
  }

  test('the app is destroyed: both add-ons are removed and the change ends', async () => {
    const app = await t.newApp()
    const { waiting } = await waitingChange(app)
    await destroyApp(t.life.deps, t.life.stories.destroyApp, {
      app,
      actor: t.actor,
      force: false,
      maySee: async () => true,
    })
    await settle()
    expect((await findOperation(t.db, waiting.id))?.state).toBe('unwound')
    expect(t.provider.resources.size).toBe(0)
    expect(await whatIsWrong(t)).toEqual([])
  })

  test('config set in between stays, and the change comes on top of it', async () => {
    const app = await t.newApp()
    const { late } = await waitingChange(app)
    await order(app, { config: { COLOUR: 'red', SIZE: '3' } })
    await patchConfig(t.life.deps, (await addonById(t.db, late.id))!, [{ name: 'FAST_DB_URL', value: 'late' }])
    await providerSays(t.life.deps, late.id, 'provision')
    await t.work()
    expect(await t.head(app)).toEqual({ COLOUR: 'blue', SIZE: '3', MAIN_URL: value, SPARE_URL: 'late' })
    expect(await whatIsWrong(t)).toEqual([])
  })

  test('an attachment that it detaches is detached by hand: it is given up, with the reason', async () => {
    const app = await t.newApp()
    const first = await t.create(app, { as: 'FIRST' })
    const { attachment } = await extra(app, first.id)
    const { waiting } = await waitingChange(app, { detach: [attachment.id] })
    const parked = (await rows<{ subject: string }>(t.db, sql`select subject from operations where step = 'ask'`))[0]!
    await order(app, { detach: [attachment.id] })
    await providerSays(t.life.deps, parked.subject, 'provision')
    await t.work()
    expect(await findOperation(t.db, waiting.id)).toMatchObject({
      state: 'unwound',
      reason: expect.stringContaining("Couldn't find that add-on attachment."),
    })
    await settle()
    expect([...t.provider.resources.keys()]).toEqual([first.id])
    expect(await t.head(app)).toEqual({ FIRST_URL: value })
    expect(await whatIsWrong(t)).toEqual([])
  })

  test('a name that it takes is given to something that nobody agreed to lose: it is given up', async () => {
    const app = await t.newApp('example-app')
    const other = await t.newApp()
    const foreign = await t.create(other)
    const { waiting } = await waitingChange(app, { attach: [{ addonId: foreign.id, name: 'REPORTS' }] })
    await order(app, { config: { REPORTS_URL: 'my own' } })
    const parked = (await rows<{ subject: string }>(t.db, sql`select subject from operations where step = 'ask'`))[0]!
    await providerSays(t.life.deps, parked.subject, 'provision')
    await t.work()
    expect(await findOperation(t.db, waiting.id)).toMatchObject({
      state: 'unwound',
      reason: expect.stringContaining('the config var REPORTS_URL'),
    })
    await settle()
    expect(await t.head(app)).toEqual({ REPORTS_URL: 'my own' })
    expect([...t.provider.resources.keys()]).toEqual([foreign.id])
    expect(await whatIsWrong(t)).toEqual([])
  })
})

describe('a crash of ours', () => {
  for (const step of ['await add-ons', 'apply', 'ask', 'gather']) {
    test(`before ${step} is made good by another process`, async () => {
      const app = await t.newApp()
      const crashed = new Set<string>()
      const dying = t.make({
        before(name, { id }) {
          if (name !== step || crashed.has(id)) return
          crashed.add(id)
          throw new Error('killed')
        },
      })
      const begun = await order(app, await both(), dying)
      expect(crashed.size).toBeGreaterThan(0)
      t.faults.length = 0
      await t.crash()
      for (const wait of [1_000, 6_000, 34_000, 16_000]) {
        t.advance(wait)
        await t.work()
        await t.crash()
      }
      expect((await findOperation(t.db, begun.id))?.state).toBe('done')
      expect(t.provider.resources.size).toBe(2)
      expect((await t.releases(app)).length).toBe(2)
      expect(await t.head(app)).toEqual({ COLOUR: 'blue', MAIN_URL: value, SPARE_URL: value })
      expect(await whatIsWrong(t)).toEqual([])
    })
  }
})

async function extra(app: App, addonId: string, name = 'EXTRA') {
  const attachment = await attach(t.life.deps, { appId: app.id, addonId, wanted: name, confirm: null, actor: t.actor })
  return { attachment }
}

describe('without new add-ons', () => {
  test('set, unset, attach and detach are one release in one transaction', async () => {
    const app = await t.newApp()
    const other = await t.newApp()
    const mine = await t.create(app, { as: 'FIRST' })
    const foreign = await t.create(other)
    const { attachment } = await extra(app, mine.id)
    await order(app, { config: { OLD: '1' } })
    const count = (await t.releases(app)).length
    const done = await order(app, {
      config: { OLD: null, NEW: '2' },
      attach: [{ addonId: foreign.id, name: 'REPORTS' }],
      detach: [attachment.id],
    })
    expect(done.state).toBe('done')
    expect((await findOperation(t.db, done.id))?.state).toBe('done')
    expect(await t.head(app)).toEqual({ NEW: '2', FIRST_URL: value, REPORTS_URL: value })
    expect((await t.releases(app)).length).toBe(count + 1)
    expect((await t.releases(app))[0]?.description).toBe(
      `Attach REPORTS (@ref:${foreign.name}), detach EXTRA (@ref:${mine.name}), set NEW and remove OLD config vars`,
    )
    expect(await whatIsWrong(t)).toEqual([])
  })

  test('what changes nothing makes no release', async () => {
    const app = await t.newApp()
    await order(app, { config: { A: '1' } })
    const count = (await t.releases(app)).length
    expect((await order(app, { config: { A: '1', B: null } })).state).toBe('done')
    expect((await t.releases(app)).length).toBe(count)
  })

  test('one part that can not be: nothing of the rest is done', async () => {
    const app = await t.newApp()
    const mine = await t.create(app, { as: 'FIRST' })
    const { attachment } = await extra(app, mine.id)
    const count = (await t.releases(app)).length
    const parts: Partial<ChangeOrder>[] = [
      { config: { 'not a name': '1' } },
      { config: { FIRST_URL: 'mine' } },
      { config: { BIG: 'x'.repeat(40_000) } },
      { config: { B1: 'x'.repeat(32_000), B2: 'x'.repeat(32_000), B3: 'x'.repeat(32_000) } },
      { attach: [{ addonId: mine.id, name: '1st' }] },
      { attach: [{ addonId: app.id, name: null }] },
      { detach: [mine.id] },
      // Both of the add-on's attachments on the app that pays for it.
      { detach: (await listAttachmentsOfApp(t.db, app.id)).map(({ id }) => id) },
    ]
    for (const part of parts) {
      const together = { config: { GOOD: '1', ...part.config }, detach: [attachment.id], ...part }
      const error = await refusalOf(order(app, { ...together, config: { GOOD: '1', ...part.config } }))
      expect([404, 422], error.message).toContain(error.status)
    }
    expect((await t.releases(app)).length).toBe(count)
    expect(await t.head(app)).toEqual({ FIRST_URL: value, EXTRA_URL: value })
    expect(t.provider.resources.size).toBe(1)
    expect(await whatIsWrong(t)).toEqual([])
  })

  test('an attachment changes its name in one change, though it is the last one', async () => {
    const app = await t.newApp()
    const mine = await t.create(app)
    const [last] = await listAttachmentsOfApp(t.db, app.id)
    await order(app, { attach: [{ addonId: mine.id, name: 'MAIN' }], detach: [last!.id] })
    expect(await t.head(app)).toEqual({ MAIN_URL: value })
    expect(await whatIsWrong(t)).toEqual([])
  })

  test('a name goes from one add-on to another without a gap and without a question', async () => {
    const app = await t.newApp()
    const first = await t.create(app)
    const { attachment } = await extra(app, first.id, 'MAIN')
    const done = await order(app, {
      detach: [attachment.id],
      create: [await wanted('large', 'MAIN')],
    })
    expect(done.state).toBe('done')
    const all = await listAttachmentsOfApp(t.db, app.id)
    expect(all.map(({ name, planName }) => [name, planName])).toEqual([
      ['FAST_DB', 'fast-db:small'],
      ['MAIN', 'fast-db:large'],
    ])
    expect(await whatIsWrong(t)).toEqual([])
  })

  test('a name that the change itself frees is taken first: FAST_DB, and no colour', async () => {
    const app = await t.newApp()
    const first = await t.create(app, { as: 'KEEP' })
    const { attachment } = await extra(app, first.id, 'FAST_DB')
    await order(app, { config: { OTHER: '1' } })
    await order(app, { detach: [attachment.id], create: [await wanted('large')] })
    expect(Object.keys(await t.head(app)).sort()).toEqual(['FAST_DB_URL', 'KEEP_URL', 'OTHER'])
    expect(await whatIsWrong(t)).toEqual([])
  })
})

describe('what would be overwritten', () => {
  test('is asked for first, all of it at once; confirmed, it goes with the same release', async () => {
    const app = await t.newApp('example-app')
    const first = await t.create(app)
    await extra(app, first.id, 'MAIN')
    await order(app, { config: { SPARE_URL: 'mine' } })
    const count = (await t.releases(app)).length
    for (const confirm of [null, 'another-app']) {
      const error = await refusalOf(order(app, await both(), t.life, confirm))
      expect([error.status, error.id]).toEqual([423, 'confirmation_required'])
      expect(error.message).toContain(`the attachment MAIN of ${first.name}`)
      expect(error.message).toContain('the config var SPARE_URL')
      expect(error.headers).toEqual({ 'X-Confirmation-Required': 'example-app' })
    }
    expect(t.provider.resources.size).toBe(1)
    expect((await order(app, await both(), t.life, 'example-app')).state).toBe('done')
    expect((await t.releases(app)).length).toBe(count + 1)
    expect(Object.keys(await t.head(app)).sort()).toEqual(['COLOUR', 'FAST_DB_URL', 'MAIN_URL', 'SPARE_URL'])
    expect(await whatIsWrong(t)).toEqual([])
  })

  test('refused after it was confirmed: the customer has all of it again', async () => {
    const app = await t.newApp('example-app')
    const first = await t.create(app)
    await extra(app, first.id, 'MAIN')
    await order(app, { config: { SPARE_URL: 'mine' } })
    const before = await t.head(app)
    t.provider.lie('POST', { status: 422, body: { message: 'No.' } })
    await refusalOf(order(app, await both(), t.life, 'example-app'))
    await t.work()
    expect(await t.head(app)).toEqual(before)
    await order(app, { config: { SPARE_URL: 'mine still' } })
    expect(await whatIsWrong(t)).toEqual([])
  })
})

describe('a dry run', () => {
  test('says what appears, what changes its owner, what goes, and what it costs; and does nothing', async () => {
    const app = await t.newApp('example-app')
    const other = await t.newApp()
    const first = await t.create(app)
    const { attachment } = await extra(app, first.id, 'MAIN')
    const foreign = await t.create(other)
    await order(app, { config: { SPARE_URL: 'mine', GONE: '1', SAME: '1' } })
    const count = (await t.releases(app)).length
    const asked = t.provider.received.length
    const events = async () => (await rows(t.db, sql`select id from events`)).length
    const told = await events()
    const found = await preview(app, {
      ...(await both()),
      config: { COLOUR: 'blue', GONE: null, SAME: '1' },
      attach: [{ addonId: foreign.id, name: 'REPORTS' }],
      detach: [attachment.id],
    })
    expect(found).toEqual({
      add_ons: [
        {
          id: null,
          name: null,
          plan: 'fast-db:small',
          price: { cents: 500, contract: false, unit: 'month' },
          attachment: 'MAIN',
          config_vars: ['MAIN_URL'],
        },
        {
          id: null,
          name: null,
          plan: 'fast-db:large',
          price: { cents: 5000, contract: false, unit: 'month' },
          attachment: 'SPARE',
          config_vars: ['SPARE_URL'],
        },
      ],
      attachments: [{ name: 'REPORTS', addon: { id: foreign.id, name: foreign.name }, config_vars: ['REPORTS_URL'] }],
      detached: [{ name: 'MAIN', addon: { id: first.id, name: first.name } }],
      config_vars: { added: ['COLOUR', 'REPORTS_URL'], changed: ['MAIN_URL', 'SPARE_URL'], removed: ['GONE'] },
      description: expect.stringContaining('attach REPORTS'),
      overwrites: ['the config var SPARE_URL'],
      price: { cents: 5500, unit: 'month' },
    })
    expect((await t.releases(app)).length).toBe(count)
    expect(t.provider.received.length).toBe(asked)
    expect(await events()).toBe(told)
    expect(await allAddons(t.db)).toHaveLength(2)
    expect(await whatIsWrong(t)).toEqual([])
  })

  test('meets what the change itself would meet', async () => {
    const app = await t.newApp()
    const twice = [await wanted('small', 'MAIN'), await wanted('large', 'main')]
    expect((await refusalOf(preview(app, { create: twice }))).message).toContain('would be called MAIN')
    expect((await refusalOf(preview(app, {}))).message).toContain('Say what changes')
    const clash = { config: { MAIN_URL: 'mine' }, create: [await wanted('small', 'MAIN')] }
    expect((await refusalOf(preview(app, clash))).message).toContain('Cannot overwrite attachment values MAIN_URL.')
    expect(await allAddons(t.db)).toEqual([])
  })
})

test('its record holds no value of a config var', async () => {
  const app = await t.newApp()
  await order(app, { ...(await both()), config: { TOKEN: 'a-value-that-is-secret' } })
  const kept = await rows<{ text: string }>(
    t.db,
    sql`select (params::text || facts::text || found::text) as text from operations
      union all select note::text from operation_log union all select data::text from events`,
  )
  expect(kept.length).toBeGreaterThan(5)
  for (const { text } of kept) {
    expect(text).not.toContain('a-value-that-is-secret')
    expect(text).not.toContain('secret-value')
  }
})

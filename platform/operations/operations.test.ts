import { WireError } from '@mortise/contract/errors'
import type { Operation as WireOperation } from '@mortise/contract/platform-api/operations'
import { routes } from '@mortise/contract/platform-api/routes'
import type { Route } from '@mortise/contract/route'
import type { KyselyPlugin } from 'kysely'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { addonById } from '../addons/store.js'
import { findPlan } from '../catalog/store.js'
import { rows, sql } from '../db/db.js'
import { eventsOf } from '../events/store.js'
import type { Context, Subjects } from '../http/handle.js'
import { sweepOne } from '../lifecycle/sweep.js'
import { allAddons, type TestLifecycle, testLifecycle, whatIsWrong } from '../lifecycle/test-lifecycle.js'
import { changePlan } from '../lifecycle/upgrade-addon.js'
import { findEntry } from './ledger-store.js'
import { adoptDebt, forgetEntry, retryDebt } from './ledger-verbs.js'
import { ledgerView } from './ledger-view.js'
import { type Known, listKnown } from './operation-store.js'
import { cancel, refusalOf, retry, settle } from './operation-verbs.js'
import { operationWithStory } from './operation-view.js'
import { operationRoutes } from './routes.js'

let t: TestLifecycle
beforeEach(async () => {
  t = await testLifecycle()
})
afterEach(() => t.stop())

const hours = 3_600_000
async function refusal(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (found) => found,
  )
  expect(error).toBeInstanceOf(WireError)
  return (error as WireError).message
}
const theOne = async (): Promise<Known> => {
  const [first] = await listKnown(t.db, { state: 'open' }, 10)
  if (!first) throw new Error('no operation is open')
  return first
}
const order = (known: { id: string }, reason: string | null = null) => ({ id: known.id, actor: t.actor, reason })
const storyOf = async (known: Known) =>
  (await operationWithStory(t.db, known, 'operator')).story?.map(({ who, text }) => `${who}: ${text}`)

/** A plan change whose provider never said a clear word for a day. */
async function stuckPlanChange() {
  const app = await t.newApp('shop')
  const addon = await t.create(app)
  const plan = await findPlan(t.db, 'fast-db:large')
  if (!plan) throw new Error('no plan')
  t.provider.lie('PUT', ...Array.from({ length: 60 }, () => ({ status: 500 })))
  const current = await addonById(t.db, addon.id)
  if (!current) throw new Error('no add-on')
  expect(await changePlan(t.life.deps, t.life.stories.changePlan, { addon: current, plan, actor: t.actor })).toEqual({
    pending: true,
  })
  for (let hour = 0; hour < 26; hour++) {
    t.advance(hours)
    await t.work()
  }
  const stuck = await theOne()
  expect(stuck).toMatchObject({ saga: 'addon.change-plan', state: 'stuck', isDoubtful: true })
  return { app, addon, stuck, plan }
}
const planOf = async (id: string) => (await addonById(t.db, id))?.planName

describe('a story', () => {
  test('tells what happened in sentences, in order, and holds no value', async () => {
    t.provider.lie('POST', { status: 202 })
    const addon = await t.create(await t.newApp('shop'), { name: 'ledger-db' })
    const waiting = await theOne()
    expect((await operationWithStory(t.db, waiting, 'customer')).waits).toMatchObject({ for: 'fast-db' })
    t.provider.lie('DELETE', { hangUp: true })
    const { providerSays } = await import('../lifecycle/call-backs.js')
    await providerSays(t.life.deps, addon.id, 'provision')
    await t.remove(addon.id)
    const [removal, creation] = await listKnown(t.db, { addon: 'ledger-db' }, 10)
    expect(await storyOf(creation as Known)).toEqual([
      'customer: Ordered fast-db:small for shop, as ledger-db. Its names are reserved; nothing is billed until it is there.',
      'platform: Asked fast-db to create it.',
      'provider: fast-db works on it and will call back (202).',
      expect.stringMatching(/^platform: Waits until 20.*Z at most\. The provider works on it\.$/),
      'provider: fast-db called back: provisioned.',
      'platform: Its config vars were released to the app, and it is billed.',
    ])
    const story = await storyOf(removal as Known)
    expect(story?.slice(0, 3)).toEqual([
      'customer: Removed ledger-db. Apps and bills have let go of it.',
      'platform: Asked fast-db to remove it.',
      'provider: fast-db did not remove it.',
    ])
    const whole = JSON.stringify(await operationWithStory(t.db, creation as Known, 'operator'))
    expect(whole).not.toContain('postgres://')
  })

  test('a try that is put off is told as what it is: to come, done, or never come to', async () => {
    t.provider.lie('POST', { status: 500 }, { status: 500 })
    await t.create(await t.newApp('shop'), { name: 'ledger-db' })
    const putOff = async () => {
      const [it] = await listKnown(t.db, { addon: 'ledger-db' }, 1)
      return (await storyOf(it as Known))?.filter((line) => / again /.test(line)).map((line) => line.slice(10, 60))
    }
    const { nextAt } = await theOne()
    expect(await putOff()).toEqual([
      expect.stringContaining(`s, at ${nextAt.toISOString().slice(0, 19)}`),
    ])
    t.advance(6_000)
    await t.work()
    const will = expect.stringMatching(/^Will try again in \d+ s, at 20/)
    expect(await putOff()).toEqual([expect.stringMatching(/^Tried again after \d s\. /), will])
    await t.remove((await allAddons(t.db))[0]?.id ?? '')
    expect(await putOff()).toEqual([
      expect.stringMatching(/^Tried again after \d s\. /),
      expect.stringMatching(/^Was to try again after \d+ s\. /),
    ])
  })

  test('a customer is not told what only the operator may know', async () => {
    t.provider.lie('POST', { status: 202 })
    await t.create(await t.newApp('shop'))
    const it = await theOne()
    const [asOperator, asCustomer] = await Promise.all([
      operationWithStory(t.db, it, 'operator'),
      operationWithStory(t.db, it, 'customer'),
    ])
    const answerIn = (told: typeof asOperator) => told.story?.find(({ answer }) => answer)?.answer
    expect(answerIn(asOperator)).toHaveProperty('note')
    expect(answerIn(asCustomer)).not.toHaveProperty('note')
    expect(asOperator.verbs).toEqual(['cancel'])
    expect(asCustomer.verbs).toEqual([])
  })
})

describe("an app's and an add-on's stories", () => {
  /** How many questions a route asks the database. */
  async function questionsOf(route: Route, subjects: Subjects): Promise<{ count: number; told: WireOperation[] }> {
    let count = 0
    const counting: KyselyPlugin = {
      transformQuery: ({ node }) => {
        count++
        return node
      },
      transformResult: async ({ result }) => result,
    }
    const handlers = operationRoutes({ ...t.life.deps, db: t.db.withPlugin(counting) })
    const handler = handlers.find((one) => one.route === route)
    const told = (await handler?.run({ subjects } as Context)) as WireOperation[]
    return { count, told }
  }

  test('are as many questions to the database for twenty as for one, and each has its own lines', async () => {
    const app = await t.newApp('shop')
    const made = await t.create(app)
    const addon = await addonById(t.db, made.id)
    const ofApp = () => questionsOf(routes.operations.listOfApp, { app })
    const ofAddon = () => questionsOf(routes.operations.listOfAddon, addon ? { addon } : {})
    const [one, alone] = [await ofApp(), await ofAddon()]
    expect([one.told.length, alone.told.length]).toEqual([1, 1])
    expect(one.count).toBeGreaterThan(0)
    for (let n = 0; n < 12; n++) {
      const plan = await findPlan(t.db, n % 2 ? 'fast-db:small' : 'fast-db:large')
      const current = await addonById(t.db, made.id)
      if (plan && current)
        await changePlan(t.life.deps, t.life.stories.changePlan, { addon: current, plan, actor: t.actor })
      await t.create(app, { as: `MORE_${n}` })
    }
    const [many, several] = [await ofApp(), await ofAddon()]
    expect([many.told.length, several.told.length]).toEqual([20, 13])
    expect([many.count, several.count]).toEqual([one.count, alone.count])
    for (const { id, story } of [...many.told, ...several.told]) {
      const known = (await listKnown(t.db, {}, 100)).find((it) => it.id === id) as Known
      expect(story).toEqual((await operationWithStory(t.db, known, 'customer')).story)
      expect(story?.length).toBeGreaterThan(2)
    }
  })
})

describe('settle', () => {
  test('changed: the new plan and its price are in force from now, and twice is once', async () => {
    const { addon, stuck } = await stuckPlanChange()
    expect(await planOf(addon.id)).toBe('fast-db:small')
    const settled = await settle(t.life.deps, { ...order(stuck, 'they told me'), outcome: 'changed' })
    expect(settled.state).toBe('done')
    expect(await planOf(addon.id)).toBe('fast-db:large')
    expect((await t.charges(addon.id)).map(({ cents, closedAt }) => [cents, closedAt !== null])).toEqual([
      [500, true],
      [5000, false],
    ])
    expect((await settle(t.life.deps, { ...order(stuck), outcome: 'changed' })).state).toBe('done')
    expect(await refusal(settle(t.life.deps, { ...order(stuck), outcome: 'unchanged' }))).toMatch(/nothing to settle/)
    expect(await storyOf(settled)).toContain(
      'operator: The operator (dev@example.com) settled it: changed. Reason: They told me.',
    )
    expect(await eventsOf(t.db, stuck.id)).toMatchObject([
      { resource: 'operation', actor: t.actor, data: { verb: 'settle', outcome: 'changed', reason: 'they told me' } },
    ])
    expect(await whatIsWrong(t)).toEqual([])
  })

  test('unchanged: everything is as it was, and twice is once', async () => {
    const { addon, stuck } = await stuckPlanChange()
    for (let twice = 0; twice < 2; twice++)
      expect((await settle(t.life.deps, { ...order(stuck), outcome: 'unchanged' })).state).toBe('unwound')
    expect(await planOf(addon.id)).toBe('fast-db:small')
    expect((await t.charges(addon.id)).length).toBe(1)
    expect(await whatIsWrong(t)).toEqual([])
  })

  test('retry asks the provider once more, and its answer is taken', async () => {
    const { addon, stuck } = await stuckPlanChange()
    t.provider.repent()
    expect((await retry(t.life.deps, order(stuck))).state).toBe('done')
    expect(await planOf(addon.id)).toBe('fast-db:large')
    expect(await refusal(retry(t.life.deps, order(stuck)))).toMatch(/nothing to try again/)
    expect(await whatIsWrong(t)).toEqual([])
  })

  test('a doubtful change is not cancelled, and what is not in doubt is not settled', async () => {
    const { stuck } = await stuckPlanChange()
    expect(await refusal(cancel(t.life.deps, order(stuck)))).toMatch(/settle it as changed or unchanged/)
    await settle(t.life.deps, { ...order(stuck), outcome: 'unchanged' })
  })

  test('what was in doubt and then could not be reached is not said to be as it was', async () => {
    const app = await t.newApp()
    const addon = await t.create(app)
    const plan = await findPlan(t.db, 'fast-db:large')
    const current = await addonById(t.db, addon.id)
    if (!plan || !current) throw new Error('no plan')
    let crashed = false
    const dying = t.make({
      before: async (step) => {
        if (step !== 'settle' || crashed) return
        crashed = true
        // The answer came and was lost with us.
        await sql`update attempts set class = null, answered_at = null where number = 1 and question_id in (select id from questions where kind = 'plan')`.execute(
          t.db,
        )
        await sql`update operations set step = 'ask' where ended_at is null`.execute(t.db)
        throw new Error('killed')
      },
    })
    await changePlan(dying.deps, dying.stories.changePlan, { addon: current, plan, actor: t.actor })
    t.faults.length = 0
    await t.crash()
    const url = t.provider.url
    await t.push({
      api: {
        ...t.manifest.api,
        production: { base_url: 'http://127.0.0.1:1/heroku/resources', sso_url: `${url}/sso` },
      },
    })
    t.advance(2_000)
    await t.work()
    expect(await theOne()).toMatchObject({ state: 'waiting', isDoubtful: true })
    await t.push({})
    t.advance(hours)
    await t.work()
    expect(await planOf(addon.id)).toBe('fast-db:large')
    expect(await whatIsWrong(t)).toEqual([])
  })
})

describe('cancel', () => {
  test('ends a creation that the provider takes for ever over; what it may have made is owed', async () => {
    t.provider.lie('POST', { status: 202 })
    const app = await t.newApp()
    const addon = await t.create(app)
    const it = await theOne()
    expect(await refusal(retry(t.life.deps, order(it)))).toMatch(/^It waits for fast-db to call back, until /)
    for (let twice = 0; twice < 2; twice++)
      expect((await cancel(t.life.deps, order(it, 'Too slow.'))).state).toBe('unwound')
    expect((await allAddons(t.db))[0]).toMatchObject({ state: 'deprovisioned', provisionMessage: 'Too slow.' })
    expect((await t.debt(addon.id))?.state).toBe('owed')
    await t.work()
    expect((await t.debt(addon.id))?.state).toBe('clear')
    expect(t.provider.resources.size).toBe(0)
    expect(await whatIsWrong(t)).toEqual([])
  })

  test('a removal is not taken back', async () => {
    const addon = await t.create(await t.newApp())
    t.provider.lie('DELETE', { status: 500 })
    await t.remove(addon.id)
    const it = await theOne()
    expect(await refusal(cancel(t.life.deps, order(it)))).toMatch(/not taken back/)
    expect((await retry(t.life.deps, order(it))).state).toBe('done')
    expect(await whatIsWrong(t)).toEqual([])
  })
})

test('a story that is stuck by a fault of ours goes on where it stood', async () => {
  const app = await t.newApp()
  let broken = true
  const faulty = t.make({
    before(step) {
      if (broken && step === 'settle') throw new Error('a bug')
    },
  })
  await t.create(app, {}, faulty).catch(() => undefined)
  for (let turn = 0; turn < 14; turn++) {
    t.advance(hours)
    await t.work(faulty)
  }
  const stuck = await theOne()
  expect(stuck).toMatchObject({ state: 'stuck', step: 'settle' })
  expect(await storyOf(stuck)).toContainEqual(
    expect.stringMatching(/^platform: .*fault of the platform in step settle/),
  )
  broken = false
  t.faults.length = 0
  expect((await retry(faulty.deps, order(stuck))).state).toBe('done')
  expect(await whatIsWrong(t)).toEqual([])
})

describe('each verb in each state', () => {
  const at = new Date('2026-11-23T00:00:00Z')
  const situation = (more: Partial<Known>) => ({
    saga: 'addon.provision',
    state: 'running' as const,
    step: 'ask',
    endedAt: null,
    nextAt: at,
    isDoubtful: false,
    service: { name: 'fast-db' },
    ...more,
  })
  const sagas = ['addon.provision', 'addon.change-plan', 'addon.deprovision', 'app.change', 'app.destroy']
  const states = ['running', 'waiting', 'parked', 'unwinding', 'stuck', 'done', 'unwound'] as const
  test('is allowed, or refused with a sentence', () => {
    const table = sagas.flatMap((saga) =>
      states.map((state) => {
        const ended = state === 'done' || state === 'unwound'
        const it = situation({ saga, state, endedAt: ended ? at : null, isDoubtful: state === 'stuck' })
        const allowed = (['retry', 'cancel', 'settle'] as const).filter((verb) => {
          const words = refusalOf(verb, it)
          if (words !== null) expect(words).toMatch(/^[A-Zf'].*[.]$/)
          return words === null
        })
        return `${saga} ${state}: ${allowed.join(' ')}`.trim()
      }),
    )
    expect(table).toEqual([
      'addon.provision running: retry cancel',
      'addon.provision waiting: retry cancel',
      'addon.provision parked: cancel',
      'addon.provision unwinding: retry cancel',
      'addon.provision stuck: retry cancel',
      'addon.provision done:',
      'addon.provision unwound:',
      'addon.change-plan running: retry cancel',
      'addon.change-plan waiting: retry cancel',
      'addon.change-plan parked: cancel',
      'addon.change-plan unwinding: retry cancel',
      'addon.change-plan stuck: retry settle',
      'addon.change-plan done:',
      'addon.change-plan unwound:',
      'addon.deprovision running: retry',
      'addon.deprovision waiting: retry',
      'addon.deprovision parked:',
      'addon.deprovision unwinding: retry',
      'addon.deprovision stuck: retry',
      'addon.deprovision done:',
      'addon.deprovision unwound:',
      'app.change running: retry cancel',
      'app.change waiting: retry cancel',
      'app.change parked: cancel',
      'app.change unwinding: retry cancel',
      'app.change stuck: retry cancel',
      'app.change done:',
      'app.change unwound:',
      'app.destroy running: retry',
      'app.destroy waiting: retry',
      'app.destroy parked:',
      'app.destroy unwinding: retry',
      'app.destroy stuck: retry',
      'app.destroy done:',
      'app.destroy unwound:',
    ])
  })
})

describe('the ledger', () => {
  const entry = async (id: string) =>
    ledgerView((await findEntry(t.db, id)) as NonNullable<Awaited<ReturnType<typeof findEntry>>>)
  const ledgerOrder = (addon: string, reason = 'I looked myself') => ({ addon, actor: t.actor, reason })

  /** A removal that nobody ever confirmed. */
  async function stuckDebt() {
    const addon = await t.create(await t.newApp('shop'))
    t.provider.lie('DELETE', ...Array.from({ length: 400 }, () => ({ status: 500 })))
    await t.remove(addon.id)
    for (let turn = 0; turn < 16; turn++) {
      t.advance(13 * hours)
      await t.work()
    }
    expect(await entry(addon.id)).toMatchObject({
      state: 'stuck',
      verbs: ['retry', 'forget'],
      reason: expect.stringMatching(/7 days/),
    })
    return addon
  }

  test('shows what is in use, what is owed and why, and lets go of what is gone', async () => {
    const addon = await t.create(await t.newApp('shop'))
    expect(await entry(addon.id)).toMatchObject({
      state: 'held',
      verbs: [],
      addon: { name: addon.name },
      app: { name: 'shop' },
    })
    expect(await refusal(forgetEntry(t.life.deps, ledgerOrder(addon.id)))).toMatch(/in use/)
    t.provider.lie('DELETE', { status: 503 })
    await t.remove(addon.id)
    expect(await entry(addon.id)).toMatchObject({
      state: 'owed',
      last_answer: { class: 'not yet', status: 503 },
      verbs: [],
    })
    expect(await refusal(retryDebt(t.life.deps, ledgerOrder(addon.id)))).toMatch(/Retry that one/)
    t.advance(10_000)
    await t.work()
    expect(await entry(addon.id)).toMatchObject({ state: 'clear', verbs: ['adopt'] })
  })

  test('retry asks for the removal now, with patience anew, and twice is once', async () => {
    const addon = await stuckDebt()
    t.provider.repent()
    for (let twice = 0; twice < 2; twice++)
      expect((await retryDebt(t.life.deps, ledgerOrder(addon.name))).state).toBe('owed')
    await t.work()
    expect((await entry(addon.id)).state).toBe('clear')
    expect(t.provider.resources.size).toBe(0)
    expect(await whatIsWrong(t)).toEqual([])
  })

  test('forget closes it with the reason, on record, and twice is once; adopt takes it up again', async () => {
    const addon = await stuckDebt()
    for (let twice = 0; twice < 2; twice++)
      expect(await forgetEntry(t.life.deps, ledgerOrder(addon.id))).toMatchObject({
        state: 'clear',
        reason: 'forgotten by the operator: I looked myself',
      })
    expect((await entry(addon.id)).forgotten_at).not.toBeNull()
    expect((await eventsOf(t.db, addon.id)).filter(({ resource }) => resource === 'ledger')).toMatchObject([
      { actor: t.actor, data: { verb: 'forget', reason: 'I looked myself' }, previousData: { state: 'stuck' } },
    ])
    expect(await sweepOne(t.life.deps)).toBe(false)
    expect(await refusal(retryDebt(t.life.deps, ledgerOrder(addon.id)))).toMatch(/Adopt it/)
    t.provider.repent()
    const adopted = { ...ledgerOrder(addon.id, 'it is still there'), providerId: null }
    for (let twice = 0; twice < 2; twice++) expect((await adoptDebt(t.life.deps, adopted)).state).toBe('owed')
    await t.work()
    // It was found where it was thought to be nowhere: it is looked at again later.
    expect((await entry(addon.id)).state).toBe('watching')
    expect(t.provider.resources.size).toBe(0)
  })

  test('a worker that was paying while it was forgotten changes nothing', async () => {
    const addon = await stuckDebt()
    await retryDebt(t.life.deps, ledgerOrder(addon.id))
    t.provider.repent()
    t.provider.lie('DELETE', { status: 500, delayMs: 150 })
    const paying = sweepOne(t.life.deps)
    await new Promise((done) => setTimeout(done, 60))
    await forgetEntry(t.life.deps, ledgerOrder(addon.id))
    await paying
    expect((await entry(addon.id)).state).toBe('clear')
  })
})

describe('a v1 resource whose id was never told', () => {
  test('is adopted with the id that the provider tells, and then removed by it', async () => {
    await t.stop()
    t = await testLifecycle({ version: '1' })
    t.provider.lie('POST', { acts: true, status: 500 })
    const addon = await t.create(await t.newApp()).catch(() => undefined)
    expect(addon?.state ?? 'deprovisioned').toBe('deprovisioned')
    const [row] = await allAddons(t.db)
    const stuck = await findEntry(t.db, row?.id ?? '')
    expect(stuck).toMatchObject({ state: 'stuck', reason: expect.stringMatching(/id unknown/) })
    const id = row?.id ?? ''
    const ledgerOrder = { addon: id, actor: t.actor, reason: 'they told me' }
    expect(await refusal(retryDebt(t.life.deps, ledgerOrder))).toMatch(/Adopt it with the id/)
    expect(await refusal(adoptDebt(t.life.deps, { ...ledgerOrder, providerId: null }))).toMatch(/"provider_id"/)
    expect(await adoptDebt(t.life.deps, { ...ledgerOrder, providerId: 'res-77' })).toMatchObject({
      state: 'owed',
      providerId: 'res-77',
    })
    await t.work()
    const asked = await rows<{ status: number }>(
      t.db,
      sql`select t.status from attempts t join questions q on q.id = t.question_id where q.kind = 'deprovision'`,
    )
    expect(asked.length).toBe(1)
    expect(t.provider.received.at(-1)).toMatchObject({ method: 'DELETE', path: expect.stringMatching(/res-77$/) })
  })
})

import { WireError } from '@mortise/contract/errors'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { findAddon } from '../addons/store.js'
import { rows, sql } from '../db/db.js'
import type { Trials } from '../saga/engine.js'
import { operationLog } from '../saga/store.js'
import { patchConfig, providerSays } from './call-backs.js'
import { allAddons, type TestLifecycle, testLifecycle, whatIsWrong } from './test-lifecycle.js'

let t: TestLifecycle
beforeEach(async () => {
  t = await testLifecycle()
})
afterEach(() => t.stop())

const steps = ['intend', 'ask', 'settle']
const minutes = 60_000

async function refusalOf(work: Promise<unknown>): Promise<WireError> {
  const error = await work.then(
    () => undefined,
    (found) => found,
  )
  expect(error).toBeInstanceOf(WireError)
  return error
}

describe('the four shapes', () => {
  test('it succeeds: add-on, config var, release, charge and events agree', async () => {
    const app = await t.newApp()
    const addon = await t.create(app)
    expect(addon).toMatchObject({ state: 'provisioned', provisionMessage: 'Made for you.', planName: 'fast-db:small' })
    expect(await t.head(app)).toEqual({ FAST_DB_URL: 'fast://user:secret-value@127.0.0.1/db' })
    const [newest] = await t.releases(app)
    expect(newest).toMatchObject({
      version: 2,
      description: `Attach FAST_DB (@ref:${addon.name})`,
      addonPlanNames: ['fast-db:small'],
    })
    expect(await t.charges(addon.id)).toMatchObject([{ confirmedAt: expect.any(Date), closedAt: null, cents: 500 }])
    expect((await t.debt(addon.id))?.state).toBe('held')
    expect(await whatIsWrong(t)).toEqual([])
    const [sent] = t.provider.received
    expect(sent?.headers.accept).toBe('application/vnd.heroku-addons+json; version=3')
    expect(sent?.body).toMatchObject({
      uuid: addon.id,
      name: addon.name,
      plan: 'small',
      region: 'amazon-web-services::us-east-1',
      options: {},
      callback_url: `http://localhost:5055/addons/${addon.id}`,
      logplex_token: null,
      oauth_grant: { type: 'authorization_code', code: expect.any(String) },
    })
  })

  test('every step twice makes one resource, one release, one charge', async () => {
    const twice = t.make({ stepsTwice: true })
    const app = await t.newApp()
    const addon = await t.create(app, {}, twice)
    expect(addon.state).toBe('provisioned')
    expect(t.provider.resources.size).toBe(1)
    expect((await t.releases(app)).length).toBe(2)
    expect((await t.charges(addon.id)).length).toBe(1)
    expect(await whatIsWrong(t)).toEqual([])
  })

  for (const undosTwice of [false, true]) {
    for (const failAt of steps) {
      test(`failing at ${failAt} leaves a clean slate here and at the provider${undosTwice ? ', undo run twice' : ''}`, async () => {
        const app = await t.newApp()
        const failing = t.make({ failAt, undosTwice } satisfies Trials)
        const error = await refusalOf(t.create(app, {}, failing))
        // The node that failed is the node that was told to fail.
        expect(error.message).toBe(`told to fail at ${failAt}`)
        const [addon] = await allAddons(t.db)
        expect(addon?.state).toBe('deprovisioned')
        t.advance(20 * 3_600_000)
        await t.work()
        expect(t.provider.resources.size).toBe(0)
        expect((await t.debt(addon?.id ?? ''))?.state).toBe('clear')
        expect((await t.charges(addon?.id ?? ''))[0]?.voidedAt).toBeInstanceOf(Date)
        expect(await t.head(app)).toEqual({})
        expect((await t.releases(app)).length).toBe(1)
        expect(await whatIsWrong(t)).toEqual([])
      })
    }
  }

  test('the checkers can fail: a resource that nobody recorded is noticed', async () => {
    t.provider.resources.set('11111111-2222-4333-8444-555555555555', 'small')
    expect(await whatIsWrong(t)).toEqual([
      'the provider has 11111111-2222-4333-8444-555555555555, which we never asked for',
    ])
  })
})

describe('a crash of ours', () => {
  for (const step of ['ask', 'settle']) {
    test(`before ${step} is made good by another process`, async () => {
      const app = await t.newApp()
      let crashed = false
      const dying = t.make({
        before(name) {
          if (name === step && !crashed) {
            crashed = true
            throw Object.assign(new Error('killed'), { killed: true })
          }
        },
      })
      const addon = await Promise.race([t.create(app, {}, dying)])
      expect(addon.state).toBe('provisioning')
      t.faults.length = 0
      await t.crash()
      // Between question and answer lies doubt: it is asked again with the same uuid.
      for (const wait of [1_000, 6_000, 34_000]) {
        t.advance(wait)
        await t.work()
      }
      expect((await findAddon(t.db, addon.id, t.world.now()))?.state).toBe('provisioned')
      expect(t.provider.resources.size).toBe(1)
      expect(await whatIsWrong(t)).toEqual([])
    })
  }

  test('a paused process that comes back writes nothing over its successor', async () => {
    const app = await t.newApp()
    let release = () => {}
    const held = new Promise<void>((done) => {
      release = done
    })
    let first = true
    t.provider.onRequest = async () => {
      if (!first) return
      first = false
      await held
    }
    const slow = t.create(app)
    while (t.provider.received.length === 0) await new Promise((done) => setTimeout(done, 10))
    await t.crash()
    t.advance(1_000)
    await t.work()
    t.advance(6_000)
    await t.work()
    release()
    await slow
    expect((await allAddons(t.db))[0]?.state).toBe('provisioned')
    expect((await t.releases(app)).length).toBe(2)
    expect(await whatIsWrong(t)).toEqual([])
  })
})

describe('what the provider answers', () => {
  test('a refusal gives its words, 422, no charge and no debt', async () => {
    const app = await t.newApp()
    t.provider.lie('POST', { status: 422, body: { message: 'No more room in this region.\u001b[31m' } })
    const error = await refusalOf(t.create(app))
    expect([error.status, error.message]).toEqual([422, 'No more room in this region.'])
    const [addon] = await allAddons(t.db)
    expect((await t.debt(addon?.id ?? ''))?.state).toBe('clear')
    expect(t.provider.received.map(({ method }) => method)).toEqual(['POST'])
    expect(await whatIsWrong(t)).toEqual([])
  })

  test('a provider that is down: three tries, 503, nothing created', async () => {
    const app = await t.newApp()
    await t.provider.stop()
    const error = await refusalOf(t.create(app))
    expect([error.status, error.id]).toEqual([503, 'provider_unreachable'])
    expect(error.message).toContain('Could not reach fast-db; nothing was created.')
    const attempts = await rows<{ class: string }>(t.db, sql`select class from attempts`)
    expect(attempts.map((attempt) => attempt.class)).toEqual(['not sent', 'not sent', 'not sent'])
    expect((await t.debt((await allAddons(t.db))[0]?.id ?? ''))?.state).toBe('clear')
    expect(await whatIsWrong(t)).toEqual([])
  })

  test('silence after it acted: 202, asked again with the same uuid, provisioned', async () => {
    const app = await t.newApp()
    t.provider.lie('POST', { acts: true, hangUp: true })
    const addon = await t.create(app)
    expect(addon.state).toBe('provisioning')
    expect(addon.provisionMessage).toContain('has not given a clear answer yet')
    t.advance(6_000)
    await t.work()
    expect((await findAddon(t.db, addon.id, t.world.now()))?.state).toBe('provisioned')
    expect(t.provider.received.map(({ body }) => body?.uuid)).toEqual([addon.id, addon.id])
    expect(await whatIsWrong(t)).toEqual([])
  })

  for (const [name, lie] of [
    ['500', { acts: true, status: 500, body: 'oops' }],
    ['a 503 without words', { acts: true, status: 503 }],
    ['a redirect', { acts: true, status: 302, headers: { location: 'http://127.0.0.1:9/' } }],
    ['a 200 that can not be read', { acts: true, status: 200, body: '<html>' }],
    ['409', { acts: true, status: 409, body: { message: 'busy' } }],
  ] as const) {
    test(`doubt (${name}) for ever: unwound, and what it made is removed and watched`, async () => {
      const app = await t.newApp()
      t.provider.lie('POST', lie, lie, lie, lie)
      const addon = await t.create(app)
      for (const wait of [6_000, 34_000, 133_000]) {
        t.advance(wait)
        await t.work()
      }
      expect((await allAddons(t.db))[0]?.state).toBe('deprovisioned')
      expect(t.provider.resources.size).toBe(0)
      expect((await t.debt(addon.id))?.state).toBe('watching')
      for (const wait of [1, 15, 60, 13 * 60]) {
        t.advance(wait * minutes + 1_000)
        await t.work()
      }
      expect((await t.debt(addon.id))?.state).toBe('clear')
      expect(t.provider.received.filter(({ method }) => method === 'DELETE').length).toBe(5)
      expect(await whatIsWrong(t)).toEqual([])
    })
  }

  test('a later refusal does not prove that a doubtful attempt made nothing', async () => {
    const app = await t.newApp()
    t.provider.lie('POST', { acts: true, hangUp: true }, { status: 422, body: { message: 'no' } })
    await t.create(app)
    t.advance(6_000)
    await t.work()
    expect((await allAddons(t.db))[0]?.state).toBe('deprovisioned')
    expect(t.provider.resources.size).toBe(0)
    expect(await whatIsWrong(t)).toEqual([])
  })

  for (const [name, config, words] of [
    ['an undeclared name', { LD_PRELOAD: '/tmp/evil.so' }, 'LD_PRELOAD'],
    ['a number', { FAST_DB_URL: 7 }, 'FAST_DB_URL is not a string'],
    ['a NUL', { FAST_DB_URL: 'a\u0000b' }, 'FAST_DB_URL holds a NUL'],
    ['too much', { FAST_DB_URL: 'x'.repeat(40_000) }, 'FAST_DB_URL is longer than 32 KiB'],
  ] as const) {
    test(`config with ${name} is defective: no second ask, removed, the key is named`, async () => {
      const app = await t.newApp()
      t.provider.config = config
      const error = await refusalOf(t.create(app))
      expect(error.status).toBe(422)
      expect(error.message).toContain(words)
      await t.work()
      expect(t.provider.received.map(({ method }) => method)).toEqual(['POST', 'DELETE'])
      expect(t.provider.resources.size).toBe(0)
      expect(await t.head(app)).toEqual({})
      expect(await whatIsWrong(t)).toEqual([])
    })
  }

  test('not now: asked again as late as it says, with the same uuid', async () => {
    const app = await t.newApp()
    t.provider.lie('POST', { status: 429, headers: { 'retry-after': '20' } })
    const addon = await t.create(app)
    expect(addon.state).toBe('provisioning')
    t.advance(15_000)
    await t.work()
    expect(t.provider.received.length).toBe(1)
    t.advance(8_000)
    await t.work()
    expect((await findAddon(t.db, addon.id, t.world.now()))?.state).toBe('provisioned')
  })
})

describe('created later (202)', () => {
  async function accepted() {
    const app = await t.newApp()
    t.provider.lie('POST', { acts: true, status: 202, body: { id: 'x', message: 'In a minute.' } })
    const addon = await t.create(app)
    expect(addon).toMatchObject({ state: 'provisioning', provisionMessage: 'In a minute.' })
    return { app, addon }
  }

  test('config is staged without a release, and the call-back commits the outcome itself', async () => {
    const { app, addon } = await accepted()
    await patchConfig(t.life.deps, addon, [{ name: 'FAST_DB_URL', value: 'fast://later' }])
    expect((await t.releases(app)).length).toBe(1)
    expect(await t.head(app)).toEqual({})
    expect((await providerSays(t.life.deps, addon.id, 'provision')).state).toBe('provisioned')
    expect(await t.head(app)).toEqual({ FAST_DB_URL: 'fast://later' })
    expect((await t.releases(app)).length).toBe(2)
    // The same call twice is the same call.
    expect((await providerSays(t.life.deps, addon.id, 'provision')).state).toBe('provisioned')
    expect((await t.releases(app)).length).toBe(2)
    expect(await whatIsWrong(t)).toEqual([])
  })

  test('a call-back before the answer is a fact that the asker takes up', async () => {
    const app = await t.newApp()
    t.provider.onRequest = async ({ method, body }) => {
      if (method !== 'POST') return
      await patchConfig(t.life.deps, (await findAddon(t.db, String(body?.uuid), t.world.now()))!, [
        { name: 'FAST_DB_URL', value: 'fast://early' },
      ])
      await providerSays(t.life.deps, String(body?.uuid), 'provision')
    }
    t.provider.lie('POST', { acts: true, status: 202, body: { id: 'x' } })
    const addon = await t.create(app)
    expect(addon.state).toBe('provisioned')
    expect(await t.head(app)).toEqual({ FAST_DB_URL: 'fast://early' })
    expect(await whatIsWrong(t)).toEqual([])
  })

  test('the provider says that it failed: gone, nothing billed, one confirming DELETE', async () => {
    const { app, addon } = await accepted()
    await providerSays(t.life.deps, addon.id, 'deprovision')
    await t.work()
    expect((await allAddons(t.db))[0]?.state).toBe('deprovisioned')
    expect(t.provider.received.filter(({ method }) => method === 'DELETE').length).toBe(1)
    expect((await t.debt(addon.id))?.state).toBe('clear')
    expect(await t.head(app)).toEqual({})
    expect(await whatIsWrong(t)).toEqual([])
  })

  test('nothing within 12 hours: unwound, removed at the provider, the reason can be read', async () => {
    const { addon } = await accepted()
    t.advance(11 * 3_600_000)
    await t.work()
    expect((await allAddons(t.db))[0]?.state).toBe('provisioning')
    t.advance(1.1 * 3_600_000)
    await t.work()
    const failed = await findAddon(t.db, addon.id, t.world.now())
    expect(failed).toMatchObject({ state: 'deprovisioned', provisionMessage: expect.stringContaining('12 hours') })
    expect(t.provider.resources.size).toBe(0)
    expect(await whatIsWrong(t)).toEqual([])
    t.advance(73 * 3_600_000)
    expect(await findAddon(t.db, addon.id, t.world.now())).toBeUndefined()
  })
})

describe('removed while it is being created', () => {
  test('the call in flight is not cut; what it made is removed and watched', async () => {
    const app = await t.newApp()
    let release = () => {}
    const held = new Promise<void>((done) => {
      release = done
    })
    t.provider.onRequest = async ({ method }) => {
      if (method === 'POST') await held
    }
    const creating = t.create(app).catch((error) => error)
    while (t.provider.received.length === 0) await new Promise((done) => setTimeout(done, 10))
    const [addon] = await allAddons(t.db)
    expect((await t.remove(addon?.id ?? '')).state).toBe('deprovisioned')
    release()
    await creating
    expect(t.provider.resources.size).toBe(1)
    for (const wait of [31_000, 61_000, 16 * minutes, 61 * minutes, 14 * 60 * minutes]) {
      t.advance(wait)
      await t.work()
    }
    expect(t.provider.resources.size).toBe(0)
    expect((await t.debt(addon?.id ?? ''))?.state).toBe('clear')
    expect(await t.head(app)).toEqual({})
    expect(await whatIsWrong(t)).toEqual([])
  })
})

describe('names', () => {
  test('a second add-on of a service takes a color', async () => {
    const app = await t.newApp()
    await t.create(app)
    await t.create(app)
    const names = Object.keys(await t.head(app)).sort()
    expect(names[0]).toMatch(/^FAST_DB_[A-Z]+_URL$/)
    expect(names[1]).toBe('FAST_DB_URL')
  })

  test('a config var in the way is named before anything happens; confirmed, it is replaced in the same release', async () => {
    const app = await t.newApp('example-app')
    const { applyChange } = await import('../releases/change.js')
    const { transact } = await import('../db/db.js')
    const { lockApp } = await import('../apps/store.js')
    await transact(t.db, async (tx) =>
      applyChange(tx, t.life.deps, {
        app: (await lockApp(tx, app.id))!,
        actor: t.actor,
        accountId: t.actor.id,
        vars: { FAST_DB_URL: 'mine' },
        rebuild: true,
      }),
    )
    const error = await refusalOf(t.create(app))
    expect([error.status, error.id, error.headers['X-Confirmation-Required']]).toEqual([
      423,
      'confirmation_required',
      'example-app',
    ])
    expect(t.provider.received.length).toBe(0)
    // Refused by the provider after all: the customer's var is as it was.
    t.provider.lie('POST', { status: 422, body: { message: 'no' } })
    await refusalOf(t.create(app, { confirm: 'example-app' }))
    expect(await t.head(app)).toEqual({ FAST_DB_URL: 'mine' })
    expect(await whatIsWrong(t)).toEqual([])
    await t.create(app, { confirm: 'example-app' })
    expect(await t.head(app)).toEqual({ FAST_DB_URL: 'fast://user:secret-value@127.0.0.1/db' })
    expect((await t.releases(app)).length).toBe(3)
    expect(await whatIsWrong(t)).toEqual([])
  })

  test('a name that would let an add-on run code in dynos is refused before anything is sent', async () => {
    const app = await t.newApp()
    const error = await refusalOf(t.create(app, { as: 'LD' }))
    expect(error.message).toContain('LD_URL')
    expect(t.provider.received.length).toBe(0)
  })
})

test('the log of an operation reads as a story and holds no secret', async () => {
  const app = await t.newApp()
  t.provider.lie('POST', { acts: true, hangUp: true })
  const addon = await t.create(app, { options: { token: 'option-secret' } })
  t.advance(6_000)
  await t.work()
  const [operation] = await rows<{ id: string }>(t.db, sql`select id from operations where subject = ${addon.id}`)
  const log = await operationLog(t.db, operation?.id ?? '')
  expect(log.map(({ step, kind }) => `${step} ${kind}`)).toEqual([
    'intend began',
    'ask again',
    'ask done',
    'settle done',
  ])
  const everything = await rows<{ text: string }>(
    t.db,
    sql`
    select coalesce(string_agg(o::text, ' '), '') || (select coalesce(string_agg(l::text, ' '), '') from operation_log l)
      || (select coalesce(string_agg(e::text, ' '), '') from events e) || (select coalesce(string_agg(r::text, ' '), '') from releases r)
      || (select coalesce(string_agg(a::text, ' '), '') from attempts a) || (select coalesce(string_agg(c::text, ' '), '') from credentials c)
      || (select coalesce(string_agg(d::text, ' '), '') from addons d) as text from operations o`,
  )
  expect(everything[0]?.text).not.toContain('secret-value')
  expect(everything[0]?.text).not.toContain('option-secret')
  expect(t.provider.received[0]?.body?.options).toEqual({ token: 'option-secret' })
})

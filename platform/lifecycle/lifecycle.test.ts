import { randomUUID } from 'node:crypto'
import { WireError } from '@mortise/contract/errors'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { addonById, findAddon } from '../addons/store.js'
import { findApp } from '../apps/store.js'
import { listAttachmentsOfApp } from '../attachments/store.js'
import { insertInspection } from '../catalog/inspection-store.js'
import { findPlan, findService } from '../catalog/store.js'
import { rows, sql, transact } from '../db/db.js'
import { readDeprovision, readPlanChange, readProvision } from '../partner/answers.js'
import { environmentOf } from '../releases/environment.js'
import { findOpenOperation } from '../saga/store.js'
import { destroyApp } from './app-lifecycle.js'
import { attach, detach } from './attach.js'
import { patchConfig, providerConfig, providerSays } from './call-backs.js'
import { allAddons, type TestLifecycle, testLifecycle, whatIsWrong } from './test-lifecycle.js'
import { changePlan } from './upgrade-addon.js'

let t: TestLifecycle
beforeEach(async () => {
  t = await testLifecycle()
})
afterEach(() => t.stop())

async function refusalOf(work: Promise<unknown>): Promise<WireError> {
  const error = await work.then(
    () => undefined,
    (found) => found,
  )
  expect(error).toBeInstanceOf(WireError)
  return error
}
const minutes = 60_000
const see = async () => true

describe('removing an add-on', () => {
  for (const [shape, trials] of [
    ['once', {}],
    ['with every step twice', { stepsTwice: true }],
  ] as const) {
    test(`${shape}: gone here and at the provider, billing ended, values shredded`, async () => {
      const app = await t.newApp()
      const addon = await t.create(app)
      const removed = await t.remove(addon.id, false, t.make(trials))
      expect(removed.state).toBe('deprovisioned')
      expect(t.provider.resources.size).toBe(0)
      expect(await t.head(app)).toEqual({})
      expect((await t.releases(app))[0]).toMatchObject({
        version: 3,
        description: `Detach FAST_DB (@ref:${addon.name})`,
      })
      expect((await t.charges(addon.id))[0]).toMatchObject({ closedAt: expect.any(Date), voidedAt: null })
      expect((await t.debt(addon.id))?.state).toBe('clear')
      expect(await rows(t.db, sql`select 1 from credentials where sealed is not null`)).toEqual([])
      expect(await findAddon(t.db, addon.id, t.world.now())).toBeUndefined()
      expect(await whatIsWrong(t)).toEqual([])
    })
  }

  for (const step of ['release elsewhere', 'ask', 'settle']) {
    test(`a crash of ours before ${step} is made good by another process`, async () => {
      const app = await t.newApp()
      const addon = await t.create(app)
      let crashed = false
      const dying = t.make({
        before(name) {
          if (name !== step || crashed) return
          crashed = true
          throw new Error('killed')
        },
      })
      expect((await t.remove(addon.id, false, dying)).state).toBe('deprovisioning')
      t.faults.length = 0
      await t.crash()
      t.advance(2_000)
      await t.work()
      expect(t.provider.resources.size).toBe(0)
      expect((await allAddons(t.db))[0]?.state).toBe('deprovisioned')
      expect(await whatIsWrong(t)).toEqual([])
    })
  }

  test('a sick provider holds up nobody: the app is free at once, the provider is asked until it says gone', async () => {
    const app = await t.newApp()
    const addon = await t.create(app)
    t.provider.lie('DELETE', { status: 500 }, { hangUp: true })
    expect((await t.remove(addon.id)).state).toBe('deprovisioning')
    expect(await t.head(app)).toEqual({})
    // Asking again joins.
    expect((await t.remove(addon.id)).state).toBe('deprovisioning')
    for (const wait of [7_000, 14_000]) {
      t.advance(wait)
      await t.work()
    }
    expect((await allAddons(t.db))[0]?.state).toBe('deprovisioned')
    expect(t.provider.resources.size).toBe(0)
    expect(await whatIsWrong(t)).toEqual([])
  })

  test('202: later, ended by the call-back, and after 12 hours for the customer while the debt goes on', async () => {
    const app = await t.newApp()
    const first = await t.create(app)
    const second = await t.create(app)
    t.provider.lie('DELETE', { status: 202 }, { status: 202 })
    expect((await t.remove(first.id)).state).toBe('deprovisioning')
    expect((await t.remove(second.id)).state).toBe('deprovisioning')
    t.provider.resources.delete(first.id)
    expect((await providerSays(t.life.deps, first.id, 'deprovision')).state).toBe('deprovisioned')
    t.advance(12.1 * 3_600_000)
    await t.work()
    expect((await allAddons(t.db)).map(({ state }) => state)).toEqual(['deprovisioned', 'deprovisioned'])
    expect((await t.debt(second.id))?.state).toBe('owed')
    t.advance(61_000)
    await t.work()
    expect((await t.debt(second.id))?.state).toBe('clear')
    expect(t.provider.resources.size).toBe(0)
    expect(await whatIsWrong(t)).toEqual([])
  })

  test('404 is gone for the customer; for the ledger only when said three times over an hour', async () => {
    const app = await t.newApp()
    const addon = await t.create(app)
    t.provider.lie('DELETE', { status: 404 }, { status: 404 }, { status: 404 })
    expect((await t.remove(addon.id)).state).toBe('deprovisioned')
    expect((await t.debt(addon.id))?.state).toBe('owed')
    t.advance(61_000)
    await t.work()
    expect((await t.debt(addon.id))?.state).toBe('owed')
    t.advance(61 * minutes)
    await t.work()
    expect((await t.debt(addon.id))?.state).toBe('clear')
  })

  test('never removed: after seven days it is stuck in plain sight', async () => {
    const app = await t.newApp()
    const addon = await t.create(app)
    t.provider.lie('DELETE', ...Array.from({ length: 400 }, () => ({ status: 500 })))
    await t.remove(addon.id)
    for (let hour = 0; hour < 24 * 8; hour++) {
      t.advance(3_600_000)
      await t.work()
    }
    expect(await t.debt(addon.id)).toMatchObject({ state: 'stuck', reason: expect.stringContaining('7 days') })
  })

  test('while another app uses it: 422 naming the app; forced, that app gets a release of its own', async () => {
    const app = await t.newApp()
    const other = await t.newApp('other-app')
    const addon = await t.create(app)
    await attach(t.life.deps, { appId: other.id, addonId: addon.id, wanted: 'shared', confirm: null, actor: t.actor })
    expect(await t.head(other)).toEqual({ SHARED_URL: 'fast://user:secret-value@127.0.0.1/db' })
    const error = await refusalOf(t.remove(addon.id))
    expect([error.status, error.message.includes('other-app')]).toEqual([422, true])
    expect((await t.remove(addon.id, true)).state).toBe('deprovisioned')
    expect(await t.head(other)).toEqual({})
    expect((await t.releases(other))[0]?.description).toBe(`Detach SHARED (@ref:${addon.name})`)
    expect(await whatIsWrong(t)).toEqual([])
  })
})

describe('changing the plan', () => {
  const to = async (name: string) => (await findPlan(t.db, name))!

  test('price, plan, charge segment and event change together; without new config there is no release', async () => {
    const app = await t.newApp()
    const addon = await t.create(app)
    expect(
      await changePlan(t.life.deps, t.life.stories.changePlan, {
        addon,
        plan: await to('fast-db:large'),
        actor: t.actor,
      }),
    ).toEqual({ pending: false })
    expect(await findAddon(t.db, addon.id, t.world.now())).toMatchObject({ planName: 'fast-db:large', cents: 5000 })
    expect(await t.charges(addon.id)).toMatchObject([
      { cents: 500, closedAt: expect.any(Date) },
      { cents: 5000, closedAt: null, confirmedAt: expect.any(Date) },
    ])
    expect(t.provider.resources.get(addon.id)).toBe('large')
    expect((await t.releases(app)).length).toBe(2)
    expect(await whatIsWrong(t)).toEqual([])
  })

  test("refused: everything is as it was, in the provider's words", async () => {
    const app = await t.newApp()
    const addon = await t.create(app)
    t.provider.lie('PUT', { status: 422, body: { message: 'Too much data for that plan.' } })
    const error = await refusalOf(
      changePlan(t.life.deps, t.life.stories.changePlan, { addon, plan: await to('fast-db:large'), actor: t.actor }),
    )
    expect([error.status, error.message]).toEqual([422, 'Too much data for that plan.'])
    expect(await findAddon(t.db, addon.id, t.world.now())).toMatchObject({
      planName: 'fast-db:small',
      state: 'provisioned',
    })
    expect((await t.charges(addon.id)).length).toBe(1)
    expect(await whatIsWrong(t)).toEqual([])
  })

  test('in doubt: repeated, the cheaper plan is billed meanwhile, and removing it supersedes', async () => {
    const app = await t.newApp()
    const addon = await t.create(app)
    t.provider.lie('PUT', { acts: true, hangUp: true })
    expect(
      await changePlan(t.life.deps, t.life.stories.changePlan, {
        addon,
        plan: await to('fast-db:large'),
        actor: t.actor,
      }),
    ).toEqual({ pending: true })
    expect((await t.charges(addon.id))[0]?.cents).toBe(500)
    t.advance(6_000)
    await t.work()
    expect(await findAddon(t.db, addon.id, t.world.now())).toMatchObject({ planName: 'fast-db:large' })
    t.provider.lie('PUT', { hangUp: true })
    await changePlan(t.life.deps, t.life.stories.changePlan, {
      addon: (await findAddon(t.db, addon.id, t.world.now()))!,
      plan: await to('fast-db:small'),
      actor: t.actor,
    })
    expect((await t.remove(addon.id)).state).toBe('deprovisioned')
    expect(await whatIsWrong(t)).toEqual([])
  })

  test('refused after doubt: it is not said to be as it was, whoever asked first', async () => {
    const app = await t.newApp()
    const addon = await t.create(app)
    const change = (name: string) => async () =>
      changePlan(t.life.deps, t.life.stories.changePlan, { addon, plan: await to(name), actor: t.actor })
    t.provider.lie('PUT', { acts: true, hangUp: true }, { status: 422, body: { message: 'Not any more.' } })
    expect(await change('fast-db:large')()).toEqual({ pending: true })
    t.advance(6_000)
    await t.work()
    const stuck = async () => (await findOpenOperation(t.db, addon.id))!
    expect(await stuck()).toMatchObject({ state: 'stuck', reason: expect.stringContaining('settle it by hand') })
    // A newer wish takes over the doubt of the older one.
    t.provider.lie('PUT', { status: 401 })
    expect(await change('fast-db:small')()).toEqual({ pending: true })
    expect(await stuck()).toMatchObject({ state: 'stuck', params: { wasInDoubt: true } })
    // The provider's own word ends it.
    expect(await change('fast-db:small')()).toEqual({ pending: false })
    expect(t.provider.resources.get(addon.id)).toBe('small')
    expect(await findAddon(t.db, addon.id, t.world.now())).toMatchObject({ planName: 'fast-db:small' })
    expect(await whatIsWrong(t)).toEqual([])
  })

  test('config in the answer is a new version and a release', async () => {
    const app = await t.newApp()
    const addon = await t.create(app)
    t.provider.lie('PUT', { acts: true, status: 200, body: { config: { FAST_DB_URL: 'fast://large' } } })
    await changePlan(t.life.deps, t.life.stories.changePlan, { addon, plan: await to('fast-db:large'), actor: t.actor })
    expect(await t.head(app)).toEqual({ FAST_DB_URL: 'fast://large' })
    expect((await t.releases(app)).length).toBe(3)
    expect(await whatIsWrong(t)).toEqual([])
  })

  test('every step twice changes it once', async () => {
    const app = await t.newApp()
    const addon = await t.create(app)
    const twice = t.make({ stepsTwice: true })
    await changePlan(twice.deps, twice.stories.changePlan, { addon, plan: await to('fast-db:large'), actor: t.actor })
    expect((await t.charges(addon.id)).length).toBe(2)
    expect(await whatIsWrong(t)).toEqual([])
  })
})

describe('config from the provider', () => {
  test('a new version, and a release on every app that it is attached to', async () => {
    const app = await t.newApp()
    const other = await t.newApp()
    const addon = await t.create(app)
    await attach(t.life.deps, { appId: other.id, addonId: addon.id, wanted: 'shared', confirm: null, actor: t.actor })
    const [before] = await t.releases(app)
    await patchConfig(t.life.deps, addon, [{ name: 'FAST_DB_URL', value: 'fast://rotated' }])
    expect([await t.head(app), await t.head(other)]).toEqual([
      { FAST_DB_URL: 'fast://rotated' },
      { SHARED_URL: 'fast://rotated' },
    ])
    expect((await t.releases(app))[0]).toMatchObject({ version: 3, actorEmail: 'fast-db@addons.heroku.com' })
    // A release pins the version: the old one still runs on the old value.
    expect((await environmentOf(t.db, t.secrets, before?.id ?? '')).config).toEqual({
      FAST_DB_URL: 'fast://user:secret-value@127.0.0.1/db',
    })
    // The same again changes nothing and releases nothing.
    await patchConfig(t.life.deps, addon, [{ name: 'FAST_DB_URL', value: 'fast://rotated' }])
    expect((await t.releases(app)).length).toBe(3)
    expect(await whatIsWrong(t)).toEqual([])
  })

  test('stopped between version and release: the reconciler makes the release', async () => {
    const app = await t.newApp()
    const addon = await t.create(app)
    const { changeConfig } = await import('./change-config.js')
    await changeConfig(t.life.deps, addon.id, { FAST_DB_URL: 'fast://rotated' })
    expect((await t.releases(app)).length).toBe(2)
    await t.work()
    expect((await t.releases(app)).length).toBe(3)
    await t.work()
    expect((await t.releases(app)).length).toBe(3)
  })

  test('null takes a name away; what the manifest does not declare is refused by name', async () => {
    const app = await t.newApp()
    const addon = await t.create(app)
    const error = await refusalOf(patchConfig(t.life.deps, addon, [{ name: 'PATH', value: '/tmp' }]))
    expect(error.message).toContain('does not declare PATH')
    await patchConfig(t.life.deps, addon, [{ name: 'FAST_DB_URL', value: null }])
    expect(await providerConfig(t.life.deps, addon)).toEqual([])
    expect(await t.head(app)).toEqual({})
  })

  test('speaking of a resource that is gone is 410, and proof of life: the ledger takes it up again', async () => {
    const app = await t.newApp()
    const addon = await t.create(app)
    await t.remove(addon.id)
    expect((await t.debt(addon.id))?.state).toBe('clear')
    const gone = (await allAddons(t.db))[0]
    expect(gone?.state).toBe('deprovisioned')
    t.provider.resources.set(addon.id, 'small')
    expect((await refusalOf(providerSays(t.life.deps, addon.id, 'deprovision'))).status).toBe(410)
    expect((await t.debt(addon.id))?.state).toBe('clear')
    expect((await refusalOf(providerSays(t.life.deps, addon.id, 'provision'))).status).toBe(410)
    expect((await t.debt(addon.id))?.state).toBe('owed')
    await t.work()
    expect(t.provider.resources.size).toBe(0)
    expect((await t.debt(addon.id))?.state).toBe('watching')
  })

  test('a provider may not take a live resource away', async () => {
    const app = await t.newApp()
    const addon = await t.create(app)
    expect((await refusalOf(providerSays(t.life.deps, addon.id, 'deprovision'))).status).toBe(422)
    expect((await providerSays(t.life.deps, addon.id, 'provision')).state).toBe('provisioned')
  })
})

describe('attaching', () => {
  test('the last attachment on the billing app stays, even confirmed', async () => {
    const app = await t.newApp()
    await t.create(app)
    const [attachment] = await listAttachmentsOfApp(t.db, app.id)
    const error = await refusalOf(detach(t.life.deps, attachment!, t.actor))
    expect(error.message).toContain('Cannot destroy last attachment to billing app.')
  })

  test('a taken name is confirmed first and then replaced in one release', async () => {
    const app = await t.newApp('example-app')
    const first = await t.create(app)
    await t.create(app, { as: 'SPARE' })
    await attach(t.life.deps, { appId: app.id, addonId: first.id, wanted: 'MAIN', confirm: null, actor: t.actor })
    const spare = (await allAddons(t.db)).find((addon) => addon.id !== first.id)!
    const order = { appId: app.id, addonId: spare.id, wanted: 'MAIN', actor: t.actor }
    expect((await refusalOf(attach(t.life.deps, { ...order, confirm: null }))).id).toBe('confirmation_required')
    const count = (await t.releases(app)).length
    await attach(t.life.deps, { ...order, confirm: 'example-app' })
    expect((await t.releases(app)).length).toBe(count + 1)
    expect((await listAttachmentsOfApp(t.db, app.id)).map(({ name, addonId }) => [name, addonId === spare.id])).toEqual(
      [
        ['FAST_DB', false],
        ['SPARE', true],
        ['MAIN', true],
      ],
    )
    expect(await whatIsWrong(t)).toEqual([])
  })
})

describe('destroying an app', () => {
  test('its add-ons are removed side by side; one slow provider does not keep its name', async () => {
    const app = await t.newApp('doomed')
    await t.create(app)
    const slow = await t.create(app)
    t.provider.onRequest = ({ method, path }) => {
      if (
        method === 'DELETE' &&
        path.endsWith(slow.id) &&
        t.provider.received.filter((one) => one.path === path).length === 1
      )
        t.provider.lie('DELETE', { status: 500 })
    }
    await destroyApp(t.life.deps, t.life.stories.destroyApp, { app, actor: t.actor, force: false, maySee: see })
    expect(t.undeployed).toEqual([app.id])
    expect((await refusalOf(t.create(app))).status).toBe(404)
    for (const wait of [3_000, 7_000, 3_000]) {
      t.advance(wait)
      await t.work()
    }
    expect(t.provider.resources.size).toBe(0)
    expect(await findApp(t.db, app.id)).toBeUndefined()
    await t.newApp('doomed')
    expect(await whatIsWrong(t)).toEqual([])
  })

  test('a crash of ours in the middle is made good', async () => {
    const app = await t.newApp()
    await t.create(app)
    const dying = t.make({
      before(name) {
        if (name === 'undeploy') throw new Error('killed')
      },
    })
    await destroyApp(dying.deps, dying.stories.destroyApp, { app, actor: t.actor, force: false, maySee: see })
    t.faults.length = 0
    await t.crash()
    for (const wait of [1_000, 3_000, 3_000]) {
      t.advance(wait)
      await t.work()
    }
    expect(t.provider.resources.size).toBe(0)
    expect(await findApp(t.db, app.id)).toBeUndefined()
    expect(await whatIsWrong(t)).toEqual([])
  })
})

describe('v1 providers', () => {
  test('doubt is not repeated, because a second question may make a second resource; id unknown is stuck in plain sight', async () => {
    await t.stop()
    t = await testLifecycle({ version: '1' })
    const app = await t.newApp()
    t.provider.lie('POST', { acts: true, hangUp: true })
    const error = await refusalOf(t.create(app))
    expect(error.message).toContain('did not give a clear answer')
    const [addon] = await allAddons(t.db)
    expect(t.provider.received.length).toBe(1)
    expect(await t.debt(addon?.id ?? '')).toMatchObject({
      state: 'stuck',
      reason: expect.stringContaining('id unknown'),
    })
  })

  test('doubt is repeated where the newest inspection, of the manifest in force, saw that a repeat makes nothing new', async () => {
    const inspected = async (status: 'pass' | 'fail') => {
      const service = await findService(t.db, t.slug)
      if (!service) throw new Error('no service')
      const checks = [{ id: 'idempotency.repeat', title: 'r', reason: '', advice: '', status }]
      const report = { serviceId: service.id, manifestId: service.manifestId, accountId: t.actor.id, checks }
      const counts = { passed: Number(status === 'pass'), failed: Number(status === 'fail'), warned: 0 }
      await transact(t.db, (tx) => insertInspection(tx, { id: randomUUID(), ...report, ...counts, at: t.world.now() }))
    }
    await t.stop()
    t = await testLifecycle({ version: '1' })
    await inspected('pass')
    t.provider.lie('POST', { acts: true, hangUp: true })
    const addon = await t.create(await t.newApp())
    t.advance(60_000)
    await t.work()
    expect((await addonById(t.db, addon.id))?.state).toBe('provisioned')
    expect([t.provider.received.length, t.provider.resources.size]).toEqual([2, 1])
    // A newer report that saw the contrary, and a manifest that nobody inspected, end that.
    t.advance(1_000)
    await inspected('fail')
    t.provider.lie('POST', { acts: true, hangUp: true })
    expect((await refusalOf(t.create(await t.newApp()))).message).toContain('did not give a clear answer')
    t.advance(1_000)
    await inspected('pass')
    await t.push({ description: 'Another manifest.' })
    t.provider.lie('POST', { acts: true, hangUp: true })
    expect((await refusalOf(t.create(await t.newApp()))).message).toContain('did not give a clear answer')
    expect(t.provider.received.length).toBe(4)
  })

  test('an id that another add-on lives under is never removed; when that one goes, the debt is paid', async () => {
    await t.stop()
    t = await testLifecycle({ version: '1' })
    const app = await t.newApp()
    const same = { status: 201, body: { id: 'same', config: {} } }
    t.provider.lie('POST', same, same)
    const [first, second] = [await t.create(app), await t.create(app)]
    const deletes = () => t.provider.received.filter(({ method }) => method === 'DELETE').map(({ path }) => path)
    expect((await t.remove(first.id)).state).toBe('deprovisioned')
    t.advance(3_600_000)
    await t.work()
    expect(deletes()).toEqual([])
    expect(await t.debt(first.id)).toMatchObject({ state: 'owed', reason: expect.stringContaining(second.name) })
    t.provider.lie('DELETE', { status: 200 }, { status: 410 })
    expect((await t.remove(second.id)).state).toBe('deprovisioned')
    t.advance(3_600_000)
    await t.work()
    expect(deletes()).toEqual(['/heroku/resources/same', '/heroku/resources/same'])
    expect(await t.debt(first.id)).toMatchObject({ state: 'clear' })
  })

  test('an id that stays shared is stuck in plain sight after seven days', async () => {
    await t.stop()
    t = await testLifecycle({ version: '1' })
    const app = await t.newApp()
    const same = { status: 201, body: { id: 'same', config: {} } }
    t.provider.lie('POST', same, same)
    const [first, second] = [await t.create(app), await t.create(app)]
    await t.remove(first.id)
    for (let days = 0; days < 8; days++) {
      t.advance(86_400_000)
      await t.work()
    }
    expect(await t.debt(first.id)).toMatchObject({ state: 'stuck', reason: expect.stringContaining(second.name) })
    expect(t.provider.received.filter(({ method }) => method === 'DELETE')).toEqual([])
  })
})

describe('what an answer means', () => {
  const answer = (status: number, body = '', headers: Record<string, string> = {}) => ({
    got: 'answer' as const,
    status,
    headers,
    body,
    cut: false,
  })
  const words = JSON.stringify({ message: 'words' })
  test.each([
    [200, '{"id":"x"}', 'ok'],
    [201, '{"id":7,"config":null}', 'ok'],
    [201, '{}', 'defective'],
    [200, 'ok', 'doubt'],
    [202, '', 'accepted'],
    [204, '', 'doubt'],
    [302, '', 'doubt'],
    [400, words, 'refused'],
    [400, '', 'refused'],
    [401, words, 'set-up fault'],
    [402, words, 'refused'],
    [403, '', 'set-up fault'],
    [404, words, 'set-up fault'],
    [405, '', 'set-up fault'],
    [406, '', 'set-up fault'],
    [408, '', 'doubt'],
    [409, words, 'doubt'],
    [410, '', 'refused'],
    [415, '', 'set-up fault'],
    [422, words, 'refused'],
    [422, '', 'refused'],
    [425, '', 'not now'],
    [429, '', 'not now'],
    [500, words, 'doubt'],
    [502, '', 'doubt'],
    [503, words, 'refused'],
    [503, 'down', 'doubt'],
    [599, '', 'doubt'],
  ])('POST answered %i with %s is %s', (status, body, kind) => {
    expect(readProvision(answer(status, body), ['FAST_DB_URL']).class).toBe(kind)
  })
  test.each([
    [200, 'ok', 'ok'],
    [202, '', 'ok'],
    [204, '', 'ok'],
    [404, '', 'set-up fault'],
    [410, '', 'set-up fault'],
    [422, words, 'refused'],
    [500, '', 'doubt'],
  ])('PUT answered %i with %s is %s', (status, body, kind) =>
    expect(readPlanChange(answer(status, body), []).class).toBe(kind),
  )
  test.each([
    [200, 'gone'],
    [204, 'gone'],
    [410, 'gone'],
    [202, 'later'],
    [404, 'missing'],
    [401, 'not yet'],
    [422, 'not yet'],
    [503, 'not yet'],
    [301, 'not yet'],
  ])('DELETE answered %i is %s', (status, kind) => expect(readDeprovision(answer(status)).class).toBe(kind))
  test('silence is never "no"', () => {
    expect(readProvision({ got: 'silence', reason: 'x' }, []).class).toBe('doubt')
    expect(readDeprovision({ got: 'silence', reason: 'x' }).class).toBe('not yet')
    expect(readProvision({ got: 'not sent', reason: 'x' }, []).class).toBe('not sent')
  })
})

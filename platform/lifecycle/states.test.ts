import { WireError } from '@mortise/contract/errors'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { addonById } from '../addons/store.js'
import { findApp } from '../apps/store.js'
import { findPlan } from '../catalog/store.js'
import { rows, sql } from '../db/db.js'
import { eventsOf } from '../events/store.js'
import { tokenHash } from '../secrets/tokens.js'
import { backOffMs, spreadMs } from '../world/world.js'
import { destroyApp } from './app-lifecycle.js'
import { attach } from './attach.js'
import { patchConfig, providerSays } from './call-backs.js'
import { createAddon } from './create-addon.js'
import { revokeRetired } from './head-store.js'
import { retiredKeptMs } from './stories.js'
import { allAddons, type TestLifecycle, testLifecycle, whatIsWrong } from './test-lifecycle.js'
import { changePlan } from './upgrade-addon.js'

// The rows of the table of states that no story of its own tells.

let t: TestLifecycle
beforeEach(async () => {
  t = await testLifecycle()
})
afterEach(() => t.stop())

const minutes = 60_000
const hours = 60 * minutes
async function refusalOf(work: Promise<unknown>): Promise<WireError> {
  const error = await work.then(
    () => undefined,
    (found) => found,
  )
  expect(error).toBeInstanceOf(WireError)
  return error as WireError
}
const asked = (method: string) => t.provider.received.filter((one) => one.method === method)
const current = async (id: string) => {
  const addon = await addonById(t.db, id)
  if (!addon) throw new Error('no add-on')
  return addon
}
const plan = async (name: string) => {
  const found = await findPlan(t.db, name)
  if (!found) throw new Error(`no plan ${name}`)
  return found
}
const attachTo = (app: Awaited<ReturnType<typeof t.newApp>>, addonId: string) =>
  attach(t.life.deps, { appId: app.id, addonId, wanted: null, confirm: null, actor: t.actor })

/** The provider gets the question and does not answer before it is told to. */
function held() {
  let arrived = (): void => undefined
  let go = (): void => undefined
  const there = new Promise<void>((done) => {
    arrived = done
  })
  const released = new Promise<void>((done) => {
    go = done
  })
  t.provider.onRequest = async ({ method }) => {
    if (method !== 'POST') return
    arrived()
    await released
  }
  return { there, go }
}

describe('while it is being created', () => {
  test('a delete is never sent while a create is unresolved without remembering to check again', async () => {
    // The question is on its way; the customer lets go; the DELETE overtakes it and is answered 410; then it arrives.
    const app = await t.newApp()
    const { there, go } = held()
    const creating = t.create(app).catch(() => undefined)
    await there
    const [addon] = await allAddons(t.db)
    const id = addon?.id ?? ''
    await t.remove(id)
    expect((await current(id)).state).toBe('deprovisioned')
    expect((await t.debt(id))?.wasDoubtful).toBe(true)
    await t.work()
    expect(asked('DELETE')).toEqual([])
    t.advance(31_000)
    await t.work()
    expect(asked('DELETE')).toHaveLength(1)
    // Said to be gone, and not believed for good.
    expect(await t.debt(id)).toMatchObject({ state: 'watching' })
    t.provider.resources.set(id, 'small')
    go()
    await creating
    t.advance(61_000)
    await t.work()
    expect(t.provider.resources.size).toBe(0)
    for (const wait of [16, 61, 14 * 60]) {
      t.advance(wait * minutes)
      await t.work()
    }
    expect(await t.debt(id)).toMatchObject({ state: 'clear' })
    expect(asked('DELETE')).toHaveLength(5)
    expect(await whatIsWrong(t)).toEqual([])
  })

  test('what the provider may do with it works from before the question is sent', async () => {
    const app = await t.newApp()
    const seen: unknown[] = []
    t.provider.onRequest = async ({ method, body }) => {
      if (method !== 'POST') return
      t.provider.onRequest = undefined
      const id = String(body?.['uuid'])
      const code = (body as { oauth_grant: { code: string } } | null)?.oauth_grant.code ?? ''
      seen.push(await rows(t.db, sql`select used_at as used from grants where hash = ${tokenHash(code)}`))
      await patchConfig(t.life.deps, await current(id), [{ name: 'FAST_DB_URL', value: 'fast://early' }])
    }
    t.provider.config = {}
    await t.create(app)
    expect(seen).toEqual([[{ used: null }]])
    expect(await t.head(app)).toEqual({ FAST_DB_URL: 'fast://early' })
  })

  test('a provider that says it is provisioned ends doubt, and is asked no more', async () => {
    const app = await t.newApp()
    t.provider.lie('POST', { acts: true, hangUp: true })
    const addon = await t.create(app)
    expect(addon).toMatchObject({ state: 'provisioning' })
    await patchConfig(t.life.deps, addon, [{ name: 'FAST_DB_URL', value: 'fast://told' }])
    await providerSays(t.life.deps, addon.id, 'provision')
    await t.work()
    t.advance(6_000)
    await t.work()
    expect((await current(addon.id)).state).toBe('provisioned')
    expect(asked('POST')).toHaveLength(1)
    expect(await t.head(app)).toEqual({ FAST_DB_URL: 'fast://told' })
    expect(await whatIsWrong(t)).toEqual([])
  })

  test('its plan can not be changed and it can not be attached elsewhere; both say why and change nothing', async () => {
    const [app, other] = [await t.newApp(), await t.newApp()]
    t.provider.lie('POST', { status: 202 })
    const addon = await t.create(app)
    const large = await plan('fast-db:large')
    const refusals = [
      await refusalOf(changePlan(t.life.deps, t.life.stories.changePlan, { addon, plan: large, actor: t.actor })),
      await refusalOf(attachTo(other, addon.id)),
    ]
    for (const { status, message } of refusals) {
      expect(status).toBe(422)
      expect(message).toContain('still being created')
    }
    expect(asked('PUT')).toEqual([])
    expect(await t.head(other)).toEqual({})
  })

  test('destroying its app lets go of it at once, and removes what it made', async () => {
    const app = await t.newApp()
    t.provider.lie('POST', { acts: true, status: 202 })
    const addon = await t.create(app)
    await destroyApp(t.life.deps, t.life.stories.destroyApp, {
      app,
      actor: t.actor,
      force: false,
      maySee: async () => true,
    })
    for (const wait of [1_000, 31_000, 61_000]) {
      t.advance(wait)
      await t.work()
    }
    expect((await current(addon.id)).state).toBe('deprovisioned')
    expect(t.provider.resources.size).toBe(0)
    expect(await findApp(t.db, app.id)).toBeUndefined()
    expect((await t.charges(addon.id)).every(({ confirmedAt }) => confirmedAt === null)).toBe(true)
    expect(await whatIsWrong(t)).toEqual([])
  })

  test('a customer waits for the first attempt only, and not longer than was promised', async () => {
    const app = await t.newApp()
    const { there, go } = held()
    const deps = { ...t.life.deps, patience: { ...t.life.deps.patience, customerWaitMs: 50 } }
    const order = { app, plan: 'fast-db:small', name: null, as: null, confirm: null, options: {}, actor: t.actor }
    const answered = await createAddon(deps, t.life.stories.provision, order)
    expect(answered).toMatchObject({ state: 'provisioning' })
    await there
    go()
    await t.life.engine.settled()
    expect((await current(answered.id)).state).toBe('provisioned')
  })
})

describe('"not now"', () => {
  test('is believed for ten minutes in all; then it is a refusal, and nothing is owed', async () => {
    const app = await t.newApp()
    t.provider.lie('POST', ...Array.from({ length: 40 }, () => ({ status: 429, headers: { 'retry-after': '60' } })))
    const addon = await t.create(app)
    let passed = 0
    for (; passed < 8; passed++) {
      t.advance(67_000)
      await t.work()
    }
    expect((await current(addon.id)).state).toBe('provisioning')
    for (; passed < 12; passed++) {
      t.advance(67_000)
      await t.work()
    }
    expect((await current(addon.id)).state).toBe('deprovisioned')
    expect(await t.debt(addon.id)).toMatchObject({ state: 'clear' })
    expect(new Set(asked('POST').map(({ body }) => body?.['uuid'])).size).toBe(1)
    expect(asked('DELETE')).toEqual([])
    expect(await whatIsWrong(t)).toEqual([])
  })

  test('for an hour is waited for a minute', async () => {
    t.provider.lie('POST', { status: 429, headers: { 'retry-after': '3600' } })
    await t.create(await t.newApp())
    t.advance(59_000)
    await t.work()
    expect(asked('POST')).toHaveLength(1)
    t.advance(8_000)
    await t.work()
    expect(asked('POST')).toHaveLength(2)
  })
})

describe('doubtful repeats', () => {
  test('come after 5 s, 30 s and 2 min, and up to a tenth later, so that not all come at once', async () => {
    const app = await t.newApp()
    t.provider.lie('POST', ...Array.from({ length: 9 }, () => ({ status: 500 })))
    await t.create(app)
    for (const [index, seconds] of [5, 30, 120].entries()) {
      const [waiting] = await rows<{ in: number }>(
        t.db,
        sql`select extract(epoch from next_at - ${t.world.now()}::timestamptz)::float as in from operations where ended_at is null`,
      )
      expect(waiting?.in).toBeGreaterThan(seconds - 2)
      expect(waiting?.in).toBeLessThanOrEqual(seconds * 1.1)
      t.advance(seconds * 1_100)
      await t.work()
      expect(asked('POST')).toHaveLength(index + 2)
    }
    expect((await allAddons(t.db))[0]?.state).toBe('deprovisioned')
  })

  test('and back-off: never sooner than promised, spread, and bounded', () => {
    const world = (chance: number) => ({ ...t.world, chance: () => chance })
    expect([0, 0.5, 0.999].map((chance) => spreadMs(world(chance), 30_000))).toEqual([30_000, 31_500, 32_997])
    expect([0, 3, 99].map((tries) => backOffMs(world(0), tries, 1_000, 60_000))).toEqual([750, 6_000, 45_000])
    expect(backOffMs(world(1), 99, 1_000, 60_000)).toBe(75_000)
  })
})

describe('in use', () => {
  test('a provider that says again that it is provisioned changes nothing; one that takes it away is refused, on record', async () => {
    const app = await t.newApp()
    const addon = await t.create(app)
    const before = (await t.releases(app)).length
    await providerSays(t.life.deps, addon.id, 'provision')
    const refusal = await refusalOf(providerSays(t.life.deps, addon.id, 'deprovision'))
    expect([refusal.status, refusal.message]).toEqual([422, expect.stringContaining("can't take it away")])
    expect((await current(addon.id)).state).toBe('provisioned')
    expect((await t.releases(app)).length).toBe(before)
    const audited = (await eventsOf(t.db, addon.id)).filter(({ resource }) => resource === 'ledger')
    expect(audited).toMatchObject([
      { actor: { email: 'fast-db@addons.heroku.com' }, data: { refused: expect.any(String) } },
    ])
    expect(await whatIsWrong(t)).toEqual([])
  })

  test('a plan change that finds no such resource leaves everything as it was, and the operator sees it', async () => {
    const addon = await t.create(await t.newApp())
    for (const status of [404, 410]) {
      t.provider.lie('PUT', { status })
      const large = await plan('fast-db:large')
      const refusal = await refusalOf(
        changePlan(t.life.deps, t.life.stories.changePlan, {
          addon: await current(addon.id),
          plan: large,
          actor: t.actor,
        }),
      )
      expect(refusal.message).toContain('the plan is as it was')
      const { listHealth } = await import('../operations/provider-store.js')
      const [health] = await listHealth(t.db, new Date(0))
      expect(health?.fault).toMatchObject({ status, note: `${status}: the provider does not know this resource` })
    }
    expect((await current(addon.id)).planName).toBe('fast-db:small')
    expect((await t.charges(addon.id)).filter(({ closedAt }) => closedAt === null)).toMatchObject([{ cents: 500 }])
  })
})

describe('while it is being removed', () => {
  test('a second removal joins the first; everything else says that it is being removed', async () => {
    const [app, other] = [await t.newApp(), await t.newApp()]
    const addon = await t.create(app)
    t.provider.lie('DELETE', { acts: true, status: 202 })
    await t.remove(addon.id)
    const joined = await t.remove(addon.id)
    expect(joined.state).toBe('deprovisioning')
    expect(asked('DELETE')).toHaveLength(1)
    expect(await rows(t.db, sql`select 1 from operations where saga = 'addon.deprovision'`)).toHaveLength(1)
    const large = await plan('fast-db:large')
    const removing = await current(addon.id)
    for (const refusal of [
      await refusalOf(
        changePlan(t.life.deps, t.life.stories.changePlan, { addon: removing, plan: large, actor: t.actor }),
      ),
      await refusalOf(attachTo(other, addon.id)),
      await refusalOf(patchConfig(t.life.deps, removing, [{ name: 'FAST_DB_URL', value: 'late' }])),
      await refusalOf(providerSays(t.life.deps, addon.id, 'provision')),
    ]) {
      expect(refusal.status).toBe(422)
      expect(refusal.message).toContain('is being removed')
    }
    await providerSays(t.life.deps, addon.id, 'deprovision')
    expect((await current(addon.id)).state).toBe('deprovisioned')
    // Its name is free, and nobody can speak for it.
    expect((await t.create(other, { name: addon.name })).name).toBe(addon.name)
    expect(await rows(t.db, sql`select 1 from grants where addon_id = ${addon.id} and used_at is null`)).toEqual([])
    expect(
      await rows(t.db, sql`select 1 from credentials where addon_id = ${addon.id} and sealed is not null`),
    ).toEqual([])
    expect(await whatIsWrong(t)).toEqual([])
  })
})

describe('credentials', () => {
  const versions = (addonId: string) =>
    rows<{ version: number; state: string; has: boolean }>(
      t.db,
      sql`select version, state, sealed is not null as has from credentials where addon_id = ${addonId} order by version`,
    )

  test('an old version is shredded two hours after it was replaced, and not while a dyno runs on it', async () => {
    const app = await t.newApp()
    const addon = await t.create(app)
    const [ran] = await t.releases(app)
    await patchConfig(t.life.deps, await current(addon.id), [{ name: 'FAST_DB_URL', value: 'fast://new' }])
    expect(await versions(addon.id)).toMatchObject([{ state: 'retiring' }, { state: 'active' }])
    // No roll is open: the app was never deployed. But a one-off runs on the old release.
    await sql`delete from rolls`.execute(t.db)
    const expire = (running: { appId: string; version: number }[]) => {
      const at = t.world.now()
      return revokeRetired(t.db, new Date(at.getTime() - retiredKeptMs), running, at)
    }
    expect(await expire([])).toBe(0)
    t.advance(2 * hours + minutes)
    expect(await expire([{ appId: app.id, version: ran?.version ?? 0 }])).toBe(0)
    expect(await expire([])).toBe(1)
    expect(await versions(addon.id)).toMatchObject([
      { state: 'revoked', has: false },
      { state: 'active', has: true },
    ])
  })

  test('exactly one version of a credential is in force: the table itself refuses a second', async () => {
    const addon = await t.create(await t.newApp())
    const second = sql`insert into credentials (id, addon_id, name, version, state, sealed, names, created_at)
      select gen_random_uuid(), addon_id, name, version + 1, 'active', sealed, names, created_at from credentials
      where addon_id = ${addon.id}`.execute(t.db)
    await expect(second).rejects.toThrow(/credentials_active/)
  })
})

describe('config from the provider', () => {
  test('rolls an app at once, and then at most once a minute, however often it comes', async () => {
    const app = await t.newApp()
    const addon = await t.create(app)
    // Only what was deployed is rolled.
    const slug = t.world.id()
    await sql`insert into slugs (id, app_id, process_types, stack, created_at)
      values (${slug}, ${app.id}, '{}', 'mortise-24', now())`.execute(t.db)
    await sql`update apps set slug_id = ${slug}`.execute(t.db)
    await sql`update releases set slug_id = ${slug}`.execute(t.db)
    const rolls: number[] = []
    const patch = async (value: string) => {
      await patchConfig(t.life.deps, await current(addon.id), [{ name: 'FAST_DB_URL', value }])
      const [roll] = await rows<{ at: Date }>(t.db, sql`select not_before as at from rolls where state = 'wanted'`)
      return roll?.at.getTime() ?? Number.NaN
    }
    const rollNow = () => sql`update rolls set state = 'idle'`.execute(t.db)
    for (let n = 0; n < 20; n++) {
      const due = await patch(`fast://${n}`)
      t.advance(10_000)
      if (t.world.now().getTime() >= due) {
        rolls.push(due)
        await rollNow()
      }
    }
    const gaps = rolls.slice(1).map((at, index) => at - (rolls[index] ?? 0))
    expect(rolls.length).toBeGreaterThan(2)
    for (const gap of gaps) expect(gap).toBeGreaterThanOrEqual(60_000 - 1_000)
  })
})

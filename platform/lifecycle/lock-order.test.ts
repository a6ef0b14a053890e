import { WireError } from '@mortise/contract/errors'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { addonById, lockAddon } from '../addons/store.js'
import { findApp, lockApp } from '../apps/store.js'
import { listAttachmentsOfApp } from '../attachments/store.js'
import { findPlan, serviceById } from '../catalog/store.js'
import { isPassing, one, rows, sql, transact } from '../db/db.js'
import { recordLockOrders } from '../db/test-lock-orders.js'
import { cancel, retry } from '../operations/operation-verbs.js'
import { applyChange } from '../releases/change.js'
import { lockOpenOperation } from '../saga/store.js'
import { destroyApp } from './app-lifecycle.js'
import { attach, detach } from './attach.js'
import { patchConfig, providerSays } from './call-backs.js'
import { releaseConfig } from './change-config.js'
import { moveApp } from './move-app.js'
import { changeApp } from './order-change.js'
import { sweepOne } from './sweep.js'
import { allAddons, type TestLifecycle, testLifecycle, whatIsWrong } from './test-lifecycle.js'
import { lookForRings } from './test-lock-rings.js'
import { changePlan } from './upgrade-addon.js'

let t: TestLifecycle
beforeEach(async () => {
  t = await testLifecycle()
})
afterEach(() => t.stop())

/** Deadlocks that PostgreSQL broke up in this database. Those who met one say so when they leave. */
async function deadlocks(): Promise<number> {
  await sql`select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()`.execute(t.db)
  await expect
    .poll(
      async () =>
        (
          await one<{ n: number }>(
            t.db,
            sql`select count(*)::int as n from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid()`,
          )
        ).n,
    )
    .toBe(0)
  return (
    await one<{ n: number }>(
      t.db,
      sql`select deadlocks::int as n from pg_stat_database where datname = current_database()`,
    )
  ).n
}

const waitingForLocks = async () =>
  (
    await one<{ n: number }>(
      t.db,
      sql`select count(*)::int as n from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'`,
    )
  ).n

const refusals: string[] = []
const met: unknown[] = []
/** What is refused in words is right; whatever else goes wrong is not. */
async function attempt(work: () => Promise<unknown>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (error instanceof WireError) refusals.push(error.message)
    else met.push(error)
  }
}

const anotherAccount = () =>
  one<{ id: string }>(
    t.db,
    sql`insert into accounts select (jsonb_populate_record(a, '{"id": "00000000-0000-4000-8000-00000000b0b0", "email": "bob@example.com"}')).* from accounts a limit 1 returning id`,
  )

/** The provider tells the truth of what it was asked for: an order is ready with its config, or a removal is done. */
async function callBack({ deps }: TestLifecycle['life'], { id, state }: { id: string; state: string }): Promise<void> {
  if (state === 'provisioning' && t.provider.resources.has(id)) {
    const addon = await addonById(t.db, id)
    if (addon) await patchConfig(deps, addon, [{ name: 'FAST_DB_URL', value: `fast://${id}` }])
    await providerSays(deps, id, 'provision')
  }
  if (state !== 'deprovisioning') return
  t.provider.resources.delete(id)
  await providerSays(deps, id, 'deprovision')
}

test('whatever customers, providers and operators do to the same apps at once, nobody locks in another order', async () => {
  const orders = await recordLockOrders(t.pool)
  const lives = [t.life, t.make(), t.make()]
  // Chance without surprises, but for who comes first.
  let drawn = 7
  const below = (most: number) => {
    drawn = (drawn * 16_807) % 2_147_483_647
    return drawn % most
  }
  const pick = <T>(all: readonly T[]): T | undefined => all[below(all.length || 1)]
  for (let n = 0; n < 3; n++) await t.newApp()
  const anyApp = async () => {
    const live = await rows<{ id: string }>(t.db, sql`select id from apps where state = 'live' order by created_at`)
    if (live.length < 2) return t.newApp()
    return findApp(t.db, pick(live)?.id ?? '')
  }
  const anyAddon = async () => {
    const all = await rows<{ id: string }>(
      t.db,
      sql`select id from addons where state <> 'deprovisioned' order by created_at`,
    )
    return all.length ? addonById(t.db, pick(all)?.id ?? '') : undefined
  }
  const bob = await anotherAccount()
  const plan = (name: string) => findPlan(t.db, `fast-db:${name}`)
  let values = 0

  async function deed(life: (typeof lives)[number]): Promise<void> {
    const { deps, stories } = life
    const [app, addon] = [await anyApp(), await anyAddon()]
    if (!app) return
    const live = await plan(pick(['small', 'large']) ?? 'small')
    if (!live) throw new Error('no plan')
    const kind = below(13)
    if (kind === 0 || !addon) await t.create(app, { as: pick(['MAIN', null]) ?? null, confirm: app.name }, life)
    else if (kind === 1) await t.remove(addon.id, true, life)
    else if (kind <= 3) await changePlan(deps, stories.changePlan, { addon, plan: live, actor: t.actor })
    else if (kind <= 5)
      await attach(deps, {
        appId: app.id,
        addonId: addon.id,
        wanted: pick(['MAIN', 'SHARED', null]) ?? null,
        confirm: app.name,
        actor: t.actor,
      })
    else if (kind === 6) {
      const attachment = pick(await listAttachmentsOfApp(t.db, app.id))
      if (attachment) await detach(deps, attachment, t.actor)
    } else if (kind === 7) await patchConfig(deps, addon, [{ name: 'FAST_DB_URL', value: `fast://${++values}` }])
    else if (kind === 8) await callBack(life, addon)
    else if (kind === 9)
      await transact(t.db, async (tx) => {
        const locked = await lockApp(tx, app.id)
        if (locked?.state !== 'live') return
        const change = {
          app: locked,
          actor: t.actor,
          accountId: t.actor.id,
          vars: { GREETING: String(++values) },
          rebuild: true,
        }
        await applyChange(tx, deps, change)
      })
    else if (kind === 10) {
      const service = await serviceById(t.db, live.serviceId)
      if (!service) throw new Error('no service')
      const create = [null, null].map((as) => ({ service, plan: live, name: null, as, options: {} }))
      const order = {
        config: { COLOUR: String(++values) },
        attach: [{ addonId: addon.id, name: null }],
        detach: [],
        create,
      }
      await changeApp(deps, stories, { app, actor: t.actor, order, confirm: app.name })
    } else if (kind === 11) {
      const open = await rows<{ id: string }>(t.db, sql`select id from operations where ended_at is null`)
      const id = pick(open)?.id
      if (id) await (below(2) ? retry : cancel)(deps, { id, actor: t.actor, reason: 'It takes too long.' })
    } else if (below(2))
      await transact(t.db, (tx) => moveApp(tx, deps, app, app.ownerId === bob.id ? t.actor.id : bob.id, t.actor))
    else await destroyApp(deps, stories.destroyApp, { app, actor: t.actor, force: true, maySee: async () => true })
  }

  // Now and then a provider leaves an order open, so that something waits, is cancelled and is swept.
  t.provider.onRequest = ({ method }) => {
    if (below(4) === 0)
      t.provider.lie(
        method as 'POST',
        pick([{ status: 500 }, { status: 422 }, { acts: true, status: 202 }, { acts: true, status: 500 }]) ?? {
          status: 500,
        },
      )
  }
  let isOver = false
  const workers = lives.map(async ({ deps }) => {
    while (!isOver) {
      t.advance(1_000)
      await attempt(() => deps.engine().workOne())
      await attempt(() => sweepOne(deps))
      await attempt(() => releaseConfig(deps, null))
    }
  })
  await Promise.all(
    Array.from({ length: 9 }, async (_, n) => {
      for (let times = 0; times < 20; times++) await attempt(() => deed(lives[n % lives.length] ?? t.life))
    }),
  )
  isOver = true
  await Promise.all(workers)

  expect([...met, ...t.faults].filter((error) => isPassing(error))).toEqual([])
  expect(met).toEqual([])
  expect(t.faults).toEqual([])
  // The load came to what it is about: much was done, and not all of it refused.
  const [{ done } = { done: 0 }] = await rows<{ done: number }>(
    t.db,
    sql`select count(*)::int as done from operations where state = 'done'`,
  )
  expect(done).toBeGreaterThan(20)
  expect(await deadlocks()).toBe(0)
  expect(orders.count()).toBeGreaterThan(100)
  lookForRings(orders)
  t.provider.onRequest = undefined
  t.provider.repent()
  for (const addon of await allAddons(t.db)) await attempt(() => callBack(t.life, addon))
  for (let hours = 0; hours < 30; hours++) {
    t.advance(3_600_000)
    await t.work()
  }
  expect(await whatIsWrong(t)).toEqual([])
}, 600_000)

test('an app that gets another owner, and an add-on another plan, are found by who waits for them', async () => {
  const app = await t.newApp()
  const addon = await t.create(app)
  const large = await findPlan(t.db, 'fast-db:large')
  const bob = await anotherAccount()
  let found: unknown[] = []
  let waiting: Promise<void> | undefined
  await transact(t.db, async (tx) => {
    await sql`update apps set owner_id = ${bob.id} where id = ${app.id}`.execute(tx)
    await sql`update addons set plan_id = ${large?.id} where id = ${addon.id}`.execute(tx)
    waiting = transact(t.db, async (other) => {
      found = [(await lockApp(other, app.id))?.ownerId, (await lockAddon(other, addon.id))?.planName]
    })
    await expect.poll(waitingForLocks).toBe(1)
  })
  await waiting
  expect(found).toEqual([bob.id, 'fast-db:large'])
})

test('an order that ends at the moment when the operator cancels all that it was ordered with waits for nobody', async () => {
  const app = await t.newApp()
  const plan = await findPlan(t.db, 'fast-db:small')
  const service = plan && (await serviceById(t.db, plan.serviceId))
  if (!plan || !service) throw new Error('no plan')
  t.provider.lie('POST', { acts: true, status: 202 })
  const create = [{ service, plan, name: null, as: null, options: {} }]
  const { deps, stories } = t.life
  const order = { config: {}, attach: [], detach: [], create }
  const whole = await changeApp(deps, stories, { app, actor: t.actor, order, confirm: null })
  const [part] = await rows<{ subject: string }>(
    t.db,
    sql`select subject from operations where parent_id = ${whole.id}`,
  )
  if (!part) throw new Error('nothing was begun')
  let cancelling: Promise<unknown> | undefined
  // As a call-back of the provider does it: add-on, operation, and then whoever began that.
  await transact(t.db, async (tx) => {
    await lockAddon(tx, part.subject)
    await lockOpenOperation(tx, part.subject)
    cancelling = cancel(deps, { id: whole.id, actor: t.actor, reason: null }).catch((error) => error)
    await expect.poll(waitingForLocks).toBe(1)
    await deps.engine().wake(tx, whole.id)
  })
  expect(await cancelling).toMatchObject({ state: 'unwound' })
  expect(await deadlocks()).toBe(0)
})

test('an order that is undone waits for its app before it has the debt', async () => {
  t.provider.lie('POST', { acts: true, status: 202 })
  const app = await t.newApp()
  const addon = await t.create(app)
  const open = await transact(t.db, (tx) => lockOpenOperation(tx, addon.id))
  if (!open) throw new Error('nothing is open')
  // Three who made a ring: one has the app and wants the add-on, as whoever attaches; one has the add-on and wants its debt,
  // as a call-back; and the undoing had the debt and wanted the app.
  const others: Promise<unknown>[] = []
  await transact(t.db, async (attaching) => {
    await lockApp(attaching, app.id)
    await transact(t.db, async (callingBack) => {
      await lockAddon(callingBack, addon.id)
      others.push(transact(t.db, (tx) => t.life.deps.engine().cancel(tx, open, 'It was refused.')))
      await expect.poll(waitingForLocks).toBe(1)
      others.push(lockAddon(attaching, addon.id))
      await expect.poll(waitingForLocks).toBe(2)
      await sql`select 1 from debts where addon_id = ${addon.id} for update`.execute(callingBack)
    })
    await others[1]
  })
  await Promise.all(others)
  expect(await deadlocks()).toBe(0)
})

test('its twin: two who lock an app and its add-on the other way round are counted', async () => {
  const app = await t.newApp()
  const addon = await t.create(app)
  const others: (() => void)[] = []
  const bothHaveOne = () =>
    new Promise<void>((go) => {
      others.push(go)
      if (others.length === 2) for (const one of others) one()
    })
  const locks = [
    () => (tx: Parameters<typeof lockApp>[0]) => lockApp(tx, app.id),
    () => (tx: Parameters<typeof lockApp>[0]) => lockAddon(tx, addon.id),
  ] as const
  const outcomes = await Promise.allSettled(
    [locks, [...locks].reverse()].map((order) =>
      transact(t.db, async (tx) => {
        await order[0]?.()(tx)
        await bothHaveOne()
        await order[1]?.()(tx)
      }),
    ),
  )
  expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(1)
  expect(await deadlocks()).toBe(1)
})

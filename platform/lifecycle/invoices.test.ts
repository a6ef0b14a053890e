import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { insertAccount } from '../accounts/store.js'
import { addonById } from '../addons/store.js'
import { invoicesOf } from '../billing/invoice.js'
import { segmentsOf } from '../billing/store.js'
import { findPlan, findService, setServiceState } from '../catalog/store.js'
import { rows, sql, transact } from '../db/db.js'
import { moveApp } from './move-app.js'
import { type TestLifecycle, testLifecycle } from './test-lifecycle.js'
import { changePlan } from './upgrade-addon.js'

let t: TestLifecycle
beforeEach(async () => {
  t = await testLifecycle()
})
afterEach(() => t.stop())

const day = 86_400_000
const days = (all: { from: Date; to: Date | null }[]) =>
  all.map(({ from, to }) => (to === null ? null : Math.round((to.getTime() - from.getTime()) / day)))
const linesOf = async (ownerId: string) =>
  invoicesOf(await segmentsOf(t.db, ownerId), t.world.now()).flatMap(({ lines }) => lines)

test('a segment ends and the next begins with the plan and with the owner; each pays for its own', async () => {
  const app = await t.newApp()
  const addon = await t.create(app)
  const other = randomUUID()
  await transact(t.db, (tx) =>
    insertAccount(tx, {
      id: other,
      email: 'bob@example.com',
      passwordHash: null,
      isOperator: false,
      at: t.world.now(),
    }),
  )
  t.advance(2 * day)
  const plan = await findPlan(t.db, 'fast-db:large')
  const current = await addonById(t.db, addon.id)
  if (!plan || !current) throw new Error('no plan')
  await changePlan(t.life.deps, t.life.stories.changePlan, { addon: current, plan, actor: t.actor })
  t.advance(3 * day)
  await transact(t.db, (tx) => moveApp(tx, t.life.deps, app, other, t.actor))
  t.advance(4 * day)
  await t.remove(addon.id)
  t.advance(50 * day)
  const [mine, theirs] = [await segmentsOf(t.db, t.actor.id), await segmentsOf(t.db, other)]
  expect([days(mine), mine.map(({ cents }) => cents)]).toEqual([
    [2, 3],
    [500, 5000],
  ])
  expect([days(theirs), theirs.map(({ cents }) => cents)]).toEqual([[4], [5000]])
  const seconds = (await linesOf(other)).reduce((sum, { milliseconds }) => sum + milliseconds, 0)
  expect(Math.round(seconds / day)).toBe(4)
})

test('nothing is billed for what was never provisioned, and from the order on for what came later', async () => {
  const app = await t.newApp()
  t.provider.lie('POST', { status: 422, body: { message: 'no' } })
  await t.create(app).catch(() => undefined)
  t.provider.lie('POST', { status: 202 })
  await t.create(app)
  expect(await segmentsOf(t.db, t.actor.id)).toEqual([])
  t.advance(13 * 3_600_000)
  await t.work()
  expect(await segmentsOf(t.db, t.actor.id)).toEqual([])
  expect(await linesOf(t.actor.id)).toEqual([])
})

test('billing ends when the customer asks for the removal, however long the provider takes over it', async () => {
  const addon = await t.create(await t.newApp())
  t.advance(day)
  t.provider.lie('DELETE', { status: 202 })
  await t.remove(addon.id)
  t.advance(11 * 3_600_000)
  expect(days(await segmentsOf(t.db, t.actor.id))).toEqual([1])
})

test('a price that rises later is not theirs who ordered before', async () => {
  await t.create(await t.newApp())
  const [small, large] = t.manifest.plans
  await t.push({ plans: [{ ...small, price: { cents: 9_900, unit: 'month' } }, large] })
  t.advance(day)
  expect((await segmentsOf(t.db, t.actor.id)).map(({ cents }) => cents)).toEqual([500])
  await t.create(await t.newApp())
  expect((await segmentsOf(t.db, t.actor.id)).map(({ cents }) => cents)).toEqual([500, 9_900])
})

const become = async (state: 'beta' | 'ga') => {
  const service = await findService(t.db, t.slug)
  await transact(t.db, (tx) => setServiceState(tx, service?.id ?? '', state, t.world.now()))
}
const someoneElse = async () => {
  const id = randomUUID()
  const account = { id, email: `${id}@example.com`, passwordHash: null, isOperator: false, at: t.world.now() }
  await transact(t.db, (tx) => insertAccount(tx, account))
  return id
}
async function toPlan(addonId: string, name: string) {
  const [plan, addon] = [await findPlan(t.db, `${t.slug}:${name}`), await addonById(t.db, addonId)]
  if (!plan || !addon) throw new Error('no plan')
  await changePlan(t.life.deps, t.life.stories.changePlan, { addon, plan, actor: t.actor })
}

test('only ga is billed: nobody pays for what they ordered before, until they order another plan of it', async () => {
  await become('beta')
  const [mine, given] = [await t.newApp(), await t.newApp()]
  const early = await t.create(mine)
  await t.create(given)
  t.advance(day)
  await become('ga')
  await t.create(await t.newApp())
  const other = await someoneElse()
  await transact(t.db, (tx) => moveApp(tx, t.life.deps, given, other, t.actor))
  t.advance(day)
  expect((await linesOf(other)).map(({ stage, total }) => [stage, total])).toEqual([['beta', 0]])
  await toPlan(early.id, 'large')
  t.advance(day)
  const lines = (await linesOf(t.actor.id)).map(({ plan, stage, total }) => [plan, stage, total > 0])
  expect(lines.sort()).toEqual([
    ['fast-db:large', 'ga', true],
    ['fast-db:small', 'beta', false],
    ['fast-db:small', 'beta', false],
    ['fast-db:small', 'ga', true],
  ])
})

test('every moment of an add-on, from the order to the request of its removal, is on one invoice of one owner', async () => {
  await become('ga')
  const others = [await someoneElse(), await someoneElse()]
  const removed: string[] = []
  for (let round = 0; round < 6; round++) {
    const app = await t.newApp()
    const addon = await t.create(app)
    t.advance((round + 1) * 7 * day + 1_234)
    await toPlan(addon.id, round % 2 ? 'large' : 'small')
    t.advance(round * 11 * day)
    if (round % 3 === 0) await transact(t.db, (tx) => moveApp(tx, t.life.deps, app, others[round % 2] ?? '', t.actor))
    t.advance(5 * day + 17)
    if (round % 2 === 0) continue
    await t.remove(addon.id)
    removed.push(addon.id)
  }
  const now = t.world.now()
  const owners = [t.actor.id, ...others]
  const all = await Promise.all(owners.map((owner) => segmentsOf(t.db, owner)))
  const invoiced = all.flatMap((segments) => invoicesOf(segments, now)).flatMap(({ lines }) => lines)
  // The rows that the simulation's checkers hold to: one open charge per live add-on, segments that meet.
  const lives = await rows<{ id: string; ms: number }>(
    t.db,
    sql`select addon_id as id, extract(epoch from (case when count(*) = count(closed_at) then max(closed_at) else ${now}::timestamptz end)
      - min(opened_at)) * 1000 as ms from charges where voided_at is null group by addon_id`,
  )
  expect(lives).toHaveLength(6)
  for (const { id, ms } of lives) {
    const billed = invoiced
      .filter(({ addon }) => addon.id === id)
      .reduce((sum, { milliseconds }) => sum + milliseconds, 0)
    expect(Math.abs(billed - Number(ms)), id).toBeLessThan(10)
  }
  expect(removed).toHaveLength(3)
})

import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { insertAccount } from '../accounts/store.js'
import { addonById } from '../addons/store.js'
import { invoicesOf } from '../billing/invoice.js'
import { segmentsOf } from '../billing/store.js'
import { findPlan } from '../catalog/store.js'
import { transact } from '../db/db.js'
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

import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Marketplace, marketplace } from '../addons/test-addons.js'
import { isDuplicate, one, sql, type Tx, transact } from '../db/db.js'
import { chargesOf, closeCharge, confirmCharge, openCharge, splitCharge, voidCharge } from './store.js'

let market: Marketplace
let addon: { id: string; ownerId: string; priceId: string }
let dearer: string
const start = new Date('2026-01-02T03:04:05Z')
const after = (seconds: number) => new Date(start.getTime() + seconds * 1000)

beforeAll(async () => {
  market = await marketplace()
  await market.push('fast-db')
})
afterAll(() => market.end())

beforeEach(async () => {
  const app = await market.app(`app-${randomUUID().slice(0, 8)}`)
  const made = await market.addon('fast-db:mini', app)
  const { id } = made
  addon = await one(
    market.db,
    sql`select id, owner_id as "ownerId", price_id as "priceId" from addons where id = ${id}`,
  )
  dearer = randomUUID()
  await sql`insert into plan_prices (id, plan_id, cents, unit, created_at)
    select ${dearer}, plan_id, 9900, 'month', ${start} from addons where id = ${id}`.execute(market.db)
})

const within = <T>(work: (tx: Tx) => Promise<T>) => transact(market.db, work)
const charge = (at: Date, priceId = addon.priceId) => ({
  id: randomUUID(),
  addonId: addon.id,
  ownerId: addon.ownerId,
  priceId,
  at,
})
const charges = () => chargesOf(market.db, addon.id)

test('a charge opens unconfirmed, once, however often it is asked for', async () => {
  await within((tx) => openCharge(tx, charge(start)))
  await within((tx) => openCharge(tx, charge(after(5))))
  expect(await charges()).toMatchObject([{ openedAt: start, confirmedAt: null, closedAt: null, voidedAt: null }])
})

test('two requests in one moment open one charge', async () => {
  await Promise.all([1, 2, 3, 4].map(() => within((tx) => openCharge(tx, charge(start)))))
  expect(await charges()).toHaveLength(1)
})

test('the table itself refuses a second open charge', async () => {
  await within((tx) => openCharge(tx, charge(start)))
  const second = sql`insert into charges (id, addon_id, owner_id, price_id, opened_at)
    values (${randomUUID()}, ${addon.id}, ${addon.ownerId}, ${addon.priceId}, ${start})`
  const error = await second.execute(market.db).catch((found: unknown) => found)
  expect(isDuplicate(error, 'charges_open')).toBe(true)
})

test('a charge is confirmed once, at the first moment, and billed from when it was opened', async () => {
  await within((tx) => openCharge(tx, charge(start)))
  await within((tx) => confirmCharge(tx, addon.id, after(10)))
  await within((tx) => confirmCharge(tx, addon.id, after(20)))
  expect(await charges()).toMatchObject([{ openedAt: start, confirmedAt: after(10) }])
})

test('what never came to be is void, is not confirmed later, and leaves room for another', async () => {
  await within((tx) => openCharge(tx, charge(start)))
  await within((tx) => voidCharge(tx, addon.id, after(5)))
  await within((tx) => voidCharge(tx, addon.id, after(6)))
  await within((tx) => confirmCharge(tx, addon.id, after(7)))
  expect(await within((tx) => closeCharge(tx, addon.id, after(8)))).toBe(0)
  expect(await charges()).toMatchObject([{ voidedAt: after(5), confirmedAt: null, closedAt: null }])
  await within((tx) => openCharge(tx, charge(after(9))))
  expect(await charges()).toHaveLength(2)
})

test('billing ends once', async () => {
  await within((tx) => openCharge(tx, charge(start)))
  expect(await within((tx) => closeCharge(tx, addon.id, after(60)))).toBe(1)
  expect(await within((tx) => closeCharge(tx, addon.id, after(70)))).toBe(0)
  expect(await charges()).toMatchObject([{ closedAt: after(60) }])
})

test('a change of price ends one segment and begins the next at the same moment, once', async () => {
  await within((tx) => openCharge(tx, charge(start)))
  await within((tx) => confirmCharge(tx, addon.id, after(1)))
  await within((tx) => splitCharge(tx, charge(after(60), dearer)))
  await within((tx) => splitCharge(tx, charge(after(61), dearer)))
  expect(await charges()).toMatchObject([
    { openedAt: start, closedAt: after(60) },
    { openedAt: after(60), confirmedAt: after(60), closedAt: null, cents: 9900 },
  ])
})

// Found by bin/sim --seed 12: an app was given away while its add-on was being created.
test('a split of what is not confirmed stays unconfirmed, and is confirmed or void as a whole', async () => {
  await within((tx) => openCharge(tx, charge(start)))
  await within((tx) => splitCharge(tx, charge(after(60), dearer)))
  expect(await charges()).toMatchObject([
    { closedAt: after(60), confirmedAt: null },
    { closedAt: null, confirmedAt: null },
  ])
  await within((tx) => confirmCharge(tx, addon.id, after(70)))
  expect(await charges()).toMatchObject([
    { confirmedAt: after(70), closedAt: after(60) },
    { confirmedAt: after(70), closedAt: null },
  ])
  await within((tx) => voidCharge(tx, addon.id, after(80)))
  expect((await charges()).map(({ voidedAt }) => voidedAt)).toEqual([after(80), after(80)])
})

test('a split of what is not open opens nothing', async () => {
  await within((tx) => splitCharge(tx, charge(start, dearer)))
  expect(await charges()).toEqual([])
})

test('a charge without an add-on can not be', async () => {
  const stray = { ...charge(start), addonId: randomUUID() }
  await expect(within((tx) => openCharge(tx, stray))).rejects.toThrow(/foreign key/)
})

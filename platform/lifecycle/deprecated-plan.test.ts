import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { chargesOf } from '../billing/store.js'
import { type ProvidedHouse, providedHouse } from './test-provided.js'

// A plan is deprecated: who has it keeps it and its price, and nobody new gets it. On somebody's own machine too, where
// everybody may install everything else.
let house: ProvidedHouse<'provider' | 'ann' | 'bob' | 'operator'>
let shop = ''
let number = 0
let addon: { id: string; name: string }

const day = 86_400_000
const mini = { name: 'mini', price: { cents: 30_000, unit: 'month' }, default: true }
const large = { name: 'large', price: { cents: 90_000, unit: 'month' } }
/** Dearer, deprecated, and no longer the default. */
const closed = { ...mini, default: false, state: 'deprecated', price: { cents: 60_000, unit: 'month' } }

beforeAll(async () => {
  house = await providedHouse(['provider', 'ann', 'bob', 'operator'], { 'fast-db': {} })
  await house.must('operator', 'PATCH', '/addon-services/fast-db', { state: 'ga', reason: 'a test' })
})
afterAll(async () => {
  expect(house.faults).toEqual([])
  await house.end()
})
beforeEach(async () => {
  shop = `shop-${++number}`
  await house.putPlans('fast-db', [mini, large])
  await house.must('ann', 'POST', '/apps', { name: shop })
  addon = await house.must('ann', 'POST', `/apps/${shop}/addons`, { plan: 'fast-db', name: `db-of-${shop}` })
})

const change = (plan: string) => house.ask('ann', 'PATCH', `/apps/${shop}/addons/${addon.name}`, { plan })
const now = () => house.must('ann', 'GET', `/addons/${addon.id}`)
const asked = () => house.provider('fast-db').received.filter(({ method }) => method === 'PUT').length
const linesOf = async (who: 'ann' | 'bob') =>
  // biome-ignore lint/suspicious/noExplicitAny: checkAnswers has checked the shape.
  (await house.must(who, 'GET', '/account/invoices')).flatMap((invoice: any) => invoice.line_items)

test('who has it keeps it, its price and its bill, whatever the plan costs now', async () => {
  await house.putPlans('fast-db', [closed, { ...large, default: true }])
  house.clock.aheadMs += 2 * day
  const { plan, billed_price, state } = await now()
  expect([plan.name, billed_price.cents, state]).toEqual(['fast-db:mini', 30_000, 'provisioned'])
  // Two days of 30 at the price of the order; the last month's share and this one's are two lines.
  const own = (await linesOf('ann')).filter(({ addon: one }: { addon: { id: string } }) => one.id === addon.id)
  const cents = own.reduce((sum: number, { total }: { total: number }) => sum + total, 0)
  expect(Math.abs(cents - 2_000)).toBeLessThanOrEqual(2)
  // What is done to it without leaving the plan goes on as before.
  await house.must('ann', 'POST', '/apps', { name: `blog-${number}` })
  await house.must('ann', 'POST', '/addon-attachments', { addon: addon.name, app: `blog-${number}`, name: 'SHOP' })
  await house.must('ann', 'PATCH', `/apps/${shop}/addons/${addon.name}`, { plan: 'fast-db:mini' })
  expect((await now()).billed_price.cents).toBe(30_000)
})

test('whoever is given the app is no newcomer: plan and price go with it', async () => {
  await house.putPlans('fast-db', [closed, { ...large, default: true }])
  await house.must('ann', 'POST', `/apps/${shop}/collaborators`, { user: 'bob@example.com', permissions: ['view'] })
  const { id } = await house.must('ann', 'POST', '/account/app-transfers', { app: shop, recipient: 'bob@example.com' })
  await house.must('bob', 'PATCH', `/account/app-transfers/${id}`, { state: 'accepted' })
  const charges = await chargesOf(house.db, addon.id)
  expect(charges.map(({ cents }) => cents)).toEqual([30_000, 30_000])
  expect((await house.must('bob', 'GET', `/addons/${addon.id}`)).plan.name).toBe('fast-db:mini')
})

test('nobody new orders it: not by its name, not among several changes, not by an app.json, not as the default', async () => {
  await house.putPlans('fast-db', [closed, { ...large, default: true }])
  await house.must('bob', 'POST', '/apps', { name: `new-${number}` })
  const refusal = expect.stringMatching(/^The plan fast-db:mini is deprecated: who has it keeps it/)
  const order = await house.ask('bob', 'POST', `/apps/new-${number}/addons`, { plan: 'fast-db:mini' })
  expect([order.status, order.body.message]).toEqual([422, refusal])
  const changes = { create: [{ plan: 'fast-db:mini' }] }
  const several = await house.ask('bob', 'POST', `/apps/new-${number}/changes`, changes)
  expect([several.status, several.body.message]).toEqual([422, refusal])
  const usual = await house.must('bob', 'POST', `/apps/new-${number}/addons`, { plan: 'fast-db' })
  expect(usual.plan.name).toBe('fast-db:large')
  const listed = await house.must('bob', 'GET', '/addon-services/fast-db/plans')
  expect(listed.map(({ name }: { name: string }) => name)).toEqual(['fast-db:large'])
  // Its provider sees what it has, on its own page.
  const own = await house.must('provider', 'GET', '/addon-services/fast-db/plans')
  expect(own.map(({ state }: { state: string }) => state).sort()).toEqual(['deprecated', 'public'])
})

test('whoever leaves it can not come back: refused in clear words, without a question to the provider', async () => {
  await house.putPlans('fast-db', [closed, { ...large, default: true }])
  expect((await change('fast-db:large')).status).toBe(200)
  const before = [asked(), await now(), await chargesOf(house.db, addon.id)]
  const { status, body } = await change('fast-db:mini')
  expect([status, body.message]).toEqual([
    422,
    'The plan fast-db:mini is deprecated: who has it keeps it, and nobody can order it or move to it any more. See the others with addons:plans fast-db; only its provider can make an exception, by a pass.',
  ])
  expect([asked(), await now(), await chargesOf(house.db, addon.id)]).toEqual(before)
  // The exception, at today's price: the old one was given up.
  await house.must('provider', 'POST', '/api/v3/addons/fast-db/passes', { email: 'ann@example.com', plan: 'mini' })
  expect((await change('fast-db:mini')).body).toMatchObject({ billed_price: { cents: 60_000 } })
  await house.pool.query('delete from plan_passes')
})

test('a move away that is in doubt or was refused has not left it: the way back is open, at the old price', async () => {
  await house.putPlans('fast-db', [closed, { ...large, default: true }])
  house.provider('fast-db').lie('PUT', { status: 422, body: { message: 'Too much data.' } })
  expect((await change('fast-db:large')).status).toBe(422)
  house.provider('fast-db').lie('PUT', { acts: true, hangUp: true })
  expect((await change('fast-db:large')).status).toBe(202)
  const { status, body } = await change('fast-db:mini')
  expect([status, body.plan.name, body.billed_price.cents]).toEqual([200, 'fast-db:mini', 30_000])
  expect(house.provider('fast-db').resources.get(addon.id)).toBe('mini')
})

test('a default plan that is closed to newcomers is refused at the push while another one is open, and says what to write', async () => {
  const push = house.putPlans('fast-db', [{ ...closed, default: true }, large])
  await expect(push).rejects.toThrow(
    /default plan mini is deprecated.*write "default": true on another plan, such as large/,
  )
  // A service may end with all of its plans.
  await house.putPlans('fast-db', [{ ...closed, default: true }])
  const order = await house.ask('ann', 'POST', `/apps/${shop}/addons`, { plan: 'fast-db' })
  expect([order.status, order.body.message]).toEqual([422, expect.stringContaining('is deprecated')])
})

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { chargesOf } from '../billing/store.js'
import { type ProvidedHouse, providedHouse, value } from './test-provided.js'

let house: ProvidedHouse<'ann' | 'bob'>
let number = 0
let shop = ''
let name = ''
let id = ''

beforeAll(async () => {
  house = await providedHouse(['ann', 'bob'], { 'fast-db': {}, 'other-db': {} })
})
afterAll(async () => {
  expect(house.faults).toEqual([])
  await house.end()
})
beforeEach(async () => {
  shop = `shop-${++number}`
  name = `db-of-${shop}`
  await must('ann', 'POST', '/apps', { name: shop })
  id = (await must('ann', 'POST', `/apps/${shop}/addons`, { plan: 'fast-db:mini', name })).id
})

const must = (...asked: Parameters<typeof house.must>) => house.must(...asked)
const provider = () => house.provider('fast-db')
const change = (plan: unknown, who: 'ann' | 'bob' = 'ann') =>
  house.ask(who, 'PATCH', `/apps/${shop}/addons/${name}`, { plan }, { 'accept-expansion': 'plan' })
const addon = () => must('ann', 'GET', `/addons/${name}`)
const releases = async () => (await must('ann', 'GET', `/apps/${shop}/releases`)).length
const asked = () => provider().received.filter(({ method }) => method === 'PUT')

test('up and down, however the plan is spelled: price, words and charge change; nothing restarts', async () => {
  const before = await releases()
  for (const [plan, wanted, cents] of [
    ['fast-db:standard-0', 'fast-db:standard-0', 5000],
    [{ name: 'fast-db:mini' }, 'fast-db:mini', 500],
    ['standard-0', 'fast-db:standard-0', 5000],
    [{ id: (await must('ann', 'GET', '/plans/fast-db:mini')).id }, 'fast-db:mini', 500],
  ] as const) {
    provider().lie('PUT', { acts: true, status: 200, body: { message: `Moved to ${wanted}.` } })
    const { status, body } = await change(plan)
    expect([status, body.plan.name, body.plan.price.cents]).toEqual([200, wanted, cents])
    expect([body.billed_price.cents, body.provision_message, body.state]).toEqual([
      cents,
      `Moved to ${wanted}.`,
      'provisioned',
    ])
    expect(provider().resources.get(id)).toBe(wanted.split(':')[1])
  }
  const charges = await chargesOf(house.db, id)
  expect(charges.filter(({ closedAt }) => closedAt === null).map(({ cents }) => cents)).toEqual([500])
  expect([await releases(), charges.length]).toEqual([before, 5])
})

test('new config in the answer is a release, on every app that has it', async () => {
  await must('ann', 'POST', '/apps', { name: `blog-${number}` })
  await must('ann', 'POST', '/addon-attachments', { addon: name, app: `blog-${number}`, name: 'SHOP' })
  const before = await releases()
  provider().lie('PUT', { acts: true, status: 200, body: { config: { FAST_DB_URL: 'fast://larger' } } })
  expect((await change('fast-db:standard-0')).status).toBe(200)
  expect(await must('ann', 'GET', `/apps/${shop}/config-vars`)).toEqual({ FAST_DB_URL: 'fast://larger' })
  expect(await must('ann', 'GET', `/apps/blog-${number}/config-vars`)).toEqual({ SHOP_URL: 'fast://larger' })
  expect(await releases()).toBe(before + 1)
})

test('a provider that changes it in its own time (202) has changed it; config that comes later is an ordinary one', async () => {
  provider().lie('PUT', { acts: true, status: 202, body: { message: 'Moving your data.' } })
  const { status, body } = await change('fast-db:standard-0')
  expect([status, body.plan.name, body.billed_price.cents]).toEqual([200, 'fast-db:standard-0', 5000])
  expect(body.provision_message).toBe('Moving your data.')
})

test('refused: all is as it was, in the words of the provider', async () => {
  const before = [await addon(), await releases(), await chargesOf(house.db, id)]
  for (const [lie, status, words] of [
    [{ status: 422, body: { message: 'Too much data for mini.' } }, 422, 'Too much data for mini.'],
    [{ status: 422 }, 422, 'refused to change the plan and gave no reason'],
    [{ status: 401, body: {} }, 422, "can't change plans at the moment"],
    [{ status: 404, body: { message: 'gone' } }, 422, 'the plan is as it was'],
  ] as const) {
    provider().lie('PUT', lie)
    const answer = await change('fast-db:standard-0')
    expect([answer.status, answer.body.message]).toEqual([status, expect.stringContaining(words)])
    expect([await addon(), await releases(), await chargesOf(house.db, id)]).toEqual(before)
  }
  expect(await must('ann', 'GET', `/apps/${shop}/config-vars`)).toEqual({ FAST_DB_URL: value })
})

test('the plan that it has already: nothing is asked, nothing changes', async () => {
  const before = [await addon(), asked().length]
  const { status, body } = await change('fast-db:mini')
  expect([status, body.plan.name]).toEqual([200, 'fast-db:mini'])
  expect([await addon(), asked().length]).toEqual(before)
})

test('in doubt: 202, billed as the cheaper one; a newer wish supersedes it, and nothing of the old one comes later', async () => {
  provider().lie('PUT', { acts: true, hangUp: true })
  const begun = await change('fast-db:standard-0')
  expect([begun.status, begun.body.plan.name, begun.body.billed_price.cents]).toEqual([202, 'fast-db:mini', 500])
  expect(provider().resources.get(id)).toBe('standard-0')
  // Also when the newer wish is the plan that we believe it has: the provider may think otherwise.
  expect((await change('fast-db:mini')).status).toBe(200)
  expect(provider().resources.get(id)).toBe('mini')
  house.clock.aheadMs += 3_600_000
  await house.work()
  expect([(await addon()).plan.name, provider().resources.get(id)]).toEqual(['fast-db:mini', 'mini'])
})

test("a plan that is not there, or another service's, is refused in the words that clients look for", async () => {
  for (const [plan, why] of [
    ['fast-db:huge', ''],
    ['huge', ''],
    ['no-db:mini', ''],
    ['other-db:mini', 'It is a plan of other-db.'],
    ['fast-db', ''],
  ] as const) {
    const { status, body } = await change(plan)
    expect([status, body.id]).toEqual([422, 'invalid_params'])
    expect(body.message.startsWith(`Couldn't find either the add-on service or the add-on plan of "${plan}".`)).toBe(
      true,
    )
    expect(body.message).toContain('addons:plans fast-db')
    expect(body.message).toContain(why)
  }
  expect(asked().filter(({ path }) => path.includes(id))).toEqual([])
})

test('while it is being created or removed, and by whom: refused with the reason', async () => {
  provider().lie('POST', { acts: true, status: 202, body: { id: 'later' } })
  await must('ann', 'POST', `/apps/${shop}/addons`, { plan: 'fast-db:mini', name: `${name}-2` })
  const early = await house.ask('ann', 'PATCH', `/apps/${shop}/addons/${name}-2`, { plan: 'fast-db:standard-0' })
  expect([early.status, early.body.message]).toEqual([422, expect.stringContaining('still being created')])
  provider().lie('DELETE', { status: 202 })
  await must('ann', 'DELETE', `/apps/${shop}/addons/${name}`)
  const late = await change('fast-db:standard-0')
  expect([late.status, late.body.message]).toEqual([422, expect.stringContaining('is being removed')])
  expect((await change('fast-db:standard-0', 'bob')).status).toBe(404)
  await must('ann', 'POST', `/apps/${shop}/collaborators`, { user: 'bob@example.com', permissions: ['view', 'deploy'] })
  expect((await change('fast-db:standard-0', 'bob')).status).toBe(403)
})

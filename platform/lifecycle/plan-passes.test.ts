import { randomUUID } from 'node:crypto'
import { passesMax } from '@mortise/contract/platform-api/provider-portal'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { insertAccount } from '../accounts/store.js'
import { insertToken } from '../accounts/token-store.js'
import { transact } from '../db/db.js'
import { eventsOf } from '../events/store.js'
import { tokenHash } from '../secrets/tokens.js'
import { type ProvidedHouse, providedHouse } from './test-provided.js'

// Whom a provider lets in before others, on a platform that is not somebody's own machine; the provider is a real party.
type Who = 'provider' | 'ann' | 'bob' | 'operator'
let house: ProvidedHouse<Who>
let slug = ''
let number = 0

beforeAll(async () => {
  house = await providedHouse(['provider', 'ann', 'bob', 'operator'], { 'fast-db': {} }, { isAtHome: false })
  for (const who of ['ann', 'bob'] as const) await house.must(who, 'POST', '/apps', { name: `shop-of-${who}` })
})
afterAll(async () => {
  expect(house.faults).toEqual([])
  await house.end()
})

const price = (cents: number) => ({ cents, unit: 'month' })
const plansOf = (change: Record<string, object> = {}) =>
  [
    { name: 'mini', price: price(500), default: true },
    { name: 'deal', price: price(100), state: 'invite_only' },
    { name: 'old', price: price(200), state: 'deprecated' },
  ].map((plan) => ({ ...plan, ...change[plan.name] }))

beforeEach(async () => {
  slug = 'fast-db'
  number++
  await house.pool.query('delete from plan_passes')
  await house.pool.query(`update addon_services set state = 'alpha'`)
  await house.putPlans(slug, plansOf())
})

const passes = `/api/v3/addons/fast-db/passes`
const give = (email: string, plan?: string) =>
  house.must('provider', 'POST', passes, { email, ...(plan ? { plan } : {}) })
const order = (who: Who, plan: string) =>
  house.ask(who, 'POST', `/apps/shop-of-${who}/addons`, { plan, name: `db-${number}-${randomUUID().slice(0, 6)}` })
const serviceNames = async (who: Who) =>
  (await house.must(who, 'GET', '/addon-services')).map(({ name }: { name: string }) => name)
const planNames = async (who: Who | null) => {
  const { body, status } = await house.ask(who, 'GET', `/addon-services/${slug}/plans`)
  return status === 200 ? body.map(({ name }: { name: string }) => name.split(':')[1]).sort() : status
}
async function drop(who: Who, addon: { app: { name: string }; id: string }) {
  await house.must(who, 'DELETE', `/apps/${addon.app.name}/addons/${addon.id}`, {})
}
const toBeta = () => house.must('operator', 'PATCH', `/addon-services/${slug}`, { state: 'beta' })

test('a pass for a service in alpha lets one person see and order it, and nobody else; withdrawn, it is closed again', async () => {
  expect([await planNames('ann'), (await order('ann', 'fast-db')).body.message]).toEqual([
    404,
    expect.stringContaining('is in alpha'),
  ])
  // However the address is written.
  const pass = await give('Ann@Example.com')
  expect(pass).toMatchObject({ email: 'Ann@Example.com', plan: null })
  expect([await serviceNames('ann'), await serviceNames('bob')]).toEqual([['fast-db'], []])
  expect(await planNames('ann')).toEqual(['mini'])
  expect((await house.must('ann', 'GET', '/addon-services/fast-db/region-capabilities')).length).toBeGreaterThan(0)
  const made = await order('ann', 'fast-db')
  expect([made.status, made.body.plan.name]).toEqual([201, 'fast-db:mini'])
  expect(await planNames('bob')).toBe(404)
  expect((await order('bob', 'fast-db:mini')).status).toBe(422)
  expect(await planNames(null)).toBe(404)

  await house.must('provider', 'DELETE', `${passes}/${pass.id}`)
  expect([await planNames('ann'), (await order('ann', 'fast-db')).status]).toEqual([404, 422])
  // What was made by it stays.
  expect((await house.must('ann', 'GET', `/addons/${made.body.id}`)).state).toBe('provisioned')
  await drop('ann', made.body)
})

test('a pass for a plan opens that plan alone: in alpha with its service, later among the plans of all', async () => {
  await give('ann@example.com', 'deal')
  expect(await serviceNames('ann')).toEqual(['fast-db'])
  expect(await planNames('ann')).toEqual(['deal'])
  expect((await order('ann', 'fast-db:mini')).body.message).toContain('is in alpha')
  const made = await order('ann', 'fast-db:deal')
  expect([made.status, made.body.billed_price.cents]).toEqual([201, 100])
  await drop('ann', made.body)

  await toBeta()
  expect([await planNames('ann'), await planNames('bob'), await planNames(null)]).toEqual([
    ['deal', 'mini'],
    ['mini'],
    ['mini'],
  ])
  // To whoever has none it is as if the plan were not there.
  expect((await house.ask('bob', 'GET', '/plans/fast-db:deal')).body).toMatchObject({ resource: 'plan' })
  expect((await house.ask('bob', 'GET', '/addon-services/fast-db/plans/deal')).status).toBe(404)
  const refused = await order('bob', 'fast-db:deal')
  expect([refused.status, refused.body.message]).toEqual([
    422,
    expect.stringMatching(/^Couldn't find either the add-on service or the add-on plan of "fast-db:deal"\./),
  ])
  const change = { create: [{ plan: 'fast-db:deal' }] }
  expect((await house.ask('bob', 'POST', '/apps/shop-of-bob/changes', change)).status).toBe(422)
  const own = await order('bob', 'fast-db:mini')
  const moved = await house.ask('bob', 'PATCH', `/apps/shop-of-bob/addons/${own.body.name}`, { plan: 'fast-db:deal' })
  expect([moved.status, moved.body.message]).toEqual([422, expect.stringMatching(/^Couldn't find either/)])
  await give('bob@example.com', 'fast-db:deal')
  await house.must('bob', 'PATCH', `/apps/shop-of-bob/addons/${own.body.name}`, { plan: 'fast-db:deal' })
  await drop('bob', own.body)
})

test('a deprecated plan is listed and sold to nobody, its owner included, but to whoever was given a pass for it', async () => {
  await toBeta()
  for (const who of ['bob', 'provider'] as const) {
    if (who === 'provider') await house.must(who, 'POST', '/apps', { name: 'shop-of-provider' })
    const refused = await order(who, 'fast-db:old')
    expect([refused.status, refused.body.message]).toEqual([
      422,
      'The plan fast-db:old is deprecated: who has it keeps it, and nobody can order it or move to it any more. See the others with addons:plans fast-db; only its provider can make an exception, by a pass.',
    ])
  }
  expect(await planNames('bob')).toEqual(['mini'])
  // Whoever has it can still read what it is.
  expect((await house.must('bob', 'GET', '/plans/fast-db:old')).state).toBe('deprecated')
  await give('bob@example.com', 'old')
  expect(await planNames('bob')).toEqual(['mini', 'old'])
  const made = await order('bob', 'fast-db:old')
  expect([made.status, made.body.plan.name]).toEqual([201, 'fast-db:old'])
  await drop('bob', made.body)
})

test('a pass for an address without an account works as soon as the account is there, and goes with it', async () => {
  const email = `new-${number}@example.com`
  await give(email)
  const id = randomUUID()
  await transact(house.db, async (tx) => {
    const at = house.world.now()
    await insertAccount(tx, { id, email: email.toUpperCase(), passwordHash: null, isOperator: false, at })
    const token = { accountId: id, hint: '', scopes: ['global'], description: 'test', expiresAt: null, at }
    await insertToken(tx, { ...token, id: randomUUID(), kind: 'authorization', hash: tokenHash(`token-${number}`) })
  })
  const asNew = { authorization: `Bearer token-${number}` }
  const found = await house.ask(null, 'GET', '/addon-services/fast-db', undefined, asNew)
  expect(found.status).toBe(200)
  expect((await house.ask(null, 'DELETE', '/account', undefined, asNew)).status).toBe(200)
  expect(await house.must('provider', 'GET', passes)).toEqual([])
})

test('only the provider and the operator give, see and withdraw passes; each is on record, and twice is once', async () => {
  const [first, second] = [await give('ann@example.com', 'deal'), await give('ANN@example.com', 'deal')]
  expect(second).toEqual(first)
  const service = await give('ann@example.com')
  expect(await house.must('operator', 'GET', passes)).toEqual([service, first])
  for (const who of ['ann', 'bob'] as const) {
    expect((await house.ask(who, 'GET', passes)).status).toBe(404)
    expect((await house.ask(who, 'POST', passes, { email: 'bob@example.com' })).status).toBe(404)
    expect((await house.ask(who, 'DELETE', `${passes}/${first.id}`)).status).toBe(404)
  }
  await house.must('operator', 'DELETE', `${passes}/${first.id}`)
  expect((await house.ask('operator', 'DELETE', `${passes}/${first.id}`)).body).toMatchObject({ resource: 'plan_pass' })
  expect((await house.ask('operator', 'DELETE', `${passes}/no-id`)).status).toBe(404)
  const { id } = await house.must('operator', 'GET', '/addon-services/fast-db')
  const recorded = (await eventsOf(house.db, id)).filter(({ resource }) => resource === 'plan-pass').slice(-3)
  expect(recorded.map(({ action, actor, data }) => [action, actor.email, data['email'], data['plan']])).toEqual([
    ['create', 'provider@example.com', 'ann@example.com', 'fast-db:deal'],
    ['create', 'provider@example.com', 'ann@example.com', null],
    ['destroy', 'operator@example.com', 'ann@example.com', 'fast-db:deal'],
  ])
})

test('a plan that is sold in some regions only is refused elsewhere, to order and to move to', async () => {
  await toBeta()
  await house.putPlans(slug, [...plansOf(), { name: 'far', price: price(700), regions: ['eu', 'tokyo'] }])
  expect((await house.must('bob', 'GET', '/plans/fast-db:far')).regions).toEqual(['eu', 'tokyo'])
  expect((await house.must('bob', 'GET', '/plans/fast-db:mini')).regions).toBeNull()
  const refused = await order('bob', 'fast-db:far')
  expect([refused.status, refused.body.message]).toEqual([
    422,
    'The plan fast-db:far is not sold in region us; it is in eu. See the others with addons:plans fast-db, or choose an app that runs there.',
  ])
  const made = await order('bob', 'fast-db:mini')
  const moved = await house.ask('bob', 'PATCH', `/apps/shop-of-bob/addons/${made.body.name}`, { plan: 'fast-db:far' })
  expect([moved.status, moved.body.message]).toEqual([422, expect.stringContaining('is not sold in region us, where')])
  await house.putPlans(slug, [...plansOf(), { name: 'far', price: price(700), regions: ['us'] }])
  expect(
    (await house.must('bob', 'PATCH', `/apps/shop-of-bob/addons/${made.body.name}`, { plan: 'fast-db:far' })).plan.name,
  ).toBe('fast-db:far')
  await drop('bob', made.body)
})

test('what is no address, no plan of the service, or one too many is refused, with words for it', async () => {
  const refused = async (body: object) => (await house.ask('provider', 'POST', passes, body)).body.message
  expect(await refused({ email: 'nobody' })).toContain('"nobody" is no e-mail address')
  expect(await refused({ email: 'crew@herokumanager.com' })).toContain('no e-mail address that a person can have')
  expect(await refused({ email: 'ann@example.com', plan: 'huge' })).toBe(
    'fast-db has no plan "huge". See them with addons:plans fast-db.',
  )
  const { id } = await house.must('provider', 'GET', '/addon-services/fast-db')
  await house.pool.query(
    `insert into plan_passes (id, service_id, email, created_at)
    select gen_random_uuid(), $1, 'p' || n || '@example.com', now() from generate_series(1, $2) n`,
    [id, passesMax],
  )
  expect(await refused({ email: 'ann@example.com' })).toContain(`${passesMax} passes, which is the limit`)
  // One that is there already is no new one.
  await give('p7@example.com')
})

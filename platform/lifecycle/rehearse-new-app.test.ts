import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ProvidedHouse, providedHouse } from './test-provided.js'

let house: ProvidedHouse<'ann' | 'bob'>
const price = (cents: number) => ({ cents, unit: 'month' })

beforeAll(async () => {
  house = await providedHouse(['ann', 'bob'], { 'fast-db': {}, 'eu-db': { regions: ['eu', 'tokyo'] } })
  await house.putPlans('fast-db', [
    { name: 'mini', price: price(500), default: true },
    { name: 'local', price: price(900), regions: ['us'] },
  ])
})
afterAll(async () => {
  expect(house.faults).toEqual([])
  await house.end()
})

const rehearse = (body: object, who: 'ann' | 'bob' = 'ann') => house.ask(who, 'POST', '/actions/apps/rehearse', body)
const names = async (who: 'ann' | 'bob' = 'ann') =>
  (await house.must(who, 'GET', '/apps')).map(({ name }: { name: string }) => name)

test('what a new app would come with is said, and nothing of it is there afterwards', async () => {
  const asked = house.provider('fast-db').received.length
  const create = [{ plan: 'fast-db:mini', attachment: { name: 'MAIN' } }, { plan: 'eu-db:mini' }]
  const seen = await rehearse({ name: 'fresh', region: 'eu', create })
  expect(seen).toMatchObject({
    status: 200,
    body: {
      app: { name: 'fresh', region: { name: 'eu' } },
      config_vars: { added: ['FAST_DB_URL', 'MAIN_URL'], changed: [], removed: [] },
      overwrites: [],
      price: { cents: 1000, unit: 'month' },
    },
  })
  expect(seen.body.add_ons.map((one: Record<string, unknown>) => [one['id'], one['name'], one['attachment']])).toEqual([
    [null, null, 'MAIN'],
    [null, null, 'FAST_DB'],
  ])
  expect([await names(), house.provider('fast-db').received.length]).toEqual([[], asked])
  expect(await house.must('ann', 'GET', '/account/activity')).toEqual([])
  // A name that is made up is not told, because another one would be made up then.
  expect((await rehearse({ create: [{ plan: 'fast-db' }] })).body.app).toMatchObject({
    name: null,
    region: { name: 'us' },
  })
})

test('what stands in the way of the app is said as when it is made', async () => {
  await house.must('bob', 'POST', '/apps', { name: 'taken' })
  const words = async (body: object) => {
    const { status, body: said } = await rehearse({ create: [{ plan: 'fast-db:mini' }], ...body })
    return [status, said.message]
  }
  expect(await words({ name: 'taken' })).toEqual([422, 'Name taken is already taken. Choose another one.'])
  expect(await words({ name: 'X' })).toEqual([422, expect.stringContaining('Name must start with a letter')])
  expect(await words({ region: 'mars' })).toEqual([422, expect.stringContaining('Choose one of: us, eu.')])
  expect(await words({ create: [] })).toEqual([422, expect.stringContaining('create')])
  await house.must('bob', 'POST', '/teams', { name: 'crew' })
  expect((await words({ team: 'crew' }))[0]).toBe(404)
  await house.must('bob', 'POST', '/teams/crew/members', { email: 'ann@example.com', role: 'member' })
  expect((await words({ team: 'crew' }))[0]).toBe(200)
  await house.must('bob', 'POST', '/teams/crew/allowed-addon-services', { addon_service: 'eu-db' })
  expect(await words({ team: 'crew' })).toEqual([403, expect.stringContaining('crew does not allow fast-db')])
})

test('a service or a plan that is not offered in a region says where it is, for a new app and for one that is there', async () => {
  await house.must('ann', 'POST', '/apps', { name: 'in-us' })
  await house.must('ann', 'POST', '/apps', { name: 'in-eu', region: 'eu' })
  const service = 'eu-db is not available in region us; it is in eu. Choose another service, or an app that runs there.'
  const plan = expect.stringContaining('The plan fast-db:local is not sold in region eu; it is in us. ')
  for (const [app, region, order, said] of [
    ['in-us', 'us', 'eu-db', service],
    ['in-eu', 'eu', 'fast-db:local', plan],
  ] as const) {
    const ordered = await house.ask('ann', 'POST', `/apps/${app}/addons`, { plan: order })
    expect([ordered.status, ordered.body.message]).toEqual([422, said])
    expect(
      (await house.ask('ann', 'POST', `/apps/${app}/changes?dry_run=true`, { create: [{ plan: order }] })).body.message,
    ).toEqual(said)
    expect((await rehearse({ region, create: [{ plan: order }] })).body.message).toEqual(said)
    expect(await house.must('ann', 'GET', `/apps/${app}/addons`)).toEqual([])
  }
  expect((await house.must('ann', 'POST', '/apps/in-eu/addons', { plan: 'eu-db' })).state).toBe('provisioned')
})

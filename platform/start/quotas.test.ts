import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { requireRoom } from '../accounts/quotas.js'
import { writeQuotas } from '../accounts/quota-store.js'
import { transact } from '../db/db.js'
import { readOptions } from './options.js'
import { type House, testHouse } from './test-house.js'

// Each thing that is counted, made through its route until there is no more room.
let house: House<'ann' | 'bob' | 'operator'>
beforeAll(async () => {
  house = await testHouse(['ann', 'bob', 'operator'])
})
afterAll(async () => {
  expect(house.faults).toEqual([])
  await house.end()
})
beforeEach(async () => {
  await writeQuotas(house.db, {})
})

const quotaOf = async (name: string, who: 'ann' | 'bob' = 'ann') =>
  (await house.ask(who, 'GET', '/account/quotas')).body.find((one: { name: string }) => one.name === name)
/** Everybody may have `spare` more than ann has now. */
async function leave(
  name: 'apps' | 'add-ons' | 'dynos' | 'authorizations' | 'webhooks' | 'domains' | 'builds',
  spare: number,
) {
  await writeQuotas(house.db, { [name]: (await quotaOf(name)).used + spare })
}
const newApp = async (who: 'ann' | 'bob' = 'ann') => (await house.ask(who, 'POST', '/apps', {})).body

test('without a limit everybody has as much as they like', async () => {
  expect(await quotaOf('apps')).toEqual({ name: 'apps', limit: null, used: 0, is_own: false })
})

test('apps: the one too many is refused with what to do, and one that is destroyed makes room', async () => {
  await leave('apps', 1)
  const app = await newApp()
  const refused = await house.ask('ann', 'POST', '/apps', {})
  expect(refused).toMatchObject({ status: 422, body: { id: 'invalid_params' } })
  expect(refused.body.message).toBe(
    'ann@example.com has 1 of 1 app that it may have. Destroy one that is not used, or ask the operator for more.',
  )
  expect((await newApp('bob')).id).toBeDefined()
  await house.ask('ann', 'DELETE', `/apps/${app.name}`)
  expect((await house.ask('ann', 'POST', '/apps', {})).status).toBe(201)
})

test('of two that are made at once only one finds room', async () => {
  await leave('apps', 1)
  const answers = await Promise.all([1, 2, 3].map(() => house.ask('ann', 'POST', '/apps', {})))
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 422, 422])
})

test('add-ons: nothing is sent to the provider, and nothing is left of the order', async () => {
  await house.push('fast-db', 'ann')
  const app = await newApp()
  await house.addon('fast-db:mini', { id: app.id, ownerId: house.people.ann.id }, 'fast-db-1')
  await leave('add-ons', 0)
  const other = await newApp()
  const refused = await house.ask('ann', 'POST', `/apps/${other.name}/addons`, { plan: 'fast-db:mini' })
  expect(refused.status).toBe(422)
  expect(refused.body.message).toContain('has 1 of 1 add-on that it may have')
  expect((await house.ask('ann', 'GET', `/apps/${other.name}/addons`)).body).toEqual([])
  expect((await house.pool.query('select 1 from operations where app_id = $1', [other.id])).rows).toEqual([])
})

test('dynos: the sum counts, so one process may make room for another', async () => {
  const app = await newApp()
  const slug = randomUUID()
  const types = JSON.stringify({ web: 'a', worker: 'b' })
  await house.pool.query(
    `insert into slugs (id, app_id, process_types, stack, created_at, bytes) values ($1, $2, $3, 'mortise-24', now(), 1)`,
    [slug, app.id, types],
  )
  await leave('dynos', 3)
  expect((await house.ask('ann', 'POST', `/apps/${app.name}/releases`, { slug })).status).toBe(201)
  const scale = (updates: object[]) => house.ask('ann', 'PATCH', `/apps/${app.name}/formation`, { updates })
  expect((await quotaOf('dynos')).used).toBe(2)
  expect((await scale([{ type: 'web', quantity: 2 }])).status).toBe(200)
  const refused = await scale([{ type: 'worker', quantity: 5 }])
  expect([refused.status, refused.body.message]).toEqual([422, expect.stringContaining('has 3 of 3 dynos')])
  expect((await quotaOf('dynos')).used).toBe(3)
  expect(
    (
      await scale([
        { type: 'worker', quantity: 3 },
        { type: 'web', quantity: 0 },
      ])
    ).status,
  ).toBe(200)
})

test('dynos: a process type that appears when there is no room gets none, and the deploy goes on', async () => {
  const app = await newApp()
  await leave('dynos', 1)
  const slug = randomUUID()
  await house.pool.query(
    `insert into slugs (id, app_id, process_types, stack, created_at, bytes) values ($1, $2, $3, 'mortise-24', now(), 1)`,
    [slug, app.id, JSON.stringify({ web: 'a', worker: 'b' })],
  )
  expect((await house.ask('ann', 'POST', `/apps/${app.name}/releases`, { slug })).status).toBe(201)
  const formation = (await house.ask('ann', 'GET', `/apps/${app.name}/formation`)).body
  expect(formation.map((one: { quantity: number }) => one.quantity).sort()).toEqual([0, 1])
})

test('authorizations, webhooks and domains', async () => {
  const app = await newApp()
  const make = {
    authorizations: () => house.ask('ann', 'POST', '/oauth/authorizations', {}),
    webhooks: () =>
      house.ask('ann', 'POST', `/apps/${app.name}/webhooks`, {
        include: ['api:release'],
        level: 'notify',
        url: 'https://hooks.example/',
      }),
    domains: () =>
      house.ask('ann', 'POST', `/apps/${app.name}/domains`, {
        hostname: `${randomUUID()}.example.net`,
        sni_endpoint: null,
      }),
  } as const
  for (const name of ['authorizations', 'webhooks', 'domains'] as const) {
    await leave(name, 1)
    expect((await make[name]()).status, name).toBe(201)
    const refused = await make[name]()
    expect([refused.status, refused.body.message], name).toEqual([
      422,
      expect.stringMatching(/ask the operator for more\.$/),
    ])
  }
})

test('builds: those under way count, and another may be asked for in a while', async () => {
  const app = await newApp()
  const build = () =>
    house.ask('ann', 'POST', `/apps/${app.name}/builds`, { source_blob: { url: 'https://sources.example/a.tgz' } })
  await leave('builds', 1)
  expect((await build()).status).toBe(201)
  const refused = await build()
  expect([refused.status, refused.body.id, refused.headers['retry-after']]).toEqual([429, 'rate_limit', '30'])
  await house.pool.query(`update builds set status = 'failed' where app_id = $1`, [app.id])
  expect((await build()).status).toBe(201)
})

test('the set-up of an app counts as its build from the order on, and is refused as one', async () => {
  const setUp = (name: string) =>
    house.ask('ann', 'POST', '/app-setups', { app: { name }, source_blob: { url: 'https://sources.example/a.tgz' } })
  await leave('builds', 1)
  expect((await setUp('first-of-two')).status).toBe(202)
  const used = (await quotaOf('builds')).used
  const refused = await setUp('second-of-two')
  expect([refused.status, refused.body.id, refused.headers['retry-after']]).toEqual([429, 'rate_limit', '30'])
  expect(refused.body.message).toMatch(
    /^ann@example\.com has \d+ of \d+ builds? at a time that it may have\. Wait until one/,
  )
  expect((await house.ask('ann', 'GET', '/apps/second-of-two')).status).toBe(404)
  const app = await newApp()
  const build = () =>
    house.ask('ann', 'POST', `/apps/${app.name}/builds`, { source_blob: { url: 'https://sources.example/a.tgz' } })
  expect((await build()).status).toBe(429)
  expect((await house.ask('ann', 'DELETE', '/apps/first-of-two')).status).toBe(200)
  expect((await quotaOf('builds')).used).toBe(used - 1)
  expect((await build()).status).toBe(201)
})

test('the operator allows one account more, less, or without end, and takes it back', async () => {
  await writeQuotas(house.db, { apps: 0, domains: 7 })
  const set = (updates: object[], user = 'ann@example.com') =>
    house.ask('operator', 'PATCH', `/users/${user}/quotas`, { updates })
  expect((await house.ask('ann', 'POST', '/apps', {})).status).toBe(422)
  const more = await set([{ name: 'apps', limit: 1_000 }])
  expect(more.body.find((one: { name: string }) => one.name === 'apps')).toMatchObject({ limit: 1_000, is_own: true })
  expect((await house.ask('ann', 'POST', '/apps', {})).status).toBe(201)
  expect((await house.ask('bob', 'POST', '/apps', {})).status).toBe(422)
  await set([{ name: 'apps', limit: null }])
  expect(await quotaOf('apps')).toMatchObject({ limit: null, is_own: true })
  await set([{ name: 'apps' }])
  expect(await quotaOf('apps')).toMatchObject({ limit: 0, is_own: false })
  expect(await quotaOf('domains')).toMatchObject({ limit: 7 })
  expect((await set([{ name: 'apps', limit: 1 }, { name: 'apps' }])).status).toBe(422)
  expect((await set([{ name: 'apps', limit: 1 }], 'nobody@example.com')).status).toBe(404)
  expect(
    (await house.ask('ann', 'PATCH', '/users/ann@example.com/quotas', { updates: [{ name: 'apps', limit: 9 }] }))
      .status,
  ).toBe(403)
})

test("a team has quotas of its own, under the team's name", async () => {
  await house.ask('ann', 'POST', '/teams', { name: 'crew' })
  await house.ask('operator', 'PATCH', '/users/crew/quotas', { updates: [{ name: 'apps', limit: 1 }] })
  const made = () => house.ask('ann', 'POST', '/teams/apps', { team: 'crew' })
  expect((await made()).status).toBe(201)
  expect((await made()).body.message).toContain('crew has 1 of 1 app')
})

test('room is asked for in the transaction that makes: what is undone took none', async () => {
  await leave('apps', 1)
  const { db } = house
  const ownerId = house.people.ann.id
  const at = house.world.now()
  await expect(
    transact(db, async (tx) => {
      await requireRoom(tx, { ownerId, name: 'apps', at })
      throw new Error('given up')
    }),
  ).rejects.toThrow('given up')
  expect((await house.ask('ann', 'POST', '/apps', {})).status).toBe(201)
})

test('limits are said at the start', () => {
  const read = (args: string[], env = {}) => readOptions(args, env) as { quotas: object }
  expect(read([]).quotas).toEqual({})
  expect(read(['--quota', 'apps=5', '--quota', 'add-ons=20']).quotas).toEqual({ apps: 5, 'add-ons': 20 })
  expect(read([], { MORTISE_QUOTAS: 'apps=5, dynos=9' }).quotas).toEqual({ apps: 5, dynos: 9 })
  for (const wrong of ['apps', 'apps=-1', 'things=3', 'apps=1.5']) {
    expect(() => readOptions(['--quota', wrong], {})).toThrow('--quota takes NAME=N with one of apps, add-ons')
  }
})

import { afterAll, beforeAll, expect, test } from 'vitest'
import type { App } from '../apps/app.js'
import type { Addon } from './addon.js'
import { nearNames } from '../apps/near.js'
import { moveAddon } from './store.js'
import { type Marketplace, marketplace, type Person } from './test-addons.js'

let at: Marketplace
let shop: App
let blog: App
let database: Addon
let cache: Addon

// ann owns shop and its add-ons; bob works on shop; blog is bob's own, and the database is attached to it;
// eve works on blog only.
beforeAll(async () => {
  at = await marketplace()
  await at.push('fast-db')
  await at.push('cache-it')
  shop = await at.app('shop')
  blog = await at.app('blog', 'bob')
  await at.collaborate(blog, 'eve', ['view', 'deploy', 'operate', 'manage'])
  database = await at.addon('fast-db:mini', shop, { name: 'fast-db-round-1', as: 'DATABASE' })
  cache = await at.addon('cache-it:mini', shop, { name: 'cache-it-flat-2' })
  await at.attach(database.id, blog, 'SHOP_DB', 'FAST_DB')
})
afterAll(async () => {
  expect(at.faults).toEqual([])
  await at.end()
})

const names = (list: { name: string }[]) => list.map((one) => one.name).sort()
const resolve = (as: Person, body: object) => at.ask(as, 'POST', '/actions/addons/resolve', body)

test('an add-on is shown with its names, its price and a link that opens it', async () => {
  const { body } = await at.ask('ann', 'GET', '/apps/shop/addons/fast-db-round-1')
  expect(body).toMatchObject({
    id: database.id,
    app: { id: shop.id, name: 'shop' },
    addon_service: { name: 'fast-db' },
    plan: { name: 'fast-db:mini' },
    billed_price: { cents: 500, unit: 'month', contract: false },
    billing_entity: { name: 'shop', type: 'app' },
    config_vars: ['DATABASE_URL'],
    provision_message: '',
    state: 'provisioned',
    web_url: 'http://localhost:5055/sso/apps/shop/addons/fast-db-round-1',
  })
  expect(body.plan).not.toHaveProperty('price')
})

test('Accept-Expansion gives whole plans and services, and the billed price stays that of the order', async () => {
  const app = await at.app('grandfather')
  const addon = await at.addon('fast-db:standard-0', app)
  const price = (cents: number) => ({
    plans: [
      { name: 'mini', default: true, price: { cents: 500 } },
      { name: 'standard-0', price: { cents } },
    ],
  })
  await at.push('fast-db', price(9900))
  const expand = { 'accept-expansion': 'addon_service,plan' }
  const { body } = await at.ask('ann', 'GET', `/addons/${addon.id}`, undefined, expand)
  expect(body.plan).toMatchObject({ name: 'fast-db:standard-0', price: { cents: 9900 } })
  expect(body.billed_price.cents).toBe(5000)
  expect(body.addon_service).toMatchObject({ human_name: 'The fast-db', state: 'alpha' })
})

test('an add-on that is being made sets no names yet', async () => {
  const app = await at.app('waiting')
  const addon = await at.addon('fast-db:mini', app, { state: 'provisioning' })
  expect((await at.ask('ann', 'GET', `/addons/${addon.id}`)).body).toMatchObject({
    state: 'provisioning',
    config_vars: [],
    provider_id: '',
  })
})

test('the list of an app holds what is billed to it and what is attached from elsewhere', async () => {
  expect(names((await at.ask('ann', 'GET', '/apps/shop/addons')).body)).toEqual(['cache-it-flat-2', 'fast-db-round-1'])
  const foreign = (await at.ask('bob', 'GET', '/apps/blog/addons')).body
  expect(foreign).toMatchObject([{ name: 'fast-db-round-1', app: { name: 'shop' }, config_vars: ['DATABASE_URL'] }])
})

test('lists of all add-ons hold only those of the asker', async () => {
  expect(names((await at.ask('ann', 'GET', '/addons')).body)).toEqual(expect.arrayContaining(['fast-db-round-1']))
  expect((await at.ask('eve', 'GET', '/addons')).body).toEqual([])
  expect(names((await at.ask('ann', 'GET', '/users/~/addons')).body)).toContain('cache-it-flat-2')
  expect((await at.ask('eve', 'GET', '/users/ann@example.com/addons')).status).toBe(404)
  expect((await at.ask('operator', 'GET', '/addons')).body).toEqual([])
  const sudo = await at.ask('operator', 'GET', '/addons', undefined, { 'x-heroku-sudo': 'true' })
  expect(names(sudo.body)).toContain('fast-db-round-1')
})

test("a provider's token lists its own service's add-ons, sees each, and no other", async () => {
  const token = await at.grant(database.id)
  const list = (await at.ask({ token }, 'GET', '/addons')).body as { addon_service: { name: string } }[]
  expect(list.length).toBeGreaterThan(1)
  expect(new Set(list.map((one) => one.addon_service.name))).toEqual(new Set(['fast-db']))
  expect((await at.ask({ token }, 'GET', `/addons/${database.id}`)).status).toBe(200)
  expect((await at.ask({ token }, 'GET', `/apps/shop/addons/fast-db-round-1`)).status).toBe(200)
  expect((await at.ask({ token }, 'GET', `/addons/${cache.id}`)).body).toMatchObject({
    id: 'not_found',
    resource: 'add_on',
  })
  expect(names((await at.ask({ token }, 'GET', '/apps/shop/addons')).body)).toEqual(['fast-db-round-1'])
  expect((await at.ask({ token }, 'GET', `/apps/shop/addons/${database.id}/sso`)).status).toBe(403)
})

test.each([
  ['ann', '/addons/fast-db-round-1', 200],
  ['ann', '/apps/shop/addons/DATABASE', 200],
  ['ann', '/apps/shop/addons/database', 200],
  ['ann', '/addons/shop%3A%3ADATABASE', 200],
  ['ann', '/addons/DATABASE', 404],
  ['ann', '/addons/fast-db-round', 404],
  ['eve', '/addons/fast-db-round-1', 200],
  ['eve', '/apps/blog/addons/SHOP_DB', 200],
  ['eve', '/apps/blog/addons/fast-db-round-1', 200],
  ['eve', '/apps/blog/addons/cache-it-flat-2', 404],
  ['eve', '/addons/cache-it-flat-2', 404],
  ['eve', '/apps/shop/addons/fast-db-round-1', 200],
  ['operator', '/addons/fast-db-round-1', 404],
] as const)('%s asks for %s and gets %i', async (as, url, status) => {
  expect((await at.ask(as, 'GET', url)).status).toBe(status)
})

test('an app that the asker may not see is not told apart from one that is not there', async () => {
  const hidden = await at.ask('eve', 'GET', '/apps/shop/addons/cache-it-flat-2')
  const missing = await at.ask('eve', 'GET', '/apps/none/addons/cache-it-flat-2')
  expect(hidden.body).toEqual({ id: 'not_found', message: "Couldn't find that app.", resource: 'app' })
  expect(missing.body).toEqual(hidden.body)
})

test('a failed add-on can be read by id and name for 72 hours, and no longer', async () => {
  const app = await at.app('unlucky')
  const addon = await at.addon('fast-db:mini', app, { name: 'fast-db-failed-9', state: 'provisioning' })
  await at.db.transaction().execute((tx) =>
    moveAddon(tx, addon.id, ['provisioning'], 'deprovisioned', {
      message: 'No room.',
      failed: true,
      at: at.world.now(),
    }),
  )
  for (const url of ['/addons/fast-db-failed-9', `/apps/unlucky/addons/${addon.id}`]) {
    expect((await at.ask('ann', 'GET', url)).body).toMatchObject({
      state: 'deprovisioned',
      provision_message: 'No room.',
    })
  }
  expect((await at.ask('ann', 'GET', '/apps/unlucky/addons')).body).toEqual([])
  expect((await at.ask('ann', 'GET', `/apps/unlucky/addons/${addon.id}/sso`)).status).toBe(404)
  at.clock.aheadMs = 73 * 3_600_000
  expect((await at.ask('ann', 'GET', '/addons/fast-db-failed-9')).status).toBe(404)
  at.clock.aheadMs = 0
})

test('resolving reads an id, a name, an attachment, a slug and a plan, each exactly', async () => {
  for (const addon of [database.id, 'fast-db-round-1', 'DATABASE', 'shop::DATABASE']) {
    expect(names((await resolve('ann', { addon, app: null })).body), addon).toEqual(['fast-db-round-1'])
  }
  expect(names((await resolve('ann', { addon: 'fast-db', app: 'shop' })).body)).toEqual(['fast-db-round-1'])
  expect(names((await resolve('ann', { addon: 'cache-it:mini' })).body)).toEqual(['cache-it-flat-2'])
  expect((await resolve('ann', { addon: 'fast-db' })).body.length).toBeGreaterThan(1)
  expect(names((await resolve('eve', { addon: 'SHOP_DB', app: 'blog' })).body)).toEqual(['fast-db-round-1'])
  for (const addon of ['DATA', 'fast', 'fast-db-round', 'ATABASE']) {
    expect((await resolve('ann', { addon, app: 'shop' })).status, addon).toBe(404)
  }
})

test('a name that leads elsewhere is found from the wrong app, so that the client can say where it is', async () => {
  expect((await resolve('ann', { addon: 'fast-db-round-1', app: 'waiting' })).body).toMatchObject([
    { app: { name: 'shop' } },
  ])
  expect((await resolve('ann', { addon: 'DATABASE', app: 'waiting' })).status).toBe(404)
})

test('a service beside it narrows', async () => {
  expect((await resolve('ann', { addon: 'DATABASE', addon_service: 'cache-it' })).status).toBe(404)
  expect((await resolve('ann', { addon: 'DATABASE', addon_service: 'fast-db' })).status).toBe(200)
})

test('what is not found says what was looked for and what is near, with its app', async () => {
  const { body } = await resolve('ann', { addon: 'fast-db-rond-1', app: 'shop' })
  expect(body).toMatchObject({ id: 'not_found', resource: 'add_on' })
  expect(body.message).toMatch(
    /^Couldn't find that add-on\. Looked for "fast-db-rond-1" on shop.*fast-db-round-1 \(on shop\)/,
  )
  // Eve sees the database through blog, and no name of what she may not see.
  expect((await resolve('eve', { addon: 'cache-it-flat-3' })).body.message).not.toMatch(/cache-it-flat-2/)
  expect((await resolve('ann', { addon: 'x', app: 'none' })).body).toMatchObject({ resource: 'app' })
})

test('near names are few and near', () => {
  const all = ['postgresql-curved-12345', 'postgresql-round-9', 'redis-flat-1']
  expect(nearNames('postgresql-curvd-12345', all)[0]).toBe('postgresql-curved-12345')
  expect(nearNames('postgresql', all)).toEqual(['postgresql-curved-12345', 'postgresql-round-9'])
  expect(nearNames('kafka', all)).toEqual([])
  expect(nearNames('x'.repeat(5000), ['y'.repeat(5000)])).toEqual([])
})

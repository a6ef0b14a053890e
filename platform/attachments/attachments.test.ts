import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Addon } from '../addons/addon.js'
import { type Marketplace, marketplace, type Person } from '../addons/test-addons.js'

let at: Marketplace
let database: Addon
let foreignId: string

beforeAll(async () => {
  at = await marketplace()
  await at.push('fast-db')
  await at.push('cache-it')
  const shop = await at.app('shop')
  const blog = await at.app('blog', 'bob')
  await at.collaborate(blog, 'eve', ['view'])
  database = await at.addon('fast-db:mini', shop, { name: 'fast-db-round-1', as: 'DATABASE' })
  await at.addon('cache-it:mini', shop, { as: 'CACHE' })
  foreignId = await at.attach(database.id, blog, 'SHOP_DB', 'FAST_DB')
})
afterAll(async () => {
  expect(at.faults).toEqual([])
  await at.end()
})

const names = (list: { name: string }[]) => list.map((one) => one.name).sort()
const include = { 'accept-inclusion': 'addon:plan,config_vars' }
const resolve = (as: Person, body: object) => at.ask(as, 'POST', '/actions/addon-attachments/resolve', body)

test('an attachment names its app, its add-on and the app that pays', async () => {
  const { body } = await at.ask('bob', 'GET', '/apps/blog/addon-attachments/shop_db')
  expect(body).toMatchObject({
    id: foreignId,
    name: 'SHOP_DB',
    namespace: null,
    app: { name: 'blog' },
    addon: { id: database.id, name: 'fast-db-round-1', app: { name: 'shop' } },
    web_url: 'http://localhost:5055/sso/apps/blog/addons/fast-db-round-1',
  })
  expect(body).not.toHaveProperty('config_vars')
  expect(body.addon).not.toHaveProperty('plan')
})

test('Accept-Inclusion adds the plan and the names that it sets in this app', async () => {
  for (const url of ['/apps/blog/addon-attachments', `/addons/${database.id}/addon-attachments`]) {
    const { body } = await at.ask('bob', 'GET', url, undefined, include)
    expect(body, url).toMatchObject([{ config_vars: ['SHOP_DB_URL'], addon: { plan: { name: 'fast-db:mini' } } }])
  }
})

test('lists hold only attachments in apps that the asker may see', async () => {
  expect(names((await at.ask('ann', 'GET', '/addon-attachments')).body)).toEqual(['CACHE', 'DATABASE'])
  expect(names((await at.ask('eve', 'GET', '/addon-attachments')).body)).toEqual(['SHOP_DB'])
  expect(names((await at.ask('ann', 'GET', '/addons/fast-db-round-1/addon-attachments')).body)).toEqual(['DATABASE'])
  const token = await at.grant(database.id)
  const provider = await at.ask({ token }, 'GET', `/addons/${database.id}/addon-attachments`)
  expect(names(provider.body)).toEqual(['DATABASE', 'SHOP_DB'])
})

test('an attachment is found by id, or from its app by name; elsewhere there is none', async () => {
  expect((await at.ask('eve', 'GET', `/addon-attachments/${foreignId}`)).body.name).toBe('SHOP_DB')
  expect((await at.ask('eve', 'GET', '/addon-attachments/blog%3A%3ASHOP_DB')).body.id).toBe(foreignId)
  const unseen = await at.ask('ann', 'GET', `/addon-attachments/${foreignId}`)
  expect([unseen.status, unseen.body.resource]).toEqual([404, 'add_on attachment'])
  expect((await at.ask('ann', 'GET', '/apps/shop/addon-attachments/SHOP_DB')).status).toBe(404)
})

test('resolving reads an id, a name, and on an app the name of a config var, each exactly', async () => {
  for (const wanted of ['DATABASE', 'database', 'shop::DATABASE']) {
    expect(names((await resolve('ann', { addon_attachment: wanted })).body), wanted).toEqual(['DATABASE'])
  }
  expect(names((await resolve('ann', { addon_attachment: 'DATABASE_URL', app: 'shop' })).body)).toEqual(['DATABASE'])
  expect((await resolve('eve', { addon_attachment: foreignId, app: null })).body).toHaveLength(1)
  expect((await resolve('ann', { addon_attachment: 'DATABASE', addon_service: 'cache-it' })).status).toBe(404)
  const missing = await resolve('ann', { addon_attachment: 'DATABSE', app: 'shop' })
  expect(missing.body).toMatchObject({ id: 'not_found', resource: 'add_on attachment' })
  expect(missing.body.message).toMatch(/Looked for "DATABSE" on shop\. Did you mean DATABASE\?/)
})

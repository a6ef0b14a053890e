import { decodeNavData, encodeNavData } from '@mortise/contract/partner-api/nav-data'
import { resourceToken, ssoToken, userScopedResourceToken } from '@mortise/contract/partner-api/sso'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Addon } from '../addons/addon.js'
import { type Marketplace, marketplace, type Person } from '../addons/test-addons.js'
import type { App } from '../apps/app.js'
import type { Service } from '../catalog/service.js'
import { eventsOf } from '../events/store.js'
import { herokuId } from '../partner/client.js'
import { readExtra } from './extra.js'
import { navDataBytesMax, navDataOf } from './nav-data.js'

let at: Marketplace
let database: Addon
let scoped: Addon
const salt = 'the-salt-of-32-random-characters'
let shop: App
const page = '/sso/apps/shop/addons/fast-db-round-1'

beforeAll(async () => {
  at = await marketplace()
  await at.push('fast-db', { name: 'Fast & <Good> DB' })
  await at.push('scoped-db', {}, 'ann', { sso: 'user_scoped' })
  await at.push('plain-db', {}, 'ann', { production: { base_url: 'http://localhost:5061/heroku/resources' } })
  await at.push('query-db', {}, 'ann', { production: 'http://localhost:5062/' })
  await at.push('saltless-db', {}, 'ann', { sso_salt: '' })
  shop = await at.app('shop')
  const blog = await at.app('blog', 'bob')
  await at.collaborate(shop, 'bob', ['view'])
  await at.collaborate(blog, 'eve', ['view'])
  database = await at.addon('fast-db:mini', shop, { name: 'fast-db-round-1', as: 'DATABASE' })
  scoped = await at.addon('scoped-db:mini', shop, { name: 'scoped-db-1' })
  await at.addon('plain-db:mini', shop, { name: 'plain-db-1' })
  await at.addon('query-db:mini', shop, { name: 'query-db-1' })
  await at.addon('saltless-db:mini', shop, { name: 'saltless-db-1' })
  await at.attach(database.id, blog, 'SHOP_DB', 'FAST_DB')
})
afterAll(async () => {
  expect(at.faults).toEqual([])
  await at.end()
})

const sso = (as: Person, addon: string, app = 'shop') => at.ask(as, 'GET', `/apps/${app}/addons/${addon}/sso`)
const open = (as: Person | null, url: string) => at.ask(as === null ? null : { cookie: as }, 'GET', url)
/** The fields of the form on a page, as a browser would send them. */
const fieldsOf = (html: string) =>
  Object.fromEntries(
    [...html.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)].map(([, name, value]) => [name, value]),
  )

test('all three tokens are sent with what each of them covers', async () => {
  const { body, headers } = await sso('ann', 'fast-db-round-1')
  const { ann } = at.people
  const { timestamp } = body.params
  expect(Math.abs(Number(timestamp) - Date.now() / 1000)).toBeLessThan(5)
  expect(body).toMatchObject({ method: 'post', action: 'http://localhost:5060/heroku/sso' })
  expect(body.params).toEqual({
    id: database.providerId,
    token: ssoToken({ id: database.providerId ?? '', salt, timestamp }),
    resource_id: database.id,
    resource_token: resourceToken({ resourceId: database.id, salt, timestamp }),
    user_scoped_resource_token: userScopedResourceToken({
      resourceId: database.id,
      salt,
      timestamp,
      userId: ann.id,
      email: ann.email,
    }),
    timestamp,
    'nav-data': expect.any(String),
    email: 'ann@example.com',
    user_id: ann.id,
    app: 'shop',
    context_app: 'shop',
  })
  expect(headers['cache-control']).toBe('no-store')
})

test('a service that asks for the user-scoped token gets that one only', async () => {
  const { params } = (await sso('ann', 'scoped-db-1')).body
  expect(params).not.toHaveProperty('token')
  expect(params).not.toHaveProperty('resource_token')
  expect(params).toMatchObject({ resource_id: scoped.id, id: scoped.providerId, email: 'ann@example.com' })
  expect(params.user_scoped_resource_token).toMatch(/^[0-9a-f]{64}$/)
})

test('the token is made at the click, and an earlier one is never handed out again', async () => {
  const first = (await sso('ann', 'fast-db-round-1')).body.params
  at.clock.aheadMs = 301_000
  const later = (await sso('ann', 'fast-db-round-1')).body.params
  at.clock.aheadMs = 0
  expect(Number(later.timestamp) - Number(first.timestamp)).toBeGreaterThanOrEqual(300)
  expect(later.user_scoped_resource_token).not.toBe(first.user_scoped_resource_token)
})

test('the nav header is told the app and its add-ons, with this one marked', async () => {
  const data = decodeNavData((await sso('ann', 'fast-db-round-1')).body.params['nav-data'])
  expect(data).toMatchObject({ addon: 'Fast & <Good> DB', appname: 'shop' })
  expect(data?.addons).toHaveLength(5)
  expect(data?.addons.filter((one) => one.current)).toEqual([
    { slug: 'fast-db', name: 'fast-db-round-1', current: true },
  ])
})

test('older services are opened by GET at their resource, and some have nothing to open', async () => {
  const query = (await sso('ann', 'query-db-1')).body
  expect(query).toMatchObject({ method: 'get', params: { email: 'ann@example.com' } })
  expect(query.action).toMatch(/^http:\/\/localhost:5062\/heroku\/resources\/[0-9a-f-]{36}$/)
  expect(query.params).not.toHaveProperty('id')
  expect((await sso('ann', 'plain-db-1')).body).toMatchObject({ id: 'invalid_params', message: /no dashboard/ })
  expect((await sso('ann', 'saltless-db-1')).body.message).toMatch(/not set up single sign-on/)
})

test('members of the billing app may open it; those who only share it through their own app may not', async () => {
  expect((await sso('bob', 'fast-db-round-1')).status).toBe(200)
  const viaBlog = await sso('bob', 'SHOP_DB', 'blog')
  expect(viaBlog.body.params).toMatchObject({ app: 'shop', context_app: 'blog', email: 'bob@example.com' })
  const eve = await sso('eve', 'SHOP_DB', 'blog')
  expect([eve.status, eve.body.id]).toEqual([403, 'forbidden'])
  expect((await sso('eve', 'scoped-db-1')).status).toBe(404)
  expect((await open('eve', '/sso/apps/blog/addons/SHOP_DB')).status).toBe(403)
})

test('only what is ready, or taken in by the provider, can be opened', async () => {
  const app = await at.app('early')
  const addon = await at.addon('fast-db:mini', app, { name: 'fast-db-early', state: 'provisioning' })
  const asked = await sso('ann', 'fast-db-early', 'early')
  expect([asked.status, asked.body.message]).toEqual([422, expect.stringContaining('still being created')])
  const html = await open('ann', '/sso/apps/early/addons/fast-db-early')
  expect([html.status, html.text]).toEqual([422, expect.stringContaining('still being created')])
  await at.pool.query(
    `insert into operations (id, saga, subject, actor, params, step, state, next_at, created_at, updated_at)
     values (gen_random_uuid(), 'provision', $1, '{}', '{}', 'ask', 'parked', now(), now(), now())`,
    [addon.id],
  )
  const parked = await sso('ann', 'fast-db-early', 'early')
  expect(parked.status).toBe(200)
  expect(parked.body.params).not.toHaveProperty('token')
  expect(parked.body.params).toHaveProperty('resource_token')
})

test('the page submits itself to the provider, and may send its form nowhere else', async () => {
  const { status, text, headers } = await open('ann', `${page}?table=users`)
  expect(status).toBe(200)
  expect(headers).toMatchObject({
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'x-frame-options': 'DENY',
    'content-security-policy':
      "default-src 'none'; style-src 'self'; script-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action http://localhost:5060",
  })
  expect(text).toContain('<form method="post" action="http://localhost:5060/heroku/sso">')
  expect(text).toContain('<button type="submit">Open Fast &#38; &#60;Good&#62; DB</button>')
  expect(text).toContain('<script src="/sso/submit.js" defer>')
  expect(text).not.toMatch(/<script>|style=|onload/)
  const fields = fieldsOf(text)
  expect(fields).toMatchObject({ table: 'users', resource_id: database.id, context_app: 'shop' })
  expect(fields['resource_token']).toBe(
    resourceToken({ resourceId: database.id, salt, timestamp: fields['timestamp'] ?? '' }),
  )
  expect(at.audit.at(-1)).toContain(`account ${at.people.ann.id} opened add-on ${database.id}`)
  expect(at.audit.join()).not.toContain(fields['resource_token'])
  const script = await open(null, '/sso/submit.js')
  expect([script.status, String(script.headers['content-type'])]).toEqual([200, expect.stringContaining('javascript')])
  expect((await open(null, '/sso/page.css')).headers['content-type']).toContain('text/css')
})

test('a deep link sets nothing that the platform vouches for, and its values are only text', async () => {
  const link = `${page}?email=eve%40example.com&Resource_ID=x&user_id=1&action=drop&nav-data=e&submit=1&__proto__=p&q=%22%3E%3Cscript%3E`
  const { status, text } = await open('ann', link)
  expect(status).toBe(200)
  expect(fieldsOf(text)).toMatchObject({ email: 'ann@example.com', resource_id: database.id, submit: '1' })
  expect(text).not.toMatch(/eve@|drop|<script>/)
  expect(text).toContain('name="q" value="&#34;&#62;&#60;script&#62;"')
  const many = Array.from({ length: 21 }, (_, index) => `k${index}=1`).join('&')
  expect((await open('ann', `${page}?${many}`)).status).toBe(400)
  expect((await open('ann', `${page}?k=${'x'.repeat(1025)}`)).status).toBe(400)
})

test('every opening is a fact of the audit trail: who, what, from which app, and no token', async () => {
  const before = (await eventsOf(at.db, scoped.id)).length
  const answer = await sso('ann', 'scoped-db-1')
  await open('ann', '/sso/apps/shop/addons/scoped-db-1?report=7')
  await open('eve', '/sso/apps/shop/addons/scoped-db-1')
  const facts = (await eventsOf(at.db, scoped.id)).slice(before)
  expect(facts).toMatchObject([
    {
      ...{ action: 'create', resource: 'sign-on', actor: { email: 'ann@example.com' } },
      data: { name: 'scoped-db-1', service: 'scoped-db', app: 'shop' },
    },
    { actor: { email: 'ann@example.com' } },
  ])
  expect(JSON.stringify(facts)).not.toContain(answer.body.params.user_scoped_resource_token)
})

test("a plan's actions are the add-on's, and what was clicked goes into the form; nothing else can get there", async () => {
  const actions = [
    { label: 'Make a backup', action: 'backup' },
    { label: 'Drop all', action: 'drop-all', requires_owner: true },
    { label: 'Read on', url: 'https://docs.example.com/?of=:resource_id' },
  ]
  await at.push('acting-db', { plans: [{ name: 'mini', default: true, actions }] })
  const acting = await at.addon('acting-db:mini', shop, { name: 'acting-db-1' })
  const { body } = await at.ask('ann', 'GET', `/addons/${acting.id}`)
  expect(body.actions).toMatchObject([
    { label: 'Make a backup', action: 'backup', url: null, requires_owner: false },
    { label: 'Drop all', action: 'drop-all', url: null, requires_owner: true },
    { label: 'Read on', action: null, url: `https://docs.example.com/?of=${acting.id}`, requires_owner: false },
  ])
  expect(new Set(body.actions.map(({ id }: { id: string }) => id)).size).toBe(3)
  // The same by the page and by the API.
  const link = '/sso/apps/shop/addons/acting-db-1'
  expect(fieldsOf((await open('bob', `${link}?action=backup&k=1`)).text)).toMatchObject({ action: 'backup', k: '1' })
  const api = '/apps/shop/addons/acting-db-1/sso'
  expect((await at.ask('bob', 'GET', `${api}?action=backup`)).body.params).toMatchObject({ action: 'backup' })
  expect((await at.ask('bob', 'GET', api)).body.params).not.toHaveProperty('action')
  // Not for whoever only works on the app.
  const refused = await open('bob', `${link}?action=drop-all`)
  expect([refused.status, fieldsOf(refused.text)]).toEqual([403, {}])
  expect((await at.ask('bob', 'GET', `${api}?action=drop-all`)).status).toBe(403)
  expect(fieldsOf((await open('ann', `${link}?action=drop-all`)).text)).toMatchObject({ action: 'drop-all' })
  expect((await eventsOf(at.db, acting.id)).at(-1)?.data).toMatchObject({ action: 'drop-all' })
  // What nobody declared: a link is opened without it, a client is told.
  expect(fieldsOf((await open('ann', `${link}?action=nothing`)).text)).not.toHaveProperty('action')
  expect((await at.ask('ann', 'GET', `${api}?action=nothing`)).body.message).toBe(
    'acting-db:mini has no action "nothing".',
  )
  // Another plan has other actions.
  await at.push('acting-db', { plans: [{ name: 'mini', default: true }] })
  expect((await at.ask('ann', 'GET', `/addons/${acting.id}`)).body.actions).toEqual([])
})

test('actions that can not work are refused at the push, or left out with a warning', async () => {
  const push = (...actions: object[]) => at.push('failing-db', { plans: [{ name: 'mini', default: true, actions }] })
  await expect(push({ label: 'Go', url: 'javascript:alert(1)' })).rejects.toThrow(
    /must be a link that begins with https/,
  )
  await expect(push({ label: 'Go', action: 'two words' })).rejects.toThrow(/must be letters, digits/)
  await expect(push({ label: 'A', action: 'x' }, { label: 'B', action: 'x' })).rejects.toThrow(
    /two actions of one name/,
  )
  await expect(push(...Array.from({ length: 11 }, (_, n) => ({ label: 'A', action: `a${n}` })))).rejects.toThrow(
    /more than 10/,
  )
  const { manifest, warnings } = await push({ label: 'Go' }, { action: 'nameless' })
  expect([manifest.plans[0]?.actions, warnings.filter((one) => /is left out/.test(one)).length]).toEqual([undefined, 2])
})

test('keys: twenty fit, the first of a name counts, reserved ones are not counted', () => {
  const twenty = Array.from({ length: 20 }, (_, index): [string, string] => [`k${index}`, '1'])
  expect(readExtra(new URLSearchParams([...twenty, ['email', 'x'], ['k1', '2']]))).toEqual(new Map(twenty))
})

test('a browser that is not signed in is sent to sign in, and back with what it came with', async () => {
  const { status, headers } = await open(null, `${page}?table=users`)
  expect(status).toBe(302)
  expect(headers['location']).toBe(`/sign-in?return_to=${encodeURIComponent(`${page}?table=users`)}`)
})

test('what is not there, or not for this person, is said on a page without a script', async () => {
  for (const [as, url] of [
    ['ann', '/sso/apps/shop/addons/none-1'],
    ['ann', '/sso/apps/none/addons/fast-db-round-1'],
    ['eve', page.replace('fast-db-round-1', 'scoped-db-1')],
    ['ann', '/sso/apps/shop/attachments/NONE'],
    ['ann', '/myapps/app1@heroku.com/addons/fast-db'],
  ] as const) {
    const { status, text, headers } = await open(as, url)
    expect(status, url).toBe(404)
    expect(text).toContain('Nothing to open here')
    expect(headers['content-security-policy']).toContain("form-action 'none'")
    expect(headers['content-security-policy']).not.toContain('script-src')
  }
})

test('the other spellings lead to the same add-on: attachment, slug, plan, and the addresses of old', async () => {
  for (const url of [
    '/sso/apps/shop/attachments/DATABASE',
    '/sso/apps/shop/addons/DATABASE',
    '/sso/apps/shop/addons/fast-db',
    '/sso/apps/shop/addons/fast-db:mini',
    `/sso/apps/shop/addons/${database.id}`,
    `/myapps/${encodeURIComponent(herokuId(shop.number))}/addons/fast-db`,
    '/myapps/shop/addons/fast-db-round-1',
  ]) {
    const { status, text } = await open('ann', url)
    expect([status, fieldsOf(text)['resource_id']], url).toEqual([200, database.id])
  }
})

test('a slug that means several add-ons gives a choice, and keeps what the link carried', async () => {
  const app = await at.app('double')
  await at.addon('fast-db:mini', app, { name: 'one-db', as: 'ONE' })
  await at.addon('fast-db:mini', app, { name: 'two-db', as: 'TWO' })
  const { status, text } = await open('ann', '/sso/apps/double/addons/fast-db?a=1&b=2')
  expect(status).toBe(300)
  expect(text).toContain('href="http://localhost:5055/sso/apps/double/addons/one-db?a=1&#38;b=2"')
  expect(text).toContain('two-db')
})

test('what the nav header is told fits into a cookie, however many add-ons there are', () => {
  const service = { humanName: 'Fast DB' } as Service
  const many = Array.from({ length: 300 }, (_, index) => {
    const number = String(index).padStart(3, '0')
    return {
      id: number,
      name: `postgresql-curved-${number}`,
      serviceId: 's',
      serviceName: 'mortise-postgresql',
    } as Addon
  })
  const last = many[299] as Addon
  const icons = new Map([['s', `https://example.com/${'i'.repeat(500)}.png`]])
  const data = navDataOf({ addon: last, service }, 'shop', many, icons)
  expect(data.length).toBeLessThanOrEqual(navDataBytesMax)
  const { addons } = decodeNavData(data) ?? { addons: [] }
  expect(addons.length).toBeGreaterThan(10)
  expect(addons.filter((one) => one.current)).toMatchObject([{ name: last.name }])
  // Its twin: unbounded, it would not have fitted.
  expect(
    encodeNavData({
      addon: 'Fast DB',
      appname: 'shop',
      addons: many.map((one) => ({ slug: one.serviceName, name: one.name })),
    }).length,
  ).toBeGreaterThan(4096)
})

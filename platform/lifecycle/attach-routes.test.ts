import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { insertCredential } from '../addons/credential-store.js'
import { transact } from '../db/db.js'
import { type ProvidedHouse, providedHouse, value } from './test-provided.js'

let house: ProvidedHouse<'ann' | 'bob' | 'eve'>
let number = 0
let shop = ''
let blog = ''

beforeAll(async () => {
  house = await providedHouse(['ann', 'bob', 'eve'], {
    'fast-db': {},
    'plain-db': {},
    'lonely-db': { requires: [] },
  })
})
afterAll(async () => {
  expect(house.faults).toEqual([])
  await house.end()
})
beforeEach(async () => {
  number++
  shop = `shop-${number}`
  blog = `blog-${number}`
  for (const name of [shop, blog]) await must('ann', 'POST', '/apps', { name })
})

const must = (...asked: Parameters<typeof house.must>) => house.must(...asked)
const vars = (app: string) => must('ann', 'GET', `/apps/${app}/config-vars`)
const newest = async (app: string) => (await must('ann', 'GET', `/apps/${app}/releases`)).at(-1)
const create = (app: string, plan: string, more: object = {}) =>
  house.ask('ann', 'POST', `/apps/${app}/addons`, { plan, ...more })
const attach = (addon: string, app: string, more: object = {}, who: 'ann' | 'bob' | 'eve' = 'ann') =>
  house.ask(who, 'POST', '/addon-attachments', { addon: { name: addon }, app: { name: app }, ...more })
const named = async (app: string) =>
  (await must('ann', 'GET', `/apps/${app}/addon-attachments`)).map((one: { name: string }) => one.name).sort()

describe('names', () => {
  test('the prefix, then a colour for each further one, of any service; --as decides', async () => {
    await create(shop, 'fast-db:mini')
    await create(shop, 'plain-db:mini')
    await create(shop, 'fast-db:mini', { attachment: { name: 'main-db' } })
    const [first, second, third] = await named(shop)
    expect([first, third]).toEqual(['FAST_DB', 'MAIN_DB'])
    expect(second).toMatch(/^FAST_DB_[A-Z]+$/)
    expect(await vars(shop)).toEqual({ FAST_DB_URL: value, [`${second}_URL`]: value, MAIN_DB_URL: value })
  })

  test('a name that can not be, or that would let an add-on run code, is refused with the way out', async () => {
    for (const [name, words] of [
      ['1ST', 'starts with a letter'],
      ['A B', 'starts with a letter'],
      ['LD', 'LD_URL'],
    ] as const) {
      const answer = await create(shop, 'fast-db:mini', { attachment: { name } })
      expect([answer.status, answer.body.message]).toEqual([422, expect.stringContaining(words)])
    }
    expect(await named(shop)).toEqual([])
  })

  test('one per app means one per app', async () => {
    const first = (await create(shop, 'lonely-db:mini')).body
    const second = await create(shop, 'lonely-db:mini')
    expect([second.status, second.body.message]).toEqual([422, expect.stringContaining(first.name)])
    expect(second.body.message).toContain('addons:upgrade')
  })
})

describe('sharing', () => {
  test('an app gets the values of an add-on that another app pays for, with a release', async () => {
    const addon = (await create(shop, 'fast-db:mini')).body
    const made = await attach(addon.name, blog)
    expect(made.body).toMatchObject({
      name: 'FAST_DB',
      app: { name: blog },
      addon: { id: addon.id, app: { name: shop } },
      namespace: null,
    })
    expect(await vars(blog)).toEqual({ FAST_DB_URL: value })
    expect((await newest(blog)).description).toBe(`Attach FAST_DB (@ref:${addon.name})`)
    const detached = await house.ask('ann', 'DELETE', `/addon-attachments/${made.body.id}`)
    expect([detached.status, detached.body.id]).toEqual([200, made.body.id])
    expect([await vars(blog), (await newest(blog)).description]).toEqual([{}, `Detach FAST_DB (@ref:${addon.name})`])
  })

  test('what its provider keeps for one app is not shared', async () => {
    const addon = (await create(shop, 'lonely-db:mini')).body
    const refused = await attach(addon.name, blog)
    expect([refused.status, refused.body.message]).toEqual([422, expect.stringContaining("can't be shared")])
    expect((await attach(addon.name, shop, { name: 'ALSO' })).status).toBe(201)
  })

  test('an add-on is named by name, id, app::NAME, or by its name on the app', async () => {
    const addon = (await create(shop, 'fast-db:mini', { attachment: { name: 'MAIN' } })).body
    let count = 0
    for (const identity of [addon.name, addon.id, `${shop}::MAIN`]) {
      expect((await attach(identity, blog, { name: `DB${++count}` })).status).toBe(201)
      expect((await house.ask('ann', 'GET', `/addons/${encodeURIComponent(identity)}`)).body.id).toBe(addon.id)
    }
    expect((await attach('MAIN', shop, { name: 'AGAIN' })).status).toBe(201)
    expect((await attach('MAIN', blog)).status).toBe(404)
  })

  test('the app that pays keeps one, even confirmed', async () => {
    const addon = (await create(shop, 'fast-db:mini')).body
    const [only] = await must('ann', 'GET', `/addons/${addon.name}/addon-attachments`)
    const kept = await house.ask('ann', 'DELETE', `/addon-attachments/${only.id}`)
    expect([kept.status, kept.body.message]).toEqual([
      422,
      expect.stringContaining('Cannot destroy last attachment to billing app.'),
    ])
    expect(kept.body.message).toContain('attach it once more first')
    const other = (await create(shop, 'fast-db:mini', { attachment: { name: 'OTHER' } })).body
    const over = await attach(other.name, shop, { name: 'FAST_DB', confirm: shop })
    expect([over.status, over.body.message]).toEqual([422, expect.stringContaining('Cannot destroy last attachment')])
    expect(await named(shop)).toEqual(['FAST_DB', 'OTHER'])
  })
})

describe('what would be overwritten', () => {
  test('is named first on create and on attach, and nothing happens until it is confirmed', async () => {
    const addon = (await create(shop, 'fast-db:mini')).body
    await must('ann', 'PATCH', `/apps/${blog}/config-vars`, { FAST_DB_URL: 'mine', OTHER: '1' })
    const asked = house.provider('fast-db').received.length
    const version = (await newest(blog)).version
    for (const answer of [
      await create(blog, 'fast-db:mini', { attachment: { name: 'FAST_DB' } }),
      await attach(addon.name, blog),
      await attach(addon.name, blog, { confirm: shop }),
    ]) {
      expect([answer.status, answer.body.id]).toEqual([423, 'confirmation_required'])
      expect(answer.body.message).toContain('the config var FAST_DB_URL')
      expect(answer.body.message).toContain(`--confirm ${blog}`)
      expect(answer.headers['x-confirmation-required']).toBe(blog)
    }
    expect([house.provider('fast-db').received.length, (await newest(blog)).version]).toEqual([asked, version])
    expect((await attach(addon.name, blog, { confirm: blog })).status).toBe(201)
    expect([await vars(blog), (await newest(blog)).version]).toEqual([{ FAST_DB_URL: value, OTHER: '1' }, version + 1])
  })

  test('another add-on becomes the main one, as clients promote: the old one keeps a name of its own', async () => {
    const old = (await create(shop, 'fast-db:mini')).body
    const next = (await create(shop, 'fast-db:mini', { attachment: { name: 'NEXT' } })).body
    await attach(old.name, shop, { name: 'OLD' })
    const refused = await attach(next.name, shop, { name: 'FAST_DB' })
    expect([refused.status, refused.body.message]).toEqual([
      423,
      expect.stringContaining(`the attachment FAST_DB of ${old.name}`),
    ])
    const version = (await newest(shop)).version
    const promoted = await attach(next.name, shop, { name: 'FAST_DB', confirm: shop })
    expect([promoted.status, promoted.body.addon.id]).toEqual([201, next.id])
    expect((await newest(shop)).version).toBe(version + 1)
    expect(Object.keys(await vars(shop)).sort()).toEqual(['FAST_DB_URL', 'NEXT_URL', 'OLD_URL'])
  })

  test('by hand: a name that an attachment has is set by nobody else', async () => {
    await create(shop, 'fast-db:mini')
    for (const body of [{ FAST_DB_URL: 'mine' }, { FAST_DB_URL: null }]) {
      const answer = await house.ask('ann', 'PATCH', `/apps/${shop}/config-vars`, body)
      expect([answer.status, answer.body.message]).toEqual([
        422,
        expect.stringContaining('Cannot overwrite attachment values FAST_DB_URL.'),
      ])
    }
  })
})

describe('removing what is attached elsewhere', () => {
  test('names the apps, counts those that the asker may not see, and is forced with force', async () => {
    const addon = (await create(shop, 'fast-db:mini')).body
    await must('bob', 'POST', '/apps', { name: `bobs-${number}` })
    await must('bob', 'POST', `/apps/bobs-${number}/collaborators`, {
      user: 'ann@example.com',
      permissions: ['operate'],
    })
    await attach(addon.name, blog)
    await attach(addon.name, `bobs-${number}`)
    await must('bob', 'DELETE', `/apps/bobs-${number}/collaborators/ann@example.com`)
    for (const url of [`/apps/${shop}/addons/${addon.name}`, `/apps/${shop}`]) {
      const refused = await house.ask('ann', 'DELETE', url, { force: false })
      expect(refused.status).toBe(422)
      expect(refused.body.message).toContain(`attached to 1 other app that you may not see, ${blog}`)
      expect(refused.body.message).toContain('--force')
      expect(refused.body.message).not.toContain('bobs-')
    }
    const gone = await house.ask('ann', 'DELETE', `/apps/${shop}/addons/${addon.name}`, { force: true })
    expect([gone.status, gone.body.state]).toEqual([200, 'deprovisioned'])
    expect(await vars(blog)).toEqual({})
    expect(await must('bob', 'GET', `/apps/bobs-${number}/config-vars`)).toEqual({})
  })
})

describe('credentials', () => {
  test('are attached by namespace; what they hold can be asked first', async () => {
    const addon = (await create(shop, 'fast-db:mini')).body
    await transact(house.db, (tx) =>
      insertCredential(tx, house.secrets, {
        id: randomUUID(),
        addonId: addon.id,
        name: 'readonly',
        state: 'active',
        values: { FAST_DB_URL: 'fast://readonly' },
        at: house.world.now(),
      }),
    )
    const config = (name: string, who: 'ann' | 'eve' = 'ann') =>
      house.ask(who, 'GET', `/addons/${addon.name}/config/credential:${name}`)
    expect((await config('readonly')).body).toEqual([{ name: 'FAST_DB_URL', value: 'fast://readonly' }])
    expect((await config('default')).body).toEqual([{ name: 'FAST_DB_URL', value }])
    expect((await config('nothing')).body).toEqual([])
    expect((await config('readonly', 'eve')).status).toBe(404)

    const made = await attach(addon.name, blog, { name: 'READER', namespace: 'credential:readonly' })
    expect([made.status, made.body.namespace]).toEqual([201, 'credential:readonly'])
    expect(await vars(blog)).toEqual({ READER_URL: 'fast://readonly' })
    expect((await attach(addon.name, blog, { name: 'PLAIN', namespace: 'credential:default' })).body.namespace).toBe(
      null,
    )
    const batch = { attach: [{ addon: addon.name, name: 'BATCH', namespace: 'credential:readonly' }] }
    await must('ann', 'POST', `/apps/${shop}/changes`, batch)
    expect(await vars(shop)).toEqual({ FAST_DB_URL: value, BATCH_URL: 'fast://readonly' })
    for (const namespace of ['credential:nothing', 'role:reader']) {
      const refused = await attach(addon.name, blog, { name: 'WRONG', namespace })
      expect([refused.status, refused.body.message]).toEqual([
        422,
        expect.stringContaining('It has credential:default, credential:readonly'),
      ])
    }
  })
})

describe('who may', () => {
  test('attach needs operate on the app and the right to change the add-on; detach needs operate', async () => {
    const addon = (await create(shop, 'fast-db:mini')).body
    await must('bob', 'POST', '/apps', { name: `bobs-${number}` })
    expect((await attach(addon.name, `bobs-${number}`, {}, 'bob')).body.resource).toBe('add_on')
    await must('ann', 'POST', `/apps/${shop}/collaborators`, { user: 'bob@example.com', permissions: ['view'] })
    expect((await attach(addon.name, `bobs-${number}`, {}, 'bob')).status).toBe(403)
    expect((await attach(addon.name, shop, { name: 'X' }, 'bob')).status).toBe(403)
    const [only] = await must('ann', 'GET', `/addons/${addon.name}/addon-attachments`)
    const seen = await house.ask('bob', 'DELETE', `/addon-attachments/${only.id}`)
    expect([seen.status, seen.body.message]).toEqual([403, expect.stringContaining('"operate"')])
    expect((await house.ask('eve', 'DELETE', `/addon-attachments/${only.id}`)).body.resource).toBe('add_on attachment')
  })
})

test('Accept-Inclusion adds plan and names on every route that shows attachments, and only then', async () => {
  const addon = (await create(shop, 'fast-db:mini')).body
  const [{ id }] = await must('ann', 'GET', `/addons/${addon.name}/addon-attachments`)
  const routes = [
    ['GET', '/addon-attachments'],
    ['GET', `/addon-attachments/${id}`],
    ['GET', `/apps/${shop}/addon-attachments`],
    ['GET', `/apps/${shop}/addon-attachments/FAST_DB`],
    ['GET', `/addons/${addon.name}/addon-attachments`],
    ['POST', '/actions/addon-attachments/resolve', { addon_attachment: 'FAST_DB', app: shop }],
    ['POST', '/addon-attachments', { addon: addon.name, app: blog }],
  ] as const
  for (const [method, url, body] of routes) {
    const send = async (headers: Record<string, string>) => {
      const found = (await house.ask('ann', method, url, body && { ...body, confirm: blog }, headers)).body
      return Array.isArray(found) ? found.find((one) => one.addon.id === addon.id) : found
    }
    const full = await send({ 'accept-inclusion': 'addon:plan,config_vars' })
    expect([url, full.config_vars, full.addon.plan?.name]).toEqual([url, ['FAST_DB_URL'], 'fast-db:mini'])
    const plain = await send({})
    expect([url, 'config_vars' in plain, 'plan' in plain.addon]).toEqual([url, false, false])
  }
})

test('Accept-Expansion gives whole plans and services on every route that shows add-ons, and only then', async () => {
  const team = `crew-${number}`
  await must('ann', 'POST', '/teams', { name: team })
  await must('ann', 'POST', '/teams/apps', { name: `crew-app-${number}`, team })
  await create(`crew-app-${number}`, 'fast-db:mini')
  const { id, name } = (await create(shop, 'fast-db:mini')).body
  const routes = [
    ['GET', '/addons'],
    ['GET', `/addons/${id}`],
    ['GET', `/apps/${shop}/addons`],
    ['GET', `/apps/${shop}/addons/${name}`],
    ['GET', '/users/~/addons'],
    ['GET', `/teams/${team}/addons`],
    ['POST', '/actions/addons/resolve', { addon: name }],
    ['POST', `/apps/${blog}/addons`, { plan: 'plain-db' }],
    ['PATCH', `/apps/${shop}/addons/${name}`, { plan: 'fast-db:standard-0' }],
    ['DELETE', `/apps/${shop}/addons/${name}`],
  ] as const
  for (const [method, url, body] of routes) {
    const send = async (headers: Record<string, string>) => {
      const found = await must('ann', method, url, body, headers)
      return Array.isArray(found) ? found[0] : found
    }
    const full = await send({ 'accept-expansion': 'addon_service,plan' })
    expect([url, full.plan.price?.unit, typeof full.addon_service.human_name]).toEqual([url, 'month', 'string'])
    // What is removed can't be removed again.
    if (method === 'DELETE') continue
    const plain = await send({})
    expect([url, Object.keys(plain.plan), Object.keys(plain.addon_service)]).toEqual([
      url,
      ['id', 'name'],
      ['id', 'name'],
    ])
  }
})

describe('what is named wrongly', () => {
  test('says what is near, with its app, and never takes one of several by chance', async () => {
    const first = (await create(shop, 'lonely-db:mini', { name: `first-${number}`, attachment: { name: 'ONE' } })).body
    const near = await house.ask('ann', 'GET', `/addons/first-${number}x`)
    expect([near.status, near.body.resource]).toEqual([404, 'add_on'])
    expect(near.body.message).toContain(`Did you mean first-${number} (on ${shop})`)
    const second = (await create(blog, 'lonely-db:mini', { name: `other-${number}`, attachment: { name: 'ONE' } })).body
    await must('ann', 'POST', '/apps', { name: `third-${number}` })
    for (const [method, url, body] of [
      ['GET', '/addons/ONE'],
      ['GET', '/addons/lonely-db:mini'],
      ['POST', '/addon-attachments', { addon: 'ONE', app: `third-${number}`, name: 'X' }],
    ] as const) {
      const several = await house.ask('ann', method, url, body)
      expect([url, several.status, several.body.id]).toEqual([url, 422, 'multiple_matches'])
      expect(several.body.message).toMatch(/could be .*\(on .*\).* Name one of them\.$/)
    }
    expect((await house.ask('eve', 'GET', '/addons/ONE')).body.message).toBe("Couldn't find that add-on.")
    const typo = await house.ask('ann', 'GET', `/apps/shopp-${number}`)
    expect([typo.status, typo.body.resource]).toEqual([404, 'app'])
    expect(typo.body.message).toContain(`Did you mean shop-${number}`)
    expect((await house.ask('eve', 'GET', `/apps/shopp-${number}`)).body.message).toBe("Couldn't find that app.")
    expect([first.app.name, second.app.name]).toEqual([shop, blog])
  })
})

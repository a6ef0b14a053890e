import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addonsOfHerokuId } from '../addons/store.js'
import { manifestOf } from '../addons/test-addons.js'
import { findApp } from '../apps/store.js'
import { pushManifest } from '../catalog/push.js'
import { rotationHours } from '../catalog/rotation-store.js'
import { insertGrantToken } from '../partner/grant-store.js'
import { passwordHash, tokenHash } from '../secrets/tokens.js'
import { type House, testHouse } from '../start/test-house.js'

let house: House<'ann' | 'bob'>
let number: number
let addonId: string
const password = 'password-of-32-random-characters'
const basic = (user: string, secret: string) => ({
  authorization: `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}`,
})
const own = basic('old-db', password)
const grant = { authorization: 'Bearer grant-of-old-db' }

beforeAll(async () => {
  house = await testHouse(['ann', 'bob'])
  const contents = manifestOf('old-db', {}, { version: '1', requires: ['attachable', 'log_input'] })
  await pushAs('ann', contents)
  await house.push('other-db', 'bob')
  await house.push('third-db', 'bob')
  const app = (await house.ask('ann', 'POST', '/apps', { name: 'shop' })).body
  await house.ask('bob', 'POST', '/apps', { name: 'elsewhere' })
  addonId = await house.addon('old-db:mini', { id: app.id, ownerId: house.people.ann.id }, 'old-db-1')
  await house.addon('other-db:mini', { id: app.id, ownerId: house.people.ann.id }, 'other-db-1')
  number = (await findApp(house.db, 'shop'))?.number ?? 0
  await house.db.transaction().execute((tx) =>
    insertGrantToken(tx, {
      id: randomUUID(),
      kind: 'grant_access',
      addonId,
      hash: tokenHash('grant-of-old-db'),
      expiresAt: null,
      at: house.world.now(),
    }),
  )
})
afterAll(async () => {
  expect(house.faults).toEqual([])
  await house.end()
})

const pushAs = (name: 'ann' | 'bob', contents: { id: string }) =>
  pushManifest(
    { ...house, installation: { localhost: true }, regions: ['us'] } as never,
    house.people[name],
    contents.id,
    contents,
  )
const get = (url: string, headers: Record<string, string> = own) => house.ask(null, 'GET', url, undefined, headers)

describe('App Info', () => {
  const herokuId = () => `app${number}@heroku.com`

  test('names the app by a number that stays, and tells what the add-on does not have', async () => {
    const { status, body } = await get(`/vendor/apps/${encodeURIComponent(herokuId())}`)
    expect([status, body]).toMatchObject([
      200,
      {
        id: herokuId(),
        name: 'shop',
        owner_email: 'ann@example.com',
        config: { OLD_DB_URL: 'postgres://secret' },
        domains: ['shop.localhost'],
        callback_url: `http://localhost:5055/vendor/apps/${encodeURIComponent(herokuId())}`,
        resource: { uuid: addonId },
      },
    ])
    await house.ask('ann', 'PATCH', '/apps/shop', { name: 'shop-renamed' })
    expect((await get(`/vendor/apps/${herokuId()}`)).body).toMatchObject({ id: herokuId(), name: 'shop-renamed' })
    await house.ask('ann', 'PATCH', '/apps/shop-renamed', { name: 'shop' })
    expect((await get(`/vendor/apps/${addonId}`)).body.id).toBe(herokuId())
  })

  test('a number means one app for good: the next one gets another', async () => {
    await house.ask('ann', 'POST', '/apps', { name: 'later' })
    expect((await findApp(house.db, 'later'))?.number).toBeGreaterThan(number)
    expect(await addonsOfHerokuId(house.db, 999_999_999)).toEqual([])
  })

  test('lists every install of the service and none of another, by both addresses', async () => {
    const list = await get('/vendor/apps')
    expect(list.body).toEqual([
      {
        callback_url: expect.stringContaining('/vendor/apps/'),
        heroku_id: herokuId(),
        plan: 'mini',
        provider_id: expect.any(String),
        resource: { name: 'old-db-1', uuid: addonId },
      },
    ])
    expect(list.headers['link']).toBeUndefined()
    expect((await get('/api/v3/apps')).body).toMatchObject([{ id: addonId, app: { name: 'shop' }, plan: 'mini' }])
  })

  test('more than a page is told in a Link header, in both directions', async () => {
    const answer = await get('/vendor/apps?offset=4000')
    expect(answer.body).toEqual([])
    expect(answer.headers['link']).toBe('<http://localhost:5055/vendor/apps?offset=0>; rel="prev"')
    expect((await get('/vendor/apps?offset=x')).status).toBeGreaterThanOrEqual(200)
  })

  test('a PUT of declared config makes a release, and another name is refused', async () => {
    const put = (config: object) => house.ask(null, 'PUT', `/vendor/apps/${herokuId()}`, { config }, own)
    const before = (await house.ask('ann', 'GET', '/apps/shop/releases')).body.length
    expect((await put({ OLD_DB_URL: 'postgres://new' })).body.config).toEqual({ OLD_DB_URL: 'postgres://new' })
    expect((await house.ask('ann', 'GET', '/apps/shop/config-vars')).body['OLD_DB_URL']).toBe('postgres://new')
    expect((await house.ask('ann', 'GET', '/apps/shop/releases')).body).toHaveLength(before + 1)
    expect((await put({ LD_PRELOAD: 'x' })).status).toBe(422)
  })

  test.each([
    ['none', {}, 401],
    ['a wrong password', basic('old-db', 'password-of-32-random-characterz'), 401],
    ["another service's", basic('third-db', password), 404],
    ['an account', { authorization: 'Bearer token-of-ann' }, 403],
    ['a grant', grant, 403],
  ])('with %s credentials it tells nothing', async (_, headers, status) => {
    const answer = await get(`/vendor/apps/${herokuId()}`, headers as Record<string, string>)
    expect(answer.status).toBe(status)
    // Some HTTP libraries send a password only to who asks for one.
    expect(answer.headers['www-authenticate']).toBe(status === 401 ? 'Basic realm="mortise"' : undefined)
    expect(answer.text).not.toMatch(/ann@|postgres:/)
  })

  test('the addresses that logs come from, and a fresh grant that trades', async () => {
    expect((await get('/vendor/logplex/whitelist')).body).toContain('127.0.0.1')
    const { body } = await get(`/vendor/resources/${addonId}/oauth-grant`)
    expect(body.oauth_grant).toMatchObject({ type: 'authorization_code', code: expect.any(String) })
    const { client_secret } = (await house.ask('ann', 'POST', '/api/v3/addons/old-db/oauth')).body
    const fields = { grant_type: 'authorization_code', code: body.oauth_grant.code, client_secret }
    const traded = await house.ask(null, 'POST', '/oauth/token', fields)
    expect([traded.status, traded.body.token_type]).toEqual([200, 'Bearer'])
    expect((await get(`/vendor/resources/${randomUUID()}/oauth-grant`)).status).toBe(404)
  })
})

describe("a grant's token", () => {
  beforeAll(async () => {
    await house.db.transaction().execute((tx) =>
      insertGrantToken(tx, {
        id: randomUUID(),
        kind: 'grant_access',
        addonId,
        hash: tokenHash('second-grant'),
        expiresAt: null,
        at: house.world.now(),
      }),
    )
  })
  const bearer = { authorization: 'Bearer second-grant' }
  const names = (list: { name: string }[]) => list.map(({ name }) => name)

  test('sees its app and its own add-on there, and nothing beside', async () => {
    expect(names((await get('/apps', bearer)).body)).toEqual(['shop'])
    expect((await get('/apps/shop', bearer)).body.name).toBe('shop')
    expect((await get('/apps/elsewhere', bearer)).status).toBe(404)
    expect(names((await get('/apps/shop/addons', bearer)).body)).toEqual(['old-db-1'])
    expect((await get('/apps/shop/addon-attachments', bearer)).body).toMatchObject([{ addon: { name: 'old-db-1' } }])
    expect((await get('/apps/shop/addon-attachments/OTHER_DB', bearer)).status).toBe(404)
    expect(names((await get('/users/ann@example.com/apps', bearer)).body)).toEqual(['shop'])
    expect(names((await get('/users/ann@example.com/addons', bearer)).body)).toEqual(['old-db-1'])
    expect((await get('/users/bob@example.com/apps', bearer)).status).toBe(404)
    expect((await get('/apps/shop/collaborators', bearer)).body).toMatchObject([
      { role: 'owner', user: { email: 'ann@example.com' } },
    ])
    expect((await get('/apps/shop/domains', bearer)).body).toMatchObject([{ hostname: 'shop.localhost' }])
    const shop = (await get('/apps/shop', bearer)).body.id
    const filtered = await house.ask(null, 'POST', '/filters/apps', { in: { id: [shop, randomUUID()] } }, bearer)
    expect(names(filtered.body)).toEqual(['shop'])
  })

  test.each(['/apps/shop/config-vars', '/apps/shop/releases', '/apps/shop/formation', '/account', '/apps/shop/builds'])(
    'is refused at %s',
    async (url) => {
      expect((await get(url, bearer)).status).toBe(403)
    },
  )

  test('may leave neither its app nor change what is not its own', async () => {
    const ask = (method: 'PATCH' | 'DELETE' | 'POST', url: string, body = {}) =>
      house.ask(null, method, url, body, bearer)
    expect((await ask('PATCH', '/apps/shop', { name: 'stolen' })).status).toBe(403)
    expect((await ask('DELETE', `/apps/shop/addons/${addonId}`)).status).toBe(403)
    expect((await ask('POST', '/apps/shop/collaborators', { user: 'bob@example.com' })).status).toBe(403)
  })
})

describe('usage', () => {
  const hour = (back: number) => {
    const at = house.world.now().getTime()
    return new Date(at - (at % 3_600_000) - back * 3_600_000).toISOString().replace('.000', '')
  }
  const line = (quantity: number, name = 'nibbles', id = addonId) => ({ quantity, resource: { id }, unit: { name } })
  const report = (timestamp: string, usages: object[], slug = 'old-db') =>
    house.ask(null, 'POST', `/api/v3/addons/${slug}/usage_batches`, { timestamp, usages }, own)

  test('is taken line by line; what was said before is rejected and changes nothing', async () => {
    const first = await report(hour(1), [
      line(5),
      line(6),
      line(2.5, 'bytes'),
      line(1, 'nibbles', randomUUID()),
      line(-1, 'x'),
    ])
    expect(first.status).toBe(202)
    expect(first.body.timestamp).toBe(hour(1))
    expect(first.body.usages.map((one: { status: string }) => one.status)).toEqual([
      'accepted',
      'rejected',
      'accepted',
      'rejected',
      'rejected',
    ])
    expect(first.body.usages[1].errors).toEqual({ unit: [expect.stringMatching(/reported before/)] })
    expect(first.body.usages[0]).not.toHaveProperty('errors')
    expect((await report(hour(1), [line(50)])).body.usages[0].status).toBe('rejected')
    expect((await report(hour(2), [line(7)])).body.usages[0].status).toBe('accepted')

    const since = new Date(hour(2)).getUTCMonth() === house.world.now().getUTCMonth() ? 12 : 5
    const read = await house.ask('ann', 'GET', '/apps/shop/usage')
    expect(read.body).toEqual({
      addons: [{ id: addonId, meters: { bytes: { quantity: 2.5 }, nibbles: { quantity: since } } }],
    })
  })

  test.each([
    ['now', () => new Date().toISOString()],
    ['an hour that is not over', () => hour(-1)],
    ['a settled hour', () => hour(32 * 24)],
    ['no time', () => 'yesterday'],
  ])('of %s is refused', async (_, at) => {
    expect((await report(at(), [line(1)])).status).toBe(422)
  })

  test('of a service is told by its provider only, and read by who sees the app', async () => {
    expect((await report(hour(3), [line(1)], 'other-db')).status).toBe(404)
    expect((await house.ask('bob', 'GET', '/apps/shop/usage')).status).toBe(404)
  })

  test("a team's is read for the team and for each app", async () => {
    await house.ask('ann', 'POST', '/teams', { name: 'crew' })
    await house.ask('ann', 'POST', '/teams/apps', { name: 'crew-app', team: 'crew' })
    const app = (await house.ask('ann', 'GET', '/apps/crew-app')).body
    const metered = await house.addon('old-db:mini', { id: app.id, ownerId: app.owner.id }, 'old-db-crew')
    await report(hour(1), [line(3, 'rows', metered)])
    const addons = [{ id: metered, meters: { rows: { quantity: 3 } } }]
    expect((await house.ask('ann', 'GET', '/teams/crew/usage')).body).toEqual({
      apps: [{ id: app.id, name: 'crew-app', addons }],
    })
    expect((await house.ask('ann', 'GET', '/teams/crew/apps/crew-app/usage')).body).toEqual({ addons })
    expect((await house.ask('ann', 'GET', '/teams/crew/apps/shop/usage')).status).toBe(404)

    // With two of one service the number of the app says no longer which is meant; their uuids do.
    await house.addon('old-db:standard-0', { id: app.id, ownerId: app.owner.id }, 'old-db-twin')
    const both = await get(`/vendor/apps/app${(await findApp(house.db, 'crew-app'))?.number}@heroku.com`)
    expect([both.status, both.body.id]).toEqual([422, 'multiple_matches'])
    expect((await get(`/vendor/apps/${metered}`)).status).toBe(200)
  })
})

describe('a password that is being replaced', () => {
  test('the old one is good for a day, the new one at once, and then only the new one', async () => {
    const renewed = 'another-password-of-32-characters'
    await pushAs(
      'ann',
      manifestOf('old-db', {}, { version: '1', requires: ['attachable', 'log_input'], password: renewed }),
    )
    const status = async (secret: string) => (await get('/vendor/apps', basic('old-db', secret))).status
    expect([await status(password), await status(renewed), await status('neither-of-the-two-passwords')]).toEqual([
      200, 200, 401,
    ])
    house.clock.aheadMs += (rotationHours * 60 + 1) * 60_000
    expect([await status(password), await status(renewed)]).toEqual([401, 200])
    house.clock.aheadMs = 0
  })
})

describe("kensa's door", () => {
  const push = (contents: object, headers: Record<string, string>) =>
    house.ask(null, 'POST', '/provider/addons', contents, headers)
  const contents = manifestOf(
    'kensa-db',
    { name: undefined },
    { version: undefined, production: 'http://localhost:4567/' },
  )

  test('takes the raw manifest with a key, and gives back what it was given', async () => {
    const key = basic('ann@example.com', 'token-of-ann')
    const pushed = await push(contents, key)
    expect([pushed.status, pushed.body]).toEqual([200, JSON.parse(JSON.stringify(contents))])
    expect((await house.ask(null, 'GET', '/addon-services/kensa-db')).status).toBe(200)
    expect((await get('/provider/addons/kensa-db', key)).body).toMatchObject({
      id: 'kensa-db',
      $base: 1,
      api: { password: contents.api.password },
    })
    expect((await get('/provider/addons/kensa-db', basic('', 'token-of-bob'))).status).toBe(404)
    expect((await push({ ...contents, name: 'Mine' }, basic('bob@example.com', 'token-of-bob'))).status).toBe(403)
    expect((await push({ id: 'broken' }, key)).status).toBe(422)
  })

  test('takes e-mail and password too', async () => {
    await house.pool.query('update accounts set password_hash = $1 where email = $2', [
      await passwordHash('correct horse battery'),
      'ann@example.com',
    ])
    expect((await push(contents, basic('ann@example.com', 'correct horse battery'))).status).toBe(200)
    expect((await push(contents, basic('ann@example.com', 'wrong horse battery'))).status).toBe(401)
    expect((await push(contents, {})).status).toBe(401)
  })
})

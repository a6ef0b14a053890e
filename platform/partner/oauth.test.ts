import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { transact } from '../db/db.js'
import { tokenHash } from '../secrets/tokens.js'
import { type House, testHouse } from '../start/test-house.js'
import { insertGrant } from './grant-store.js'

let house: House<'owner' | 'stranger'>
let secret: string
let addonId: string
beforeAll(async () => {
  house = await testHouse(['owner', 'stranger'])
  const pushed = await house.push('fast-db', 'owner')
  secret = (pushed as unknown as { clientSecret: string }).clientSecret
  const { body: app } = await house.ask('owner', 'POST', '/apps', { name: 'shop' })
  addonId = await house.addon('fast-db:mini', { id: app.id, ownerId: house.people.owner.id }, 'fast-db-1')
})
afterAll(async () => {
  expect(house.faults).toEqual([])
  await house.end()
})

async function grant(): Promise<string> {
  const code = randomUUID()
  const at = house.world.now()
  const expiresAt = new Date(at.getTime() + 60_000)
  await transact(house.db, (tx) => insertGrant(tx, { id: randomUUID(), addonId, hash: tokenHash(code), expiresAt, at }))
  return code
}
const trade = (body: object) => house.ask(null, 'POST', '/oauth/tokens', body)
const asProvider = (token: string, method: 'GET' | 'DELETE', url: string) =>
  house.ask(null, method, url, undefined, { authorization: `Bearer ${token}` })

test("a code is traded in the API's own shape, its refresh token again, and each is revoked by its id", async () => {
  const code = await grant()
  const nested = { grant: { type: 'authorization_code', code }, client: { secret } }
  const traded = await trade({ ...nested, refresh_token: {} })
  expect(traded.status).toBe(201)
  expect(traded.body).toMatchObject({
    access_token: { expires_in: 28_800, token: expect.stringMatching(/^HRKU-/) },
    refresh_token: { expires_in: null, token: expect.stringMatching(/^HRKU-/) },
    grant: { code, type: 'authorization_code' },
    user: { id: house.people.owner.id },
  })
  expect(traded.text).not.toContain(secret)
  expect(traded.headers['cache-control']).toBe('no-store')
  const first = traded.body.access_token
  expect((await asProvider(first.token, 'GET', `/addons/${addonId}`)).status).toBe(200)

  const refresh = { grant: { type: 'refresh_token' }, client: { secret }, refresh_token: traded.body.refresh_token }
  const again = await trade(refresh)
  expect(again.body.refresh_token).toEqual(traded.body.refresh_token)
  expect(again.body.access_token.token).not.toBe(first.token)

  expect((await house.ask('stranger', 'DELETE', `/oauth/tokens/${first.id}`)).status).toBe(404)
  expect((await asProvider(again.body.access_token.token, 'DELETE', `/oauth/tokens/${first.id}`)).status).toBe(200)
  expect((await asProvider(first.token, 'GET', `/addons/${addonId}`)).status).toBe(401)
  await asProvider(again.body.access_token.token, 'DELETE', `/oauth/tokens/${traded.body.refresh_token.id}`)
  expect((await trade(refresh)).status).toBe(401)
})

test("whoever asks with OAuth's own fields is answered with them", async () => {
  const flat = await trade({ grant_type: 'authorization_code', code: await grant(), client_secret: secret })
  expect(flat).toMatchObject({ status: 201, body: { token_type: 'Bearer', expires_in: 28_800 } })
  expect((await trade({ grant: { code: 'x' }, client: { secret } })).body.id).toBe('unauthorized')
})

test('an account revokes tokens of its own by their id', async () => {
  const { body } = await house.ask('owner', 'POST', '/oauth/authorizations', { description: 'short' })
  const { id, token } = body.access_token
  expect((await house.ask('stranger', 'DELETE', `/oauth/tokens/${id}`)).status).toBe(404)
  expect((await house.ask('owner', 'DELETE', `/oauth/tokens/${id}`)).status).toBe(200)
  expect((await asProvider(token, 'GET', '/account')).status).toBe(401)
})

test('a code is traded by a query string on a POST, as a sample of Heroku does', async () => {
  const query = new URLSearchParams({ grant_type: 'authorization_code', code: await grant(), client_secret: secret })
  const traded = await house.ask(null, 'POST', `/oauth/token?${query}`)
  expect(traded).toMatchObject({
    status: 200,
    body: { access_token: expect.stringMatching(/^HRKU-/), expires_in: 28_800 },
  })
  expect((await asProvider(traded.body.access_token, 'GET', `/addons/${addonId}`)).status).toBe(200)
})

test('a query string and a form are as good as JSON, for codes and for refresh tokens, at both addresses', async () => {
  const send = (path: string, fields: Record<string, string>) =>
    house.ask(null, 'POST', `${path}?${new URLSearchParams({ ...fields, client_secret: secret })}`)
  const code = await grant()
  const traded = await send('/oauth/tokens', { grant_type: 'authorization_code', code })
  expect([traded.status, traded.body.token_type]).toEqual([201, 'Bearer'])
  const refresh = { grant_type: 'refresh_token', refresh_token: traded.body.refresh_token }
  for (const path of ['/oauth/token', '/oauth/tokens']) {
    const again = await send(path, refresh)
    expect((await asProvider(again.body.access_token, 'GET', `/addons/${addonId}`)).status).toBe(200)
  }
  // As libraries of OAuth send it.
  const form = await house.server.inject({
    method: 'POST',
    url: '/oauth/token',
    headers: { host: 'localhost:5055', 'content-type': 'application/x-www-form-urlencoded' },
    payload: String(new URLSearchParams({ ...refresh, client_secret: secret })),
  })
  expect([form.statusCode, form.json().token_type]).toEqual([200, 'Bearer'])
  const wrong = await house.ask(null, 'POST', `/oauth/token?${new URLSearchParams({ ...refresh, client_secret: 'x' })}`)
  expect([wrong.status, wrong.body.id]).toEqual([401, 'unauthorized'])
})

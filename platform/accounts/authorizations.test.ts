import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { transact } from '../db/db.js'
import { type TestDatabase, testDatabase } from '../db/test-database.js'
import { createHttpServer } from '../http/server.js'
import { tokenHash } from '../secrets/tokens.js'
import { later, realWorld, type World } from '../world/world.js'
import { authenticator } from './authenticate.js'
import { passwordTries } from './password-tries.js'
import { accountRoutes } from './routes.js'
import { insertAccount } from './store.js'
import { insertToken } from './token-store.js'

let database: TestDatabase
let server: FastifyInstance
let ahead = 0
const world: World = { ...realWorld, now: () => later(new Date(), ahead) }

beforeAll(async () => {
  database = await testDatabase()
  const { db } = database
  for (const name of ['ann', 'bob']) {
    const at = world.now()
    await transact(db, async (tx) => {
      const account = { id: world.id(), email: `${name}@example.com`, passwordHash: null, isOperator: false, at }
      const { id } = await insertAccount(tx, account)
      const token = { id: world.id(), kind: 'authorization' as const, accountId: id, hint: '', description: 'test' }
      await insertToken(tx, { ...token, hash: tokenHash(name), scopes: ['global'], expiresAt: null, at })
    })
  }
  server = await createHttpServer({
    world,
    handlers: accountRoutes({ db, world, tries: passwordTries(world) }),
    authenticate: authenticator(db, world),
    guard: async () => ({}),
    log: () => undefined,
    onFault: (error) => console.error(error),
    checkAnswers: true,
  })
})
afterAll(async () => {
  await server.close()
  await database.drop()
})

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE'
async function ask(token: string, method: Method, url: string, payload?: object) {
  const headers = { authorization: `Bearer ${token}` }
  const answer = await server.inject({ method, url, headers, ...(payload ? { payload } : {}) })
  return { status: answer.statusCode, body: answer.json() }
}
const make = async (body: object) => (await ask('ann', 'POST', '/oauth/authorizations', body)).body
const works = async (token: string) => (await ask(token, 'GET', '/account')).status === 200

test('regenerated tokens keep their name and their lifetime, and the old token ends at once', async () => {
  // As text, which is how the heroku CLI sends it.
  const made = await make({ description: 'deploys', expires_in: '3600', scope: ['write'] })
  ahead += 1800_000
  const path = `/oauth/authorizations/${made.id}`
  // A change in between takes nothing off its life.
  await ask('ann', 'PATCH', path, { description: 'deploys' })
  const renewed = await ask('ann', 'POST', `${path}/actions/regenerate-tokens`)
  expect(renewed.body).toMatchObject({ id: made.id, description: 'deploys', scope: ['write'] })
  expect(renewed.body.access_token.expires_in).toBe(3600)
  expect([await works(made.access_token.token), await works(renewed.body.access_token.token)]).toEqual([false, true])
})

test('a token that may do little renews none that may do more, and nobody touches those of others', async () => {
  const all = await make({ scope: ['global'] })
  const few = await make({ scope: ['write-protected'] })
  const path = `/oauth/authorizations/${all.id}`
  expect((await ask(few.access_token.token, 'POST', `${path}/actions/regenerate-tokens`)).status).toBe(403)
  for (const [method, url] of [
    ['GET', path],
    ['PATCH', path],
    ['POST', `${path}/actions/regenerate-tokens`],
    ['DELETE', path],
  ] as const) {
    const answer = await ask('bob', method, url, method === 'PATCH' ? {} : undefined)
    expect([method, answer.status, answer.body.resource]).toEqual([method, 404, 'authorization'])
  }
  expect(await works(all.access_token.token)).toBe(true)
})

test("an authorization is described anew, and carries a client's name only if the client proves itself", async () => {
  const made = await make({ description: 'old' })
  const path = `/oauth/authorizations/${made.id}`
  expect((await ask('ann', 'PATCH', path, { description: 'new' })).body.description).toBe('new')
  const shop = { name: 'Shop', redirect_uri: 'https://shop.example.com/back' }
  const client = (await ask('bob', 'POST', '/oauth/clients', shop)).body
  const wrong = await ask('ann', 'PATCH', path, { client: { id: client.id, secret: 'guess' } })
  expect(wrong.status).toBe(422)
  const right = await ask('ann', 'PATCH', path, { client: { id: client.id, secret: client.secret } })
  expect(right.body).toMatchObject({ description: 'new', client: { id: client.id, name: 'Shop' } })
  // With the client end the authorizations that name it.
  expect((await ask('bob', 'DELETE', `/oauth/clients/${client.id}`)).status).toBe(200)
  expect(await works(made.access_token.token)).toBe(false)
})

test("a client's secret is shown once, and rotating makes the old one worthless", async () => {
  const made = (await ask('ann', 'POST', '/oauth/clients', { name: 'A', redirect_uri: 'http://localhost:9/x' })).body
  const path = `/oauth/clients/${made.id}`
  expect((await ask('ann', 'GET', path)).body).toMatchObject({ name: 'A', secret: '**********' })
  expect((await ask('ann', 'GET', '/oauth/clients')).body).toHaveLength(1)
  const rotated = (await ask('ann', 'POST', `${path}/actions/rotate-credentials`)).body
  expect(rotated.secret).not.toBe(made.secret)
  const token = await make({ client: made.id })
  expect(token.client).toMatchObject({ name: 'A' })
  const old = { client: { id: made.id, secret: made.secret } }
  expect((await ask('ann', 'PATCH', `/oauth/authorizations/${token.id}`, old)).status).toBe(422)
  expect((await ask('ann', 'PATCH', path, { name: 'B' })).body.name).toBe('B')
  expect((await ask('bob', 'GET', path)).body).toMatchObject({ id: 'not_found', resource: 'client' })
  for (const redirect_uri of ['http://shop.example.com/', 'javascript:alert(1)', 'nonsense', 'https://a.example/#x']) {
    expect((await ask('ann', 'POST', '/oauth/clients', { name: 'C', redirect_uri })).status).toBe(422)
  }
})

test('keys and features are empty lists, and asking for one says so', async () => {
  expect((await ask('ann', 'GET', '/account/keys')).body).toEqual([])
  expect((await ask('ann', 'POST', '/account/keys', { public_key: 'ssh-rsa x' })).body.message).toMatch(
    /no git over SSH/,
  )
  expect((await ask('ann', 'DELETE', '/account/keys/x@y')).body.resource).toBe('key')
  expect((await ask('ann', 'GET', '/account/features')).body).toEqual([])
  expect((await ask('ann', 'PATCH', '/account/features/x', { enabled: true })).body.resource).toBe('feature')
})

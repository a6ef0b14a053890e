import { routes } from '@mortise/contract/platform-api/routes'
import type { FastifyInstance, InjectOptions } from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestDatabase, testDatabase } from '../db/test-database.js'
import { handle } from '../http/handle.js'
import { proxies } from '../http/proxies.js'
import { createHttpServer } from '../http/server.js'
import { tokenHash } from '../secrets/tokens.js'
import { later, realWorld, type World } from '../world/world.js'
import { authenticator } from './authenticate.js'
import { ensureOperator, OperatorRefused } from './operator.js'
import { passwordTries, triesMax } from './password-tries.js'
import { accountRoutes } from './routes.js'
import { quickHash } from './test-password.js'
import { insertToken } from './token-store.js'

const email = 'op@example.com'
const password = 'correct horse'
const apiKey = 'key-of-the-operator-0001'
let database: TestDatabase
let server: FastifyInstance
let ahead = 0
const world: World = { ...realWorld, now: () => later(new Date(), ahead) }
const logged: unknown[] = []

beforeAll(async () => {
  database = await testDatabase()
  await ensureOperator(database.db, world, { email, password, apiKey }, () => undefined)
  const { db } = database
  await database.pool.query('update accounts set password_hash = $1', [quickHash(password)])
  server = await createHttpServer({
    world,
    handlers: [
      ...accountRoutes({ db, world, tries: passwordTries(world) }),
      handle(routes.places.regions, async () => []),
    ],
    authenticate: authenticator(db, world),
    guard: async () => ({}),
    log: (line) => logged.push(line),
    onFault: (error) => logged.push(error),
    checkAnswers: true,
    proxies: proxies(['10.0.0.7']),
  })
})
afterAll(async () => {
  await server.close()
  await database.drop()
})

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` })
const ask = (options: InjectOptions) => server.inject(options)
const account = (headers: Record<string, string>) => ask({ url: '/account', headers })

async function signIn(headers: Record<string, string> = {}, remoteAddress = '127.0.0.1') {
  const answer = await ask({
    method: 'POST',
    url: '/web/session',
    remoteAddress,
    headers: { host: 'localhost:5055', 'x-mortise-web': '1', 'content-type': 'application/json', ...headers },
    payload: { email: 'OP@example.com', password },
  })
  const set = String(answer.headers['set-cookie'] ?? '')
  return { answer, set, cookie: set.split(';')[0] ?? '' }
}

async function newToken(body: object = {}): Promise<{ id: string; token: string }> {
  const answer = await ask({ method: 'POST', url: '/oauth/authorizations', headers: bearer(apiKey), payload: body })
  expect(answer.statusCode).toBe(201)
  return { id: answer.json().id, token: answer.json().access_token.token }
}

test('a token works as Bearer, and by Basic with any user name or none', async () => {
  for (const headers of [bearer(apiKey), basic(`:${apiKey}`), basic(`user:${apiKey}`), basic(`${email}:${apiKey}`)]) {
    const answer = await account(headers)
    expect(answer.statusCode).toBe(200)
    expect(answer.json().email).toBe(email)
  }
})

test.each([
  ['nothing', {}],
  ['what clients send when nobody is logged in', { authorization: 'Bearer undefined' }],
  ['an empty Bearer', { authorization: 'Bearer ' }],
  ['Basic that is no base64', { authorization: 'Basic %%%' }],
  ['Basic without a colon', basic('hello')],
  ['a very long token', bearer('x'.repeat(9000))],
  ['NUL bytes', basic(':\0\0')],
  ['the password instead of a token', basic(`${email}:${password}`)],
  ['another scheme', { authorization: 'Digest abc' }],
])('%s is 401 with an error body, never a fault', async (_, headers) => {
  const answer = await account(headers as Record<string, string>)
  expect(answer.statusCode).toBe(401)
  expect(answer.json()).toMatchObject({ id: 'unauthorized' })
})

test('e-mail and password make an authorization, and its token is in that answer only', async () => {
  const made = await ask({
    method: 'POST',
    url: '/oauth/authorizations',
    headers: basic(`${email}:${password}`),
    payload: { description: 'a laptop', expires_in: 60, scope: ['global'] },
  })
  expect(made.statusCode).toBe(201)
  const { access_token, user } = made.json()
  expect(user.email).toBe(email)
  expect((await account(bearer(access_token.token))).statusCode).toBe(200)
  const list = await ask({ url: '/oauth/authorizations', headers: bearer(apiKey) })
  expect(list.body).not.toContain(access_token.token)
  const shown = list.json().find((one: { id: string }) => one.id === made.json().id).access_token.token
  const [prefix, suffix] = shown.split('**********')
  expect(access_token.token.startsWith(prefix) && access_token.token.endsWith(suffix)).toBe(true)
})

test('a wrong password is 401, and after ten of them even the right one is 429', async () => {
  const attempt = (text: string) =>
    ask({ method: 'POST', url: '/oauth/authorizations', headers: basic(text), remoteAddress: '192.0.2.7' })
  const answers = await Promise.all(Array.from({ length: triesMax }, () => attempt(`${email}:wrong`)))
  expect(answers.map((one) => one.statusCode)).toEqual(answers.map(() => 401))
  const limited = await attempt(`${email}:${password}`)
  expect(limited.statusCode).toBe(429)
  expect(limited.headers['retry-after']).toBeDefined()
  ahead += 10 * 60_000 + 1_000
  expect((await attempt(`${email}:${password}`)).statusCode).toBe(201)
})

test('revoking a token takes effect at once', async () => {
  const { id, token } = await newToken()
  expect((await account(bearer(token))).statusCode).toBe(200)
  const revoked = await ask({ method: 'DELETE', url: `/oauth/authorizations/${id}`, headers: bearer(apiKey) })
  expect(revoked.statusCode).toBe(200)
  expect((await account(bearer(token))).statusCode).toBe(401)
})

test('an expired token is 401', async () => {
  const { token } = await newToken({ expires_in: 5 })
  expect((await account(bearer(token))).statusCode).toBe(200)
  ahead += 6_000
  expect((await account(bearer(token))).statusCode).toBe(401)
})

test('a token lacks what its scope does not name, and makes none that may more', async () => {
  const { token } = await newToken({ scope: ['read'] })
  expect((await account(bearer(token))).statusCode).toBe(200)
  const patch = await ask({ method: 'PATCH', url: '/account', headers: bearer(token), payload: { name: 'x' } })
  expect(patch.statusCode).toBe(403)
  const writer = (await newToken({ scope: ['write-protected'] })).token
  const wider = await ask({
    method: 'POST',
    url: '/oauth/authorizations',
    headers: bearer(writer),
    payload: { scope: ['global'] },
  })
  expect(wider.statusCode).toBe(403)
})

test('~ is the API key, so a client that logs out keeps it and ends its own token', async () => {
  const own = await ask({ url: '/oauth/authorizations/~', headers: bearer(apiKey) })
  expect(own.json().description).toBe('API key')
  const session = await ask({ method: 'DELETE', url: '/oauth/sessions/~', headers: bearer(apiKey) })
  expect(session.statusCode).toBe(404)
  expect(session.json()).toMatchObject({ id: 'not_found', resource: 'session' })
  const unknown = await ask({ url: `/oauth/authorizations/${realWorld.id()}`, headers: bearer(apiKey) })
  expect(unknown.json()).toMatchObject({ id: 'not_found', resource: 'authorization' })
})

test('a browser signs in with a new session each time, and the former one ends', async () => {
  const first = await signIn()
  expect(first.answer.statusCode).toBe(201)
  expect(first.set).toMatch(/^mortise_session=[\w-]+; Path=\/; HttpOnly; SameSite=Lax; Max-Age=\d+$/)
  expect((await account({ cookie: first.cookie })).statusCode).toBe(200)
  const second = await signIn({ cookie: first.cookie })
  expect(second.cookie).not.toBe(first.cookie)
  expect((await account({ cookie: first.cookie })).statusCode).toBe(401)
  const headers = { cookie: second.cookie, 'x-mortise-web': '1', host: 'localhost:5055' }
  const out = await ask({ method: 'DELETE', url: '/web/session', headers })
  expect(out.headers['set-cookie']).toContain('Max-Age=0')
  expect((await account({ cookie: second.cookie })).statusCode).toBe(401)
})

test('off localhost the cookie is bound to its host and https, and plain http keeps none', async () => {
  const behindTls = { host: 'mortise.example.com', 'x-forwarded-proto': 'https' }
  const secure = await signIn(behindTls, '10.0.0.7')
  expect(secure.set).toMatch(/^__Host-mortise_session=.*; Secure$/)
  expect((await signIn(behindTls, '10.0.0.8')).answer.statusCode).toBe(403)
  const plain = await signIn({ host: 'mortise.example.com' })
  expect(plain.answer.statusCode).toBe(403)
})

test('another site can neither sign people in nor use their session', async () => {
  expect((await signIn({ origin: 'https://evil.example' })).answer.statusCode).toBe(403)
  const { cookie } = await signIn()
  const forged = { method: 'PATCH', url: '/account', payload: { name: 'evil' } } as const
  const host = 'localhost:5055'
  const noHeader = await ask({ ...forged, headers: { cookie, host } })
  const otherOrigin = await ask({
    ...forged,
    headers: { cookie, host, 'x-mortise-web': '1', origin: 'https://evil.example' },
  })
  expect([noHeader.statusCode, otherOrigin.statusCode]).toEqual([403, 403])
})

test("a session's secret is no bearer token, and a token is no session", async () => {
  const { cookie } = await signIn()
  expect((await account(bearer(cookie.split('=')[1] ?? ''))).statusCode).toBe(401)
  expect((await account({ cookie: `mortise_session=${apiKey}` })).statusCode).toBe(401)
})

test('the account says who is asking, and only that', async () => {
  for (const who of ['~', email, email.toUpperCase()]) {
    const answer = await ask({ url: `/users/${encodeURIComponent(who)}`, headers: bearer(apiKey) })
    expect(answer.json().email).toBe(email)
  }
  const other = await ask({ url: '/users/other@example.com', headers: bearer(apiKey) })
  expect(other.statusCode).toBe(404)
  const named = await ask({ method: 'PATCH', url: '/account', headers: bearer(apiKey), payload: { name: 'Op' } })
  expect(named.json().name).toBe('Op')
  expect((await ask({ url: '/account/rate-limits', headers: bearer(apiKey) })).json()).toEqual({ remaining: 4500 })
})

test('a token of a refresh grant leads nowhere', async () => {
  const { rows } = await database.pool.query('select id from accounts limit 1')
  const at = world.now()
  const refresh = {
    id: world.id(),
    kind: 'grant_refresh',
    accountId: rows[0].id,
    hint: '',
    scopes: ['global'],
  } as const
  await database.db
    .transaction()
    .execute((tx) =>
      insertToken(tx, { ...refresh, hash: tokenHash('refresh-me'), description: '', expiresAt: null, at }),
    )
  expect((await account(bearer('refresh-me'))).statusCode).toBe(401)
})

test('later starts leave the account alone, and put in force what is given explicitly', async () => {
  const { db } = database
  const never = () => {
    throw new Error('there was an account already')
  }
  const same = await ensureOperator(db, world, {}, never)
  expect(same).toMatchObject({ outcome: 'there', changed: {} })
  const { cookie } = await signIn()
  const next = await ensureOperator(db, world, { email, password: 'another one', apiKey: 'another-api-key' }, never)
  expect(next).toMatchObject({ changed: { password: 'another one', apiKey: 'another-api-key' } })
  expect((await account(bearer(apiKey))).statusCode).toBe(401)
  expect((await account(bearer('another-api-key'))).statusCode).toBe(200)
  expect((await account({ cookie })).statusCode).toBe(401)
  // And back, which a revoked row of the same key must not prevent.
  await ensureOperator(db, world, { email, password, apiKey }, never)
  expect((await account(bearer(apiKey))).statusCode).toBe(200)
  await expect(ensureOperator(db, world, { email: 'someone@example.com' }, never)).rejects.toThrow(OperatorRefused)
})

test('no token, password or cookie is in what was logged', () => {
  const text = JSON.stringify(logged)
  expect(text).not.toContain(apiKey)
  expect(text).not.toContain(password)
  expect(text).not.toContain('MORT-')
})

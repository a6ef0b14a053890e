import { gunzipSync } from 'node:zlib'
import { route } from '@mortise/contract/route'
import { Type } from '@sinclair/typebox'
import type { FastifyInstance, InjectOptions } from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { later, realWorld, type World } from '../world/world.js'
import { type Asker, handle } from './handle.js'
import { createRateLimit } from './rate-limit.js'
import { createHttpServer } from './server.js'

// What every route has because it stands here once.
let aheadMs = 0
const world: World = { ...realWorld, now: () => later(new Date(1_700_000_000_000), aheadMs) }
const Any = Type.Any()
const base = { title: 'For tests', permission: 'account', answer: Any, status: 200, scope: 'read' } as const
const thing = route({ ...base, method: 'GET', path: '/thing' })
const change = route({ ...base, method: 'PATCH', path: '/thing', body: Any, scope: 'write' })
const make = route({ ...base, method: 'POST', path: '/thing', body: Any, status: 201, scope: 'write' })
const remove = route({ ...base, method: 'DELETE', path: '/thing', scope: 'write' })
const big = route({ ...base, method: 'GET', path: '/big' })
const left = route({ ...base, method: 'GET', path: '/account/rate-limits' })
let state = { name: 'one', updated_at: '2026-11-24T00:00:00Z' }
let limited: FastifyInstance
let server: FastifyInstance

const account = (id: string): Asker => ({
  account: { id, email: `${id}@example.com`, name: null, isOperator: false },
  addonId: null,
  tokenId: id,
  scopes: ['global'],
  via: 'bearer',
  sudo: false,
})

beforeAll(async () => {
  const open = (rateLimit = undefined as ReturnType<typeof createRateLimit> | undefined) =>
    createHttpServer({
      world,
      handlers: [
        handle(thing, async ({ warn }) => {
          warn('The plan ends soon.')
          warn('Übel \u001b[31mred\r\nSet-Cookie: a=b')
          return state
        }),
        handle(change, async ({ body }) => {
          state = { ...state, ...(body as object) }
          return state
        }),
        handle(make, async () => ({ made: true })),
        handle(remove, async () => ({ gone: true })),
        handle(big, async () => ({ text: 'x'.repeat(5000) })),
        handle(left, async ({ asker }) => ({ remaining: rateLimit?.remaining(asker.account?.id ?? '') ?? 0 })),
      ],
      authenticate: async ({ headers }) => (headers['x-who'] ? account(String(headers['x-who'])) : null),
      guard: async () => ({}),
      log: () => undefined,
      onFault: (error) => console.error(error),
      rateLimit,
    })
  server = await open()
  limited = await open(createRateLimit(world, 60))
})
afterAll(async () => {
  await server.close()
  await limited.close()
})

const ask = (options: InjectOptions, headers: Record<string, string> = {}) =>
  server.inject({ ...options, headers: { 'x-who': 'ann', ...headers } })

test.each([
  ['application/vnd.heroku+json; version=3', 200],
  ['application/vnd.heroku+json; version=3.sdk', 200],
  ['application/vnd.heroku+json;version="3"', 200],
  ['application/vnd.heroku+json', 200],
  ['application/vnd.heroku+json; version=2, application/vnd.heroku+json; version=3', 200],
  ['application/vnd.heroku+json; version=2, */*', 200],
  ['application/json', 200],
  ['application/vnd.heroku-addons+json; version=3', 200],
  ['*/*', 200],
  ['', 200],
  ['application/vnd.heroku+json; version=2', 406],
  ['application/vnd.heroku+json; version=30', 406],
  ['application/vnd.heroku+json; version=edge', 406],
])('Accept %j is answered %i', async (accept, status) => {
  const answer = await ask({ url: '/thing' }, { accept })
  expect(answer.statusCode).toBe(status)
  if (status === 406) expect(answer.json()).toMatchObject({ id: 'not_acceptable', message: /version=3/ })
})

test('a page of any origin may ask with a token, and never with our cookie', async () => {
  const preflight = await server.inject({
    method: 'OPTIONS',
    url: '/apps/whatever/config-vars',
    headers: { origin: 'https://page.example', 'access-control-request-method': 'PATCH' },
  })
  expect(preflight.statusCode).toBe(204)
  expect(preflight.headers['access-control-allow-origin']).toBe('*')
  expect(preflight.headers['access-control-allow-methods']).toContain('PATCH')
  expect(preflight.headers['access-control-allow-headers']).toContain('Authorization')
  expect(preflight.headers['access-control-allow-headers']).not.toContain('X-Mortise-Web')
  for (const answer of [preflight, await ask({ url: '/thing' }), await server.inject({ url: '/thing' })]) {
    expect(answer.headers['access-control-allow-origin']).toBe('*')
    expect(answer.headers).not.toHaveProperty('access-control-allow-credentials')
  }
})

test('what was not changed is 304, and a thing says when it last changed', async () => {
  const first = await ask({ url: '/thing' })
  expect(first.headers['last-modified']).toBe('Tue, 24 Nov 2026 00:00:00 GMT')
  const tag = String(first.headers.etag)
  for (const known of [tag, `W/${tag}`, `"other", ${tag}`, '*']) {
    const again = await ask({ url: '/thing' }, { 'if-none-match': known })
    expect([known, again.statusCode, again.body]).toEqual([known, 304, ''])
  }
  expect((await ask({ url: '/thing' }, { 'if-none-match': '"other"' })).statusCode).toBe(200)
})

test('a change with If-Match happens only to what was read', async () => {
  const tag = String((await ask({ url: '/thing' })).headers.etag)
  const patch = (name: string, match: string) =>
    ask({ method: 'PATCH', url: '/thing', payload: { name } }, { 'if-match': match })
  expect((await patch('two', tag)).statusCode).toBe(200)
  const late = await patch('three', tag)
  expect([late.statusCode, late.json().id, state.name]).toEqual([412, 'precondition_failed', 'two'])
  expect((await patch('four', '*')).statusCode).toBe(200)
  expect((await ask({ method: 'DELETE', url: '/thing' }, { 'if-match': '"other"' })).statusCode).toBe(412)
  expect((await ask({ url: '/thing' }, { 'if-match': '"other"' })).statusCode).toBe(412)
})

test('an answer is packed for whoever asks, and for nobody else', async () => {
  const packed = await ask({ url: '/big' }, { 'accept-encoding': 'br, gzip' })
  expect(packed.headers['content-encoding']).toBe('gzip')
  expect(packed.headers.vary).toBe('Accept-Encoding')
  expect(JSON.parse(gunzipSync(packed.rawPayload).toString()).text).toHaveLength(5000)
  const tag = String(packed.headers.etag)
  expect(tag).toMatch(/^W\/"/)
  expect((await ask({ url: '/big' }, { 'if-none-match': tag, 'accept-encoding': 'gzip' })).statusCode).toBe(304)
  for (const encoding of [undefined, 'identity', 'br', 'gzip;q=0', 'gzip; q=0.0']) {
    const plain = await ask({ url: '/big' }, encoding ? { 'accept-encoding': encoding } : {})
    expect([encoding, plain.headers['content-encoding']]).toEqual([encoding, undefined])
  }
  // Not worth it.
  expect((await ask({ url: '/thing' }, { 'accept-encoding': 'gzip' })).headers['content-encoding']).toBeUndefined()
})

test('a POST may mean PUT, PATCH or DELETE; a GET means what it is', async () => {
  const post = (meant: string) =>
    ask({ method: 'POST', url: '/thing', payload: { name: 'over' } }, { 'x-http-method-override': meant })
  expect((await post('PATCH')).json().name).toBe('over')
  expect((await post('delete')).json()).toEqual({ gone: true })
  expect((await post('GET')).json()).toEqual({ made: true })
  const get = await ask({ method: 'GET', url: '/thing' }, { 'x-http-method-override': 'DELETE' })
  expect(get.json().name).toBe('over')
})

test('warnings are one line of ASCII, one after the other', async () => {
  const { headers } = await ask({ url: '/thing' })
  expect(headers['x-heroku-warning']).toBe('The plan ends soon. bel [31mred Set-Cookie: a=b')
  expect(headers).not.toHaveProperty('set-cookie')
})

test('nobody is counted unless the operator wants it', async () => {
  expect((await ask({ url: '/thing' })).headers).not.toHaveProperty('ratelimit-remaining')
})

test('an account has so many requests an hour, which come back evenly, and to ask for the rest is free', async () => {
  const who = (name: string, url = '/thing') => limited.inject({ url, headers: { 'x-who': name } })
  for (let spent = 1; spent <= 60; spent++) {
    const answer = await who('bob')
    expect([answer.statusCode, answer.headers['ratelimit-remaining']]).toEqual([200, String(60 - spent)])
  }
  const refused = await who('bob')
  expect([refused.statusCode, refused.json().id]).toEqual([429, 'rate_limit'])
  expect(refused.headers).toMatchObject({ 'retry-after': '60', 'ratelimit-remaining': '0' })
  expect((await who('bob', '/account/rate-limits')).json()).toEqual({ remaining: 0 })
  expect((await who('cat')).statusCode).toBe(200)
  aheadMs += 61_000
  expect((await who('bob', '/account/rate-limits')).json()).toEqual({ remaining: 1 })
  expect([(await who('bob')).statusCode, (await who('bob')).statusCode]).toEqual([200, 429])
  aheadMs += 60 * 60_000
  expect((await who('bob')).headers['ratelimit-remaining']).toBe('59')
})

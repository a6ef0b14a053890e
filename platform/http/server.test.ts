import { randomUUID } from 'node:crypto'
import http, { type IncomingHttpHeaders } from 'node:http'
import net, { type AddressInfo } from 'node:net'
import { WireError } from '@mortise/contract/errors'
import { route } from '@mortise/contract/route'
import { Type } from '@sinclair/typebox'
import type { FastifyInstance } from 'fastify'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { realWorld } from '../world/world.js'
import { type Asker, handle } from './handle.js'
import { bodyBytesMax, createHttpServer, type RequestLine } from './server.js'

const Any = Type.Any()
const base = { title: 'For tests', permission: 'account', scope: 'global' as never, answer: Any, status: 200 } as const
const echo = route({
  ...base,
  method: 'POST',
  path: '/echo',
  scope: 'write',
  status: 201,
  body: Type.Object({ name: Type.Optional(Type.String()) }, { additionalProperties: true }),
})
const things = route({ ...base, method: 'GET', path: '/things', scope: 'read', list: { fields: ['id', 'name'] } })
const thing = route({ ...base, method: 'GET', path: '/things/:thing', scope: 'read' })
const secrets = route({ ...base, method: 'GET', path: '/secrets', scope: 'read-protected' })
const keep = route({ ...base, method: 'PATCH', path: '/secrets', scope: 'write-protected' })
const me = route({ ...base, method: 'GET', path: '/me', scope: 'identity' })
const open = route({ ...base, method: 'GET', path: '/open', scope: 'read', permission: 'anyone' })
const broken = route({ ...base, method: 'GET', path: '/broken', scope: 'read' })
const refusing = route({ ...base, method: 'GET', path: '/refusing', scope: 'read', errors: ['confirmation_required'] })
const wrong = route({
  ...base,
  method: 'GET',
  path: '/wrong',
  scope: 'read',
  answer: Type.Object({ id: Type.String() }),
})

let server: FastifyInstance
let port = 0
let asker: Asker | null
let list: { id: string; name: string }[] = []
const lines: RequestLine[] = []
const faults: unknown[] = []

const ann: Asker = {
  account: { id: randomUUID(), email: 'ann@example.com', name: null, isOperator: false },
  addonId: null,
  tokenId: randomUUID(),
  scopes: ['global'],
  via: 'bearer',
  sudo: false,
}

beforeAll(async () => {
  server = await createHttpServer({
    world: realWorld,
    handlers: [
      handle(echo, async ({ body }) => ({ body })),
      handle(things, async () => list),
      handle(thing, async ({ params, expand, include, variant }) => ({
        thing: params.thing,
        expand: [...expand],
        include: [...include],
        variant,
      })),
      handle(secrets, async () => ({})),
      handle(keep, async () => ({})),
      handle(me, async () => ({})),
      handle(open, async ({ maybeAsker }) => ({ who: maybeAsker?.account?.email ?? null })),
      handle(broken, async () => {
        throw new Error('cannot reach postgres://u:secret@h')
      }),
      handle(refusing, async () => {
        throw new WireError('confirmation_required', 'Say it.', {}, { 'X-Confirmation-Required': 'my-app' })
      }),
      handle(wrong, async () => ({ id: 7 }) as never),
    ],
    authenticate: async () => asker,
    guard: async () => ({}),
    log: (line) => void lines.push(line),
    onFault: (error) => void faults.push(error),
    checkAnswers: true,
  })
  await server.listen({ port: 0, host: '127.0.0.1' })
  port = (server.server.address() as AddressInfo).port
  asker = ann
})
afterAll(() => server.close())
afterEach(() => {
  asker = ann
  list = []
  lines.length = 0
  faults.length = 0
})

interface Answer {
  status: number
  headers: IncomingHttpHeaders
  text: string
  json: any
}

function call(
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body?: string | Buffer,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = http.request({ port, host: '127.0.0.1', method, path, headers }, (answer) => {
      let text = ''
      answer.setEncoding('utf8').on('data', (part) => {
        text += part
      })
      answer.on('end', () => {
        const json = text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : undefined
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text, json })
      })
    })
    request.on('error', reject)
    request.end(body)
  })
}

/** Bytes as they are, for what no client library would send. */
function raw(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = ''
    const socket = net.connect(port, '127.0.0.1', () => socket.write(text))
    socket.setTimeout(5_000, () => socket.destroy())
    socket.on('data', (part) => {
      answer += part
    })
    socket.on('error', reject)
    socket.on('close', () => resolve(answer))
  })
}

const json = { 'Content-Type': 'application/json' }

describe('a body', () => {
  test.each([
    'application/json',
    'application/json; charset=utf-8',
    'application/vnd.heroku+json; version=3',
    'text/html',
    'text/plain;charset=UTF-8',
    'application/octet-stream',
    'application/x-www-form-urlencoded',
  ])('of JSON is read although it is called %s', async (type) => {
    const answer = await call('POST', '/echo', { 'Content-Type': type }, '{"name":"x"}')
    expect(answer).toMatchObject({ status: 201, json: { body: { name: 'x' } } })
  })

  test('of JSON is read although it has no type', async () => {
    expect(await call('POST', '/echo', {}, Buffer.from('{"name":"x"}'))).toMatchObject({
      json: { body: { name: 'x' } },
    })
  })

  test.each(['application/json', 'application/vnd.heroku+json; version=3', 'text/html'])(
    'that is empty is none, although its type is %s',
    async (type) => {
      expect(await call('POST', '/echo', { 'Content-Type': type })).toMatchObject({ status: 201, json: { body: {} } })
      expect(await call('POST', '/echo', { 'Content-Type': type, 'Content-Length': '0' })).toMatchObject({
        status: 201,
      })
      expect(await call('GET', '/me', { 'Content-Type': type })).toMatchObject({ status: 200 })
    },
  )

  test('that is a form is one', async () => {
    const form = { 'Content-Type': 'application/x-www-form-urlencoded' }
    expect(await call('POST', '/echo', form, 'name=a%20b&more=1')).toMatchObject({
      json: { body: { name: 'a b', more: '1' } },
    })
  })

  test.each(['{"name":', 'nonsense', '{"a":1}}', "{'a':1}"])(
    'that is no JSON (%s) is 400 in a sentence',
    async (text) => {
      const answer = await call('POST', '/echo', json, text)
      expect(answer).toMatchObject({
        status: 400,
        json: {
          id: 'bad_request',
          message: 'The request body is not valid JSON. Look for a missing quote, comma or brace.',
        },
      })
    },
  )

  test('of another shape is 422 and names the field', async () => {
    expect(await call('POST', '/echo', json, '{"name":7}')).toMatchObject({
      status: 422,
      json: { id: 'invalid_params', message: '"name" must be a string.' },
    })
  })

  test('of 10 MB is 413 with a body, whether or not it says its length', async () => {
    const large = Buffer.alloc(10 * 1024 * 1024, 'x')
    const wanted = { status: 413, json: { id: 'request_too_large', message: 'The request body is larger than 1 MB.' } }
    expect(await call('POST', '/echo', { ...json, 'Content-Length': String(large.length) }, large)).toMatchObject(
      wanted,
    )
    const answer = await raw(
      `POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n${(bodyBytesMax + 1).toString(16)}\r\n${'x'.repeat(bodyBytesMax + 1)}\r\n0\r\n\r\n`,
    )
    expect(answer).toMatch(/^HTTP\/1\.1 413 /)
    expect(answer).toContain('"id":"request_too_large"')
  })

  test('just below the limit is read', async () => {
    const name = 'x'.repeat(bodyBytesMax - 100)
    expect((await call('POST', '/echo', json, JSON.stringify({ name }))).status).toBe(201)
  })

  test('with keys that mean something to JavaScript is only a body', async () => {
    const answer = await call('POST', '/echo', json, '{"__proto__":{"isOperator":true},"constructor":"x"}')
    expect(answer.text).toBe('{"body":{"__proto__":{"isOperator":true},"constructor":"x"}}')
    expect(({} as Record<string, unknown>)['isOperator']).toBeUndefined()
  })
})

describe('every answer', () => {
  test('has a Request-Id of its own, is not sniffed, and is kept by nobody else', async () => {
    const [one, two] = [await call('GET', '/me'), await call('GET', '/nowhere')]
    expect(one.headers['request-id']).toMatch(/^[0-9a-f-]{36}$/)
    expect(two.headers['request-id']).not.toBe(one.headers['request-id'])
    expect(one.headers['x-content-type-options']).toBe('nosniff')
    expect(one.headers['cache-control']).toBe('private, no-cache')
    expect(one.headers['content-type']).toBe('application/json;charset=utf-8')
  })

  test("is logged in one line with the route's pattern, never the address, and with the caller's ids", async () => {
    await call('GET', '/things/secret-name?token=secret', { 'Request-Id': 'a,b' })
    expect(lines).toMatchObject([
      { method: 'GET', route: '/things/:thing', status: 200, callerIds: 'a,b', accountId: ann.account?.id },
    ])
    expect(JSON.stringify(lines)).not.toContain('secret')
  })

  test('bears the 8 kB of ids that a real client sends', async () => {
    expect((await call('GET', '/me', { 'Request-Id': 'x'.repeat(8_000) })).status).toBe(200)
    expect(lines[0]?.callerIds.length).toBeLessThanOrEqual(200)
  })

  test('to a GET has an ETag, and whoever knows it gets 304 without a body', async () => {
    const first = await call('GET', '/things/a')
    const tag = String(first.headers.etag)
    expect(tag).toMatch(/^"[\w-]+"$/)
    for (const known of [tag, `W/${tag}`, `"other", ${tag}`]) {
      const again = await call('GET', '/things/a', { 'If-None-Match': known })
      expect(again).toMatchObject({ status: 304, text: '' })
      expect(again.headers.etag).toBe(tag)
    }
    expect((await call('GET', '/things/a', { 'If-None-Match': '"other"' })).status).toBe(200)
  })

  test('has another ETag when it says something else', async () => {
    const tag = async (path: string, headers = {}) => (await call('GET', path, headers)).headers.etag
    const tags = [
      await tag('/things/a'),
      await tag('/things/b'),
      await tag('/things/a', { 'Accept-Expansion': 'plan' }),
      await tag('/things/a', { Accept: 'application/vnd.heroku+json; version=3.sdk' }),
    ]
    expect(new Set(tags).size).toBe(4)
  })

  test('to HEAD is that to GET without its body', async () => {
    const [get, head] = [await call('GET', '/things/a'), await call('HEAD', '/things/a')]
    expect(head).toMatchObject({ status: 200, text: '' })
    for (const name of ['etag', 'content-type', 'content-length']) expect(head.headers[name]).toBe(get.headers[name])
  })

  test('knows variants, expansions and inclusions, however they are written', async () => {
    const answer = await call('GET', '/things/a', {
      Accept: 'application/vnd.heroku+json; version=3.sdk',
      'Accept-Expansion': ' Plan , addon_service,',
      'Accept-Inclusion': 'config_vars',
    })
    expect(answer.json).toMatchObject({ expand: ['plan', 'addon_service'], include: ['config_vars'], variant: 'sdk' })
  })

  test('of another shape than declared is found in tests', async () => {
    expect((await call('GET', '/wrong')).status).toBe(500)
    expect(String(faults[0])).toContain('answers a shape that it does not declare: "id" must be a string.')
  })
})

describe('a list', () => {
  test('is cut as the Range header asks, and says how to go on', async () => {
    list = ['c', 'a', 'b'].map((id) => ({ id, name: `name-${id}` }))
    const answer = await call('GET', '/things', { Range: 'id ..; max=2' })
    expect(answer).toMatchObject({ status: 206, json: [{ id: 'a' }, { id: 'b' }] })
    expect(answer.headers).toMatchObject({
      'accept-ranges': 'id, name',
      'content-range': 'id a..b; max=2',
      'next-range': 'id ]b..; max=2',
    })
    const rest = await call('GET', '/things', { Range: String(answer.headers['next-range']) })
    expect(rest).toMatchObject({ status: 200, json: [{ id: 'c' }] })
    expect(rest.headers['next-range']).toBeUndefined()
  })

  test('has 200 on a page unless asked', async () => {
    list = Array.from({ length: 201 }, () => ({ id: randomUUID(), name: 'x' }))
    const answer = await call('GET', '/things')
    expect(answer.status).toBe(206)
    expect(answer.json).toHaveLength(200)
  })

  test('that can not be cut so is 416 in a sentence', async () => {
    expect(await call('GET', '/things', { Range: 'id ..; max=none' })).toMatchObject({
      status: 416,
      json: { id: 'requested_range_not_satisfiable' },
    })
  })

  test('is a list: a Range on anything else, which some clients always send, is ignored', async () => {
    for (const range of ['id ..; max=1000', 'nonsense']) {
      expect((await call('GET', '/things/a', { Range: range })).status).toBe(200)
      expect((await call('POST', '/echo', { ...json, Range: range }, '{}')).status).toBe(201)
    }
  })
})

describe('an error', () => {
  const errorOf = (answer: Answer) => Object.keys(answer.json ?? {}).sort()

  test('of ours says nothing of its cause but the request id, and is told to the operator', async () => {
    const answer = await call('GET', '/broken')
    expect(answer).toMatchObject({ status: 500, json: { id: 'internal_server_error' } })
    expect(answer.text).not.toContain('postgres')
    expect(faults).toHaveLength(1)
  })

  test('carries its headers', async () => {
    const answer = await call('GET', '/refusing')
    expect(answer).toMatchObject({ status: 423, json: { id: 'confirmation_required', message: 'Say it.' } })
    expect(answer.headers['x-confirmation-required']).toBe('my-app')
    expect(faults).toEqual([])
  })

  test.each([
    ['GET', '/nowhere'],
    ['DELETE', '/echo'],
    ['GET', '/things/a/b/c'],
  ])('for %s %s, which is not there, is 404', async (method, path) => {
    const answer = await call(method, path)
    expect(answer).toMatchObject({ status: 404, json: { id: 'not_found' } })
    expect(errorOf(answer)).toEqual(['id', 'message'])
  })

  test.each(['/things/%zz', '/things/%', '/%e0%a4%a'])('for %s, which is no address, is 400', async (path) => {
    const answer = await call('GET', path)
    expect(answer).toMatchObject({ status: 400, json: { id: 'bad_request' } })
    expect(errorOf(answer)).toEqual(['id', 'message'])
    expect(answer.headers['request-id']).toBeTruthy()
  })

  test('for a name with a NUL, which no database keeps, is 404 or 400 and no fault', async () => {
    const answer = await call('GET', '/things/a%00b')
    expect(answer).toMatchObject({ status: 400, json: { id: 'bad_request' } })
    expect(faults).toEqual([])
  })

  test('for an endless name or line still has a body', async () => {
    expect(await call('GET', `/things/${'x'.repeat(3_000)}`)).toMatchObject({ status: 404, json: { id: 'not_found' } })
    const answer = await raw(`GET /things/${'x'.repeat(40_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
    expect(answer).toMatch(/^HTTP\/1\.1 431 /)
    expect(answer).toMatch(/"id":"\w+","message":/)
  })

  test('for what is no HTTP has a body', async () => {
    const answer = await raw('BREW /pot HTCPCP/1.0\r\n\r\n')
    expect(answer).toMatch(/^HTTP\/1\.1 400 /)
    expect(answer).toContain('"id":"bad_request"')
  })
})

describe('who asks', () => {
  test('must be somebody, unless the route is open to anyone', async () => {
    asker = null
    const answer = await call('GET', '/me')
    expect(answer).toMatchObject({
      status: 401,
      json: { id: 'unauthorized', message: 'Invalid credentials provided.' },
    })
    expect(answer.headers['www-authenticate']).toContain('Bearer')
    expect(await call('GET', '/open')).toMatchObject({ status: 200, json: { who: null } })
  })

  const may: Record<string, string[]> = {
    global: ['/me', '/things', '/secrets', 'POST /echo', 'PATCH /secrets'],
    identity: ['/me'],
    read: ['/me', '/things'],
    write: ['/me', '/things', 'POST /echo'],
    'read-protected': ['/me', '/things', '/secrets'],
    'write-protected': ['/me', '/things', '/secrets', 'POST /echo', 'PATCH /secrets'],
  }
  test.each(Object.keys(may))('with the scope %s may do what it includes and nothing else', async (scope) => {
    asker = { ...ann, scopes: [scope] }
    for (const door of may['global'] ?? []) {
      const [path, method = 'GET'] = door.split(' ').reverse() as [string, string?]
      const answer = await call(method, path, json, method === 'GET' ? undefined : '{}')
      const isAllowed = may[scope]?.includes(door)
      expect(answer.status, `${scope}: ${door}`).toBe(isAllowed ? (method === 'POST' ? 201 : 200) : 403)
      if (!isAllowed) expect(answer.json.id).toBe('forbidden')
    }
  })

  test('with no scope at all, or one nobody knows, may nothing', async () => {
    for (const scopes of [[], ['everything']]) {
      asker = { ...ann, scopes }
      expect((await call('GET', '/me')).status).toBe(403)
    }
  })

  test('with a cookie changes things only from our own pages, with a header that no other site can send', async () => {
    asker = { ...ann, via: 'cookie' }
    const ours = `http://127.0.0.1:${port}`
    const post = async (headers: Record<string, string>) =>
      (await call('POST', '/echo', { ...json, ...headers }, '{}')).status
    expect(await post({ 'X-Mortise-Web': '1', Origin: ours })).toBe(201)
    expect(await post({ 'X-Mortise-Web': '1' })).toBe(201)
    expect(await post({ Origin: ours })).toBe(403)
    expect(await post({})).toBe(403)
    expect(await post({ 'X-Mortise-Web': '1', Origin: 'http://evil.example' })).toBe(403)
    expect(await post({ 'X-Mortise-Web': '1', Origin: 'null' })).toBe(403)
    expect(await post({ 'X-Mortise-Web': '1', Origin: ours.replace('http', 'https') })).toBe(403)
    // Reading needs neither: another site may send the request, and can't read the answer.
    const read = await call('GET', '/me', { Origin: 'http://evil.example' })
    expect(read.status).toBe(200)
    expect(read.headers['access-control-allow-credentials']).toBeUndefined()
    expect(read.headers['access-control-allow-origin']).not.toBe('http://evil.example')
  })

  test('with a token may come from anywhere', async () => {
    expect((await call('POST', '/echo', { ...json, Origin: 'http://evil.example' }, '{}')).status).toBe(201)
  })

  test('with the token of a grant whose add-on is gone is told 410', async () => {
    asker = { ...ann, account: null, addonId: randomUUID(), retired: true }
    expect(await call('GET', '/me')).toMatchObject({ status: 410, json: { id: 'gone' } })
  })
})

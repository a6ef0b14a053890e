import { exampleOf, exampleUuid } from '@mortise/contract/documents/example'
import { openApi } from '@mortise/contract/documents/openapi'
import { type Operation, operations } from '@mortise/contract/documents/operations'
import { errorStatus } from '@mortise/contract/errors'
import { timestamp } from '@mortise/contract/platform-api/shared'
import type { TSchema } from '@sinclair/typebox'
import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Handler } from '../http/handle.js'
import { createRateLimit } from '../http/rate-limit.js'
import { createHttpServer, type RequestLine } from '../http/server.js'
import { everybody } from './authenticate.js'
import { type House, testHouse } from './test-house.js'

// What every route of the table has, whoever adds it: the table is walked, so that a new route is held to all of it with no
// edit here. Once with answers made up from the declared shapes, where each convention can be asked of each route alike,
// and once with the real rooms, where a thing is read under each of its names and each list is a list.

let house: House<'owner'>
/** The door with the real authentication, and answers that are made up. */
let server: FastifyInstance
const lines: RequestLine[] = []
const listLength = 7

const all = operations
const named = (some: readonly Operation[]): [string, Operation][] =>
  some.map((one) => [`${one.route.method} ${one.route.path}`, one])
const reads = all.filter(({ route }) => route.method === 'GET')
const lists = all.filter(({ route }) => route.list)

const itemsOf = (schema: TSchema) => schema['items'] as TSchema
const propertiesOf = (schema: TSchema): Record<string, TSchema> =>
  schema['properties'] ??
  Object.assign({}, ...((schema['allOf'] ?? schema['anyOf'] ?? []) as TSchema[]).map(propertiesOf))

/** A list as long as asked, of things that differ in each field that they are ordered by; not in that order. */
function listFor({ route }: Operation): unknown[] {
  const items = itemsOf(route.answer)
  return [3, 0, 6, 2, 5, 1, 4].map((number) => {
    const item = exampleOf(items) as Record<string, unknown>
    for (const field of route.list?.fields ?? []) item[field] = placedValue(propertiesOf(items)[field], field, number)
    return item
  })
}

function placedValue(schema: TSchema | undefined, field: string, number: number): unknown {
  if (schema?.['type'] === 'integer' || schema?.['type'] === 'number') return number + 1
  if (field === 'id') return exampleUuid.replace(/^./, String(number))
  if (field.endsWith('_at')) return timestamp(new Date(1_800_000_000_000 + number * 1000))
  const text = schema?.['pattern'] ? String(number) : `n${number}`
  return text
}

const answerFor = (operation: Operation) =>
  operation.route.list ? listFor(operation) : exampleOf(operation.route.answer)

/** A path with something in each of its places; nothing of it is looked up. */
const pathOf = ({ route }: Operation) => route.path.replace(/:[a-z_]+/g, exampleUuid)

const made = (change: object = {}) =>
  createHttpServer({
    world: house.world,
    handlers: all.map(
      (operation): Handler => ({
        route: operation.route,
        run: async ({ warn }) => {
          warn('Soon it ends.')
          return answerFor(operation)
        },
      }),
    ),
    authenticate: everybody(house),
    guard: async () => ({}),
    log: (line) => void lines.push(line),
    onFault: (error) => console.error(error),
    checkAnswers: false,
    ...change,
  })

beforeAll(async () => {
  house = await testHouse(['owner'])
  server = await made()
})
afterAll(async () => {
  await server.close()
  await house.end()
})

const bearer = { authorization: 'Bearer token-of-owner' }
const published = openApi('http://localhost', '0') as {
  paths: Record<string, Record<string, { requestBody?: { content: Record<string, { example: object }> } }>>
}
const bodyFor = ({ route }: Operation) =>
  published.paths[route.path.replace(/:([a-z_]+)/g, '{$1}')]?.[route.method.toLowerCase()]?.requestBody?.content[
    'application/json'
  ]?.example

async function ask(
  operation: Operation,
  headers: Record<string, string> = {},
  method?: 'HEAD' | 'POST',
  query: string = '',
) {
  const { route } = operation
  const payload = route.body ? bodyFor(operation) : undefined
  return server.inject({
    method: method ?? route.method,
    url: pathOf(operation) + query,
    headers: { ...bearer, ...headers },
    ...(payload && method !== 'HEAD' ? { payload } : {}),
  })
}

describe('each route', () => {
  test.each(named(all))('%s has what every answer has', async (_, operation) => {
    const answer = await ask(operation, { 'request-id': 'theirs-1,theirs-2' })
    const { headers } = answer
    expect([answer.statusCode < 300, answer.body.slice(0, 200)]).toEqual([true, answer.body.slice(0, 200)])
    expect(headers['content-type']).toMatch(/^application\/json/)
    expect(headers).toMatchObject({
      'request-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
      'x-content-type-options': 'nosniff',
      'access-control-allow-origin': '*',
      'cache-control': expect.stringContaining('private'),
      vary: 'Accept-Encoding',
      'x-heroku-warning': 'Soon it ends.',
    })
    expect(headers).not.toHaveProperty('content-encoding')
    expect(headers).not.toHaveProperty('ratelimit-remaining')
    expect(lines.at(-1)).toMatchObject({
      id: headers['request-id'],
      callerIds: 'theirs-1,theirs-2',
      route: operation.route.path,
    })
  })

  test.each(named(all))('%s has one version, in any variant', async (_, operation) => {
    const heroku = 'application/vnd.heroku+json'
    const good = [
      `${heroku}; version=3`,
      `${heroku}; version=3.sdk`,
      `${heroku}; version=3.webhooks`,
      heroku,
      '*/*',
      'application/json',
    ]
    for (const accept of good)
      expect([accept, (await ask(operation, { accept })).statusCode < 300]).toEqual([accept, true])
    const other = await ask(operation, { accept: `${heroku}; version=2` })
    expect([other.statusCode, other.json().id]).toEqual([406, 'not_acceptable'])
  })

  test.each(named(all))(
    '%s takes a token as bearer and as password, and says 401 to another',
    async (_, { route, ...operation }) => {
      const one = { route, ...operation }
      const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` })
      // As Terraform, as Ruby and as an old CLI send it.
      for (const text of ['owner@example.com:token-of-owner', 'user:token-of-owner', ':token-of-owner']) {
        expect([text, (await ask(one, basic(text))).statusCode < 300]).toEqual([text, true])
      }
      if (route.permission === 'anyone') return
      for (const headers of [{ authorization: 'Bearer undefined' }, { authorization: '' }, basic(':nobody')]) {
        const refused = await ask(one, headers)
        expect([headers, refused.statusCode, refused.json().id]).toEqual([headers, 401, 'unauthorized'])
        expect(refused.headers['www-authenticate']).toContain(route.permission === 'provider' ? 'Basic' : 'Bearer')
        expect(refused.headers['request-id']).toBeDefined()
        expect(refused.headers['access-control-allow-origin']).toBe('*')
      }
    },
  )

  test.each(named(all))('%s ignores a Range that says nothing to it', async (_, operation) => {
    // Older clients send one with every request, whatever it is.
    for (const range of ['id ..; max=1000', 'id ..; max=1000;', '']) {
      const answer = await ask(operation, { range })
      expect([range, answer.statusCode]).toEqual([range, operation.route.status])
      expect(answer.headers).not.toHaveProperty('next-range')
    }
    if (!operation.route.list) {
      const { headers, statusCode } = await ask(operation, { range: 'version ..; max=1, order=desc' })
      expect(statusCode).toBe(operation.route.status)
      for (const name of ['accept-ranges', 'content-range', 'next-range']) expect(headers).not.toHaveProperty(name)
    }
  })

  test.each(named(all))(
    '%s takes no offence at extended=true, nor at a filter that says nothing to it',
    async (_, it) => {
      const plain = await ask(it)
      for (const query of ['?extended=true', '?eq[no_such_field]=1', '?extended=true&eq[]=x']) {
        const answer = await ask(it, {}, undefined, query)
        expect([query, answer.statusCode, answer.body]).toEqual([query, plain.statusCode, plain.body])
      }
    },
  )

  test('that changes something can be asked for by a POST that says so', async () => {
    for (const operation of all.filter(({ route }) => !['GET', 'POST'].includes(route.method))) {
      const answer = await ask(operation, { 'x-http-method-override': operation.route.method }, 'POST')
      expect([operation.id, answer.statusCode, lines.at(-1)?.route]).toEqual([
        operation.id,
        operation.route.status,
        operation.route.path,
      ])
    }
  })

  test('is counted where the operator wants it, and says how much is left', async () => {
    const limited = await made({ rateLimit: createRateLimit(house.world, all.length + 1) })
    for (const operation of all) {
      const payload = operation.route.body ? { payload: bodyFor(operation) } : {}
      const url = pathOf(operation)
      const { headers } = await limited.inject({ method: operation.route.method, url, headers: bearer, ...payload })
      expect([operation.id, Number(headers['ratelimit-remaining']) >= 0]).toEqual([operation.id, true])
    }
    for (let more = 0; more < 3; more++) await limited.inject({ url: '/apps', headers: bearer })
    const refused = await limited.inject({ url: '/apps', headers: bearer })
    expect([refused.statusCode, refused.json().id]).toEqual([429, 'rate_limit'])
    await limited.close()
  })
})

describe('each read', () => {
  test.each(named(reads))(
    '%s has a tag that is good for If-None-Match and If-Match, and HEAD',
    async (_, operation) => {
      const { statusCode, headers, body } = await ask(operation)
      const tag = String(headers.etag)
      expect(tag).toMatch(/^"[\w-]+"$/)
      const single = operation.route.list ? undefined : (JSON.parse(body) as { updated_at?: unknown } | null)
      const isDated = !Array.isArray(single) && typeof single?.updated_at === 'string'
      expect(headers['last-modified'] !== undefined).toBe(isDated)
      const head = await ask(operation, {}, 'HEAD')
      expect([head.statusCode, head.body, head.headers.etag]).toEqual([statusCode, '', tag])
      const known = await ask(operation, { 'if-none-match': `"other", W/${tag}` })
      expect([known.statusCode, known.body]).toEqual([304, ''])
      expect((await ask(operation, { 'if-none-match': '"other"' })).statusCode).toBe(200)
      expect((await ask(operation, { 'if-match': tag })).statusCode).toBe(200)
      const missed = await ask(operation, { 'if-match': '"other"' })
      expect([missed.statusCode, missed.json().id]).toEqual([412, 'precondition_failed'])
    },
  )
})

describe('each change', () => {
  // Whatever can be read at the address of a change can be named in its If-Match.
  const changes = all.filter(
    ({ route }) => route.method !== 'GET' && reads.some((read) => read.route.path === route.path),
  )
  test.each(named(changes))('%s happens only to what If-Match names', async (_, operation) => {
    const read = reads.find(({ route }) => route.path === operation.route.path) as Operation
    const tag = String((await ask(read)).headers.etag)
    expect((await ask(operation, { 'if-match': tag })).statusCode).toBe(operation.route.status)
    const late = await ask(operation, { 'if-match': '"other"' })
    expect([late.statusCode, late.json().id]).toEqual([412, 'precondition_failed'])
  })
})

describe('each list', () => {
  /** Lists that no client pages through: what a service or an app has few of, in an order that means something. */
  const whole = new Set([
    'GET /password-resets',
    'GET /teams/permissions',
    'GET /apps/:app/buildpack-installations',
    'GET /apps/:app/config-var-names',
    'GET /api/v3/addons/:slug/manifests',
    'GET /addons/:addon/config',
    'GET /addons/:addon/config/:namespace',
    // A handful of names each, and what providers look at on their own pages.
    'GET /account/quotas',
    'GET /users/:user/quotas',
    'GET /api/v3/addons',
    'GET /api/v3/addons/:slug/installs',
    'GET /api/v3/addons/:slug/requests',
    'GET /api/v3/addons/:slug/inspections',
    'GET /api/v3/addons/:slug/passes',
    'GET /api/v3/addons/:slug/stage-requests',
    'GET /api/v3/addons/:slug/webhooks',
    'GET /api/v3/addons/:slug/webhook-deliveries',
    // Heroku's older partner API, which has pages of its own or none.
    'GET /vendor/apps',
    'GET /vendor/logplex/whitelist',
    'GET /api/v3/apps',
    'GET /partner/permissions',
  ])

  test('can be paged through, or is named here', () => {
    const unpaged = reads.filter(({ route }) => route.answer['type'] === 'array' && !route.list)
    expect(unpaged.map(({ route }) => `GET ${route.path}`).filter((one) => !whole.has(one))).toEqual([])
  })

  test.each(named(lists))('%s is ordered by fields that its things have', (_, { route }) => {
    expect(route.list?.fields).toContain('id')
    const properties = propertiesOf(itemsOf(route.answer))
    expect((route.list?.fields ?? []).filter((field) => !(field in properties))).toEqual([])
  })

  test.each(named(lists))('%s comes whole, page by page, in both orders, by each field', async (_, operation) => {
    const wanted = listFor(operation) as Record<string, unknown>[]
    for (const field of operation.route.list?.fields ?? []) {
      for (const order of ['asc', 'desc']) {
        const got: Record<string, unknown>[] = []
        let range: string | undefined = `${field} ..; max=3, order=${order}`
        for (let page = 0; range !== undefined && page < 9; page++) {
          const answer = await ask(operation, { range })
          const next = answer.headers['next-range'] as string | undefined
          // 206 and Next-Range go together, or clients go on for ever or stop too early.
          expect([answer.statusCode, typeof next]).toEqual(
            next ? [206, 'string'] : [operation.route.status, 'undefined'],
          )
          expect(answer.headers['accept-ranges']).toBe(operation.route.list?.fields.join(', '))
          expect(answer.headers['content-range']).toMatch(new RegExp(`^${field} \\S+\\.\\.\\S+; max=3`))
          got.push(...(answer.json() as Record<string, unknown>[]))
          range = next
        }
        const values = wanted.map((one) => one[field]).sort() as never[]
        expect([field, order, got.map((one) => one[field])]).toEqual([
          field,
          order,
          order === 'asc' ? values : values.reverse(),
        ])
      }
    }
  })

  test.each(named(lists))('%s understands each spelling of Range', async (_, operation) => {
    const [field = ''] = operation.route.list?.fields ?? []
    const sorted = (listFor(operation) as Record<string, unknown>[]).sort((a, b) =>
      String(a[field]) < String(b[field]) ? -1 : 1,
    )
    const value = (at: number) => String(sorted[at]?.[field])
    const spelled: [string, number][] = [
      ['', listLength],
      [`${field} ..`, listLength],
      [`${field} ..;`, listLength],
      [`${field} ..; max=1, order=desc`, 1],
      [`${field} ..; order=desc,max=1`, 1],
      [`${field} ..; max=1,order=desc`, 1],
      [`${field} ..; max=1000;`, listLength],
      [`${field} ..; max=5000`, listLength],
      [`${field} ${value(2)}..`, listLength - 2],
      [`${field} ]${value(2)}..; max=2`, 2],
      [`${field} ]${value(2)}..`, listLength - 3],
      [`${field} ${value(1)}..${value(4)}`, 4],
      [`${field} ]${value(1)}..${value(4)}[`, 2],
      // The list is not ordered by it: what older clients send with everything.
      ['unknown_field ..; max=1000', listLength],
      ['bytes=0-100', listLength],
    ]
    for (const [range, length] of spelled) {
      expect([range, (await ask(operation, { range })).json().length]).toEqual([range, length])
    }
    for (const range of [
      `${field} ..; max=0`,
      `${field} ..; max=x`,
      `${field} ..; order=up`,
      `${field} ..; colour=red`,
      '..',
    ]) {
      const refused = await ask(operation, { range })
      expect([range, refused.statusCode, refused.json().id]).toEqual([range, 416, 'requested_range_not_satisfiable'])
    }
  })
})

describe('with the real rooms', () => {
  const scene: Record<string, Record<string, string>> = {}

  beforeAll(async () => {
    const must = async (method: 'GET' | 'POST', url: string, body?: object) => {
      const answer = await house.ask('owner', method, url, body)
      if (answer.status >= 300) throw new Error(`${method} ${url}: ${answer.status} ${answer.text}`)
      return answer.body
    }
    await house.push('fast-db', 'owner')
    const app = await must('POST', '/apps', { name: 'shop' })
    const addon = await house.addon('fast-db:mini', { id: app.id, ownerId: house.people.owner.id }, 'fast-db-1')
    const team = await must('POST', '/teams', { name: 'crew' })
    await must('POST', '/teams/apps', { name: 'crew-app', team: 'crew' })
    const domain = await must('POST', '/apps/shop/domains', { hostname: 'a.example.com' })
    const drain = await must('POST', '/apps/shop/log-drains', { url: 'https://a.example/logs' })
    const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJWxLyLbKQ3vkqXf7aeVLg7V3Jt3m1o7Wl0yq1nLw2bC owner@example.com'
    const keys = await house.ask('owner', 'POST', '/account/keys', { public_key: key })
    const id = { id: exampleUuid }
    const both = (one: { id: string; name: string }) => ({ id: one.id, name: one.name })
    const [service, plan, region, stack, attachment, collaborator, size, generation, release] = await Promise.all([
      must('GET', '/addon-services/fast-db'),
      must('GET', '/plans/fast-db:mini'),
      must('GET', '/regions/us'),
      must('GET', '/stacks').then((list) => list[0]),
      must('GET', '/apps/shop/addon-attachments').then((list) => list[0]),
      must('GET', '/apps/shop/collaborators').then((list) => list[0]),
      must('GET', '/dyno-sizes').then((list) => list[0]),
      must('GET', '/generations').then((list) => list[0]),
      must('GET', '/apps/shop/releases').then((list) => list[0]),
    ])
    Object.assign(scene, {
      app: both(app),
      addon: { id: addon, name: 'fast-db-1' },
      team: both(team),
      member: { id: house.people.owner.id, email: 'owner@example.com' },
      user: { id: house.people.owner.id, email: 'owner@example.com', self: '~' },
      domain: { id: domain.id, hostname: 'a.example.com' },
      drain: { id: drain.id, token: drain.token, url: drain.url },
      service: both(service),
      plan: both(plan),
      region: both(region),
      stack: both(stack),
      attachment: both(attachment),
      collaborator: { id: collaborator.id, email: 'owner@example.com' },
      size: both(size),
      generation: both(generation),
      release: { id: release.id, version: String(release.version), spoken: `v${release.version}` },
      key: keys.status < 300 ? { id: keys.body.id, fingerprint: keys.body.fingerprint } : id,
    })
  })

  /** Paths of a route, with each thing under each of its names; none when the scene lacks one of the things. */
  function spellings({ parameters, route }: Operation): string[] {
    let paths = [route.path as string]
    for (const { name, fields } of parameters) {
      const isById = fields.join() === 'id'
      const names = Object.values(scene[name] ?? {}).filter((one, at) => !isById || at === 0)
      // A parameter stands at the end of the path or before a slash: `:app` is not the beginning of `:apple`.
      const place = new RegExp(`:${name}(?=/|$)`)
      paths = paths.flatMap((path) => names.map((one) => path.replace(place, encodeURIComponent(one))))
    }
    return paths
  }

  const named2 = named(reads.filter(({ parameters }) => parameters.some(({ fields }) => fields.length > 1)))
  test.each(named2)('%s means the same under each name of what it speaks of', async (key, operation) => {
    const paths = spellings(operation)
    if (key === 'GET /apps/:app/releases/:release') expect(paths).toHaveLength(6)
    const answers = await Promise.all(paths.map((path) => house.ask('owner', 'GET', path)))
    for (const [at, { status, body }] of answers.entries()) {
      // A name that is in use elsewhere too is told as that in a place that has many of them, and an id never is.
      expect([paths[at], status, body]).toEqual([paths[at], answers[0]?.status, answers[0]?.body])
      expect([paths[at], status < 500]).toEqual([paths[at], true])
    }
  })

  test('enough things are known by several names for this to mean something', () => {
    const read = named2.filter(([, operation]) => spellings(operation).length > 1)
    expect(read.length).toBeGreaterThan(60)
  })

  const open = lists.filter(
    ({ route, parameters }) =>
      route.method === 'GET' &&
      parameters.every(({ name }) => ['app', 'addon', 'team', 'user', 'service', 'region'].includes(name)),
  )
  test.each(named(open.filter(({ route }) => !['operator', 'provider'].includes(route.permission))))(
    '%s is a list that can be cut',
    async (_, operation) => {
      const [path = ''] = spellings(operation)
      const answer = await house.ask('owner', 'GET', path, undefined, { range: 'id ..; max=1' })
      expect([path, [200, 206].includes(answer.status), answer.text.slice(0, 100)]).toEqual([
        path,
        true,
        answer.text.slice(0, 100),
      ])
      expect(Array.isArray(answer.body)).toBe(true)
      expect(answer.body.length).toBeLessThan(2)
    },
  )

  const singles = reads.filter(
    ({ route, parameters }) => parameters.length > 0 && ['account', 'app.view'].includes(route.permission),
  )
  test.each(named(singles))('%s says more than that it is not there', async (_, operation) => {
    const last = operation.parameters.at(-1)?.name ?? ''
    const [path = ''] = spellings({
      ...operation,
      parameters: operation.parameters.slice(0, -1),
    })
    const { status, body } = await house.ask('owner', 'GET', path.replace(`:${last}`, 'no-such-thing'))
    // What ends in a list after it is about the thing before.
    if (status !== 404 || ['app', 'add_on', 'add_on attachment'].includes(body.resource)) return
    expect([path, body.message, /^[^.]+\. \S.{12,}/.test(body.message)]).toEqual([path, body.message, true])
  })

  test('what is in no table is told so, in the body of every error', async () => {
    for (const [method, url] of [
      ['GET', '/nothing'],
      ['POST', '/apps/shop/nothing'],
      ['DELETE', '/regions'],
      ['PATCH', '/'],
    ] as const) {
      const { status, body, headers } = await house.ask('owner', method, url)
      expect([url, status, body.id, errorStatus.not_found]).toEqual([url, 404, 'not_found', 404])
      expect(headers['request-id']).toBeDefined()
    }
  })
})

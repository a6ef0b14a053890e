import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { heldRights } from '../apps/held-rights.js'
import { sql } from '../db/db.js'
import { createHttpServer } from '../http/server.js'
import { everybody } from '../start/authenticate.js'
import { guardOf } from '../start/guard.js'
import { type House, testHouse } from '../start/test-house.js'
import { liveRoutes } from './routes.js'
import { readersOfAccountMax, tellings } from './tellings.js'

// Who looks on is told of what changes, over real connections and by the database's own bell.
type Name = 'ann' | 'bob' | 'operator'
let house: House<Name>
let port: number
beforeAll(async () => {
  house = await testHouse(['ann', 'bob', 'operator'])
  await house.server.listen({ port: 0, host: '127.0.0.1' })
  port = (house.server.server.address() as AddressInfo).port
})
const open = new Set<Stream>()
afterEach(() => {
  for (const stream of open) stream.close()
})
afterAll(async () => {
  expect(house.faults).toEqual([])
  house.server.server.closeAllConnections()
  await house.end()
})

interface Told {
  action: string
  app: { id: string } | null
  id: string
  resource: string
}
interface Stream {
  status: number
  headers: http.IncomingHttpHeaders
  facts: Told[]
  ids: string[]
  lost: number
  beats: number
  text: string
  hasEnded: boolean
  answer: http.IncomingMessage
  close(): void
}

function look(
  as: Name,
  path: string,
  more: { headers?: Record<string, string>; token?: string; port?: number } = {},
): Promise<Stream> {
  const headers = { host: 'localhost:5055', authorization: `Bearer ${more.token ?? `token-of-${as}`}`, ...more.headers }
  return new Promise((done, fail) => {
    http
      .get({ port: more.port ?? port, host: '127.0.0.1', path, headers, agent: false }, (answer) => {
        const stream: Stream = {
          status: answer.statusCode ?? 0,
          headers: answer.headers,
          facts: [],
          ids: [],
          lost: 0,
          beats: 0,
          text: '',
          hasEnded: false,
          answer,
          close: () => answer.destroy(),
        }
        open.add(stream)
        let rest = ''
        answer.setEncoding('utf8')
        answer.on('data', (part: string) => {
          stream.text += part
          const events = (rest + part).split('\n\n')
          rest = events.pop() ?? ''
          for (const event of events) {
            const [, id = '', data] = /^id: (\S+)\nevent: fact\ndata: (.*)$/.exec(event) ?? []
            if (data) {
              stream.facts.push(JSON.parse(data))
              stream.ids.push(id)
            } else if (event.startsWith('event: lost')) stream.lost++
            else if (event === ': still here') stream.beats++
          }
        })
        answer.on('error', () => undefined)
        answer.on('close', () => {
          stream.hasEnded = true
          open.delete(stream)
        })
        done(stream)
      })
      .on('error', fail)
  })
}

let apps = 0
async function newApp(as: Name = 'ann'): Promise<{ id: string; name: string; ownerId: string }> {
  const name = `app-${++apps}`
  const { status, body } = await house.ask(as, 'POST', '/apps', { name })
  expect(status).toBe(201)
  // A new reader is told of what happened right before it came: of this app's beginning, too.
  house.clock.aheadMs += 2_500
  return { id: body.id, name, ownerId: house.people[as].id }
}
const set = (app: string, name = 'GREETING', as: Name = 'ann') =>
  house.ask(as, 'PATCH', `/apps/${app}/config-vars`, { [name]: 'a value nobody is told' })
/** Another process hears, and a machine may be busy: more than the usual second. */
const soon = { timeout: 5_000 }
const heard = (stream: Stream) => stream.facts.map(({ resource, action }) => `${resource} ${action}`)

test('a change in an app is told to whoever looks on, without what it changed to', async () => {
  const [mine, other] = [await newApp(), await newApp()]
  const stream = await look('ann', `/apps/${mine.name}/stream`)
  expect([stream.status, stream.headers['content-type']]).toEqual([200, 'text/event-stream; charset=utf-8'])
  await set(other.name)
  await set(mine.name)
  await expect.poll(() => heard(stream), soon).toContain('release create')
  await house.ask('ann', 'PATCH', `/apps/${mine.name}`, { maintenance: true })
  await expect.poll(() => heard(stream), soon).toContain('app update')
  expect(new Set(stream.facts.map(({ app }) => app?.id))).toEqual(new Set([mine.id]))
  expect(Object.keys(stream.facts[0] ?? {}).sort()).toEqual(['action', 'app', 'id', 'resource'])
  expect(stream.text).not.toContain('nobody is told')
  expect(stream.text).not.toContain('GREETING')
})

test('what changes about an add-on is told in each app that it is attached to', async () => {
  const [billed, other] = [await newApp(), await newApp()]
  await house.push('fast-db', 'operator')
  const addon = await house.addon('fast-db:mini', billed, 'fast-db-1')
  const attach = { addon: 'fast-db-1', app: other.name, name: 'SHARED' }
  expect((await house.ask('ann', 'POST', '/addon-attachments', attach)).status).toBe(201)
  house.clock.aheadMs += 2_500
  const [here, there] = [
    await look('ann', `/apps/${billed.name}/stream`),
    await look('ann', `/apps/${other.name}/stream`),
  ]
  expect(
    (await house.ask('ann', 'PATCH', `/apps/${billed.name}/addons/fast-db-1`, { name: 'renamed-db' })).status,
  ).toBe(200)
  for (const [stream, app] of [
    [here, billed],
    [there, other],
  ] as const) {
    await expect
      .poll(() => stream.facts)
      .toContainEqual({ resource: 'addon', action: 'update', id: addon, app: { id: app.id } })
  }
})

test('the stream of all apps tells of each that one may see, new ones too, and of nobody else’s', async () => {
  const [mine, hers] = [await newApp('bob'), await newApp('ann')]
  const stream = await look('bob', '/stream')
  await set(hers.name)
  await set(mine.name, 'GREETING', 'bob')
  await expect.poll(() => stream.facts.filter(({ app }) => app?.id === mine.id).length, soon).toBeGreaterThan(0)
  const made = await newApp('bob')
  await expect.poll(() => stream.facts.map(({ app }) => app?.id), soon).toContain(made.id)
  expect(stream.facts.map(({ app }) => app?.id)).not.toContain(hers.id)
  // From the moment on at which it is shared.
  await house.ask('ann', 'POST', `/apps/${hers.name}/collaborators`, { user: 'bob@example.com' })
  await expect.poll(() => stream.facts.map(({ app }) => app?.id), soon).toContain(hers.id)
  await house.ask('bob', 'DELETE', `/apps/${made.name}`)
  await expect
    .poll(() => stream.facts)
    .toContainEqual({
      resource: 'app',
      action: 'destroy',
      id: made.id,
      app: { id: made.id },
    })
})

test('the stream of the platform is the operator’s, and tells of operations as they move', async () => {
  expect((await look('bob', '/operations/stream')).status).toBe(403)
  const app = await newApp()
  const stream = await look('operator', '/operations/stream')
  expect((await house.ask('ann', 'DELETE', `/apps/${app.name}`)).status).toBe(200)
  // Operations of the tests before may still be told of.
  const apps = () => stream.facts.filter(({ resource }) => resource === 'operation').map((fact) => fact.app?.id)
  await expect.poll(apps, soon).toContain(app.id)
})

test('an app that one may not see has no stream, and HEAD reads nothing', async () => {
  const app = await newApp()
  expect((await look('bob', `/apps/${app.name}/stream`)).status).toBe(404)
  const path = `/apps/${app.name}/stream`
  const head = await house.server.inject({
    method: 'HEAD',
    url: path,
    headers: { authorization: 'Bearer token-of-ann' },
  })
  expect([head.statusCode, head.body]).toEqual([200, ''])
})

test('whoever comes back is told what came meanwhile, once; when that is not known, everything is to be read anew', async () => {
  const app = await newApp()
  const path = `/apps/${app.name}/stream`
  /** Sets a config var. @returns how to ask how often a stream told of that release */
  const release = async (name: string) => {
    await set(app.name, name)
    const releases = (await house.ask('ann', 'GET', `/apps/${app.name}/releases`)).body as {
      id: string
      version: number
    }[]
    const { id } = releases.reduce((newest, one) => (one.version > newest.version ? one : newest))
    return (stream: Stream) =>
      stream.facts.filter((fact) => fact.resource === 'release' && fact.action === 'create' && fact.id === id).length
  }
  const first = await look('ann', path)
  const one = await release('ONE')
  await expect.poll(() => one(first), soon).toBe(1)
  first.close()
  await expect.poll(() => first.hasEnded, soon).toBe(true)
  const two = await release('TWO')
  const back = await look('ann', path, { headers: { 'last-event-id': first.ids.at(-1) ?? '' } })
  await expect.poll(() => two(back), soon).toBe(1)
  expect([one(first), one(back), two(first), back.lost]).toEqual([1, 0, 0, 0])
  const stranger = await look('ann', path, { headers: { 'last-event-id': 'of-another-process.7' } })
  await expect.poll(() => stranger.lost, soon).toBe(1)
  house.clock.aheadMs += 60_000
  const three = await release('THREE')
  await expect.poll(() => three(back), soon).toBe(1)
  expect(two(back)).toBe(1)
  const late = await look('ann', path, { headers: { 'last-event-id': first.ids.at(-1) ?? '' } })
  await expect.poll(() => late.lost, soon).toBe(1)
})

test('what happened right before a reader came is told: it may have read just before that', async () => {
  const app = await newApp()
  await set(app.name)
  const stream = await look('ann', `/apps/${app.name}/stream`)
  await expect.poll(() => heard(stream), soon).toContain('release create')
})

test('a stream ends with its token, with its right, and with the platform', async () => {
  const app = await newApp()
  await house.ask('ann', 'POST', `/apps/${app.name}/collaborators`, { user: 'bob@example.com' })
  const authorization = (await house.ask('bob', 'POST', '/oauth/authorizations', { scope: ['read'] })).body
  const { token } = authorization.access_token
  const paths = [`/apps/${app.name}/stream`, '/stream']
  const [byToken, ofAccount] = await Promise.all(paths.map((path) => look('bob', path, { token })))
  const byRight = await look('bob', `/apps/${app.name}/stream`)
  await house.ask('bob', 'DELETE', `/oauth/authorizations/${authorization.id}`)
  await expect.poll(() => [byToken?.hasEnded, ofAccount?.hasEnded], soon).toEqual([true, true])
  expect(byRight.hasEnded).toBe(false)
  await house.ask('ann', 'DELETE', `/apps/${app.name}/collaborators/bob@example.com`)
  await expect.poll(() => byRight.hasEnded, soon).toBe(true)
})

test('an account has a limit of streams, and has room again when one ends', async () => {
  const streams = []
  for (let count = 0; count < readersOfAccountMax; count++) streams.push(await look('bob', '/stream'))
  const refused = await look('bob', '/stream')
  expect([refused.status, refused.headers['retry-after']]).toEqual([429, '15'])
  expect((await look('ann', '/stream')).status).toBe(200)
  streams[0]?.close()
  await expect.poll(async () => (await look('bob', '/stream')).status).toBe(200)
})

test('a reader that takes nothing any more is cut off, and the others are told on', async () => {
  const app = await newApp()
  const [slow, brisk] = [await look('ann', `/apps/${app.name}/stream`), await look('ann', `/apps/${app.name}/stream`)]
  slow.answer.pause()
  // As much at once as real facts can be, a thousand small ones: that alone cuts nobody off.
  const many = () =>
    sql`select pg_notify('mortise', 'facts ' || json_build_object('resource', repeat('x', 500), 'action', 'update',
    'id', gen_random_uuid(), 'app', ${app.id}::uuid)) from generate_series(1, 300)`.execute(house.db)
  let isCut = false
  slow.answer.socket.once('close', () => {
    isCut = true
  })
  for (let batch = 0; batch < 100 && !isCut; batch++) {
    await many()
    // The other keeps up, however slow the machine is.
    await expect.poll(() => brisk.facts.length, soon).toBeGreaterThanOrEqual(300 * (batch + 1))
  }
  slow.answer.resume()
  await expect.poll(() => slow.hasEnded, soon).toBe(true)
  expect(brisk.hasEnded).toBe(false)
  const before = brisk.facts.length
  expect(before).toBeGreaterThan(300)
  await set(app.name)
  await expect.poll(() => heard(brisk).slice(before), soon).toContain('release create')
})

test('when the bell is lost, everybody is told to read everything anew', async () => {
  const app = await newApp()
  const stream = await look('ann', `/apps/${app.name}/stream`)
  await sql`select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and application_name = 'mortise bells'`.execute(house.db)
  await expect.poll(() => stream.lost, soon).toBe(1)
  await set(app.name)
  await expect.poll(() => heard(stream), soon).toContain('release create')
})

test('a silent stream beats, is not packed, and ends when the platform stops', async () => {
  const stopping = new AbortController()
  const { db, world, secrets } = house
  const server = await createHttpServer({
    world,
    handlers: liveRoutes({
      tellings: tellings({ db, world, onFault: (error) => void house.faults.push(error) }),
      rights: heldRights({ db, world }),
      stopping: stopping.signal,
      beatMs: 20,
    }),
    authenticate: everybody({ db, world, secrets }),
    guard: guardOf(db, world.now),
    log: () => undefined,
    onFault: (error) => void house.faults.push(error),
  })
  await server.listen({ port: 0, host: '127.0.0.1' })
  const stream = await look('ann', '/stream', {
    port: (server.server.address() as AddressInfo).port,
    headers: { 'accept-encoding': 'gzip' },
  })
  expect(stream.headers['content-encoding']).toBeUndefined()
  await expect.poll(() => stream.beats, soon).toBeGreaterThan(2)
  stopping.abort()
  await expect.poll(() => stream.hasEnded, soon).toBe(true)
  await server.close()
})

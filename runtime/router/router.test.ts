import { once } from 'node:events'
import http, { type IncomingMessage, type RequestListener } from 'node:http'
import net, { type AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { until } from '../conformance.js'
import type { WebTarget } from '../driver.js'
import { createLogs, type Logs } from '../logs/logs.js'
import { createRouter, type RouterOptions } from './router.js'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

async function listen<T extends net.Server>(server: T, host = '127.0.0.1'): Promise<number> {
  server.listen(0, host)
  await once(server, 'listening')
  closing.push(() => {
    server.close()
    if (server instanceof http.Server) server.closeAllConnections()
  })
  return (server.address() as AddressInfo).port
}

const dyno = async (listener: RequestListener, name = 'web.1'): Promise<WebTarget> => ({
  host: '127.0.0.1',
  port: await listen(http.createServer(listener)),
  dyno: name,
})

/** A router in front of these targets, on a real server. */
async function front(targets: WebTarget[], options: Partial<RouterOptions> = {}) {
  const logs = createLogs()
  const router = createRouter({ targets: () => targets, logs, ...options })
  closing.push(() => router.close())
  const server = http.createServer((req, res) => router.handle('app', req, res))
  server.on('upgrade', (req, socket, head) => router.upgrade('app', req, socket, head))
  return { port: await listen(server), logs }
}

interface Answer {
  status: number
  headers: IncomingMessage['headers']
  raw: string[]
  body: string
}

function ask(port: number, options: http.RequestOptions & { body?: string } = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { body, headers, ...rest } = options
    const request = http.request(
      { port, host: '127.0.0.1', agent: false, headers: { host: 'example.localhost:5055', ...headers }, ...rest },
      async (answer) => {
        try {
          let text = ''
          for await (const chunk of answer) text += chunk
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, raw: answer.rawHeaders, body: text })
        } catch (error) {
          reject(error)
        }
      },
    )
    request.on('error', reject)
    request.end(body)
  })
}

const lines = (logs: Logs) => logs.recent('app', { dyno: 'router' }).map((line) => line.text)
const lineOf = async (logs: Logs) => {
  await until(() => lines(logs).length > 0)
  return lines(logs)[0]!
}
const free = async () => {
  const server = net.createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

test('a request reaches the dyno whole, and its answer comes back whole', async () => {
  const target = await dyno(async (req, res) => {
    let body = ''
    for await (const chunk of req) body += chunk
    res.setHeader('Set-Cookie', ['a=1', 'b=2'])
    res.writeHead(201, 'Made Here', { 'X-Own': 'yes' })
    res.end(`${req.method} ${req.url} ${req.headers.host} ${body}`)
  })
  const { port } = await front([target])
  const answer = await ask(port, { method: 'POST', path: '/a?b=%20c', body: 'hello' })
  expect(answer).toMatchObject({ status: 201, body: 'POST /a?b=%20c example.localhost:5055 hello' })
  expect(answer.headers).toMatchObject({ 'set-cookie': ['a=1', 'b=2'], 'x-own': 'yes', via: '1.1 mortise' })
  expect(
    (await ask(port, { method: 'DELETE', headers: { 'transfer-encoding': 'chunked' }, body: 'why' })).body,
  ).toContain('why')
  expect(await ask(port, { method: 'HEAD' })).toMatchObject({ status: 201, body: '' })
})

test('the dyno hears who asked and under which id, and nothing about the connection', async () => {
  let seen: IncomingMessage['headers'] = {}
  const { port } = await front([
    await dyno((req, res) => {
      seen = req.headers
      res.setHeader('Connection', 'X-Private')
      res.setHeader('X-Private', 'for the router')
      res.end()
    }),
  ])
  const id = 'a-request-id-of-the-client'
  const answer = await ask(port, {
    headers: {
      'x-forwarded-for': '203.0.113.9',
      'x-request-id': id,
      connection: 'X-Hop, close',
      'x-hop': '1',
      te: 'trailers',
      'proxy-authorization': 'x',
      via: '1.0 other',
    },
  })
  expect(seen).toMatchObject({
    'x-forwarded-for': '203.0.113.9, 127.0.0.1',
    'x-forwarded-proto': 'http',
    'x-forwarded-port': '5055',
    'x-request-id': id,
    'x-request-start': expect.stringMatching(/^\d{13}$/),
    via: '1.0 other, 1.1 mortise',
  })
  for (const name of ['x-hop', 'te', 'proxy-authorization']) expect(seen).not.toHaveProperty(name)
  expect(answer.headers).not.toHaveProperty('x-private')
  await ask(port, { headers: { 'x-request-id': 'short' } })
  expect(seen['x-request-id']).toMatch(/^[0-9a-f-]{36}$/)
})

test('each request leaves one line in the log, in the form of Heroku', async () => {
  const { port, logs } = await front([await dyno((_req, res) => res.end('twelve bytes'))])
  await ask(port, { path: '/a"b', headers: { 'x-request-id': '01234567-89ab-cdef-0123-456789abcdef' } })
  await until(() => lines(logs).length > 0)
  expect(lines(logs)).toEqual([
    expect.stringMatching(
      /^at=info method=GET path="\/a%22b" host=example\.localhost:5055 request_id=01234567-89ab-cdef-0123-456789abcdef fwd="127\.0\.0\.1" dyno=web\.1 connect=\d+ms service=\d+ms status=200 bytes=12 protocol=http$/,
    ),
  ])
})

test('bodies stream both ways, with nothing held back', async () => {
  const { port } = await front([await dyno((req, res) => req.pipe(res))])
  const request = http.request({ port, host: '127.0.0.1', method: 'POST', agent: false })
  request.write('one')
  const [answer] = (await once(request, 'response')) as [IncomingMessage]
  expect(String((await once(answer, 'data'))[0])).toBe('one')
  request.end('two')
  expect(String((await once(answer, 'data'))[0])).toBe('two')
})

test('requests go round over the dynos, and around one that refuses connections', async () => {
  const first = await dyno((_req, res) => res.end('1'))
  const second = await dyno((_req, res) => res.end('2'), 'web.2')
  const { port } = await front([first, second])
  const bodies = [await ask(port), await ask(port), await ask(port), await ask(port)].map(({ body }) => body)
  expect(bodies.sort()).toEqual(['1', '1', '2', '2'])
  const around = await front([{ host: '127.0.0.1', port: await free() }, second])
  for (let i = 0; i < 4; i++) {
    expect(await ask(around.port, { method: 'POST', body: 'kept for the one that listens' })).toMatchObject({
      status: 200,
      body: '2',
    })
  }
})

test('with no web dynos the answer is H14, with crashed ones or none that listens H10', async () => {
  const none = await front([])
  const answer = await ask(none.port, { headers: { accept: 'text/html' } })
  expect(answer).toMatchObject({ status: 503, body: expect.stringContaining('<h1>Application error</h1>') })
  expect(answer.headers['content-type']).toBe('text/html; charset=utf-8')
  expect(await lineOf(none.logs)).toMatch(
    /^at=error code=H14 desc="No web processes running" method=GET .* dyno= connect= service= status=503 bytes=\d+ protocol=http$/,
  )
  const crashed = await front([], { isCrashed: () => true })
  expect((await ask(crashed.port)).body).toBe('Application error (H10: App crashed)\n')
  const refusing = await front([{ host: '127.0.0.1', port: await free() }])
  expect((await ask(refusing.port)).status).toBe(503)
  expect(await lineOf(refusing.logs)).toContain('code=H10')
})

test('a dyno that does not answer in time is H12, one that hangs up H13, one that talks nonsense H17', async () => {
  const slow = await front([await dyno(() => undefined)], { timeoutMs: 100 })
  expect((await ask(slow.port)).status).toBe(503)
  expect(await lineOf(slow.logs)).toContain('code=H12 desc="Request timeout"')
  const hangingUp = await front([await dyno((req) => req.socket.destroy())])
  expect((await ask(hangingUp.port, { method: 'POST', body: 'x' })).status).toBe(503)
  expect(await lineOf(hangingUp.logs)).toContain('code=H13')
  const nonsense = net.createServer((socket) => socket.end('nonsense\r\n\r\n'))
  const talking = await front([{ host: '127.0.0.1', port: await listen(nonsense) }])
  expect((await ask(talking.port)).status).toBe(503)
  expect(await lineOf(talking.logs)).toContain('code=H17')
})

test('half an answer never looks like a whole one', async () => {
  const { port, logs } = await front([
    await dyno((_req, res) => {
      res.write('half')
      setTimeout(() => res.destroy(), 20)
    }),
  ])
  await expect(ask(port)).rejects.toThrow()
  expect(await lineOf(logs)).toContain('code=H18')
})

test('a client that goes away ends the request at the dyno', async () => {
  let isOver = false
  const { port, logs } = await front([
    await dyno((_req, res) => {
      res.on('close', () => {
        isOver = true
      })
    }),
  ])
  const request = http.get({ port, host: '127.0.0.1', agent: false })
  request.on('error', () => undefined)
  await sleep(50)
  request.destroy()
  await until(() => isOver)
  expect(await lineOf(logs)).toContain('code=H27')
  expect(lines(logs)[0]).toContain('status=499')
})

test('a connection that the dyno closed while it was kept is tried again, unnoticed', async () => {
  // Answers the first request of a connection and cuts it at the second, as an app does whose keep-alive time is over.
  const seen = new WeakSet<object>()
  const { port } = await front([
    await dyno((req, res) => {
      if (seen.has(req.socket)) return req.socket.destroy()
      seen.add(req.socket)
      res.end('well')
    }),
  ])
  for (let i = 0; i < 4; i++) expect(await ask(port)).toMatchObject({ status: 200, body: 'well' })
})

test('a request that changes something is never sent twice', async () => {
  let requests = 0
  const { port } = await front([
    await dyno((req) => {
      requests++
      req.socket.destroy()
    }),
  ])
  expect((await ask(port, { method: 'POST' })).status).toBe(503)
  expect(requests).toBe(1)
})

test('the driver is told when each request begins and ends', async () => {
  let inFlight = 0
  const target = await dyno((req, res) => (req.url === '/cut' ? req.socket.destroy() : res.end(`${inFlight}`)))
  target.begin = () => {
    inFlight++
    return () => inFlight--
  }
  const { port } = await front([target])
  expect((await ask(port)).body).toBe('1')
  await ask(port, { path: '/cut' })
  await until(() => inFlight === 0)
})

test('a WebSocket talks through the router, and ends on both sides', async () => {
  const server = http.createServer()
  const sockets = new WebSocketServer({ server })
  sockets.on('connection', (socket, req) =>
    socket.on('message', (text) => socket.send(`${req.headers['x-forwarded-for']} said ${text}`)),
  )
  const { port, logs } = await front([{ host: '127.0.0.1', port: await listen(server), dyno: 'web.1' }])
  const client = new WebSocket(`ws://127.0.0.1:${port}/chat`)
  await once(client, 'open')
  client.send('hello')
  expect(String((await once(client, 'message'))[0])).toBe('127.0.0.1 said hello')
  client.close()
  await once(client, 'close')
  await until(() => sockets.clients.size === 0)
  expect(await lineOf(logs)).toMatch(/^at=info method=GET path="\/chat" .* dyno=web\.1 .* status=101 /)
})

test('an upgrade that the dyno declines gets its answer, and with no dyno a 503', async () => {
  const declining = await front([
    await dyno((_req, res) => res.writeHead(426, { 'X-Why': 'no sockets here' }).end('no')),
  ])
  const upgrade = { connection: 'Upgrade', upgrade: 'websocket' }
  expect(await ask(declining.port, { headers: upgrade })).toMatchObject({
    status: 426,
    body: 'no',
    headers: { 'x-why': 'no sockets here' },
  })
  const none = await front([])
  expect(await ask(none.port, { headers: upgrade })).toMatchObject({
    status: 503,
    body: 'Application error (H14: No web processes running)\n',
  })
})

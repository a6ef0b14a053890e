import http from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { selfSigned } from '@mortise/certificates/certificate'
import { createLogs } from '@mortise/runtime/logs/logs'
import { afterEach, expect, test, vi } from 'vitest'
import { createOutbound } from '../http/outbound.js'
import { realWorld, type World } from '../world/world.js'
import { bufferLinesMax } from './buffer.js'
import { type Forwarder, startForwarder } from './forwarder.js'
import { httpReceiver, tcpReceiver } from './test-receivers.js'

const token = 'd.01234567-89ab-cdef-0123-456789abcdef'
const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

/** Waits of a forwarder pass at once, but are counted. */
function scene(options: Parameters<typeof createOutbound>[0] = { loopbackAllowed: true }) {
  const logs = createLogs()
  const waits: number[] = []
  const world: World = {
    ...realWorld,
    chance: () => 0.9,
    sleep: async (ms, signal) => {
      waits.push(ms)
      await realWorld.sleep(Math.min(ms, 5), signal)
    },
  }
  const outbound = createOutbound(options)
  ends.push(() => outbound.close())
  const say = (text: string) => logs.write('a', { source: 'app', dyno: 'web.1', text })
  const start = (url: string): Forwarder => {
    const forwarder = startForwarder({ world, logs, outbound }, { appId: 'a', token, url }, [])
    ends.push(() => forwarder.stop())
    return forwarder
  }
  return { logs, waits, say, start }
}

async function receiver() {
  const made = await httpReceiver()
  ends.push(() => made.stop())
  return made
}

test('lines go by POST, with the words by which receivers know them, and the password in a header', async () => {
  const to = await receiver()
  const { say, start } = scene()
  start(to.url.replace('http://', 'http://us%40er:pass@'))
  say('one')
  await vi.waitFor(() => expect(to.texts()).toEqual(['one']))
  const [first] = to.received
  expect(first?.url).toBe('/logs')
  expect(first?.headers).toMatchObject({
    'content-type': 'application/logplex-1',
    'logplex-msg-count': '1',
    'logplex-drain-token': token,
    'logplex-frame-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
    'user-agent': expect.stringMatching(/^Logplex\//),
    authorization: `Basic ${Buffer.from('us@er:pass').toString('base64')}`,
  })
})

test('lines that come while one frame is under way go together, in order', async () => {
  const to = await receiver()
  const { say, start } = scene()
  start(to.url)
  for (let n = 0; n < 50; n++) say(`line ${n}`)
  await vi.waitFor(() => expect(to.texts()).toHaveLength(50))
  expect(to.texts()).toEqual(Array.from({ length: 50 }, (_, n) => `line ${n}`))
  expect(to.received.length).toBeLessThan(10)
  expect(to.received.map(({ headers, body }) => [headers['logplex-msg-count'], body.split('\n').length - 1])).toEqual(
    to.received.map(({ body }) => [`${body.split('\n').length - 1}`, body.split('\n').length - 1]),
  )
})

test.each([[500], [503], [429], [302], ['hang up' as const]])(
  'after %s it is tried twice more, with the same frame id',
  async (answer) => {
    const to = await receiver()
    to.answers.push(answer, answer)
    const { say, start } = scene()
    start(to.url)
    say('one')
    await vi.waitFor(() => expect(to.received).toHaveLength(3))
    expect(new Set(to.received.map(({ headers }) => headers['logplex-frame-id'])).size).toBe(1)
    say('two')
    await vi.waitFor(() => expect(to.received).toHaveLength(4))
    expect(to.received[3]?.body).toMatch(/ - two\n$/)
    expect(to.received[3]?.body).not.toMatch(/L10/)
  },
)

test.each([400, 401, 404, 410, 422])(
  'after %i the frame is dropped at once, and the next one says so',
  async (status) => {
    const to = await receiver()
    to.answers.push(status)
    const { say, start } = scene()
    start(to.url)
    say('one')
    await vi.waitFor(() => expect(to.received).toHaveLength(1))
    say('two')
    await vi.waitFor(() => expect(to.texts().at(-1)).toBe('two'))
    expect(to.received).toHaveLength(2)
    expect(to.received[1]?.body).toMatch(/Error L10 \(output buffer overflow\): 1 messages dropped since/)
  },
)

test('a dead receiver costs 1,024 lines and no more; when it lives again it is told what it missed', async () => {
  const gone = await httpReceiver()
  await gone.stop()
  const { say, start, waits } = scene()
  const forwarder = start(gone.url)
  for (let n = 0; n < 5_000; n++) say(`line ${n}`)
  expect(forwarder.buffer.size).toBeLessThanOrEqual(bufferLinesMax)
  // It rests longer and longer between tries that reach nobody.
  await vi.waitFor(() => expect(waits.filter((ms) => ms >= 700).length).toBeGreaterThan(2))
  const rests = waits.filter((ms) => ms >= 700)
  expect(rests[1]).toBeGreaterThan(rests[0] ?? 0)
  expect(forwarder.buffer.size).toBeLessThanOrEqual(bufferLinesMax)

  const server = http.createServer()
  const bodies: string[] = []
  server.on('request', async (request, response) => {
    let body = ''
    for await (const part of request) body += part
    bodies.push(body)
    response.end()
  })
  await new Promise<void>((done) => server.listen(gone.port, '127.0.0.1', done))
  ends.push(() => server.close())
  ends.push(() => server.closeAllConnections())
  await vi.waitFor(() => expect(bodies.join('')).toMatch(/ - line 4999\n$/), 5_000)
  const dropped = [...bodies.join('').matchAll(/(\d+) messages dropped/g)].reduce((sum, [, n]) => sum + Number(n), 0)
  const came = bodies
    .join('')
    .split('\n')
    .filter((one) => / - line \d+$/.test(one)).length
  expect([dropped, came]).toEqual([5_000 - bufferLinesMax, bufferLinesMax])
})

test('whoever writes a line never waits for a receiver that does not answer', async () => {
  const to = await receiver()
  to.answers.push('silence')
  const { say, start } = scene()
  start(to.url)
  const before = performance.now()
  for (let n = 0; n < 10_000; n++) say('x')
  expect(performance.now() - before).toBeLessThan(1_000)
})

test('private addresses get no line, not over TCP either', async () => {
  const { say, start, logs } = scene({ loopbackAllowed: false })
  const to = await receiver()
  const tcp = await tcpReceiver()
  ends.push(() => tcp.stop())
  start(to.url.replace('http:', 'https:'))
  start(tcp.url)
  start(tcp.url.replace('127.0.0.1', 'localhost'))
  for (let n = 0; n < 20; n++) {
    say('secret')
    await new Promise((done) => setTimeout(done, 10))
  }
  expect(to.received).toEqual([])
  expect(tcp.connections()).toBe(0)
  expect(logs.recent('a', { dyno: 'logplex' })).toEqual([])
})

test('syslog over TCP: one connection, counted octets, made again when it breaks', async () => {
  const to = await tcpReceiver()
  ends.push(() => to.stop())
  const { say, start } = scene()
  start(to.url)
  say('one')
  await vi.waitFor(() => expect(to.text()).toMatch(/ - - one\n$/))
  say('two')
  await vi.waitFor(() => expect(to.text()).toMatch(/ - - two\n$/))
  expect(to.connections()).toBe(1)
  expect(to.text()).toMatch(new RegExp(`^\\d+ <190>1 \\S+ ${token} app web\\.1 - - one\\n\\d+ <190>1 `))
  to.cut()
  await vi.waitFor(() => {
    say('three')
    expect(to.text()).toMatch(/three/)
  })
  expect(to.connections()).toBe(2)
})

test('a certificate that can not be trusted is told in the log of the app once, without the password in the address', async () => {
  const { key, certificate } = selfSigned(['localhost'], new Date(Date.now() - 1000), new Date(Date.now() + 86_400_000))
  const untrusted = https.createServer({ key, cert: certificate }, (_, response) => response.end())
  await new Promise<void>((done) => untrusted.listen(0, '127.0.0.1', done))
  ends.push(() => untrusted.close())
  const { say, start, logs } = scene()
  const { port } = untrusted.address() as AddressInfo
  start(`https://user:hidden@localhost:${port}/`)
  start(`syslog+tls://localhost:${port}`)
  say('one')
  await vi.waitFor(() => expect(logs.recent('a', { dyno: 'logplex' })).toHaveLength(2), 5_000)
  const [first] = logs.recent('a', { dyno: 'logplex' })
  expect(first?.text).toMatch(/^Error L14 \(certificate validation\): error="\w+" uri="\S+:\d+\/"$/)
  expect(JSON.stringify(logs.recent('a'))).not.toMatch(/hidden/)
  say('two')
  await new Promise((done) => setTimeout(done, 200))
  expect(logs.recent('a', { dyno: 'logplex' })).toHaveLength(2)
})

import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import net, { type AddressInfo } from 'node:net'
import tls from 'node:tls'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import type { App } from '../apps/app.js'
import { plainApp, type TestPlatform, testPlatform, until } from '../releases/test-platform.js'
import { selfSigned } from '@mortise/certificates/certificate'
import { serveRendezvous } from './attach-tls.js'
import { webDoor } from './attach-web.js'
import { rendezvous } from './rendezvous.js'

// Each test starts real processes, and the machine may be busy.
vi.setConfig({ testTimeout: 60_000 })

const pair = selfSigned(['localhost'], new Date(Date.now() - 60_000), new Date(Date.now() + 86_400_000))
let platform: TestPlatform
let app: App
let tlsServer: tls.Server
let webServer: Server
beforeAll(async () => {
  platform = await testPlatform()
  platform.work()
  app = await platform.app()
  await platform.deploy(app, plainApp)
  await platform.call('PATCH', `/apps/${app.name}/config-vars`, { GREETING: 'hello' })
  await platform.idle(app)
  tlsServer = tls.createServer({ key: pair.key, cert: pair.certificate }, (socket) =>
    serveRendezvous(platform.meeting, socket),
  )
  tlsServer.on('tlsClientError', () => undefined)
  webServer = createServer().on('upgrade', (req, socket, head) => {
    if (!webDoor(platform.meeting)(req, socket, head)) socket.destroy()
  })
  for (const server of [tlsServer, webServer]) await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
})
afterAll(async () => {
  tlsServer.close()
  webServer.close()
  webServer.closeAllConnections()
  await platform.end()
})

const run = (body: object) => platform.call('POST', `/apps/${app.name}/dynos`, body)
const shown = async () => (await platform.call('GET', `/apps/${app.name}/dynos`)).json as { name: string }[]
const gone = (name: string) => until(async () => ((await shown()).every((one) => one.name !== name) ? true : undefined))

/** What the field's CLI does: TLS, the secret, one packet thrown away, then bytes. */
async function attach(attachUrl: string) {
  const socket = tls.connect({
    port: (tlsServer.address() as AddressInfo).port,
    servername: 'localhost',
    ca: pair.certificate,
  })
  socket.setEncoding('utf8')
  socket.write(`${new URL(attachUrl).pathname.slice(1)}\r\n`)
  const [greeting] = await once(socket, 'data')
  let said = ''
  socket.on('data', (text) => (said += text))
  return { socket, greeting, said: () => said, closed: once(socket, 'close') }
}

test('a detached command runs with the config of the current release, is listed, and is logged', async () => {
  const answer = await run({
    command: 'echo "$GREETING from $DYNO $EXTRA"; sleep 1',
    env: { EXTRA: 5 },
    size: 'standard-2x',
  })
  expect(answer.status).toBe(201)
  expect(answer.json).toMatchObject({ attach_url: null, state: 'starting', type: 'run', size: 'Standard-2X' })
  const { name } = answer.json
  expect(name).toMatch(/^run\.\d{4}$/)
  expect((await shown()).map((one) => one.name)).toContain(name)
  await gone(name)
  const log = platform.log(app)
  expect(log).toEqual(expect.arrayContaining([`hello from ${name} 5`, 'Process exited with status 0']))
  expect(
    log.some(
      (line) => line.startsWith('Starting process with command `echo') && line.endsWith('by user dev@example.com'),
    ),
  ).toBe(true)
})

test('an attached command talks over TLS: a packet of greeting, then its terminal', async () => {
  const { json } = await run({
    attach: true,
    command: 'read line; stty size; echo "got $line"',
    env: { TERM: 'dumb', COLUMNS: 100, LINES: 30 },
  })
  expect(json.attach_url).toMatch(/^rendezvous:\/\/localhost:1\/[\w-]{43}$/)
  const client = await attach(json.attach_url)
  expect(client.greeting).toBe('rendezvous\r\n')
  client.socket.write('tea\n')
  await client.closed
  expect(client.said()).toContain('30 100\r\ngot tea\r\n')
  await gone(json.name)
})

test('without a terminal EOT ends the input, and every byte arrives', async () => {
  const { json } = await run({
    attach: true,
    force_no_tty: true,
    command: 'cat; head -c 300000 /dev/zero | tr "\\0" x; echo end',
  })
  const client = await attach(json.attach_url)
  client.socket.write('one\ntwo\n')
  client.socket.write('three\n\u0004')
  await client.closed
  expect(client.said()).toHaveLength('one\ntwo\nthree\n'.length + 300_000 + 'end\n'.length)
  expect(client.said().startsWith('one\ntwo\nthree\nxxx')).toBe(true)
})

test('a command that ends at once leaves its client the time to end its input', async () => {
  const { json } = await run({ attach: true, command: 'echo quick' })
  await gone(json.name)
  const client = await attach(json.attach_url)
  await until(async () => (client.said().includes('quick') ? true : undefined))
  expect(client.socket.readableEnded).toBe(false)
  client.socket.write('\u0004')
  await client.closed
  const later = await attach((await run({ attach: true, command: 'echo quick' })).json.attach_url)
  await later.closed
  expect(later.said()).toContain('quick')
})

test('an address works once, and a wrong one learns nothing', async () => {
  const { json } = await run({ attach: true, command: 'sleep 20' })
  const first = await attach(json.attach_url)
  const second = await attach(json.attach_url)
  await second.closed
  expect(second.greeting + second.said()).toMatch(/was used before/)
  first.socket.destroy()
  await gone(json.name)
})

test('a client that goes away takes its command along, even a shell that ignores SIGTERM', async () => {
  const { json } = await run({ attach: true, command: 'bash -i' })
  const client = await attach(json.attach_url)
  client.socket.write('echo $((40 + 2))\n')
  await until(async () => (client.said().includes('42') ? true : undefined))
  client.socket.destroy()
  await gone(json.name)
})

test('whoever does not come is not waited for', async () => {
  const meeting = rendezvous({ logs: platform.logs, waitMs: 50 })
  const stop = vi.fn(async () => undefined)
  const pretend = { id: '1', name: 'run.1234', exited: new Promise<never>(() => undefined), stop }
  const secret = meeting.wait(app.id, pretend)
  await until(async () => (stop.mock.calls.length ? true : undefined))
  expect(meeting.meet(secret)).toBeUndefined()
  expect(platform.log(app)).toContain('Error R13 (Attach error) -> Failed to attach to process')
})

test('by WebSocket the exit status comes back, the end of input is a message, and a terminal is resized', async () => {
  const { json } = await run({ attach: true, command: 'read line; stty size; exit 3', env: { COLUMNS: 80, LINES: 24 } })
  const { port } = webServer.address() as AddressInfo
  const socket = new WebSocket(`ws://127.0.0.1:${port}/attach/${new URL(json.attach_url).pathname.slice(1)}`)
  let said = ''
  const exits: unknown[] = []
  socket.on('message', (data, isBinary) => {
    if (isBinary) said += data
    else exits.push(JSON.parse(String(data)))
  })
  await once(socket, 'open')
  socket.send(JSON.stringify({ resize: { columns: 90, rows: 25 } }))
  socket.send('not json')
  socket.send(Buffer.from('go\n'))
  const [code] = await once(socket, 'close')
  expect(said).toContain('25 90')
  expect([exits, code]).toEqual([[{ exit: { code: 3, signal: null } }], 1000])
  const again = new WebSocket(`ws://127.0.0.1:${port}/attach/${new URL(json.attach_url).pathname.slice(1)}`)
  expect(String((await once(again, 'error'))[0])).toContain('404')
})

test('a time to live ends it, ps:stop ends it, and a process type means its command', async () => {
  const short = (await run({ command: 'sleep 60', time_to_live: 1 })).json
  const long = (await run({ command: 'worker', type: 'job' })).json
  expect(long).toMatchObject({ type: 'job', command: 'node worker.js' })
  await platform.call('POST', `/apps/${app.name}/dynos/${long.name}/actions/stop`)
  await gone(long.name)
  await gone(short.name)
  expect(platform.log(app)).toContain('Stopped: it ran longer than 1 seconds')
})

test.each([
  [{}, 422, '"command"'],
  [{ command: 'true', size: 'huge' }, 422, 'There is no dyno size "huge"'],
  [{ command: 'true', type: '../x' }, 422, 'type'],
  [{ command: 'true', env: { 'A B': 'x' } }, 422, 'env'],
  [{ command: 'true', time_to_live: 90_000 }, 422, 'time_to_live'],
])('%j is refused and runs nothing', async (body, status, words) => {
  const before = await shown()
  const answer = await run(body)
  expect([answer.status, answer.json.message]).toEqual([status, expect.stringContaining(words)])
  expect(await shown()).toHaveLength(before.length)
})

test('an app without a deploy says so', async () => {
  const empty = await platform.app()
  const answer = await platform.call('POST', `/apps/${empty.name}/dynos`, { command: 'true' })
  expect([answer.status, answer.json.message]).toEqual([422, expect.stringContaining('Deploy it first')])
})

test('a stranger at the TLS door is cut off', async () => {
  const socket = tls.connect({
    port: (tlsServer.address() as AddressInfo).port,
    servername: 'localhost',
    ca: pair.certificate,
  })
  socket.write('x'.repeat(5_000))
  socket.on('error', () => undefined)
  await once(socket, 'close')
  const plain = net.connect((tlsServer.address() as AddressInfo).port, '127.0.0.1')
  plain.on('error', () => undefined)
  plain.write('GET / HTTP/1.1\r\n\r\n')
  plain.resume()
  await once(plain, 'close')
})

test('an attached command is ended when whoever runs it may not any more', async () => {
  const { json } = await run({ attach: true, command: 'cat' })
  const client = await attach(json.attach_url)
  client.socket.write('still here\n')
  await until(async () => (client.said().includes('still here') ? true : undefined))
  const { rows } = await platform.pool.query('select id from tokens where account_id = $1', [platform.account.id])
  expect(rows).toHaveLength(1)
  await platform.pool.query('update tokens set revoked_at = now()')
  await client.closed
  await gone(json.name)
  await platform.pool.query('update tokens set revoked_at = null')
})

import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import https from 'node:https'
import net, { type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import tls from 'node:tls'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { WebSocketServer } from 'ws'
import { authorityIn } from './authority-file.js'
import { type RunningProxy, startProxy } from './proxy.js'

// A pretend installation on plain HTTP; what clients meet of the proxy is real TLS with its real authority.
type Handler = (req: IncomingMessage, body: string, res: ServerResponse) => unknown
let handler: Handler = () => ({})
const asked: { method: string; url: string; headers: http.IncomingHttpHeaders; body: string }[] = []
const installation = http.createServer(async (req, res) => {
  const parts: Buffer[] = []
  for await (const part of req) parts.push(part as Buffer)
  const body = Buffer.concat(parts).toString()
  asked.push({ method: req.method!, url: req.url!, headers: req.headers, body })
  const said = await handler(req, body, res)
  if (res.headersSent) return
  res.writeHead(200, { 'content-type': 'application/json', 'request-id': 'r-1' }).end(JSON.stringify(said))
})
const sockets = new WebSocketServer({ server: installation })

const secret = 'abcdefghijklmnopqrstuvwxyz012345'
let dir: string
let remote: string
let ca: string
let proxy: RunningProxy

beforeAll(async () => {
  await new Promise<void>((done) => installation.listen(0, '127.0.0.1', done))
  remote = `http://127.0.0.1:${(installation.address() as AddressInfo).port}`
  dir = mkdtempSync(path.join(tmpdir(), 'mortise-proxy-'))
  const { authority } = await authorityIn(dir, new Date())
  ca = authority.certificate
  proxy = await startProxy({ remote, port: 0, authority, now: new Date() })
})
afterAll(async () => {
  await proxy.close()
  sockets.close()
  installation.closeAllConnections()
  installation.close()
  rmSync(dir, { recursive: true })
})
beforeEach(() => {
  asked.length = 0
  handler = () => ({})
})

const local = () => `http://localhost:${proxy.port}`
const ask = (url: string, init?: RequestInit) => fetch(local() + url, { redirect: 'manual', ...init })

/** With headers that `fetch` sets by itself. */
const raw = (url: string, headers: http.OutgoingHttpHeaders) =>
  new Promise<IncomingMessage>((resolve, reject) => {
    http.get(local() + url, { headers }, (answer) => resolve(answer.resume())).on('error', reject)
  })

it('a request reaches the installation as it was, and so does the answer', async () => {
  handler = (_, __, res) =>
    res.writeHead(422, { 'content-type': 'application/json', 'x-own': 'kept' }).end('{"id":"invalid_params"}')
  const headers = {
    authorization: 'Bearer key',
    accept: 'application/vnd.heroku+json; version=3',
    range: 'id ..; max=2',
  }
  const answer = await ask('/apps/a/addons?x=%2F', { method: 'POST', headers, body: '{"plan":"p"}' })
  expect([answer.status, answer.headers.get('x-own'), await answer.text()]).toEqual([
    422,
    'kept',
    '{"id":"invalid_params"}',
  ])
  expect(asked).toEqual([
    expect.objectContaining({ method: 'POST', url: '/apps/a/addons?x=%2F', body: '{"plan":"p"}' }),
  ])
  expect(asked[0]!.headers).toMatchObject({ ...headers, host: new URL(remote).host })
})

it('an upload of some size arrives whole, and a DELETE keeps its body', async () => {
  const source = 'x'.repeat(5_000_000)
  await ask('/sources/1', { method: 'PUT', body: source })
  await ask('/apps/a/addons/b', { method: 'DELETE', body: '{"force":true}' })
  expect(asked[0]!.body === source).toBe(true)
  expect(asked[1]!.body).toBe('{"force":true}')
})

it('events arrive while the stream goes on', async () => {
  let end: () => void = () => undefined
  handler = (_, __, res) => {
    res.writeHead(200, { 'content-type': 'text/event-stream' }).write('id: 1\ndata: one\n\n')
    return new Promise<void>((resolve) => {
      end = () => resolve(void res.end('data: two\n\n'))
    })
  }
  const reader = (await ask('/logs/x')).body!.getReader()
  expect(Buffer.from((await reader.read()).value!).toString()).toContain('data: one')
  end()
  expect(Buffer.from((await reader.read()).value!).toString()).toContain('data: two')
})

it('addresses in answers lead back to the proxy, with the right length', async () => {
  handler = () => ({ logplex_url: `${remote}/logs/ü`, id: 1 })
  expect(await (await ask('/apps/a/log-sessions', { method: 'POST' })).json()).toEqual({
    logplex_url: `${local()}/logs/ü`,
    id: 1,
  })
})

it('a browser is sent to the installation itself, where people are signed in', async () => {
  const answer = await raw('/auth/browser/code', { accept: 'text/html,application/xhtml+xml' })
  expect([answer.statusCode, answer.headers.location]).toEqual([302, `${remote}/auth/browser/code`])
  expect(asked).toEqual([])
})

it('a page elsewhere that points its name here gets nothing', async () => {
  const answer = await raw('/account', { host: 'evil.example' })
  expect(answer.statusCode).toBe(403)
  expect(asked).toEqual([])
})

it('an installation that is gone is told in the words of the API', async () => {
  const { authority } = await authorityIn(dir, new Date())
  const nobody = await startProxy({ remote: 'http://127.0.0.1:9', port: 0, authority, now: new Date() })
  const answer = await fetch(`http://localhost:${nobody.port}/account`)
  await nobody.close()
  expect(answer.status).toBe(502)
  expect(await answer.json()).toEqual({
    id: 'bad_gateway',
    message: 'Could not reach http://127.0.0.1:9: nothing listens there.',
  })
})

/** Attaches as the field's CLI does; what comes after the greeting. */
async function attach(input: string): Promise<{ greeting: string; output: string }> {
  const socket = tls.connect({ port: proxy.port, host: 'localhost', servername: 'localhost', ca })
  await once(socket, 'secureConnect')
  socket.write(`${secret}\r\n`)
  const [greeting] = (await once(socket, 'data')) as [Buffer]
  let output = ''
  socket.on('data', (chunk: Buffer) => {
    output += chunk
  })
  socket.write(input)
  await once(socket, 'close')
  return { greeting: greeting.toString(), output }
}

it.each([
  { force_no_tty: true, heard: ['one', '{"end":true}'] },
  { force_no_tty: false, heard: ['one\u0004'] },
])('run attaches over TLS; without a terminal EOT ends the input (%o)', async ({ force_no_tty, heard }) => {
  handler = () => ({ attach_url: `rendezvous://127.0.0.1:1/${secret}`, name: 'run.1' })
  const made = await ask('/apps/a/dynos', { method: 'POST', body: JSON.stringify({ attach: true, force_no_tty }) })
  expect(await made.json()).toMatchObject({ attach_url: `rendezvous://localhost:${proxy.port}/${secret}` })
  const said: string[] = []
  sockets.once('connection', (socket, req) => {
    expect(req.url).toBe(`/attach/${secret}`)
    socket.send(Buffer.from('hello '))
    socket.on('message', (data) => {
      said.push(String(data))
      if (said.length < heard.length) return
      socket.send(Buffer.from('world'))
      socket.send('{"exit":{"code":0,"signal":null}}')
      socket.close(1000)
    })
  })
  expect(await attach('one\u0004')).toEqual({ greeting: 'rendezvous\r\n', output: 'hello world' })
  expect(said).toEqual(heard)
})

it('a secret that is not known is told, and nobody waits', async () => {
  sockets.once('connection', (socket) => socket.terminate())
  const { greeting } = await attach('')
  expect(greeting).toBe('rendezvous\r\n')
})

/** Asks through the proxy, as a client does whose proxy settings lead here. */
async function through(host: string, url: string): Promise<{ status: number; body: string }> {
  const socket = net.connect(proxy.port, '127.0.0.1')
  socket.write(`CONNECT ${host}:443 HTTP/1.1\r\nHost: ${host}:443\r\n\r\n`)
  const [established] = (await once(socket, 'data')) as [Buffer]
  expect(established.toString()).toMatch(/^HTTP\/1\.1 200 /)
  const secure = tls.connect({ socket, servername: host, ca })
  await once(secure, 'secureConnect')
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    http.get({ host, path: url, createConnection: () => secure, headers: { host } }, resolve).on('error', reject)
  })
  let body = ''
  for await (const chunk of answer.setEncoding('utf8')) body += chunk
  return { status: answer.statusCode!, body }
}

it.each(['api.heroku.com', 'id.heroku.com', 'addons.heroku.com'])(
  '%s is the installation, and never Heroku',
  async (host) => {
    handler = (req) => ({ path: req.url })
    expect(await through(host, '/account')).toEqual({ status: 200, body: '{"path":"/account"}' })
    expect(asked[0]!.headers.host).toBe(new URL(remote).host)
  },
)

it('other hosts are reached as they are, by their own certificates', async () => {
  const { authority } = await authorityIn(dir, new Date())
  const { key, certificate } = authority.issue(['localhost'], new Date(0), new Date(Date.now() + 86_400_000))
  const other = https.createServer({ key, cert: certificate }, (_, res) => res.end('the other')).listen(0, '127.0.0.1')
  await once(other, 'listening')
  const { port } = other.address() as AddressInfo
  const socket = net.connect(proxy.port, '127.0.0.1')
  socket.write(`CONNECT 127.0.0.1:${port} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`)
  await once(socket, 'data')
  const secure = tls.connect({ socket, servername: 'localhost', ca })
  await once(secure, 'secureConnect')
  expect(secure.getPeerX509Certificate()?.fingerprint256).toBe(new X509Certificate(certificate).fingerprint256)
  secure.destroy()
  other.close()
})

it("the authority is kept, and its key is its owner's alone", async () => {
  const again = await authorityIn(dir, new Date())
  expect(again.authority.certificate).toBe(ca)
  expect(statSync(path.join(dir, 'ca.key')).mode & 0o777).toBe(0o600)
  const bundle = readFileSync(again.files.bundle, 'utf8')
  expect(bundle.startsWith(ca)).toBe(true)
  expect(bundle.split('BEGIN CERTIFICATE').length).toBeGreaterThan(50)
})

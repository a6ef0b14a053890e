import { type ChildProcess, spawn } from 'node:child_process'
import fs from 'node:fs'
import http from 'node:http'
import net, { type AddressInfo } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type TestDatabase, testDatabase } from '../db/test-database.js'

// The program as people start it: its own process, on a folder of its own.
const root = path.dirname(path.dirname(path.dirname(fileURLToPath(import.meta.url))))
const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'mortise-start-'))
// A build may come first, and other tests take their share of the machine.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 })
// As root other accounts must pass; what they can't reach would go to a folder of the whole machine.
fs.chmodSync(scratch, 0o711)
const running = new Set<ChildProcess>()
const database: Promise<TestDatabase> = testDatabase()

afterAll(async () => {
  for (const child of running) child.kill('SIGKILL')
  fs.rmSync(scratch, { recursive: true, force: true })
  await (await database).drop()
})

interface Server {
  child: ChildProcess
  url: string
  port: number
  said: () => string
  exited: Promise<number | string | null>
}

function run(args: string[], env: Record<string, string> = {}) {
  const child = spawn(path.join(root, 'bin/mortise'), ['server', ...args], {
    env: { PATH: process.env['PATH'], HOME: scratch, MORTISE_CHECK_ANSWERS: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.add(child)
  let out = ''
  let err = ''
  child.stdout.on('data', (part) => (out += part))
  child.stderr.on('data', (part) => (err += part))
  const exited = new Promise<number | string | null>((done) =>
    child.on('close', (code, signal) => {
      running.delete(child)
      done(code ?? signal)
    }),
  )
  return { child, exited, out: () => out, err: () => err }
}

async function start(args: string[], env: Record<string, string> = {}): Promise<Server> {
  const { child, exited, out, err } = run(args, env)
  const ready = new Promise<string>((done) => {
    child.stdout?.on('data', () => {
      const url = /^Mortise is ready at (http:\S+)$/m.exec(out())?.[1]
      if (url) done(url)
    })
  })
  const url = await Promise.race([ready, exited.then(() => null)])
  if (url === null) throw new Error(`the server ended: ${err()}`)
  return { child, exited, url, port: Number(new URL(url).port), said: () => out() + err() }
}

/** Starts what can't start. */
async function refused(args: string[], env: Record<string, string> = {}) {
  const { exited, out, err } = run(args, env)
  const code = await exited
  // Building is said on stderr too, when it was needed.
  const lines = err()
    .split('\n')
    .filter((line) => line.startsWith('mortise: '))
  return { code, out: out(), lines, err: err() }
}

function ask(
  port: number,
  address: string,
  headers: Record<string, string> = {},
  method = 'GET',
  payload: object = {},
) {
  const sends = method === 'GET' ? '' : JSON.stringify(payload)
  // Node leaves the length out for DELETE, and the next request's first bytes would be taken for it.
  if (sends) headers = { ...headers, 'content-length': String(Buffer.byteLength(sends)) }
  return new Promise<{ status: number; body: string; headers: http.IncomingHttpHeaders }>((done, failed) => {
    const sent = http.request({ host: '127.0.0.1', port, path: address, method, headers }, (answer) => {
      let body = ''
      answer.setEncoding('utf8').on('data', (part) => (body += part))
      answer.on('end', () => done({ status: answer.statusCode ?? 0, body, headers: answer.headers }))
    })
    sent.on('error', failed)
    sent.end(sends)
  })
}

describe('a data folder of its own', () => {
  const dir = path.join(scratch, 'data')
  let server: Server
  let key: string

  beforeAll(async () => {
    server = await start(['--port', '0', '--data-dir', dir])
  })

  const bearer = () => ({ authorization: `Bearer ${key}` })

  test('the first start makes the operator, and says in a private file how to sign in', async () => {
    const file = path.join(dir, 'credentials.json')
    expect(fs.statSync(file).mode & 0o777).toBe(0o600)
    const credentials = JSON.parse(fs.readFileSync(file, 'utf8'))
    expect(credentials).toEqual({
      email: 'operator@localhost',
      password: expect.stringMatching(/^.{24}$/),
      api_key: expect.any(String),
      url: server.url,
    })
    key = credentials.api_key
    const account = await ask(server.port, '/account', bearer())
    expect(JSON.parse(account.body).email).toBe(credentials.email)
    expect(server.said()).not.toContain(key)
    expect(fs.statSync(path.join(dir, 'master.key')).mode & 0o777).toBe(0o600)
  })

  test('a host is the platform, an app, or nothing', async () => {
    const port = server.port
    const by = (host: string, at = '/regions') => ask(port, at, { host })
    for (const host of [`localhost:${port}`, 'localhost', `127.0.0.1:${port}`, '[::1]']) {
      expect((await by(host)).status).toBe(200)
    }
    const app = await by(`nobody.localhost:${port}`)
    expect([app.status, app.headers['content-type']]).toEqual([404, 'text/html; charset=utf-8'])
    expect(app.body).toContain('There is no app called nobody here.')
    for (const host of ['evil.example', 'localhost.evil.example', 'a.b.localhost', 'localhost@evil']) {
      expect((await by(host)).status).toBe(404)
    }
  })

  test('an app is reached by its own host, and by maintenance it is not', async () => {
    const json = { ...bearer(), 'content-type': 'application/json' }
    const made = await ask(server.port, '/apps', json, 'POST', { name: 'front-door' })
    expect(JSON.parse(made.body).web_url).toBe(`http://front-door.localhost:${server.port}/`)
    const visit = () => ask(server.port, '/any', { host: `front-door.localhost:${server.port}` })
    // Nothing is deployed: the router's own page, not ours.
    const empty = await visit()
    expect([empty.status, empty.body.includes('no such app')]).toEqual([503, false])
    await ask(server.port, '/apps/front-door', json, 'PATCH', { maintenance: true })
    await vi.waitFor(async () => expect((await visit()).body).toContain('Maintenance'), 5_000)
    const gone = await ask(server.port, '/apps/front-door', json, 'DELETE')
    expect(gone.status).toBeLessThan(300)
    await vi.waitFor(async () => expect((await visit()).status).toBe(404), 5_000)
  })

  test('a browser is led to the dashboard, whose page may load only what is ours', async () => {
    const home = await ask(server.port, '/', { host: 'localhost', accept: 'text/html,*/*' })
    expect([home.status, home.headers.location]).toEqual([302, '/dashboard'])
    const api = await ask(server.port, '/', { host: 'localhost', accept: '*/*' })
    expect(JSON.parse(api.body).id).toBe('mortise')
    const page = await ask(server.port, '/dashboard/apps/any', { host: 'localhost' })
    expect(page.status).toBe(200)
    expect(page.headers['content-security-policy']).toContain("script-src 'self'")
    const climbing = await ask(server.port, '/assets/../../package.json', { host: 'localhost' })
    expect([403, 404]).toContain(climbing.status)
  })

  test('health and metrics are there; a proxy gets no metrics without the operator', async () => {
    const host = 'localhost'
    expect(JSON.parse((await ask(server.port, '/health', { host })).body)).toEqual({ status: 'ok' })
    expect((await ask(server.port, '/metrics', { host })).body).toContain('mortise_http_request_seconds')
    const behind = { host, 'x-forwarded-for': '192.0.2.1' }
    expect((await ask(server.port, '/metrics', behind)).status).toBe(403)
    expect((await ask(server.port, '/metrics', { ...behind, ...bearer() })).status).toBe(200)
  })

  test('a taken port is one sentence, said before a database is started', async () => {
    const other = path.join(scratch, 'other')
    const { code, lines } = await refused(['--port', String(server.port), '--data-dir', other])
    expect(code).toBe(1)
    expect(lines).toEqual([
      `mortise: Port ${server.port} is taken by another program. Stop it, or choose another with --port.`,
    ])
    expect(fs.existsSync(path.join(other, 'postgres'))).toBe(false)
  })

  test('a data folder that is in use is one sentence that names the process', async () => {
    const { code, lines } = await refused(['--port', '0', '--data-dir', dir])
    expect(code).toBe(1)
    expect(lines).toEqual([expect.stringMatching(/is in use by another Mortise \(process \d+\)\. Stop that one first/)])
  })

  test('SIGTERM ends it within 10 s, and a later start finds its data', async () => {
    const made = await ask(server.port, '/apps', { ...bearer(), 'content-type': 'application/json' }, 'POST')
    expect(made.status).toBe(201)
    const from = Date.now()
    server.child.kill('SIGTERM')
    expect(await server.exited).toBe(0)
    expect(Date.now() - from).toBeLessThan(10_000)
    server = await start(['--port', '0', '--data-dir', dir])
    const apps = await ask(server.port, '/apps', bearer())
    expect(JSON.parse(apps.body).map(({ name }: { name: string }) => name)).toEqual([JSON.parse(made.body).name])
    expect(JSON.parse(fs.readFileSync(path.join(dir, 'credentials.json'), 'utf8')).url).toBe(server.url)
  })

  test('after SIGKILL the next start picks up, and puts an explicit API key in force', async () => {
    server.child.kill('SIGKILL')
    await server.exited
    server = await start(['--port', '0', '--data-dir', dir], { MORTISE_API_KEY: 'a-chosen-api-key' })
    expect((await ask(server.port, '/account', bearer())).status).toBe(401)
    key = 'a-chosen-api-key'
    expect((await ask(server.port, '/account', bearer())).status).toBe(200)
  })

  test('a data folder of a newer version is one sentence', async () => {
    server.child.kill('SIGTERM')
    await server.exited
    fs.writeFileSync(path.join(dir, 'version'), '999\n')
    const { code, lines } = await refused(['--port', '0', '--data-dir', dir])
    expect(code).toBe(1)
    expect(lines).toEqual([expect.stringContaining('was written by a newer Mortise (layout 999;')])
  })
})

describe('a database of others', () => {
  const dir = path.join(scratch, 'external')
  const urlOf = ({ connection }: TestDatabase) =>
    `postgres://${connection.user}:${encodeURIComponent(String(connection.password))}@/${connection.database}?host=${encodeURIComponent(String(connection.host))}&port=${connection.port}`

  test('it is used, and its password is in no file of ours', async () => {
    const held = await database
    const server = await start(['--port', '0', '--data-dir', dir, '--database-url', urlOf(held)])
    expect((await ask(server.port, '/health', { host: 'localhost' })).status).toBe(200)
    expect((await held.pool.query('select email from accounts')).rows).toEqual([{ email: 'operator@localhost' }])
    server.child.kill('SIGINT')
    expect(await server.exited).toBe(0)
    expect(fs.existsSync(path.join(dir, 'postgres'))).toBe(false)
    expect(fs.readFileSync(path.join(dir, 'mortise.log'), 'utf8')).not.toContain(String(held.connection.password))
  })

  test('one whose secrets another data folder sealed is one sentence', async () => {
    const elsewhere = path.join(scratch, 'elsewhere')
    const url = urlOf(await database)
    const { code, lines } = await refused(['--port', '0', '--data-dir', elsewhere, '--database-url', url])
    expect(code).toBe(1)
    expect(lines).toEqual([expect.stringContaining('were sealed with another master key than that of')])
  })

  test('one that was written by a newer Mortise is one sentence', async () => {
    const held = await database
    await held.pool.query("insert into schema_migrations values (9999, '9999-later.sql', 'x', now())")
    const { code, lines } = await refused(['--port', '0', '--data-dir', dir, '--database-url', urlOf(held)])
    expect(code).toBe(1)
    expect(lines).toEqual([
      expect.stringMatching(/This data was written by a newer Mortise \(schema 9999; .*Start the newer/),
    ])
  })

  test('one that does not answer is one sentence without the password', async () => {
    const closed = net.createServer().listen(0, '127.0.0.1')
    await new Promise((done) => closed.once('listening', done))
    const { port } = closed.address() as AddressInfo
    await new Promise((done) => closed.close(done))
    const url = `postgres://me:very-secret@127.0.0.1:${port}/mortise`
    const { code, lines, err } = await refused(['--port', '0', '--data-dir', dir, '--database-url', url])
    expect(code).toBe(1)
    expect(lines).toEqual([expect.stringContaining(`The database at 127.0.0.1:${port}/mortise can't be reached`)])
    expect(err).not.toContain('very-secret')
  })
})

test('apps as plain processes are refused where others get in, unless the operator trusts them', async () => {
  const dir = path.join(scratch, 'open')
  const { code, lines } = await refused(['--port', '0', '--host', '0.0.0.0', '--data-dir', dir])
  expect(code).toBe(1)
  expect(lines).toEqual([expect.stringContaining('Pass --trust-all-apps')])
  expect(fs.existsSync(path.join(dir, 'postgres'))).toBe(false)
})

test('behind TLS: what a proxy says counts if it is trusted, and addresses are those of --url', async () => {
  const dir = path.join(scratch, 'behind')
  const args = ['--port', '0', '--data-dir', dir, '--url', 'https://mortise.example.com', '--trust-all-apps']
  const env = { MORTISE_API_KEY: 'an-api-key-that-is-long-enough' }
  const held = await testDatabase()
  const socket = `postgres://${held.connection.user}:${encodeURIComponent(String(held.connection.password))}@/${held.connection.database}?host=${encodeURIComponent(String(held.connection.host))}&port=${held.connection.port}`
  const server = run([...args, '--trusted-proxy', '127.0.0.1', '--database-url', socket], env)
  await vi.waitFor(() => expect(server.out()).toContain('ready at https://mortise.example.com'), 50_000)
  const port = Number(/listening on port (\d+)/.exec(fs.readFileSync(path.join(dir, 'mortise.log'), 'utf8'))?.[1])
  const host = { host: '127.0.0.1', 'x-forwarded-host': 'mortise.example.com', 'x-forwarded-proto': 'https' }
  const from = { 'x-forwarded-for': '198.51.100.7', 'content-type': 'application/json' }
  const begun = await ask(port, '/auth', { ...host, ...from }, 'POST', { description: 'a terminal' })
  expect(begun.headers['strict-transport-security']).toBe('max-age=31536000')
  const { rows } = await held.pool.query('select address from logins')
  expect(rows).toEqual([{ address: '198.51.100.7' }])
  expect((await ask(port, '/metrics', { ...host, ...from })).status).toBe(403)
  server.child.kill('SIGTERM')
  expect(await server.exited).toBe(0)
  await held.drop()
})

test('a wrong flag is one sentence and exit code 2', async () => {
  const { code, lines } = await refused(['--prot', '1'])
  expect(code).toBe(2)
  expect(lines).toHaveLength(1)
})

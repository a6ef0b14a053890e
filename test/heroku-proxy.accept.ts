import { spawn } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import net, { type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import tls from 'node:tls'
import { fileURLToPath } from 'node:url'
import { selfSigned } from '@mortise/certificates/certificate'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ask, endPrograms, freePort, type Program, startProgram } from './server-process.js'

// The unmodified heroku CLI against an installation on https, which it can't be pointed at: through `mortise proxy`, told
// an address on this machine, and told none at all.

const root = fileURLToPath(new URL('..', import.meta.url))
const mortise = path.join(root, 'bin/mortise')
const dir = mkdtempSync(path.join(tmpdir(), 'mortise-heroku-proxy-'))
const apiKey = 'heroku-proxy-key-0123456789'
const headers = { authorization: `Bearer ${apiKey}`, accept: 'application/vnd.heroku+json; version=3' }
const program = process.env['MORTISE_HEROKU_CLI'] ?? ''
const trusted = path.join(dir, 'installation.pem')
let remote: string
let port = 0
let platform: Program & { readyWith: string }

// What stands before an installation: it ends TLS, and knows nothing of what passes.
const pair = selfSigned(['localhost'], new Date(Date.now() - 60_000), new Date(Date.now() + 86_400_000))
const terminator = tls.createServer({ key: pair.key, cert: pair.certificate }, (socket) => {
  const inside = net.connect(port, '127.0.0.1')
  for (const one of [socket, inside]) one.on('error', () => undefined)
  socket.on('close', () => inside.destroy())
  inside.on('close', () => socket.destroy())
  socket.pipe(inside).pipe(socket)
})

beforeAll(async () => {
  if (!program) throw new Error('MORTISE_HEROKU_CLI is not set. Run bin/test-heroku, which installs the CLI.')
  // Root starts dynos and databases as other users, who must be able to pass through.
  chmodSync(dir, 0o711)
  writeFileSync(trusted, pair.certificate)
  await new Promise<void>((done) => terminator.listen(0, '127.0.0.1', done))
  remote = `https://localhost:${(terminator.address() as AddressInfo).port}`
  port = await freePort()
  const server = [
    mortise,
    'server',
    '--port',
    String(port),
    '--data-dir',
    path.join(dir, 'platform'),
    '--url',
    remote,
    '--trust-all-apps',
  ]
  const env = { HOME: dir, MORTISE_EMAIL: 'operator@example.com', MORTISE_API_KEY: apiKey }
  platform = await startProgram(process.execPath, server, env, /ready at (https:\S+)/)
  await ask(port, 'POST', '/apps', { headers, body: { name: 'runner' } })
  const source = path.join(dir, 'source')
  mkdirSync(source)
  writeFileSync(path.join(source, 'Procfile'), 'web: node server.js\n')
  const code = "console.log('app is up'); require('http').createServer((q, r) => r.end('ok')).listen(process.env.PORT)"
  writeFileSync(path.join(source, 'server.js'), code)
  // Our own command line, through the proxy as well: the upload, and the build's output as it is written.
  const line = `exec ${process.execPath} ${mortise} deploy ${source} -a runner --host "$HEROKU_HOST"`
  const deployed = await proxied([], 'sh', '-c', line)
  expect(deployed.code, deployed.err).toBe(0)
  expect(deployed.out).toContain('----->')
})
afterAll(async () => {
  platform?.kill('SIGTERM')
  await Promise.race([platform?.exited, new Promise((done) => setTimeout(done, 12_000))])
  await endPrograms()
  terminator.close()
  rmSync(dir, { recursive: true, force: true })
})

const heroku = (flags: string[], ...args: string[]) => proxied(flags, process.execPath, program, ...args)

/** One command, started by the proxy with what it has to be told. */
function proxied(flags: string[], ...words: string[]): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, [mortise, 'proxy', '--host', remote, '-v', ...flags, '--', ...words], {
    cwd: dir,
    env: {
      PATH: process.env['PATH'],
      HOME: path.join(dir, 'home'),
      HEROKU_API_KEY: apiKey,
      MORTISE_API_KEY: apiKey,
      NODE_EXTRA_CA_CERTS: trusted,
      DISABLE_TELEMETRY: 'true',
      HEROKU_SKIP_NEW_VERSION_CHECK: 'true',
      NO_COLOR: '1',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 120_000,
  })
  let out = ''
  let err = ''
  child.stdout.setEncoding('utf8').on('data', (part) => (out += part))
  child.stderr.setEncoding('utf8').on('data', (part) => (err += part))
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, out, err })))
}

describe.each([
  { how: 'told an address on this machine', flags: [], asked: /GET localhost:\d+\/apps/ },
  {
    how: "by Heroku's own hosts",
    flags: ['--hosts'],
    asked: /CONNECT api\.heroku\.com:443[\s\S]*GET api\.heroku\.com\/apps/,
  },
])('the heroku CLI, $how', ({ flags, asked }) => {
  test('reads and changes an app', async () => {
    const info = await heroku(flags, 'apps:info', '-a', 'runner')
    expect(info.err).toMatch(asked)
    expect(info).toMatchObject({ code: 0, out: expect.stringContaining('=== runner') })
    expect(await heroku(flags, 'config:set', `BY=${flags.length}`, '-a', 'runner')).toMatchObject({ code: 0 })
    const vars = await ask(port, 'GET', '/apps/runner/config-vars', { headers })
    expect(vars.body).toMatchObject({ BY: String(flags.length) })
  })

  test('reads the log', async () => {
    expect(await heroku(flags, 'logs', '-a', 'runner')).toMatchObject({
      code: 0,
      out: expect.stringContaining('app is up'),
    })
  })

  test('runs a command, with its exit status', async () => {
    const ran = await heroku(flags, 'run', '-a', 'runner', '--no-tty', '--exit-code', 'echo by-$BY; sh -c "exit 7"')
    expect(ran.out, ran.err).toContain('by-')
    expect(ran.code, ran.err).toBe(7)
  })
})

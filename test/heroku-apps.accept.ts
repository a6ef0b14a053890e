import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { deploy } from './deploy.js'
import { type HerokuCli, herokuCli, type Seen } from './heroku-cli.js'
import { ask, endPrograms, type Program, startProgram } from './server-process.js'

// What the unmodified heroku CLI does with apps that run: one-off dynos, domains, releases and their output.

const root = fileURLToPath(new URL('..', import.meta.url))
const dir = mkdtempSync(path.join(tmpdir(), 'mortise-heroku-apps-'))
const apiKey = 'heroku-apps-key-0123456789'
const headers = { authorization: `Bearer ${apiKey}`, accept: 'application/vnd.heroku+json; version=3' }
let platform: Program & { readyWith: string }
let heroku: HerokuCli
let port: number
const api = (method: string, address: string, body?: unknown) => ask(port, method, address, { headers, body })

beforeAll(async () => {
  const program = process.env['MORTISE_HEROKU_CLI']
  if (!program) throw new Error('MORTISE_HEROKU_CLI is not set. Run bin/test-heroku, which installs the CLI.')
  // Root starts dynos and databases as other users, who must be able to pass through.
  chmodSync(dir, 0o711)
  const data = path.join(dir, 'platform')
  const server = [path.join(root, 'bin/mortise'), 'server', '--port', '0', '--data-dir', data]
  const env = { HOME: dir, MORTISE_EMAIL: 'operator@example.com', MORTISE_API_KEY: apiKey }
  platform = await startProgram(process.execPath, server, env, /ready at (http:\S+)/)
  port = Number(new URL(platform.readyWith).port)
  const trust = { NODE_EXTRA_CA_CERTS: path.join(data, 'ca.pem') }
  heroku = herokuCli(program, path.join(dir, 'home'), platform.readyWith, apiKey, trust)
  await api('POST', '/apps', { name: 'runner' })
  await deploy(port, headers, 'runner', dir, {
    Procfile: 'web: node server.js\nrelease: echo releasing $GREETING\n',
    'server.js': "require('http').createServer((q, r) => r.end('ok')).listen(process.env.PORT)",
  })
})
afterAll(async () => {
  platform?.kill('SIGTERM')
  await Promise.race([platform?.exited, new Promise((done) => setTimeout(done, 12_000))])
  await endPrograms()
  rmSync(dir, { recursive: true, force: true })
})

function ok(seen: Seen): Seen {
  expect(seen.code, seen.text).toBe(0)
  return seen
}

test('run shows what the command says, over TLS, with the config and the exit status', async () => {
  ok(await heroku('config:set', 'GREETING=hello', '-a', 'runner'))
  expect(ok(await heroku('run', '-a', 'runner', 'echo "$GREETING from $DYNO"')).out).toMatch(
    /^hello from run\.\d{4}\n$/,
  )
  expect(ok(await heroku('run', '-a', 'runner', '--no-tty', 'cat', 'Procfile')).out).toContain('web: node server.js')
  expect((await heroku('run', '-x', '-a', 'runner', 'sh -c "exit 7"')).code).toBe(7)
})

test('run:detached goes on by itself, is stopped by ps:stop, and leaves its words in the log', async () => {
  const name =
    /run\.\d{4}/.exec(ok(await heroku('run:detached', '-a', 'runner', 'echo started; sleep 100')).text)?.[0] ?? ''
  expect((await api('GET', '/apps/runner/dynos')).body.map((dyno: { name: string }) => dyno.name)).toContain(name)
  expect(ok(await heroku('ps', '-a', 'runner')).text).toContain(name)
  ok(await heroku('ps:stop', name, '-a', 'runner'))
  await new Promise((done) => setTimeout(done, 500))
  expect(ok(await heroku('ps', '-a', 'runner')).text).not.toContain(name)
  expect(ok(await heroku('logs', '-d', name, '-a', 'runner')).out).toContain('started')
})

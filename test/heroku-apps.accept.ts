import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ClientHouse, clientHouse } from './client-house.js'
import { deploy } from './deploy.js'
import { type HerokuCli, herokuCli, type Seen } from './heroku-cli.js'

// What the unmodified heroku CLI does with apps that run: one-off dynos, domains, releases and their output.

let house: ClientHouse
let heroku: HerokuCli
const api = (method: string, address: string, body?: unknown) => house.api(method, address, body)

beforeAll(async () => {
  const program = process.env['MORTISE_HEROKU_CLI']
  if (!program) throw new Error('MORTISE_HEROKU_CLI is not set. Run bin/test-clients, which installs the CLI.')
  house = await clientHouse('heroku-apps')
  const { dir, port, headers } = house
  const trust = { NODE_EXTRA_CA_CERTS: path.join(house.dataDir, 'ca.pem') }
  heroku = herokuCli(program, path.join(dir, 'home'), house.url, house.apiKey, trust)
  await api('POST', '/apps', { name: 'runner' })
  await deploy(port, headers, 'runner', dir, {
    Procfile: 'web: node server.js\nrelease: echo releasing $GREETING\n',
    'server.js': "require('http').createServer((q, r) => r.end('ok')).listen(process.env.PORT)",
  })
})
afterAll(async () => {
  await house.stop()
  expect([...house.wire.faults]).toEqual([])
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

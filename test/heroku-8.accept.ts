import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ClientHouse, clientHouse } from './client-house.js'
import { type HerokuCli, herokuCli, manifestFor, type Seen } from './heroku-cli.js'
import { type LyingProvider, lyingProvider } from './lying-provider.js'
import { ask } from './server-process.js'

// The CLI's former generation, whose requests are others: Basic instead of Bearer, Range on everything, and a plugin
// for builds that the newer one has not.

const program = process.env['MORTISE_HEROKU_CLI_8']
const builds = process.env['MORTISE_HEROKU_BUILDS']
let house: ClientHouse
let heroku: HerokuCli
let liar: LyingProvider
const password = 'liar-password-0123456789'

beforeAll(async () => {
  if (!program) throw new Error('MORTISE_HEROKU_CLI_8 is not set. Run bin/test-clients, which installs it.')
  house = await clientHouse('heroku-8')
  const home = path.join(house.dir, 'home')
  heroku = herokuCli(program, home, house.url, house.apiKey)
  if (builds) {
    // As `plugins:link` leaves it, without asking a registry.
    const data = path.join(home, 'data', 'heroku')
    mkdirSync(data, { recursive: true })
    const plugins = [{ name: 'heroku-builds', type: 'link', root: builds }]
    writeFileSync(path.join(data, 'package.json'), JSON.stringify({ private: true, oclif: { schema: 1, plugins } }))
  }
  liar = await lyingProvider(password, 'eight-db')
  liar.config = { EIGHT_DB_URL: 'fast://x' }
  await house.api('POST', '/api/v3/addons/eight-db/manifests', { contents: manifestFor('eight-db', liar, password) })
})
afterAll(async () => {
  await liar?.stop()
  await house?.stop()
  expect([...(house?.wire.faults ?? [])]).toEqual([])
})

function ok(seen: Seen): string {
  expect(seen.code, seen.text).toBe(0)
  return seen.text
}

test('heroku 8 makes an app, sets its config, orders, attaches and removes an add-on', async () => {
  expect(ok(await heroku('apps:create', 'eight'))).toContain('eight')
  const app = ['-a', 'eight']
  expect(ok(await heroku('config:set', 'A=1', 'B=two words', ...app))).toMatch(/done, v2/)
  expect(JSON.parse((await heroku('config', '--json', ...app)).out)).toEqual({ A: '1', B: 'two words' })
  ok(await heroku('config:unset', 'B', ...app))
  expect(ok(await heroku('addons:create', 'eight-db:small', '--name', 'eights-own', ...app))).toContain('EIGHT_DB_URL')
  expect(ok(await heroku('addons', ...app))).toContain('eights-own')
  expect(ok(await heroku('addons:info', 'eights-own'))).toContain('eight-db:small')
  await house.api('POST', '/apps', { name: 'eight-too' })
  ok(await heroku('addons:attach', 'eights-own', '-a', 'eight-too', '--as', 'SHARED'))
  ok(await heroku('addons:detach', 'SHARED', '-a', 'eight-too'))
  expect(ok(await heroku('releases', ...app))).toContain('v4')
  expect(ok(await heroku('releases:info', 'v2', ...app))).toContain('Set A, B config vars')
  ok(await heroku('apps:info', ...app))
  ok(await heroku('access', ...app))
  ok(await heroku('addons:destroy', 'eights-own', '--confirm', 'eight', ...app))
  expect(liar.resources.size).toBe(0)
})

test.skipIf(!builds)('its plugin for builds uploads a folder, follows the build, and the app runs', async () => {
  const source = path.join(house.dir, 'source')
  mkdirSync(source)
  writeFileSync(path.join(source, 'Procfile'), 'web: node server.js\n')
  const server = "require('http').createServer((q, r) => r.end('built')).listen(process.env.PORT)"
  writeFileSync(path.join(source, 'server.js'), server)
  expect(existsSync(source)).toBe(true)
  await house.api('POST', '/apps', { name: 'eight-built' })
  const created = await heroku('builds:create', '-a', 'eight-built', '--dir', source, '--version', 'abc123')
  expect(ok(created)).toContain('Discovering process types')
  expect(ok(await heroku('builds', '-a', 'eight-built'))).toContain('abc123')
  expect(ok(await heroku('builds:info', '-a', 'eight-built'))).toContain('succeeded')
  const visit = () => ask(house.port, 'GET', '/', { headers: { host: 'eight-built.localhost' } })
  for (const end = Date.now() + 30_000; Date.now() < end && (await visit()).body !== 'built'; ) {
    await new Promise((done) => setTimeout(done, 300))
  }
  expect((await visit()).body).toBe('built')
})

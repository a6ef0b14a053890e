import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ClientHouse, clientHouse } from './client-house.js'
import { until } from './deploy.js'
import { type HerokuCli, herokuCli, manifestFor, type Seen } from './heroku-cli.js'
import { type LyingProvider, lyingProvider } from './lying-provider.js'

// What the unmodified heroku CLI knows by other words and with lesser flags, and where it starts a browser.

const password = 'liar-password-0123456789'
let house: ClientHouse
let heroku: HerokuCli
let liar: LyingProvider
let opened: string
const api = (method: string, address: string, body?: unknown) => house.api(method, address, body)

beforeAll(async () => {
  const program = process.env['MORTISE_HEROKU_CLI']
  if (!program) throw new Error('MORTISE_HEROKU_CLI is not set. Run bin/test-clients, which installs the CLI.')
  house = await clientHouse('heroku-aliases')
  const home = path.join(house.dir, 'home')
  mkdirSync(home, { recursive: true })
  // A browser that only notes where it was sent.
  opened = path.join(house.dir, 'opened')
  const browser = path.join(house.dir, 'browser')
  writeFileSync(browser, `#!/bin/sh\nprintf '%s\\n' "$1" >> '${opened}'\n`, { mode: 0o755 })
  heroku = herokuCli(program, home, house.url, house.apiKey, { BROWSER: browser })
  liar = await lyingProvider(password, 'also-db')
  liar.config = { ALSO_DB_URL: 'fast://one' }
  await api('POST', '/api/v3/addons/also-db/manifests', { contents: manifestFor('also-db', liar, password) })
  for (const name of ['first', 'second']) expect((await api('POST', '/apps', { name })).status).toBe(201)
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
const addresses = () => (existsSync(opened) ? readFileSync(opened, 'utf8').trim().split('\n') : [])

test('config:add, config -s and config:remove', async () => {
  ok(await heroku('config:add', "GREETING=it's", '-a', 'first'))
  expect((await heroku('config', '-s', '-a', 'first')).out.trim()).toMatch(/^GREETING=.*it.*s/)
  ok(await heroku('config:remove', 'GREETING', '-a', 'first'))
  expect((await api('GET', '/apps/first/config-vars')).body).toEqual({})
})

test('apps -A lists what one may see, and git:remote ties a folder to an app', async () => {
  expect(ok(await heroku('apps', '-A'))).toMatch(/first.*second/s)
  const home = path.join(house.dir, 'home')
  spawnSync('git', ['init', '-q', home])
  ok(await heroku('git:remote', '-a', 'first'))
  expect(spawnSync('git', ['-C', home, 'remote', '-v'], { encoding: 'utf8' }).stdout).toMatch(/heroku\s+\S*first\.git/)
})

test('addons:add, an identifier that means several, and destroy with -f while another app uses it', async () => {
  ok(await heroku('addons:add', 'also-db:small', '--name', 'also-one', '-a', 'first'))
  ok(await heroku('addons:add', 'also-db:small', '--name', 'also-two', '-a', 'first'))
  const either = await heroku('addons:info', 'also-db', '-a', 'first')
  expect(either.code).not.toBe(0)
  expect(either.text).toMatch(/ambiguous/i)
  ok(await heroku('addons:attach', 'also-one', '-a', 'second'))
  const held = await heroku('addons:destroy', 'also-one', '-a', 'first', '-c', 'first')
  expect(held.code).not.toBe(0)
  expect(held.text).toContain('second')
  ok(await heroku('addons:destroy', 'also-one', '-f', '-a', 'first', '-c', 'first'))
  ok(await heroku('addons:remove', 'also-two', '-a', 'first', '-c', 'first'))
  await until(60, async () => liar.resources.size === 0)
  expect((await api('GET', '/apps/second/config-vars')).body).toEqual({})
})

test('usage:addons of a team', async () => {
  expect((await api('POST', '/teams', { name: 'crew' })).status).toBe(201)
  expect(ok(await heroku('usage:addons', '-t', 'crew'))).toMatch(/no usage|Usage for/i)
})

test('apps:open and addons:open send the browser to the app and to the sign-on', async () => {
  ok(await heroku('addons:add', 'also-db:small', '--name', 'also-three', '-a', 'first'))
  ok(await heroku('apps:open', '-a', 'first'))
  ok(await heroku('addons:open', 'also-three', '-a', 'first'))
  await until(20, async () => addresses().length === 2)
  const { body: app } = await api('GET', '/apps/first')
  expect(addresses()[0]).toBe(app.web_url)
  expect(addresses()[1]).toContain('also-three')
})

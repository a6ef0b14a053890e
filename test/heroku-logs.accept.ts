import { randomUUID } from 'node:crypto'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { insertCredential } from '../platform/addons/credential-store.js'
import { openDb, transact } from '../platform/db/db.js'
import { masterKeysIn } from '../platform/secrets/keys.js'
import { createSecrets } from '../platform/secrets/seal.js'
import { createDatabase, type PostgresServer, startPostgres } from '../postgres/server.js'
import { type ClientHouse, clientHouse } from './client-house.js'
import { deploy, until, visit } from './deploy.js'
import { type HerokuCli, herokuCli, manifestFor, type Seen } from './heroku-cli.js'
import { type LyingProvider, lyingProvider } from './lying-provider.js'
import { ask } from './server-process.js'

// What the unmodified heroku CLI does with logs, drains, usage, named credentials and buildpacks.

const password = 'liar-password-0123456789'
const scratch = mkdtempSync(path.join(tmpdir(), 'mortise-heroku-logs-'))
let database: PostgresServer
let house: ClientHouse
let heroku: HerokuCli
let liar: LyingProvider
let ear: http.Server
let heard = ''
const api = (method: string, address: string, body?: unknown) => house.api(method, address, body)

beforeAll(async () => {
  const program = process.env['MORTISE_HEROKU_CLI']
  if (!program) throw new Error('MORTISE_HEROKU_CLI is not set. Run bin/test-clients, which installs the CLI.')
  chmodSync(scratch, 0o711)
  database = await startPostgres({ dir: path.join(scratch, 'postgres') })
  await createDatabase(database, 'mortise')
  house = await clientHouse('heroku-logs', false, { MORTISE_DATABASE_URL: database.url('mortise') })
  heroku = herokuCli(program, path.join(house.dir, 'home'), house.url, house.apiKey)
  liar = await lyingProvider(password, 'talk-db')
  liar.config = { TALK_DB_URL: 'fast://one' }
  await api('POST', '/api/v3/addons/talk-db/manifests', { contents: manifestFor('talk-db', liar, password) })
  for (const name of ['talker', 'reader']) expect((await api('POST', '/apps', { name })).status).toBe(201)
  const made = await api('POST', '/apps/talker/addons', { plan: 'talk-db:small', name: 'their-talk' })
  expect(made.status).toBe(201)
  await deploy(house.port, house.headers, 'talker', house.dir, {
    Procfile: 'web: node server.js\n',
    'server.js':
      "require('http').createServer((q, r) => { console.log('asked for ' + q.url); r.end('ok') }).listen(process.env.PORT)",
  })
  ear = http.createServer((request, reply) => {
    request.setEncoding('utf8').on('data', (part) => (heard += part))
    request.on('end', () => reply.end())
  })
  await new Promise<void>((done) => ear.listen(0, '127.0.0.1', done))
})
afterAll(async () => {
  ear?.close()
  await liar?.stop()
  await house?.stop()
  await database?.stop()
  rmSync(scratch, { recursive: true, force: true })
  expect([...(house?.wire.faults ?? [])]).toEqual([])
})

function ok(seen: Seen): string {
  expect(seen.code, seen.text).toBe(0)
  return seen.text
}

test('logs --tail goes on where it was cut off, and nothing is said twice', async () => {
  const tail = heroku.until(/asked for \/last/, 'logs', '--tail', '-n', '1', '-a', 'talker')
  await until(60, async () => house.wire.seen.some((one) => one.startsWith('GET /logs/')))
  await visit(house.port, 'talker', '/first')
  await until(30, async () => (await logText()).includes('asked for /first'))
  // The line is on its way to the terminal; cut only once it has an id to come back with.
  await new Promise((done) => setTimeout(done, 1_000))
  expect(house.wire.endLogs()).toBe(1)
  await visit(house.port, 'talker', '/between')
  await until(60, async () => house.wire.resumed.length > 0)
  await visit(house.port, 'talker', '/last')
  const said = await tail
  expect(['first', 'between', 'last'].map((one) => said.split(`asked for /${one}`).length - 1)).toEqual([1, 1, 1])
})

/** What the log holds, by a session of our own. */
async function logText(): Promise<string> {
  const { body } = await api('POST', '/apps/talker/log-sessions', { lines: 100 })
  return String((await ask(house.port, 'GET', new URL(body.logplex_url).pathname)).body)
}

test('drains are added, heard, listed in every form and removed', async () => {
  const app = ['-a', 'talker']
  const url = `http://127.0.0.1:${(ear.address() as AddressInfo).port}/drain`
  expect(ok(await heroku('drains:add', url, ...app))).toContain(`Successfully added drain ${url}`)
  await visit(house.port, 'talker', '/drained')
  await until(60, async () => heard.includes('asked for /drained'))
  expect(ok(await heroku('drains', ...app))).toMatch(/127\.0\.0\.1:\d+\/drain \(d\.[\w-]+\)/)
  expect(JSON.parse((await heroku('drains', '-x', '--json', ...app)).out)).toMatchObject([{ url, addon: null }])
  expect(ok(await heroku('drains:remove', url, ...app))).toContain('Successfully removed drain')
  expect((await api('GET', '/apps/talker/log-drains')).body).toEqual([])
  expect((await heroku('drains:remove', url, ...app)).text).toContain('Error ID: not_found')
})

test('usage:addons shows what the provider reported', async () => {
  expect(ok(await heroku('usage:addons', '-a', 'talker'))).toContain('No usage found')
  const { body: addon } = await api('GET', '/addons/their-talk')
  const headers = { authorization: `Basic ${Buffer.from(`talk-db:${password}`).toString('base64')}` }
  const hour = new Date(Math.floor(Date.now() / 3_600_000) * 3_600_000 - 3_600_000)
  const timestamp = hour.toISOString().replace('.000', '')
  const usages = [{ quantity: 42, resource: { id: addon.id }, unit: { name: 'nibbles' } }]
  const told = await ask(house.port, 'POST', '/api/v3/addons/talk-db/usage_batches', {
    headers,
    body: { timestamp, usages },
  })
  expect([told.status, told.body.usages[0].status]).toEqual([202, 'accepted'])
  // Usage counts by months; the hour before may be in the last one.
  const isThisMonth = hour.getUTCMonth() === new Date().getUTCMonth()
  expect(ok(await heroku('usage:addons', '-a', 'talker'))).toMatch(
    isThisMonth ? /Usage for .*talker.* their-talk nibbles 42/ : /No usage found/,
  )
})

test('an add-on is attached by a named credential', async () => {
  const { body: addon } = await api('GET', '/addons/their-talk')
  // No call makes one yet: it stands where a provider's would.
  const open = openDb(database.url('mortise'), 1)
  const secrets = createSecrets(masterKeysIn(path.join(house.dataDir, 'master.key')))
  const values = { TALK_DB_URL: 'fast://readonly' }
  const row = {
    id: randomUUID(),
    addonId: addon.id,
    name: 'readonly',
    state: 'active' as const,
    values,
    at: new Date(),
  }
  await transact(open.db, (tx) => insertCredential(tx, secrets, row))
  await open.close()
  const args = ['their-talk', '--credential', 'readonly', '--as', 'READER', '-a', 'reader']
  expect(ok(await heroku('addons:attach', ...args))).toMatch(/Attaching readonly of their-talk as READER.* done, v\d+/)
  expect((await api('GET', '/apps/reader/config-vars')).body).toEqual({ READER_URL: 'fast://readonly' })
})

test('two apps are compared, and buildpacks are set, listed and cleared', async () => {
  expect(ok(await heroku('apps:diff', 'talker', 'reader'))).toMatch(/slug \(checksum\)/)
  expect(ok(await heroku('buildpacks', '-a', 'reader'))).toContain('has no Buildpacks')
  const url = 'https://github.com/heroku/heroku-buildpack-nodejs'
  ok(await heroku('buildpacks:set', url, '-a', 'reader'))
  expect(ok(await heroku('buildpacks', '-a', 'reader'))).toContain(url)
  ok(await heroku('buildpacks:clear', '-a', 'reader'))
  expect((await api('GET', '/apps/reader/buildpack-installations')).body).toEqual([])
})

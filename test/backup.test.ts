import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from './deploy.js'
import { deedsOf, expectShown, filledIn, typeLine } from './guide.js'
import {
  ask,
  endPrograms,
  freePort,
  lookInto,
  manifestOf,
  type Program,
  plant,
  startProgram,
  startProvider,
  startServer,
} from './server-process.js'
import { providerState } from './whole.js'

// What docs/operating/backup.md tells an operator, done word for word with a real server and a real provider.
const root = path.dirname(import.meta.dirname)
const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'mortise-backup-doc-'))
fs.chmodSync(scratch, 0o711)
const apiKey = randomBytes(16).toString('hex')
const password = randomBytes(16).toString('hex')
const headers = { authorization: `Bearer ${apiKey}` }
const [dir, fresh, keep] = ['data', 'new', 'keep'].map((name) => path.join(scratch, name)) as [string, string, string]
const providerDir = path.join(scratch, 'provider')

let server: Program
let provider: Program & { readyWith: string }
let port: number
let providerPort: number
const call = (method: string, address: string, body?: unknown) => ask(port, method, address, { headers, body })
const start = async (folder: string) => {
  server = await startServer({ dir: folder, port, apiKey, patience: 0.05, env: { MORTISE_MASTER_KEYS: '' } })
}
const stop = async () => {
  server.kill('SIGTERM')
  expect(await server.exited).toBe(0)
}

/** An add-on that is there. On a busy machine its provider may be in doubt for a moment first: it has 1.25 s to answer. */
async function order(name: string): Promise<{ id: string }> {
  const made = await call('POST', '/apps/kept/addons', { name, plan: 'fast-db:small', attachment: { name } })
  expect([201, 202], JSON.stringify(made.body)).toContain(made.status)
  return until(30, async () => {
    const { body } = await call('GET', `/addons/${made.body.id}`)
    return body.state === 'provisioned' && body
  })
}

const deeds = deedsOf('docs/operating/backup.md')
/** The guide's places and names, and ours. */
const words: Record<string, string> = {
  '/var/backups': keep,
  '/var/keys': keep,
  DIR: dir,
  NEW: fresh,
  SERVICE: 'fast-db',
  APP: 'kept',
}

/** Types the next block of the guide, which begins so. @throws when it does not work, or prints another thing than shown */
async function typeNext(begins: string): Promise<string> {
  const deed = deeds.shift()
  if (!deed?.commands[0]?.startsWith(begins)) throw new Error(`the guide says ${deed?.commands[0]}, not ${begins}`)
  let said = ''
  for (const command of deed.commands) {
    const env = { HOME: scratch, MORTISE_HOST: `http://localhost:${port}`, MORTISE_API_KEY: apiKey }
    said += await typeLine(filledIn(command, words), root, env)
  }
  if (deed.shows) expectShown(said, filledIn(deed.shows, words))
  return said
}

beforeAll(async () => {
  fs.mkdirSync(keep)
  port = await freePort()
  words['5055'] = String(port)
  provider = await startProvider({ dir: providerDir, password })
  providerPort = Number(new URL(provider.readyWith).port)
  await start(dir)
  const manifest = manifestOf(`http://127.0.0.1:${providerPort}`, password) as { api: object }
  const contents = { ...manifest, api: { ...manifest.api, lists_resources: true } }
  const pushed = await call('POST', '/api/v3/addons/fast-db/manifests', { contents })
  await ask(providerPort, 'POST', '/admin/secret', { body: { client_secret: pushed.body.client_secret } })
  await call('POST', '/apps', { name: 'kept' })
  await call('PATCH', '/apps/kept/config-vars', { OWN: 'a value\nof two lines' })
  for (const name of ['fast-1', 'fast-2', 'fast-3']) {
    await order(name)
  }
  const hook = { include: ['api:release'], level: 'notify', url: `http://127.0.0.1:${providerPort}/hook` }
  expect((await call('POST', '/apps/kept/webhooks', hook)).status).toBe(201)
}, 180_000)

afterAll(async () => {
  await endPrograms()
  fs.rmSync(scratch, { recursive: true, force: true })
})

/** What customers and operator see of it all. */
async function seen() {
  const get = async (address: string) => (await call('GET', address)).body
  return {
    addons: await get('/addons'),
    config: await get('/apps/kept/config-vars'),
    releases: await get('/apps/kept/releases'),
    webhooks: await get('/apps/kept/webhooks'),
  }
}
const rowsOf = (folder: string) => lookInto(folder, 'select id from charges order by id')
const states = async () => (await call('GET', '/addons')).body.map(({ state }: { state: string }) => state).sort()
const keyVersions = (file: string) =>
  [...fs.readFileSync(file, 'utf8').matchAll(/^(\d+):/gm)].map((match) => Number(match[1]))

test('the guide, followed word for word, brings back everything, on a machine that has nothing', async () => {
  // A removal whose provider is away is under way, and must come to its end after the restore.
  provider.kill('SIGKILL')
  await provider.exited
  expect((await call('DELETE', '/apps/kept/addons/fast-2')).status).toBeLessThan(300)
  expect(await states()).toEqual(['deprovisioning', 'provisioned', 'provisioned'])
  // While the server works.
  await typeNext('bin/mortise backup')
  expect(fs.statSync(path.join(keep, 'mortise.backup')).mode & 0o777).toBe(0o600)
  await typeNext('tar -tzf')
  await typeNext('cp ')
  const before = await seen()
  const charges = await rowsOf(dir)
  expect(charges).toHaveLength(3)
  await typeNext('bin/mortise backup /var/backups/whole.backup --with-key')

  // What happens after the backup is not in it: one is made, one is removed.
  provider = await startProvider({ dir: providerDir, password, port: providerPort })
  const late = await order('late')
  expect((await call('DELETE', '/apps/kept/addons/fast-3')).status).toBeLessThan(300)
  await until(90, async () => (await states()).join() === 'provisioned,provisioned')
  await stop()
  provider.kill('SIGKILL')
  await provider.exited

  const said = await typeNext('mkdir -p NEW')
  expect(said).toMatch(/fast-db: \d resources, \d to be removed, the newest of/)
  const serve = deeds.shift()
  expect(serve?.commands).toEqual(['bin/mortise server --data-dir NEW'])
  const line = filledIn(serve?.commands[0] ?? '', words)
  // Word for word; the port is in the environment, since several machines' worth of servers run here.
  const env = { HOME: scratch, MORTISE_PORT: String(port), MORTISE_PATIENCE: '0.05' }
  const served = await startProgram('/bin/bash', ['-c', `cd '${root}' && exec ${line}`], env, /(ready)/)
  expectShown(served.said(), filledIn(serve?.shows ?? '', words))
  server = served
  expect(await seen()).toEqual(before)
  await stop()
  // Once more, over what is there now.
  await typeNext('bin/mortise restore /var/backups/mortise.backup --replace')
  await start(fresh)
  expect(await seen()).toEqual(before)

  // It goes on with what was under way; and what this installation never heard of is left alone.
  provider = await startProvider({ dir: providerDir, password, port: providerPort })
  await until(90, async () => (await states()).join() === 'provisioned,provisioned')
  const byName = (name: string) => before.addons.find((one: { name: string }) => one.name === name).id
  const atProvider = async () => Object.keys((await providerState(providerPort)).resources).sort()
  expect(await atProvider()).toEqual([byName('fast-1'), late.id].sort())
  const ids = (rows: unknown[]) => rows.map((row) => (row as { id: string }).id)
  expect(ids(await rowsOf(fresh))).toEqual(ids(charges))

  // What changed while a list is made is no discrepancy; these rows are of long ago.
  await plant(fresh, `update debts set updated_at = now() - interval '1 day'`)
  await typeNext('bin/mortise providers:compare')
  const found = await until(60, async () => {
    const { body } = await call('GET', '/discrepancies')
    return body.length >= 2 && (body as { id: string; kind: string; addon: { name: string } | null }[])
  })
  expect(found.map(({ kind, addon }) => [kind, addon?.name]).sort()).toEqual([
    ['missing', 'fast-3'],
    ['unknown', undefined],
  ])
  const listed = await typeNext('bin/mortise discrepancies')
  for (const word of ['missing', 'fast-3', 'unknown', late.id]) expect(listed).toContain(word)
  words['ID'] = found.find(({ kind }) => kind === 'unknown')?.id ?? ''
  words['NAME'] = 'fast-3'
  await typeNext('bin/mortise discrepancies:adopt')
  await until(90, async () => (await atProvider()).join() === byName('fast-1'))
  await until(90, async () => (await states()).join() === 'provisioned')
  // And it works on: the restored secrets open, new numbers clash with none.
  await order('more')

  // The key is replaced while it works. The former copy still opens the former backup: it was kept.
  await typeNext('bin/mortise keys:rotate')
  await typeNext('cp NEW/master.key')
  expect(keyVersions(path.join(keep, 'mortise-master.key'))).toEqual([1])
  expect(keyVersions(path.join(keep, 'mortise-master-2.key'))).toEqual([2])
  expect((await call('GET', '/apps/kept/config-vars')).body.OWN).toBe('a value\nof two lines')
  const made = (await typeNext('openssl')).trim()
  expect(Buffer.from(made, 'base64')).toHaveLength(32)
  expect(deeds).toEqual([])
}, 300_000)

test('with the key in it, a backup needs nothing else', async () => {
  const alone = path.join(scratch, 'alone')
  const line = `bin/mortise restore ${path.join(keep, 'whole.backup')} --data-dir ${alone}`
  await typeLine(line, root, { HOME: scratch })
  expect(keyVersions(path.join(alone, 'master.key'))).toEqual([1])
  await stop()
  await start(alone)
  expect((await call('GET', '/apps/kept/config-vars')).body.OWN).toBe('a value\nof two lines')
}, 180_000)

test('keys from the environment are replaced as the guide says: added, restarted, rotated, taken out', async () => {
  const folder = path.join(scratch, 'environment')
  const key = (version: number) => `${version}:${randomBytes(32).toString('base64')}`
  const [first, second] = [key(1), key(2)]
  const serve = async (keys: string) => {
    await stop()
    server = await startServer({ dir: folder, port, apiKey, env: { MORTISE_MASTER_KEYS: keys } })
  }
  await serve(first)
  expect((await call('POST', '/apps', { name: 'sealed' })).status).toBe(201)
  expect((await call('PATCH', '/apps/sealed/config-vars', { OWN: 'kept' })).status).toBe(200)
  await serve(`${first},${second}`)
  const env = { HOME: scratch, MORTISE_MASTER_KEYS: `${first},${second}` }
  const said = await typeLine(`bin/mortise keys:rotate --data-dir ${folder}`, root, env)
  expect(said).toContain('sealed values were rewrapped')
  await serve(second)
  expect((await call('GET', '/apps/sealed/config-vars')).body.OWN).toBe('kept')
}, 180_000)

test('a restore over a running server, over data, or without the key is one sentence, and changes nothing', async () => {
  const refused = async (args: string[], env: Record<string, string> = {}) => {
    const tried = startProgram(path.join(root, 'bin/mortise'), args, env, /^never$/m)
    await expect(tried).rejects.toThrow(/ended: /)
    return tried.catch((error: Error) => error.message)
  }
  await stop()
  await start(fresh)
  const file = path.join(keep, 'mortise.backup')
  expect(await refused(['restore', file, '--data-dir', fresh])).toContain('Stop the server first.')
  await stop()
  expect(await refused(['restore', file, '--data-dir', fresh])).toContain('Pass --replace')
  // The new key does not open what was sealed before it; the former copy would.
  expect(await refused(['restore', file, '--replace', '--data-dir', fresh])).toContain(
    'Put the master.key of that time',
  )
  const keyless = path.join(scratch, 'keyless')
  expect(await refused(['restore', file, '--data-dir', keyless])).toContain('Put the master.key of that time')
  expect(await refused(['backup', file, '--data-dir', path.join(scratch, 'nowhere')])).toContain(
    'There is no installation',
  )
  expect(await refused(['backup'])).toContain('One FILE is needed')
  await start(fresh)
  expect((await call('GET', '/addons')).body.length).toBeGreaterThan(0)
}, 180_000)

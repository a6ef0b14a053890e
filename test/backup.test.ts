import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from './deploy.js'
import {
  ask,
  endPrograms,
  freePort,
  lookInto,
  manifestOf,
  type Program,
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

/** The commands of the guide, with its example places put into our own folder. */
const commands = [...fs.readFileSync(path.join(root, 'docs/operating/backup.md'), 'utf8').matchAll(/```sh\n(.*?)```/gs)]
  .flatMap((match) => (match[1] ?? '').trim().split('\n'))
  .map((line) =>
    line
      .replace('/var/backups', keep)
      .replace('/var/keys', keep)
      .replace(/\bDIR\b/, dir)
      .replace(/\bNEW\b/, fresh),
  )

async function run(line: string): Promise<string> {
  const ran = await startProgram('/bin/sh', ['-c', `cd '${root}' && ${line} && echo it is done`], {}, /it is (done)/)
  expect(await ran.exited).toBe(0)
  return ran.said()
}

beforeAll(async () => {
  fs.mkdirSync(keep)
  port = await freePort()
  provider = await startProvider({ dir: providerDir, password })
  providerPort = Number(new URL(provider.readyWith).port)
  await start(dir)
  const contents = manifestOf(`http://127.0.0.1:${providerPort}`, password)
  const pushed = await call('POST', '/api/v3/addons/fast-db/manifests', { contents })
  await ask(providerPort, 'POST', '/admin/secret', { body: { client_secret: pushed.body.client_secret } })
  await call('POST', '/apps', { name: 'kept' })
  await call('PATCH', '/apps/kept/config-vars', { OWN: 'a value\nof two lines' })
  for (const name of ['fast-1', 'fast-2']) {
    const made = await call('POST', '/apps/kept/addons', { name, plan: 'fast-db:small', attachment: { name } })
    expect(made.status).toBe(201)
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

test('the guide, followed word for word, brings back everything, on a machine that has nothing', async () => {
  // A removal whose provider is away is under way, and must come to its end after the restore.
  provider.kill('SIGKILL')
  await provider.exited
  expect((await call('DELETE', '/apps/kept/addons/fast-2')).status).toBeLessThan(300)
  const states = async () => (await call('GET', '/addons')).body.map(({ state }: { state: string }) => state).sort()
  expect(await states()).toEqual(['deprovisioning', 'provisioned'])
  const [backup, copyKey, ...restore] = commands
  if (!backup || !copyKey) throw new Error('the guide has no commands')
  // While the server works.
  expect(await run(backup)).toMatch(/\d+ rows of \d+ tables.*\n.*The master key is not in it/)
  await run(copyKey)
  const before = await seen()
  const charges = await rowsOf(dir)
  expect(charges).toHaveLength(2)

  // What happens after the backup is not in it.
  provider = await startProvider({ dir: providerDir, password, port: providerPort })
  const late = await call('POST', '/apps/kept/addons', { plan: 'fast-db:small', attachment: { name: 'late' } })
  expect(late.status).toBe(201)
  server.kill('SIGTERM')
  expect(await server.exited).toBe(0)
  provider.kill('SIGKILL')
  await provider.exited

  const serve = restore.pop() ?? ''
  let said = ''
  for (const line of restore) said += await run(line)
  expect(said).toMatch(/Restored the backup of .*\n/)
  expect(said).toMatch(/fast-db: \d resources, \d to be removed, the newest of/)
  expect(serve).toBe(`bin/mortise server --data-dir ${fresh}`)
  await start(fresh)
  expect(await seen()).toEqual(before)
  // It goes on with what was under way; and what this installation never heard of is left alone.
  provider = await startProvider({ dir: providerDir, password, port: providerPort })
  await until(90, async () => (await states()).join() === 'provisioned')
  const kept = before.addons.find(({ state }: { state: string }) => state === 'provisioned').id
  const now = Object.keys((await providerState(providerPort)).resources)
  expect(now.sort()).toEqual([kept, late.body.id].sort())
  const ids = (rows: unknown[]) => rows.map((row) => (row as { id: string }).id)
  expect(ids(await rowsOf(fresh))).toEqual(ids(charges))
  // And it works on: the restored secrets open, new numbers clash with none.
  expect(
    (await call('POST', '/apps/kept/addons', { plan: 'fast-db:small', attachment: { name: 'more' } })).status,
  ).toBe(201)
}, 240_000)

test('a restore over a running server, over data, or without the key is one sentence, and changes nothing', async () => {
  const refused = async (args: string[], env: Record<string, string> = {}) => {
    const tried = startProgram(path.join(root, 'bin/mortise'), args, env, /^never$/m)
    await expect(tried).rejects.toThrow(/ended: /)
    return tried.catch((error: Error) => error.message)
  }
  const file = path.join(keep, 'mortise.backup')
  expect(await refused(['restore', file, '--data-dir', fresh])).toContain('Stop the server first.')
  server.kill('SIGTERM')
  await server.exited
  expect(await refused(['restore', file, '--data-dir', fresh])).toContain('Pass --replace')
  const keyless = path.join(scratch, 'keyless')
  expect(await refused(['restore', file, '--data-dir', keyless])).toContain('Put the master.key of that time')
  expect(await refused(['backup', file, '--data-dir', path.join(scratch, 'nowhere')])).toContain(
    'There is no installation',
  )
  expect(await refused(['backup'])).toContain('One FILE is needed')
  await start(fresh)
  expect((await call('GET', '/addons')).body.length).toBeGreaterThan(0)
}, 180_000)

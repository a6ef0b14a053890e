import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDatabase, type PostgresServer, startPostgres } from '../postgres/server.js'
import { load, whatWasLost } from './crash-load.js'
import { until } from './deploy.js'
import { deedsOf, expectShown, filledIn, typeLine } from './guide.js'
import { checkOut, git, olderVersion } from './older-version.js'
import {
  ask,
  endPrograms,
  freePort,
  lookInto,
  manifestOf,
  type Program,
  startProgram,
  startProvider,
} from './server-process.js'
import { isSettled, providerState, type Scene, whatIsOpen, whatIsWrong } from './whole.js'

// docs/operating/upgrade.md, with a real older version: its processes work under load while the newest migrations run, and
// then its words are typed one by one. Not of the everyday run: it builds that version, three times in all.
const { found: older, why } = olderVersion()
if (!older) console.log(`Upgrades are not tried: ${why}.`)

const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'mortise-upgrade-'))
fs.chmodSync(scratch, 0o711)
const dir = (name: string) => path.join(scratch, name)
const checkout = dir('mortise')
const root = path.dirname(import.meta.dirname)
const apiKey = randomBytes(16).toString('hex')
const password = randomBytes(16).toString('hex')
const headers = { authorization: `Bearer ${apiKey}` }
/** What a migration waits for a lock at most, says the guide: nobody behind it waits longer. */
const lockSecondsMax = 5
const loadSeconds = 25
const loadSecondsMax = 600
/** From when nobody is sent to a process until it is stopped: a connection may be on its way. */
const drainMs = 5_000

beforeAll(async () => {
  if (!older) return
  checkOut(older, checkout)
  await typeLine('bin/setup --quiet', checkout, { HOME: scratch })
}, 300_000)

const opened: (() => void)[] = []
afterAll(async () => {
  for (const close of opened) close()
  await endPrograms()
  await database?.stop()
  fs.rmSync(scratch, { recursive: true, force: true })
})

let database: PostgresServer | undefined
const databaseEnv: Record<string, string> = { MORTISE_MASTER_KEYS: `1:${randomBytes(32).toString('base64')}` }

const serve = (from: string, name: string, port: number, role = 'all') =>
  startProgram(
    path.join(from, 'bin/mortise'),
    ['server', '--port', String(port), '--data-dir', dir(name), '--role', role],
    { HOME: scratch, MORTISE_API_KEY: apiKey, ...databaseEnv },
    /^Mortise is ready at (http:\S+)$/m,
  )

async function end(server: Program): Promise<void> {
  server.kill('SIGTERM')
  expect(await server.exited).toBe(0)
}

async function pushTo(port: number, provider: Program & { readyWith: string }): Promise<number> {
  const providerPort = Number(new URL(provider.readyWith).port)
  const contents = manifestOf(`http://127.0.0.1:${providerPort}`, password)
  const pushed = await ask(port, 'POST', '/api/v3/addons/fast-db/manifests', { headers, body: { contents } })
  expect(pushed.status).toBe(201)
  await ask(providerPort, 'POST', '/admin/secret', { body: { client_secret: pushed.body.client_secret } })
  return providerPort
}

/** Looks every 50 ms who waits for a lock, until it is asked for the longest wait, in seconds. */
async function watchLocks(url: string): Promise<() => Promise<number>> {
  const client = new pg.Client({ connectionString: url, application_name: 'who waits' })
  client.on('error', () => undefined)
  await client.connect()
  let longest = 0
  let isOver = false
  opened.push(() => {
    isOver = true
  })
  const looking = (async () => {
    while (!isOver) {
      // Not the advisory lock: processes that start at once wait for whoever migrates, and nobody waits for them.
      const { rows } =
        await client.query(`select coalesce(max(extract(epoch from clock_timestamp() - waitstart)), 0)::float8
        as longest from pg_locks where not granted and locktype <> 'advisory'`)
      longest = Math.max(longest, rows[0].longest)
      await sleep(50)
    }
  })()
  return async () => {
    isOver = true
    await looking
    await client.end()
    return longest
  }
}

test.skipIf(!older)(
  'processes of the older version work on while the newest migrations run, and hand over one by one',
  async () => {
    database = await startPostgres({ dir: dir('postgres') })
    await createDatabase(database, 'mortise')
    const url = database.url('mortise')
    databaseEnv['MORTISE_DATABASE_URL'] = url
    const [one, two, three] = [await freePort(), await freePort(), await freePort()]
    const provider = await startProvider({ dir: dir('provider'), password })
    const old = { all: await serve(checkout, 'all', one), api: await serve(checkout, 'api', two, 'api') }
    const scene: Scene = {
      dir: scratch,
      port: three,
      providerPort: await pushTo(one, provider),
      headers,
      apps: ['a', 'b', 'c'].map((name) => `upgraded-${name}`),
    }
    for (const name of scene.apps)
      expect((await ask(one, 'POST', '/apps', { headers, body: { name } })).status).toBe(201)
    const applied = async () =>
      (await lookInto<{ number: number }>(scratch, 'select number from schema_migrations order by 1')).map(
        ({ number }) => number,
      )
    const before = await applied()

    const ports = [one, two]
    const said: { at: string; status: number; ms: number }[] = []
    let isOver = false
    opened.push(() => {
      isOver = true
    })
    /** Every verb that only reads, on the older processes, as a page or a script would. */
    const reading = (async () => {
      for (let turn = 0; !isOver; turn++) {
        const port = ports[turn % ports.length] ?? one
        for (const at of ['/apps', '/addons', `/apps/${scene.apps[turn % 3]}/releases`, '/operations', '/workers']) {
          const from = Date.now()
          const status = await ask(port, 'GET', at, { headers }).then(
            ({ status }) => status,
            () => 0,
          )
          said.push({ at, status, ms: Date.now() - from })
        }
        await sleep(100)
      }
    })()
    let drawn = 5_055
    const chance = () => {
      drawn = (drawn * 16_807) % 2_147_483_647
      return drawn / 2_147_483_647
    }
    const verbs = ['config', 'create', 'upgrade', 'remove']
    // However slow the machine, each verb is answered a few times.
    const latest = Date.now() + loadSecondsMax * 1_000
    const goesOn = ({ acknowledged }: { acknowledged: Record<string, number> }) =>
      !isOver || (Date.now() < latest && verbs.some((verb) => (acknowledged[verb] ?? 0) <= 3))
    const loading = load(6, { ports, headers, apps: scene.apps, chance, goesOn })
    const longestWait = await watchLocks(url)
    await sleep(4_000)

    // The first new process, which migrates.
    const api = await serve(root, 'new-api', three, 'api')
    const after = await applied()
    expect(after.length).toBeGreaterThan(before.length)
    // Old and new ones on the same tables, asked in turn.
    ports.push(three)
    await sleep((loadSeconds * 1_000) / 2)
    ports.splice(ports.indexOf(two), 1)
    await sleep(drainMs)
    await end(old.api)
    const worker = await serve(root, 'new-worker', await freePort(), 'worker')
    ports.splice(ports.indexOf(one), 1)
    await sleep(drainMs)
    // What it was asked before that is answered.
    await end(old.all)
    const all = await serve(root, 'new-all', one)
    ports.push(one)
    await sleep((loadSeconds * 1_000) / 4)
    isOver = true
    const [{ promised, counts }] = await Promise.all([loading, reading])
    const longest = await longestWait()
    console.log(
      `from ${before.length} to ${after.length} migrations; ${counts.asked} changes asked (${JSON.stringify(counts.acknowledged)}), ` +
        `${counts.refused} refused, ${counts.unanswered} unanswered; ${said.length} reads, the slowest ${Math.max(...said.map(({ ms }) => ms))} ms; ` +
        `the longest wait for a lock ${longest.toFixed(2)} s`,
    )
    // The guide names no 5xx for any of these. Where there is one, the process has said why.
    const faults = [old.all, old.api, api, worker, all].flatMap((program) =>
      program
        .said()
        .split('\n')
        .filter((line) => line.startsWith('mortise: ')),
    )
    expect(counts.instead, faults.join('\n')).toEqual([])
    expect(said.filter(({ status }) => status !== 200 && status !== 206)).toEqual([])
    expect(longest).toBeLessThan(lockSecondsMax)
    for (const verb of verbs) expect(counts.acknowledged[verb], verb).toBeGreaterThan(3)

    // An older one does not come back.
    await expect(serve(checkout, 'api', two, 'api')).rejects.toThrow(/newer Mortise/)
    await until(300, () => isSettled(scene)).catch(async () => {
      throw new Error(`still under way: ${JSON.stringify(await whatIsOpen(scene), null, 1)}`)
    })
    expect(await whatIsWrong(scene)).toEqual([])
    const get = (address: string) => ask(three, 'GET', address, { headers })
    expect(await whatWasLost(promised, get, (await providerState(scene.providerPort)).resources)).toEqual([])
    for (const server of [api, worker, all]) await end(server)
    provider.kill('SIGKILL')
  },
  1_800_000,
)

test.skipIf(!older)(
  'its twin: whoever waits behind a lock is seen',
  async () => {
    if (!database) throw new Error('no database')
    const url = database.url('mortise')
    const longestWait = await watchLocks(url)
    const [holder, waiter] = [new pg.Client(url), new pg.Client(url)]
    await Promise.all([holder.connect(), waiter.connect()])
    await holder.query('begin; lock table apps in access exclusive mode')
    const waiting = waiter.query('select from apps')
    await sleep(1_000)
    await holder.query('rollback')
    await waiting
    await Promise.all([holder.end(), waiter.end()])
    expect(await longestWait()).toBeGreaterThan(0.7)
  },
  60_000,
)

// --- the guide, word for word: one server with its own database, as most have it ---
const deeds = deedsOf('docs/operating/upgrade.md')
const keep = dir('keep')
let port: number
let running: Program
let config: Record<string, string>
const words = () => ({ '/var/backups': keep, DIR: dir('data'), '5055': String(port) })
const env = () => ({ HOME: scratch, MORTISE_HOST: `http://localhost:${port}`, MORTISE_API_KEY: apiKey })
const call = (method: string, address: string, body?: unknown) => ask(port, method, address, { headers, body })

/** Types the next block of the guide, which begins so. @throws when it does not work, or prints another thing than shown */
async function typeNext(begins: string): Promise<string> {
  const deed = deeds.shift()
  if (!deed?.commands[0]?.startsWith(begins)) throw new Error(`the guide says ${deed?.commands[0]}, not ${begins}`)
  let said = ''
  for (const command of deed.commands) said += await typeLine(filledIn(command, words()), checkout, env())
  if (deed.shows) expectShown(said, filledIn(deed.shows, words()))
  return said
}

async function serveNext(): Promise<void> {
  const deed = deeds.shift()
  expect(deed?.commands).toEqual(['bin/mortise server --data-dir DIR'])
  const line = `cd '${checkout}' && exec ${filledIn(deed?.commands[0] ?? '', words())}`
  // The port is in the environment, since several servers run here.
  const given = { ...env(), MORTISE_PORT: String(port) }
  running = await startProgram('/bin/bash', ['-c', line], given, /(ready at \S+)\n/)
  expectShown(running.said(), filledIn(deed?.shows ?? '', words()))
}

test.skipIf(!older)(
  'the guide, followed word for word, leads to the new version',
  async () => {
    for (const name of Object.keys(databaseEnv)) delete databaseEnv[name]
    port = await freePort()
    fs.mkdirSync(keep)
    running = await serve(checkout, 'data', port)
    await pushTo(port, await startProvider({ dir: dir('other-provider'), password }))
    expect((await call('POST', '/apps', { name: 'upgraded' })).status).toBe(201)
    expect((await call('POST', '/apps/upgraded/addons', { plan: 'fast-db:small', name: 'fast-1' })).status).toBe(201)
    config = (await call('GET', '/apps/upgraded/config-vars')).body
    expect(Object.keys(config)).toEqual(['FAST_DB_URL'])

    await typeNext('bin/mortise doctor')
    await typeNext('git pull')
    expect(git(checkout, 'rev-parse', 'HEAD')).toBe(older?.newest)
    // The old one answers while the new one lies there built.
    expect((await call('GET', '/apps/upgraded/config-vars')).body).toEqual(config)
    expect((await call('PATCH', '/apps/upgraded/config-vars', { BEFORE: 'yes' })).status).toBe(200)
    await end(running)
    await serveNext()
    await typeNext('bin/mortise doctor')
    expect((await call('GET', '/apps/upgraded/config-vars')).body).toEqual({ ...config, BEFORE: 'yes' })
    expect((await call('POST', '/apps/upgraded/addons', { plan: 'fast-db:small', name: 'fast-2' })).status).toBe(201)
  },
  1_800_000,
)

test.skipIf(!older)(
  'and back: what happened since is forgotten, and all that was before is there',
  async () => {
    await end(running)
    expect(await typeNext('git reset')).toContain('fast-db: 1 resources')
    expect(git(checkout, 'rev-parse', 'HEAD')).toBe(older?.commit)
    await serveNext()
    expect((await call('GET', '/apps/upgraded/config-vars')).body).toEqual(config)
    expect((await call('GET', '/addons')).body.map(({ name }: { name: string }) => name)).toEqual(['fast-1'])
    await end(running)
    expect(deeds).toEqual([])
  },
  1_800_000,
)

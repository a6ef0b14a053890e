import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDatabase, type PostgresServer, startPostgres } from '../postgres/server.js'
import { load, type Promised, whatWasLost } from './crash-load.js'
import {
  type Answer,
  ask,
  endPrograms,
  freePort,
  lookInto,
  manifestOf,
  type Program,
  plant,
  startProvider,
  startServer,
} from './server-process.js'
import { isSettled, providerState, type Scene, whatIsOpen, whatIsWrong } from './whole.js'

// Everything is real: three processes of the platform, a PostgreSQL that syncs, a provider whose memory is on disk. They are
// killed in turn, without a warning, while customers work; at the end everything is counted.
const seed = Number(process.env['MORTISE_CRASH_SEED'] ?? 5_055)
const loadSeconds = Number(process.env['MORTISE_CRASH_SECONDS'] ?? 75)
/** A lease of a killed process is 60 s, so nothing can be settled sooner in every case; and a machine may be ten times slower. */
const settledSecondsMax = 600
/** However slow the machine: each blow falls once, and each verb is answered once, within so long. */
const loadSecondsMax = 600

const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'mortise-crash-'))
fs.chmodSync(scratch, 0o711)
const dir = (name: string) => path.join(scratch, name)
const apiKey = randomBytes(16).toString('hex')
const password = randomBytes(16).toString('hex')
const headers = { authorization: `Bearer ${apiKey}` }
const apps = ['crash-a', 'crash-b', 'crash-c']
const env: Record<string, string> = { MORTISE_MASTER_KEYS: `1:${randomBytes(32).toString('base64')}` }

let database: PostgresServer
let scene: Scene
let promised: Promised
const ports = { all: 0, api: 0, worker: 0, provider: 0 }
const running = {} as Record<'all' | 'api' | 'worker' | 'provider', Program>
const kills: Record<string, number> = {}

const verbs = ['app', 'config', 'create', 'destroy', 'remove', 'upgrade']

let drawn = seed
/** Chance from a seed. Which process is where when it is killed is the machine's to choose. */
function chance(): number {
  drawn = (drawn * 16_807) % 2_147_483_647
  return drawn / 2_147_483_647
}

async function start(name: keyof typeof running): Promise<void> {
  if (name === 'provider') {
    running.provider = await startProvider({
      dir: dir(name),
      password,
      port: ports.provider,
      seed: 1 + (drawn % 1_000),
    })
    return
  }
  const args = name === 'all' ? [] : ['--role', name]
  // A process that starts while the database is away says so and ends; whoever minds it starts it again.
  for (let tries = 0; ; tries++) {
    try {
      running[name] = await startServer({ dir: dir(name), port: ports[name], apiKey, patience: 0.05, env, args })
      return
    } catch (error) {
      if (tries > 20) throw error
      await sleep(500)
    }
  }
}

async function startDatabase(): Promise<void> {
  database = await startPostgres({ dir: dir('postgres') })
}

/** Asks until there is an answer that says something. */
async function get(address: string): Promise<Answer> {
  for (const until = Date.now() + settledSecondsMax * 1_000; Date.now() < until; await sleep(200)) {
    const answer = await ask(ports.api, 'GET', address, { headers }).catch(() => null)
    if (answer && answer.status < 500) return answer
  }
  throw new Error(`GET ${address} was never answered`)
}

beforeAll(async () => {
  await startDatabase()
  await createDatabase(database, 'mortise')
  env['MORTISE_DATABASE_URL'] = database.url('mortise')
  for (const name of ['all', 'api', 'worker', 'provider'] as const) ports[name] = await freePort()
  for (const name of ['provider', 'all', 'api', 'worker'] as const) await start(name)
  scene = { dir: scratch, port: ports.api, providerPort: ports.provider, headers, apps }
  const contents = manifestOf(`http://127.0.0.1:${ports.provider}`, password)
  const push = { headers, body: { contents } }
  const pushed = await ask(ports.all, 'POST', '/api/v3/addons/fast-db/manifests', push)
  expect(pushed.status).toBe(201)
  await ask(ports.provider, 'POST', '/admin/secret', { body: { client_secret: pushed.body.client_secret } })
  for (const name of apps) expect((await ask(ports.all, 'POST', '/apps', { headers, body: { name } })).status).toBe(201)
})

afterAll(async () => {
  await endPrograms()
  await database?.stop()
  fs.rmSync(scratch, { recursive: true, force: true })
})

async function kill(name: keyof typeof running): Promise<void> {
  running[name].kill('SIGKILL')
  await running[name].exited
  await sleep(chance() * 1_500)
  await start(name)
}

/** Past its lease: when it comes back, others have gone on. Meanwhile it may hold a transaction, and the locks in it. */
async function pause(name: 'api' | 'worker', seconds: number): Promise<void> {
  running[name].kill('SIGSTOP')
  // As if its minute had passed. What it holds locked can't be written, and stays its own a while longer.
  const past = "set lock_timeout = '1s'; update operations set lease_until = now() where ended_at is null"
  await plant(scratch, past).catch(() => undefined)
  await sleep(seconds * 1_000)
  running[name].kill('SIGCONT')
}

const blows: Record<string, () => Promise<void>> = {
  'SIGKILL server (all)': () => kill('all'),
  'SIGKILL api': () => kill('api'),
  'SIGKILL worker': () => kill('worker'),
  'SIGKILL provider': () => kill('provider'),
  async 'SIGKILL database'() {
    process.kill(database.pid, 'SIGKILL')
    await database.exited
    await sleep(chance() * 2_000)
    await startDatabase()
  },
  // Longer than the database lets a transaction be idle.
  'SIGSTOP api, past its lease': () => pause('api', 22),
  'SIGSTOP worker, past its lease': () => pause('worker', 5),
}

test(`nothing acknowledged is lost and nothing is orphaned (seed ${seed}, ${loadSeconds} s of blows)`, async () => {
  const until = Date.now() + loadSeconds * 1_000
  const names = Object.keys(blows)
  let turn = 0
  const latest = Date.now() + loadSecondsMax * 1_000
  let acknowledged: Record<string, number> = {}
  const goesOn = (counts?: { acknowledged: Record<string, number> }) => {
    acknowledged = counts?.acknowledged ?? acknowledged
    if (turn < names.length || Date.now() < until) return true
    return Date.now() < latest && verbs.some((verb) => !acknowledged[verb])
  }
  const loading = load(8, { ports: [ports.api, ports.all], headers, apps, chance, goesOn })
  for (; goesOn(); turn++) {
    const name = names[turn % names.length] ?? ''
    await sleep(500 + chance() * 1_500)
    kills[name] = (kills[name] ?? 0) + 1
    const at = Date.now()
    await blows[name]?.()
    process.stderr.write(`  ${name}: back after ${((Date.now() - at) / 1_000).toFixed(1)} s\n`)
  }
  const { promised: told, counts } = await loading
  promised = told

  const from = Date.now()
  while (!(await isSettled(scene))) {
    if (Date.now() - from > settledSecondsMax * 1_000) {
      throw new Error(`still under way: ${JSON.stringify(await whatIsOpen(scene), null, 1)}`)
    }
    await sleep(500)
  }
  const settledSeconds = (Date.now() - from) / 1_000

  const state = await providerState(ports.provider)
  const wrong = await whatIsWrong(scene)
  const lost = await whatWasLost(promised, get, state.resources)
  const figures = (await lookInto<Record<string, number>>(scratch, questions))[0] ?? {}
  const rows: [string, unknown][] = [
    ...Object.entries(kills).map(([name, count]): [string, number] => [name, count]),
    ['requests', counts.asked],
    ...Object.entries(counts.acknowledged).map(([verb, count]): [string, number] => [`acknowledged: ${verb}`, count]),
    ['refused (4xx)', counts.refused],
    ['unanswered (broken, 5xx)', counts.unanswered],
    ['settled after, seconds', settledSeconds.toFixed(1)],
    ['at the provider since its last start: made, asked, changed, removals', Object.values(state.counts).join(', ')],
    ['resources at the provider', Object.keys(state.resources).length],
    ...Object.entries(figures),
    ['orphans, imbalances', wrong.length],
    ['acknowledged writes lost', lost.length],
  ]
  const width = Math.max(...rows.map(([name]) => name.length))
  console.log(rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`).join('\n'))

  expect(wrong).toEqual([])
  expect(lost).toEqual([])
  expect(figures['add-ons that live']).toBe(Object.keys(state.resources).length)
  expect(figures['charges that are open']).toBe(figures['add-ons that live'])
  // Each kind of blow fell, and between question and answer too, or this would prove nothing.
  expect(Object.keys(kills)).toHaveLength(Object.keys(blows).length)
  expect(counts.unanswered).toBeGreaterThan(0)
  expect(figures['operations that changed hands']).toBeGreaterThan(0)
  expect(Object.keys(counts.acknowledged).sort()).toEqual(verbs)
})

const questions = `
  select (select count(*)::int from addons where state = 'provisioned') as "add-ons that live",
    (select count(*)::int from charges where closed_at is null and voided_at is null) as "charges that are open",
    (select count(*)::int from operations) as "operations",
    (select count(*)::int from operations where epoch > 1) as "operations that changed hands",
    (select count(*)::int from operations where state = 'stuck') as "operations that are stuck",
    (select count(*)::int from questions where may_exist) as "questions in doubt",
    (select count(*)::int from debts where state = 'watching') as "removals that are still watched"`

test('an orphan, a lost write and a lost charge would be noticed', async () => {
  const { resources } = await providerState(ports.provider)
  const authorization = `Basic ${Buffer.from(`fast-db:${password}`).toString('base64')}`
  const uuid = '00000000-0000-4000-8000-000000000001'
  const planted = { headers: { authorization }, body: { uuid, plan: 'small' } }
  await ask(ports.provider, 'POST', '/heroku/resources', planted)
  expect(await whatIsWrong(scene)).toEqual([`the provider has ${uuid}, an orphan`])
  await ask(ports.provider, 'DELETE', `/heroku/resources/${uuid}`, { headers: { authorization } })

  const written = [...promised.vars.values()].find(({ values }) => values.length === 1 && values[0] !== null)
  const body = { [written?.name ?? '']: 'something else' }
  await ask(ports.api, 'PATCH', `/apps/${written?.app}/config-vars`, { headers, body })
  expect(await whatWasLost(promised, get, resources)).toEqual([
    `${written?.app} ${written?.name} is something else, not ${written?.values[0]}`,
  ])

  const [charged] = await lookInto<{ id: string; name: string }>(
    scratch,
    `select c.id, a.name from charges c join addons a on a.id = c.addon_id where c.closed_at is null and c.voided_at is null limit 1`,
  )
  await plant(scratch, `update charges set closed_at = now() where id = '${charged?.id}'`)
  expect(await whatIsWrong(scene)).toEqual([`${charged?.name} is provisioned and has 0 open charges`])
})

import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { until } from './deploy.js'
import { type LyingProvider, lyingProvider } from './lying-provider.js'
import { ask, endPrograms, freePort, lookInto, manifestOf, plant, startServer } from './server-process.js'

// docs/operating/stuck.md, row by row: each thing that it names is brought about, and its own commands are typed.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 180_000 })
const mortise = fileURLToPath(new URL('../bin/mortise', import.meta.url))
const guide = fs.readFileSync(new URL('../docs/operating/stuck.md', import.meta.url), 'utf8')
const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'mortise-stuck-'))
fs.chmodSync(scratch, 0o711)
const dir = path.join(scratch, 'data')
const apiKey = `api-key-${randomBytes(12).toString('hex')}`
const password = `provider-password-${randomBytes(12).toString('hex')}`

let port: number
let provider: LyingProvider
/** Of the first generation. */
let old: LyingProvider

beforeAll(async () => {
  fs.symlinkSync(mortise, path.join(scratch, 'mortise'))
  provider = await lyingProvider(password)
  old = await lyingProvider(password, 'old-db')
  port = await freePort()
  // Providers have 1.25 s to answer; doubt is asked again after 0.25 s, 1.5 s and 6 s.
  await startServer({ dir, port, apiKey, patience: 0.05 })
  const v3 = manifestOf(provider.url, password) as { api: object }
  await push('fast-db', { ...v3, api: { ...v3.api, lists_resources: true } })
  const v1 = manifestOf(old.url, password) as { api: object }
  await push('old-db', {
    ...v1,
    id: 'old-db',
    name: 'Old DB',
    api: { ...v1.api, version: '1', config_vars: ['OLD_DB_URL'] },
  })
  old.config = { OLD_DB_URL: 'old://' }
  expect((await call('POST', '/apps', { name: 'shop' })).status).toBe(201)
})

afterAll(async () => {
  await endPrograms()
  await provider?.stop()
  await old?.stop()
  fs.rmSync(scratch, { recursive: true, force: true })
})

beforeEach(() => {
  provider.repent()
  old.repent()
})

const call = (method: string, address: string, body?: unknown) =>
  ask(port, method, address, { headers: { authorization: `Bearer ${apiKey}` }, body })
const push = async (slug: string, contents: object) =>
  expect((await call('POST', `/api/v3/addons/${slug}/manifests`, { contents })).status).toBe(201)
const order = (name: string, plan = 'fast-db:small') => call('POST', '/apps/shop/addons', { plan, name })
const remove = (name: string) => call('DELETE', `/apps/shop/addons/${name}`)

/** Types a command as it stands in the guide, with ID, NAME and SERVICE filled in. @throws when the guide has it not */
async function type(command: string, words: Record<string, string> = {}): Promise<string> {
  expect(guide, 'the guide says so').toContain(command)
  const typed = command.replace(/\b(ID|NAME|SERVICE)\b/g, (word) => words[word] ?? word)
  const line = typed.startsWith('mortise ') ? typed : `mortise ${typed}`
  const child = spawn('bash', ['-c', line], {
    cwd: scratch,
    env: {
      PATH: `${scratch}:${process.env['PATH']}`,
      HOME: scratch,
      MORTISE_HOST: `http://localhost:${port}`,
      MORTISE_API_KEY: apiKey,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let out = ''
  let err = ''
  child.stdout.setEncoding('utf8').on('data', (part: string) => (out += part))
  child.stderr.setEncoding('utf8').on('data', (part: string) => (err += part))
  const code = await new Promise((done) => child.once('close', done))
  expect(code, `${line}\n${err}`).toBe(0)
  return out
}

interface Row {
  id: string
  state: string
  reason: string | null
}
const operationOf = async (name: string) =>
  (
    await lookInto<Row>(
      dir,
      `select o.id, o.state, o.reason from operations o join addons a on a.id = o.subject where a.name = '${name}'
       order by (o.ended_at is null) desc, o.updated_at desc limit 1`,
    )
  )[0] as Row
const entryOf = async (name: string) =>
  (await call('GET', `/ledger/${name}`)).body as { state: string; reason: string; provider_id: string | null }
const operationIs = (name: string, state: string) =>
  until(30, async () => {
    const found = await operationOf(name)
    return found?.state === state && found
  })
const entryIs = (name: string, state: string) =>
  until(30, async () => {
    const found = await entryOf(name)
    return found.state === state && found
  })
/** So much time passes for what is open of an add-on. */
const age = (name: string, hours: number) =>
  plant(
    dir,
    `update operations set created_at = created_at - interval '${hours} hours', next_at = now()
     where ended_at is null and subject = (select id from addons where name = '${name}')`,
  )

test('1: looking', async () => {
  expect((await order('looked-at')).status).toBe(201)
  await type('mortise operations')
  await type('mortise operations -s stuck')
  await type('mortise ledger -s stuck')
  await type('mortise discrepancies')
  expect(await type('mortise providers')).toMatch(/fast-db\s+closed/)
  const { id } = await operationOf('looked-at')
  expect(await type('mortise operations:info ID', { ID: id })).toContain('Asked fast-db to create it.')
  expect(await type('mortise addons:history NAME', { NAME: 'looked-at' })).toContain('Ordered fast-db:small')
})

test('parked: a creation can be ended, and its name is free', async () => {
  provider.lie('POST', { status: 202, body: { id: 'later' } })
  expect((await order('parked-db')).body.state).toBe('provisioning')
  const { id } = await operationIs('parked-db', 'parked')
  expect(await type('mortise operations')).toMatch(/parked-db.*parked/)
  expect(await type('operations:cancel ID -r "why"', { ID: id })).toMatch(/unwound/)
  await entryIs('parked-db', 'clear')
  expect((await order('parked-db')).status).toBe(201)
})

test('waiting: it is tried again by itself, or now; what came is kept to be read', async () => {
  provider.lie(
    'POST',
    { acts: true, status: 502, body: '<h1>upstream cache-7 is down</h1>' },
    { acts: true, hangUp: true },
  )
  expect((await order('waiting-db')).body.state).toBe('provisioning')
  const { id } = await operationOf('waiting-db')
  await type('operations:retry ID', { ID: id })
  await operationIs('waiting-db', 'done')
  expect(await type('mortise ledger:answers NAME', { NAME: 'waiting-db' })).toContain('upstream cache-7 is down')
})

test.each(['--changed', '--unchanged'])('a change of plan that is stuck, settled as %s', async (outcome) => {
  const name = `plan${outcome}`
  expect((await order(name)).status).toBe(201)
  provider.lie('PUT', ...Array.from({ length: 100 }, () => ({ hangUp: true }) as const))
  expect((await call('PATCH', `/apps/shop/addons/${name}`, { plan: 'fast-db:slow' })).status).toBe(202)
  await age(name, 25)
  const { id } = await operationIs(name, 'stuck')
  expect(await type('mortise operations -s stuck')).toContain(name)
  expect(await type('operations:retry ID', { ID: id })).toContain('Only the operator can move it.')
  await operationIs(name, 'stuck')
  expect(guide).toContain('`operations:settle ID --changed` or `--unchanged`')
  if (outcome === '--changed') await type('operations:settle ID --changed', { ID: id })
  else await call('POST', `/operations/${id}/actions/settle`, { outcome: 'unchanged' })
  await operationIs(name, outcome === '--changed' ? 'done' : 'unwound')
  const { body } = await call('GET', `/addons/${name}`)
  expect(body.plan.name).toBe(outcome === '--changed' ? 'fast-db:slow' : 'fast-db:small')
})

test('stuck with "a fault of the platform": it goes on at the step where it stood', async () => {
  await plant(dir, 'alter table credentials rename to credentials_away')
  const ordered = order('faulty-db')
  const { id } = await until(20, () => operationOf('faulty-db'))
  try {
    await until(60, async () => {
      await plant(dir, `update operations set faults = 11, next_at = now() where id = '${id}' and lease_until is null`)
      const found = await operationOf('faulty-db')
      return found.state === 'stuck' && found
    })
    expect((await operationOf('faulty-db')).reason).toContain('a fault of the platform')
    expect(await type('mortise operations -s stuck')).toContain('a fault of the platform')
    const log = fs.readFileSync(path.join(dir, 'mortise.log'), 'utf8')
    expect(log, "the server's log has the fault").toContain('relation \\"credentials\\" does not exist')
  } finally {
    await plant(dir, 'alter table credentials_away rename to credentials')
  }
  await ordered
  await type('operations:retry ID', { ID: id })
  await operationIs('faulty-db', 'done')
  expect((await call('GET', '/addons/faulty-db')).body.state).toBe('provisioned')
})

/** The provider never confirms the removal, and a week is over. */
async function notRemoved(name: string): Promise<void> {
  expect((await order(name)).status).toBe(201)
  provider.lie('DELETE', ...Array.from({ length: 100 }, () => ({ status: 500 })))
  await remove(name)
  await age(name, 13)
  await operationIs(name, 'done')
  await entryIs(name, 'owed')
  await plant(
    dir,
    `update debts set owed_at = now() - interval '8 days', next_at = now() where addon_id = (select id from addons where name = '${name}')`,
  )
  await entryIs(name, 'stuck')
  expect(await type('mortise ledger -s stuck')).toMatch(/not removed after 7 days/)
  expect(guide).toContain('ledger: `stuck`, "not removed after 7 days"')
}

test('ledger, stuck after 7 days: retried once the provider is mended', async () => {
  await notRemoved('owed-db')
  provider.repent()
  await type('ledger:retry NAME', { NAME: 'owed-db' })
  await entryIs('owed-db', 'clear')
})

test('ledger, stuck after 7 days: forgotten, when it is known to be gone', async () => {
  await notRemoved('lost-db')
  expect(await type('ledger:forget NAME -r "why"', { NAME: 'lost-db' })).toContain('forgotten by the operator: why')
  await entryIs('lost-db', 'clear')
})

test('ledger, stuck with an id that is unknown: adopted by the id that the provider tells, or forgotten', async () => {
  for (const name of ['nameless-1', 'nameless-2']) {
    old.lie('POST', { acts: true, hangUp: true })
    expect((await order(name, 'old-db:small')).status).toBeGreaterThan(400)
    const entry = await entryIs(name, 'stuck')
    expect(entry.reason).toContain('may exist, id unknown')
  }
  expect(guide).toContain('ledger: `stuck`, "may exist, id unknown"')
  const [made] = [...old.resources.keys()]
  expect(made).toBeTruthy()
  await type('ledger:adopt NAME --provider-id ID -r "why"', { NAME: 'nameless-1', ID: made ?? '' })
  await until(30, async () => !old.resources.has(made ?? ''))
  expect(['watching', 'clear']).toContain((await entryOf('nameless-1')).state)
  expect(guide).toContain('If it made nothing: `ledger:forget`')
  await call('POST', '/ledger/nameless-2/actions/forget', { reason: 'it made nothing' })
  await entryIs('nameless-2', 'clear')
})

test('ledger, watching: once in doubt, said to be gone, and asked again by itself', async () => {
  provider.lie('POST', ...Array.from({ length: 4 }, () => ({ acts: true, hangUp: true }) as const))
  expect((await order('doubted-db')).body.state).toBe('provisioning')
  await operationIs('doubted-db', 'unwound')
  await entryIs('doubted-db', 'watching')
  // At patience 0.05 the fourteen hours are forty minutes, and the first look comes after 3 s.
  await plant(dir, `update debts set watches = 4, next_at = now() where state = 'watching'`)
  await entryIs('doubted-db', 'clear')
})

test('3: where the two do not agree', async () => {
  const stranger = '00000000-0000-4000-8000-00000000beef'
  expect((await order('missing-db')).status).toBe(201)
  const { body: missing } = await call('GET', '/addons/missing-db')
  provider.resources.set(stranger, 'small')
  provider.resources.delete(missing.id)
  // What changed while a list is made is no discrepancy: this one is long ago.
  await plant(dir, `update debts set updated_at = now() - interval '1 day'`)
  await type('mortise providers:compare SERVICE', { SERVICE: 'fast-db' })
  const found = await until(30, async () => {
    const { body } = await call('GET', '/discrepancies')
    return body.length >= 3 && (body as { id: string; kind: string; addon: { name: string } | null }[])
  })
  // `lost-db` was forgotten further up, and was there all the same.
  expect(found.map(({ kind, addon }) => [kind, addon?.name]).sort()).toEqual([
    ['gone', 'lost-db'],
    ['missing', 'missing-db'],
    ['unknown', undefined],
  ])
  const shown = await type('mortise discrepancies')
  expect(shown).toContain('missing-db')
  expect(shown).toContain(stranger)
  const idOf = (wanted: string) => found.find(({ kind }) => kind === wanted)?.id ?? ''
  await type('discrepancies:adopt ID -r "why"', { ID: idOf('unknown') })
  await type('discrepancies:forget ID -r "why"', { ID: idOf('gone') })
  await until(30, async () => !provider.resources.has(stranger))
  expect((await call('GET', '/addons/missing-db')).body.state).toBe('provisioned')
})

test('a circuit that is open: orders are 503, nothing is created, and it closes by itself', async () => {
  provider.lie('POST', ...Array.from({ length: 100 }, () => ({ status: 503, body: 'nobody here' })))
  await Promise.all(Array.from({ length: 6 }, (_, n) => order(`sick-${n}`)))
  await until(30, async () => /fast-db\s+open until/.test(await type('mortise providers')))
  // At this patience the pauses are short, and an order may be the question that goes ahead.
  let tried = 0
  const refused = await until(30, async () => {
    const answer = await order(`refused-${++tried}`)
    return answer.status === 503 && answer
  })
  expect(refused.body.message).toContain('nothing was created')
  provider.repent()
  await until(60, async () => /fast-db\s+closed/.test(await type('mortise providers')))
})

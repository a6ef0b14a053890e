import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import net, { type AddressInfo } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { deploy, dynosOf, released, until, visit } from './deploy.js'
import { type Lie, type LyingProvider, lyingProvider } from './lying-provider.js'
import {
  type Answer,
  ask,
  endPrograms,
  freePort,
  lookInto,
  manifestOf,
  type Program,
  plant,
  startServer,
} from './server-process.js'

// What bad input gets from a real server with a running app: the exact answer, and an app that notices nothing.
const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'mortise-bad-input-'))
fs.chmodSync(scratch, 0o711)
const dir = path.join(scratch, 'data')
const secretOf = (name: string) => `${name}-${randomBytes(12).toString('hex')}`
const apiKey = secretOf('api-key')
const password = secretOf('provider-password')
const value = `fast://user:${secretOf('value-of-the-addon')}@127.0.0.1/db`
const mine = secretOf('value-of-the-customer')
const option = secretOf('option-of-the-order')
const signIn = secretOf('sign-in')
const headers = { authorization: `Bearer ${apiKey}` }
/** Providers have 1.25 s to answer; doubt is asked again after 0.25 s, 1.5 s and 6 s. */
const patience = 0.05
const app = 'untouched'
const web = `require('http').createServer((_, res) => res.end(JSON.stringify({ pid: process.pid, env: process.env })))
  .listen(process.env.PORT)`

let port: number
let server: Program
let provider: LyingProvider
let clientSecret = ''
/** What earlier runs of the server printed. */
let printed = ''
/** Every body that an error had. */
const errors: string[] = []

const startIt = () =>
  startServer({
    dir,
    port,
    apiKey,
    patience,
    env: { MORTISE_PASSWORD: signIn, PRIVATE_OF_THE_SERVER: 'nobody-else-sees-this' },
  })

beforeAll(async () => {
  provider = await lyingProvider(password)
  provider.config = { FAST_DB_URL: value }
  port = await freePort()
  server = await startIt()
  const contents = manifestOf(provider.url, password)
  clientSecret = (await call('POST', '/api/v3/addons/fast-db/manifests', { contents })).body.client_secret
  await call('POST', '/apps', { name: app })
  await call('PATCH', `/apps/${app}/config-vars`, { MINE: mine })
  await deploy(port, headers, app, scratch, { Procfile: 'web: node web.js', 'web.js': web })
}, 180_000)

afterAll(async () => {
  await endPrograms()
  await provider?.stop()
  fs.rmSync(scratch, { recursive: true, force: true })
})

async function call(method: string, address: string, body?: unknown, more: Record<string, string> = {}) {
  const answer = await ask(port, method, address, { headers: { ...headers, ...more }, body })
  if (answer.status >= 400) errors.push(JSON.stringify(answer.body))
  return answer
}

const order = (given: object = {}) =>
  call('POST', `/apps/${app}/addons`, { plan: 'fast-db', config: { secret: option }, ...given })
const wrong = (id: string, message: string | RegExp, more: object = {}) => ({
  id,
  message: typeof message === 'string' ? message : expect.stringMatching(message),
  ...more,
})
const shown = ({ status, body }: Answer) => [status, body]

/** What the app and its owner would notice. */
async function seen() {
  const { body } = await visit(port, app)
  const releases = (await call('GET', `/apps/${app}/releases`)).body as { version: number }[]
  return {
    pid: body.pid as number,
    dynos: (await dynosOf(port, headers, app)).map(({ id }) => id),
    version: releases.at(-1)?.version,
    config: (await call('GET', `/apps/${app}/config-vars`)).body as Record<string, string>,
    addons: ((await call('GET', `/apps/${app}/addons`)).body as { name: string }[]).map(({ name }) => name),
    attachments: (await call('GET', `/apps/${app}/addon-attachments`)).body as unknown[],
  }
}

/** Everything that was doubtful is decided, and what was owed is paid. */
async function settled(): Promise<void> {
  await until(30, async () => {
    const [left] = await lookInto<{ count: number }>(
      dir,
      `select (select count(*) from operations where ended_at is null)::int
        + (select count(*) from debts where state in ('asked', 'owed'))::int as count`,
    )
    return left?.count === 0
  })
}

describe('a customer is answered', () => {
  let before: Awaited<ReturnType<typeof seen>>
  beforeAll(async () => {
    before = await seen()
  })
  afterEach(async () => {
    expect(await seen()).toEqual(before)
    expect(provider.received).toEqual([])
  })

  test('404 for an app or an add-on that is not there', async () => {
    const noApp = wrong('not_found', "Couldn't find that app.", { resource: 'app' })
    const noAddon = wrong('not_found', /^Couldn't find that add-on\./, { resource: 'add_on' })
    expect(shown(await call('GET', '/apps/nowhere'))).toEqual([404, noApp])
    expect(shown(await call('POST', '/apps/nowhere/addons', { plan: 'fast-db' }))).toEqual([404, noApp])
    expect(shown(await call('GET', '/addons/nowhere'))).toEqual([404, noAddon])
    expect(shown(await call('DELETE', `/apps/${app}/addons/nowhere`))).toEqual([404, noAddon])
    expect(shown(await call('PATCH', `/apps/${app}/addons/nowhere`, { plan: 'fast-db' }))).toEqual([404, noAddon])
  })

  test('422 for a plan, a service or a region that is not there', async () => {
    const noPlan = (name: string) => `Couldn't find either the add-on service or the add-on plan of "${name}".`
    for (const plan of ['fast-db:none', 'none', 'none:small']) {
      const { status, body } = await order({ plan })
      expect([status, body.id], plan).toEqual([422, 'invalid_params'])
      expect(body.message).toContain(noPlan(plan))
    }
    const { status, body } = await call('POST', '/apps', { name: 'elsewhere', region: 'mars' })
    expect([status, body.id]).toEqual([422, 'invalid_params'])
    expect(body.message).toContain('mars')
  })

  test('422 for a name in use or one that can not be', async () => {
    expect(shown(await call('POST', '/apps', { name: app }))).toEqual([
      422,
      wrong('invalid_params', `Name ${app} is already taken. Choose another one.`),
    ])
    for (const name of ['No Spaces', '-', 'a'.repeat(300), 'x\u0000y']) {
      expect((await call('POST', '/apps', { name })).status, name).toBe(422)
      expect((await order({ name })).status, name).toBe(422)
    }
  })

  test('4xx and one sentence for a body that is not JSON, of the wrong shape, or of 10 MB', async () => {
    const malformed = await call('POST', `/apps/${app}/addons`, '{"plan": ')
    expect(shown(malformed)).toEqual([
      400,
      wrong('bad_request', 'The request body is not valid JSON. Look for a missing quote, comma or brace.'),
    ])
    for (const body of [{}, { plan: 5 }, { plan: 'fast-db', attachment: 'x' }, [], '"text"', 'null']) {
      const { status, body: said } = await call('POST', `/apps/${app}/addons`, body)
      expect([status, said.id], JSON.stringify(body)).toEqual([422, 'invalid_params'])
    }
    const large = await call('POST', `/apps/${app}/addons`, JSON.stringify({ plan: 'x'.repeat(10 * 1024 * 1024) }))
    expect(shown(large)).toEqual([413, wrong('request_too_large', 'The request body is larger than 1 MB.')])
  })

  test('401 without a token or with a wrong one', async () => {
    const refused = [401, wrong('unauthorized', 'Invalid credentials provided.')]
    for (const authorization of ['', 'Bearer no', `Bearer ${apiKey}x`, 'Basic !!!', `Basic ${btoa(':nope')}`, 'x']) {
      const answer = await ask(port, 'GET', '/apps', { headers: { authorization } })
      expect(shown(answer), authorization).toEqual(refused)
    }
    expect(shown(await ask(port, 'POST', `/apps/${app}/addons`, { body: { plan: 'fast-db' } }))).toEqual(refused)
  })

  test('a clean error for what is not built, and for addresses that climb', async () => {
    for (const address of ['/nothing', `/apps/${app}/%2e%2e`, '/apps/%00', '/apps/%E0%A4%A', '/addons/%2f']) {
      const { status, body } = await call('GET', address)
      expect([400, 404], address).toContain(status)
      expect(body, address).toMatchObject({ id: expect.any(String), message: expect.any(String) })
    }
  })

  test('423 when a config var of the customer is in the way, naming it', async () => {
    await call('PATCH', `/apps/${app}/config-vars`, { FAST_DB_URL: 'of the customer' })
    const taken = await order()
    expect(shown(taken)).toEqual([423, wrong('confirmation_required', /FAST_DB_URL on untouched.*--confirm untouched/)])
    expect(taken.headers['x-confirmation-required']).toBe(app)
    await call('PATCH', `/apps/${app}/config-vars`, { FAST_DB_URL: null })
    await released(port, headers, app)
    before = { ...(await seen()) }
  })

  test('422 for an attachment name that would steer programs', async () => {
    for (const name of ['LD', 'BASH', 'GIT', 'NODE']) {
      const { status, body } = await order({ attachment: { name } })
      expect([status, body.id, body.message], name).toEqual([
        422,
        'invalid_params',
        `As ${name} this add-on would set ${name}_URL, which add-ons may not set. Choose another name with --as.`,
      ])
    }
  })

  test('422 for a manifest whose config vars would steer programs', async () => {
    for (const [prefix, name] of [
      ['LD', 'LD_PRELOAD'],
      ['NODE', 'NODE_OPTIONS'],
      ['BASH', 'BASH_ENV'],
    ]) {
      const contents = manifestOf(provider.url, password) as { api: object }
      const hostile = { ...contents, api: { ...contents.api, config_vars: [name], config_vars_prefix: prefix } }
      const { status, body } = await call('POST', '/api/v3/addons/fast-db/manifests', { contents: hostile })
      expect([status, JSON.stringify(body)], name).toEqual([422, expect.stringContaining(String(name))])
    }
  })
})

/** How the order is answered, by what the provider does. */
type Case = [what: string, lies: Lie[], status: number, words: RegExp]

const refusals: Case[] = [
  ['refuses with words', [{ status: 422, body: { message: 'No more in us.' } }], 422, /No more in us\./],
  ['wants money', [{ status: 402, body: { message: 'Pay first.' } }], 422, /Pay first\./],
  ['is closed, and says so', [{ status: 503, body: { message: 'Closed today.' } }], 422, /Closed today\./],
  ['does not know our password', [{ status: 401, body: { message: password } }], 422, /fast-db.*do not understand each other.*provider has to mend/i],
  ['has no such address', [{ status: 404, body: '<html>' }], 422, /fast-db.*do not understand each other.*provider has to mend/i],
  ['answers no id', [{ acts: true, status: 201, body: { config: { FAST_DB_URL: value } } }], 422, /id/],
  [
    'sets what would steer programs',
    [{ acts: true, status: 201, body: { id: 'x', config: { LD_PRELOAD: value } } }],
    422,
    /LD_PRELOAD/,
  ],
  [
    'sets what is no text',
    [{ acts: true, status: 201, body: { id: 'x', config: { FAST_DB_URL: { a: 1 } } } }],
    422,
    /FAST_DB_URL/,
  ],
  [
    'sets too much',
    [{ acts: true, status: 201, body: { id: 'x', config: { FAST_DB_URL: 'x'.repeat(40_000) } } }],
    422,
    /FAST_DB_URL/,
  ],
]

const doubts: [what: string, lie: Lie][] = [
  ['is slow', { acts: true, status: 201, body: {}, delayMs: 2_500 }],
  ['answers nonsense', { acts: true, status: 200, body: '<html>It works!</html>' }],
  ['breaks down', { status: 500, body: 'Internal Server Error' }],
  ['leads elsewhere', { status: 302, headers: { location: 'http://169.254.169.254/' } }],
  ['hangs up without having acted', { hangUp: true }],
  ['hangs up after having acted', { acts: true, hangUp: true }],
]

describe('when the provider', () => {
  let before: Awaited<ReturnType<typeof seen>>
  beforeEach(async () => {
    before = await seen()
  })

  async function leftNothing(): Promise<void> {
    await settled()
    expect(await seen()).toEqual(before)
    expect([...provider.resources.keys()]).toEqual([])
    const [charges] = await lookInto<{ open: number }>(
      dir,
      'select count(*)::int as open from charges where closed_at is null and voided_at is null',
    )
    expect(charges?.open).toBe(0)
  }

  test.each(refusals)('%s, the customer is told why and nothing is left', async (_, lies, status, words) => {
    provider.lie('POST', ...lies)
    const answer = await order()
    expect(shown(answer)).toEqual([status, wrong('provider_refused', words)])
    await leftNothing()
  })

  test('is down, it is 503 and nothing was created', async () => {
    const closed = net.createServer().listen(0, '127.0.0.1')
    await new Promise((done) => closed.once('listening', done))
    const nowhere = `http://127.0.0.1:${(closed.address() as AddressInfo).port}`
    await new Promise((done) => closed.close(done))
    const push = (url: string) =>
      call('POST', '/api/v3/addons/fast-db/manifests', { contents: manifestOf(url, password) })
    expect((await push(nowhere)).status).toBe(201)
    const answer = await order()
    expect(shown(answer)).toEqual([503, wrong('provider_unreachable', /could not reach fast-db.*nothing was created/i)])
    expect((await push(provider.url)).status).toBe(201)
    await leftNothing()
  })

  test('refuses after a doubtful answer, what it may have made is removed', async () => {
    provider.lie('POST', { acts: true, hangUp: true }, { status: 422, body: { message: 'Not any more.' } })
    const answer = await order({ name: 'doubtful' })
    expect(answer.status).toBe(202)
    await leftNothing()
    const failed = await call('GET', '/addons/doubtful')
    expect(failed.body).toMatchObject({ state: 'deprovisioned', provision_message: 'Not any more.' })
  })

  test.each(doubts)('%s, it is 202 with a sentence, asked again by itself, and there in the end', async (_, lie) => {
    provider.lie('POST', lie)
    const from = Date.now()
    const answer = await order({ name: 'patient' })
    expect(Date.now() - from).toBeLessThan(5_000)
    expect([answer.status, answer.body.state, answer.body.provision_message]).toEqual([
      202,
      'provisioning',
      expect.stringMatching(/\w{3,} \w.*\.$/),
    ])
    // Until then the app notices nothing.
    expect((await seen()).pid).toBe(before.pid)
    await settled()
    expect((await call('GET', '/addons/patient')).body.state).toBe('provisioned')
    await released(port, headers, app)
    expect((await visit(port, app)).body.env.FAST_DB_URL).toBe(value)
    const { status, body } = await call('PATCH', `/apps/${app}/config-vars`, { FAST_DB_URL: 'mine' })
    expect([status, body]).toEqual([422, wrong('invalid_params', 'Cannot overwrite attachment values FAST_DB_URL.')])
    expect([200, 202]).toContain((await call('DELETE', `/apps/${app}/addons/patient`)).status)
    await settled()
    await released(port, headers, app)
    expect((await visit(port, app)).body.env).not.toHaveProperty('FAST_DB_URL')
    expect([...provider.resources.keys()]).toEqual([])
  })
})

test('a hostile name that got into the database all the same never reaches a dyno', async () => {
  expect((await order({ name: 'hostile' })).status).toBe(201)
  await released(port, headers, app)
  const { env } = (await visit(port, app)).body
  expect([env.FAST_DB_URL, env.MINE]).toEqual([value, mine])
  await plant(dir, `update release_pins set names = '{"FAST_DB_URL": "LD_PRELOAD"}'`)
  // A start of the server reads what each app's release pins, and starts its dynos with that.
  server.kill('SIGTERM')
  await server.exited
  printed += server.said()
  server = await startIt()
  const restarted = await until(30, async () => {
    const { status, body } = await visit(port, app)
    return status === 200 && !('FAST_DB_URL' in body.env) && body.env
  })
  expect(restarted.MINE).toBe(mine)
  expect(Object.keys(restarted).filter((name) => /^(LD_|FAST_DB)/.test(name))).toEqual([])
}, 60_000)

test('secrets are in no log, no error, no event and no description', async () => {
  const databasePassword = fs.readFileSync(path.join(dir, 'postgres/superuser.password'), 'utf8').trim()
  const masterKey = fs.readFileSync(path.join(dir, 'master.key'), 'utf8').trim().split(':').at(-1) ?? ''
  const salt = 'salt-of-the-provider-0123456789'
  const secrets = { apiKey, password, value, mine, option, signIn, clientSecret, databasePassword, masterKey, salt }
  const places: Record<string, string> = {
    'the log': fs.readFileSync(path.join(dir, 'mortise.log'), 'utf8'),
    "the database's log": fs.readFileSync(path.join(dir, 'postgres/postgres.log'), 'utf8'),
    'what the server printed': printed + server.said(),
    'the bodies of errors': errors.join('\n'),
  }
  for (const table of [
    'events',
    'operations',
    'operation_log',
    'questions',
    'attempts',
    'debts',
    'releases',
    'rolls',
  ]) {
    places[table] = JSON.stringify(await lookInto(dir, `select * from ${table}`))
  }
  for (const table of ['manifests', 'addons', 'credentials', 'config_snapshots', 'tokens', 'accounts', 'grants']) {
    // Sealed columns are bytes, which are compared as they are.
    places[table] = (await lookInto<object>(dir, `select * from ${table}`))
      .flatMap((row) => Object.values(row))
      .map((one) => (Buffer.isBuffer(one) ? one.toString('latin1') : JSON.stringify(one)))
      .join('\n')
  }
  for (const [where, text] of Object.entries(places)) {
    expect(text.length, where).toBeGreaterThan(0)
    for (const [name, secret] of Object.entries(secrets)) {
      expect(secret.length, name).toBeGreaterThan(10)
      expect(text.includes(secret), `${name} is in ${where}`).toBe(false)
    }
  }
  // Its twin: what is no secret is found in the same way.
  expect(places['operations']).toContain('fast-db:small')
})

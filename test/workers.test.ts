import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createDatabase, type PostgresServer, startPostgres } from '../postgres/server.js'
import { deploy, dynosOf, until, visit } from './deploy.js'
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

// Real processes on one database of their own: one that runs apps, one that only answers, one that only works.
const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'mortise-workers-'))
fs.chmodSync(scratch, 0o711)
const apiKey = randomBytes(16).toString('hex')
const password = randomBytes(16).toString('hex')
const headers = { authorization: `Bearer ${apiKey}` }
const app = 'crowd'
/** For machines at a tenth of the speed: what takes longer hangs. */
const testMsMax = 900_000

let database: PostgresServer
let env: Record<string, string>
let provider: Program & { readyWith: string }
let all: Program
let api: Program
let worker: Program
let scene: Scene
let allPort: number
const dir = (name: string) => path.join(scratch, name)

/** Patience 0.5: a question is waited for 12 s, in which a slow machine can pause who asked; doubt is asked again after 2.5 s. */
const start = (role: string, port: number, folder = role) =>
  startServer({ dir: dir(folder), port, apiKey, patience: 0.5, env, args: role === 'all' ? [] : ['--role', role] })

/** The address of the process that only answers, which is where everything below asks unless it says otherwise. */
const call = (method: string, address: string, body?: unknown) => ask(scene.port, method, address, { headers, body })
const workers = async () => (await call('GET', '/workers')).body as { id: string; role: string; state: string }[]

beforeAll(async () => {
  database = await startPostgres({ dir: dir('postgres') })
  await createDatabase(database, 'mortise')
  env = {
    MORTISE_DATABASE_URL: database.url('mortise'),
    MORTISE_MASTER_KEYS: `1:${randomBytes(32).toString('base64')}`,
  }
  allPort = await freePort()
  const port = await freePort()
  provider = await startProvider({ dir: dir('provider'), password })
  all = await start('all', allPort)
  api = await start('api', port)
  worker = await start('worker', await freePort())
  const providerPort = Number(new URL(provider.readyWith).port)
  scene = { dir: scratch, port, providerPort, headers, apps: [app] }
  const contents = manifestOf(`http://127.0.0.1:${providerPort}`, password)
  const pushed = await call('POST', '/api/v3/addons/fast-db/manifests', { contents })
  expect(pushed.status).toBe(201)
  await ask(providerPort, 'POST', '/admin/secret', { body: { client_secret: pushed.body.client_secret } })
  expect((await call('POST', '/apps', { name: app })).status).toBe(201)
}, testMsMax)

afterAll(async () => {
  await endPrograms()
  await database?.stop()
  fs.rmSync(scratch, { recursive: true, force: true })
})

async function settle(): Promise<void> {
  await until(300, () => isSettled(scene)).catch(async () => {
    throw new Error(`still under way: ${JSON.stringify(await whatIsOpen(scene), null, 1)}`)
  })
}

/** As if its minute had passed: whoever holds work now and is paused has lost it. */
const endLeases = () => plant(scratch, "update operations set lease_until = now() - interval '1 second'")

const operationOf = async (saga: string) => {
  const found = await lookInto<{ id: string; epoch: number; state: string; open: boolean }>(
    scratch,
    `select id, epoch, state, ended_at is null as open from operations where saga = '${saga}'
     order by created_at desc limit 1`,
  )
  return found[0]
}

test('the operator sees who works, and nobody else does', async () => {
  expect((await workers()).map(({ role, state }) => [role, state]).sort()).toEqual([
    ['all', 'alive'],
    ['api', 'alive'],
    ['worker', 'alive'],
  ])
  expect((await ask(scene.port, 'GET', '/workers')).status).toBe(401)
})

test('one more that would run apps is refused in a sentence', async () => {
  await expect(start('all', await freePort(), 'second')).rejects.toThrow(
    new RegExp(`Apps run in process ${all.pid} on .* already, and they can run in one place only`),
  )
})

test(
  'an app is deployed, reached, scaled and read through the process that only answers',
  async () => {
    await deploy(scene.port, headers, app, scratch, {
      'package.json': JSON.stringify({ name: 'crowd', scripts: { start: 'node index.js' } }),
      'index.js': `require('http').createServer((q, s) => { console.log('asked for', q.url); s.end('here') }).listen(process.env.PORT)`,
    })
    const page = await visit(scene.port, app, '/front')
    expect([page.status, page.body]).toEqual([200, 'here'])
    expect((await dynosOf(scene.port, headers, app)).map(({ name }) => name)).toEqual(['web.1'])
    const session = await call('POST', `/apps/${app}/log-sessions`, { lines: 100 })
    expect(session.status).toBe(201)
    const { pathname } = new URL(session.body.logplex_url)
    expect((await ask<string>(scene.port, 'GET', pathname)).body).toContain('asked for /front')
    const scaled = await call('PATCH', `/apps/${app}/formation/web`, { quantity: 2 })
    expect([scaled.status, scaled.body.quantity]).toEqual([200, 2])
    await until(300, async () => (await dynosOf(scene.port, headers, app)).length === 2)
    expect((await call('GET', `/apps/${app}/dynos`, undefined)).status).toBe(200)
  },
  testMsMax,
)

describe('a process that was paused while others went on', () => {
  /** Orders while the provider is paused, pauses who asked, and lets the provider and another process finish. */
  async function finishWithout(paused: Program, saga: string, order: () => Promise<Answer>): Promise<Answer> {
    provider.kill('SIGSTOP')
    const before = (await operationOf(saga))?.id
    const answer = order()
    const begun = await until(120, async () => {
      const operation = await operationOf(saga)
      const [sent] = await lookInto<{ count: number }>(
        scratch,
        `select count(*)::int from attempts t join questions q on q.id = t.question_id
         where q.operation_id::text = '${operation?.id}' and t.answered_at is null`,
      )
      return operation !== undefined && operation.id !== before && sent?.count === 1 && operation
    })
    paused.kill('SIGSTOP')
    provider.kill('SIGCONT')
    await endLeases()
    const finished = await until(300, async () => {
      const now = await operationOf(saga)
      return now?.id === begun.id && !now.open && now
    })
    expect([finished.state, finished.epoch > begun.epoch]).toEqual(['done', true])
    paused.kill('SIGCONT')
    return answer
  }

  test(
    'an order of its own customer is finished by a worker, and it answers what came of it, once',
    async () => {
      const made = await finishWithout(api, 'addon.provision', () =>
        call('POST', `/apps/${app}/addons`, { name: 'paused-1', plan: 'fast-db:small' }),
      )
      expect([made.status, made.body.state]).toEqual([201, 'provisioned'])
      await settle()
      const { counts } = await providerState(scene.providerPort)
      expect([counts.made, counts.asked]).toEqual([1, 2])
      expect(await whatIsWrong(scene)).toEqual([])
    },
    testMsMax,
  )

  test(
    'a removal is finished by a worker, and nothing is written or removed twice',
    async () => {
      const gone = await finishWithout(api, 'addon.deprovision', () => call('DELETE', `/apps/${app}/addons/paused-1`))
      expect(gone.status).toBe(200)
      await settle()
      expect((await providerState(scene.providerPort)).resources).toEqual({})
      expect(await whatIsWrong(scene)).toEqual([])
    },
    testMsMax,
  )

  test(
    'the one that runs apps, once another has its place, ends by itself',
    async () => {
      all.kill('SIGSTOP')
      await plant(scratch, "update processes set beat_at = beat_at - interval '1 hour' where role = 'all'")
      const away = await until(300, async () => {
        const asked = await call('GET', `/apps/${app}/dynos`)
        return asked.status === 503 && asked
      })
      expect(away.headers['retry-after']).toBe('5')
      // What needs no dyno goes on.
      expect((await call('PATCH', `/apps/${app}/config-vars`, { MEANWHILE: 'yes' })).status).toBe(200)
      const other = await start('all', await freePort(), 'second')
      all.kill('SIGCONT')
      expect(await all.exited).toBe(1)
      expect(all.said()).toContain(`process ${other.pid} on`)
      expect((await workers()).filter(({ role }) => role === 'all')).toHaveLength(1)
      other.kill('SIGTERM')
      expect(await other.exited).toBe(0)
      expect((await workers()).filter(({ role }) => role === 'all')).toHaveLength(0)
    },
    testMsMax,
  )
})

test(
  'SIGKILL of the one that runs apps: the others go on, and a new start runs the apps again',
  async () => {
    all = await start('all', allPort)
    all.kill('SIGKILL')
    await all.exited
    const made = await call('POST', `/apps/${app}/addons`, { name: 'meanwhile', plan: 'fast-db:small' })
    expect([made.status, made.body.state]).toEqual([201, 'provisioned'])
    // What the dead one held is taken up by the others, or ends by itself: nothing waits for it to come back.
    await until(
      300,
      async () => (await lookInto(scratch, 'select id from operations where ended_at is null')).length === 0,
    )
    all = await start('all', allPort)
    await until(300, async () => (await visit(scene.port, app)).status === 200)
    // An app that is destroyed through the others is taken apart on the machine that runs it.
    expect((await call('DELETE', `/apps/${app}`)).status).toBeLessThan(300)
    await until(300, async () => (await lookInto(scratch, 'select 1 from remains')).length === 0)
    // The file goes a moment after what is known of it.
    await until(300, async () => fs.readdirSync(path.join(dir('all'), 'slugs')).length === 0)
    await settle()
    expect((await providerState(scene.providerPort)).resources).toEqual({})
  },
  testMsMax,
)

test('SIGTERM: a process ends in order, and is no longer listed', async () => {
  worker.kill('SIGTERM')
  expect(await worker.exited).toBe(0)
  expect((await workers()).map(({ role }) => role).sort()).toEqual(['all', 'api'])
})

import { randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createBuilder } from '@mortise/runtime/build/build'
import type { Driver } from '@mortise/runtime/driver'
import { archiveOf } from '@mortise/runtime/fixtures/slug'
import { localDriver } from '@mortise/runtime/local/driver'
import { createLogs } from '@mortise/runtime/logs/logs'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { findApp } from '../apps/store.js'
import { openArchive } from '../builds/open-archive.js'
import { findBuild } from '../builds/store.js'
import { rows, sql } from '../db/db.js'
import { runOnce } from '../dynos/run-once.js'
import { listFormation } from '../formation/store.js'
import { buildReconciler } from '../releases/deploy.js'
import { rollReconciler } from '../releases/roll.js'
import type { Trials } from '../saga/engine.js'
import { findOperation } from '../saga/store.js'
import { realWorld } from '../world/world.js'
import { appJsonOf, beginSetup, postdeployOutput, type SetupOperation } from './setup-app.js'
import { allAddons, type TestLifecycle, testLifecycle, whatIsWrong } from './test-lifecycle.js'

// An app from an archive: a real builder, real dynos, a provider that may lie, and somebody's server with the archive.
let t: TestLifecycle
let dir: string
let driver: Driver
/** Builds and rolls what is due, as the reconcilers do; these take real time. */
let deploy: () => Promise<void>
let host: http.Server
/** What the host of archives gives: a file, or what it does instead. */
let served: string | ((answer: http.ServerResponse) => void)

beforeAll(async () => {
  host = http.createServer((_, answer) => {
    if (typeof served === 'string') createReadStream(served).pipe(answer)
    else served(answer)
  })
  await new Promise<void>((done) => host.listen(0, '127.0.0.1', done))
})
afterAll(() => new Promise((done) => host.close(done)))

beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'mortise-setup-'))
  const logs = createLogs()
  driver = await localDriver({ dir: path.join(dir, 'run'), logs })
  const builder = createBuilder({ dir: path.join(dir, 'build') })
  t = await testLifecycle({
    setup: (ground) => {
      const deps = { ...ground, driver, builder, logs, dir }
      const real = { ...deps, world: realWorld, healthMs: 10_000 }
      const [build, roll] = [buildReconciler(real), rollReconciler(real)]
      deploy = async () => {
        while (await build.pass()) {}
        await ground.db.executeQuery(sql`update rolls set not_before = now() where state = 'wanted'`.compile(ground.db))
        while (await roll.pass()) {}
      }
      return {
        openArchive: (url) => openArchive(deps, url),
        runOnce: (app, command, actor) => runOnce(deps, app, command, actor),
      }
    },
  })
})
afterEach(async () => {
  await t.stop()
  await driver.stop()
  await rm(dir, { recursive: true, force: true })
})

const appJson = {
  name: 'A sample',
  env: { COLOUR: 'blue', TOKEN: { generator: 'secret' }, REGION: { value: 'eu', description: 'x' }, GIVEN: {} },
  addons: [{ plan: 'fast-db:small', as: 'MAIN', options: { size: 3 } }, 'fast-db:large'],
  formation: { worker: { quantity: 2 } },
  scripts: { postdeploy: 'echo "for $COLOUR"; echo $MAIN_URL' },
  success_url: '/welcome',
}
const files = {
  Procfile: 'web: node web.js\nworker: sleep 60\n',
  'web.js': "require('http').createServer((_, r) => r.end()).listen(process.env.PORT)",
}

async function archive(description: unknown = appJson, options: { prefix?: string } = {}): Promise<string> {
  const text = typeof description === 'string' ? description : JSON.stringify(description)
  return archiveOf(dir, { ...files, ...(description === null ? {} : { 'app.json': text }) }, options)
}

/** Orders it, and works until it is over, as the platform does. */
async function setUp(overrides: Record<string, string> = { GIVEN: 'by hand' }, trials: Trials = {}) {
  const how = t.make(trials)
  const url = `http://127.0.0.1:${(host.address() as AddressInfo).port}/source.tgz?token=secret-of-the-address`
  const source = { id: randomUUID(), url, isNew: true }
  const order = { url, source, checksum: null, version: 'v1', overrides: { env: overrides, buildpacks: null } }
  const newApp = { name: null, region: 'us', stack: 'mortise-24', kind: 'hosted' as const, actor: t.actor }
  const begun = await beginSetup(how.deps, how.stories.setupApp, order, newApp)
  await how.deps.engine().drive(begun)
  const now = async () => (await findOperation(t.db, begun.id)) as SetupOperation
  for (let turn = 0; turn < 40 && !(await now()).endedAt; turn++) {
    await deploy()
    t.advance(11_000)
    await t.crash()
    await t.work(how)
  }
  return now()
}

/** As if it had never been ordered: no app, nothing at the provider, nothing to pay. */
async function expectCleanSlate({ params }: SetupOperation) {
  for (const minutes of [1, 2, 15, 60, 13 * 60, 13 * 60]) {
    t.advance(minutes * 60_000 + 1_000)
    await t.crash()
    await t.work()
  }
  expect(await findApp(t.db, params.appName)).toBeUndefined()
  expect(t.provider.resources.size).toBe(0)
  for (const { id, state } of await allAddons(t.db)) {
    expect(state).toBe('deprovisioned')
    expect((await t.debt(id))?.state).toBe('clear')
  }
  expect(await whatIsWrong(t)).toEqual([])
}

describe('the four shapes', () => {
  test('it succeeds: config and add-ons are one release, then the build, the formation and the command', async () => {
    served = await archive()
    const done = await setUp()
    expect([done.state, done.reason]).toEqual(['done', null])
    const app = (await findApp(t.db, done.params.appId))!
    const value = 'fast://user:secret-value@127.0.0.1/db'
    expect(await t.head(app)).toEqual({
      COLOUR: 'blue',
      GIVEN: 'by hand',
      REGION: 'eu',
      TOKEN: expect.stringMatching(/^\S{32,}$/),
      MAIN_URL: value,
      FAST_DB_URL: value,
    })
    const releases = (await t.releases(app)).map(
      ({ version, description }) => `v${version} ${description.slice(0, 11)}`,
    )
    expect(releases.sort()).toEqual(
      ['v1 Initial rel', 'v2 Attach MAIN', 'v3 Deploy v1'].map((one) => expect.stringContaining(one.slice(0, 9))),
    )
    const quantities = (await listFormation(t.db, app.id)).map(({ type, quantity }) => [type, quantity])
    expect(quantities).toEqual([
      ['web', 1],
      ['worker', 2],
    ])
    expect(done.found.postdeploy?.code).toBe(0)
    expect(postdeployOutput(t.life.deps, done)).toBe(`for blue\n${value}\n`)
    expect(appJsonOf(t.life.deps, done).successUrl).toBe('/welcome')
    expect((await findBuild(t.db, done.id))?.status).toBe('succeeded')
    expect(await whatIsWrong(t)).toEqual([])
    // What it keeps and tells of itself holds no value and no address.
    const [kept] = await rows<{ text: string }>(
      t.db,
      sql`select string_agg(o::text, ' ') || (select string_agg(l::text, ' ') from operation_log l) as text from operations o`,
    )
    for (const secret of ['secret-value', 'secret-of-the-address', 'by hand']) expect(kept?.text).not.toContain(secret)
  }, 60_000)

  test('every step twice makes one app, two resources, one release of config and one build', async () => {
    served = await archive()
    const done = await setUp(undefined, { stepsTwice: true })
    expect([done.state, done.reason]).toEqual(['done', null])
    expect(t.provider.resources.size).toBe(2)
    const app = (await findApp(t.db, done.params.appId))!
    expect((await t.releases(app)).length).toBe(3)
    expect(await rows(t.db, sql`select id from builds`)).toHaveLength(1)
    expect(await whatIsWrong(t)).toEqual([])
  }, 60_000)

  const steps = [
    'begin',
    'read app.json',
    'order',
    'await add-ons',
    'build',
    'await build',
    'scale',
    'postdeploy',
    'gather',
  ]
  for (const undosTwice of [false, true]) {
    test.each(steps)(
      `failing at %s leaves a clean slate here and at the provider, undo twice: ${undosTwice}`,
      async (failAt) => {
        served = await archive()
        const failed = await setUp(undefined, { failAt, undosTwice })
        expect([failed.state, failed.reason]).toEqual(['unwound', expect.stringContaining(`told to fail at ${failAt}`)])
        await expectCleanSlate(failed)
      },
      60_000,
    )
  }
})

test('what a failed one leaves is taken away at once: nobody waits for the lease of whoever unwound it', async () => {
  served = await archive()
  const failed = await setUp(undefined, { failAt: 'build' })
  expect(failed.state).toBe('unwound')
  // Leases run by the database's clock, which stands still next to this one; nobody crashes, and none runs out.
  for (let turn = 0; turn < 4; turn++) {
    await t.work()
    t.advance(2_000)
  }
  expect(await findApp(t.db, failed.params.appName)).toBeUndefined()
  expect(t.provider.resources.size).toBe(0)
  expect(await rows(t.db, sql`select saga from operations where ended_at is null`)).toEqual([])
  await expectCleanSlate(failed)
}, 60_000)

describe('what stands in the way is told, and the app goes again', () => {
  type Answering = (answer: http.ServerResponse) => void
  // What the host gives: an archive with this app.json, or what it does instead.
  const cases: [what: string, given: unknown | Answering, reason: string | RegExp][] = [
    ['no app.json', null, 'There is no app.json in the archive.'],
    ['no JSON', '{', /not valid JSON/],
    ['an unknown plan', { addons: ['no-such'] }, /Couldn't find either/],
    [
      'two of one name',
      {
        addons: [
          { plan: 'fast-db', as: 'A' },
          { plan: 'fast-db', as: 'A' },
        ],
      },
      /A/,
    ],
    ['a name of a var that can not be', { env: { 'no=name': 'x' } }, /no=name/],
    ['a process type that is not there', { formation: { clock: { quantity: 1 } } }, /"clock"/],
    ['a size that is not there', { formation: { web: { size: 'huge' } } }, /"huge"/],
    ['a command that fails', { scripts: { postdeploy: 'exit 7' } }, /ended with 7/],
    ['an app.json too large', `{"name":"${'x'.repeat(300_000)}"}`, /larger than 256 KB/],
    ['no archive', (answer: http.ServerResponse) => answer.end('hello'), /not a whole gzipped tar/],
    ['404', (answer: http.ServerResponse) => answer.writeHead(404).end(), /could not be fetched/],
    ['a connection that breaks', (answer: http.ServerResponse) => answer.socket?.destroy(), /could not be fetched/],
  ]
  test.each(cases)(
    '%s',
    async (_, given, reason) => {
      served = typeof given === 'function' ? (given as Answering) : await archive(given)
      const failed = await setUp({})
      expect([failed.state, failed.reason]).toEqual(['unwound', expect.stringMatching(reason)])
      await expectCleanSlate(failed)
    },
    60_000,
  )

  test('a provider that refuses: its words, and the other add-on is removed', async () => {
    served = await archive({ addons: ['fast-db:small', { plan: 'fast-db:large', as: 'B' }] })
    t.provider.onRequest = ({ method, body }) => {
      if (method === 'POST' && body?.['plan'] === 'large')
        t.provider.lie('POST', { status: 422, body: { message: 'No more room.' } })
    }
    const failed = await setUp({})
    expect([failed.state, failed.reason]).toEqual(['unwound', expect.stringContaining('No more room.')])
    await expectCleanSlate(failed)
  })

  test('all that is wrong with an app.json is told at once, each with its place', async () => {
    served = await archive({
      env: { A: {}, B: { generator: 'dice' }, C: 1 },
      addons: [1, { plan: 'x', as: 2 }],
      formation: { web: { quantity: '2' } },
      image: 'heroku/ruby',
    })
    const failed = await setUp({})
    const read = failed.found['read app.json']
    expect(read && 'errors' in read ? read.errors.map((one) => one.split(' ')[0]) : []).toEqual([
      'env.A',
      'env.B',
      'env.C',
      'addons[0]',
      'addons[1].as',
      'formation.web.quantity',
      'image',
    ])
    await expectCleanSlate(failed)
  })

  test('an app destroyed by its owner meanwhile ends the setup', async () => {
    served = await archive({ env: { A: '1' } })
    const failed = await setUp(
      {},
      {
        before: async (step, operation) => {
          if (step === 'build' && operation.saga === 'app.setup')
            await sql`update apps set state = 'destroyed' where id = ${operation.appId}`.execute(t.db)
        },
      },
    )
    expect([failed.state, failed.reason]).toEqual(['unwound', expect.stringContaining('was destroyed')])
  })
})

test('an archive in one folder, as hosts of sources pack them, is read as well', async () => {
  served = await archive({ env: { A: '1' } }, { prefix: 'project-1a2b3c' })
  const done = await setUp({})
  expect([done.state, done.reason]).toEqual(['done', null])
}, 60_000)

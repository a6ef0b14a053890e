import { randomUUID } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import http, { type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type BuildRequest, createBuilder } from '@mortise/runtime/build/build'
import { archiveOf } from '@mortise/runtime/fixtures/slug'
import { localDriver } from '@mortise/runtime/local/driver'
import { createLogs } from '@mortise/runtime/logs/logs'
import { insertAccount } from '../accounts/store.js'
import { insertToken } from '../accounts/token-store.js'
import type { App } from '../apps/app.js'
import { heldRights } from '../apps/held-rights.js'
import { findApp, insertApp, lockApp } from '../apps/store.js'
import { buildRoutes } from '../builds/routes.js'
import { findBuild } from '../builds/store.js'
import { buildStreams } from '../builds/streams.js'
import { listen } from '../db/bell.js'
import { transact } from '../db/db.js'
import { testDatabase } from '../db/test-database.js'
import { rendezvous } from '../dynos/rendezvous.js'
import { dynoRoutes } from '../dynos/routes.js'
import { formationRoutes } from '../formation/routes.js'
import { createOutbound } from '../http/outbound.js'
import { createHttpServer } from '../http/server.js'
import { logRoutes } from '../logs/routes.js'
import { logSessions } from '../logs/session.js'
import { logStreams } from '../logs/stream.js'
import { type Running, runReconcilers } from '../reconcile/reconciler.js'
import { parseMasterKeys } from '../secrets/keys.js'
import { createSecrets } from '../secrets/seal.js'
import { tokenHash } from '../secrets/tokens.js'
import { realWorld } from '../world/world.js'
import { applyChange, type ChangeSet } from './change.js'
import { buildReconciler } from './deploy.js'
import { releaseOutputs } from './output.js'
import type { Release } from './release.js'
import { rollReconciler } from './roll.js'
import { findRoll, requestScale } from './roll-store.js'
import { releaseRoutes } from './routes.js'
import { releaseById } from './store.js'

/**
 * For tests: these rooms with a real database, builder and driver behind a real server, for one signed-in account. It
 * may be started again on the same database and folder, as a platform is.
 */
export async function testPlatform() {
  const database = await testDatabase()
  const dir = await mkdtemp(path.join(tmpdir(), 'mortise-rolls-'))
  const secrets = createSecrets(parseMasterKeys(`1:${Buffer.alloc(32, 7).toString('base64')}`))
  const world = realWorld
  const { db } = database
  const at = world.now()
  const account = await transact(db, (tx) =>
    insertAccount(tx, { id: randomUUID(), email: 'dev@example.com', passwordHash: null, isOperator: false, at }),
  )
  const tokenId = randomUUID()
  const hash = tokenHash(randomUUID())
  const token = {
    id: tokenId,
    accountId: account.id,
    hint: '',
    scopes: ['global'],
    description: '',
    expiresAt: null,
    at,
  }
  await transact(db, (tx) => insertToken(tx, { ...token, kind: 'authorization', hash }))
  const faults: unknown[] = []
  const builds: BuildRequest[] = []
  let life = await begin()

  async function begin() {
    const stopping = new AbortController()
    const logs = createLogs()
    const driver = await localDriver({ dir: path.join(dir, 'run'), logs, aliveMs: 100, termMs: 2_000 })
    const real = createBuilder({ dir: path.join(dir, 'build') })
    const builder = {
      ...real,
      build(request: BuildRequest) {
        builds.push(request)
        return real.build(request)
      },
    }
    const outbound = createOutbound({ loopbackAllowed: true })
    const sessions = logSessions(world)
    const rights = heldRights({ db, world, lookMs: 50 })
    const meeting = rendezvous({ logs })
    const deps = {
      db,
      world,
      secrets,
      driver,
      builder,
      outbound,
      logs,
      dir,
      stopping: stopping.signal,
      healthMs: 30_000,
    }
    const server = await createHttpServer({
      world,
      handlers: [
        ...buildRoutes(deps),
        ...formationRoutes({ db, world, logs, requestScale }),
        ...releaseRoutes({ db, world, secrets }),
        ...dynoRoutes({ ...deps, rights, rendezvous: meeting, attachAddress: 'localhost:1', audit: () => undefined }),
        ...logRoutes({ sessions }),
      ],
      authenticate: async () => ({
        account: { id: account.id, email: account.email, name: null, isOperator: false },
        addonId: null,
        tokenId,
        scopes: ['global'],
        via: 'bearer',
        sudo: false,
      }),
      guard: async (_permission, _asker, params) => ({
        app: params['app'] ? await findApp(db, params['app']) : undefined,
      }),
      log: () => undefined,
      onFault: (error) => faults.push(error),
      checkAnswers: true,
      async extra(instance) {
        await buildStreams(deps)(instance)
        releaseOutputs(deps)(instance)
        await logStreams({ sessions, logs, rights })(instance)
      },
    })
    await server.listen({ port: 0, host: '127.0.0.1' })
    const { port } = server.server.address() as AddressInfo
    return {
      stopping,
      logs,
      driver,
      builder,
      deps,
      server,
      port,
      running: undefined as Running | undefined,
      sessions,
      meeting,
    }
  }

  const platform = {
    db,
    pool: database.pool,
    dir,
    account,
    faults,
    builds,
    secrets,
    world,
    get driver() {
      return life.driver
    },
    get logs() {
      return life.logs
    },
    get deps() {
      return life.deps
    },
    get meeting() {
      return life.meeting
    },
    get port() {
      return life.port
    },
    /** Starts building and rolling. */
    work() {
      const bells = listen(database.connection)
      const running = runReconcilers([buildReconciler(life.deps), rollReconciler(life.deps)], world, bells, (error) =>
        faults.push(error),
      )
      life.running = {
        async stop(withinMs) {
          await running.stop(withinMs)
          await bells.close()
        },
      }
    },
    /** Ends this life of the platform: nothing runs afterwards, the database and the files stay. */
    async halt() {
      life.stopping.abort()
      await life.running?.stop(10_000)
      await life.server.close()
      await life.driver.stop()
    },
    async restart() {
      await platform.halt()
      life = await begin()
    },
    async end() {
      await platform.halt()
      await database.drop()
      await rm(dir, { recursive: true, force: true })
    },

    /** A new app with its v1. */
    async app(name = `app-${randomUUID().slice(0, 8)}`): Promise<App> {
      return transact(db, async (tx) => {
        const id = randomUUID()
        const when = world.now()
        await insertApp(tx, {
          id,
          name,
          ownerId: account.id,
          region: 'us',
          stack: 'mortise-24',
          kind: 'hosted',
          at: when,
        })
        const app = (await lockApp(tx, id)) as App
        const actor = { id: account.id, email: account.email }
        const description = 'Initial release'
        await applyChange(tx, { world, secrets }, { app, actor, accountId: account.id, description, rebuild: false })
        return app
      })
    },
    /** A change as later rooms make it, such as a provider's. */
    async change(appId: string, change: Partial<ChangeSet>): Promise<Release> {
      return transact(db, async (tx) => {
        const app = (await lockApp(tx, appId)) as App
        const actor = { id: account.id, email: account.email }
        const set: ChangeSet = { app, actor, accountId: account.id, rebuild: false, ...change }
        return (await applyChange(tx, { world, secrets }, set)) as Release
      })
    },
    call: (method: string, address: string, body?: unknown) => call(life.port, method, address, body),
    /** Uploads an app made of these files and asks for a build. */
    async push(
      app: App,
      files: Record<string, string>,
      more: Record<string, unknown> = {},
      buildpacks: { url: string }[] = [],
    ) {
      const source = (await platform.call('POST', '/sources')).json
      const file = await archiveOf(dir, files)
      const { put_url, get_url } = source.source_blob
      const put = await call(
        life.port,
        'PUT',
        new URL(put_url).pathname + new URL(put_url).search,
        await readFile(file),
      )
      if (put.status !== 200) throw new Error(`the upload was answered with ${put.status}`)
      const blob = { url: get_url, version: 'abcdef0123456789', ...more }
      return (await platform.call('POST', `/apps/${app.name}/builds`, { source_blob: blob, buildpacks })).json
    },
    async deploy(app: App, files: Record<string, string> = greetingApp) {
      const { id } = await platform.push(app, files)
      const build = await until(async () => {
        const found = await findBuild(db, id)
        return found && found.status !== 'pending' ? found : undefined
      })
      if (build.releaseId) await platform.settled(build.releaseId)
      return build
    },
    /** The release once it is decided. */
    async settled(releaseId: string): Promise<Release> {
      return until(async () => {
        const release = await releaseById(db, releaseId)
        return release && release.status !== 'pending' ? release : undefined
      })
    },
    idle: (app: App) => until(async () => ((await findRoll(db, app.id))?.state === 'idle' ? true : undefined)),
    /** What the app's web dyno answers; one that has just been taken out of the line is passed over, as the router does. */
    async ask(app: App): Promise<{ greeting: string | null; built: string; pid: number }> {
      const target = life.driver.webTargets(app.id)[0]
      if (!target) throw new Error('no web dyno is up')
      const host = target.host.includes(':') ? `[${target.host}]` : target.host
      try {
        return (await fetch(`http://${host}:${target.port}/`)).json() as never
      } catch (error) {
        if (life.driver.webTargets(app.id).some(({ port }) => port === target.port)) throw error
        return platform.ask(app)
      }
    },
    log: (app: App) => life.logs.recent(app.id, {}, 1_000).map(({ text }) => text),
  }
  return platform
}
export type TestPlatform = Awaited<ReturnType<typeof testPlatform>>

export interface Answer {
  status: number
  headers: IncomingHttpHeaders
  text: string
  // biome-ignore lint/suspicious/noExplicitAny: an answer is looked at by what it should hold
  json: any
}

export function call(port: number, method: string, address: string, body?: unknown): Promise<Answer> {
  const isRaw = Buffer.isBuffer(body)
  const headers: Record<string, string> =
    body === undefined ? {} : isRaw ? { 'Content-Type': '' } : { 'Content-Type': 'application/json' }
  return new Promise((resolve, reject) => {
    const sent = http.request({ port, host: '127.0.0.1', method, path: address, headers }, (answer) => {
      let text = ''
      answer.setEncoding('utf8').on('data', (part) => (text += part))
      answer.on('error', reject)
      answer.on('end', () => {
        const isJson = String(answer.headers['content-type']).includes('json')
        resolve({
          status: answer.statusCode ?? 0,
          headers: answer.headers,
          text,
          json: isJson ? JSON.parse(text) : null,
        })
      })
    })
    sent.on('error', reject)
    sent.end(body === undefined || isRaw ? body : JSON.stringify(body))
  })
}

/** Looks every 25 ms until there is something. */
export async function until<T>(look: () => Promise<T | undefined>, withinMs = 50_000): Promise<T> {
  for (let waited = 0; waited < withinMs; waited += 25) {
    const found = await look()
    if (found !== undefined) return found
    await realWorld.sleep(25)
  }
  throw new Error(`it did not come true within ${withinMs} ms`)
}

/** Says what its config is now and what it was when it was built; can be told to break. */
export const greetingApp: Record<string, string> = {
  'package.json': JSON.stringify({ name: 'greeting', scripts: { build: 'node build.js' } }),
  Procfile: 'web: node server.js\nworker: node worker.js\n',
  'build.js': `
    if (process.env.BREAK_BUILD) { console.log('the build was told to break'); process.exit(1) }
    require('fs').writeFileSync('built.txt', process.env.GREETING || 'nothing')
    console.log('built with ' + (process.env.GREETING || 'nothing'))`,
  'server.js': `
    if (process.env.BREAK_START) process.exit(1)
    const built = require('fs').readFileSync('built.txt', 'utf8')
    require('http').createServer((req, res) => {
      res.end(JSON.stringify({ greeting: process.env.GREETING || null, built, pid: process.pid }))
    }).listen(process.env.PORT)`,
  'worker.js': `console.log('counting with ' + process.env.GREETING); setInterval(() => {}, 1000)`,
}

/** The same without a build script: its build takes a few milliseconds. */
export const plainApp: Record<string, string> = {
  Procfile: 'web: node server.js\nworker: node worker.js\n',
  'built.txt': 'plain',
  'server.js': greetingApp['server.js'] ?? '',
  'worker.js': greetingApp['worker.js'] ?? '',
}

import { ensureAccount } from '@mortise/postgres/account'
import { createBuilder } from '@mortise/runtime/build/build'
import type { Driver } from '@mortise/runtime/driver'
import { localDriver } from '@mortise/runtime/local/driver'
import { createLogs, type Logs } from '@mortise/runtime/logs/logs'
import { createRouter } from '@mortise/runtime/router/router'
import { authenticator } from '../accounts/authenticate.js'
import { ensureOperator, OperatorRefused, type OperatorWishes } from '../accounts/operator.js'
import { findAddressed } from '../apps/store.js'
import { listen } from '../db/bell.js'
import type { Db } from '../db/db.js'
import { wildcardOver } from '../domains/domain.js'
import { findServed } from '../domains/store.js'
import { certificatesFor } from '../domains/tls.js'
import { createOnce } from '../http/idempotency.js'
import { createOutbound } from '../http/outbound.js'
import { createRateLimit } from '../http/rate-limit.js'
import { createHttpServer } from '../http/server.js'
import { scaledPatience } from '../lifecycle/patience.js'
import { dropDebtLeases } from '../partner/ledger-store.js'
import { runReconcilers } from '../reconcile/reconciler.js'
import type { Engine } from '../saga/engine.js'
import { dropLeases } from '../saga/store.js'
import { createSecrets, type Secrets } from '../secrets/seal.js'
import { dropWebhookLeases } from '../webhooks/store.js'
import { realWorld, type World } from '../world/world.js'
import { certificateIn } from './certificate-file.js'
import { updateCredentials, writeCredentials } from './credentials-file.js'
import type { DataFolder } from './data-folder.js'
import type { Database } from './database.js'
import { StartFailed } from './failure.js'
import type { Front } from './front.js'
import { guardOf } from './guard.js'
import { observe } from './health.js'
import { addressesOf, attachAddressOf, attachHosts, dispatch, type Hosts, hostsOf } from './hosts.js'
import { checkMasterKey } from './installation.js'
import type { Log } from './log.js'
import { createMetrics } from './metrics.js'
import { withRegistry } from './npm-registry.js'
import { isAtHome, mustBeTrusted } from './options.js'
import { servePages } from './pages.js'
import { furnish } from './rooms.js'
import { tlsDoor } from './tls-door.js'
import { version } from './version.js'

export interface PlatformOptions {
  /** Opened for this process; its lock stays with whoever opened it. */
  folder: DataFolder
  /** Open and migrated; it stays with whoever opened it. */
  database: Pick<Database, 'db' | 'connection' | 'isSole'>
  /** The sockets, already listening; the platform closes them. */
  front: Front
  log: Log
  operator: OperatorWishes
  host?: string | null
  url?: string | null
  appsDomain?: string | null
  providerHosts?: readonly string[]
  npmRegistry?: string | null
  trustAllApps?: boolean
  /** Of each account; left out or null counts nobody's. */
  requestsPerHour?: number | null
  /** Every wait for a provider times this; 1 is what the partner API promises. */
  patience?: number
  world?: World
  /** For tests: each answer is held against its declared shape. */
  checkAnswers?: boolean
}

export interface Platform {
  url: string
  port: number
  db: Db
  engine: Engine
  driver: Driver
  /** Whether this start made the operator's account. */
  isFirstStart: boolean
  /** Ends everything this platform started, in order and within about 9 s. May be repeated. */
  stop(): Promise<void>
}

/**
 * Puts the whole house together on an open database and open sockets: for the program, and for tests in one process.
 * @throws StartFailed with one sentence; whatever was started by then is ended
 */
export async function startPlatform(options: PlatformOptions): Promise<Platform> {
  const { folder, database, world = realWorld } = options
  const { host = null, url = null, trustAllApps = false } = options
  mustBeTrusted({ host, url, trustAllApps })
  const secrets = createSecrets(folder.masterKeys)
  await checkMasterKey(database.db, secrets, folder.dir)
  const hosts = hostsOf({ url, appsDomain: options.appsDomain ?? null, host }, options.front.port)
  const isFirstStart = await meetOperator(options, world, hosts.origin)
  if (database.isSole) {
    await dropLeases(database.db)
    await dropDebtLeases(database.db)
    await dropWebhookLeases(database.db)
  }

  const logs = createLogs({ now: world.now })
  const driver = await localDriver({ dir: folder.runtime, account: ensureAccount('mortise-dyno'), logs })
  try {
    const { engine, stop } = await assemble({
      ...options,
      world,
      secrets,
      hosts,
      logs,
      driver,
      isAtHome: isAtHome({ host, url }),
    })
    let stopping: Promise<void> | undefined
    return {
      url: hosts.origin,
      port: options.front.port,
      db: database.db,
      engine,
      driver,
      isFirstStart,
      stop: () => (stopping ??= stop()),
    }
  } catch (error) {
    await driver.stop()
    throw error
  }
}

interface Parts extends PlatformOptions {
  world: World
  secrets: Secrets
  hosts: Hosts
  logs: Logs
  driver: Driver
  isAtHome: boolean
}

/** Joins rooms, server and reconcilers, and opens the door. Nothing of it runs yet when this throws. */
async function assemble(parts: Parts): Promise<{ engine: Engine; stop(): Promise<void> }> {
  const { folder, database, front, log, world, hosts, logs, driver } = parts
  const { db } = database
  const outbound = createOutbound({ loopbackAllowed: parts.isAtHome, hostsAllowed: parts.providerHosts ?? [] })
  const builder = withRegistry(
    createBuilder({ dir: folder.build, account: ensureAccount('mortise-build') }),
    parts.npmRegistry ?? null,
  )
  const router = createRouter({
    targets: driver.webTargets,
    logs,
    isCrashed: (appId) => driver.list(appId).some((dyno) => dyno.type === 'web' && dyno.state === 'crashed'),
  })
  const stopSignal = new AbortController()
  const metrics = createMetrics(() => driver.list())
  const rateLimit = parts.requestsPerHour ? createRateLimit(world, parts.requestsPerHour) : undefined
  const certificate = certificateIn(folder.dir, attachHosts(hosts), world.now())
  const rooms = furnish({
    rateLimit,
    db,
    world,
    secrets: parts.secrets,
    outbound,
    patience: scaledPatience(parts.patience ?? 1),
    driver,
    builder,
    logs,
    addresses: addressesOf(hosts),
    origin: hosts.origin,
    attachAddress: attachAddressOf(hosts, front.port),
    certificate: certificate.certificate,
    version: version(),
    dataDir: folder.dir,
    stopping: stopSignal.signal,
    ownHosts: [...hosts.own, hosts.appsDomain],
    isAtHome: parts.isAtHome,
    onFault: (error, operation) => log.fault(error, `operation ${operation.id} in ${operation.saga}.${operation.step}`),
    audit: (text) => log.info(text),
  })
  const authenticate = authenticator(db, world)
  const server = await createHttpServer({
    world,
    handlers: rooms.handlers,
    authenticate,
    guard: guardOf(db, world.now),
    once: createOnce({ db, world, secrets: parts.secrets }),
    rateLimit,
    log(line) {
      log.request(line)
      metrics.request(line)
    },
    onFault: (error, request) => log.fault(error, `request ${request.id} to ${request.route}`),
    checkAnswers: parts.checkAnswers,
    async extra(instance) {
      observe(instance, { db, metrics, authenticate })
      await servePages(instance)
      for (const add of rooms.extras) await add(instance)
    },
  })
  await server.ready()
  for (const begin of rooms.begin) await begin()
  const bells = listen(database.connection)
  const running = runReconcilers(rooms.reconcilers, world, bells, (error, name) =>
    log.fault(error, `reconciler ${name}`),
  )
  const door = tlsDoor({
    certificate,
    certificateFor: certificatesFor({ db, secrets: parts.secrets }),
    serve: rooms.attach.tls,
    serveApp: front.takeSecure,
    onFault: (error) => log.fault(error, 'TLS by name'),
  })
  front.serve({
    tls: door.take,
    ...dispatch({
      hosts,
      world,
      own: (req, res) => server.routing(req, res),
      ownUpgrade: rooms.attach.upgrade,
      router,
      find: (name) => findAddressed(db, name),
      findByDomain: (hostname) => findServed(db, hostname, wildcardOver(hostname)),
      onFault: (error) => log.fault(error, 'dispatch by host'),
    }),
  })
  log.info(`ready at ${hosts.origin}`)

  const stop = async () => {
    log.info('stopping')
    // Nothing new comes in; what is under way may come to its end; then apps; and what everything stands on last.
    front.stopAccepting()
    stopSignal.abort()
    await Promise.all([running.stop(2_000), atMost(2_000, rooms.engine.settled())])
    await driver.stop()
    router.close()
    door.close()
    await front.close()
    await atMost(500, server.close())
    await atMost(500, bells.close())
    await atMost(500, outbound.close())
    log.info('stopped')
  }
  return { engine: rooms.engine, stop }
}

/** @returns whether the account was made now */
async function meetOperator(options: PlatformOptions, world: World, origin: string): Promise<boolean> {
  const file = options.folder.credentials
  try {
    const met = await ensureOperator(options.database.db, world, options.operator, (credentials) =>
      writeCredentials(file, credentials, origin),
    )
    if (met.outcome === 'there') updateCredentials(file, met.changed, origin)
    return met.outcome === 'made'
  } catch (cause) {
    if (cause instanceof OperatorRefused) throw new StartFailed(cause.message, 1, { cause })
    throw cause
  }
}

async function atMost(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise((done) => {
    timer = setTimeout(done, ms)
  })
  await Promise.race([work, limit]).catch(() => undefined)
  clearTimeout(timer)
}

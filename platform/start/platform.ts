import type { IncomingMessage, ServerResponse } from 'node:http'
import { hostname } from 'node:os'
import { WireError } from '@mortise/contract/errors'
import type { QuotaName } from '@mortise/contract/platform-api/quotas'
import { ensureAccount } from '@mortise/postgres/account'
import { processStart } from '@mortise/postgres/process-start'
import { createBuilder } from '@mortise/runtime/build/build'
import type { Driver } from '@mortise/runtime/driver'
import { localDriver } from '@mortise/runtime/local/driver'
import { createLogs, type Logs } from '@mortise/runtime/logs/logs'
import { createRouter } from '@mortise/runtime/router/router'
import { ensureOperator, OperatorRefused, type OperatorWishes } from '../accounts/operator.js'
import { writeQuotas } from '../accounts/quota-store.js'
import { findAddressed } from '../apps/store.js'
import { listen } from '../db/bell.js'
import type { Db } from '../db/db.js'
import { wildcardOver } from '../domains/domain.js'
import { findServed } from '../domains/store.js'
import { certificatesFor } from '../domains/tls.js'
import type { Handler } from '../http/handle.js'
import { createOnce } from '../http/idempotency.js'
import { createOutbound } from '../http/outbound.js'
import { proxies } from '../http/proxies.js'
import { createRateLimit } from '../http/rate-limit.js'
import { createHttpServer } from '../http/server.js'
import { scaledPatience } from '../lifecycle/patience.js'
import type { Waits } from '../lifecycle/waits.js'
import { scaledGate } from '../partner/gate.js'
import { dropDebtLeases } from '../partner/ledger-store.js'
import { enter, type Presence } from '../processes/presence.js'
import type { Role } from '../processes/process.js'
import { runReconcilers } from '../reconcile/reconciler.js'
import type { Kept } from '../retention/retention.js'
import type { Engine } from '../saga/engine.js'
import { dropLeases } from '../saga/store.js'
import { createSecrets, type Secrets } from '../secrets/seal.js'
import { dropWebhookLeases } from '../webhooks/store.js'
import { realWorld, type World } from '../world/world.js'
import { everybody } from './authenticate.js'
import { certificateIn } from './certificate-file.js'
import { updateCredentials, writeCredentials } from './credentials-file.js'
import type { DataFolder } from './data-folder.js'
import type { Database } from './database.js'
import { builderElsewhere, driverElsewhere } from './elsewhere.js'
import { StartFailed } from './failure.js'
import { forwarder, unavailableSentence } from './forward.js'
import type { Front } from './front.js'
import { guardOf } from './guard.js'
import { observe } from './health.js'
import { addressesOf, attachAddressOf, attachHosts, dispatch, type Hosts, hostsOf } from './hosts.js'
import { checkMasterKey, followKeys, readPlace, writePlace } from './installation.js'
import type { Log } from './log.js'
import { createMetrics } from './metrics.js'
import { withRegistry } from './npm-registry.js'
import { isAtHome } from './options.js'
import { servePages } from './pages.js'
import { furnish } from './rooms.js'
import { tlsDoor } from './tls-door.js'
import { refuseUnsafe } from './unsafe.js'
import { version } from './version.js'

export interface PlatformOptions {
  /** What this process is for; everything, unless told. */
  role?: Role
  /** `HOST:PORT` at which other processes reach this one; as it listens, unless told. */
  peerAddress?: string | null
  version?: string
  /** Opened for this process; its lock stays with whoever opened it. */
  folder: DataFolder
  /** Open and migrated; it stays with whoever opened it. */
  database: Pick<Database, 'db' | 'connection'>
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
  /** Others may reach it although nothing is encrypted. */
  allowHttp?: boolean
  /** Proxies whose X-Forwarded-* headers are believed: addresses and networks. */
  trustedProxies?: readonly string[]
  /** Of each account; left out or null counts nobody's. */
  requestsPerHour?: number | null
  /** How much each account may have at a time; none when left out. */
  quotas?: Partial<Record<QuotaName, number>>
  /** Days that what has ended is kept, where not the standard's. */
  kept?: Partial<Kept>
  /** Every wait for a provider times this; 1 is what the partner API promises. */
  patience?: number
  /** Single ones of them, and the limits of circuits, set otherwise. */
  waits?: Waits
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
  /** Resolves with a sentence when another process has taken our place: then this one must stop. */
  displaced: Promise<string>
  /** Ends everything this platform started, in order and within about 9 s. May be repeated. */
  stop(): Promise<void>
}

/**
 * Puts the whole house together on an open database and open sockets: for the program, and for tests in one process.
 * @throws StartFailed with one sentence; whatever was started by then is ended
 */
export async function startPlatform(options: PlatformOptions): Promise<Platform> {
  const { folder, database, world = realWorld, role = 'all' } = options
  const { host = null, url = null } = options
  const { trustAllApps, allowHttp, trustedProxies } = options
  refuseUnsafe({ role, host, url, trustAllApps, allowHttp, trustedProxies })
  const secrets = createSecrets(folder.masterKeys)
  await followKeys(database.db, folder.masterKeys)
  await checkMasterKey(database.db, secrets, folder.dir)
  const here = hostsOf({ url, appsDomain: options.appsDomain ?? null, host }, options.front.port)
  const place =
    role === 'all'
      ? { origin: here.origin, appsDomain: here.appsDomain, isAtHome: isAtHome({ host, url }) }
      : await readPlace(database.db)
  // However this process is reached, people and providers are told of the installation's one address.
  const hosts = role === 'all' ? here : hostsOf({ url: place.origin, appsDomain: place.appsDomain, host }, 0)
  const presence = await takePlace(options, world)
  const logs = createLogs({ now: world.now })
  let driver = driverElsewhere
  try {
    // Whoever else starts finds the operator there: an account is made once, by the process that runs apps.
    if (role === 'all') {
      await writePlace(database.db, place)
      await writeQuotas(database.db, options.quotas ?? {})
    }
    const isFirstStart = role === 'all' && (await meetOperator(options, world, hosts.origin))
    if (presence.isAlone) {
      await dropLeases(database.db)
      await dropDebtLeases(database.db)
      await dropWebhookLeases(database.db)
    }
    if (role === 'all') {
      driver = await localDriver({ dir: folder.runtime, account: ensureAccount('mortise-dyno'), logs })
    }
    const { engine, stop } = await assemble({
      ...options,
      role,
      presence,
      world,
      secrets,
      hosts,
      logs,
      driver,
      isAtHome: place.isAtHome,
      // Where only this machine gets in, each of its names is as good as another.
      publicUrl: role === 'all' ? url : place.isAtHome ? null : place.origin,
    })
    let stopping: Promise<void> | undefined
    return {
      url: role === 'all' ? hosts.origin : `http://${peerAddressOf(host, options.front.port)}`,
      port: options.front.port,
      db: database.db,
      engine,
      driver,
      isFirstStart,
      displaced: presence.displaced,
      stop: () => (stopping ??= stop().then(presence.leave)),
    }
  } catch (error) {
    await driver.stop()
    await presence.leave()
    throw error
  }
}

interface Parts extends PlatformOptions {
  role: Role
  presence: Presence
  world: World
  secrets: Secrets
  hosts: Hosts
  logs: Logs
  driver: Driver
  isAtHome: boolean
  /** As the operator gave it. */
  publicUrl: string | null
}

/** Binds what one process says of a request to this use. */
const passedOnContext = 'http:passed-on'

/** Joins rooms, server and reconcilers, and opens the door. Nothing of it runs yet when this throws. */
async function assemble(parts: Parts): Promise<{ engine: Engine; stop(): Promise<void> }> {
  const { folder, database, front, log, world, hosts, logs, driver, role, presence } = parts
  const { db } = database
  const answering = () => presence.alive().filter((one) => one.role !== 'worker').length
  const callers = proxies(parts.trustedProxies ?? [], {
    seal: (text) => parts.secrets.seal(text, passedOnContext).toString('base64url'),
    open: (sealed) => parts.secrets.open(Buffer.from(sealed, 'base64url'), passedOnContext),
    now: world.now,
  })
  const forward = forwarder(() => presence.alive().find((one) => one.role === 'all')?.address ?? null, callers)
  const outbound = createOutbound({ loopbackAllowed: parts.isAtHome, hostsAllowed: parts.providerHosts ?? [] })
  const builder =
    role === 'all'
      ? withRegistry(
          createBuilder({ dir: folder.build, account: ensureAccount('mortise-build') }),
          parts.npmRegistry ?? null,
        )
      : builderElsewhere
  const router = createRouter({
    targets: driver.webTargets,
    logs,
    clientOf: (req) => callers.meet(req).address,
    isCrashed: (appId) => driver.list(appId).some((dyno) => dyno.type === 'web' && dyno.state === 'crashed'),
  })
  const stopSignal = new AbortController()
  const metrics = createMetrics(() => driver.list())
  const rateLimit = parts.requestsPerHour ? createRateLimit(world, parts.requestsPerHour, answering) : undefined
  const certificate =
    role === 'all' ? certificateIn(folder.dir, attachHosts(hosts), world.now()) : { certificate: '', key: '' }
  const rooms = furnish({
    rateLimit,
    role,
    process: presence.id,
    processes: answering,
    db,
    world,
    secrets: parts.secrets,
    outbound,
    patience: { ...scaledPatience(parts.patience ?? 1), ...parts.waits?.patience },
    gate: { ...scaledGate(parts.patience ?? 1), ...parts.waits?.gate },
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
    kept: parts.kept,
    onFault: (error, operation) => log.fault(error, `operation ${operation.id} in ${operation.saga}.${operation.step}`),
    audit: (text) => log.info(text),
  })
  const authenticate = everybody({ db, world, secrets: parts.secrets })
  const server = await createHttpServer({
    world,
    handlers: role === 'worker' ? [] : role === 'api' ? rooms.handlers.map(notOfApps(rooms.ofApps)) : rooms.handlers,
    authenticate,
    guard: guardOf(db, world.now),
    once: createOnce({ db, world, secrets: parts.secrets }),
    rateLimit,
    proxies: callers,
    publicUrl: parts.publicUrl,
    log(line) {
      log.request(line)
      metrics.request(line)
    },
    onProviderCall: rooms.onProviderCall,
    onFault: (error, request) => log.fault(error, `request ${request.id} to ${request.route}`),
    checkAnswers: parts.checkAnswers,
    async extra(instance) {
      observe(instance, { db, metrics, authenticate })
      if (role === 'worker') return
      await servePages(instance, { shelf: rooms.shelf, onFault: (error) => log.fault(error, 'the first paint') })
      for (const add of rooms.extras) await add(instance)
    },
  })
  await server.ready()
  for (const begin of rooms.begin) await begin()
  const bells = listen(database.connection)
  rooms.hear(bells)
  const running = runReconcilers(rooms.reconcilers, world, bells, (error, name) =>
    log.fault(error, `reconciler ${name}`),
  )
  const own = (req: IncomingMessage, res: ServerResponse) => server.routing(req, res)
  const isOfApps = pathMatcher(rooms.ofApps)
  const door =
    role === 'all'
      ? tlsDoor({
          certificate,
          certificateFor: certificatesFor({ db, secrets: parts.secrets }),
          serve: rooms.attach.tls,
          serveApp: front.takeSecure,
          onFault: (error) => log.fault(error, 'TLS by name'),
        })
      : { take: forward.tls, close: forward.close }
  front.serve({
    tls: door.take,
    ...dispatch({
      hosts,
      world,
      meet: callers.meet,
      own: (req, res) => (role === 'api' && isOfApps(req.url) ? forward.request(req, res) : own(req, res)),
      ownUpgrade(req, socket, head) {
        if (role === 'all') return rooms.attach.upgrade(req, socket, head)
        forward.upgrade(req, socket, head)
        return true
      },
      router:
        role === 'all'
          ? router
          : {
              handle: (_, req, res) => forward.request(req, res),
              upgrade: (_, req, socket, head) => forward.upgrade(req, socket, head),
            },
      find: (name) => findAddressed(db, name),
      findByDomain: (hostname) => findServed(db, hostname, wildcardOver(hostname)),
      onFault: (error) => log.fault(error, 'dispatch by host'),
    }),
  })
  log.info(`ready at ${hosts.origin} as ${role}, listening on port ${front.port}`)

  const stop = async () => {
    log.info('stopping')
    // Nothing new comes in; what is under way may come to its end; then apps; and what everything stands on last.
    front.stopAccepting()
    stopSignal.abort()
    await Promise.all([running.stop(2_000), atMost(2_000, rooms.engine.settled())])
    await driver.stop()
    router.close()
    door.close()
    forward.close()
    await front.close()
    await atMost(500, server.close())
    await atMost(500, bells.close())
    await atMost(500, outbound.close())
    log.info('stopped')
  }
  return { engine: rooms.engine, stop }
}

/**
 * Makes this process known to the others on the database.
 * @throws StartFailed when it would run apps and another one does
 */
async function takePlace(options: PlatformOptions, world: World): Promise<Presence> {
  const { role = 'all', front, database } = options
  const entered = await enter(
    database.db,
    world,
    {
      id: world.id(),
      role,
      host: hostname(),
      pid: process.pid,
      pidStart: processStart(process.pid) ?? '',
      address: role === 'worker' ? null : (options.peerAddress ?? peerAddressOf(options.host ?? null, front.port)),
      version: options.version ?? 'unknown',
      startedAt: world.now(),
      ...(await followKeys(database.db, options.folder.masterKeys)),
    },
    () => followKeys(database.db, options.folder.masterKeys),
  )
  if (entered.outcome === 'entered') return entered.presence
  throw new StartFailed(
    `Apps run in process ${entered.by.pid} on ${entered.by.host} already, and they can run in one place only. Stop that one first, or start this one with --role api or --role worker.`,
  )
}

/** As we listen; on all addresses, that is under this machine's name. */
function peerAddressOf(host: string | null, port: number): string {
  if (host === null) return `127.0.0.1:${port}`
  if (host === '0.0.0.0' || host === '::') return `${hostname()}:${port}`
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

/** What is sent on before it comes here is, if it does come (written unlike anybody writes it), not answered wrongly. */
function notOfApps(paths: readonly string[]): (handler: Handler) => Handler {
  return (handler) =>
    paths.includes(handler.route.path)
      ? {
          ...handler,
          async run() {
            throw new WireError('service_unavailable', unavailableSentence, {}, { 'Retry-After': '5' })
          },
        }
      : handler
}

/** Whether an address is one of these paths; a part that begins with `:` may be anything. */
function pathMatcher(paths: readonly string[]): (url: string | undefined) => boolean {
  const patterns = paths.map((path) => new RegExp(`^${path.replaceAll('.', '[.]').replace(/:[^/]+/g, '[^/]+')}/?$`))
  return (url) => patterns.some((pattern) => pattern.test((url ?? '').split('?')[0] ?? ''))
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

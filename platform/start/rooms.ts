import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import { routes } from '@mortise/contract/platform-api/routes'
import type { Builder } from '@mortise/runtime/build/build'
import type { Driver } from '@mortise/runtime/driver'
import type { Logs } from '@mortise/runtime/logs/logs'
import type { FastifyInstance } from 'fastify'
import { authenticator } from '../accounts/authenticate.js'
import { consentPages } from '../accounts/consent-page.js'
import { invitePages } from '../accounts/invite-page.js'
import { loginPages } from '../accounts/login-page.js'
import { passwordTries } from '../accounts/password-tries.js'
import { accountRoutes } from '../accounts/routes.js'
import { addonRoutes } from '../addons/routes.js'
import { removeFromAppsOf } from '../apps/collaborator-store.js'
import { heldRights } from '../apps/held-rights.js'
import { regions } from '../apps/place.js'
import { appRoutes } from '../apps/routes.js'
import type { AppAddresses } from '../apps/view.js'
import { attachmentRoutes } from '../attachments/routes.js'
import { invoiceRoutes } from '../billing/routes.js'
import { usageRoutes } from '../billing/usage.js'
import { openArchive } from '../builds/open-archive.js'
import { buildRoutes } from '../builds/routes.js'
import { buildStreams } from '../builds/streams.js'
import { sourceSweeper } from '../builds/sweep.js'
import { kensaRoutes } from '../catalog/kensa.js'
import { catalogRoutes } from '../catalog/routes.js'
import { createShelf, type Shelf } from '../catalog/shelf.js'
import type { Bells } from '../db/bell.js'
import type { Db } from '../db/db.js'
import { factsBell } from '../db/fact.js'
import { documentPages, documentRoutes } from '../documents/routes.js'
import { domainRoutes } from '../domains/routes.js'
import { drainReconciler } from '../drains/forward.js'
import { drainRoutes } from '../drains/routes.js'
import { serveRendezvous } from '../dynos/attach-tls.js'
import { webDoor } from '../dynos/attach-web.js'
import { certificatePage } from '../dynos/certificate-page.js'
import { rendezvous } from '../dynos/rendezvous.js'
import { dynoRoutes } from '../dynos/routes.js'
import { runOnce } from '../dynos/run-once.js'
import { dynoSizeRoutes } from '../formation/dyno-sizes.js'
import { formationRoutes } from '../formation/routes.js'
import type { Handler } from '../http/handle.js'
import type { Downloads, Outbound } from '../http/outbound.js'
import type { Sockets } from '../http/outbound-socket.js'
import type { RateLimit } from '../http/rate-limit.js'
import type { ProviderCall } from '../http/server.js'
import type { Patience } from '../lifecycle/patience.js'
import { lifecycleRoutes } from '../lifecycle/routes.js'
import { createLifecycle, lifecycleReconcilers } from '../lifecycle/stories.js'
import { vendorRoutes } from '../lifecycle/vendor.js'
import { liveRoutes } from '../live/routes.js'
import { tellings } from '../live/tellings.js'
import { logInputs } from '../logs/log-input.js'
import { logRoutes } from '../logs/routes.js'
import { logSessions } from '../logs/session.js'
import { logStreams } from '../logs/stream.js'
import { discrepancyRoutes } from '../operations/discrepancy-routes.js'
import { providerRoutes } from '../operations/provider-routes.js'
import { pulseRoutes } from '../operations/pulse-routes.js'
import { operationRoutes } from '../operations/routes.js'
import { createPartnerClient } from '../partner/client.js'
import { createGate, type GateLimits } from '../partner/gate.js'
import { oauthTokenEndpoint, oauthTokenRoutes } from '../partner/oauth.js'
import { partnerPermissionRoutes } from '../partner/permissions.js'
import { providerCalls, providerPortalRoutes } from '../partner/portal-routes.js'
import type { Role } from '../processes/process.js'
import { processRoutes } from '../processes/routes.js'
import type { Reconciler } from '../reconcile/reconciler.js'
import { buildReconciler } from '../releases/deploy.js'
import { endWorkOn, forgetApp, remainsReconciler } from '../releases/forget.js'
import { releaseOutputs } from '../releases/output.js'
import { rollReconciler } from '../releases/roll.js'
import { requestAllRolls, requestScale } from '../releases/roll-store.js'
import { releaseRoutes } from '../releases/routes.js'
import { type Kept, retentionReconciler, slugRetentionReconciler } from '../retention/retention.js'
import type { Engine, EngineOptions } from '../saga/engine.js'
import type { Secrets } from '../secrets/seal.js'
import { ssoPages } from '../sso/pages.js'
import { ssoRoutes } from '../sso/routes.js'
import { invitationPages } from '../teams/invitation-page.js'
import { teamRoutes } from '../teams/routes.js'
import { recordDynos } from '../webhooks/dynos.js'
import { webhookReconcilers } from '../webhooks/reconcilers.js'
import { webhookRoutes } from '../webhooks/routes.js'
import type { World } from '../world/world.js'
import { ownAddresses } from './own-addresses.js'

/** What the rooms are given. They take from it what their own deps name. */
export interface Ground {
  db: Db
  world: World
  secrets: Secrets
  outbound: Outbound & Downloads & Sockets
  /** Left out where requests are not counted. */
  rateLimit?: RateLimit
  patience: Patience
  /** When a provider is left alone; the standard's when left out. */
  gate?: GateLimits
  driver: Driver
  builder: Builder
  logs: Logs
  addresses: AppAddresses
  /** Scheme, host and port of the platform itself. */
  origin: string
  /** Host names of the platform itself and the domain of its apps. */
  ownHosts: readonly string[]
  /** `host:port` where clients attach to one-offs over TLS, and the certificate that they meet there. */
  attachAddress: string
  certificate: string
  /** Of the program, as documents name it. */
  version: string
  /** Sources and slugs are kept below. */
  dataDir: string
  /** Aborts when the platform stops: builds and rolls under way are given back, and blame nobody. */
  stopping: AbortSignal
  /** Only this machine's people can reach the platform. */
  isAtHome: boolean
  /** Days that what has ended is kept, where not the standard's. */
  kept?: Partial<Kept>
  onFault: NonNullable<EngineOptions['onFault']>
  /** What somebody did that changes nothing and still must be on record, in a sentence. Never a secret. */
  audit(text: string): void
  /** By which this process is known to the others on its database. */
  process?: string
  /** What this process is for; everything, unless told. */
  role?: Role
  /** How many processes answer requests: each allows its share of what is limited. */
  processes?: () => number
}

/** The house, furnished: what the server answers and what works in the background. */
export interface Rooms {
  engine: Engine
  /** Is told of each call of a provider. */
  onProviderCall(call: ProviderCall): void
  handlers: Handler[]
  /** What the marketplace shows. */
  shelf: Shelf
  reconcilers: Reconciler[]
  /** Paths that only the process that runs apps can answer, as patterns. */
  ofApps: string[]
  /** What is no JSON: uploads, streams, pages. */
  extras: ((server: FastifyInstance) => void | Promise<void>)[]
  /** Hands on what rings to whoever looks on. */
  hear(bells: Pick<Bells, 'on'>): void
  /** Work that each start asks for, such as running what ran before. */
  begin: (() => Promise<unknown>)[]
  /** Who comes for an attached one-off: over TLS, and by WebSocket. */
  attach: {
    tls(socket: TLSSocket): void
    /** @returns false when the request is for something else */
    upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): boolean
  }
}

/**
 * Work on the machine that runs apps. Shredding old credentials (`expire`) is among it: what runs tells which of them are
 * still needed. Everything else any worker may do.
 */
const onlyWhereAppsRun = new Set(['expire', 'build', 'roll', 'remains', 'sources', 'drains', 'slug retention'])
/** Dynos, their logs and what is said into them are in the memory of one process. */
const routesOfApps = [...Object.values(routes.formation), ...Object.values(routes.dynos), ...Object.values(routes.logs)]

export function furnish(ground: Ground): Rooms {
  const runsApps = (ground.role ?? 'all') === 'all'
  const { db, world, secrets, driver, builder, logs, outbound, addresses } = ground
  const rollDeps = {
    db,
    world,
    secrets,
    driver,
    builder,
    logs,
    outbound,
    dir: ground.dataDir,
    stopping: ground.stopping,
  }
  const tries = passwordTries(world, ground.processes)
  const portal = { db, world, secrets, regions, installation: { localhost: ground.isAtHome } }
  const sessions = logSessions(world)
  const rights = heldRights({ db, world })
  const meeting = rendezvous({ logs })
  const ssoDeps = { db, world, secrets, log: ground.audit }
  const lifecycle = createLifecycle(
    {
      db,
      world,
      secrets,
      partner: createPartnerClient(outbound, ground.patience.answerMs, createGate({ db, world }, ground.gate)),
      patience: ground.patience,
      publicUrl: () => ground.origin,
      localhost: ground.isAtHome,
      process: ground.process,
      undeploy: (appId) => (runsApps ? forgetApp(rollDeps, appId) : endWorkOn(rollDeps, appId)),
      running: () => driver.list(),
      ...(runsApps
        ? {
            setup: {
              openArchive: (url) => openArchive(rollDeps, url),
              runOnce: (app, command, actor) => runOnce(rollDeps, app, command, actor),
            },
          }
        : {}),
    },
    { onFault: ground.onFault },
  )
  const onFault = (error: unknown) => ground.audit(`An event of a dyno could not be written: ${error}`)
  const lookingOn = tellings({
    db,
    world,
    onFault: (error) => ground.audit(`Whoever looks on could not be told what changed: ${error}`),
  })
  const dynoEvents = { db, world, driver, onFault }
  return {
    engine: lifecycle.engine,
    onProviderCall: providerCalls({ db, world }, (error) =>
      ground.audit(`A call of a provider could not be written down: ${error}`),
    ),
    shelf: createShelf(portal),
    handlers: [
      ...documentRoutes(ground),
      ...accountRoutes({ db, world, tries, requestsLeft: ground.rateLimit?.remaining }),
      ...catalogRoutes(portal),
      ...kensaRoutes({ ...portal, tries }),

      ...teamRoutes({ db, world, leaveApps: removeFromAppsOf }),
      ...appRoutes({ db, world, addresses }),
      ...domainRoutes({ db, world, secrets, addresses, ownHosts: ground.ownHosts }),
      ...addonRoutes({ db, world }),
      ...attachmentRoutes({ db, secrets }),
      ...buildRoutes({ db, world, secrets, builder }),
      ...dynoSizeRoutes(),
      ...formationRoutes({ db, world, logs, requestScale }),
      ...releaseRoutes({ db, world, secrets }),
      ...dynoRoutes({
        ...rollDeps,
        rights,
        rendezvous: meeting,
        attachAddress: ground.attachAddress,
        audit: ground.audit,
      }),
      ...logRoutes({ sessions }),
      ...drainRoutes({ db, world, secrets, isAtHome: ground.isAtHome }),
      ...oauthTokenRoutes({ db, world }),
      ...providerPortalRoutes({ db }),
      ...partnerPermissionRoutes(),
      ...usageRoutes({ db, world }),
      ...vendorRoutes({ ...lifecycle.deps, addresses, ownAddresses: () => ownAddresses(ground.isAtHome) }),
      ...ssoRoutes(ssoDeps),
      ...lifecycleRoutes({ ...lifecycle.deps, addresses }, lifecycle.stories),
      ...liveRoutes({ tellings: lookingOn, rights, stopping: ground.stopping }),
      ...operationRoutes(lifecycle.deps),
      ...pulseRoutes({ db, world }),
      ...providerRoutes({ db, world }),
      ...discrepancyRoutes(lifecycle.deps),
      ...invoiceRoutes({ db, world }),
      ...webhookRoutes({ db, world, secrets, isAtHome: ground.isAtHome }),
      ...processRoutes({ db }),
    ],
    ofApps: [
      ...new Set([...routesOfApps.map(({ path }) => path), '/sources/:id/blob', '/logs', '/logs/:token', '/ca.pem']),
    ],
    reconcilers: [
      ...lifecycleReconcilers(lifecycle.deps),
      buildReconciler(rollDeps),
      rollReconciler(rollDeps),
      remainsReconciler(rollDeps),
      sourceSweeper(rollDeps),
      drainReconciler({ db, world, secrets, logs, outbound, stopping: ground.stopping }),
      ...webhookReconcilers({
        db,
        world,
        secrets,
        outbound,
        addresses,
        origin: ground.origin,
        deliveryDays: ground.kept?.deliveries,
      }),
      retentionReconciler({ db, world, kept: ground.kept }),
      slugRetentionReconciler({ ...rollDeps, kept: ground.kept }),
    ].filter(({ name }) => runsApps || (ground.role === 'worker' && !onlyWhereAppsRun.has(name))),
    extras: [
      documentPages(ground),
      buildStreams(rollDeps),
      releaseOutputs({ db, world, secrets }),
      certificatePage(ground.certificate),
      logStreams({ sessions, logs, rights }),
      logInputs({ db, world, logs }),
      oauthTokenEndpoint({ db, world }),
      ssoPages({ ...ssoDeps, authenticate: authenticator(db, world) }),
      loginPages({ db, world, authenticate: authenticator(db, world) }),
      consentPages({ db, world, authenticate: authenticator(db, world) }),
      invitePages({ db, world }),
      invitationPages({ db, world, authenticate: authenticator(db, world) }),
    ],
    hear: (bells) => void bells.on(factsBell, lookingOn.hear),
    begin: !runsApps
      ? []
      : [
          async () => ground.stopping.addEventListener('abort', recordDynos(dynoEvents)),
          () => requestAllRolls(db, world.now()),
        ],
    attach: { tls: (socket) => serveRendezvous(meeting, socket), upgrade: webDoor(meeting) },
  }
}

import type { App } from '../apps/app.js'
import { secretsInForce } from '../catalog/rotation-store.js'
import { serviceById } from '../catalog/store.js'
import type { Db } from '../db/db.js'
import type { DownloadAnswer } from '../http/outbound.js'
import type { PartnerClient, Provider } from '../partner/client.js'
import type { Engine } from '../saga/engine.js'
import type { Actor } from '../saga/saga.js'
import type { Secrets } from '../secrets/seal.js'
import type { World } from '../world/world.js'
import type { Patience } from './patience.js'

/** Ways out of the house that only the setup of an app takes. */
export interface SetupPorts {
  /** Opens a gzipped archive of source, wherever it lies. The caller reads it, or destroys it. */
  openArchive(url: string): Promise<DownloadAnswer>
  /**
   * Runs a command beside the app's formation to its end.
   * @returns what it printed, cut to the newest part, and how it ended; `refused` when it could not begin
   */
  runOnce(
    app: App,
    command: string,
    actor: Actor,
  ): Promise<{ code: number | null; output: string } | { refused: string }>
}

/** What the stories are told with. */
export interface LifecycleDeps {
  db: Db
  world: World
  secrets: Secrets
  partner: PartnerClient
  patience: Patience
  /** Scheme, host and port at which providers reach us. */
  publicUrl(): string
  /** By which this process is known to the others; what it holds is free when it is gone. */
  process?: string
  /** A localhost installation: everyone may install everything, providers live on loopback. */
  localhost: boolean
  /** Ends an app's dynos, builds and files. May be repeated. */
  undeploy(appId: string): Promise<void>
  /** What runs now, one-offs too: credentials that it was started with are kept. */
  running(): readonly { appId: string; version: number }[]
  /** What the setup of an app from its archive needs of the machine; a process without it leaves setups to others. */
  setup?: SetupPorts
  /** Set once the engine knows its sagas; sagas that begin others need it. */
  engine(): Engine
}

/** The service as it is asked now: a manifest pushed meanwhile counts. */
export async function providerOf(deps: LifecycleDeps, serviceId: string): Promise<Provider> {
  const service = await serviceById(deps.db, serviceId)
  if (!service) throw new Error(`service ${serviceId} is not there`)
  const [newest, ...older] = await secretsInForce(deps.db, deps.secrets, service, deps.world.now())
  if (!newest) throw new Error(`service ${serviceId} has no manifest`)
  return { service, password: newest.password, olderPasswords: older.map(({ password }) => password) }
}

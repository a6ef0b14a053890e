import { randomInt } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { createDatabase, type PostgresServer, startPostgres } from '@mortise/postgres/server'
import { postgresStore } from '@mortise/provider/postgres-store'
import { clientSecretFile, clientSecretFrom } from '@mortise/provider/push'
import { createSeal } from '@mortise/provider/seal'
import { createProvider, type Listening } from '@mortise/provider/serve'
import { freePort, openSettings, writePrivately } from '@mortise/provider/settings'
import { openAdmin } from './admin.js'
import { watchLimits } from './limits.js'
import { buildManifest } from './manifest.js'
import { createPages } from './pages.js'
import { serverConnectionsMax } from './plans.js'
import { createWork } from './work.js'

export interface ProviderPostgresqlOptions {
  dir: string
  /** Where the platform is, as it and people's browsers are reached from here. */
  platform: string
  /** By default the one of the first start. */
  port?: number
  host?: string
  /** Where the platform reaches us. By default http://<host>:<port>. */
  url?: string
  /** A server to use instead of a cluster of our own, as a superuser. */
  databaseUrl?: string
  clientSecretFile?: string
  log?(text: string): void
}

export interface Running {
  url: string
  /** Resolves if the database server ends by itself: nothing can be served any more. */
  lost: Promise<string>
  stop(): Promise<void>
}

/** Starts the database, then the service in front of it, and leaves DIR/addon-manifest.json to be pushed. */
export async function startProvider(options: ProviderPostgresqlOptions): Promise<Running> {
  const { dir, host = '127.0.0.1' } = options
  const log = options.log ?? ((text) => void process.stderr.write(`${text}\n`))
  const settings = await openSettings(dir, options.port, async () => ({
    // From anywhere in a range, so that two providers that start together do not reach for the same one.
    postgresPort: await freePort(25_432 + randomInt(5_000)),
  }))
  const platform = new URL(options.platform).origin
  const url = (options.url ?? `http://${host}:${settings.port}`).replace(/\/+$/, '')
  const manifest = buildManifest({ ...settings, url })

  const postgres = options.databaseUrl ? null : await startCluster(join(dir, 'postgresql'), settings.postgresPort, log)
  let listening: Listening | undefined
  let isStopping = false
  const closing: (() => Promise<void>)[] = [async () => postgres?.stop()]
  const stop = async () => {
    isStopping = true
    for (const close of closing.reverse().splice(0)) {
      // Each is quick; work that hangs on the database must not keep it from being stopped.
      await Promise.race([close(), pause(8_000, undefined, { ref: false })])
    }
  }
  try {
    const admin = await openAdmin(postgres ? postgres.url(managementDatabase) : (options.databaseUrl as string), log)
    closing.push(() => admin.close())
    if (postgres) await closeOwnDatabases(admin.pool)
    const seal = createSeal(settings.key)
    const { pool, claims } = admin
    const store = await postgresStore({ pool, claims, seal, schema: 'mortise_postgresql' })
    const provider = createProvider({
      ...createWork(admin, seal),
      manifest,
      store,
      platform: { api: platform },
      log: ({ event, uuid, message }) => log([event, uuid, message].filter(Boolean).join(' ')),
      clientSecret: clientSecretFrom(options.clientSecretFile ?? clientSecretFile(dir)),
      session: ({ resourceId }) => `/dashboard/${resourceId}`,
    })
    closing.push(watchLimits(admin, log))
    listening = await provider.listen(settings.port, host, createPages({ provider, store, admin, seal, platform }))
    closing.push(listening.close)
    writePrivately(join(dir, 'addon-manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`)
  } catch (error) {
    await stop()
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') {
      throw new Error(`Port ${settings.port} is taken. End what uses it, or pass another --port.`)
    }
    throw error
  }
  const lost = new Promise<string>((resolve) => {
    postgres?.exited.then(({ code, signal }) => isStopping || resolve(`The database server ended (${signal ?? code}).`))
  })
  return { url, lost, stop }
}

const managementDatabase = 'mortise_postgresql'

async function startCluster(dir: string, port: number, log: (text: string) => void): Promise<PostgresServer> {
  const postgres = await startPostgres({
    dir,
    account: 'mortise-provider-pg',
    tcp: { host: '127.0.0.1', port },
    settings: { max_connections: String(serverConnectionsMax), superuser_reserved_connections: '40' },
    log,
  })
  await createDatabase(postgres, managementDatabase)
  return postgres
}

/** By default every role may enter these. On a server that is not ours this is left to whoever runs it. */
async function closeOwnDatabases(pool: { query(text: string): Promise<unknown> }): Promise<void> {
  for (const database of [managementDatabase, 'postgres', 'template1']) {
    await pool.query(`revoke all on database ${database} from public`)
  }
}

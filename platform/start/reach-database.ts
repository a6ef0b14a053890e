import path from 'node:path'
import { runningPostgres } from '@mortise/postgres/running'
import { createDatabase, PostgresFailed, startPostgres } from '@mortise/postgres/server'
import pg from 'pg'
import { StartFailed } from './failure.js'

export interface ReachedDatabase {
  connection: pg.ClientConfig
  /** Ends what was started for this; leaves a server that was there alone. */
  close(): Promise<void>
}

/**
 * The installation's database for one command beside the server: the one at `databaseUrl`; else the embedded one, which
 * is used as it runs, or started for the command when it does not.
 * @throws StartFailed
 */
export async function reachDatabase(dataDir: string, databaseUrl: string | null): Promise<ReachedDatabase> {
  if (databaseUrl) return { connection: { connectionString: databaseUrl }, close: async () => undefined }
  const dir = path.join(dataDir, 'postgres')
  const running = runningPostgres(dir)
  if (running && (await takesConnections({ ...running, database: 'mortise' }))) {
    return { connection: { ...running, database: 'mortise' }, close: async () => undefined }
  }
  try {
    const server = await startPostgres({ dir })
    await createDatabase(server, 'mortise')
    return { connection: server.connection('mortise'), close: server.stop }
  } catch (cause) {
    if (cause instanceof PostgresFailed) throw new StartFailed(cause.message, 1, { cause })
    throw cause
  }
}

async function takesConnections(connection: pg.ClientConfig): Promise<boolean> {
  const client = new pg.Client({ ...connection, connectionTimeoutMillis: 5_000 })
  client.on('error', () => undefined)
  return client.connect().then(
    () => client.end().then(() => true),
    () => false,
  )
}

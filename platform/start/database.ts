import { createDatabase, PostgresFailed, startPostgres } from '@mortise/postgres/server'
import pg from 'pg'
import { checkSchema, SchemaDiffers } from '../db/check-schema.js'
import { type OpenDb, openDb } from '../db/db.js'
import { migrate, SchemaTooNew } from '../db/migrate.js'
import type { World } from '../world/world.js'
import { StartFailed } from './failure.js'
import { superviseDatabase } from './supervise.js'

/** The oldest major version whose SQL we use (`merge`, security of public schemas). */
export const postgresMajorMin = 15
const databaseName = 'mortise'

export interface Database extends OpenDb {
  connection: pg.ClientConfig
  /** Resolves with a reason when the embedded server ended and could not be brought back. Never for a database of others. */
  lost: Promise<string>
  stop(): Promise<void>
}

/**
 * The embedded database in `dir`, started, with its schema up to date. When it ends by itself it is started anew.
 * @throws StartFailed
 */
export async function embeddedDatabase(dir: string, world: World, log: (line: string) => void): Promise<Database> {
  const server = await startPostgres({ dir, log }).catch((cause) => {
    if (cause instanceof PostgresFailed) throw new StartFailed(cause.message, 1, { cause })
    throw cause
  })
  const { stop, lost } = superviseDatabase(server, () => startPostgres({ dir, log }), log)
  try {
    await createDatabase(server, databaseName)
    const connection = server.connection(databaseName)
    return { ...(await openMigrated(connection, world)), connection, lost, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/**
 * A database that somebody else runs, with its schema up to date.
 * @throws StartFailed when it can't be reached, is too old, was written by a newer Mortise, or changed by hand. Never names the password.
 */
export async function externalDatabase(url: string, world: World): Promise<Database> {
  const connection: pg.ClientConfig = { connectionString: url }
  await checkServer(connection)
  return {
    ...(await openMigrated(connection, world)),
    connection,
    lost: new Promise(() => undefined),
    stop: async () => undefined,
  }
}

async function checkServer(connection: pg.ClientConfig): Promise<void> {
  const client = new pg.Client({ ...connection, connectionTimeoutMillis: 10_000, application_name: 'mortise start' })
  // A connection that breaks later would end the process without a listener; the query below reports it too.
  client.on('error', () => undefined)
  try {
    await client.connect()
    const answer = await client.query<{ server_version_num: string }>('show server_version_num')
    const major = Math.floor(Number(answer.rows[0]?.server_version_num) / 10_000)
    if (major < postgresMajorMin) {
      throw new StartFailed(
        `The database is PostgreSQL ${major}; Mortise needs ${postgresMajorMin} or newer. Upgrade it, or leave out --database-url.`,
      )
    }
  } catch (cause) {
    if (cause instanceof StartFailed) throw cause
    throw new StartFailed(`The database at ${placeOf(client)} can't be reached (${reasonOf(cause)}).`, 1, { cause })
  } finally {
    await client.end().catch(() => undefined)
  }
}

async function openMigrated(connection: pg.ClientConfig, world: World): Promise<OpenDb> {
  const open = openDb(connection)
  try {
    await migrate(open.db, world.now())
    await checkSchema(open.db)
    return open
  } catch (cause) {
    await open.close()
    if (cause instanceof SchemaTooNew || cause instanceof SchemaDiffers)
      throw new StartFailed(cause.message, 1, { cause })
    throw new StartFailed(`The database's tables could not be brought up to date (${reasonOf(cause)}).`, 1, { cause })
  }
}

const placeOf = (client: pg.Client) => `${client.host}:${client.port}/${client.database ?? ''}`

function reasonOf(error: unknown): string {
  const { message, code } = error as { message?: string; code?: string }
  return message || code || 'no reason given'
}

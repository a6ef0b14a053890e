import { Kysely, PostgresDialect, type RawBuilder, sql, type Transaction } from 'kysely'
import pg from 'pg'

export { sql }

/** Rows are typed where they are asked for, in each room's store.ts; see docs/decisions/sql-by-hand.md. */
export type Db = Kysely<unknown>
/** A transaction handed down by a route, a saga step or a reconciler: stores never open one. */
export type Tx = Transaction<unknown>

export interface OpenDb {
  db: Db
  pool: pg.Pool
  close(): Promise<void>
}

/** Connections one process may hold; PostgreSQL's own default limit is 100. */
export const poolConnectionsMax = 16

/** How values are read: int8 as numbers, since counts and sequence numbers of ours stay far below 2^53. Of our pools, not of all `pg`. */
export const valueTypes = new pg.TypeOverrides()
valueTypes.setTypeParser(pg.types.builtins.INT8, Number)

/**
 * A process that is paused in the middle of a transaction holds its locks, and everybody who needs them waits. So the
 * database ends such a session; no transaction of ours waits for anything but the database.
 */
export const idleInTransactionMsMax = 20_000

/** Opens a pool. Nothing is connected until the first question; see `reach`. */
export function openDb(connection: string | pg.PoolConfig, connectionsMax = poolConnectionsMax): OpenDb {
  const config: pg.PoolConfig = typeof connection === 'string' ? { connectionString: connection } : connection
  const pool = new pg.Pool({
    ...config,
    types: valueTypes,
    max: connectionsMax,
    application_name: 'mortise',
    connectionTimeoutMillis: 10_000,
    idle_in_transaction_session_timeout: idleInTransactionMsMax,
    // A database that is gone without a word (a failover, a cut line) is noticed by its silence.
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
  })
  // A lost idle connection is replaced by the pool; without a listener it would end the process.
  pool.on('error', () => undefined)
  // The same for one that is in use: its question fails as well, and that is where it is answered.
  pool.on('connect', (client) => client.on('error', () => undefined))
  const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) })
  return { db, pool, close: () => db.destroy() }
}

export async function rows<T>(db: Db, question: RawBuilder<unknown>): Promise<T[]> {
  return (await question.execute(db)).rows as T[]
}

export async function maybeOne<T>(db: Db, question: RawBuilder<unknown>): Promise<T | undefined> {
  return (await rows<T>(db, question))[0]
}

/** The first row. @throws when there is none, which is a bug in the caller. */
export async function one<T>(db: Db, question: RawBuilder<unknown>): Promise<T> {
  const row = await maybeOne<T>(db, question)
  if (row === undefined) throw new Error('a row was expected and there was none')
  return row
}

/** How many rows a statement changed. */
export async function changed(db: Db, statement: RawBuilder<unknown>): Promise<number> {
  return Number((await statement.execute(db)).numAffectedRows ?? 0n)
}

/** Runs `work` in one transaction; commits when it resolves, rolls back when it throws. */
export function transact<T>(db: Db, work: (tx: Tx) => Promise<T>): Promise<T> {
  return db.transaction().execute(work)
}

/**
 * Runs `work` within a transaction and takes back all that it wrote: what would come of it is known, and nothing is done.
 * Locks that it takes are given back too.
 */
export async function rehearse<T>(tx: Tx, work: () => Promise<T>): Promise<T> {
  await sql`savepoint rehearsal`.execute(tx)
  const found = await work()
  await sql`rollback to savepoint rehearsal`.execute(tx)
  await sql`release savepoint rehearsal`.execute(tx)
  return found
}

/** Whether the error is PostgreSQL's "already there" for the named unique constraint or index. */
export function isDuplicate(error: unknown, constraint?: string): boolean {
  const found = error as { code?: string; constraint?: string } | null
  return found?.code === '23505' && (constraint === undefined || found.constraint === constraint)
}

/** The database could not be reached, or went away in the middle: whether the last statement counted is not known. */
export function isDatabaseLost(error: unknown): boolean {
  const { code = '', syscall, message = '' } = (error ?? {}) as { code?: string; syscall?: string; message?: string }
  // admin_shutdown, crash_shutdown, cannot_connect_now, and the class of connection exceptions.
  if (/^(57P0[123]|08...)$/.test(code)) return true
  // Names of the system's errors are shared with files; only those of a connection are meant.
  if (['connect', 'read', 'write'].includes(syscall ?? '') && /^(ECONN|EPIPE$|ENOENT$)/.test(code)) return true
  return /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error)/.test(
    message,
  )
}

/** PostgreSQL gave up on a deadlock or a serialization: the same work may be tried again. */
export function isPassing(error: unknown): boolean {
  const code = (error as { code?: string } | null)?.code
  return code === '40P01' || code === '40001'
}

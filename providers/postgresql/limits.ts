import pg from 'pg'
import type { Admin } from './admin.js'
import { endSessions } from './databases.js'
import { planNamed } from './plans.js'

/** Seconds between two looks at all sizes. */
export const limitCheckSeconds = 30

/** From this many times the plan's size on, the role may not log in. */
export const stoppedAtTimes = 2

/** `read_only`: transactions are read-only unless they say otherwise. `stopped`: no log-in. */
export type LimitState = 'ok' | 'read_only' | 'stopped'

export interface Measure {
  sizeBytes: number
  connections: number
  limitState: LimitState
}

/** What the size of a database means for its plan. Exactly full is not too full. */
export function limitStateOf(sizeBytes: number, sizeBytesMax: number): LimitState {
  if (sizeBytes > sizeBytesMax * stoppedAtTimes) return 'stopped'
  return sizeBytes > sizeBytesMax ? 'read_only' : 'ok'
}

/**
 * Looks at the size of every database (or of one) and holds it to its plan.
 *
 * Over the limit, new transactions are read-only by default. That is a signal the app cannot overlook, and not a
 * wall: a person can say `begin read write` to delete what is too much. Because an app could say so too, at twice
 * the limit the role may not log in until the plan is larger: the disk is shared.
 */
export async function holdLimits({ pool }: Admin, uuid?: string): Promise<void> {
  const { rows } = await pool.query(
    `select d.uuid, d.role_name, d.database_name, d.plan, d.limit_state, r.rolcanlogin as can_log_in,
            pg_database_size(p.oid) as size_bytes,
            coalesce('default_transaction_read_only=on' = any(s.setconfig), false) as is_read_only
       from mortise_postgresql.databases d
       join pg_database p on p.datname = d.database_name
       join pg_roles r on r.rolname = d.role_name
       left join pg_db_role_setting s on s.setdatabase = p.oid and s.setrole = r.oid
      where $1::uuid is null or d.uuid = $1`,
    [uuid ?? null],
  )
  for (const row of rows) {
    const wanted = limitStateOf(Number(row.size_bytes), planNamed(row.plan).sizeBytesMax)
    // A role may undo its own setting, so what is in force is looked at. What it sets while all is well is its own.
    const isUndone = (wanted !== 'ok' && !row.is_read_only) || (wanted === 'stopped' && row.can_log_in)
    if (wanted !== row.limit_state || isUndone) await impose(pool, row.role_name, row.database_name, wanted)
    await pool.query('update mortise_postgresql.databases set size_bytes = $2, limit_state = $3 where uuid = $1', [
      row.uuid,
      row.size_bytes,
      wanted,
    ])
  }
}

async function impose(pool: pg.Pool, roleName: string, databaseName: string, state: LimitState): Promise<void> {
  const role = pg.escapeIdentifier(roleName)
  const database = pg.escapeIdentifier(databaseName)
  const setting = `alter role ${role} in database ${database}`
  if (state === 'ok') await pool.query(`${setting} reset default_transaction_read_only`)
  else await pool.query(`${setting} set default_transaction_read_only = on`)
  await pool.query(`alter role ${role} ${state === 'stopped' ? 'nologin' : 'login'}`)
  // Sessions keep the settings they began with; apps reconnect.
  await endSessions(pool, roleName)
}

/** What the dashboard shows. Null when there is no such database. */
export async function measure({ pool }: Admin, uuid: string): Promise<Measure | null> {
  const { rows } = await pool.query(
    `select pg_database_size(p.oid) as size_bytes, d.limit_state,
            (select count(*) from pg_stat_activity a where a.usename = d.role_name) as connections
       from mortise_postgresql.databases d join pg_database p on p.datname = d.database_name
      where d.uuid = $1`,
    [uuid],
  )
  const row = rows[0]
  if (!row) return null
  return { sizeBytes: Number(row.size_bytes), connections: Number(row.connections), limitState: row.limit_state }
}

export interface Table {
  name: string
  sizeBytes: number
  /** PostgreSQL's own estimate; null before the first analyze. */
  rows: number | null
}

/** The largest tables with their indexes, at most 50. */
export async function largestTables(admin: Admin, database: string): Promise<Table[]> {
  return admin.inside(database, async (client) => {
    const { rows } = await client.query(
      `select n.nspname as schema, c.relname as name, pg_total_relation_size(c.oid) as size_bytes, c.reltuples as rows
         from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where c.relkind in ('r', 'm') and n.nspname not in ('pg_catalog', 'information_schema')
          and n.nspname not like 'pg\\_%'
        order by 3 desc limit 50`,
    )
    return rows.map((row) => ({
      name: row.schema === 'public' ? row.name : `${row.schema}.${row.name}`,
      sizeBytes: Number(row.size_bytes),
      rows: row.rows < 0 ? null : Number(row.rows),
    }))
  })
}

/** Holds the limits again and again. The returned function ends that and waits for the look that is under way. */
export function watchLimits(
  admin: Admin,
  log: (text: string) => void,
  everyMs = limitCheckSeconds * 1000,
): () => Promise<void> {
  let isEnding = false
  let current = Promise.resolve()
  let timer: NodeJS.Timeout
  const next = () => {
    timer = setTimeout(() => {
      current = holdLimits(admin)
        .catch((error: Error) => log(`The limits could not be checked: ${error.message}`))
        .then(() => (isEnding ? undefined : next()))
    }, everyMs)
    timer.unref()
  }
  next()
  return async () => {
    isEnding = true
    clearTimeout(timer)
    await current
  }
}

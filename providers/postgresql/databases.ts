import { randomBytes } from 'node:crypto'
import type { Seal } from '@mortise/provider/seal'
import pg from 'pg'
import type { Admin } from './admin.js'
import type { Plan } from './plans.js'
import { scramVerifier } from './scram.js'

/** One customer's place on the server. */
export interface Tenant {
  uuid: string
  role: string
  database: string
  password: string
}

const { escapeIdentifier: name, escapeLiteral: text } = pg

/**
 * The row that says what the role, the database and the password are, made on first sight. The names are by chance:
 * every role can read the server's lists of roles and databases, and should learn nothing there.
 */
export async function recordTenant(admin: Admin, seal: Seal, uuid: string, plan: Plan): Promise<Tenant> {
  const label = randomBytes(8).toString('hex')
  const password = randomBytes(32).toString('base64url')
  await admin.pool.query(
    `insert into mortise_postgresql.databases (uuid, role_name, database_name, password, plan)
     values ($1, $2, $3, $4, $5) on conflict (uuid) do nothing`,
    [uuid, `u${label}`, `d${label}`, seal.close(password, `password:${uuid}`), plan.name],
  )
  const tenant = await findTenant(admin, seal, uuid)
  if (!tenant) throw new Error(`The row of ${uuid} is gone a moment after it was written.`)
  return tenant
}

export async function findTenant(admin: Admin, seal: Seal, uuid: string): Promise<Tenant | null> {
  const { rows } = await admin.pool.query(
    'select role_name, database_name, password from mortise_postgresql.databases where uuid = $1',
    [uuid],
  )
  const row = rows[0]
  if (!row) return null
  return {
    uuid,
    role: row.role_name,
    database: row.database_name,
    password: seal.open(row.password, `password:${uuid}`),
  }
}

type Step = (admin: Admin, tenant: Tenant, plan: Plan) => Promise<void>

/**
 * How a tenant's place is made, in order. Every step may run again, after any of them was cut off: a repeat of the
 * whole list finishes what a crash left.
 */
export const provisionSteps: readonly Step[] = [makeRole, makeDatabase, closeToOthers, giveToRole, openForRole]

/** A login that can do nothing but log in, with the plan's limits. */
async function makeRole({ pool }: Admin, { role, password }: Tenant, plan: Plan): Promise<void> {
  const { rowCount } = await pool.query('select from pg_roles where rolname = $1', [role])
  const rights = 'login nosuperuser nocreatedb nocreaterole noreplication nobypassrls noinherit'
  const word = rowCount ? 'alter' : 'create'
  await pool.query(`${word} role ${name(role)} with ${rights} password ${text(scramVerifier(password))}`)
  await limitRole(pool, role, plan)
}

/** Sets what the server itself holds the role to. A role cannot change either: both are a superuser's to set. */
export async function limitRole(pool: pg.Pool, role: string, plan: Plan): Promise<void> {
  await pool.query(`alter role ${name(role)} connection limit ${plan.connectionsMax}`)
  // Sorting and hashing spill into files that the size of the database does not count.
  await pool.query(`alter role ${name(role)} set temp_file_limit = '${Math.ceil(plan.sizeBytesMax / 1024)}kB'`)
}

/** An empty database that nobody can enter yet. Owned by us, so that its owner's rights (drop, rename) are ours. */
async function makeDatabase({ pool }: Admin, { database }: Tenant): Promise<void> {
  const { rowCount } = await pool.query('select from pg_database where datname = $1', [database])
  // template0, because whoever can write to template1 would be in every new database. The limit of 0 keeps all but
  // superusers out until the door is closed to the public.
  if (!rowCount)
    await pool.query(`create database ${name(database)} template template0 encoding 'UTF8' connection limit 0`)
}

/** By default every role may connect to every database. */
async function closeToOthers({ pool }: Admin, { database }: Tenant): Promise<void> {
  await pool.query(`revoke all on database ${name(database)} from public`)
}

/** The role may do everything inside: make schemas, trusted extensions and temporary tables, and own `public`. */
async function giveToRole(admin: Admin, { role, database }: Tenant): Promise<void> {
  await admin.pool.query(`grant connect, create, temporary on database ${name(database)} to ${name(role)}`)
  await admin.inside(database, async (client) => {
    // Only while it is still ours: a customer may have dropped or given away the schema since.
    const { rowCount } = await client.query(
      `select from pg_catalog.pg_namespace where nspname = 'public' and nspowner = 'pg_database_owner'::pg_catalog.regrole`,
    )
    if (!rowCount) return
    await client.query(`revoke all on schema public from public`)
    await client.query(`alter schema public owner to ${name(role)}`)
  })
}

async function openForRole({ pool }: Admin, { database }: Tenant): Promise<void> {
  await pool.query(`alter database ${name(database)} connection limit -1`)
}

/**
 * Ends the sessions and drops both. May be repeated, and finds whatever is left of it. The row goes last: it is
 * the only thing that knows the names.
 */
export async function dropTenant({ pool }: Admin, { uuid, role, database }: Tenant): Promise<void> {
  const { rowCount } = await pool.query('select from pg_roles where rolname = $1', [role])
  // First, so that an app which reconnects all the time is not back between the two.
  if (rowCount) await pool.query(`alter role ${name(role)} nologin`)
  await pool.query(`drop database if exists ${name(database)} with (force)`)
  await endSessions(pool, role)
  await pool.query(`drop role if exists ${name(role)}`)
  await pool.query('delete from mortise_postgresql.databases where uuid = $1', [uuid])
}

export async function endSessions(pool: pg.Pool, role: string): Promise<void> {
  await pool.query('select pg_terminate_backend(pid, 5000) from pg_stat_activity where usename = $1', [role])
}

export function urlOf({ host, port }: Admin, { role, password, database }: Tenant): string {
  return `postgres://${role}:${encodeURIComponent(password)}@${host}:${port}/${database}`
}

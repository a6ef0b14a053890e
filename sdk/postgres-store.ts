import { createHash } from 'node:crypto'
import type { Resource, ResourceStore, Tokens } from './resource.js'
import type { Seal } from './seal.js'

/** Milliseconds a request waits for another on the same resource; longer than the platform waits for us. */
const claimMs = 60_000

/** What is used of `pg`: its Pool fits. The package itself is the provider's own choice. */
export interface Pool {
  query(text: string, values?: unknown[]): Promise<{ rows: Record<string, unknown>[]; rowCount: number | null }>
  connect(): Promise<{ query(text: string, values?: unknown[]): Promise<unknown>; release(error?: Error): void }>
}

export interface PostgresStoreOptions {
  /** For the queries. */
  pool: Pool
  /** A pool of its own for the locks: work that waits for one must not use up what its holder needs to finish. */
  claims: Pool
  /** Config, tokens and addresses hold secrets; they are kept sealed. See `createSeal`. */
  seal: Seal
  /** The schema of the tables. */
  schema?: string
}

/**
 * A store on PostgreSQL, for any number of processes. Makes its tables, or brings them up to date; safe to repeat and to
 * run at the same time.
 *
 * @example
 * const opened = () => new pg.Pool({ connectionString: process.env.DATABASE_URL })
 * const store = await postgresStore({ pool: opened(), claims: opened(), seal: createSeal(process.env.SEAL_KEY ?? '') })
 * @throws Error when the database can't be reached
 */
export async function postgresStore({
  pool,
  claims,
  seal,
  schema = 'mortise_provider',
}: PostgresStoreOptions): Promise<ResourceStore> {
  if (!/^[a-z_][a-z0-9_]*$/.test(schema)) throw new Error('The schema must be a plain name in lower case.')
  await pool.query(tables(schema))
  const resources = `${schema}.resources`
  const usedTokens = `${schema}.used_tokens`

  return {
    async get(uuid) {
      const { rows } = await pool.query(`select * from ${resources} where uuid = $1`, [uuid])
      return rows[0] ? resourceOf(rows[0]) : null
    },

    async list() {
      const { rows } = await pool.query(`select * from ${resources} order by created_at, uuid`)
      return rows.map(resourceOf)
    },

    async page(after, limit) {
      const { rows } = await pool.query(
        `select * from ${resources} where state <> 'removed' and ($1::uuid is null or uuid > $1::uuid) order by uuid limit $2`,
        [after, limit],
      )
      return rows.map(resourceOf)
    },

    async claim(uuid, work) {
      const client = await claims.connect()
      let error: Error | undefined
      try {
        await client.query(`set lock_timeout = ${claimMs}`)
        await client.query('select pg_advisory_lock(hashtextextended($1, 0))', [uuid])
        return await work()
      } catch (cause) {
        error = cause instanceof Error ? cause : new Error(String(cause))
        throw cause
      } finally {
        // On an error the connection is thrown away, and the lock with it.
        if (!error) await client.query('select pg_advisory_unlock_all()').catch((cause: Error) => (error = cause))
        client.release(error)
      }
    },

    async save(resource) {
      const { uuid, name, plan, region, options, state, config, message, logDrainUrl, planAnswer } = resource
      const { callbackUrl, logInputUrl, logDrainToken } = resource
      const sealed = (column: string, value: unknown) => value && seal.close(JSON.stringify(value), `${column}:${uuid}`)
      const addresses = callbackUrl || logInputUrl || logDrainToken ? { callbackUrl, logInputUrl, logDrainToken } : null
      await pool.query(
        `insert into ${resources}
           (uuid, name, plan, region, options, state, config, message, log_drain_url, plan_answer, addresses)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         on conflict (uuid) do update set name = excluded.name, plan = excluded.plan, region = excluded.region,
           options = excluded.options, state = excluded.state, config = excluded.config, message = excluded.message,
           log_drain_url = excluded.log_drain_url, plan_answer = excluded.plan_answer, addresses = excluded.addresses,
           updated_at = now()`,
        [
          uuid,
          name,
          plan,
          region,
          JSON.stringify(options),
          state,
          sealed('config', config),
          message,
          logDrainUrl,
          sealed('plan_answer', planAnswer),
          sealed('addresses', addresses),
        ],
      )
    },

    async remove(uuid) {
      await pool.query(
        `insert into ${resources} (uuid, plan, region, options, state) values ($1, '', '', '{}', 'removed')
         on conflict (uuid) do update set state = 'removed', options = '{}', config = null, message = null,
           log_drain_url = null, plan_answer = null, addresses = null, tokens = null, updated_at = now()`,
        [uuid],
      )
    },

    async tokens(uuid) {
      const { rows } = await pool.query(`select tokens from ${resources} where uuid = $1`, [uuid])
      const sealed = rows[0]?.tokens as string | null | undefined
      return sealed ? (JSON.parse(seal.open(sealed, `tokens:${uuid}`)) as Tokens) : null
    },

    async saveTokens(uuid, tokens) {
      // A removal may have come first; its tombstone keeps no tokens.
      await pool.query(
        `update ${resources} set tokens = $2, updated_at = now() where uuid = $1 and state <> 'removed'`,
        [uuid, seal.close(JSON.stringify(tokens), `tokens:${uuid}`)],
      )
    },

    async useOnce(token, until, now) {
      await pool.query(`delete from ${usedTokens} where until < $1`, [now])
      const { rowCount } = await pool.query(
        `insert into ${usedTokens} (token_hash, until) values ($1, $2) on conflict do nothing`,
        [createHash('sha256').update(token).digest(), until],
      )
      return rowCount === 1
    },
  }

  function resourceOf(row: Record<string, unknown>): Resource {
    const uuid = row.uuid as string
    const opened = (column: 'config' | 'plan_answer' | 'addresses') =>
      row[column] ? JSON.parse(seal.open(row[column] as string, `${column}:${uuid}`)) : null
    const { callbackUrl = null, logInputUrl = null, logDrainToken = null } = opened('addresses') ?? {}
    return {
      uuid,
      name: row.name as string | null,
      plan: row.plan as string,
      region: row.region as string,
      options: row.options as Record<string, string>,
      state: row.state as Resource['state'],
      config: opened('config'),
      message: row.message as string | null,
      logDrainUrl: row.log_drain_url as string | null,
      callbackUrl,
      logInputUrl,
      logDrainToken,
      planAnswer: opened('plan_answer'),
    }
  }
}

/** Nothing here may stop those who still run an older version: columns are only added. */
function tables(schema: string): string {
  return `
    create schema if not exists ${schema};
    revoke all on schema ${schema} from public;
    -- One row for each add-on ever asked for. A removed one stays as a tombstone: a late repeat of the request that
    -- made it must be answered "gone", not with a new resource.
    create table if not exists ${schema}.resources (
      uuid uuid primary key,
      name text,
      plan text not null,
      region text not null,
      options jsonb not null,
      state text not null check (state in ('provisioning', 'provisioned', 'failed', 'removing', 'removed')),
      -- Sealed: config, the answer to the last plan change, tokens, addresses that hold tokens.
      config text,
      plan_answer text,
      tokens text,
      message text,
      log_drain_url text,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      check (state <> 'removed' or (config is null and plan_answer is null and tokens is null))
    );
    alter table ${schema}.resources add column if not exists addresses text;
    -- Sign-on tokens that were used, as hashes, until they expire.
    create table if not exists ${schema}.used_tokens (token_hash bytea primary key, until timestamptz not null);`
}

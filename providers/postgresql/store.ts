import { createHash } from 'node:crypto'
import type { Resource, ResourceStore, Tokens } from '@mortise/provider/resource'
import type pg from 'pg'
import type { Seal } from './seal.js'

/** Milliseconds a request waits for another on the same resource; longer than the platform waits for us. */
const claimMs = 60_000

/**
 * The SDK's store on PostgreSQL.
 * @param pool for the queries
 * @param claims a pool of its own for the locks: work that waits for a lock must not use up the connections that
 *   the holder of the lock needs to finish
 */
export function createStore(pool: pg.Pool, claims: pg.Pool, seal: Seal): ResourceStore {
  return {
    async get(uuid) {
      const { rows } = await pool.query('select * from mortise_postgresql.resources where uuid = $1', [uuid])
      return rows[0] ? resourceOf(rows[0]) : null
    },

    async list() {
      const { rows } = await pool.query('select * from mortise_postgresql.resources order by created_at, uuid')
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

    async save({ uuid, name, plan, region, options, state, config, message, logDrainUrl, planAnswer }) {
      await pool.query(
        `insert into mortise_postgresql.resources
           (uuid, name, plan, region, options, state, config, message, log_drain_url, plan_answer)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         on conflict (uuid) do update set name = excluded.name, plan = excluded.plan, region = excluded.region,
           options = excluded.options, state = excluded.state, config = excluded.config, message = excluded.message,
           log_drain_url = excluded.log_drain_url, plan_answer = excluded.plan_answer, updated_at = now()`,
        [
          uuid,
          name,
          plan,
          region,
          JSON.stringify(options),
          state,
          config && seal.close(JSON.stringify(config), `config:${uuid}`),
          message,
          logDrainUrl,
          planAnswer && seal.close(JSON.stringify(planAnswer), `plan_answer:${uuid}`),
        ],
      )
    },

    async remove(uuid) {
      await pool.query(
        `insert into mortise_postgresql.resources (uuid, plan, region, options, state) values ($1, '', '', '{}', 'removed')
         on conflict (uuid) do update set state = 'removed', options = '{}', config = null, message = null,
           log_drain_url = null, plan_answer = null, tokens = null, updated_at = now()`,
        [uuid],
      )
    },

    async tokens(uuid) {
      const { rows } = await pool.query('select tokens from mortise_postgresql.resources where uuid = $1', [uuid])
      const sealed: string | null = rows[0]?.tokens ?? null
      return sealed ? (JSON.parse(seal.open(sealed, `tokens:${uuid}`)) as Tokens) : null
    },

    async saveTokens(uuid, tokens) {
      // A removal may have come first; its tombstone keeps no tokens.
      await pool.query(
        `update mortise_postgresql.resources set tokens = $2, updated_at = now() where uuid = $1 and state <> 'removed'`,
        [uuid, seal.close(JSON.stringify(tokens), `tokens:${uuid}`)],
      )
    },

    async useOnce(token, until, now) {
      await pool.query('delete from mortise_postgresql.used_tokens where until < $1', [now])
      const { rowCount } = await pool.query(
        'insert into mortise_postgresql.used_tokens (token_hash, until) values ($1, $2) on conflict do nothing',
        [createHash('sha256').update(token).digest(), until],
      )
      return rowCount === 1
    },
  }

  function resourceOf(row: Record<string, unknown>): Resource {
    const uuid = row.uuid as string
    const opened = (column: 'config' | 'plan_answer') =>
      row[column] ? JSON.parse(seal.open(row[column] as string, `${column}:${uuid}`)) : null
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
      planAnswer: opened('plan_answer'),
    }
  }
}

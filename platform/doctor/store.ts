import { type Db, maybeOne, one, rows, sql } from '../db/db.js'

export async function serverFacts(db: Db): Promise<{ version: number; now: Date; used: number; most: number }> {
  const found = await one<{ version: string; now: Date; used: number; most: string }>(
    db,
    sql`select current_setting('server_version_num') as version, clock_timestamp() as now,
      (select count(*) from pg_stat_activity where backend_type = 'client backend') as used,
      current_setting('max_connections') as most`,
  )
  return { version: Number(found.version), now: found.now, used: Number(found.used), most: Number(found.most) }
}

/** Numbers of the changes that were made to the tables; none where there are no tables of ours. */
export async function appliedMigrations(db: Db): Promise<number[]> {
  const there = await one<{ found: string | null }>(db, sql`select to_regclass('schema_migrations')::text as found`)
  if (there.found === null) return []
  return (await rows<{ number: number }>(db, sql`select number from schema_migrations order by number`)).map(
    ({ number }) => number,
  )
}

export async function readText(db: Db, name: string): Promise<string | null> {
  return (await maybeOne<{ value: string }>(db, sql`select value from settings where name = ${name}`))?.value ?? null
}

export interface Work {
  stuckOperations: number
  /** Due for longer than `lateMs`, and nobody took them up. */
  lateOperations: number
  stuckDebts: number
  openCircuits: string[]
  /** Facts that wait to be handed to webhooks. */
  oldestUnpublished: Date | null
  failingWebhooks: number
  appsWithoutRelease: number
}

/** What is stuck or late, in one look. */
export async function workFacts(db: Db, at: Date, lateMs: number): Promise<Work> {
  const late = new Date(at.getTime() - lateMs)
  const found = await one<Record<string, unknown>>(
    db,
    sql`select
      (select count(*) from operations where state = 'stuck') as "stuckOperations",
      (select count(*) from operations where ended_at is null and state in ('running', 'waiting', 'unwinding')
        and next_at < ${late} and (lease_until is null or lease_until < now())) as "lateOperations",
      (select count(*) from debts where state = 'stuck') as "stuckDebts",
      array(select s.name from provider_circuits c join addon_services s on s.id = c.service_id
        where c.state = 'open' order by s.name) as "openCircuits",
      (select min(at) from events where published_at is null) as "oldestUnpublished",
      (select count(*) from webhooks where failing_since < ${new Date(at.getTime() - 86_400_000)}) as "failingWebhooks",
      (select count(*) from rolls where state <> 'idle' and updated_at < ${late} and not_before < ${late}) as "appsWithoutRelease"`,
  )
  return {
    stuckOperations: Number(found['stuckOperations']),
    lateOperations: Number(found['lateOperations']),
    stuckDebts: Number(found['stuckDebts']),
    openCircuits: found['openCircuits'] as string[],
    oldestUnpublished: found['oldestUnpublished'] as Date | null,
    failingWebhooks: Number(found['failingWebhooks']),
    appsWithoutRelease: Number(found['appsWithoutRelease']),
  }
}

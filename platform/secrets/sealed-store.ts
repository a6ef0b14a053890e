import { changed, type Db, maybeOne, one, rows, sql, type Tx } from '../db/db.js'

/**
 * Every column that holds sealed values, and the context that each was sealed with, as SQL. A test holds this list against
 * the schema: what is missing here would be lost when its master key is taken away.
 */
export const sealedColumns: readonly { table: string; column: string; context: string }[] = [
  { table: 'addons', column: 'options', context: `'addons:' || id || ':options'` },
  { table: 'builds', column: 'sealed', context: `'builds:' || id || ':1'` },
  { table: 'config_snapshots', column: 'sealed', context: `'config_snapshots:' || id || ':1'` },
  { table: 'credentials', column: 'sealed', context: `'credentials:' || id || ':' || version` },
  { table: 'idempotency_keys', column: 'sealed', context: `'idempotency_keys:' || id || ':1'` },
  { table: 'kept_answers', column: 'sealed', context: `'kept_answers:' || id || ':1'` },
  { table: 'log_drains', column: 'sealed', context: `'log_drains:' || id || ':1'` },
  { table: 'log_inputs', column: 'sealed', context: `'log_inputs:' || addon_id || ':' || app_id || ':1'` },
  { table: 'manifests', column: 'sealed', context: `'manifests:' || id || ':1'` },
  { table: 'sni_endpoints', column: 'sealed', context: `'sni_endpoints:' || id || ':' || version` },
  { table: 'webhooks', column: 'sealed', context: `'webhooks:' || id || ':1'` },
]
type SealedColumn = (typeof sealedColumns)[number]

/** The second byte of a sealed value is its master key's version; see seal.ts. An empty one was never sealed. */
const isOther = ({ column }: SealedColumn, version: number) =>
  sql`length(${sql.ref(column)}) > 1 and get_byte(${sql.ref(column)}, 1) <> ${version}`

/** Some values that another key than this one wraps, locked; whoever writes one at this moment is passed over. */
export async function lockSealedOtherwise(
  tx: Tx,
  place: SealedColumn,
  version: number,
  most: number,
): Promise<{ place: string; context: string; sealed: Buffer }[]> {
  return rows(
    tx,
    sql`select ctid::text as place, ${sql.raw(place.context)} as context, ${sql.ref(place.column)} as sealed
    from ${sql.table(place.table)} where ${isOther(place, version)} limit ${most} for update skip locked`,
  )
}

/** Only in the transaction that locked it: a row's place is its own no longer than that. */
export async function writeSealed(
  tx: Tx,
  { table, column }: SealedColumn,
  place: string,
  sealed: Buffer,
): Promise<void> {
  await sql`update ${sql.table(table)} set ${sql.ref(column)} = ${sealed} where ctid = ${place}::tid`.execute(tx)
}

export async function countSealedOtherwise(db: Db, version: number): Promise<number> {
  let count = 0
  for (const place of sealedColumns) {
    count += (
      await one<{ count: number }>(
        db,
        sql`select count(*) as count from ${sql.table(place.table)} where ${isOther(place, version)}`,
      )
    ).count
  }
  return count
}

/** Transactions that began before a moment of the database's clock: what they wrote is seen when they end. */
export async function countOlderTransactions(db: Db, than: Date): Promise<number> {
  const found = await one<{ count: number }>(
    db,
    sql`select count(*) as count from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and xact_start < ${than}
      and application_name like 'mortise%'`,
  )
  return found.count
}

/** Open operations that carry what was sealed before a moment; it ends with them. */
export async function countSealedOperations(db: Db, before: Date): Promise<number> {
  const found = await one<{ count: number }>(
    db,
    sql`select count(*) as count from operations
    where ended_at is null and created_at < ${before} and (params ? 'options' or params ? 'parts')`,
  )
  return found.count
}

export async function databaseNow(db: Db): Promise<Date> {
  return (await one<{ now: Date }>(db, sql`select clock_timestamp() as now`)).now
}

/** The word that tells whether database and key belong together, rewrapped like everything else. */
export async function lockKeyCheck(tx: Tx): Promise<string | undefined> {
  return (
    await maybeOne<{ value: string }>(tx, sql`select value from settings where name = 'master_key_check' for update`)
  )?.value
}

export async function writeKeyCheck(tx: Tx, value: string): Promise<boolean> {
  return (
    (await changed(
      tx,
      sql`update settings set value = ${JSON.stringify(value)}::jsonb where name = 'master_key_check'`,
    )) > 0
  )
}

import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Db, maybeOne, rows, sql, transact } from './db.js'

const folder = fileURLToPath(new URL('./migrations/', import.meta.url))
/** Any number will do, as long as every Mortise uses the same one. */
const migrationLock = 5_055_001

export interface Migration {
  number: number
  name: string
  text: string
}

/** The database holds a schema that this version of the program does not know. */
export class SchemaTooNew extends Error {}

/** Numbered files, forward only: `0001-first.sql`. */
export function migrations(): Migration[] {
  return readdirSync(folder)
    .filter((file) => /^\d{4}-.*\.sql$/.test(file))
    .sort()
    .map((file) => ({ number: Number(file.slice(0, 4)), name: file, text: readFileSync(join(folder, file), 'utf8') }))
}

/**
 * Brings the schema up to date. Safe to repeat and to run from several processes at once (one waits).
 * @returns the numbers that were applied now
 * @throws SchemaTooNew when a newer Mortise has been here, or a known migration was changed afterwards
 */
export async function migrate(db: Db, now: Date, known = migrations()): Promise<number[]> {
  return transact(db, async (tx) => {
    await sql`select pg_advisory_xact_lock(${migrationLock})`.execute(tx)
    await sql`create table if not exists schema_migrations (
      number int primary key, name text not null, digest text not null, applied_at timestamptz not null)`.execute(tx)
    const newest = known.at(-1)?.number ?? 0
    const ahead = await maybeOne<{ number: number }>(
      tx,
      sql`select number from schema_migrations where number > ${newest} order by number desc limit 1`,
    )
    if (ahead) {
      throw new SchemaTooNew(
        `This data was written by a newer Mortise (schema ${ahead.number}; this one knows ${newest}). Start the newer version, or use another data folder.`,
      )
    }
    const done = new Map(
      (await rows<{ number: number; digest: string }>(tx, sql`select number, digest from schema_migrations`)).map(
        (row) => [row.number, row.digest],
      ),
    )
    const applied: number[] = []
    for (const migration of known) {
      const digest = createHash('sha256').update(migration.text).digest('hex')
      const before = done.get(migration.number)
      if (before === digest) continue
      if (before !== undefined) {
        throw new SchemaTooNew(`Migration ${migration.name} differs from the one that was applied to this database.`)
      }
      await sql.raw(migration.text).execute(tx)
      await sql`insert into schema_migrations (number, name, digest, applied_at)
        values (${migration.number}, ${migration.name}, ${digest}, ${now})`.execute(tx)
      applied.push(migration.number)
    }
    return applied
  })
}

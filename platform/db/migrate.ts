import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Db, isPassing, maybeOne, rows, sql, type Tx, transact } from './db.js'

const folder = fileURLToPath(new URL('./migrations/', import.meta.url))
/** Any number will do, as long as every Mortise uses the same one. */
const migrationLock = 5_055_001

export interface Migration {
  number: number
  name: string
  text: string
  /** Of the text. What was applied must stay as it was, so databases remember it. */
  digest: string
}

/** The database holds a schema that this version of the program does not know. */
export class SchemaTooNew extends Error {}

export const migration = (number: number, name: string, text: string): Migration => ({
  number,
  name,
  text,
  digest: createHash('sha256').update(text).digest('hex'),
})

/** Numbered files, forward only: `0001-first.sql`. */
export function migrations(): Migration[] {
  return readdirSync(folder)
    .filter((file) => /^\d{4}-.*\.sql$/.test(file))
    .sort()
    .map((file) => migration(Number(file.slice(0, 4)), file, readFileSync(join(folder, file), 'utf8')))
}

/** A lock that a migration waits for holds up everybody who comes after it: rather none than that. */
const lockWaitMs = 5_000
/** Older processes may hold a table for a moment; each try begins with nothing of the one before. */
const lockTriesMax = 12

/**
 * Brings the schema up to date. Safe to repeat, to run from several processes at once (one waits), and while older
 * processes work: it never waits long for a table that they use, and never lets them wait long. Each migration is a
 * transaction of its own, since one that holds a table while it waits for the next would meet others who took them the
 * other way round; only into an empty database, where nobody works yet, they all go at once.
 * @returns the numbers that were applied now
 * @throws SchemaTooNew when a newer Mortise has been here, or a known migration was changed afterwards
 */
export async function migrate(db: Db, now: Date, known = migrations(), waitMs = lockWaitMs): Promise<number[]> {
  const applied: number[] = []
  for (let tries = 1; ; ) {
    try {
      const some = await transact(db, async (tx) => {
        // First, without a limit: another process that migrates is worth waiting for.
        await sql`select pg_advisory_xact_lock(${migrationLock})`.execute(tx)
        await sql`select set_config('lock_timeout', ${`${waitMs}ms`}, true)`.execute(tx)
        const { missing, isEmpty } = await look(tx, known)
        const next = isEmpty ? missing : missing.slice(0, 1)
        for (const one of next) await apply(tx, now, one)
        return next.map(({ number }) => number)
      })
      if (some.length === 0) return applied
      applied.push(...some)
      tries = 1
    } catch (error) {
      const isWorthAnother = (error as { code?: string }).code === lockNotAvailable || isPassing(error)
      if (!isWorthAnother || tries++ >= lockTriesMax) throw error
    }
  }
}

const lockNotAvailable = '55P03'

/** The same in the caller's transaction, which must be the only one that migrates. */
export async function migrateIn(tx: Tx, now: Date, known: readonly Migration[]): Promise<number[]> {
  const { missing } = await look(tx, known)
  for (const one of missing) await apply(tx, now, one)
  return missing.map(({ number }) => number)
}

/** What is still to be applied, in order. */
async function look(tx: Tx, known: readonly Migration[]): Promise<{ missing: Migration[]; isEmpty: boolean }> {
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
  for (const { number, name, digest } of known) {
    if ((done.get(number) ?? digest) !== digest) {
      throw new SchemaTooNew(`Migration ${name} differs from the one that was applied to this database.`)
    }
  }
  return { missing: known.filter(({ number }) => !done.has(number)), isEmpty: done.size === 0 }
}

async function apply(tx: Tx, now: Date, { number, name, text, digest }: Migration): Promise<void> {
  await sql.raw(text).execute(tx)
  await sql`insert into schema_migrations (number, name, digest, applied_at)
    values (${number}, ${name}, ${digest}, ${now})`.execute(tx)
}

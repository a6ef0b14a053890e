import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Db, sql, transact } from './db.js'
import { describeSchema } from './describe-schema.js'
import { type Migration, migrations } from './migrate.js'

/** The tables are not what the migrations make: somebody changed them by hand, or restored a part of them. */
export class SchemaDiffers extends Error {}

/** Differences that the sentence names; the rest are counted. */
const namedMax = 3

/**
 * Compares the tables with what the migrations make, at each start: a column or a constraint that is missing would be met
 * as a fault in the middle of somebody's order, or as a row that should never have been written. What others keep beside
 * our tables is theirs, and an index that only makes something faster is anybody's.
 * @throws SchemaDiffers naming what is missing and what is too much
 */
export async function checkSchema(db: Db, known: readonly Migration[] = migrations()): Promise<void> {
  const found = await describeSchema(db)
  if (schemaDifferences(written(), found).length === 0) return
  // Another major version of PostgreSQL may say the same in other words: then this very server says how it should read.
  const made = await asMigrationsMake(db, known)
  const differences = made === null ? [] : schemaDifferences(made, found)
  if (differences.length === 0) return
  const more = differences.length > namedMax ? `; and ${differences.length - namedMax} more` : ''
  throw new SchemaDiffers(
    `The database's tables are not what this version makes: ${differences.slice(0, namedMax).join('; ')}${more}. Take the change back, or restore a backup (docs/operating/backup.md).`,
  )
}

const written = () => readFileSync(fileURLToPath(new URL('./schema.sql', import.meta.url)), 'utf8')

/** What is missing and what is too much, in words. Both are texts of `describeSchema`. */
export function schemaDifferences(should: string, is: string): string[] {
  const wanted = partsOf(should)
  const there = partsOf(is)
  return [...wanted].flatMap(([table, lines]) => {
    const found = there.get(table)
    if (!found) return [`the table ${table} is missing`]
    const missing = [...lines].filter((line) => !found.has(line))
    const extra = [...found].filter((line) => !lines.has(line) && !line.startsWith('CREATE INDEX '))
    return [...missing.map((line) => `${table} lacks "${line}"`), ...extra.map((line) => `${table} has "${line}"`)]
  })
}

/** Table → its columns, constraints and indexes, each a line. Their order says nothing. */
function partsOf(text: string): Map<string, Set<string>> {
  const parts = new Map<string, Set<string>>()
  let lines = new Set<string>()
  for (const line of text.split('\n')) {
    const table = /^create table (\S+) \($/.exec(line)?.[1]
    if (table) {
      lines = new Set()
      parts.set(table, lines)
    } else if (/^ {2}\S|^CREATE /.test(line)) lines.add(line.trim().replace(/[,;]$/, ''))
  }
  return parts
}

/** Runs all migrations into a schema that is never committed. Null when this user may not make one: then nobody knows. */
async function asMigrationsMake(db: Db, known: readonly Migration[]): Promise<string | null> {
  const name = `mortise_check_${randomBytes(6).toString('hex')}`
  let made: string | null = null
  const taken = new Error('never committed')
  try {
    await transact(db, async (tx) => {
      await sql`create schema ${sql.ref(name)}`.execute(tx)
      await sql`select set_config('search_path', ${name}, true)`.execute(tx)
      for (const { text } of known) await sql.raw(text).execute(tx)
      // As in a database of ours: the record of migrations is a table like the others.
      await sql`create table schema_migrations (
        number int primary key, name text not null, digest text not null, applied_at timestamptz not null)`.execute(tx)
      made = await describeSchema(tx)
      throw taken
    })
  } catch (error) {
    if (error !== taken && (error as { code?: string }).code !== insufficientPrivilege) throw error
  }
  return made
}

const insufficientPrivilege = '42501'

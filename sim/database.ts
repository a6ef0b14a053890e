import pg from 'pg'
import { valueTypes } from '../platform/db/db.js'
import { testDatabase } from '../platform/db/test-database.js'
import { tablesWritten } from './reading.js'

/** A connection, for one at a time. */
export interface Connection {
  query(question: pg.QueryConfig): Promise<pg.QueryResult>
  release(): void
  /** What was begun is undone and its locks are given back, as when the system closes the connections of a process that ended. */
  undo(): Promise<void>
}

/** A world's database. */
export interface WorldDatabase {
  connect(): Promise<Connection>
  /** One question, on a connection that is free. */
  query(question: pg.QueryConfig): Promise<pg.QueryResult>
  /** Names of the tables that were written to since the last time; some of it may have been undone. */
  takeWritten(): Set<string>
  drop(): Promise<void>
}

/**
 * A new database, and the few connections to it that a world needs: one transaction is open at a time, so it is one, and a
 * second one where somebody with the turn waits for another. They outlive the processes that had them, because each new one
 * would plan every statement anew. And each statement is planned once, without looking at its values: it was five times for
 * each connection, and that took as long as to carry all of them out.
 */
export async function worldDatabase(): Promise<WorldDatabase> {
  const database = await testDatabase()
  const all: pg.Client[] = []
  const free: pg.Client[] = []
  let written = new Set<string>()

  async function take(): Promise<pg.Client> {
    const known = free.pop()
    if (known) return known
    const client = new pg.Client({ ...database.connection, types: valueTypes, options: '-c plan_cache_mode=force_generic_plan' })
    all.push(client)
    await client.connect()
    return client
  }

  const query = async (question: pg.QueryConfig) => {
    const client = await take()
    try {
      return await client.query(question)
    } finally {
      free.push(client)
    }
  }
  const writtenBy = await writtenByAny(query)

  return {
    query,
    async connect() {
      const client = await take()
      /** Since its transaction began: what others see of it they see from its end on. */
      const open = new Set<string>()
      return {
        query(question) {
          for (const table of writtenBy(question.text)) open.add(table)
          for (const table of open) written.add(table)
          return client.query(question)
        },
        release: () => void free.push(client),
        async undo() {
          await client.query('rollback')
          free.push(client)
        },
      }
    },
    takeWritten() {
      const taken = written
      written = new Set()
      return taken
    },
    async drop() {
      await Promise.all(all.map((client) => client.end()))
      await database.drop()
    },
  }
}

/** The same in every world of this process: they share one schema, and the texts of their statements. */
const known = new Map<string, string[]>()
let followers: Map<string, string[]> | undefined

/** What a statement writes to, and the tables whose rows go or change with a row of those, as their foreign keys say. */
async function writtenByAny(query: WorldDatabase['query']): Promise<(statement: string) => string[]> {
  if (!followers) {
    const { rows } = await query({
      text: `select confrelid::regclass::text as parent, array_agg(conrelid::regclass::text) as children from pg_constraint
        where contype = 'f' and (confdeltype in ('c', 'n', 'd') or confupdtype in ('c', 'n', 'd')) group by 1`,
    })
    followers = new Map(rows.map(({ parent, children }) => [parent, children]))
  }
  const follows = followers
  const withFollowers = (table: string, seen: Set<string>): Set<string> => {
    if (!seen.has(table)) for (const next of [...(follows.get(table) ?? [])]) withFollowers(next, seen.add(table))
    return seen.add(table)
  }
  return (statement) => {
    const before = known.get(statement)
    if (before) return before
    const found = new Set<string>()
    for (const table of tablesWritten(statement)) withFollowers(table, found)
    known.set(statement, [...found])
    return [...found]
  }
}

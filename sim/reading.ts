import { isDeepStrictEqual } from 'node:util'
import type { WorldDatabase } from './database.js'

/** A question to the database, and the type of its answer: rows, or the first column of a single one. */
export interface Question {
  text: string
  gives: 'rows' | 'value'
}

export interface Reading<Name extends string> {
  /** All answers as they are now. */
  answers(): Promise<Record<Name, unknown>>
  /** Asks everything anew. @returns the names of the questions whose remembered answer was another: there must be none */
  stale(): Promise<Name[]>
}

/**
 * Answers to many questions in one trip. What is remembered is asked again only when something was written to one of the
 * tables that its text names: most statements write to one or two. So nothing here knows which checker needs what.
 */
export function remembered<Name extends string>(
  database: WorldDatabase,
  questions: Record<Name, Question>,
): Reading<Name> {
  const names = Object.keys(questions) as Name[]
  const tables = names.map((name) => tablesRead(questions[name].text))
  // One text, so that it is planned once; what nobody asked for is not carried out.
  const text = `select ${names
    .map((name, at) => `case when $${at + 1}::boolean then (${asked(questions[name])}) end as "${name}"`)
    .join(',\n')}`
  const known = {} as Record<Name, unknown>
  const askAll = names.map(() => true)

  async function ask(wanted: boolean[]): Promise<Record<Name, unknown>> {
    const { rows } = await database.query({ name: 'reading', text, values: wanted })
    return rows[0]
  }

  return {
    async answers() {
      const written = database.takeWritten()
      const wanted = names.map(
        (name, at) => !(name in known) || tables[at]?.some((table) => written.has(table)) === true,
      )
      if (!wanted.includes(true)) return { ...known }
      const found = await ask(wanted)
      names.forEach((name, at) => {
        if (wanted[at]) known[name] = found[name]
      })
      return { ...known }
    },
    async stale() {
      const before = await this.answers()
      const now = await ask(askAll)
      return names.filter((name) => !isDeepStrictEqual(before[name], now[name]))
    },
  }
}

const asked = ({ text, gives }: Question) =>
  gives === 'value' ? text : `select coalesce(json_agg(f), '[]') from (${text}) f`

/** Tables that a statement looks at. A word too many does no harm. */
export function tablesRead(statement: string): string[] {
  return matches(statement, /\b(?:from|join)\s+(?:only\s+)?"?(\w+)/gi)
}

/** Tables that a statement writes to, by itself; see `WorldDatabase.takeWritten` for what follows from that. */
export function tablesWritten(statement: string): string[] {
  return matches(statement, /\b(?:insert\s+into|update|delete\s+from|merge\s+into|truncate)\s+(?:only\s+)?"?(\w+)/gi)
}

function matches(statement: string, pattern: RegExp): string[] {
  return [...new Set([...statement.matchAll(pattern)].map((match) => (match[1] as string).toLowerCase()))]
}

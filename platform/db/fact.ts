import type { RawBuilder } from 'kysely'
import { ring, ringing } from './bell.js'
import { type Db, sql } from './db.js'

/** That something changed: what, which one, and in which app. Nothing of what it changed to. */
export interface Fact {
  /** An event's resource, or one of our own books: `operation`, `ledger-entry`. */
  resource: string
  action: string
  id: string
  app: string | null
}

/** Rings with a fact for each process that shows people what goes on. */
export const factsBell = 'facts'

/**
 * Tells, when the transaction commits, whoever looks on. It is a hint and no record: events are the record, and what was
 * told while nobody listened is lost.
 */
export const tell = (db: Db, { resource, action, id, app }: Fact): Promise<void> =>
  ring(db, factsBell, JSON.stringify({ resource, action, id, app }))

/** The same within a statement that reads the id and the app. */
export const telling = (resource: string, action: string, id: RawBuilder<unknown>, app: RawBuilder<unknown>) =>
  ringing(
    factsBell,
    sql`json_build_object('resource', ${resource}::text, 'action', ${action}::text, 'id', ${id}, 'app', ${app})`,
  )

/** @returns undefined for what is no fact: another version of the platform may say more, or less */
export function readFact(about: string): Fact | undefined {
  try {
    const { resource, action, id, app } = JSON.parse(about)
    return [resource, action, id].every((one) => typeof one === 'string') ? { resource, action, id, app } : undefined
  } catch {
    return undefined
  }
}

import type { AuditResource, EventAction, EventResource } from '@mortise/contract/events/names'
import { ring } from '../db/bell.js'
import { type Db, rows, sql, type Tx } from '../db/db.js'
import { tell } from '../db/fact.js'
import type { Actor, JsonObject } from '../saga/saga.js'

export type { EventResource }

export interface NewEvent {
  id: string
  at: Date
  actor: Actor
  action: EventAction
  resource: EventResource | AuditResource
  subject: string
  appId: string | null
  /** The person, or the account that stands for a team, in whose own trail it is told. */
  accountId?: string
  operationId?: string | null
  /** Names and states, never values of config vars. */
  data: JsonObject
  previous?: JsonObject
}

/** Rings when an event was committed. */
export const eventsBell = 'events'

/**
 * Writes a fact in the transaction that made it true, and wakes whoever hands it on or looks on. With an operation, the same
 * fact is written once however often its step runs.
 */
export async function appendEvent(tx: Tx, event: NewEvent): Promise<void> {
  await sql`insert into events (id, at, actor, action, resource, subject, app_id, account_id, operation_id, data, previous_data)
    values (${event.id}, ${event.at}, ${JSON.stringify({ id: event.actor.id, email: event.actor.email })}::jsonb,
      ${event.action}, ${event.resource}, ${event.subject}, ${event.appId}, ${event.accountId ?? null}, ${event.operationId ?? null},
      ${JSON.stringify(event.data)}::jsonb, ${JSON.stringify(event.previous ?? {})}::jsonb)
    on conflict (operation_id, action, resource, subject) where operation_id is not null do nothing`.execute(tx)
  await ring(tx, eventsBell)
  const { resource, action, subject: id, appId: app } = event
  await tell(tx, { resource, action, id, app })
}

export interface RecordedEvent {
  seq: number
  id: string
  at: Date
  actor: Actor
  action: string
  resource: string
  subject: string
  data: JsonObject
  previousData: JsonObject
}

export async function eventsOf(db: Db, subject: string): Promise<RecordedEvent[]> {
  return rows(
    db,
    sql`select seq, id, at, actor, action, resource, subject, data, previous_data as "previousData"
    from events where subject = ${subject} order by seq`,
  )
}

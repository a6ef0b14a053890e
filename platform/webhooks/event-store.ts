import type { EventPayload } from '@mortise/contract/events/body'
import type { EventAction, EventResource } from '@mortise/contract/events/names'
import { type Db, maybeOne, one, rows, sql, type Tx } from '../db/db.js'
import type { Actor, JsonObject } from '../saga/saga.js'
import { isOf } from './store.js'
import type { WebhookOwner } from './webhook.js'

/** Any number will do, as long as every Mortise uses the same one. */
const publishingLock = 5_055_003
/** A process that is paused in the middle of handing events out is cut off, or nobody else could go on. */
const pauseMs = 30_000

/**
 * Makes this transaction the only one that hands events out, so that every webhook gets them in their order.
 * @returns false when another is at it
 */
export async function lockPublishing(tx: Tx): Promise<boolean> {
  await sql`select set_config('idle_in_transaction_session_timeout', ${String(pauseMs)}, true)`.execute(tx)
  return (await one<{ locked: boolean }>(tx, sql`select pg_try_advisory_xact_lock(${publishingLock}) as locked`)).locked
}

/** A fact that no webhook has been told yet. */
export interface UnpublishedEvent {
  seq: number
  id: string
  at: Date
  actor: Actor
  action: EventAction
  resource: EventResource
  subject: string
  appId: string | null
  data: JsonObject
  previousData: JsonObject
}

/** The oldest first. */
export async function listUnpublished(tx: Tx, most: number): Promise<UnpublishedEvent[]> {
  return rows(
    tx,
    sql`select seq, id, at, actor, action, resource, subject, app_id as "appId", data, previous_data as "previousData"
    from events where published_at is null order by seq limit ${most}`,
  )
}

export async function markPublished(tx: Tx, ids: readonly string[], at: Date): Promise<void> {
  await sql`update events set published_at = ${at} where id = any(${[...ids]}::uuid[])`.execute(tx)
}

/** A webhook that wants an event. */
export interface Match {
  eventId: string
  webhookId: string
  /** Deliveries that wait for this webhook already. */
  waiting: number
}

/**
 * Which webhooks want which of these events: those of the app, and those of an add-on about itself, about its
 * attachments wherever they are, and, while it lives, about the app that it is billed to. What happened before a
 * webhook was made is not its business. They stay until the transaction ends: one that is being removed is not among them.
 */
export async function matchesOf(tx: Tx, eventIds: readonly string[]): Promise<Match[]> {
  return rows(
    tx,
    sql`select e.id as "eventId", w.id as "webhookId", (select count(*) from webhook_deliveries d
        where d.webhook_id = w.id and d.next_attempt_at is not null) as waiting
    from events e join webhooks w on 'api:' || e.resource = any(w.include) and w.created_at <= e.at
      left join addons o on o.id = w.addon_id
    where e.id = any(${[...eventIds]}::uuid[]) and (w.app_id = e.app_id
      or case e.resource
        when 'addon' then o.id = e.subject
        when 'addon-attachment' then exists (select 1 from attachments t where t.id = e.subject and t.addon_id = o.id)
        else o.app_id = e.app_id and o.state in ('provisioning', 'provisioned') end)
    order by e.seq, w.created_at, w.id for key share of w`,
  )
}

/** What webhooks are told, once for all of them. The payload's text is kept to the byte. */
export async function insertWebhookEvents(
  tx: Tx,
  events: readonly { eventId: string; include: string; payload: EventPayload }[],
  at: Date,
): Promise<void> {
  await sql`insert into webhook_events (event_id, include, payload, created_at)
    select event_id, include, payload::json, ${at} from unnest(${events.map(({ eventId }) => eventId)}::uuid[],
      ${events.map(({ include }) => include)}::text[], ${events.map(({ payload }) => JSON.stringify(payload))}::text[])
      as told (event_id, include, payload)`.execute(tx)
}

export interface WebhookEvent {
  id: string
  include: string
  payload: EventPayload
  createdAt: Date
}

const columns = sql`v.event_id as id, v.include, v.payload, v.created_at as "createdAt"`
const deliveredTo = (owner: WebhookOwner) => sql`exists (select 1 from webhook_deliveries d
  join webhooks w on w.id = d.webhook_id where d.event_id = v.event_id and ${isOf(owner)})`

/** What the owner's webhooks were told of, newest first. */
export async function listWebhookEvents(db: Db, owner: WebhookOwner, most: number): Promise<WebhookEvent[]> {
  return rows(
    db,
    sql`select ${columns} from webhook_events v where ${deliveredTo(owner)} order by v.created_at desc limit ${most}`,
  )
}

export async function findWebhookEvent(db: Db, owner: WebhookOwner, id: string): Promise<WebhookEvent | undefined> {
  return maybeOne(db, sql`select ${columns} from webhook_events v where v.event_id = ${id} and ${deliveredTo(owner)}`)
}

/** Whether some webhook asks for the dynos of an app. */
export async function isDynoWanted(db: Db, appId: string): Promise<boolean> {
  const found = await maybeOne(
    db,
    sql`select 1 from webhooks w left join addons o on o.id = w.addon_id
    where 'api:dyno' = any(w.include) and (w.app_id = ${appId} or o.app_id = ${appId}) limit 1`,
  )
  return found !== undefined
}

import type { EventPayload } from '@mortise/contract/events/body'
import type { DeliveryStatus, WebhookLevel } from '@mortise/contract/platform-api/webhooks'
import { changed, type Db, maybeOne, rows, sql, type Tx } from '../db/db.js'
import type { ErrorClass } from './outcome.js'
import { isOf } from './store.js'
import { keptMax, leaseMs, type WebhookOwner, type WebhookReader } from './webhook.js'

export interface NewDelivery {
  id: string
  webhookId: string
  eventId: string
  /** Set when too many wait before it: it is written down with this attempt, and never sent. */
  skippedBy: string | null
}

/** In their order, in two statements however many they are: events come in floods. */
export async function insertDeliveries(tx: Tx, deliveries: readonly NewDelivery[], at: Date): Promise<void> {
  if (deliveries.length === 0) return
  await sql`insert into webhook_deliveries (id, webhook_id, event_id, status, next_attempt_at, created_at, updated_at)
    select (d ->> 'id')::uuid, (d ->> 'webhookId')::uuid, (d ->> 'eventId')::uuid,
      case when d ->> 'skippedBy' is null then 'pending' else 'skipped' end,
      case when d ->> 'skippedBy' is null then ${at}::timestamptz end, ${at}, ${at}
    from jsonb_array_elements(${JSON.stringify(deliveries)}::jsonb) with ordinality as given (d, place) order by place`.execute(
    tx,
  )
  const skipped = deliveries.filter(({ skippedBy }) => skippedBy !== null)
  if (skipped.length === 0) return
  const errorClass: ErrorClass = 'backlog_full'
  await sql`insert into webhook_attempts (id, delivery_id, number, status, error_class, created_at, updated_at)
    select (d ->> 'skippedBy')::uuid, (d ->> 'id')::uuid, 0, 'failed', ${errorClass}, ${at}, ${at}
    from jsonb_array_elements(${JSON.stringify(skipped)}::jsonb) d`.execute(tx)
}

/** One delivery that is ours to send, with all that it takes. */
export interface Claimed {
  webhookId: string
  epoch: number
  level: WebhookLevel
  url: string
  sealed: Buffer
  deliveryId: string
  once: boolean
  createdAt: Date
  /** Tries so far, this one too. */
  tries: number
  attemptId: string
  event: { id: string; include: string; payload: EventPayload }
}

/** Open and due; under `sync` nothing goes before what is older, but for what was asked for by hand. */
const isDue = (at: Date) => sql`(d.webhook_id = w.id and d.next_attempt_at <= ${at}
  and (w.level = 'notify' or d.once or not exists (select 1 from webhook_deliveries b
    where b.webhook_id = w.id and b.next_attempt_at is not null and not b.once and b.seq < d.seq)))`

/**
 * Takes the webhook that waited longest for its turn, and writes down the attempt before it is made. A webhook has
 * one delivery under way at a time, and those whose receivers fail are a queue of their own: they hold up no others.
 */
export async function claimDelivery(
  tx: Tx,
  claim: { failing: boolean; attemptId: string; at: Date },
): Promise<Claimed | undefined> {
  const { failing, attemptId, at } = claim
  const webhook = await maybeOne<{ id: string; epoch: number; level: WebhookLevel; url: string; sealed: Buffer }>(
    tx,
    sql`update webhooks set epoch = epoch + 1, served_at = ${at},
      lease_until = now() + ${leaseMs} * interval '1 millisecond'
    where id = (select w.id from webhooks w
      where (w.lease_until is null or w.lease_until < now()) and (w.failing_since is not null) = ${failing}
        and exists (select 1 from webhook_deliveries d where ${isDue(at)})
      order by w.served_at nulls first, w.id for update skip locked limit 1)
    returning id, epoch, level, url, sealed`,
  )
  if (!webhook) return undefined
  const delivery = await maybeOne<{
    deliveryId: string
    once: boolean
    createdAt: Date
    tries: number
    eventId: string
  }>(
    tx,
    sql`update webhook_deliveries set num_attempts = num_attempts + 1, updated_at = ${at}
    where id = (select d.id from webhook_deliveries d join webhooks w on w.id = d.webhook_id
      where w.id = ${webhook.id} and ${isDue(at)} order by d.once desc, d.seq limit 1)
    returning id as "deliveryId", once, created_at as "createdAt", num_attempts as tries, event_id as "eventId"`,
  )
  if (!delivery) {
    // Whoever had the webhook a moment ago has sent what we saw.
    await sql`update webhooks set lease_until = null where id = ${webhook.id}`.execute(tx)
    return undefined
  }
  // An attempt that is still open is one that we were stopped in: nobody knows whether it arrived.
  await sql`update webhook_attempts set status = 'failed', error_class = 'interrupted', updated_at = ${at}
    where delivery_id = ${delivery.deliveryId} and status = 'scheduled'`.execute(tx)
  await sql`insert into webhook_attempts (id, delivery_id, number, status, created_at, updated_at)
    values (${attemptId}, ${delivery.deliveryId}, ${delivery.tries}, 'scheduled', ${at}, ${at})`.execute(tx)
  const event = await maybeOne<Claimed['event']>(
    tx,
    sql`select event_id as id, include, payload from webhook_events where event_id = ${delivery.eventId}`,
  )
  if (!event) throw new Error(`the event of delivery ${delivery.deliveryId} is not there`)
  const { id: webhookId, epoch, level, url, sealed } = webhook
  return { webhookId, epoch, level, url, sealed, ...delivery, attemptId, event }
}

/**
 * Writes down what became of a claimed delivery and lets the webhook go.
 * @returns false when it is not ours any more: another took over, or the webhook was deleted
 */
export async function recordAttempt(
  tx: Tx,
  claimed: Pick<Claimed, 'webhookId' | 'epoch' | 'deliveryId' | 'attemptId'>,
  result: {
    status: DeliveryStatus
    nextAt: Date | null
    code: number | null
    errorClass: ErrorClass | null
    answer: string | null
    at: Date
  },
): Promise<boolean> {
  const { at } = result
  const taken = result.status === 'succeeded'
  const isOurs = await changed(
    tx,
    sql`update webhooks set lease_until = null,
      failing_since = case when ${taken} then null else coalesce(failing_since, ${at}::timestamptz) end
    where id = ${claimed.webhookId} and epoch = ${claimed.epoch}`,
  )
  if (!isOurs) return false
  await sql`update webhook_attempts set status = ${taken ? 'succeeded' : 'failed'}, code = ${result.code},
      error_class = ${result.errorClass}, answer = ${result.answer}, updated_at = ${at}
    where id = ${claimed.attemptId}`.execute(tx)
  await sql`update webhook_deliveries set status = ${result.status}, next_attempt_at = ${result.nextAt}, once = false,
      updated_at = ${at} where id = ${claimed.deliveryId}`.execute(tx)
  return true
}

export interface Delivery {
  id: string
  seq: number
  webhookId: string
  level: WebhookLevel
  eventId: string
  include: string
  status: DeliveryStatus
  numAttempts: number
  nextAttemptAt: Date | null
  createdAt: Date
  updatedAt: Date
  lastAttempt: {
    id: string
    status: 'scheduled' | 'succeeded' | 'failed'
    code: number | null
    error_class: string | null
    created_at: string
    updated_at: string
  } | null
}

export const deliveryColumns = sql`d.id, d.seq, d.webhook_id as "webhookId", w.level, d.event_id as "eventId", v.include, d.status,
  d.num_attempts as "numAttempts", d.next_attempt_at as "nextAttemptAt", d.created_at as "createdAt",
  d.updated_at as "updatedAt", (select jsonb_build_object('id', t.id, 'status', t.status, 'code', t.code,
    'error_class', t.error_class, 'created_at', t.created_at, 'updated_at', t.updated_at)
    from webhook_attempts t where t.delivery_id = d.id order by t.number desc limit 1) as "lastAttempt"`
export const deliveryTables = sql`webhook_deliveries d join webhooks w on w.id = d.webhook_id
  join webhook_events v on v.event_id = d.event_id`

/** The newest first. */
export async function listDeliveries(
  db: Db,
  owner: WebhookOwner,
  wanted: { status: string | null; most: number },
): Promise<Delivery[]> {
  return rows(
    db,
    sql`select ${deliveryColumns} from ${deliveryTables}
    where ${isOf(owner)} and (${wanted.status}::text is null or d.status = ${wanted.status})
    order by d.seq desc limit ${wanted.most}`,
  )
}

export async function findDelivery(db: Db, owner: WebhookReader, id: string): Promise<Delivery | undefined> {
  return maybeOne(db, sql`select ${deliveryColumns} from ${deliveryTables} where ${isOf(owner)} and d.id = ${id}`)
}

/** One more try now: what waits keeps its place and its patience; what has ended is tried once, past all others. */
export async function requestRetry(tx: Tx, id: string, at: Date): Promise<void> {
  await sql`update webhook_deliveries set next_attempt_at = ${at}, once = (once or next_attempt_at is null),
      status = case when next_attempt_at is null then 'pending' else status end, updated_at = ${at}
    where id = ${id}`.execute(tx)
}

/** Deliveries that ended before, and those beyond what one webhook may keep. @returns how many went, at most 1,000 of each */
export async function dropEnded(tx: Tx, before: Date): Promise<number> {
  const old = await changed(
    tx,
    sql`delete from webhook_deliveries where id in (select id from webhook_deliveries
      where next_attempt_at is null and updated_at < ${before} limit 1000 for update skip locked)`,
  )
  const many = await changed(
    tx,
    sql`delete from webhook_deliveries where id in (select id from (
        select id, next_attempt_at, row_number() over (partition by webhook_id order by seq desc) as place
        from webhook_deliveries) ranked
      where place > ${keptMax} and next_attempt_at is null limit 1000)`,
  )
  return old + many
}

/** What no delivery speaks of any more. */
export async function dropUntoldEvents(tx: Tx, before: Date): Promise<number> {
  return changed(
    tx,
    sql`delete from webhook_events v where v.event_id in (select e.event_id from webhook_events e
      where e.created_at < ${before} and not exists (select 1 from webhook_deliveries d where d.event_id = e.event_id)
      limit 1000 for update skip locked)`,
  )
}

/** Webhooks of apps and add-ons that are gone, once everything about their end was told or given up. */
export async function dropOrphans(tx: Tx, before: Date): Promise<number> {
  return changed(
    tx,
    sql`delete from webhooks w where not exists (select 1 from webhook_deliveries d
        where d.webhook_id = w.id and d.next_attempt_at is not null)
      and (exists (select 1 from apps a where a.id = w.app_id and a.destroyed_at < ${before})
        or exists (select 1 from addons o where o.id = w.addon_id and o.deprovisioned_at < ${before}))`,
  )
}

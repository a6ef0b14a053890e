import type { EventPayload } from '@mortise/contract/events/body'
import { includeOf } from '@mortise/contract/events/names'
import { timestamp } from '@mortise/contract/platform-api/shared'
import { ring } from '../db/bell.js'
import { type Db, type Tx, transact } from '../db/db.js'
import type { World } from '../world/world.js'
import { type DataContext, dataOf, previousOf } from './data.js'
import { insertDeliveries, type NewDelivery } from './delivery-store.js'
import {
  insertWebhookEvents,
  listUnpublished,
  lockPublishing,
  markPublished,
  matchesOf,
  type UnpublishedEvent,
} from './event-store.js'
import { waitingMax } from './webhook.js'

export interface PublishDeps extends DataContext {
  db: Db
  world: World
}

/** Rings when there is something to deliver. */
export const deliveriesBell = 'webhooks'
/** Events handed out in one transaction. */
const batchMax = 50

/**
 * Hands the oldest new events to the webhooks that want them: payload and deliveries appear in the transaction that
 * marks the events as handed out, so a crash repeats all or nothing.
 * @returns whether there may be more
 */
export async function publishSome(deps: PublishDeps): Promise<boolean> {
  return transact(deps.db, async (tx) => {
    if (!(await lockPublishing(tx))) return false
    const events = await listUnpublished(tx, batchMax)
    if (events.length === 0) return false
    const at = deps.world.now()
    const ids = events.map((event) => event.id)
    const matches = await matchesOf(tx, ids)
    const told: { eventId: string; include: string; payload: EventPayload }[] = []
    const deliveries: NewDelivery[] = []
    const waiting = new Map(matches.map((match) => [match.webhookId, match.waiting]))
    for (const event of events) {
      const wanted = matches.filter((match) => match.eventId === event.id)
      if (wanted.length === 0) continue
      const payload = await payloadOf(tx, deps, event, at)
      told.push({ eventId: event.id, include: includeOf(event.resource), payload })
      for (const { webhookId } of wanted) {
        const before = waiting.get(webhookId) ?? 0
        const id = deps.world.id()
        const skippedBy = before >= waitingMax ? deps.world.id() : null
        deliveries.push({ id, webhookId, eventId: event.id, skippedBy })
        waiting.set(webhookId, before + 1)
      }
    }
    if (told.length) await insertWebhookEvents(tx, told, at)
    await insertDeliveries(tx, deliveries, at)
    await markPublished(tx, ids, at)
    if (matches.length) await ring(tx, deliveriesBell)
    return events.length === batchMax
  })
}

async function payloadOf(tx: Tx, deps: PublishDeps, event: UnpublishedEvent, at: Date): Promise<EventPayload> {
  return {
    action: event.action,
    actor: { email: event.actor.email, id: event.actor.id },
    created_at: timestamp(event.at),
    id: event.id,
    data: await dataOf(tx, event, deps),
    previous_data: previousOf(event),
    published_at: timestamp(at),
    resource: event.resource,
    sequence: event.seq,
    updated_at: timestamp(event.at),
    version: 'application/vnd.heroku+json; version=3',
  }
}

import { transact } from '../db/db.js'
import { eventsBell } from '../events/store.js'
import type { Reconciler } from '../reconcile/reconciler.js'
import { later } from '../world/world.js'
import { type DeliverDeps, deliverOne } from './deliver.js'
import { dropEnded, dropOrphans, dropUntoldEvents } from './delivery-store.js'
import { deliveriesBell, type PublishDeps, publishSome } from './publish.js'
import { keptDays } from './webhook.js'

export type WebhookDeps = DeliverDeps &
  PublishDeps & {
    /** How long what ended is kept; the standard's when left out. */
    deliveryDays?: number
  }

const dayMs = 86_400_000
/** A body that no delivery speaks of any more is of no use; this is only far from those that are being written. */
const hourMs = 3_600_000

/** What goes on behind: events are handed out, deliveries made, and old ones forgotten. */
export function webhookReconcilers(deps: WebhookDeps): Reconciler[] {
  return [
    { name: 'publish', bell: eventsBell, everyMs: 1_000, pass: () => publishSome(deps) },
    // A receiver that hangs holds one of these up once; from then on it is served by the two below.
    { name: 'deliver', bell: deliveriesBell, everyMs: 1_000, sideBySide: 4, pass: () => deliverOne(deps, false) },
    { name: 'deliver again', bell: deliveriesBell, everyMs: 1_000, sideBySide: 2, pass: () => deliverOne(deps, true) },
    { name: 'forget deliveries', everyMs: 3_600_000, pass: () => forgetOld(deps) },
  ]
}

/** @returns whether there may be more */
export async function forgetOld({
  db,
  world,
  deliveryDays = keptDays,
}: Pick<WebhookDeps, 'db' | 'world' | 'deliveryDays'>): Promise<boolean> {
  const before = later(world.now(), -deliveryDays * dayMs)
  const dropped = await transact(db, async (tx) => {
    const deliveries = await dropEnded(tx, before)
    return deliveries + (await dropUntoldEvents(tx, later(world.now(), -hourMs))) + (await dropOrphans(tx, before))
  })
  return dropped > 0
}

import type { Tx } from '../db/db.js'
import { appendEvent, type NewEvent } from '../events/store.js'
import type { Actor } from '../saga/saga.js'
import type { World } from '../world/world.js'
import type { Drain } from './drain.js'
import { drainFacts } from './view.js'

/** Writes what became of a drain, in the transaction that made it so. */
export async function announceDrain(
  tx: Tx,
  world: World,
  actor: Actor,
  fact: { action: NewEvent['action']; drain: Pick<Drain, 'id' | 'appId' | 'addon'>; url: string | null },
): Promise<void> {
  const { action, drain, url } = fact
  await appendEvent(tx, {
    id: world.id(),
    at: world.now(),
    actor,
    action,
    resource: 'log-drain',
    subject: drain.id,
    appId: drain.appId,
    data: drainFacts(drain, url),
  })
}

import { type Addon, addonFacts } from '../addons/addon.js'
import type { Tx } from '../db/db.js'
import { appendEvent, type NewEvent } from '../events/store.js'
import type { Operation } from '../saga/saga.js'
import type { World } from '../world/world.js'

/** Writes what became of an add-on, in the transaction that made it so; once per operation, however often the step runs. */
export async function announceAddon(
  tx: Tx,
  world: World,
  operation: Pick<Operation, 'id' | 'actor'>,
  fact: { action: NewEvent['action']; was: Addon; is: Partial<Pick<Addon, 'state' | 'planName'>> },
): Promise<void> {
  const { action, was, is } = fact
  await appendEvent(tx, {
    id: world.id(),
    at: world.now(),
    actor: operation.actor,
    action,
    resource: 'addon',
    subject: was.id,
    appId: was.appId,
    operationId: operation.id,
    data: addonFacts({ ...was, ...is }),
    previous: { ...(is.state && { state: was.state }), ...(is.planName && { plan: was.planName }) },
  })
}

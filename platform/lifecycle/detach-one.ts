import type { Attachment } from '../attachments/attachment.js'
import { detachAttachment } from '../attachments/store.js'
import type { Tx } from '../db/db.js'
import { announceDrain } from '../drains/announce-drain.js'
import { deleteDrainsOf } from '../drains/store.js'
import { appendEvent } from '../events/store.js'
import { endLogInput } from '../logs/log-input-store.js'
import type { Actor } from '../saga/saga.js'
import type { World } from '../world/world.js'

/** Ends an attachment and says so. Whoever calls it sees to the app's release. Safe to repeat. */
export async function detachOne(
  tx: Tx,
  world: World,
  attachment: Attachment,
  by: { actor: Actor; at: Date; operationId?: string },
): Promise<void> {
  // An app that is destroyed and an add-on that is removed may both want to, and it ends once.
  if (!(await detachAttachment(tx, attachment.id, by.at))) return
  for (const drain of await deleteDrainsOf(tx, attachment.addonId, attachment.appId)) {
    await announceDrain(tx, world, by.actor, { action: 'destroy', drain, url: null })
  }
  // Where it is billed it may still say its last words, until it is gone.
  if (attachment.appId !== attachment.billingAppId) await endLogInput(tx, attachment.addonId, attachment.appId)
  await appendEvent(tx, {
    id: world.id(),
    at: by.at,
    actor: by.actor,
    action: 'destroy',
    resource: 'addon-attachment',
    subject: attachment.id,
    appId: attachment.appId,
    operationId: by.operationId ?? null,
    data: { id: attachment.id, name: attachment.name, addon: attachment.addonName },
  })
}

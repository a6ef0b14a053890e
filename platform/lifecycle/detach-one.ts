import type { Attachment } from '../attachments/attachment.js'
import { detachAttachment } from '../attachments/store.js'
import type { Tx } from '../db/db.js'
import { appendEvent } from '../events/store.js'
import type { Actor } from '../saga/saga.js'
import type { World } from '../world/world.js'

/** Ends an attachment and says so. Whoever calls it sees to the app's release. Safe to repeat within an operation. */
export async function detachOne(
  tx: Tx,
  world: World,
  attachment: Attachment,
  by: { actor: Actor; at: Date; operationId?: string },
): Promise<void> {
  await detachAttachment(tx, attachment.id, by.at)
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

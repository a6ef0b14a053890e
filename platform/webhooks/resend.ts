import { notFound } from '@mortise/contract/errors'
import { ring } from '../db/bell.js'
import { type Db, transact } from '../db/db.js'
import type { World } from '../world/world.js'
import { type Delivery, findDelivery, requestRetry } from './delivery-store.js'
import { deliveriesBell } from './publish.js'
import type { WebhookReader } from './webhook.js'

/** Has a delivery sent once more, now. May be repeated. @throws WireError not_found, also for one of somebody else's */
export function resend({ db, world }: { db: Db; world: World }, reader: WebhookReader, id: string): Promise<Delivery> {
  return transact(db, async (tx) => {
    if (!(await findDelivery(tx, reader, id))) throw notFound('webhook_delivery')
    await requestRetry(tx, id, world.now())
    await ring(tx, deliveriesBell)
    const asked = await findDelivery(tx, reader, id)
    if (!asked) throw notFound('webhook_delivery')
    return asked
  })
}

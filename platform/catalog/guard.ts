import { notFound } from '@mortise/contract/errors'
import type { Db } from '../db/db.js'
import type { Asker } from '../http/handle.js'
import type { Service } from './service.js'
import { findService } from './store.js'

/**
 * The service of that name or id, for its owner or the operator. Nobody else learns whether it has a manifest.
 * @throws WireError 404
 */
export async function guardService(db: Db, asker: Asker, identity: string): Promise<Service> {
  const service = await findService(db, identity)
  const { account } = asker
  if (!service || !account || !(account.isOperator || account.id === service.ownerId)) throw notFound('add_on_service')
  return service
}

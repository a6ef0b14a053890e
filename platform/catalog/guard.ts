import { notFound, WireError } from '@mortise/contract/errors'
import type { Db } from '../db/db.js'
import type { Asker, Subjects } from '../http/handle.js'
import type { Service } from './service.js'
import { findService, serviceById } from './store.js'

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

/** The service whose id and password the caller gave. @throws WireError 403, or 404 where the path names another one */
export async function guardProvider(db: Db, asker: Asker, slug?: string): Promise<Service> {
  const service = asker.service && (await serviceById(db, asker.service.id))
  if (!service) {
    throw new WireError(
      'forbidden',
      "This is for providers: sign in with the service's id and its manifest's password.",
    )
  }
  if (slug !== undefined && slug !== service.name && slug !== service.id) throw notFound('add_on_service')
  return service
}

/** What `service.owner` or `provider` loaded. */
export function serviceOf(subjects: Subjects): Service {
  if (!subjects.service) throw new Error('a route that speaks of a service has a permission that loads none')
  return subjects.service
}

import type { FastifyRequest } from 'fastify'
import { readBasic } from '../accounts/authenticate.js'
import type { Db } from '../db/db.js'
import type { Asker } from '../http/handle.js'
import type { Secrets } from '../secrets/seal.js'
import { sameSecret } from '../secrets/tokens.js'
import type { World } from '../world/world.js'
import { secretsInForce } from './rotation-store.js'
import { findService } from './store.js'

const secretCharsMax = 1024

/**
 * Who calls back as the first generation does: Basic with the service's id and its manifest's password, the former one
 * too while it is being replaced. Source: Dev Center, "Add-on App Info".
 */
export function providerAuthenticator(deps: { db: Db; world: World; secrets: Secrets }) {
  const { db, world, secrets } = deps
  return async (request: FastifyRequest): Promise<Asker | null> => {
    const given = readBasic(request.headers.authorization)
    if (!given || given.user === '' || given.user.length + given.password.length > secretCharsMax) return null
    const service = await findService(db, given.user)
    if (!service) return null
    const known = await secretsInForce(db, secrets, service, world.now())
    if (!known.some(({ password }) => password !== '' && sameSecret(given.password, password))) return null
    return {
      account: null,
      addonId: null,
      service: { id: service.id, name: service.name },
      tokenId: service.manifestId,
      scopes: ['global'],
      via: 'basic',
      sudo: false,
    }
  }
}

import type { FastifyRequest } from 'fastify'
import { authenticator } from '../accounts/authenticate.js'
import { providerAuthenticator } from '../catalog/provider-sign-in.js'
import type { Db } from '../db/db.js'
import type { Asker } from '../http/handle.js'
import type { Secrets } from '../secrets/seal.js'
import type { World } from '../world/world.js'

/** Everybody who may call: people and grants by their tokens, then providers by their service's password. */
export function everybody(deps: { db: Db; world: World; secrets: Secrets }) {
  const byToken = authenticator(deps.db, deps.world)
  const byService = providerAuthenticator(deps)
  return async (request: FastifyRequest): Promise<Asker | null> => (await byToken(request)) ?? byService(request)
}

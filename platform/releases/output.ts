import { notFound } from '@mortise/contract/errors'
import { isUuid } from '@mortise/contract/identity'
import type { FastifyInstance } from 'fastify'
import { sendOutput } from '../builds/send-output.js'
import type { Db } from '../db/db.js'
import type { Secrets } from '../secrets/seal.js'
import { sameSecret } from '../secrets/tokens.js'
import type { World } from '../world/world.js'
import { readReleaseOutput } from './store.js'

const tokenFor = (secrets: Secrets, id: string): string => secrets.derive(`releases:${id}:output`)

/** Where a release command's output is read: the address is the secret, since clients ask without any other. */
export function releaseOutputUrl(secrets: Secrets, origin: string, id: string): string {
  return `${origin}/releases/${id}/output?token=${tokenFor(secrets, id)}`
}

/** The output of release commands, as it is written. */
export function releaseOutputs(deps: { db: Db; world: World; secrets: Secrets }): (server: FastifyInstance) => void {
  const { db, world, secrets } = deps
  return (server) => {
    server.get('/releases/:id/output', async (request, reply) => {
      const { id } = request.params as { id: string }
      const { token } = request.query as { token?: string | string[] }
      if (!isUuid(id) || typeof token !== 'string' || !sameSecret(token, tokenFor(secrets, id.toLowerCase()))) {
        throw notFound('release')
      }
      if (!(await readReleaseOutput(db, id, 0))) throw notFound('release')
      return sendOutput(world, request, reply, (from) => readReleaseOutput(db, id, from))
    })
  }
}

import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Db } from '../db/db.js'
import { addressKind } from '../http/addresses.js'
import type { Asker } from '../http/handle.js'
import { isAnswering } from './health-store.js'
import type { Metrics } from './metrics.js'

const answerMsMax = 2_000

/** `/health` for whoever watches the process, `/metrics` for whoever counts. */
export function observe(
  server: FastifyInstance,
  { db, metrics, authenticate }: { db: Db; metrics: Metrics; authenticate(r: FastifyRequest): Promise<Asker | null> },
): void {
  server.get('/health', async (_, reply) => {
    const isWell = await answers(db)
    return reply
      .code(isWell ? 200 : 503)
      .type('application/json')
      .header('Cache-Control', 'no-store')
      .send(JSON.stringify({ status: isWell ? 'ok' : 'the database does not answer' }))
  })
  server.get('/metrics', async (request, reply) => {
    if (!isNextDoor(request) && !(await authenticate(request))?.account?.isOperator) {
      return reply.code(403).type('text/plain').send('Metrics are for the operator: send an operator token.\n')
    }
    return reply.type(metrics.contentType).send(await metrics.text())
  })
}

async function answers(db: Db): Promise<boolean> {
  const late = new Promise<false>((done) => setTimeout(done, answerMsMax, false).unref())
  return Promise.race([isAnswering(db), late])
}

/** On this machine, and not sent on by a proxy that stands on it. */
function isNextDoor(request: FastifyRequest): boolean {
  return addressKind(request.caller.address) === 'loopback' && !request.caller.isPassedOn
}

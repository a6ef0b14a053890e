import type { FastifyInstance, FastifyReply } from 'fastify'

const methods = 'GET, HEAD, POST, PUT, PATCH, DELETE'
const sent = [
  'Accept',
  'Accept-Expansion',
  'Accept-Inclusion',
  'Authorization',
  'Content-Type',
  'If-Match',
  'If-None-Match',
  'Range',
  'Request-Id',
].join(', ')
const read = [
  'Accept-Ranges',
  'Content-Range',
  'ETag',
  'Heroku-Webhook-Secret',
  'Next-Range',
  'RateLimit-Remaining',
  'Request-Id',
  'Retry-After',
  'X-Confirmation-Required',
  'X-Heroku-Warning',
].join(', ')
const daySeconds = 86_400

/**
 * Pages of any origin may use the API with a token that they were given. Never with our cookies: a browser sends none
 * and shows nothing where the origin is `*`. Source: RULES.md, section 8; Fetch, "CORS protocol and credentials".
 */
export function allowOrigins(reply: FastifyReply): void {
  reply.header('Access-Control-Allow-Origin', '*').header('Access-Control-Expose-Headers', read)
}

/** Answers browsers that ask first. It says the same for every address, so nobody learns from it what there is. */
export function answerPreflights(server: FastifyInstance): void {
  server.options('/*', async (_, reply) => {
    allowOrigins(reply)
    reply.header('Access-Control-Allow-Methods', methods)
    reply.header('Access-Control-Allow-Headers', sent)
    reply.header('Access-Control-Max-Age', String(daySeconds))
    return reply.code(204).send()
  })
}

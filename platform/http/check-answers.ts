import { errorsOf } from '@mortise/contract/documents/errors-of'
import { type ErrorId, errorStatus } from '@mortise/contract/errors'
import type { Route } from '@mortise/contract/route'
import type { TSchema } from '@sinclair/typebox'
import type { FastifyInstance } from 'fastify'
import { answerFault } from './shapes.js'

/** Set in the environment, every server of this process checks its answers: the test run sets it, for child processes too. */
export const checkAnswersVariable = 'MORTISE_CHECK_ANSWERS'

/** What answers JSON that is in no route table, each with the reason why. */
const exempt: readonly { address: RegExp; why: string }[] = [
  { address: /^\/$/, why: 'a word of welcome for whoever asks without a browser' },
  { address: /^\/health$/, why: 'watchers look at the status' },
  { address: /^\/oauth\/tokens?$/, why: 'RFC 6749 says how its answers and errors look' },
]

/** What is wrong with an answer by its route, in a sentence, or null. Nothing may be in it that is not declared. */
export function wrongAnswer(route: Route, status: number, answer: unknown): string | null {
  const fault = answerFault(closed(route.answer), answer)
  if (fault) return `${route.method} ${route.path} answers a shape that it does not declare: ${fault}`
  return status >= 200 && status < 300 ? null : `${route.method} ${route.path} answers ${status} as a success.`
}

/** What is wrong with an error by its route: an id that the route does not declare. */
export function wrongError(route: Route, id: ErrorId): string | null {
  if (errorsOf(route).includes(id)) return null
  return `${route.method} ${route.path} answers the error ${id}, which it does not declare.`
}

/**
 * Holds whatever JSON leaves the server, from where ever in it, against what the contract says of all answers: an error is
 * `{id, message}` with an id of the table at its status, and a success comes from a route of the table or is exempt by name.
 */
export function watchAnswers(
  server: FastifyInstance,
  onWrong: (sentence: string, request: { id: string }) => void,
): void {
  server.addHook('onSend', async (request, reply, payload) => {
    const type = String(reply.getHeader('content-type') ?? '')
    if (!type.includes('json') || typeof payload !== 'string' || request.routeOptions.config.errorBody) return payload
    const address = request.routeOptions.url ?? ''
    if (exempt.some((one) => one.address.test(address))) return payload
    const wrong =
      reply.statusCode >= 400
        ? wrongBody(reply.statusCode, payload)
        : request.routeOptions.config.declared
          ? null
          : `${address} answers JSON, and stands neither in the route table nor among what is exempt.`
    if (!wrong) return payload
    onWrong(wrong, { id: request.wireId })
    reply.code(500).removeHeader('content-length')
    return JSON.stringify({ id: 'internal_server_error', message: wrong })
  })
}

/** What is wrong with the body of an error, in a sentence, or null. */
export function wrongBody(status: number, text: string): string | null {
  let body: { id?: unknown; message?: unknown } | null
  try {
    body = JSON.parse(text)
  } catch {
    return `An answer of ${status} is not JSON, but says that it is.`
  }
  const wanted = errorStatus[body?.id as ErrorId]
  if (wanted === undefined)
    return `An error of ${status} has the id ${JSON.stringify(body?.id)}, which is not in the table.`
  // Too many bytes of headers have a status of their own, which the same id stands for.
  if (wanted !== status) return `The error ${body?.id} came with ${status} instead of ${wanted}.`
  if (typeof body?.message !== 'string' || body.message.length < 5) return `The error ${body?.id} has no message.`
  return null
}

const closedOnes = new WeakMap<object, TSchema>()

/** The shape with nothing beside it: what is declared as open stays open. */
function closed(schema: TSchema): TSchema {
  const known = closedOnes.get(schema)
  if (known) return known
  const shape: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(schema)) {
    if (key === 'properties') {
      const fields = Object.entries(value as Record<string, TSchema>)
      shape[key] = Object.fromEntries(fields.map(([name, one]) => [name, closed(one)]))
      if (fields.length > 0 && schema['additionalProperties'] === undefined) shape['additionalProperties'] = false
    } else if (key === 'items') shape[key] = closed(value as TSchema)
    else if (key === 'anyOf') shape[key] = (value as TSchema[]).map(closed)
    else if (key === 'patternProperties') {
      const inner = Object.entries(value as Record<string, TSchema>)
      shape[key] = Object.fromEntries(inner.map(([name, one]) => [name, closed(one)]))
    } else shape[key] = value
  }
  closedOnes.set(schema, shape as unknown as TSchema)
  return shape as unknown as TSchema
}

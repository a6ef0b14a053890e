import { randomUUID } from 'node:crypto'
import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders } from 'node:http'

/** Headers that concern one connection only. Source: RFC 9110, 7.6.1, and what older software sends. */
const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

const via = '1.1 mortise'

/** Names that this message's Connection header makes hop-by-hop as well. */
function namedByConnection(value: string | undefined): string[] {
  return (value ?? '').split(',').map((name) => name.trim().toLowerCase())
}

/** What the app gets to see. Source: Dev Center, "HTTP Routing", Heroku headers. */
export function requestHeaders(
  req: IncomingMessage,
  requestId: string,
  startedAt: number,
  client: string,
): OutgoingHttpHeaders {
  const headers: OutgoingHttpHeaders = {}
  const dropped = namedByConnection(req.headers.connection)
  for (const [name, value] of Object.entries(req.headers)) {
    if (!hopByHop.has(name) && !dropped.includes(name)) headers[name] = value
  }
  // Our server has already told the client to go on.
  delete headers.expect
  // A body of unknown length stays one; without this line Node would send a DELETE's body with no length at all.
  if (req.headers['transfer-encoding']) headers['transfer-encoding'] = 'chunked'
  const isTls = 'encrypted' in req.socket
  headers['x-forwarded-for'] = joined(req.headers['x-forwarded-for'], client)
  headers['x-forwarded-proto'] ??= isTls ? 'https' : 'http'
  headers['x-forwarded-port'] ??= portOf(req.headers.host) ?? (isTls ? '443' : '80')
  headers['x-request-id'] = requestId
  headers['x-request-start'] = `${startedAt}`
  headers.via = joined(req.headers.via, via)
  return headers
}

/** An answer's headers as they came (order, case, several Set-Cookie), without those of the app's own connection. */
export function responseHeaders(raw: string[], connection: string | undefined): string[] {
  const dropped = namedByConnection(connection)
  const headers: string[] = []
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = raw[index]!.toLowerCase()
    if (!hopByHop.has(name) && !dropped.includes(name)) headers.push(raw[index]!, raw[index + 1]!)
  }
  headers.push('Via', via)
  return headers
}

/** The client's own id when it is one (20 to 200 letters, digits, - and _), so that a story can be followed across services. */
export function requestIdOf(headers: IncomingHttpHeaders): string {
  const given = headers['x-request-id']
  return typeof given === 'string' && /^[\w-]{20,200}$/.test(given) ? given : randomUUID()
}

export const plainAddress = (address = '') => address.replace(/^::ffff:/, '')

const joined = (before: string | string[] | undefined, last: string) => (before ? `${before}, ${last}` : last)

const portOf = (host = '') => host.match(/:(\d+)$/)?.[1]

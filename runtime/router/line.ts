import type { IncomingMessage } from 'node:http'
import { type FailureCode, failures } from './failure.js'

/** What the router knows about a request while it runs. Times in milliseconds since 1970. */
export interface RequestStory {
  method: string
  path: string
  host: string
  requestId: string
  headers: IncomingMessage
  /** The client's address. */
  client: string
  startedAt: number
  dyno?: string
  connectMs?: number
  connectedAt?: number
  respondedAt?: number
}

export interface RequestResult extends RequestStory {
  status: number
  bytes: number
  code?: FailureCode
  endedAt: number
}

/**
 * The router's line in Heroku's form, which log tools read:
 * `at=info method=GET path="/" host=… request_id=… fwd="…" dyno=web.1 connect=0ms service=2ms status=200 bytes=12 protocol=http`.
 * Source: Dev Center, "HTTP Routing", Heroku router log format.
 */
export function routerLine(result: RequestResult): string {
  const { headers: req, code, dyno, connectMs, connectedAt, endedAt } = result
  const fwd = [req.headers['x-forwarded-for'], result.client].flat().filter(Boolean).join(', ')
  return [
    ...(code ? ['at=error', `code=${code}`, `desc=${quoted(failures[code])}`] : ['at=info']),
    `method=${result.method}`,
    `path=${quoted(result.path)}`,
    `host=${bare(result.host)}`,
    `request_id=${result.requestId}`,
    `fwd=${quoted(fwd)}`,
    `dyno=${dyno ?? ''}`,
    `connect=${connectMs === undefined ? '' : `${connectMs}ms`}`,
    `service=${connectedAt === undefined ? '' : `${endedAt - connectedAt}ms`}`,
    `status=${result.status}`,
    `bytes=${result.bytes || ''}`,
    `protocol=${'encrypted' in req.socket ? 'https' : 'http'}`,
  ].join(' ')
}

// Everything here came from a stranger: a quote or a line's end must not make a second field or line.
const quoted = (text: string) => `"${bare(text).replaceAll('"', '%22')}"`
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
const bare = (text: string) => text.replace(/[\x00-\x1f\x7f]/g, '')

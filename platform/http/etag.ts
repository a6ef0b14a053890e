import { createHash } from 'node:crypto'
import { WireError } from '@mortise/contract/errors'
import type { FastifyInstance, FastifyRequest } from 'fastify'

/** Of the text as it is answered: what varies by caller, expansion or range has another tag by itself. */
export function tagOf(text: string): string {
  return `"${createHash('sha256').update(text).digest('base64url').slice(0, 27)}"`
}

/** Whether a header such as If-None-Match names the tag. Compressed answers carry it as a weak one. */
export function namesTag(header: string | string[] | undefined, tag: string): boolean {
  const known = String(header ?? '').split(',')
  return known.some((one) => one.trim() === '*' || one.trim().replace(/^W\//, '') === tag)
}

/** What is said of the change alone; everything else about who asks and how goes along. */
const ofTheChange =
  /^(if-.*|content-.*|transfer-encoding|accept-encoding|range|expect|connection|x-http-method-override)$/

/**
 * For a change with If-Match: what the same caller would read at this address now must be what the header names. It is
 * read right before the change and not in its transaction, so of two changes in one moment the later one wins.
 * @throws WireError 412
 */
export async function requireMatch(server: FastifyInstance, request: FastifyRequest): Promise<void> {
  const wanted = request.headers['if-match']
  if (wanted === undefined || request.method === 'GET' || request.method === 'HEAD') return
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined && !ofTheChange.test(name)) headers[name] = String(value)
  }
  const read = await server.inject({ method: 'GET', url: request.url.split('?')[0], headers })
  const tag = String(read.headers['etag'] ?? '')
  if (read.statusCode === 200 && tag && namesTag(wanted, tag)) return
  throw new WireError('precondition_failed', 'It has changed since you read it. Read it again, then repeat the change.')
}

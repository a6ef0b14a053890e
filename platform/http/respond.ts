import { promisify } from 'node:util'
import { gzip as gzipCallback } from 'node:zlib'
import { WireError } from '@mortise/contract/errors'
import type { Route } from '@mortise/contract/route'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { namesTag, tagOf } from './etag.js'
import { pageOf, readRange } from './range.js'

const gzip = promisify(gzipCallback)
/** Below this the packed text is hardly smaller. */
const gzipCharsMin = 1024

/** Sends an answer with everything that each answer has: page, tag, date, and packed if the caller can unpack it. */
export async function respond(
  route: Route,
  request: FastifyRequest,
  reply: FastifyReply,
  status: number,
  answer: unknown,
): Promise<FastifyReply> {
  let body = answer
  let code = status
  if (route.list && Array.isArray(answer)) {
    const page = pageOf(answer, readRange(request.headers.range, route.list.fields))
    body = page.items
    reply.header('Accept-Ranges', route.list.fields.join(', '))
    if (page.contentRange) reply.header('Content-Range', page.contentRange)
    if (page.nextRange) {
      reply.header('Next-Range', page.nextRange)
      code = 206
    }
  }
  const text = JSON.stringify(body)
  reply.code(code).type('application/json;charset=utf-8').header('Vary', 'Accept-Encoding')
  // A route may be stricter: what it answers is perhaps worth a sign-in.
  if (!reply.hasHeader('Cache-Control')) reply.header('Cache-Control', 'private, no-cache')
  // The heroku CLI neither asks for gzip nor reads it, so never without being asked.
  const packs = text.length >= gzipCharsMin && acceptsGzip(request.headers['accept-encoding'])
  if (request.method === 'GET' || request.method === 'HEAD') {
    const tag = tagOf(text)
    reply.header('ETag', packs ? `W/${tag}` : tag)
    const changedAt = lastModified(body)
    if (changedAt) reply.header('Last-Modified', changedAt)
    const wanted = request.headers['if-match']
    if (wanted !== undefined && !namesTag(wanted, tag)) {
      throw new WireError('precondition_failed', 'It has changed since you read it. Read it again without If-Match.')
    }
    const known = request.headers['if-none-match']
    if (code === 200 && known !== undefined && namesTag(known, tag)) return reply.code(304).send()
  }
  if (!packs) return reply.send(text)
  return reply.header('Content-Encoding', 'gzip').send(await gzip(text))
}

/** Whether the caller can unpack it. */
export function acceptsGzip(header: string | string[] | undefined): boolean {
  return String(header ?? '')
    .split(',')
    .some((one) => /^\s*(gzip|\*)\s*(;\s*q\s*=\s*(1|0?\.0*[1-9]\d*|1\.0*))?\s*$/i.test(one))
}

/** A single thing says itself when it last changed. */
function lastModified(body: unknown): string | null {
  const at = (body as { updated_at?: unknown } | null)?.updated_at
  if (Array.isArray(body) || typeof at !== 'string' || Number.isNaN(Date.parse(at))) return null
  return new Date(at).toUTCString()
}

import type { IncomingMessage, ServerResponse } from 'node:http'

/** Bytes of a request's body. The largest real one, a sign-on form, is below 8 KiB. */
export const bodyBytesMax = 1024 * 1024

/** What a route answers. `body` is sent as JSON; an absent one is no body. */
export interface Answer {
  status: number
  body?: unknown
  headers?: Record<string, string | string[]>
}

/** A request that cannot be answered by its route: bad JSON, too long, wrong password. */
export class BadRequest extends Error {
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/**
 * The whole body as text. A framework in front may have read it already and left `req.body`.
 * @throws BadRequest 413 when it is longer than `bodyBytesMax`
 */
export async function readBody(req: IncomingMessage & { body?: unknown }): Promise<string> {
  if (typeof req.body === 'string') return req.body
  if (Buffer.isBuffer(req.body)) return req.body.toString('utf8')
  if (typeof req.body === 'object' && req.body !== null) return JSON.stringify(req.body)
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of req) {
    bytes += part.length
    if (bytes > bodyBytesMax) throw new BadRequest(413, 'The body is longer than 1 MB.')
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}

/** @throws BadRequest 400 for anything but a JSON object */
export async function readJson(req: IncomingMessage): Promise<Record<string, unknown>> {
  return parseObject(await readBody(req))
}

function parseObject(text: string): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new BadRequest(400, 'The body is not valid JSON.')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new BadRequest(400, 'The body must be a JSON object.')
  }
  return value as Record<string, unknown>
}

/** A form's fields. A framework in front may have made them JSON. The first of a repeated field counts. */
export async function readForm(req: IncomingMessage): Promise<Record<string, string>> {
  const text = await readBody(req)
  if (text.startsWith('{')) {
    const fields = parseObject(text)
    return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, String(value)]))
  }
  return formFields(new URLSearchParams(text))
}

/** Where a request goes. Never throws: strangers write request lines. Frameworks keep the whole path in `originalUrl`. */
export function requestUrl(req: IncomingMessage & { originalUrl?: string }): URL {
  const target = req.originalUrl ?? req.url ?? '/'
  const text = `http://provider${target.startsWith('/') ? target : '/'}`
  return URL.canParse(text) ? new URL(text) : new URL('http://provider/')
}

export function formFields(params: URLSearchParams): Record<string, string> {
  const fields: Record<string, string> = Object.create(null)
  for (const [key, value] of params) fields[key] ??= value
  return fields
}

export function send(res: ServerResponse, { status, body, headers = {} }: Answer): void {
  if (res.headersSent || res.destroyed) return
  const text = body === undefined ? '' : JSON.stringify(body)
  res.writeHead(status, {
    ...(text ? { 'content-type': 'application/json; charset=utf-8' } : {}),
    // The rest of a body that was too long is not waited for.
    ...(status === 413 ? { connection: 'close' } : {}),
    'cache-control': 'no-store',
    ...headers,
  })
  res.end(text)
}

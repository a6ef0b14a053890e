import type { IncomingMessage, ServerResponse } from 'node:http'

/** Bytes of a request's body. The largest real one, a frame of log lines, is about 100 kB. */
export const bodyBytesMax = 1024 * 1024

/** A request, whichever framework it came through. */
export interface Asked {
  method: string
  url: URL
  /** A header's value; undefined when it is absent. The name in lower case. */
  header(name: string): string | undefined
  /** The whole body as text. @throws BadRequest 413 when it is longer than `bodyBytesMax` */
  body(): Promise<string>
  /** Runs it when the answer is out, or could not be taken. */
  afterAnswer(run: () => void): void
}

/** What carries headers: a request of node:http, or one of `fetch`. */
export type Bearing = IncomingMessage | Request

export function headerOf(req: Bearing, name: string): string | undefined {
  if ('get' in req.headers && typeof req.headers.get === 'function') return req.headers.get(name) ?? undefined
  const value = (req as IncomingMessage).headers[name]
  return Array.isArray(value) ? value.join(', ') : value
}

export function askedOfNode(req: IncomingMessage, res: ServerResponse): Asked {
  return {
    method: req.method ?? '',
    url: requestUrl(req),
    header: (name) => headerOf(req, name),
    body: () => readBody(req),
    afterAnswer: (run) => void (res.closed || res.destroyed ? run() : res.once('close', run)),
  }
}

export function askedOfFetch(request: Request): Asked {
  return {
    method: request.method,
    url: new URL(request.url),
    header: (name) => headerOf(request, name),
    body: () => readStream(request.body ?? []),
    // Nothing tells when a Response was taken; whoever returns it gets a turn to send it.
    afterAnswer: (run) => void setTimeout(run, 0).unref(),
  }
}

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

/** A framework in front may have read it already and left `req.body`. */
async function readBody(req: IncomingMessage & { body?: unknown }): Promise<string> {
  if (typeof req.body === 'string') return req.body
  if (Buffer.isBuffer(req.body)) return req.body.toString('utf8')
  if (typeof req.body === 'object' && req.body !== null) return JSON.stringify(req.body)
  return readStream(req)
}

async function readStream(stream: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = []
  let bytes = 0
  for await (const part of stream) {
    bytes += part.length
    if (bytes > bodyBytesMax) throw new BadRequest(413, 'The body is longer than 1 MB.')
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}

/** @throws BadRequest 400 for anything but a JSON object */
export async function readJson(asked: Pick<Asked, 'body'>): Promise<Record<string, unknown>> {
  return parseObject(await asked.body())
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
export async function readForm(asked: Pick<Asked, 'body'>): Promise<Record<string, string>> {
  const text = await asked.body()
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

export function send(res: ServerResponse, answer: Answer): void {
  if (res.headersSent || res.destroyed) return
  res.writeHead(answer.status, {
    // The rest of a body that was too long is not waited for.
    ...(answer.status === 413 ? { connection: 'close' } : {}),
    ...headersOf(answer),
  })
  res.end(textOf(answer))
}

/** The same for `fetch`. Several cookies are several lines. */
export function responseOf(answer: Answer): Response {
  const headers = new Headers()
  for (const [name, value] of Object.entries(headersOf(answer))) {
    for (const line of [value].flat()) headers.append(name, line)
  }
  return new Response(textOf(answer) || null, { status: answer.status, headers })
}

function headersOf(answer: Answer): Record<string, string | string[]> {
  const headers = { 'cache-control': 'no-store', ...answer.headers }
  return textOf(answer) ? { 'content-type': 'application/json; charset=utf-8', ...headers } : headers
}

const textOf = ({ body }: Answer) => (body === undefined ? '' : JSON.stringify(body))

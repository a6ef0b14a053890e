import type { AnswerOf, BodyOf, ParamsOf, PathOf, QueryOf, Route } from './route.js'

/** An answer that was no success; `id` and `message` are the server's own. */
export class ApiError extends Error {
  readonly status: number
  readonly id: string
  readonly body: Record<string, unknown>
  readonly requestId: string | null
  constructor(status: number, body: Record<string, unknown>, requestId: string | null) {
    super(sentenceIn(body) ?? silence(status))
    this.name = 'ApiError'
    this.status = status
    this.id = typeof body['id'] === 'string' ? body['id'] : 'unknown'
    this.body = body
    this.requestId = requestId
  }
}

/** Where nobody said anything: 502, 503 and 504 are what a proxy answers while the server behind it is away. */
const silence = (status: number) =>
  status >= 502 && status <= 504
    ? `The server can't be reached at the moment (${status}). Ask again in a minute.`
    : `The server answered ${status}.`

/** The server's words: of most routes one sentence, of the providers' portal a list. */
function sentenceIn({ message, error }: Record<string, unknown>): string | undefined {
  if (typeof message === 'string') return message
  const base = typeof error === 'object' && error !== null && 'base' in error ? error.base : undefined
  return Array.isArray(base) ? base.map(String).join('\n') : undefined
}

export interface ClientOptions {
  /** Scheme, host and port; empty for same-origin pages. */
  url: string
  token?: string
  headers?: Record<string, string>
  fetch?: typeof fetch
}

type Ask<R> = {
  query?: QueryOf<R>
  headers?: Record<string, string>
  signal?: AbortSignal
} & (keyof ParamsOf<PathOf<R>> extends never ? { params?: undefined } : { params: ParamsOf<PathOf<R>> }) &
  (R extends { body: object } ? { body: BodyOf<R> } : { body?: BodyOf<R> })

export interface Client {
  /** Calls one route of the table. Lists are followed page by page (`Next-Range`). @throws ApiError */
  call<R extends Route>(route: R, ask?: Ask<R>): Promise<AnswerOf<R>>
}

/** A client typed by the route table: no code is generated and nothing can drift from the server. */
export function createClient(options: ClientOptions): Client {
  const send = options.fetch ?? fetch
  return {
    async call(route, ask) {
      const question = (ask ?? {}) as {
        params?: Record<string, string>
        query?: Record<string, unknown>
        headers?: Record<string, string>
        body?: unknown
        signal?: AbortSignal
      }
      const path = pathOf(route.path, question.params ?? {}) + queryOf(question.query)
      const collected: unknown[] = []
      let range: string | undefined
      for (;;) {
        const headers: Record<string, string> = {
          accept: 'application/vnd.heroku+json; version=3.sdk',
          ...options.headers,
          ...question.headers,
        }
        if (options.token) headers['authorization'] = `Bearer ${options.token}`
        if (range) headers['range'] = range
        if (question.body !== undefined) headers['content-type'] = 'application/json'
        const answer = await send(options.url + path, {
          method: route.method,
          headers,
          body: question.body === undefined ? undefined : JSON.stringify(question.body),
          signal: question.signal,
          credentials: 'same-origin',
        })
        const text = await answer.text()
        const body = parse(text, answer.headers.get('content-type'))
        if (!answer.ok) {
          throw new ApiError(answer.status, asObject(body, text), answer.headers.get('request-id'))
        }
        const next = answer.headers.get('next-range')
        if (!Array.isArray(body) || (!next && collected.length === 0)) return body as never
        collected.push(...body)
        if (!next) return collected as never
        range = next
      }
    },
  }
}

function pathOf(template: string, params: Record<string, string>): string {
  return template.replace(/:([a-z_]+)/g, (_, name: string) => {
    const value = params[name]
    if (value === undefined || value === '') throw new TypeError(`${template} needs ${name}`)
    return encodeURIComponent(value)
  })
}

function queryOf(query: Record<string, unknown> | undefined): string {
  const pairs = Object.entries(query ?? {}).filter(([, value]) => value !== undefined)
  return pairs.length
    ? `?${new URLSearchParams(pairs.map(([name, value]): [string, string] => [name, String(value)]))}`
    : ''
}

function parse(text: string, type: string | null): unknown {
  if (!type || !/json/.test(type)) return text
  try {
    return text === '' ? null : JSON.parse(text)
  } catch {
    return text
  }
}

/** Of something that stands between, such as a proxy, a page in HTML says nothing to a person. */
function asObject(body: unknown, text: string): Record<string, unknown> {
  if (body && typeof body === 'object') return body as Record<string, unknown>
  return /^\s*(<|$)/.test(text) ? {} : { message: text.slice(0, 300) }
}

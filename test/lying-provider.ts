import http from 'node:http'
import type { AddressInfo } from 'node:net'

/** What the provider does with one request, instead of what it should. */
export type Lie =
  | { status: number; body?: unknown; headers?: Record<string, string>; delayMs?: number }
  /** Does what it was asked, then answers this. */
  | { acts: true; status: number; body?: unknown; headers?: Record<string, string>; delayMs?: number }
  /** Does what it was asked and closes the connection without a word. */
  | { acts: true; hangUp: true }
  | { hangUp: true }

export interface Received {
  method: string
  path: string
  headers: http.IncomingHttpHeaders
  body: Record<string, unknown> | null
}

export interface LyingProvider {
  url: string
  /** Live resources: uuid → plan. What the ledger is compared with. */
  resources: Map<string, string>
  received: Received[]
  /** The next request of this method is met with this lie; more lies are met in turn. */
  lie(method: 'POST' | 'PUT' | 'DELETE' | 'GET', ...lies: Lie[]): void
  /** Lies that were not told yet are forgotten. */
  repent(): void
  /** Config that honest provisions answer. */
  config: Record<string, unknown>
  /** Resources that it puts on a page of its list. */
  pageMax: number
  /** Called before each answer. */
  onRequest?: (received: Received) => void | Promise<void>
  stop(): Promise<void>
}

/** A provider that is honest and idempotent until told to lie. Speaks v3 on a free loopback port. */
export async function lyingProvider(password: string, slug = 'fast-db'): Promise<LyingProvider> {
  const resources = new Map<string, string>()
  const gone = new Set<string>()
  const received: Received[] = []
  const lies = new Map<string, Lie[]>()
  const wanted = `Basic ${Buffer.from(`${slug}:${password}`).toString('base64')}`

  function honest(method: string, id: string, body: Record<string, unknown> | null): { status: number; body: unknown } {
    if (method === 'POST') {
      const uuid = String(body?.uuid)
      if (gone.has(uuid)) return { status: 410, body: { message: 'removed' } }
      if (!resources.has(uuid)) resources.set(uuid, String(body?.plan))
      return { status: 201, body: { id: uuid, config: provider.config, message: 'Made for you.' } }
    }
    if (method === 'GET') return { status: 200, body: page(new URL(id, 'http://provider').searchParams) }
    if (!resources.has(id)) return { status: 410, body: {} }
    if (method === 'PUT') {
      resources.set(id, String(body?.plan))
      return { status: 200, body: {} }
    }
    resources.delete(id)
    gone.add(id)
    return { status: 204, body: undefined }
  }

  /** What is kept, by uuid; `next` is the last of the page. */
  function page(query: URLSearchParams) {
    const after = query.get('after') ?? ''
    const limit = Math.min(Number(query.get('limit') ?? 500), provider.pageMax)
    const left = [...resources.keys()].sort().filter((uuid) => uuid > after)
    const listed = left.slice(0, limit).map((uuid) => ({ uuid, id: uuid }))
    return { resources: listed, next: left.length > limit ? listed.at(-1)?.uuid : null }
  }

  const server = http.createServer(async (req, res) => {
    const chunks: Buffer[] = []
    for await (const chunk of req) chunks.push(chunk)
    const text = Buffer.concat(chunks).toString('utf8')
    const body = text ? JSON.parse(text) : null
    const method = req.method ?? ''
    const got: Received = { method, path: req.url ?? '', headers: req.headers, body }
    received.push(got)
    await provider.onRequest?.(got)
    if (req.headers.authorization !== wanted) return send(res, 401, { message: 'wrong password' })
    const id = decodeURIComponent((req.url ?? '').split('/').at(-1) ?? '')
    const lie = lies.get(method)?.shift()
    const truth = !lie || 'acts' in lie ? honest(method, id, body) : undefined
    if (lie && 'hangUp' in lie) return void req.socket.destroy()
    if (lie && 'delayMs' in lie && lie.delayMs) await new Promise((done) => setTimeout(done, lie.delayMs))
    if (lie && 'status' in lie) return send(res, lie.status, lie.body, lie.headers)
    send(res, truth?.status ?? 500, truth?.body)
  })

  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const provider: LyingProvider = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    resources,
    received,
    lie: (method, ...more) => void lies.set(method, [...(lies.get(method) ?? []), ...more]),
    repent: () => lies.clear(),
    pageMax: 500,
    config: { FAST_DB_URL: 'fast://user:secret-value@127.0.0.1/db' },
    async stop() {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
  return provider
}

function send(res: http.ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body)
  const type =
    body === undefined ? {} : { 'content-type': typeof body === 'string' ? 'text/plain' : 'application/json' }
  res.writeHead(status, { ...type, ...headers })
  res.end(text)
}

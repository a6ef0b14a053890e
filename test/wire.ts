import http from 'node:http'
import net, { type AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'
import { schemaFile, strictSchema } from './hyper-schema.js'

/** What stands between a client and the platform and looks at each answer; to both it is not there. */
export interface Wire {
  port: number
  /** Answers that the schema would not have, each with its request. */
  faults: Set<string>
  /** `GET /apps/x` of each request that came by. */
  seen: string[]
  /** The Last-Event-ID of each request that came back for more of a log. */
  resumed: string[]
  /** Ends the streams of logs that are open, as a proxy in between may at any time. @returns how many */
  endLogs(): number
  /** Each login that a terminal began: only a browser is told its address. */
  logins: { browser_url: string; cli_url: string }[]
  /** How many answers were held against the schema; 0 without one. */
  checked(): number
  pointTo(platformPort: number): void
  stop(): Promise<void>
}

/** Listens on loopback and passes all on to the platform, whose port is told later: the platform wants to know ours first. */
export async function openWire(): Promise<Wire> {
  let platformPort = 0
  const file = schemaFile()
  const schema = file === undefined ? undefined : strictSchema(file)
  const faults = new Set<string>()
  const seen: string[] = []
  const resumed: string[] = []
  const logStreams = new Set<http.ServerResponse>()
  const logins: Wire['logins'] = []
  let checked = 0

  function look(method: string, path: string, answer: http.IncomingMessage, text: string): void {
    const status = answer.statusCode ?? 0
    if (!String(answer.headers['content-type']).includes('json')) return
    const body = parsed(text)
    // A provider that is down is said to be; every other 5xx is a fault of ours.
    const isProviderDown = status === 503 && (body as { id?: unknown } | undefined)?.id === 'provider_unreachable'
    if (status >= 500 && !isProviderDown) faults.add(`${method} ${path} ${status} ${text.slice(0, 300)}`)
    if (status >= 400 && !path.startsWith('/api/v3/')) {
      const { id, message } = (body ?? {}) as Record<string, unknown>
      if (typeof id !== 'string' || typeof message !== 'string') faults.add(`${method} ${path} ${status} is no error`)
    }
    if (method === 'POST' && path === '/auth' && status === 201) logins.push(body as Wire['logins'][number])
    if (!schema || status >= 300) return
    const wrong = schema.faultsOf(method, path, body)
    if (!wrong) return
    checked++
    for (const one of wrong) faults.add(`${method} ${path}: ${one.replace(/^\/\d+/, '/n')}`)
  }

  const server = http.createServer({ maxHeaderSize: 32 * 1024 }, (request, reply) => {
    const { method = 'GET', url = '/', headers } = request
    const path = url.split('?')[0] ?? ''
    seen.push(`${method} ${path}`)
    if (headers['last-event-id']) resumed.push(String(headers['last-event-id']))
    if (path.startsWith('/logs/')) logStreams.add(reply.once('close', () => logStreams.delete(reply)))
    const options = { host: '127.0.0.1', port: platformPort, method, path: url, headers, agent: false }
    const onward = http.request(options, (answer) => {
      const parts: Buffer[] = []
      const isJson = String(answer.headers['content-type']).includes('json')
      if (isJson) answer.on('data', (part) => parts.push(part))
      answer.on('end', () => look(method, path, answer, plain(answer, Buffer.concat(parts))))
      answer.on('error', () => reply.destroy())
      reply.writeHead(answer.statusCode ?? 502, answer.rawHeaders)
      answer.pipe(reply)
    })
    onward.on('error', () => reply.destroy())
    reply.on('close', () => onward.destroy())
    request.pipe(onward)
  })
  // One-offs over TLS come to the port of the origin that the client knows.
  const open = new Set<net.Socket>()
  const front = net.createServer((socket) => {
    open.add(socket)
    socket.on('close', () => open.delete(socket))
    socket.once('data', (first: Buffer) => {
      socket.pause()
      socket.unshift(first)
      if (first[0] !== 0x16) {
        server.emit('connection', socket)
      } else {
        const onward = net.connect(platformPort, '127.0.0.1')
        onward.on('error', () => socket.destroy())
        socket.pipe(onward).pipe(socket)
      }
      socket.resume()
    })
    socket.on('error', () => socket.destroy())
  })
  await new Promise<void>((done) => front.listen(0, '127.0.0.1', done))
  return {
    port: (front.address() as AddressInfo).port,
    faults,
    seen,
    resumed,
    endLogs() {
      const count = logStreams.size
      for (const reply of logStreams) reply.end()
      return count
    },
    logins,
    checked: () => checked,
    pointTo(to) {
      platformPort = to
    },
    async stop() {
      server.closeAllConnections()
      // What was passed on as it came, such as a terminal's TLS, is no connection of the server's.
      for (const socket of open) socket.destroy()
      await new Promise((done) => front.close(done))
    },
  }
}

/** The body as text; a client that asked for gzip got gzip. */
function plain(answer: http.IncomingMessage, body: Buffer): string {
  return (answer.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString('utf8')
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

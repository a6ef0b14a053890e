import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import net, { type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Proxies } from '../http/proxies.js'

/** Headers of one connection, which say nothing about the next. Source: RFC 9110, section 7.6.1. */
const ofConnection = new Set(['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'upgrade'])
/** Headers that `Proxies.meet` puts right. */
const toldByUs = /^(host|forwarded|x-forwarded-.*)$/i
const silenceMsMax = 120_000
const lookMs = 1_000

export const unavailableSentence =
  'The process that runs apps and keeps their logs does not answer at the moment; everything else works. Try again in some seconds.'

export interface Forwarder {
  request(req: IncomingMessage, res: ServerResponse): void
  upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void
  /** A connection that begins with TLS: as it comes, unread. */
  tls(socket: Socket): void
  close(): void
}

/**
 * Sends what only the process that runs apps can answer there, as it came: who asks, and for which host, is told by the
 * request itself. While no process runs apps it says so, with the time to try again.
 * @param place `HOST:PORT` as that process wrote it down, or null
 * @param callers what we know of who asks goes along, sealed, so that nobody else can say it
 */
export function forwarder(place: () => string | null, callers: Pick<Proxies, 'meet' | 'vouchFor'>): Forwarder {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 256 })
  const open = new Set<Duplex>()

  function target(req?: IncomingMessage): { host: string; port: number } | null {
    // Sent on once already: or two processes could send it in a circle.
    if (req && callers.meet(req).isFromPeer) return null
    const address = place()
    const split = address?.lastIndexOf(':') ?? -1
    return address === null || split < 0
      ? null
      : { host: address.slice(0, split).replace(/^\[|\]$/g, ''), port: Number(address.slice(split + 1)) }
  }

  function track(socket: Duplex): void {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  }

  return {
    request(req, res) {
      const to = target(req)
      if (!to) return unavailable(res)
      const headers = headersOf(req, (name) => !ofConnection.has(name), callers)
      const sent = http.request({ ...to, agent, method: req.method, path: req.url, headers, setHost: false })
      sent.setTimeout(silenceMsMax, () => sent.destroy(new Error('silent')))
      // A paused process still takes connections: whoever waits for it is told as soon as it is known to be away.
      const address = place()
      const look = setInterval(() => place() !== address && sent.destroy(new Error('away')), lookMs)
      sent.on('close', () => clearInterval(look))
      sent.on('response', (answer) => {
        clearInterval(look)
        res.writeHead(answer.statusCode ?? 502, answer.statusMessage, withoutConnection(answer.rawHeaders))
        // Streams of logs and builds show their first line at once.
        res.flushHeaders()
        answer.pipe(res)
        answer.on('error', () => res.destroy())
      })
      sent.on('error', () => (res.headersSent ? res.destroy() : unavailable(res)))
      res.on('close', () => sent.destroy())
      req.pipe(sent)
    },
    upgrade(req, socket, head) {
      const to = target(req)
      if (!to) return void socket.end('HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nConnection: close\r\n\r\n')
      const lines = [`${req.method} ${req.url} HTTP/1.1`]
      const headers = headersOf(req, () => true, callers)
      for (let at = 0; at < headers.length; at += 2) lines.push(`${headers[at]}: ${headers[at + 1]}`)
      join(socket, net.connect(to), Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), head]))
    },
    tls(socket) {
      const to = target()
      if (!to) return void socket.destroy()
      join(socket, net.connect(to), Buffer.alloc(0))
    },
    close() {
      agent.destroy()
      for (const socket of open) socket.destroy()
    },
  }

  function join(near: Duplex, far: Socket, first: Buffer): void {
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      track(one)
      one.on('error', () => other.destroy())
      one.on('close', () => other.destroy())
    }
    if (first.length) far.write(first)
    near.pipe(far)
    far.pipe(near)
  }
}

/** As they came, in their order and number, but for what tells who asks: that is as we know it. */
function headersOf(
  req: IncomingMessage,
  isKept: (name: string) => boolean,
  callers: Pick<Proxies, 'vouchFor'>,
): string[] {
  const known = callers.vouchFor(req)

  const headers: string[] = []
  for (let at = 0; at < req.rawHeaders.length; at += 2) {
    const name = req.rawHeaders[at] ?? ''
    const isClaim = toldByUs.test(name) || name.toLowerCase() in known
    if (!isClaim && isKept(name.toLowerCase())) headers.push(name, req.rawHeaders[at + 1] ?? '')
  }
  const told = Object.entries(req.headers).filter(([name]) => toldByUs.test(name))
  return [...headers, ...[...told, ...Object.entries(known)].flatMap(([name, value]) => [name, String(value)])]
}

function withoutConnection(raw: string[]): string[] {
  return raw.filter((_, at) => !ofConnection.has((raw[at - (at % 2)] ?? '').toLowerCase()))
}

function unavailable(res: ServerResponse): void {
  res
    .writeHead(503, { 'Content-Type': 'application/json', 'Retry-After': '5' })
    .end(JSON.stringify({ id: 'service_unavailable', message: unavailableSentence }))
}

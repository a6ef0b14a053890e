import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'

/** Belongs to the connection and to the offer. */
const ofOffer = new Set(['connection', 'upgrade', 'http2-settings'])

/**
 * Whether a client only offers to go on in HTTP/2, as Java's own client does with each request to an `http:` address: an
 * offer that whoever does not speak it leaves unanswered. Source: RFC 9110, 7.8.
 */
export function isOnlyAnOffer({ headers }: IncomingMessage): boolean {
  const offered = (headers.upgrade ?? '').split(',').map((one) => one.trim().toLowerCase())
  return offered.every((one) => one === 'h2c')
}

/**
 * Answers such a request as if the offer were not there. Node gives the bare connection away at any offer, so the request is
 * put back in front of what came after it, and read again.
 */
export function declineUpgrade(server: Server, req: IncomingMessage, socket: Duplex, head: Buffer): void {
  const lines = [`${req.method} ${req.url} HTTP/${req.httpVersion}`]
  for (let at = 0; at < req.rawHeaders.length; at += 2) {
    const name = req.rawHeaders[at] ?? ''
    if (!ofOffer.has(name.toLowerCase())) lines.push(`${name}: ${req.rawHeaders[at + 1]}`)
  }
  if (/\bclose\b/i.test(req.headers.connection ?? '')) lines.push('Connection: close')
  if (head.length > 0) socket.unshift(head)
  socket.unshift(Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'))
  server.emit('connection', socket)
}

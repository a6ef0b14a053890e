import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import { headerBytesMax } from '../http/server.js'
import { answerUnreadable } from '../http/unreadable.js'
import { declineUpgrade, isOnlyAnOffer } from './decline-upgrade.js'
import { StartFailed } from './failure.js'
import { divert } from './first-byte.js'

export interface FrontHandlers {
  request(req: IncomingMessage, res: ServerResponse): void
  upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void
  /** A connection that begins with TLS instead of HTTP. */
  tls(socket: Socket): void
}

/** The listening sockets, taken before anything else is started, so that a taken port is known at once. */
export interface Front {
  port: number
  /** From now on requests are answered by these; until then with 503. */
  serve(handlers: FrontHandlers): void
  /** Takes a connection whose TLS was opened elsewhere: HTTP goes on in it, by the same limits and handlers. */
  takeSecure(socket: TLSSocket): void
  /** Takes no new connections; requests under way go on. */
  stopAccepting(): void
  /** Cuts what is still open. */
  close(): Promise<void>
}

/** Sources of 512 MB come over slow lines too. */
const requestMsMax = 30 * 60_000

/**
 * Listens on one address, or on both loopback addresses (`localhost` may mean either) when `host` is null.
 * @param port 0 takes a free one
 * @throws StartFailed when it is taken or not ours to take
 */
export async function openFront(port: number, host: string | null): Promise<Front> {
  let handlers: FrontHandlers = { request: starting, upgrade: destroy, tls: (socket) => destroy(null, socket) }
  const servers: http.Server[] = []
  const closeSilent: (() => void)[] = []

  function httpServer(): http.Server {
    const server = http.createServer({
      maxHeaderSize: headerBytesMax,
      requestTimeout: requestMsMax,
      headersTimeout: 60_000,
      keepAliveTimeout: 65_000,
    })
    server.on('request', (req, res) => handlers.request(req, res))
    server.on('clientError', answerUnreadable)
    server.on('upgrade', (req, socket, head) => {
      if (isOnlyAnOffer(req)) return declineUpgrade(server, req, socket, head)
      // A client that goes away in the middle is its own affair.
      socket.on('error', () => socket.destroy())
      handlers.upgrade(req, socket, head)
    })
    return server
  }

  // Listens nowhere: its connections are handed to it.
  const secure = httpServer()

  async function listen(address: string, wanted: number): Promise<number> {
    const server = httpServer()
    const diverted = divert(server, (socket) => handlers.tls(socket))
    closeSilent.push(diverted.closeSilent)
    await new Promise<void>((done, failed) => {
      server.once('error', failed)
      server.listen({ port: wanted, host: address, ipv6Only: address.includes(':') }, () => {
        server.off('error', failed)
        done()
      })
    })
    servers.push(server)
    return (server.address() as AddressInfo).port
  }

  async function close(): Promise<void> {
    for (const close of closeSilent) close()
    secure.closeAllConnections()
    await Promise.all(
      servers.map((server) => {
        const closed = new Promise<void>((done) => server.close(() => done()))
        server.closeAllConnections()
        return closed
      }),
    )
  }

  let taken: number
  try {
    taken = await listen(host ?? '127.0.0.1', port)
    if (host === null) {
      await listen('::1', taken).catch((error: NodeJS.ErrnoException) => {
        // A machine without IPv6 has no ::1; but when another program answers there, half of all browsers would ask it.
        if (error.code === 'EADDRINUSE') throw error
      })
    }
  } catch (cause) {
    await close()
    throw new StartFailed(sentence(cause as NodeJS.ErrnoException, port, host), 1, { cause })
  }

  return {
    port: taken,
    serve(next) {
      handlers = next
    },
    takeSecure(socket) {
      secure.emit('connection', socket)
    },
    stopAccepting() {
      for (const server of servers) {
        server.close()
        server.closeIdleConnections()
      }
      secure.closeIdleConnections()
      for (const close of closeSilent) close()
    },
    close,
  }
}

const destroy = (_: unknown, socket: Duplex) => void socket.destroy()

function starting(_: IncomingMessage, res: ServerResponse): void {
  const body = JSON.stringify({ id: 'maintenance', message: 'Mortise is starting. Try again in a moment.' })
  res.writeHead(503, { 'Content-Type': 'application/json', 'Retry-After': '1' }).end(body)
}

function sentence({ code, message }: NodeJS.ErrnoException, port: number, host: string | null): string {
  if (code === 'EADDRINUSE') return `Port ${port} is taken by another program. Stop it, or choose another with --port.`
  if (code === 'EACCES') return `Port ${port} needs more rights than this user has. Choose one above 1023 with --port.`
  if (code === 'EADDRNOTAVAIL') return `${host} is not an address of this machine. Choose another with --host.`
  return `Port ${port} can't be listened on (${message}).`
}

import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import net, { type AddressInfo, type Socket } from 'node:net'
import tls, { createSecureContext, type SecureContext } from 'node:tls'
import type { Authority } from '@mortise/certificates/authority'
import { Failure } from '../failure.js'
import { interceptedDomain } from './authority-file.js'
import { type Forwarding, forward, forwardUpgrade } from './forward.js'
import { rendezvousDoor } from './rendezvous.js'

export interface ProxyOptions {
  /** Origin of the installation that everything goes to. */
  remote: string
  /** 0 takes a free one. */
  port: number
  authority: Authority
  now: Date
  /** Told of each request, for whoever wants to see what clients ask. */
  onRequest?(line: string): void
}

export interface RunningProxy {
  port: number
  close(): Promise<void>
}

const loopback = ['localhost', '127.0.0.1', '::1']
/** Heroku has a dozen. */
const hostsMax = 100
/** The first byte of every TLS connection; no HTTP method begins with it. Source: RFC 8446, section 5.1. */
const tlsByte = 0x16
const isHeroku = (host: string) => host === interceptedDomain || host.endsWith(`.${interceptedDomain}`)

/**
 * Listens on loopback, one port for three kinds of clients: HTTP for those that can be told an address; TLS for `run`, which
 * attaches to one-offs; and CONNECT for those that know Heroku's own hosts only, whose TLS ends here. Requests for any of
 * Heroku's hosts go to the installation and never to Heroku, whoever asks.
 */
export async function startProxy(options: ProxyOptions): Promise<RunningProxy> {
  const { remote, authority, now } = options
  const door = rendezvousDoor(remote)
  const open = new Set<Socket>()
  let forwarding: Forwarding = { remote, local: '', onAttach: door.expect }

  const server = http.createServer({ maxHeaderSize: 64 * 1024, requestTimeout: 0, keepAliveTimeout: 65_000 })
  server.on('request', (req, res) => {
    if (!isForUs(req, forwarding.local)) return refuse(res)
    options.onRequest?.(`${req.method} ${req.headers.host}${withoutQuery(req.url)}`)
    forward(forwarding, req, res)
  })
  server.on('upgrade', (req, socket, head) => {
    if (isForUs(req, forwarding.local)) forwardUpgrade(forwarding, req, socket, head)
    else socket.destroy()
  })
  server.on('clientError', (_, socket) => socket.destroy())
  server.on('connect', (req, socket, head) => {
    socket.on('error', () => socket.destroy())
    const { host, port } = addressIn(req.url ?? '')
    if (host === '') return void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')
    options.onRequest?.(`CONNECT ${host}:${port}`)
    if (isHeroku(host)) {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      if (head.length) socket.unshift(head)
      return void intercepted.emit('connection', socket)
    }
    tunnel(host, port, socket as Socket, head)
  })

  // From yesterday on, since clocks differ; a month is longer than any proxy runs.
  const from = new Date(now.getTime() - 86_400_000)
  const until = new Date(now.getTime() + 30 * 86_400_000)
  const pairFor = (hosts: string[]) => {
    const { key, certificate } = authority.issue(hosts, from, until)
    return { key, cert: certificate }
  }
  const contexts = new Map<string, SecureContext>()
  const contextFor = (host: string) => {
    const context = contexts.get(host) ?? createSecureContext(pairFor([host]))
    if (contexts.size < hostsMax) contexts.set(host, context)
    return context
  }
  // Who asks for no name is answered as localhost.
  const common = { ...pairFor(loopback), minVersion: 'TLSv1.2' as const, handshakeTimeout: 10_000 }
  const attached = tls.createServer(common, door.take)
  const intercepted = tls.createServer({
    ...common,
    SNICallback: (host, done) =>
      isHeroku(host) ? done(null, contextFor(host)) : done(new Error(`${host} is not ours`)),
  })
  intercepted.on('secureConnection', (socket) => void server.emit('connection', socket))
  for (const one of [attached, intercepted]) one.on('tlsClientError', (_, socket) => socket.destroy())

  const take = (socket: Socket) => {
    open.add(socket)
    socket.on('error', () => socket.destroy())
    socket.once('close', () => open.delete(socket))
    socket.once('data', (first: Buffer) => {
      socket.pause()
      socket.unshift(first)
      // TLS takes what was read already and then the connection itself; HTTP waits until it flows again.
      if (first[0] === tlsByte) return void attached.emit('connection', socket)
      server.emit('connection', socket)
      socket.resume()
    })
  }
  const fronts = await listen(take, options.port)
  const { port } = fronts[0].address() as AddressInfo
  forwarding = { ...forwarding, local: `localhost:${port}` }
  return {
    port,
    async close() {
      for (const socket of open) socket.destroy()
      await Promise.all(fronts.map((front) => new Promise((closed) => front.close(closed))))
    },
  }
}

/** By the name it is asked under: a page elsewhere that points a name of its own at us is not ours. */
function isForUs(req: IncomingMessage, local: string): boolean {
  const host = (req.headers.host ?? '').toLowerCase()
  const port = local.split(':')[1]
  return [local, `127.0.0.1:${port}`, `[::1]:${port}`].includes(host) || isHeroku(host.replace(/:443$/, ''))
}

function refuse(res: ServerResponse): void {
  const message = 'This is the proxy of `mortise proxy`: ask for it as localhost, or for hosts of Heroku through it.'
  res.writeHead(403, { 'content-type': 'application/json' }).end(JSON.stringify({ id: 'forbidden', message }))
}

/** Other hosts are none of ours: bytes go through, so that what stands behind a proxy setting still reaches the world. */
function tunnel(host: string, port: number, socket: Socket, head: Buffer): void {
  const other = net.connect(port, host)
  other.once('error', () => socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n'))
  socket.once('close', () => other.destroy())
  other.once('connect', () => {
    other.on('error', () => socket.destroy())
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
    if (head.length) other.write(head)
    other.pipe(socket)
    socket.pipe(other)
  })
}

function addressIn(authority: string): { host: string; port: number } {
  const [, host = '', port = '443'] = /^(\[[0-9a-f:]+\]|[^:\s]+):(\d{1,5})$/i.exec(authority) ?? []
  return { host: host.replace(/^\[|\]$/g, '').toLowerCase(), port: Number(port) }
}

const withoutQuery = (url = '') => url.replace(/\?.*$/, '')

/** On both loopback addresses, since `localhost` may mean either; a machine without IPv6 has the first only. */
async function listen(take: (socket: Socket) => void, port: number): Promise<[net.Server, ...net.Server[]]> {
  const front = (address: string, wanted: number) =>
    new Promise<net.Server>((done, failed) => {
      const server = net.createServer(take)
      server.once('error', failed)
      server.listen({ host: address, port: wanted, ipv6Only: address.includes(':') }, () => done(server))
    })
  try {
    const first = await front('127.0.0.1', port)
    const second = await front('::1', (first.address() as AddressInfo).port).catch(() => undefined)
    return second ? [first, second] : [first]
  } catch (cause) {
    const taken = (cause as NodeJS.ErrnoException).code === 'EADDRINUSE'
    throw new Failure(taken ? `Port ${port} is taken by another program.` : `Port ${port} can't be listened on.`, {
      next: 'Choose another with --port.',
      cause,
    })
  }
}

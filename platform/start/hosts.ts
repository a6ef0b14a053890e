import type { IncomingMessage, ServerResponse } from 'node:http'
import { isIP } from 'node:net'
import type { Duplex } from 'node:stream'
import { appNamePattern } from '@mortise/contract/platform-api/apps'
import type { Router } from '@mortise/runtime/router/router'
import type { Addressed } from '../apps/store.js'
import type { AppAddresses } from '../apps/view.js'
import { hostnameOf } from '../domains/domain.js'
import type { World } from '../world/world.js'
import type { FrontHandlers } from './front.js'
import { page } from './page.js'

/** How this installation is called. */
export interface Hosts {
  /** Scheme, host and port of the platform's own pages and API. */
  origin: string
  /** Host names that are the platform itself, without ports. */
  own: ReadonlySet<string>
  /** Whether an IP address in a Host header is the platform too: nobody can point a name of theirs at us that way. */
  anyAddress: boolean
  appsDomain: string
}

/** @param port as taken, which the origin needs when nobody said what it is called */
export function hostsOf(
  options: { url: string | null; appsDomain: string | null; host: string | null },
  port: number,
): Hosts {
  const origin = options.url ?? `http://localhost:${port}`
  const { hostname } = new URL(origin)
  const isHome = hostname === 'localhost' || isIP(hostname.replace(/^\[|\]$/g, '')) > 0
  return {
    origin,
    own: new Set(['localhost', '127.0.0.1', '[::1]', hostname]),
    anyAddress: options.host !== null,
    appsDomain: options.appsDomain ?? (isHome ? 'localhost' : `apps.${hostname}`),
  }
}

/**
 * Where clients attach to one-offs over TLS. What stands before us and speaks https can't speak for us there, so then it is
 * our own port.
 */
export function attachAddressOf(hosts: Hosts, port: number): string {
  const { protocol, hostname, host } = new URL(hosts.origin)
  return protocol === 'http:' && host !== hostname ? host : `${hostname}:${protocol === 'http:' ? 80 : port}`
}

/** What the certificate for that must name: an address is no DNS name, and brackets are no part of it. */
export function attachHosts(hosts: Hosts): string[] {
  return [...new Set(['localhost', '127.0.0.1', '::1', new URL(hosts.origin).hostname.replace(/^\[|\]$/g, '')])]
}

export function addressesOf(hosts: Hosts): AppAddresses {
  const { protocol, port } = new URL(hosts.origin)
  const hostname = (name: string) => `${name}.${hosts.appsDomain}`
  return {
    hostname,
    webUrl: (name) => `${protocol}//${hostname(name)}${port ? `:${port}` : ''}/`,
    gitUrl: (name) => `${hosts.origin}/${name}.git`,
  }
}

export interface DispatchOptions {
  hosts: Hosts
  world: World
  /** Leaves in the headers what is true, before anything is decided by them. */
  meet(req: IncomingMessage): unknown
  /** The platform's own server. */
  own(req: IncomingMessage, res: ServerResponse): void
  /** An upgrade for the platform itself. @returns false when there is nothing of that kind */
  ownUpgrade(req: IncomingMessage, socket: Duplex, head: Buffer): boolean
  router: Pick<Router, 'handle' | 'upgrade'>
  find(appName: string): Promise<Addressed | undefined>
  /** By a hostname of a customer's own. */
  findByDomain(hostname: string): Promise<Addressed | undefined>
  onFault(error: unknown): void
}

/** Short enough that a new, renamed or destroyed app is reached almost at once. */
const knownMs = 1_000
const knownMax = 5_000
const appName = new RegExp(appNamePattern)

/**
 * Sends each request where its Host says, by an exact list: our own server, or an app's dynos, by the app's own name or
 * by a domain that its owner added. No other name is ours, so nobody's DNS entry can make a browser take their page for
 * a part of the platform.
 */
export function dispatch(options: DispatchOptions): Pick<FrontHandlers, 'request' | 'upgrade'> {
  const { hosts, world, router } = options
  const known = new Map<string, { until: number; app: Promise<Addressed | undefined> }>()

  // Names of apps hold no dot and hostnames do, so both are kept in one place.
  function find({ name, isDomain }: { name: string; isDomain: boolean }): Promise<Addressed | undefined> {
    const now = world.now().getTime()
    const entry = known.get(name)
    if (entry && entry.until > now) return entry.app
    if (known.size >= knownMax) known.clear()
    const app = isDomain ? options.findByDomain(name) : options.find(name)
    known.set(name, { until: now + knownMs, app })
    // A failed look is not remembered.
    app.catch(() => known.delete(name))
    return app
  }

  type Place = { at: 'own' } | { at: 'app'; name: string; isDomain: boolean } | { at: 'nowhere' }

  function placeOf(req: IncomingMessage): Place {
    const host = hostnameIn(req.headers.host)
    if (host === null) return { at: 'nowhere' }
    if (hosts.own.has(host)) return { at: 'own' }
    if (hosts.anyAddress && isIP(host.replace(/^\[|\]$/g, ''))) return { at: 'own' }
    const suffix = `.${hosts.appsDomain}`
    if (host.endsWith(suffix)) {
      const name = host.slice(0, -suffix.length)
      return appName.test(name) ? { at: 'app', name, isDomain: false } : { at: 'nowhere' }
    }
    const hostname = hostnameOf(host)
    return hostname ? { at: 'app', name: hostname, isDomain: true } : { at: 'nowhere' }
  }

  return {
    request(req, res) {
      options.meet(req)
      const place = placeOf(req)
      if (place.at === 'own') return options.own(req, res)
      if (place.at === 'nowhere') return noSuchHost(res)
      find(place)
        .then((app) => {
          if (!app && place.isDomain) return noSuchHost(res)
          if (!app) return page(res, 404, 'No such app', `There is no app called ${place.name} here.`)
          if (app.maintenance) {
            return page(res, 503, 'Maintenance', 'This app is being worked on. Please come back in a while.')
          }
          router.handle(app.id, req, res)
        })
        .catch((error) => {
          options.onFault(error)
          if (!res.headersSent) page(res, 503, 'Not available', 'The platform can not look the app up just now.')
        })
    },
    upgrade(req, socket, head) {
      options.meet(req)
      const place = placeOf(req)
      if (place.at === 'own' && options.ownUpgrade(req, socket, head)) return
      if (place.at !== 'app') return refuse(socket, '404 Not Found')
      find(place)
        .then((app) => {
          if (!app) return refuse(socket, '404 Not Found')
          if (app.maintenance) return refuse(socket, '503 Service Unavailable')
          router.upgrade(app.id, req, socket, head)
        })
        .catch((error) => {
          options.onFault(error)
          refuse(socket, '503 Service Unavailable')
        })
    },
  }
}

function hostnameIn(header: string | undefined): string | null {
  return /^(\[[0-9a-f:.]+\]|[^:\s/@]+)(?::\d{1,5})?$/i.exec(header ?? '')?.[1]?.toLowerCase() ?? null
}

function noSuchHost(res: ServerResponse): void {
  page(res, 404, 'No such host', 'Nothing is served under this name.')
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}

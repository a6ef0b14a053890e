import { BlockList, isIP } from 'node:net'
import type { IncomingMessage } from 'node:http'
import { unmapped } from './addresses.js'

/** Who asks, as the connection tells it, or whoever we trust to have passed the request on. */
export interface Caller {
  /** The client's IP address, not that of a proxy we trust. */
  address: string
  proto: 'http' | 'https'
  /** It came through somebody: then being near proves nothing. */
  isPassedOn: boolean
  /** Whoever brought it is trusted to say where it comes from. */
  isTrusted: boolean
  /** Another process of this installation sent it on: it goes no further. */
  isFromPeer: boolean
}

export interface Proxies {
  /**
   * Tells who asks, and leaves in the request's headers only what is true: X-Forwarded-Proto and -Port as we believe them,
   * Host as the client wrote it, and X-Forwarded-For without the proxies we trust and without the caller itself. May be
   * repeated: the first look counts.
   */
  meet(request: IncomingMessage): Caller
  /** The headers by which another process of ours learns who asked. */
  vouchFor(request: IncomingMessage): Record<string, string>
}

/** Seals what one process says to another of the same installation. */
export interface Voucher {
  seal(text: string): string
  /** @throws when none of ours sealed it */
  open(sealed: string): string
  now(): Date
}

/** How long a word between two processes counts. */
const voucherMsMax = 60_000
const voucherHeader = 'mortise-forwarded'
/** What a proxy adds; from anybody else it is a stranger's claim. */
const claims = ['x-forwarded-host', 'x-forwarded-port', 'x-forwarded-proto', 'forwarded'] as const

/**
 * @param trusted addresses and networks (`10.0.0.0/8`) of proxies whose X-Forwarded-* headers are believed; of others only
 *   the connection is. As `networkProblem` allows them
 */
export function proxies(trusted: readonly string[], voucher?: Voucher): Proxies {
  const networks = new BlockList()
  for (const network of trusted) {
    const { address, bits, family } = parseNetwork(network)
    networks.addSubnet(address, bits, family)
  }
  const met = new WeakMap<IncomingMessage, Caller>()

  const isTrusted = (address: string) =>
    isIP(address) > 0 && networks.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')

  function look(request: IncomingMessage): Caller {
    const { headers, socket } = request
    const peer = unmapped(socket.remoteAddress ?? '')
    const vouched = fromPeer(headers[voucherHeader], voucher)
    delete headers[voucherHeader]
    if (vouched) return vouched
    const isPassedOn = [...claims, 'x-forwarded-for', 'via'].some((name) => headers[name] !== undefined)
    const isTls = 'encrypted' in socket
    const own = {
      address: peer,
      proto: isTls ? 'https' : 'http',
      isPassedOn,
      isTrusted: false,
      isFromPeer: false,
    } as const
    if (!isTrusted(peer)) {
      for (const name of claims) delete headers[name]
      return own
    }
    const chain = listOf(headers['x-forwarded-for'])
    let address: string = peer
    // From the nearest to the farthest: beyond the first that we do not trust, anybody may have written anything.
    while (isTrusted(address) && chain.length) {
      const next = plainAddress(chain.pop() ?? '')
      if (next === null) break
      address = next
    }
    // The last word is the one that the proxy next to us wrote itself.
    const proto = listOf(headers['x-forwarded-proto']).pop()?.toLowerCase()
    const host = listOf(headers['x-forwarded-host']).pop()
    const port = listOf(headers['x-forwarded-port']).pop()
    for (const name of claims) delete headers[name]
    if (chain.length) headers['x-forwarded-for'] = chain.join(', ')
    else delete headers['x-forwarded-for']
    if (host !== undefined && /^[\w.:[\]-]{1,260}$/.test(host)) headers.host = host
    if (port !== undefined && /^\d{1,5}$/.test(port)) headers['x-forwarded-port'] = port
    return {
      ...own,
      isTrusted: true,
      address,
      proto: proto === 'https' ? 'https' : proto === 'http' ? 'http' : own.proto,
    }
  }

  function meet(request: IncomingMessage): Caller {
    const known = met.get(request)
    if (known) return known
    const caller = look(request)
    request.headers['x-forwarded-proto'] = caller.proto
    met.set(request, caller)
    return caller
  }

  return {
    meet,
    vouchFor(request): Record<string, string> {
      if (!voucher) return {}
      const { address, proto, isPassedOn, isTrusted } = meet(request)
      return {
        [voucherHeader]: voucher.seal(
          JSON.stringify({ address, proto, isPassedOn, isTrusted, at: voucher.now().getTime() }),
        ),
      }
    },
  }
}

/** A stranger's header of that name opens nothing, and says nothing. */
function fromPeer(header: string | string[] | undefined, voucher: Voucher | undefined): Caller | null {
  if (typeof header !== 'string' || !voucher) return null
  try {
    const { address, proto, isPassedOn, isTrusted, at } = JSON.parse(voucher.open(header))
    return Math.abs(voucher.now().getTime() - at) <= voucherMsMax
      ? { address, proto, isPassedOn, isTrusted, isFromPeer: true }
      : null
  } catch {
    return null
  }
}

/** What is wrong with a network that somebody wants to trust, in a sentence; null when nothing is. */
export function networkProblem(text: string): string | null {
  const [address = '', bits, ...more] = text.split('/')
  const family = isIP(address)
  const bitsMax = family === 6 ? 128 : 32
  if (!family || more.length || (bits !== undefined && (!/^\d{1,3}$/.test(bits) || Number(bits) > bitsMax))) {
    return `takes an address or a network such as 127.0.0.1 or 10.0.0.0/8, not "${text}".`
  }
  // 10.0.0.0/8 and fc00::/7 are the largest networks that anybody can call their own. Source: RFC 1918, RFC 4193.
  if (Number(bits ?? bitsMax) < (family === 6 ? 7 : 8)) {
    return `${text} is a large part of the Internet: anybody there could say who they are. Name the proxy's own address.`
  }
  return null
}

function parseNetwork(text: string): { address: string; bits: number; family: 'ipv4' | 'ipv6' } {
  const problem = networkProblem(text)
  if (problem) throw new Error(problem)
  const [address = '', bits] = text.split('/')
  const isSix = isIP(address) === 6
  return { address, bits: Number(bits ?? (isSix ? 128 : 32)), family: isSix ? 'ipv6' : 'ipv4' }
}

/** Some proxies write a port behind the address. */
function plainAddress(text: string): string | null {
  const bare = /^\[([0-9a-f:.]+)\](:\d+)?$/i.exec(text)?.[1] ?? /^(\d+\.\d+\.\d+\.\d+)(:\d+)?$/.exec(text)?.[1] ?? text
  const address = unmapped(bare)
  return isIP(address) ? address : null
}

function listOf(header: string | string[] | undefined): string[] {
  return String(header ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean)
}

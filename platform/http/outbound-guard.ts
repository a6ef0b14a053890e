import { type LookupAddress, lookup as lookupCallback } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { promisify } from 'node:util'
import { addressKind } from './addresses.js'

const lookupSystem = promisify(lookupCallback)

/** All addresses of a name. @throws with the system's code when there is none */
export type Resolve = (hostname: string) => Promise<{ address: string; family: number }[]>

export interface GuardOptions {
  /** On a localhost installation providers live on loopback and speak plain http. */
  loopbackAllowed: boolean
  /** Hosts that the operator lists, whatever their address. */
  hostsAllowed?: readonly string[]
  /** Otherwise the system is asked. */
  resolve?: Resolve
}

/** The name leads to an address that is not allowed. */
export class Refused extends Error {}

/** Which addresses may be connected to, judged when the connection is made: what is checked is what is connected to. */
export interface Guard {
  isListed(hostname: string): boolean
  /** For a name or an address literal, which is never looked up. */
  isAllowed(hostname: string, address: string): boolean
  /** Gives allowed addresses only, or an error. For node's and undici's `lookup`. */
  lookup: LookupFunction
}

export function createGuard(options: GuardOptions): Guard {
  const resolve: Resolve = options.resolve ?? ((hostname) => lookupSystem(hostname, { all: true }))
  const allowed = new Set((options.hostsAllowed ?? []).map((host) => host.toLowerCase()))
  const isListed = (hostname: string) => allowed.has(hostname.toLowerCase())

  function isAllowed(hostname: string, address: string): boolean {
    if (isListed(hostname)) return true
    const kind = addressKind(address)
    return kind === 'public' || (kind === 'loopback' && options.loopbackAllowed)
  }

  return {
    isListed,
    isAllowed,
    lookup(hostname, dns, callback) {
      resolve(hostname)
        .then((found) => {
          const good = found.filter((one) => isAllowed(hostname, one.address))
          const first = good[0]
          if (!first) return callback(new Refused(`${hostname} leads to an address that is not allowed`), '', 0)
          // Node asks for all addresses or for one, by what it was built with.
          return (dns as { all?: boolean }).all
            ? (callback as unknown as (e: null, all: LookupAddress[]) => void)(null, good as LookupAddress[])
            : callback(null, first.address, first.family)
        })
        .catch((error: NodeJS.ErrnoException) => callback(error, '', 0))
    },
  }
}

/** The host of a URL as names and literals are compared: without the brackets of an IPv6 address. */
export const hostOf = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '')

/** Whether the host is an address itself, in whatever spelling URL leaves it. */
export const isLiteral = (hostname: string): boolean => /^[\d.]+$|:/.test(hostname)

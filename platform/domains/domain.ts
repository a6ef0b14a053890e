import { isIP } from 'node:net'
import { domainToASCII } from 'node:url'

/** A hostname of the customer's own that leads to an app. */
export interface CustomDomain {
  id: string
  appId: string
  /** Lower case, in ASCII; `*.example.com` stands for every name one label below. */
  hostname: string
  sniEndpoint: { id: string; name: string } | null
  createdAt: Date
  updatedAt: Date
}

/** Of one app. Source: Dev Center, "Custom Domain Names for Apps" (1000). */
export const domainsMax = 1000

const label = /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/

/**
 * A hostname as it is kept and compared: lower case, without a dot at its end, international names in their ASCII form.
 * @returns undefined for what no DNS entry and no Host header can be
 */
export function hostnameOf(given: string): string | undefined {
  const text = given.trim().replace(/\.$/, '')
  const isWildcard = text.startsWith('*.')
  const ascii = domainToASCII(isWildcard ? text.slice(2) : text).toLowerCase()
  const labels = ascii.split('.')
  if (ascii.length > 251 || labels.length < 2 || isIP(ascii) || !labels.every((one) => label.test(one)))
    return undefined
  // A top-level domain is never all digits; what looks so is a mistyped address.
  if (/^\d+$/.test(labels.at(-1) ?? '')) return undefined
  return isWildcard ? `*.${ascii}` : ascii
}

/** `www.example.com` → `*.example.com`: the wildcard that a hostname falls under. */
export function wildcardOver(hostname: string): string {
  return `*.${hostname.split('.').slice(1).join('.')}`
}

/** Names that only ever mean a machine itself or its own network. Source: RFC 6761, RFC 6762, RFC 8375. */
const localSuffixes = ['localhost', 'local', 'localdomain', 'internal', 'home.arpa', 'invalid']

/**
 * Whether a hostname is the platform's own or lies beneath it: an app that was served there would share cookies and
 * trust with us.
 * @param own host names of the platform and the domain of its apps
 */
export function isReserved(hostname: string, own: Iterable<string>): boolean {
  const plain = hostname.replace(/^\*\./, '')
  const isUnder = (suffix: string) => plain === suffix || plain.endsWith(`.${suffix}`)
  for (const name of [...localSuffixes, ...own]) {
    if (isUnder(name)) return true
    // A wildcard must not reach over our name either.
    if (hostname.startsWith('*.') && wildcardOver(name) === hostname) return true
  }
  return false
}

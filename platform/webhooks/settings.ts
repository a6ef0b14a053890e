import { isIP } from 'node:net'
import { invalid, WireError } from '@mortise/contract/errors'
import { includes, includesOfCustomersOnly } from '@mortise/contract/events/names'
import { addressKind } from '../http/addresses.js'
import type { WebhookSide } from './webhook.js'

/**
 * The address as it is kept. Where it really leads is judged again at every delivery; here is said early what could
 * never work.
 * @param isAtHome only this machine's people can reach the platform, so its loopback may be meant
 * @throws WireError 422
 */
export function checkUrl(given: string, isAtHome: boolean): string {
  const url = URL.canParse(given) ? new URL(given) : null
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:') {
    throw invalid(`"${given.slice(0, 80)}" is no address to send to. Write it like https://example.com/hooks.`)
  }
  if (url.username || url.password) {
    throw invalid('Leave name and password out of the address; give them as "authorization", which is kept secret.')
  }
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const isLoopback = host === 'localhost' || (isIP(host) !== 0 && addressKind(host) === 'loopback')
  if (isLoopback && isAtHome) return url.href
  if (isLoopback || (isIP(host) !== 0 && addressKind(host) !== 'public')) {
    throw invalid(`Webhooks are not sent to ${host}: it is no public address.`)
  }
  if (url.protocol === 'http:') {
    const exception = isAtHome ? ' Only this machine itself (localhost) may do without.' : ''
    throw invalid(`The address must begin with https.${exception}`)
  }
  return url.href
}

/** @throws WireError 422 that names what can be included, or 403 when it is not a provider's to hear */
export function checkIncludes(given: readonly string[], side: WebhookSide): string[] {
  // Clients also write `dyno` for `api:dyno`.
  const wanted = [...new Set(given.map((one) => (one.startsWith('api:') ? one : `api:${one}`)))]
  const unknown = wanted.find((one) => !includes.includes(one))
  if (unknown) throw invalid(`There are no events "${unknown.slice(0, 60)}". Choose from ${includes.join(', ')}.`)
  const foreign = wanted.find((one) => side === 'provider' && includesOfCustomersOnly.includes(one))
  if (foreign) {
    throw new WireError('forbidden', `Events "${foreign}" are the customer's alone. Leave them out.`)
  }
  return wanted
}

/** It becomes the value of a header, where a line break would begin another one. @throws WireError 422 */
export function checkAuthorization(given: string): string {
  if (/^[\x20-\x7e]+$/.test(given)) return given
  throw invalid('"authorization" is sent as a header: it can hold printable ASCII characters only.')
}

/** Includes that are accepted because clients ask for them, and that never come. */
export function neverCome(wanted: readonly string[]): string[] {
  return wanted.filter((one) => one === 'api:sni-endpoint' || one === 'api:ssl-endpoint')
}

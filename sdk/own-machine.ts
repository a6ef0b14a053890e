import type { Asked } from './http.js'

/**
 * Whether somebody tries the service out on one machine, over plain http. Cookies that say `Secure` never come back
 * then: kensa, curl and Safari take the word as it stands at http://localhost too, unlike Chromium and Firefox.
 *
 * A proxy that does not pass on the name it was asked by looks like this machine as well. So whatever tells of https
 * speaks against it, and so does a browser that was not sent here by a page of this machine: what a proxy passes on
 * comes from browsers, and every browser names the page's origin with a form, or at least that it is a browser.
 */
export function isOwnMachine({ header }: Pick<Asked, 'header'>): boolean {
  if (header('forwarded') !== undefined || (header('x-forwarded-proto') ?? 'http') !== 'http') return false
  if (!isLoopback(`http://${header('host') ?? ''}`)) return false
  const origin = header('origin')
  return origin === undefined ? header('sec-fetch-mode') === undefined : isLoopback(origin)
}

function isLoopback(address: string): boolean {
  if (!URL.canParse(address)) return false
  const { protocol, hostname } = new URL(address)
  return protocol === 'http:' && /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/.test(hostname)
}

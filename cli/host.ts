import { wrongUsage } from './failure.js'

/** Where a server of one's own listens unless told otherwise. */
export const defaultHost = 'http://localhost:5055'

/**
 * The server's origin from what a person typed: `localhost:5055`, `mortise.example.com`, a whole URL.
 * A loopback name without a scheme means http, any other name https, so that a token never goes over
 * the open network in the clear by accident.
 */
export function originOf(given: string): string {
  const text = given.trim()
  const withScheme = /^[a-z]+:\/\//i.test(text) ? text : `${isLoopback(text) ? 'http' : 'https'}://${text}`
  let url: URL
  try {
    url = new URL(withScheme)
  } catch {
    throw wrongUsage(`"${given}" is no address of a server.`, `Write it like ${defaultHost}`)
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw wrongUsage(`"${given}" is no http address.`, `Write it like ${defaultHost}`)
  }
  return url.origin
}

function isLoopback(text: string): boolean {
  const name = text.replace(/[:/].*$/, '').toLowerCase()
  return name === 'localhost' || name.endsWith('.localhost') || name.startsWith('127.') || text.startsWith('[::1]')
}

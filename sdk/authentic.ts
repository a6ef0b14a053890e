import { createHash, timingSafeEqual } from 'node:crypto'

/** Compares two texts in a time that tells nothing about where they differ, nor how long they are. */
export function isSame(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(a), digest(b))
}

/** Whether the text is one of them. Looks at all of them, always. */
export function isOneOf(text: string, known: readonly string[]): boolean {
  let found = false
  for (const each of known) found = isSame(text, each) || found
  return found
}

/**
 * Whether an Authorization header carries the service's id and one of its passwords. Several, so that a password
 * can be changed while the platform still uses the old one.
 */
export function isAuthentic(header: string | undefined, id: string, passwords: readonly string[]): boolean {
  const encoded = /^basic\s+([A-Za-z0-9+/_=-]+)\s*$/i.exec(header ?? '')?.[1] ?? ''
  const text = Buffer.from(encoded, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  const isUser = isSame(colon < 0 ? '' : text.slice(0, colon), id)
  const isPassword = isOneOf(colon < 0 ? '' : text.slice(colon + 1), passwords)
  return colon >= 0 && isUser && isPassword
}

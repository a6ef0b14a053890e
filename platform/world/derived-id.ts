import { createHash } from 'node:crypto'

/** A stable uuid for what has no row of its own (version 8: of our own making). Source: RFC 9562. */
export function derivedId(kind: string, of: string): string {
  const hex = createHash('sha256').update(`${kind}:${of}`).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

import { scryptSync } from 'node:crypto'

/** For tests: a hash names its own cost, and this one is cheap, so that many passwords can be tried. */
export function quickHash(text: string): string {
  const salt = Buffer.alloc(16, 7)
  const hash = scryptSync(text, salt, 32, { N: 2 ** 4, r: 8, p: 1 })
  return `scrypt$4$8$1$${salt.toString('base64url')}$${hash.toString('base64url')}`
}

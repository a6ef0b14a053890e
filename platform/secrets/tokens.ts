import { createHash, randomBytes, randomUUID, scrypt as scryptCallback, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'

const scrypt = promisify(scryptCallback) as (
  password: string,
  salt: Buffer,
  bytes: number,
  options: object,
) => Promise<Buffer>

/** 256 bits, spelled for URLs and headers. */
export function newToken(prefix = ''): string {
  return prefix + randomBytes(32).toString('base64url')
}

/** 122 bits, for where the wire wants a uuid: `d.<uuid>` and `t.<uuid>` of logs. */
export function newUuidToken(prefix: 'd.' | 't.'): string {
  return prefix + randomUUID()
}

/** Tokens are long and random, so one round of SHA-256 is enough; only this is stored. */
export function tokenHash(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}

/** Compares in constant time, whatever the lengths. */
export function sameSecret(given: string, wanted: string): boolean {
  return timingSafeEqual(createHash('sha256').update(given).digest(), createHash('sha256').update(wanted).digest())
}

// OWASP's scrypt setting (N = 2^17, r = 8, p = 1): 128 MiB and about 0.3 s a try on a small machine.
const cost = { N: 2 ** 17, r: 8, p: 1, maxmem: 256 * 1024 * 1024 }
const passwordBytes = 32

/** `scrypt$17$8$1$salt$hash`, in base64url. */
export async function passwordHash(password: string): Promise<string> {
  const salt = randomBytes(16)
  const hash = await scrypt(password.normalize('NFKC'), salt, passwordBytes, cost)
  return `scrypt$17$8$1$${salt.toString('base64url')}$${hash.toString('base64url')}`
}

/** An unknown account costs the same time as a wrong password when `stored` is null. */
export async function isPassword(password: string, stored: string | null): Promise<boolean> {
  const [, log2, r, p, salt, hash] = (stored ?? `scrypt$17$8$1$${'A'.repeat(22)}$${'A'.repeat(43)}`).split('$')
  const options = { ...cost, N: 2 ** Number(log2), r: Number(r), p: Number(p) }
  const wanted = Buffer.from(hash ?? '', 'base64url')
  const found = await scrypt(password.normalize('NFKC'), Buffer.from(salt ?? '', 'base64url'), wanted.length, options)
  return timingSafeEqual(found, wanted) && stored !== null
}

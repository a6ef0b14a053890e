import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

export interface Seal {
  /** @param about where the text is kept, such as `tokens:<uuid>`: sealed text moved elsewhere does not open */
  close(text: string, about: string): string
  /** @throws Error when it was altered, moved, or sealed with another key */
  open(sealed: string, about: string): string
}

/**
 * AES-256-GCM.
 * @param key 32 bytes in hex
 * @throws Error for anything else: better when a provider starts than with its first customer
 */
export function createSeal(key: string): Seal {
  const bytes = Buffer.from(key, 'hex')
  if (bytes.length !== 32)
    throw new Error('The key of the seal must be 32 bytes in hex, such as `openssl rand -hex 32` makes.')
  return {
    close(text, about) {
      const iv = randomBytes(12)
      const cipher = createCipheriv('aes-256-gcm', bytes, iv).setAAD(Buffer.from(about))
      const data = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return Buffer.concat([iv, cipher.getAuthTag(), data]).toString('base64')
    },
    open(sealed, about) {
      const all = Buffer.from(sealed, 'base64')
      const decipher = createDecipheriv('aes-256-gcm', bytes, all.subarray(0, 12)).setAAD(Buffer.from(about))
      decipher.setAuthTag(all.subarray(12, 28))
      return Buffer.concat([decipher.update(all.subarray(28)), decipher.final()]).toString('utf8')
    },
  }
}

import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto'
import type { MasterKeys } from './keys.js'

/**
 * Sealed form: format (1) | master key version (1) | wrapped data key: iv 12, tag 16, key 32 | iv 12 | tag 16 | text.
 * Every sealed value has a data key of its own, wrapped by a master key, so a master key is replaced
 * by wrapping the data keys again and no value is decrypted for it.
 */
const format = 1
const ivBytes = 12
const tagBytes = 16
const keyBytes = 32
const headBytes = 2 + ivBytes + tagBytes + keyBytes

export interface Secrets {
  /** @param context names table, immutable row id and version: a value moved to another row does not open */
  seal(text: string, context: string): Buffer
  /** @throws when the value was changed, moved to another row, or sealed under an unknown master key */
  open(sealed: Buffer, context: string): string
  /** The same value under the key that seals now, without opening it; null when it is already. @throws as `open` */
  rewrap(sealed: Buffer, context: string): Buffer | null
  /** A secret that can be made again from its context, so that it needs no storing. */
  derive(context: string): string
}

export function createSecrets(masters: MasterKeys): Secrets {
  function unwrap(sealed: Buffer, context: string): Buffer {
    const head = sealed.subarray(0, 2)
    const version = head[1] ?? 0
    // Another process may seal with a key that came after we looked last.
    if (!masters.byVersion.has(version)) masters.reload?.()
    const master = masters.byVersion.get(version)
    if (head[0] !== format || !master || sealed.length < headBytes + ivBytes + tagBytes) {
      throw new Error(`a sealed value can't be opened: format ${head[0]}, master key version ${head[1]}`)
    }
    return decrypt(master.key, sealed.subarray(2, headBytes), Buffer.concat([head, Buffer.from(context)]))
  }

  return {
    seal(text, context) {
      const dataKey = randomBytes(keyBytes)
      const head = Buffer.from([format, masters.current.version])
      const wrapped = encrypt(masters.current.key, dataKey, Buffer.concat([head, Buffer.from(context)]))
      return Buffer.concat([head, wrapped, encrypt(dataKey, Buffer.from(text, 'utf8'), Buffer.from(context))])
    },
    open(sealed, context) {
      const dataKey = unwrap(sealed, context)
      return decrypt(dataKey, sealed.subarray(headBytes), Buffer.from(context)).toString('utf8')
    },
    rewrap(sealed, context) {
      const { version, key } = masters.current
      if (sealed[1] === version) return null
      const head = Buffer.from([format, version])
      const wrapped = encrypt(key, unwrap(sealed, context), Buffer.concat([head, Buffer.from(context)]))
      return Buffer.concat([head, wrapped, sealed.subarray(headBytes)])
    },
    derive(context) {
      return createHmac('sha256', masters.current.key).update(`derive:${context}`).digest('base64url')
    },
  }
}

function encrypt(key: Buffer, text: Buffer, context: Buffer): Buffer {
  const iv = randomBytes(ivBytes)
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(context)
  const body = Buffer.concat([cipher.update(text), cipher.final()])
  return Buffer.concat([iv, cipher.getAuthTag(), body])
}

function decrypt(key: Buffer, sealed: Buffer, context: Buffer): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, ivBytes), { authTagLength: tagBytes })
  decipher.setAAD(context).setAuthTag(sealed.subarray(ivBytes, ivBytes + tagBytes))
  return Buffer.concat([decipher.update(sealed.subarray(ivBytes + tagBytes)), decipher.final()])
}

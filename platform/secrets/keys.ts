import { randomBytes } from 'node:crypto'
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'

/** A master key wraps data keys; several may be known while one replaces the other. */
export interface MasterKey {
  /** 1–255, written into every sealed value. */
  version: number
  key: Buffer
}

/** The newest key seals; all open. */
export interface MasterKeys {
  current: MasterKey
  byVersion: ReadonlyMap<number, MasterKey>
}

const keyBytes = 32

/** `1:base64,2:base64` as in MORTISE_MASTER_KEYS; the highest version seals. @throws on a malformed list */
export function parseMasterKeys(text: string): MasterKeys {
  const byVersion = new Map<number, MasterKey>()
  for (const part of text.split(/[,\s]+/).filter(Boolean)) {
    const [number, encoded] = part.split(':')
    const version = Number(number)
    const key = Buffer.from(encoded ?? '', 'base64')
    if (!Number.isInteger(version) || version < 1 || version > 255 || key.length !== keyBytes) {
      throw new Error(`A master key is written as VERSION:BASE64 of ${keyBytes} bytes, VERSION from 1 to 255.`)
    }
    const same = byVersion.get(version)
    // The last would win, and whatever the other one sealed could never be opened again.
    if (same && !same.key.equals(key)) throw new Error(`Master key version ${version} was given twice, with two keys.`)
    byVersion.set(version, { version, key })
  }
  const current = byVersion.get(Math.max(...byVersion.keys()))
  if (!current) throw new Error('No master key was given.')
  return { current, byVersion }
}

/** Reads the key file, or makes it (mode 0600, written and synced before its name appears). */
export function masterKeysIn(file: string): MasterKeys {
  if (!existsSync(file)) {
    const draft = `${file}.${process.pid}`
    const handle = openSync(draft, 'wx', 0o600)
    writeSync(handle, `1:${randomBytes(keyBytes).toString('base64')}\n`)
    fsyncSync(handle)
    closeSync(handle)
    renameSync(draft, file)
  }
  return parseMasterKeys(readFileSync(file, 'utf8'))
}

import { randomBytes } from 'node:crypto'
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'

/** A master key wraps data keys; several may be known while one replaces the other. */
export interface MasterKey {
  /** 1–255, written into every sealed value. */
  version: number
  key: Buffer
}

/** One key seals, the newest unless told; all open. They may change while we run. */
export interface MasterKeys {
  current: MasterKey
  byVersion: Map<number, MasterKey>
  /** Looks for keys again where they came from. Absent where they can't change. */
  reload?(): void
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

/** As `parseMasterKeys` reads them. */
export function formatMasterKeys(keys: Iterable<MasterKey>): string {
  return [...keys].map(({ version, key }) => `${version}:${key.toString('base64')}\n`).join('')
}

/** @throws when all 255 versions were used */
export function newMasterKey(keys: MasterKeys): MasterKey {
  const version = Math.max(...keys.byVersion.keys()) + 1
  if (version > 255) throw new Error('All 255 versions of the master key were used.')
  return { version, key: randomBytes(keyBytes) }
}

/** Whole or not at all, synced, mode 0600. */
export function writeMasterKeys(file: string, keys: Iterable<MasterKey>): void {
  const draft = `${file}.${process.pid}`
  const handle = openSync(draft, 'wx', 0o600)
  writeSync(handle, formatMasterKeys(keys))
  fsyncSync(handle)
  closeSync(handle)
  renameSync(draft, file)
}

/** Chooses the key that seals. @returns false when we do not know it */
export function sealWith(keys: MasterKeys, version: number): boolean {
  const key = keys.byVersion.get(version)
  if (key) keys.current = key
  return key !== undefined
}

/** Reads the key file, or makes it (mode 0600, written and synced before its name appears). */
export function masterKeysIn(file: string): MasterKeys {
  if (!existsSync(file)) writeMasterKeys(file, [{ version: 1, key: randomBytes(keyBytes) }])
  const keys = parseMasterKeys(readFileSync(file, 'utf8'))
  keys.reload = () => {
    const found = parseMasterKeys(readFileSync(file, 'utf8')).byVersion
    for (const version of [...keys.byVersion.keys()]) if (!found.has(version)) keys.byVersion.delete(version)
    for (const [version, key] of found) keys.byVersion.set(version, key)
  }
  return keys
}

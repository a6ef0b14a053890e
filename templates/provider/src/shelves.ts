import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What a customer gets: some keys with values, and a secret that lets an app read and write them. */
export interface Shelf {
  secret: string
  values: Record<string, string>
}

/** Keeps each shelf in a file. Replace it by what your service really is; the names of its verbs can stay. */
export function openShelves(dir: string) {
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const fileOf = (uuid: string) => join(dir, `${uuid}.json`)

  function find(uuid: string): Shelf | null {
    if (!/^[0-9a-f-]{36}$/.test(uuid)) return null
    try {
      return JSON.parse(readFileSync(fileOf(uuid), 'utf8')) as Shelf
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
      throw error
    }
  }

  /** Written beside and renamed, so that a crash leaves the old file or the new one. */
  function save(uuid: string, shelf: Shelf): void {
    writeFileSync(`${fileOf(uuid)}.new`, JSON.stringify(shelf), { mode: 0o600 })
    renameSync(`${fileOf(uuid)}.new`, fileOf(uuid))
  }

  return {
    find,
    /** "Is there already" is success: the platform may ask again when it did not hear the answer. */
    make(uuid: string): Shelf {
      const known = find(uuid)
      if (known) return known
      const shelf: Shelf = { secret: randomBytes(24).toString('base64url'), values: {} }
      save(uuid, shelf)
      return shelf
    },
    put(uuid: string, shelf: Shelf, key: string, value: string): void {
      save(uuid, { ...shelf, values: { ...shelf.values, [key]: value } })
    },
    /** "Is gone already" is success, too. */
    remove(uuid: string): void {
      rmSync(fileOf(uuid), { force: true })
    },
  }
}

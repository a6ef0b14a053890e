import { createHash } from 'node:crypto'
import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { createQueue, emptied } from './memory-store.js'
import type { Resource, ResourceStore, Tokens } from './resource.js'

interface Kept {
  resource: Resource
  tokens: Tokens | null
}

/**
 * A store in a folder, a file for each resource, for a provider that is one process on one machine. Files are written
 * beside, flushed and renamed, so a crash leaves the old or the new one. They hold secrets: mode 0600, not sealed.
 */
export function fileStore(dir: string): ResourceStore {
  const resources = join(dir, 'resources')
  mkdirSync(resources, { recursive: true, mode: 0o700 })
  const claim = createQueue()
  const fileOf = (uuid: string) => {
    if (!/^[0-9a-f-]{36}$/.test(uuid)) throw new Error('A resource is named by a uuid in lower case.')
    return join(resources, `${uuid}.json`)
  }
  const read = (uuid: string) => readJson<Kept>(fileOf(uuid))
  const write = (kept: Kept) => writeWhole(fileOf(kept.resource.uuid), kept)
  const usedFile = join(dir, 'used-tokens.json')

  return {
    claim,
    get: async (uuid) => read(uuid)?.resource ?? null,
    async list() {
      const names = readdirSync(resources).filter((name) => name.endsWith('.json'))
      return names.sort().flatMap((name) => readJson<Kept>(join(resources, name))?.resource ?? [])
    },
    async page(after, limit) {
      const names = readdirSync(resources).filter((name) => name.endsWith('.json') && name > `${after ?? ''}.json`)
      const page: Resource[] = []
      for (const name of names.sort()) {
        if (page.length === limit) break
        const kept = readJson<Kept>(join(resources, name))
        if (kept && kept.resource.state !== 'removed') page.push(kept.resource)
      }
      return page
    },
    async save(resource) {
      write({ resource, tokens: read(resource.uuid)?.tokens ?? null })
    },
    async remove(uuid) {
      const { name = null, plan = '', region = '' } = read(uuid)?.resource ?? {}
      write({ resource: { uuid, name, plan, region, ...emptied }, tokens: null })
    },
    tokens: async (uuid) => read(uuid)?.tokens ?? null,
    async saveTokens(uuid, tokens) {
      const kept = read(uuid)
      // A removal may have come first; its tombstone keeps no tokens.
      if (kept && kept.resource.state !== 'removed') write({ ...kept, tokens })
    },
    useOnce(token, until, now) {
      return claim('used tokens', async () => {
        const hash = createHash('sha256').update(token).digest('base64url')
        const used = readJson<Record<string, number>>(usedFile) ?? {}
        const fresh = Object.fromEntries(Object.entries(used).filter(([, end]) => end >= now.getTime()))
        if (Object.hasOwn(fresh, hash)) return false
        writeWhole(usedFile, { ...fresh, [hash]: until.getTime() })
        return true
      })
    },
  }
}

function readJson<T>(file: string): T | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

function writeWhole(file: string, value: unknown): void {
  const half = `${file}.new`
  const handle = openSync(half, 'w', 0o600)
  try {
    writeSync(handle, JSON.stringify(value))
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
  renameSync(half, file)
}

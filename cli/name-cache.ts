import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'

/** Long enough for one line to be typed, short enough that a new app is offered soon. */
const keptMs = 60_000

/** `$XDG_CACHE_HOME/mortise/names.json`, else below `~/.cache`. */
export function nameCacheFile(env: Record<string, string | undefined>): string {
  const given = env['XDG_CACHE_HOME']
  const base = given && path.isAbsolute(given) ? given : path.join(env['HOME'] || os.homedir(), '.cache')
  return path.join(base, 'mortise', 'names.json')
}

type Cache = Record<string, { at: number; names: string[] }>

/**
 * Names as they were at most a minute ago. They are kept for whoever presses the key again, readable by their owner only.
 * @param key what they are, of which server, for whom
 */
export async function rememberedNames(file: string, key: string, look: () => Promise<string[]>): Promise<string[]> {
  const now = Date.now()
  const cache = await read(file)
  const kept = cache[key]
  if (kept && kept.at <= now && now - kept.at < keptMs) return kept.names
  const names = await look()
  const fresh = Object.entries(cache).filter(([, { at }]) => now - at < keptMs)
  await write(file, { ...Object.fromEntries(fresh), [key]: { at: now, names } })
  return names
}

async function read(file: string): Promise<Cache> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Cache
  } catch {
    // Not there, or broken by whatever: it is only a cache.
    return {}
  }
}

async function write(file: string, cache: Cache): Promise<void> {
  const beside = `${file}.${process.pid}`
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 })
  await writeFile(beside, JSON.stringify(cache), { mode: 0o600 })
  await rename(beside, file)
}

import type { Db } from '../db/db.js'
import type { World } from '../world/world.js'
import { outputCharactersMax } from './build.js'
import { appendOutput } from './store.js'

/** Collects what a build prints and writes it down a few times a second, in order. */
export interface OutputWriter {
  write(text: string): void
  /** Resolves when all that was written so far is in the database. */
  flush(): Promise<void>
}

const flushMs = 200

export function outputWriter({ db, world }: { db: Db; world: World }, buildId: string, epoch: number): OutputWriter {
  let waiting = ''
  let length = 0
  let waits: AbortController | undefined
  let last: Promise<void> = Promise.resolve()

  const flush = (): Promise<void> => {
    waits?.abort()
    waits = undefined
    const text = waiting
    waiting = ''
    if (text) last = last.then(() => appendOutput(db, buildId, epoch, text))
    return last
  }

  async function flushSoon(): Promise<void> {
    const mine = new AbortController()
    waits = mine
    await world.sleep(flushMs, mine.signal)
    if (!mine.signal.aborted) await flush().catch(() => undefined)
  }

  return {
    write(text) {
      if (length > outputCharactersMax) return
      const clean = readable(text)
      length += clean.length
      waiting += clean
      if (length > outputCharactersMax) waiting += '\n !     The output is longer than what is kept.\n'
      if (!waits) void flushSoon()
    },
    // A part that could not be written is lost, and the build goes on: its outcome counts for more than its words.
    flush: () => flush().catch(() => undefined),
  }
}

/** PostgreSQL keeps no NUL and no half characters. */
function readable(text: string): string {
  return Buffer.from(text.replaceAll('\0', '')).toString()
}

import type { World } from '../world/world.js'

/** How long a reader of an output waits before it looks for more. */
const lookMs = 200
/** Some proxies close what is silent for a minute. A NUL is what Heroku sends to keep a build's stream open. */
const silentMs = 20_000

export interface Part {
  text: string
  /** Of the whole output so far, in characters. */
  length: number
  isOver: boolean
}

/**
 * An output from its start until it is over. It is read from the database and not from whoever writes it, so that it
 * goes on after a restart, and in another process.
 */
export async function* follow(
  world: World,
  read: (from: number) => Promise<Part | undefined>,
  gone: AbortSignal,
): AsyncGenerator<string> {
  let from = 0
  let silent = 0
  while (!gone.aborted) {
    const part = await read(from)
    if (!part) return
    if (part.text) {
      yield part.text
      silent = 0
    } else if (silent >= silentMs) {
      yield '\0'
      silent = 0
    }
    from = part.length
    if (part.isOver) return
    await world.sleep(lookMs, gone)
    silent += lookMs
  }
}

import { createHash } from 'node:crypto'

/** Lines that are kept for a report. */
const keptMax = 60

/** What happened in a world: its last lines for people, a hash over all of it, and what was reached. */
export interface Story {
  tell(line: string): void
  /** Part of the hash, too small for a line. */
  mark(text: string): void
  /** Something was written: the checkers have something to look at. */
  wrote(): void
  /** @returns whether something was written since the last time */
  takeWritten(): boolean
  /** For the coverage: a fault, a crash or a story that this world came to. */
  reached(kind: Reached, what: string): void
  last(): string[]
  /** The same for the same seed, always. */
  hash(): string
  readonly coverage: Map<string, number>
}

export type Reached = 'fault' | 'crash' | 'story'

export function createStory(now: () => Date, tell?: (line: string) => void): Story {
  const hash = createHash('sha256')
  const lines: string[] = []
  const coverage = new Map<string, number>()
  let written = false
  return {
    coverage,
    tell(text) {
      const line = `${now().toISOString().slice(5, 23)} ${text}`
      hash.update(`${line}\n`)
      lines.push(line)
      if (lines.length > keptMax) lines.shift()
      tell?.(line)
    },
    mark: (text) => void hash.update(`${now().getTime()} ${text}\n`),
    wrote() {
      written = true
    },
    takeWritten() {
      const was = written
      written = false
      return was
    },
    reached(kind, what) {
      const key = `${kind}: ${what}`
      coverage.set(key, (coverage.get(key) ?? 0) + 1)
    },
    last: () => [...lines],
    hash: () => hash.copy().digest('hex'),
  }
}

import type { LogLine } from '@mortise/runtime/logs/logs'

/** Lines that wait for one drain. Source: Logplex's message buffer. */
export const bufferLinesMax = 1024
/** Of one request's body, unless a single line is longer. Source: Logplex, http drain. */
export const frameBytesMax = 102_400

/** What is sent in one go. */
export interface Frame {
  text: string
  /** Messages in it, a word about losses among them. */
  count: number
  lines: readonly LogLine[]
  /** The losses that it tells of. */
  lost: number
  since: Date
}

export interface DrainBuffer {
  /** Never waits and never grows past its size: the oldest line goes, and is counted. */
  push(line: LogLine): void
  /** Counts what was taken and could not be delivered; the losses that it told of have to be told again. */
  lose(frame: Frame): void
  /** What was taken and never sent waits again, in its place; what is too much is lost. */
  restore(frame: Frame): void
  /** What fits into one frame, the word about losses first; null when there is nothing. */
  take(frame: (line: LogLine) => string, loss: (count: number, since: Date) => string): Frame | null
  /** Resolves when there is something to take, or the signal aborts. */
  filled(signal: AbortSignal): Promise<void>
  readonly size: number
}

/** What one drain has yet to be sent, in memory. */
export function createBuffer(linesMax = bufferLinesMax): DrainBuffer {
  let lines: LogLine[] = []
  let lost = 0
  let lostSince: Date | null = null
  let wake: (() => void) | null = null

  function count(more: number, since: Date): void {
    lost += more
    if (lostSince === null || since < lostSince) lostSince = since
  }

  function trim(): void {
    const over = lines.length - linesMax
    const first = lines[0]
    if (over <= 0 || !first) return
    count(over, first.at)
    // One at a time it is a shift, which is cheaper than a copy.
    if (over === 1) lines.shift()
    else lines = lines.slice(over)
  }

  return {
    get size() {
      return lines.length
    },
    push(line) {
      lines.push(line)
      trim()
      wake?.()
    },
    lose: (frame) => count(frame.lines.length + frame.lost, frame.since),
    restore(frame) {
      lines = [...frame.lines, ...lines]
      if (frame.lost > 0) count(frame.lost, frame.since)
      trim()
    },
    take(frame, loss) {
      const first = lines[0]
      // Losses alone are told with the next line: a receiver that is gone need not be told that it is.
      if (!first) return null
      const since = lostSince ?? first.at
      const parts = lost > 0 ? [loss(lost, since)] : []
      let bytes = parts.reduce((sum, part) => sum + Buffer.byteLength(part), 0)
      let taken = 0
      for (const line of lines) {
        const part = frame(line)
        bytes += Buffer.byteLength(part)
        if (taken > 0 && bytes > frameBytesMax) break
        parts.push(part)
        taken++
      }
      const found = { text: parts.join(''), count: parts.length, lines: lines.slice(0, taken), lost, since }
      lines = lines.slice(taken)
      lost = 0
      lostSince = null
      return found
    },
    filled(signal) {
      if (lines.length > 0 || signal.aborted) return Promise.resolve()
      return new Promise((done) => {
        wake = () => {
          wake = null
          signal.removeEventListener('abort', wakeNow)
          done()
        }
        const wakeNow = wake
        signal.addEventListener('abort', wakeNow, { once: true })
      })
    },
  }
}

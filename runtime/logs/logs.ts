/** One line of an app's log. `heroku` lines are the platform's own: states, router, api. */
export interface LogLine {
  /** Rises by one over all apps; never reused within one life of the platform. */
  seq: number
  at: Date
  source: 'app' | 'heroku'
  /** `web.1`, `worker.1`, `router`, `api`, `build`. */
  dyno: string
  text: string
  /** Written by an add-on through its log input; `dyno` is the add-on's word for itself. */
  isAddon?: boolean
}

export interface LogSink {
  write(appId: string, line: Omit<LogLine, 'seq' | 'at'> & { at?: Date }): void
}

export interface LogFilter {
  source?: string
  /** `web.1` for that dyno, `web` for all of the type. */
  dyno?: string
  /** Only lines after this one: how a follower that lost its connection goes on. */
  afterSeq?: number
}

export interface Logs extends LogSink {
  /** The newest lines that pass, oldest first; 100 unless told. */
  recent(appId: string, filter?: LogFilter, lines?: number): LogLine[]
  /** Hears of each new line that passes. @returns how to stop hearing */
  follow(appId: string, filter: LogFilter | undefined, listener: (line: LogLine) => void): () => void
  /** Drops an app's lines and its followers. May be repeated. */
  forget(appId: string): void
}

/** Heroku's Logplex keeps 1,500 lines of an app. Source: Dev Center, "Logging". */
export const logLinesMax = 1500
/** Longer lines are cut into pieces of this size. Source: Dev Center, "Logging" (10,000 bytes). */
export const lineBytesMax = 10_000

/** The log of every app, in memory: the newest `linesMax` lines of each. Drains and sessions follow it. */
export function createLogs(options: { linesMax?: number; now?: () => Date } = {}): Logs {
  const { linesMax = logLinesMax, now = () => new Date() } = options
  const kept = new Map<string, LogLine[]>()
  const followers = new Map<string, Set<{ filter: LogFilter; listener: (line: LogLine) => void }>>()
  let seq = 0

  return {
    write(appId, { at, ...said }) {
      const line: LogLine = { ...said, seq: ++seq, at: at ?? now() }
      let lines = kept.get(appId)
      if (!lines) {
        lines = []
        kept.set(appId, lines)
      }
      lines.push(line)
      // Cut in slices, not line by line: shifting a long array for every line would cost more than writing it.
      if (lines.length >= linesMax * 2) lines.splice(0, lines.length - linesMax)
      for (const { filter, listener } of followers.get(appId) ?? []) if (passes(line, filter)) listener(line)
    },
    recent(appId, filter = {}, lines = 100) {
      const passing = (kept.get(appId) ?? []).slice(-linesMax).filter((line) => passes(line, filter))
      return lines > 0 ? passing.slice(-lines) : []
    },
    follow(appId, filter, listener) {
      const follower = { filter: filter ?? {}, listener }
      let set = followers.get(appId)
      if (!set) {
        set = new Set()
        followers.set(appId, set)
      }
      set.add(follower)
      return () => {
        set.delete(follower)
        if (!set.size && followers.get(appId) === set) followers.delete(appId)
      }
    },
    forget(appId) {
      kept.delete(appId)
      followers.delete(appId)
    },
  }
}

function passes(line: LogLine, { source, dyno, afterSeq }: LogFilter): boolean {
  if (source && line.source !== source) return false
  if (dyno && line.dyno !== dyno && !line.dyno.startsWith(`${dyno}.`)) return false
  return afterSeq === undefined || line.seq > afterSeq
}

/** Heroku's text of a line: `2026-11-23T22:43:15.000000+00:00 app[web.1]: text`. */
export function formatLine(line: LogLine): string {
  // Heroku prints microseconds; our clock has milliseconds.
  const at = line.at.toISOString().replace('Z', '000+00:00')
  return `${at} ${line.source}[${line.dyno}]: ${line.text}`
}

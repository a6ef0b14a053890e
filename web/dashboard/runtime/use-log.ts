import { useEffect, useRef, useState } from 'react'
import { ApiError, api, routes } from '../../api.js'
import { comeBackAfterMs, eventReader, piecesOf } from '../../event-stream.js'
import { type LogLine, readLine } from './log-line.js'

/** As many lines as the page keeps; older ones go. The command line and drains have more. */
export const keptMax = 2_000
const oldLines = 300
const showMs = 200
/** So many tries without a line, and it is said why. */
const saidAfter = 2
const comeBackMs = { first: 1_000, most: 20_000 }

export interface LogFilter {
  dyno: string
  source: string
}

export type Connection = 'opening' | 'live' | 'broken'

export interface FollowedLog {
  lines: readonly LogLine[]
  /** Lines that came while it was paused. */
  waiting: number
  connection: Connection
  /** Why there is nothing to follow. */
  error: Error | null
  retry(): void
  clear(): void
}

/** An app's log as it is written, through a session of its own; goes on where it was after a break. */
export function useLog(app: string, { dyno, source }: LogFilter, isPaused: boolean): FollowedLog {
  const [lines, setLines] = useState<readonly LogLine[]>([])
  const [waiting, setWaiting] = useState(0)
  const [connection, setConnection] = useState<Connection>('opening')
  const [error, setError] = useState<Error | null>(null)
  const kept = useRef<LogLine[]>([])
  const paused = useRef(isPaused)
  const shown = useRef('')
  const [tried, setTried] = useState(0)

  useEffect(() => {
    paused.current = isPaused
    if (isPaused) return
    setLines([...kept.current])
    shown.current = kept.current.at(-1)?.id ?? ''
    setWaiting(0)
  }, [isPaused])

  // biome-ignore lint/correctness/useExhaustiveDependencies: another try opens it anew.
  useEffect(() => {
    const stop = new AbortController()
    let timer: number | undefined
    let showing: number | undefined
    let failures = 0
    let address: string | undefined
    let lastId: string | undefined
    kept.current = []
    setLines([])
    setWaiting(0)
    setConnection('opening')
    setError(null)

    // Many lines a second are shown a few times a second.
    const show = () => {
      showing ??= window.setTimeout(() => {
        showing = undefined
        if (!paused.current) {
          shown.current = kept.current.at(-1)?.id ?? ''
          return setLines([...kept.current])
        }
        const from = kept.current.findIndex(({ id }) => id === shown.current)
        setWaiting(kept.current.length - from - 1)
      }, showMs)
    }

    async function follow(): Promise<void> {
      try {
        address ??= await open()
        const answer = await fetch(address, {
          signal: stop.signal,
          cache: 'no-store',
          headers: lastId === undefined ? {} : { 'Last-Event-ID': lastId },
        })
        // The platform started anew, or it took too long to come back: another session.
        if (answer.status === 404) {
          address = undefined
          lastId = undefined
        }
        if (!answer.ok || !answer.body) throw new Error(`The log answered ${answer.status}.`)
        setConnection('live')
        setError(null)
        failures = 0
        const events = eventReader()
        for await (const piece of piecesOf(answer.body)) {
          const fresh = events(piece).map(({ id, data }) => readLine(id, data))
          if (fresh.length === 0) continue
          lastId = fresh.at(-1)?.id ?? lastId
          kept.current = [...kept.current, ...fresh].slice(-keptMax)
          show()
        }
        failures = 1
      } catch (cause) {
        if (stop.signal.aborted) return
        failures++
        // Said at once where asking again will not help, such as for an app that is gone.
        const isFinal = cause instanceof ApiError && cause.status < 500 && cause.status !== 429
        // Otherwise it comes back by itself; where nothing was read yet, there is nothing to show meanwhile.
        if (isFinal || (failures >= saidAfter && kept.current.length === 0)) setError(cause as Error)
        if (isFinal) return setConnection('broken')
      }
      if (stop.signal.aborted) return
      setConnection('broken')
      timer = window.setTimeout(follow, comeBackAfterMs(failures, comeBackMs))
    }

    async function open(): Promise<string> {
      const body = { tail: true, lines: oldLines, ...(dyno ? { dyno } : {}), ...(source ? { source } : {}) }
      const { logplex_url } = await api.call(routes.logs.createSession, { params: { app }, body, signal: stop.signal })
      return new URL(logplex_url, window.location.origin).pathname
    }

    void follow()
    return () => {
      stop.abort()
      window.clearTimeout(timer)
      window.clearTimeout(showing)
    }
  }, [app, dyno, source, tried])

  return {
    lines,
    waiting,
    connection,
    error,
    retry: () => setTried((before) => before + 1),
    clear() {
      kept.current = []
      setLines([])
      setWaiting(0)
    },
  }
}

import type { PostgresServer } from '@mortise/postgres/server'

/** Pauses before the tries to start a database anew, milliseconds. When they are used up we end, too. */
export const restartPausesMs: readonly number[] = [100, 1_000, 2_000, 5_000, 10_000]
/** Having been up this long, the next end of the database counts as the first. */
const steadyMs = 60_000

export interface Supervised {
  /** Resolves with the reason when the database ended and could not be brought back. */
  lost: Promise<string>
  /** Ends the database, also one that is being started just now. May be repeated. */
  stop(): Promise<void>
}

/**
 * Starts the embedded database anew when it ends without being told to: killed by hand, or by a machine short of memory.
 * Its socket, port and password stay what they were, so whoever has a connection string has the right one still; what
 * was committed is there again. Meanwhile requests are answered 503 and background work is tried again.
 * @param begin starts it on the same folder
 */
export function superviseDatabase(
  first: PostgresServer,
  begin: () => Promise<PostgresServer>,
  log: (line: string) => void,
  pausesMs = restartPausesMs,
): Supervised {
  let server: PostgresServer | undefined = first
  let isStopping = false
  let cutPause: () => void = () => undefined

  async function watch(): Promise<string> {
    let tries = 0
    let why = ''
    let since = Date.now()
    for (;;) {
      if (server) {
        const { code, signal } = await server.exited
        if (isStopping) return ''
        why = signal ? `ended by ${signal}` : `ended with ${code}`
        if (Date.now() - since > steadyMs) tries = 0
        server = undefined
      }
      const pauseMs = pausesMs[tries++]
      if (pauseMs === undefined) return `${why}; ${pausesMs.length} new starts did not help`
      log(`The database ${why}; starting it anew in ${pauseMs} ms (try ${tries} of ${pausesMs.length}).`)
      await pause(pauseMs)
      if (isStopping) return ''
      try {
        server = await begin()
        since = Date.now()
        // Started while we were told to stop: it ends as well.
        if (isStopping) await server.stop()
        if (isStopping) return ''
        log('The database is back.')
      } catch (error) {
        why = `did not start: ${error instanceof Error ? error.message : error}`
      }
    }
  }

  function pause(ms: number): Promise<void> {
    return new Promise((done) => {
      const timer = setTimeout(done, ms)
      cutPause = () => {
        clearTimeout(timer)
        done()
      }
    })
  }

  const watching = watch()
  return {
    lost: watching.then((reason) => (isStopping ? new Promise<string>(() => undefined) : reason)),
    async stop() {
      isStopping = true
      cutPause()
      await server?.stop()
      await watching
    },
  }
}

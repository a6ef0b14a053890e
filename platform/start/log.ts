import fs from 'node:fs'
import pino from 'pino'
import type { RequestLine } from '../http/server.js'

/** Beyond this the log is put aside, one generation. */
const logBytesMax = 64 * 1024 * 1024
const linesBetweenLooks = 10_000

export interface Log {
  /** What happened, in a sentence. Never a secret. */
  info(text: string): void
  /** One line a request: patterns, never addresses, since addresses may hold secrets. */
  request(line: RequestLine): void
  /** A fault of ours: whole in the file, short on stderr. */
  fault(error: unknown, where: string): void
  close(): Promise<void>
}

/** @param say where faults are said shortly; stderr unless told */
export function openLog(file: string, say: (line: string) => void = (line) => console.error(line)): Log {
  putAside(file)
  const destination = pino.destination({ dest: file, mkdir: true, mode: 0o600, sync: false, minLength: 0 })
  // A full disk must not end the platform.
  destination.on('error', () => undefined)
  // Looked at now and then: a line is some hundred bytes.
  let lines = 0
  function count(): void {
    if (++lines % linesBetweenLooks !== 0) return
    try {
      if (putAside(file)) destination.reopen()
    } catch (error) {
      log.error({ where: 'the log itself', error: described(error) }, 'could not put the log aside')
    }
  }
  const log = pino({ base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination)
  // What still happens while the last of us ends has nowhere to go, and must not fail for it.
  let isClosed = false
  return {
    info: (text) => void (isClosed || log.info(text)),
    request(line) {
      if (isClosed) return
      log.info({ request: line })
      count()
    },
    fault(error, where) {
      if (!isClosed) log.error({ where, error: described(error) }, 'a fault of ours')
      say(`mortise: ${where}: ${described(error).message.split('\n')[0]?.slice(0, 300)}`)
    },
    close: () =>
      new Promise((done) => {
        isClosed = true
        destination.once('close', () => done())
        destination.end()
        setTimeout(done, 500).unref()
      }),
  }
}

/** Name, code, words and place; not the other properties: a database error's `detail` quotes values. */
function described(error: unknown): { name: string; code?: string; message: string; stack?: string } {
  if (!(error instanceof Error)) return { name: 'unknown', message: String(error) }
  const cause = error.cause instanceof Error ? `\ncaused by: ${error.cause.stack}` : ''
  const { code } = error as { code?: string }
  return { name: error.name, code, message: error.message, stack: `${error.stack}${cause}` }
}

function putAside(file: string): boolean {
  try {
    if (fs.statSync(file).size <= logBytesMax) return false
    fs.renameSync(file, `${file}.1`)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return false
  }
}

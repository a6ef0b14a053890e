import type { Driver, ReleaseSpec } from '@mortise/runtime/driver'
import type { LogSink } from '@mortise/runtime/logs/logs'
import { splitLines } from '@mortise/runtime/logs/split'
import type { Db } from '../db/db.js'
import type { World } from '../world/world.js'
import { appendReleaseOutput } from './store.js'

/** Source: Dev Center, "Release Phase": a release command may take an hour. */
const releaseMsMax = 60 * 60_000
const flushMs = 200

/**
 * Runs the release command once, before anything of the release serves. Its words go to the app's log and are kept with
 * the release.
 * @returns what went wrong, for the customer, or null
 */
export async function runReleaseCommand(
  deps: { db: Db; driver: Driver; world: World; logs: LogSink },
  releaseId: string,
  spec: ReleaseSpec,
  command: string,
  lost: AbortSignal,
): Promise<string | null> {
  const { db, driver, world, logs } = deps
  const name = `release.${1000 + Math.floor(world.chance() * 9000)}`
  const oneOff = await driver.run(spec, command, { name, timeoutMs: releaseMsMax, attach: true })
  const stop = () => void oneOff.stop()
  lost.addEventListener('abort', stop, { once: true })
  // Nobody types; a command that reads is at the end of its input at once.
  oneOff.stdin?.on('error', () => undefined).end()
  const output = keptOutput(db, releaseId)
  const lines = splitLines((text) => {
    logs.write(spec.app.id, { source: 'app', dyno: name, text })
    output.write(`${text}\n`)
  })
  const closed = new Promise<void>((done) => {
    if (!oneOff.output) return done()
    oneOff.output.on('data', lines.write).on('error', () => undefined)
    oneOff.output.once('close', done)
  })
  const { code, signal } = await oneOff.exited
  lost.removeEventListener('abort', stop)
  await Promise.race([closed, world.sleep(2_000)])
  lines.end()
  await output.flush()
  if (code === 0) return null
  return `The release command failed with ${signal ? `signal ${signal}` : `exit status ${code}`}. Its output is in the log.`
}

/** Written down a few times a second, in order. */
function keptOutput(db: Db, releaseId: string) {
  let waiting = ''
  let timer: NodeJS.Timeout | undefined
  let last: Promise<void> = Promise.resolve()
  const flush = (): Promise<void> => {
    clearTimeout(timer)
    timer = undefined
    // PostgreSQL keeps no NUL in a text.
    const text = waiting.replaceAll('\0', '')
    waiting = ''
    // A part that could not be written is lost, and the release goes on: its outcome counts for more than its words.
    if (text) last = last.then(() => appendReleaseOutput(db, releaseId, text)).catch(() => undefined)
    return last
  }
  return {
    write(text: string) {
      waiting += text
      timer ??= setTimeout(() => void flush(), flushMs)
    },
    flush,
  }
}

import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { isReservedConfigName } from '@mortise/contract/manifest/config-limits'
import { CouldNotRun, Skipped } from './check.js'
import { outcomeOf } from './exchange.js'
import { type OpenOptions, openInspection } from './open.js'
import type { CleanUp } from './report.js'
import { Interrupted } from './send.js'

export interface Consumed {
  /** The command's exit code; 128 and the signal when it was ended by one; null when it was not started. */
  code: number | null
  /** Why it was not started. */
  error: string | null
  cleanUp: CleanUp
}

/**
 * Provisions a resource, runs a command with its config in the environment, and removes the resource again.
 * @throws Error with code EADDRINUSE when none of the platform's ports is free
 */
export async function runConsumer(
  command: readonly string[],
  options: OpenOptions,
  env: Record<string, string | undefined>,
): Promise<Consumed> {
  const opened = await openInspection(options)
  let code: number | null = null
  let error: string | null = null
  let cleanUp: CleanUp = { made: 0, left: [] }
  try {
    const { exchange } = await opened.it.first()
    const made = await opened.it.live().catch((failure) => {
      if (!(failure instanceof Skipped)) throw failure
      throw new CouldNotRun(`Could not provision: ${failure.message} (${outcomeOf(exchange)}).`)
    })
    const { config } = made.addon
    // The same names that no add-on may set in a dyno would here run code in this shell.
    const bad = [...config.keys()].find(
      (name) => isReservedConfigName(name) || !opened.it.manifest.api.config_vars.includes(name),
    )
    if (bad) throw new CouldNotRun(`The config var ${JSON.stringify(bad.slice(0, 60))} may not be set by this add-on.`)
    code = await runToEnd(command, { ...env, ...Object.fromEntries(config) }, options.signal)
  } catch (failure) {
    error = (failure as Error).message
    if (!(failure instanceof CouldNotRun) && !(failure instanceof Interrupted)) throw failure
  } finally {
    cleanUp = await opened.close()
  }
  return { code, error, cleanUp }
}

/** Ctrl-C in a terminal reaches the command by itself, as it is in the same process group; SIGTERM is handed on. */
function runToEnd(
  [program = '', ...args]: readonly string[],
  env: NodeJS.ProcessEnv,
  signal: AbortSignal | undefined,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env, stdio: 'inherit' })
    signal?.addEventListener('abort', () => void (signal.reason === 'SIGTERM' && child.kill('SIGTERM')))
    child.once('error', (error) => reject(new CouldNotRun(`Could not run ${program}: ${error.message}`)))
    child.once('exit', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)))
  })
}

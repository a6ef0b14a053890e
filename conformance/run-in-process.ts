import { constants } from 'node:os'
import { main } from './main.js'

/**
 * `mortise inspect` as a process: Ctrl-C ends the questions and still removes what was made; a second one ends at once.
 * @returns the exit code; 130 or 143 when it was interrupted
 */
export async function runInProcess(argv: readonly string[]): Promise<number> {
  const { stdout, stderr, env } = process
  const interruption = new AbortController()
  const interrupt = (signal: 'SIGINT' | 'SIGTERM') => {
    if (interruption.signal.aborted) process.exit(128 + constants.signals[signal])
    interruption.abort(signal)
    stderr.write('\nInterrupted. Removing what was made; press Ctrl-C again to leave it.\n')
  }
  process.on('SIGINT', interrupt)
  process.on('SIGTERM', interrupt)
  try {
    const code = await main(argv, { stdout, stderr, env, signal: interruption.signal })
    const { aborted, reason } = interruption.signal
    return aborted ? 128 + constants.signals[reason as 'SIGINT' | 'SIGTERM'] : code
  } finally {
    process.off('SIGINT', interrupt)
    process.off('SIGTERM', interrupt)
  }
}

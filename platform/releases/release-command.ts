import type { Driver, ReleaseSpec } from '@mortise/runtime/driver'
import type { World } from '../world/world.js'

/** Source: Dev Center, "Release Phase": a release command may take an hour. */
const releaseMsMax = 60 * 60_000

/**
 * Runs the release command once, before anything of the release serves; its words go to the app's log.
 * @returns what went wrong, for the customer, or null
 */
export async function runReleaseCommand(
  deps: { driver: Driver; world: World },
  spec: ReleaseSpec,
  command: string,
  lost: AbortSignal,
): Promise<string | null> {
  const name = `release.${1000 + Math.floor(deps.world.chance() * 9000)}`
  const oneOff = await deps.driver.run(spec, command, { name, timeoutMs: releaseMsMax })
  const stop = () => void oneOff.stop()
  lost.addEventListener('abort', stop, { once: true })
  const { code, signal } = await oneOff.exited
  lost.removeEventListener('abort', stop)
  if (code === 0) return null
  return `The release command failed with ${signal ? `signal ${signal}` : `exit status ${code}`}. Its output is in the log.`
}

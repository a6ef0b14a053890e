import type { Driver } from '@mortise/runtime/driver'
import type { App } from '../apps/app.js'
import { dynoSizeDefault } from '../formation/formation.js'
import { type SpecDeps, specOf } from '../releases/release-spec.js'
import { currentRelease } from '../releases/store.js'
import type { Actor } from '../saga/saga.js'

/** A command that the platform waits for has so long. Source: Dev Center, "app.json Schema" (postdeploy: 30 minutes). */
const runMsMax = 30 * 60_000
/** Of what it prints the newest part is kept. */
const outputCharsMax = 64 * 1024

/** Runs a command with the current release's slug and config to its end. */
export async function runOnce(
  deps: SpecDeps & { driver: Driver },
  app: App,
  command: string,
  actor: Actor,
): Promise<{ code: number | null; output: string } | { refused: string }> {
  const release = await currentRelease(deps.db, app.id)
  if (!release?.slugId) return { refused: 'The app has no slug.' }
  const text = `Starting process with command \`${command}\` by user ${actor.email}`
  deps.logs.write(app.id, { source: 'app', dyno: 'api', text })
  try {
    const options = { type: 'postdeploy', size: dynoSizeDefault, attach: true, timeoutMs: runMsMax }
    const oneOff = await deps.driver.run(await specOf(deps, app, release), command, options)
    oneOff.stdin?.end()
    let output = ''
    oneOff.output?.setEncoding('utf8').on('data', (part: string) => {
      output = (output + part).slice(-outputCharsMax)
    })
    const { code } = await oneOff.exited
    return { code, output }
  } catch (error) {
    return { refused: (error as Error).message }
  }
}

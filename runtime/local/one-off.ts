import fs from 'node:fs/promises'
import path from 'node:path'
import { PassThrough } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Dyno, OneOff, OneOffOptions, ReleaseSpec } from '../driver.js'
import { statusOf } from './exit.js'
import { launch, logOutput, type Surroundings } from './launch.js'

/** Starts a process beside the formation, and takes it off both lists when it has ended. */
export async function startOneOff(
  around: Surroundings,
  spec: ReleaseSpec,
  command: string,
  { name, size = 'Basic', attach, terminal, env = {}, timeoutMs }: OneOffOptions & { name: string },
  ofApp: Set<OneOff>,
  listed: Map<string, Dyno>,
): Promise<OneOff> {
  const id = around.ids()
  const appId = spec.app.id
  const folder = path.join(around.dir, 'apps', appId, id)
  const group = await launch(around, spec, {
    folder,
    command,
    name,
    env,
    stdin: attach,
    terminal: attach ? terminal : undefined,
  }).catch(async (error) => {
    await fs.rm(folder, { recursive: true, force: true })
    throw error
  })
  const at = around.now()
  const type = name.split('.')[0] ?? 'run'
  const dyno: Dyno = {
    id,
    name,
    type,
    command,
    size,
    state: 'up',
    appId,
    version: spec.version,
    pid: group.pid,
    startedAt: at,
    updatedAt: at,
  }
  const say = (text: string) => around.logs.write(appId, { source: 'heroku', dyno: name, text })
  say(`Starting process with command \`${command}\``)
  say('State changed from starting to up')

  const output = attach ? new PassThrough() : undefined
  if (output) {
    // One stream for both, as on a terminal; it ends when both have.
    let open = 2
    for (const stream of [group.stdout, group.stderr]) {
      stream.pipe(output, { end: false })
      stream.once('close', () => --open === 0 && output.end())
    }
  } else logOutput(group, around.logs, appId, name)

  let isTimedOut = false
  const timer =
    timeoutMs === undefined
      ? undefined
      : setTimeout(() => {
          isTimedOut = true
          group.end(around.termMs)
        }, timeoutMs)
  const exited = group.exited.then(async (exit) => {
    clearTimeout(timer)
    await group.end(0)
    // Its last words are in the log before anybody hears that it ended.
    if (!attach) await Promise.race([group.closed, sleep(500)])
    await fs.rm(folder, { recursive: true, force: true })
    if (isTimedOut) say(`Stopped: it ran longer than ${Math.round((timeoutMs ?? 0) / 1000)} seconds`)
    say(`Process exited with status ${statusOf(exit)}`)
    ofApp.delete(oneOff)
    listed.delete(id)
    Object.assign(dyno, { state: 'down', exit, updatedAt: around.now(), pid: undefined })
    say('State changed from up to complete')
    around.changed({ ...dyno })
    return exit
  })
  const oneOff: OneOff = {
    id,
    name,
    exited,
    async stop() {
      await group.end(around.termMs)
      await exited
    },
    stdin: attach ? (group.stdin ?? undefined) : undefined,
    output,
    ...(attach && group.resize ? { resize: group.resize } : {}),
  }
  ofApp.add(oneOff)
  listed.set(id, dyno)
  around.changed({ ...dyno })
  return oneOff
}

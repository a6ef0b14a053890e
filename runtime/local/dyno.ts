import fs from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Dyno, DynoSpec, DynoState, ReleaseSpec, WebTarget } from '../driver.js'
import type { Exit, Group } from '../process/group.js'
import { described, statusOf } from './exit.js'
import { healthy } from './health.js'
import { launch, logOutput, type Surroundings } from './launch.js'
import { givePortBack, isFree, takePort } from './port.js'

export type Health = { isHealthy: true } | { isHealthy: false; message: string }

/** One place in the formation: its process, and the next one after a crash. Ended once, it is not used again. */
export interface LocalDyno {
  readonly dyno: Dyno
  readonly spec: ReleaseSpec
  readonly target: WebTarget | undefined
  /** Starts the process. Resolves when it is healthy, or has ended, or `healthMs` is over (then it was ended). */
  start(healthMs: number): Promise<Health>
  /** From now on a crash is followed by a restart, on the same release and its config. */
  supervise(): void
  /** Resolves when no request is in flight, or after `limitMs`. */
  quiet(limitMs: number): Promise<void>
  /** SIGTERM, then SIGKILL after `termMs`; the dyno is `down` then. May be repeated. */
  end(termMs?: number): Promise<void>
}

/** How often another port is tried when something else took ours between the look and the app's listen. */
const portTriesMax = 3

export function localDyno(around: Surroundings, spec: ReleaseSpec, wanted: DynoSpec, name: string): LocalDyno {
  const at = around.now()
  const { type, command, size } = wanted
  const dyno: Dyno = {
    id: around.ids(),
    name,
    type,
    command,
    size,
    state: 'starting',
    appId: spec.app.id,
    version: spec.version,
    startedAt: at,
    updatedAt: at,
  }
  const folder = path.join(around.dir, 'apps', spec.app.id, dyno.id)
  let group: Group | undefined
  let target: WebTarget | undefined
  let ending: Promise<void> | undefined
  let life: Promise<Health> | undefined
  let isSupervised = false
  let crashes = 0
  let restart: NodeJS.Timeout | undefined
  let inFlight = 0

  const say = (text: string) => around.logs.write(spec.app.id, { source: 'heroku', dyno: name, text })
  const isEnding = () => ending !== undefined
  const become = (state: DynoState) => {
    const before = dyno.state
    dyno.state = state
    dyno.updatedAt = around.now()
    if (before !== state) say(`State changed from ${before} to ${state}`)
    around.changed({ ...dyno })
  }

  const start = (healthMs: number): Promise<Health> => {
    life = begin(healthMs).catch(async (error: Error): Promise<Health> => {
      // The slug could not be read or the process not be made: for the app the same as a crash.
      say(`Error: ${error.message}`)
      await fs.rm(folder, { recursive: true, force: true })
      crashed(undefined)
      return { isHealthy: false, message: `${name} could not be started: ${error.message}` }
    })
    return life
  }

  const begin = async (healthMs: number): Promise<Health> => {
    for (let tries = 1; ; tries++) {
      const health = await attempt(healthMs, tries < portTriesMax)
      if (health !== 'port taken') return health
      say('Its port was taken by another process; starting again on another one')
    }
  }

  const attempt = async (healthMs: number, mayRetry: boolean): Promise<Health | 'port taken'> => {
    dyno.startedAt = around.now()
    dyno.exit = undefined
    if (dyno.state === 'starting') around.changed({ ...dyno })
    else become('starting')
    const port = type === 'web' ? await takePort() : undefined
    const started = isEnding()
      ? undefined
      : await launch(around, spec, { folder, command, name, env: port ? { PORT: `${port}` } : {} }).catch((error) => {
          if (port) givePortBack(port)
          throw error
        })
    if (!started || isEnding()) {
      await started?.end(0)
      if (port) givePortBack(port)
      return { isHealthy: false, message: `${name} was stopped while starting.` }
    }
    group = started
    dyno.pid = started.pid
    dyno.port = port
    say(`Starting process with command \`${command}\``)
    logOutput(started, around.logs, spec.app.id, name)
    let exit: Exit | undefined
    started.exited.then((value) => (exit = value))

    const host = await healthy(port, { healthMs, aliveMs: around.aliveMs }, () => exit !== undefined || isEnding())
    if (host && !exit && !isEnding()) {
      if (port) target = { host, port, dyno: name, begin: beginRequest }
      become('up')
      const upAt = Date.now()
      started.exited.then(async (value) => {
        target = undefined
        if (Date.now() - upAt >= around.steadyMs) crashes = 0
        // Told to end: `npm start` goes at once, and the app behind it still has the time that endNow gives.
        if (isEnding()) return
        await cleared(started, port)
        if (!isEnding()) crashed(value)
      })
      return { isHealthy: true }
    }
    if (!exit && !isEnding()) {
      const seconds = Math.round(healthMs / 1000)
      const message = `Web process failed to bind to $PORT within ${seconds} seconds of launch`
      say(`Error R10 (Boot timeout) -> ${message}`)
      say('Stopping process with SIGKILL')
      await started.end(0)
      await cleared(started, port)
      crashed(await started.exited)
      return { isHealthy: false, message: `${name}: ${message}.` }
    }
    if (isEnding()) {
      await ending
      return { isHealthy: false, message: `${name} was stopped while starting.` }
    }
    await started.end(0)
    const isTaken = port !== undefined && !(await isFree(port))
    await cleared(started, port)
    if (isTaken && mayRetry) return 'port taken'
    crashed(exit)
    return { isHealthy: false, message: `${name} ${described(exit)} while starting.` }
  }

  /** Its last children end, its files go, its port is free for others. */
  const cleared = async (started: Group, port: number | undefined) => {
    await started.end(0)
    // Its last words come before the line that says it ended; a child that keeps the pipe open can't hold us up.
    await Promise.race([started.closed, sleep(500)])
    if (group === started) group = undefined
    if (port) givePortBack(port)
    dyno.pid = undefined
    dyno.port = undefined
    await fs.rm(folder, { recursive: true, force: true })
  }

  const crashed = (exit: Exit | undefined) => {
    if (exit) {
      dyno.exit = exit
      say(`Process exited with status ${statusOf(exit)}`)
    }
    if (isEnding()) return
    crashes++
    become('crashed')
    if (isSupervised) restartLater()
  }

  const restartLater = () => {
    const delayMs = Math.min(around.restartFirstMs * 2 ** (crashes - 1), around.restartMaxMs)
    restart = setTimeout(() => start(around.healthMs), delayMs)
    restart.unref()
  }

  const beginRequest = () => {
    inFlight++
    let isOver = false
    return () => {
      if (!isOver) inFlight--
      isOver = true
    }
  }

  const endNow = async (termMs: number) => {
    clearTimeout(restart)
    target = undefined
    const running = group
    if (running) {
      say('Stopping all processes with SIGTERM')
      const port = dyno.port
      const isKilled = await running.end(termMs)
      if (isKilled) {
        say(
          `Error R12 (Exit timeout) -> At least one process failed to exit within ${termMs / 1000} seconds of SIGTERM`,
        )
        say('Stopping remaining processes with SIGKILL')
      }
      await cleared(running, port)
      dyno.exit = await running.exited
      say(`Process exited with status ${statusOf(dyno.exit)}`)
    }
    become('down')
  }

  return {
    dyno,
    spec,
    get target() {
      return target
    },
    start,
    supervise() {
      isSupervised = true
      if (dyno.state === 'crashed' && !isEnding() && !restart) restartLater()
    },
    async quiet(limitMs) {
      for (const until = Date.now() + limitMs; inFlight > 0 && Date.now() < until; ) await sleep(20)
    },
    async end(termMs = around.termMs) {
      if (ending && termMs < around.termMs) group?.end(termMs)
      ending ??= Promise.resolve().then(() => endNow(termMs))
      await ending
      // A start that was still unpacking sees that it is not wanted any more, and removes what it made.
      await life
      await fs.rm(folder, { recursive: true, force: true })
    },
  }
}

import { randomInt, randomUUID } from 'node:crypto'
import fs from 'node:fs/promises'
import path from 'node:path'
import type { Driver, Dyno } from '../driver.js'
import type { LogSink } from '../logs/logs.js'
import { type Account, makePassage, mustReach } from '../process/account.js'
import { searchPath } from '../process/environment.js'
import { openKeeper } from '../process/keeper.js'
import { reachableNode } from '../process/node.js'
import { type LocalApp, localApp } from './app.js'
import type { Surroundings } from './launch.js'
import { startOneOff } from './one-off.js'

export interface LocalDriverOptions {
  /** Folder of the dynos' files and pid records; everything in it is ours to delete. Its parents must let the account through. */
  dir: string
  /** Whom dynos run as; null or absent: ourselves. Needs root. */
  account?: Account | null
  logs: LogSink
  /** Path of the node binary for dynos. */
  node?: string
  /** PATH of the dynos; node's folder and the system's unless told. */
  path?: string
  ids?: () => string
  now?: () => Date
  /** How long a dyno may take to end after SIGTERM. Heroku gives 30 s; a laptop's Ctrl-C should not take that long. */
  termMs?: number
  /** How long a web dyno may take to accept a connection. Source: Dev Center, "Error Codes", R10. */
  healthMs?: number
  /** A dyno that serves no requests is healthy when it has been alive this long. */
  aliveMs?: number
  /** Pause before a crashed dyno starts again: the first, doubled each time up to the longest. */
  restartFirstMs?: number
  restartMaxMs?: number
  /** Having been up this long, the next crash counts as the first. */
  steadyMs?: number
}

/** When the driver stops, dynos have this long: the platform must be gone 10 s after SIGTERM. */
const stopMsMax = 5_000

/**
 * Runs dynos as processes of this machine, each in a process group, a folder and (when root) an account of its own kind.
 * Dynos of different apps are separated by nothing but this one account: for people who trust each other.
 * Leftovers of an earlier life in the same folder are ended first.
 * @throws Error when the account can't reach the folder
 */
export async function localDriver(options: LocalDriverOptions): Promise<Driver> {
  const { dir, account = null, logs, ids = randomUUID, now = () => new Date() } = options
  await makePassage(dir)
  await mustReach(dir, account, 'dyno')
  const keeper = openKeeper(path.join(dir, 'pids'))
  await fs.rm(path.join(dir, 'apps'), { recursive: true, force: true })
  await makePassage(path.join(dir, 'apps'))
  const listeners = new Set<(dyno: Dyno) => void>()
  const around: Surroundings = {
    dir,
    account,
    logs,
    path: searchPath(await reachableNode(dir, options.node, account), options.path),
    keeper,
    ids,
    now,
    changed: (dyno) => {
      for (const listener of listeners) listener(dyno)
    },
    healthMs: options.healthMs ?? 60_000,
    aliveMs: options.aliveMs ?? 1_000,
    termMs: options.termMs ?? 10_000,
    steadyMs: options.steadyMs ?? 60_000,
    restartFirstMs: options.restartFirstMs ?? 1_000,
    restartMaxMs: options.restartMaxMs ?? 300_000,
  }
  const apps = new Map<string, LocalApp>()
  const oneOffs = new Map<string, Dyno>()
  let isStopped = false

  const appOf = (appId: string): LocalApp => {
    if (isStopped) throw new Error('The driver was stopped.')
    // The id becomes a folder's name.
    if (!/^[\w-]+$/.test(appId)) throw new Error(`"${appId}" can't be an app's id.`)
    let app = apps.get(appId)
    if (!app) {
      app = localApp(around)
      apps.set(appId, app)
    }
    return app
  }
  const oneOffsMatching = (appId: string, name?: string, type?: string) =>
    [...(apps.get(appId)?.oneOffs ?? [])].filter((one) =>
      name ? one.name === name : type ? oneOffs.get(one.id)?.type === type : false,
    )

  return {
    roll: async (spec, hooks) => appOf(spec.app.id).roll(spec, hooks),
    scale: async (spec) => appOf(spec.app.id).scale(spec),
    async restart(appId, which = {}) {
      // A one-off has no place to come back to: restarting ends it, as on Heroku.
      const ended = oneOffsMatching(appId, which.name, which.type)
      await Promise.all(ended.map((one) => one.stop()))
      return ended.length + ((await apps.get(appId)?.restart(which)) ?? 0)
    },
    async stopDyno(appId, which) {
      const ended = oneOffsMatching(appId, which.name, which.type)
      await Promise.all(ended.map((one) => one.stop()))
      return ended.length + ((await apps.get(appId)?.stop(which)) ?? 0)
    },
    run: async (spec, command, options = {}) => {
      const app = appOf(spec.app.id)
      const taken = new Set([...app.oneOffs].map((one) => one.name))
      let name = options.name
      while (!name || (!options.name && taken.has(name))) name = `${options.type ?? 'run'}.${randomInt(1_000, 10_000)}`
      const oneOff = await startOneOff(around, spec, command, { ...options, name }, app.oneOffs, oneOffs)
      if (apps.get(spec.app.id) === app) return oneOff
      // The app was removed while the slug was unpacked.
      await oneOff.stop()
      throw new Error('The app was removed.')
    },
    list(appId) {
      const chosen = appId === undefined ? [...apps.values()] : [apps.get(appId)].filter((app) => app !== undefined)
      const ofFormation = chosen.flatMap((app) => app.dynos().map((one) => ({ ...one.dyno })))
      return [
        ...ofFormation,
        ...[...oneOffs.values()].filter((one) => appId === undefined || one.appId === appId).map((one) => ({ ...one })),
      ]
    },
    async remove(appId) {
      const app = apps.get(appId)
      if (!app) return
      await app.end()
      if (apps.get(appId) === app) apps.delete(appId)
      await fs.rm(path.join(dir, 'apps', appId), { recursive: true, force: true })
    },
    webTargets: (appId) => apps.get(appId)?.targets() ?? [],
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    async stop() {
      isStopped = true
      await Promise.all([...apps.values()].map((app) => app.end(Math.min(stopMsMax, around.termMs))))
      apps.clear()
      keeper.close()
    },
  }
}

import type { Driver } from '@mortise/runtime/driver'
import type { LogSink } from '@mortise/runtime/logs/logs'
import type { App } from '../apps/app.js'
import type { RunDeps } from '../builds/run.js'
import type { Secrets } from '../secrets/seal.js'
import * as rolls from './roll-store.js'

/** What is being rolled out for an app: one row, so that several changes become one roll. */
export interface Roll {
  appId: string
  /** A customer changed the config since the slug was built. */
  rebuild: boolean
  state: 'wanted' | 'building' | 'releasing' | 'rolling' | 'idle'
  /** What ran well last: where an app comes back to when a release fails. */
  runningReleaseId: string | null
  tries: number
  epoch: number
  message: string | null
}

export interface RollDeps extends RunDeps {
  secrets: Secrets
  driver: Driver
  logs: LogSink
  /** How long a new web dyno may take to accept a connection; the driver's own limit unless told. */
  healthMs?: number
}

/** The roll was taken over, its app removed, or we are stopping: what this pass found out must not be written. */
export class Lost extends Error {}

/** Dynos that end because we are stopping say nothing about the release. */
export function requireOurs(deps: RollDeps, lost?: AbortSignal): void {
  if (lost?.aborted || deps.stopping?.aborted) throw new Lost()
}

/** Whether dynos of the app serve or are about to; of one release, if its number is given. */
export function isRunning(driver: Driver, appId: string, version?: number): boolean {
  const dynos = driver.list(appId).filter((dyno) => version === undefined || dyno.version === version)
  return dynos.some(({ state }) => state !== 'crashed' && state !== 'down')
}

/** Says where the roll is, for people. */
export async function progress(deps: RollDeps, roll: Roll, state: Roll['state'], message: string): Promise<void> {
  const { db, world } = deps
  await rolls.tellProgress(db, { appId: roll.appId, epoch: roll.epoch, state, message, at: world.now() })
}

/** A line of the platform's own in the app's log. */
export function say(deps: Pick<RollDeps, 'logs'>, app: App, text: string): void {
  deps.logs.write(app.id, { source: 'app', dyno: 'api', text })
}

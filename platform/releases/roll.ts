import type { Driver, ReleaseSpec } from '@mortise/runtime/driver'
import type { LogSink } from '@mortise/runtime/logs/logs'
import type { App } from '../apps/app.js'
import { findApp, lockApp } from '../apps/store.js'
import type { Slug } from '../builds/build.js'
import type { RunDeps } from '../builds/run.js'
import { findSlug } from '../builds/slug-store.js'
import { slugFile } from '../builds/source.js'
import { transact } from '../db/db.js'
import { appendEvent } from '../events/store.js'
import { releaseType } from '../formation/formation.js'
import { listQuantities } from '../formation/store.js'
import type { Reconciler } from '../reconcile/reconciler.js'
import type { Secrets } from '../secrets/seal.js'
import { backOffMs, later } from '../world/world.js'
import { environmentOf } from './environment.js'
import { rebuildSlug } from './rebuild.js'
import type { Release } from './release.js'
import { runReleaseCommand } from './release-command.js'
import * as rolls from './roll-store.js'
import { latestRelease, releaseById, setReleaseStatus } from './store.js'
import { nobody } from './view.js'

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

/** Rolls of different apps at the same time. */
const rollsAtOnce = 4
/** A fault of ours is tried again this often before the release is given up. */
const faultTriesMax = 6

/** The roll was taken over, its app removed, or we are stopping: what this pass found out must not be written. */
class Lost extends Error {}

/** Makes what runs = the newest release that did not fail. Takes no input: it looks at releases, formation and driver. */
export function rollReconciler(deps: RollDeps): Reconciler {
  const { db, world, stopping } = deps
  return {
    name: 'roll',
    bell: 'roll',
    everyMs: 1_000,
    sideBySide: rollsAtOnce,
    async pass() {
      const roll = await rolls.claimRoll(db, world.now())
      if (roll) {
        await carryOut(deps, roll)
        return true
      }
      const next = await rolls.nextRollAt(db)
      const waitMs = next ? next.getTime() - world.now().getTime() : Number.POSITIVE_INFINITY
      if (waitMs > 1_000) return false
      await world.sleep(Math.max(10, waitMs), stopping)
      return !stopping?.aborted
    },
  }
}

async function carryOut(deps: RollDeps, roll: Roll): Promise<void> {
  const { db, world, stopping } = deps
  const lost = new AbortController()
  const beat = setInterval(() => {
    rolls.renewRoll(db, roll.appId, roll.epoch).then(
      (ours) => ours || lost.abort(),
      () => undefined,
    )
  }, rolls.rollLeaseMs / 5)
  try {
    await rollOut(deps, roll, lost.signal)
  } catch (error) {
    const at = world.now()
    // Whoever comes next takes it from here, without blame. If somebody has it already, this changes nothing.
    if (error instanceof Lost || stopping?.aborted) {
      // An app that was removed between two of our looks may have been started by us after its end.
      if ((await findApp(db, roll.appId))?.state !== 'live') await deps.driver.remove(roll.appId)
      return await rolls.postponeRoll(db, { ...roll, notBefore: at, message: null, at })
    }
    const tries = roll.tries + 1
    const message = 'A fault of the platform; it is tried again.'
    const notBefore = later(at, backOffMs(world, tries, 1_000, 60_000))
    await rolls.postponeRoll(db, { ...roll, notBefore, tries, message, at })
    throw error
  } finally {
    clearInterval(beat)
  }
}

async function rollOut(deps: RollDeps, roll: Roll, lost: AbortSignal): Promise<void> {
  const { db, driver } = deps
  const app = await findApp(db, roll.appId)
  const latest = await latestRelease(db, roll.appId)
  const running = roll.runningReleaseId ? await releaseById(db, roll.runningReleaseId) : undefined
  // A failed release is not tried again by itself: what ran well last is what should run.
  const target = latest?.status === 'failed' ? running : latest
  if (app?.state !== 'live' || app.kind !== 'hosted' || !target?.slugId) return finishIdle(deps, roll)

  const isNew = target.status === 'pending'
  if (!isNew) return runAgain(deps, roll, app, target)
  if (roll.tries >= faultTriesMax) {
    return conclude(deps, roll, app, target, { problem: 'The platform could not start it. Ask its operator why.' })
  }
  if (running?.slugId && running.id !== target.id && !isRunning(driver, app.id)) {
    // After a start of the platform nothing serves; a rebuild may take minutes, and people wait.
    const problem = await bringBack(deps, app, running, lost)
    if (problem) say(deps, app, `Could not bring back v${running.version}: ${problem}`)
  }
  if (roll.tries === 0) {
    say(deps, app, `${target.description} by ${target.actorEmail}`)
    say(deps, app, `Release v${target.version} created by ${target.actorEmail}`)
  }
  let note: string | null = null
  let slugId = target.slugId
  if (roll.rebuild && app.afterConfig === 'rebuild') {
    await progress(deps, roll, 'building', `Rebuilding for v${target.version}`)
    const rebuilt = await rebuildSlug(deps, app, target, lost)
    if (rebuilt.outcome === 'lost') throw new Lost()
    slugId = rebuilt.slug.id
    if (rebuilt.outcome === 'kept' && rebuilt.message) {
      note = `The slug could not be rebuilt, so this release went out with the previous one. ${rebuilt.message}`
      say(deps, app, `Build failed; v${target.version} goes on with the previous slug`)
    }
  }

  const spec = await specOf(deps, app, { ...target, slugId })
  const command = (await findSlug(db, slugId))?.processTypes[releaseType]
  if (command) {
    await progress(deps, roll, 'releasing', `Running the release command of v${target.version}`)
    const problem = await runReleaseCommand(deps, spec, command, lost)
    requireOurs(deps, lost)
    if (problem) return conclude(deps, roll, app, target, { problem })
  }
  await progress(deps, roll, 'rolling', `Starting v${target.version}`)
  const problem = await serve(
    deps,
    spec,
    lost,
    (text) => void progress(deps, roll, 'rolling', text).catch(() => undefined),
  )
  return conclude(deps, roll, app, target, { problem, note })
}

/** A release that went out before: after a start of the platform, or because the formation changed. */
async function runAgain(deps: RollDeps, roll: Roll, app: App, target: Release): Promise<void> {
  const { db, world, driver } = deps
  const spec = await specOf(deps, app, target)
  const isScaling = driver.list(app.id).some((dyno) => dyno.version === target.version)
  await progress(deps, roll, 'rolling', `${isScaling ? 'Scaling' : 'Starting'} v${target.version}`)
  let problem: string | null = null
  if (isScaling) {
    problem = await driver.scale(spec).then(
      () => null,
      (error: Error) => error.message,
    )
  } else {
    problem = await serve(deps, spec, new AbortController().signal)
  }
  requireOurs(deps)
  const at = world.now()
  if (problem) say(deps, app, `v${target.version} could not be ${isScaling ? 'scaled' : 'started'}: ${problem}`)
  if (problem && !isScaling) {
    // Nothing else could run instead, so it is tried again for as long as it takes.
    const tries = roll.tries + 1
    const notBefore = later(at, backOffMs(world, tries, 5_000, 5 * 60_000))
    return rolls.postponeRoll(db, { ...roll, notBefore, tries, message: problem, at })
  }
  await transact(db, async (tx) => {
    const end = { appId: app.id, epoch: roll.epoch, runningReleaseId: target.id, again: false, message: problem, at }
    if (!(await rolls.finishRoll(tx, end))) throw new Lost()
  })
}

/** What ran well last serves until the new release is ready. That it can't must not hold up the new one. */
async function bringBack(deps: RollDeps, app: App, running: Release, lost: AbortSignal): Promise<string | null> {
  try {
    return await serve(deps, await specOf(deps, app, running), lost)
  } catch (error) {
    if (error instanceof Lost) throw error
    return (error as Error).message
  }
}

/** Writes down how a new release went, in one transaction with the end of the pass. */
async function conclude(
  deps: RollDeps,
  roll: Roll,
  app: App,
  release: Release,
  { problem, note = null }: { problem: string | null; note?: string | null },
): Promise<void> {
  const { db, world, driver } = deps
  const at = world.now()
  const status = problem ? 'failed' : 'succeeded'
  const serving = problem && roll.runningReleaseId ? await releaseById(db, roll.runningReleaseId) : undefined
  const message = problem
    ? [problem, serving ? `v${serving.version} still serves.` : ''].filter(Boolean).join(' ')
    : note
  await transact(db, async (tx) => {
    await lockApp(tx, app.id)
    const isOurs = await rolls.finishRoll(tx, {
      appId: app.id,
      epoch: roll.epoch,
      runningReleaseId: problem ? null : release.id,
      again: serving !== undefined && !isRunning(driver, app.id),
      message,
      at,
    })
    if (!isOurs) throw new Lost()
    await setReleaseStatus(tx, release.id, status, message, at)
    const fate = problem ? `Replaced by v${release.version}, which failed.` : `Went out with v${release.version}.`
    const expired = await rolls.expireOlder(tx, { appId: app.id, version: release.version, message: fate, at })
    const actor = { id: release.accountId ?? nobody, email: release.actorEmail }
    for (const one of [...expired.map((each) => ({ ...each, status: 'expired' })), { ...release, status }]) {
      await appendEvent(tx, {
        id: world.id(),
        at,
        actor,
        action: 'update',
        resource: 'release',
        subject: one.id,
        appId: app.id,
        data: { version: one.version, status: one.status },
        previous: { status: 'pending' },
      })
    }
  })
  say(deps, app, problem ? `Release v${release.version} failed: ${message}` : `Release v${release.version} is live`)
}

/** Nothing to run: the app has no slug, runs elsewhere, or is going away. */
async function finishIdle(deps: RollDeps, roll: Roll): Promise<void> {
  const end = { appId: roll.appId, epoch: roll.epoch, runningReleaseId: null, again: false, message: null }
  await transact(deps.db, (tx) => rolls.finishRoll(tx, { ...end, at: deps.world.now() }))
}

/** @returns what is wrong with the new dynos, for the customer, or null when they serve */
async function serve(
  deps: RollDeps,
  spec: ReleaseSpec,
  lost: AbortSignal,
  onStep?: (text: string) => void,
): Promise<string | null> {
  const outcome = await deps.driver.roll(spec, { onStep, healthMs: deps.healthMs })
  requireOurs(deps, lost)
  return outcome.outcome === 'failed' ? outcome.message : null
}

async function specOf(deps: RollDeps, app: App, release: Release): Promise<ReleaseSpec> {
  const { db, secrets, dir } = deps
  const slug: Slug | undefined = release.slugId ? await findSlug(db, release.slugId) : undefined
  if (!slug) throw new Error(`release ${release.id} has no slug`)
  const { config, dropped } = await environmentOf(db, secrets, release.id)
  if (dropped.length) say(deps, app, `Not given to dynos, since an add-on may not set them: ${dropped.join(', ')}`)
  const formation = await listQuantities(db, app.id)
  return {
    app: { id: app.id, name: app.name },
    version: release.version,
    slug: { id: slug.id, file: slugFile(dir, slug.id) },
    config,
    // Quantities are the app's, commands are the slug's: after a rollback an older slug runs its own commands.
    formation: formation
      .filter(({ type }) => type !== releaseType && slug.processTypes[type] !== undefined)
      .map(({ type, quantity, size }) => ({ type, command: slug.processTypes[type] ?? '', quantity, size })),
  }
}

function isRunning(driver: Driver, appId: string): boolean {
  return driver.list(appId).some(({ state }) => state !== 'crashed' && state !== 'down')
}

/** Dynos that end because we are stopping say nothing about the release. */
function requireOurs(deps: RollDeps, lost?: AbortSignal): void {
  if (lost?.aborted || deps.stopping?.aborted) throw new Lost()
}

async function progress(deps: RollDeps, roll: Roll, state: Roll['state'], message: string): Promise<void> {
  const { db, world } = deps
  await rolls.tellProgress(db, { appId: roll.appId, epoch: roll.epoch, state, message, at: world.now() })
}

function say(deps: RollDeps, app: App, text: string): void {
  deps.logs.write(app.id, { source: 'app', dyno: 'api', text })
}

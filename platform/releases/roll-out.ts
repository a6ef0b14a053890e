import type { ReleaseSpec } from '@mortise/runtime/driver'
import type { App } from '../apps/app.js'
import { findApp } from '../apps/store.js'
import { findSlug } from '../builds/slug-store.js'
import { transact } from '../db/db.js'
import { releaseType } from '../formation/formation.js'
import { backOffMs, later } from '../world/world.js'
import { rebuildSlug } from './rebuild.js'
import type { Release } from './release.js'
import { runReleaseCommand } from './release-command.js'
import { specOf } from './release-spec.js'
import { conclude, finishIdle } from './roll-end.js'
import * as rolls from './roll-store.js'
import { isRunning, Lost, progress, type Roll, type RollDeps, requireOurs, say } from './rolling.js'
import { latestRelease, releaseById } from './store.js'

/** A fault of ours is tried again this often before the release is given up. */
const faultTriesMax = 6

/**
 * One pass over one app: finds out what should run, and makes it so. May be repeated from the start at any moment.
 * @throws Lost when the roll is no longer ours
 */
export async function rollOut(deps: RollDeps, roll: Roll, lost: AbortSignal): Promise<void> {
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

  // An earlier pass got as far as that, and its end was not written down: the release command did its work then.
  const isUp = isRunning(driver, app.id, target.version)
  const spec = await specOf(deps, app, { ...target, slugId })
  const command = (await findSlug(db, slugId))?.processTypes[releaseType]
  if (command && !isUp) {
    await progress(deps, roll, 'releasing', `Running the release command of v${target.version}`)
    const problem = await runReleaseCommand(deps, target.id, spec, command, lost)
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
  // Those of the earlier pass serve on when others of the same release do not come up.
  const serves = isUp && isRunning(driver, app.id, target.version)
  return conclude(deps, roll, app, target, { problem: serves ? null : problem, note })
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

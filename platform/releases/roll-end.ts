import type { App } from '../apps/app.js'
import { lockApp } from '../apps/store.js'
import { transact } from '../db/db.js'
import { appendEvent } from '../events/store.js'
import type { Release } from './release.js'
import * as rolls from './roll-store.js'
import { isRunning, Lost, type Roll, type RollDeps, say } from './rolling.js'
import { releaseById, setReleaseStatus } from './store.js'
import { nobody } from './view.js'

/** Writes down how a new release went, in one transaction with the end of the pass. */
export async function conclude(
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
export async function finishIdle(deps: RollDeps, roll: Roll): Promise<void> {
  const end = { appId: roll.appId, epoch: roll.epoch, runningReleaseId: null, again: false, message: null }
  await transact(deps.db, (tx) => rolls.finishRoll(tx, { ...end, at: deps.world.now() }))
}

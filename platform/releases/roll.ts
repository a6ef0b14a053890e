import { findApp } from '../apps/store.js'
import type { Reconciler } from '../reconcile/reconciler.js'
import { backOffMs, beat, later } from '../world/world.js'
import { rollOut } from './roll-out.js'
import * as rolls from './roll-store.js'
import { Lost, type Roll, type RollDeps } from './rolling.js'

/** Rolls of different apps at the same time. */
const rollsAtOnce = 4

/** Makes what runs = the newest release that did not fail. Takes no input: it looks at releases, formation and driver. */
export function rollReconciler(deps: RollDeps): Reconciler {
  const { db, world, stopping } = deps
  return {
    name: 'roll',
    bell: 'roll',
    everyMs: 1_000,
    sideBySide: rollsAtOnce,
    async pass() {
      if (stopping?.aborted) return false
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
  const stopBeat = beat(world, rolls.rollLeaseMs / 5, async () => {
    if (!(await rolls.renewRoll(db, roll.appId, roll.epoch))) lost.abort()
  })
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
    stopBeat()
  }
}

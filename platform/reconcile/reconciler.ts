import { setMaxListeners } from 'node:events'
import type { Bells } from '../db/bell.js'
import { backOffMs, type World } from '../world/world.js'

/**
 * Looks at the world and makes it match. Takes no input, so there is one path: a bell only says
 * "look now", and the clock says it again for whoever missed the bell. Every pass may be repeated.
 */
export interface Reconciler {
  name: string
  bell?: string
  /** Milliseconds between looks when no bell rings. */
  everyMs: number
  /** How many passes may run side by side in this process; each must claim what it works on. */
  sideBySide?: number
  /** Does one piece of work. @returns whether there may be more right now */
  pass(): Promise<boolean>
}

export interface Running {
  /** Starts no new pass and waits for those under way, at most `withinMs`. */
  stop(withinMs: number): Promise<void>
}

/** A pass that throws is a fault of ours: said once each time, tried again with back-off, never fatal. */
export function runReconcilers(
  reconcilers: readonly Reconciler[],
  world: World,
  bells: Bells,
  onFault: (error: unknown, name: string) => void,
): Running {
  const stopping = new AbortController()
  // One listener per lane while it rests; the default warning is for leaks.
  setMaxListeners(0, stopping.signal)
  const lanes: Promise<void>[] = []
  const silence: (() => void)[] = []

  for (const reconciler of reconcilers) {
    const wake = new Set<() => void>()
    const wakeAll = () => {
      for (const now of [...wake]) now()
    }
    if (reconciler.bell) silence.push(bells.on(reconciler.bell, wakeAll))
    for (let lane = 0; lane < (reconciler.sideBySide ?? 1); lane++) lanes.push(run(reconciler, wake))
  }

  async function run(reconciler: Reconciler, wake: Set<() => void>): Promise<void> {
    let faults = 0
    while (!stopping.signal.aborted) {
      // Listening starts before the look, so a bell that rings during it is not missed.
      const rest = new AbortController()
      const ring = () => rest.abort()
      wake.add(ring)
      stopping.signal.addEventListener('abort', ring, { once: true })
      let more = false
      try {
        more = await reconciler.pass()
        faults = 0
      } catch (error) {
        faults++
        onFault(error, reconciler.name)
        // The pause after a fault is the back-off alone: whoever looks once an hour would else be gone for an hour.
        more = true
        if (!stopping.signal.aborted) await world.sleep(backOffMs(world, faults, 200, 30_000), stopping.signal)
      }
      if (!more && !stopping.signal.aborted) await world.sleep(reconciler.everyMs, rest.signal)
      wake.delete(ring)
      stopping.signal.removeEventListener('abort', ring)
    }
  }

  return {
    async stop(withinMs) {
      stopping.abort()
      for (const stop of silence) stop()
      await Promise.race([Promise.allSettled(lanes), world.sleep(withinMs)])
    },
  }
}

import { dropKeptUntil } from '../partner/kept-answer-store.js'
import type { Reconciler } from '../reconcile/reconciler.js'
import { later } from '../world/world.js'
import type { LifecycleDeps } from './deps.js'
import { dropGrantsOfRemoved } from './forget-old-store.js'

/**
 * How long the hashes of an add-on's tokens are kept after its end: so long a provider that calls with one is answered that
 * its resource is gone, which it can act on; then that the token is unknown.
 */
export const tokenHashesKeptDays = 30
/** Rows that go in one pass. */
const dropMax = 1_000

/** Takes away what is only kept for a while. @returns whether there may be more */
export async function forgetOld({ db, world }: Pick<LifecycleDeps, 'db' | 'world'>): Promise<boolean> {
  const at = world.now()
  const answers = await dropKeptUntil(db, at, dropMax)
  const hashes = await dropGrantsOfRemoved(db, later(at, -tokenHashesKeptDays * 86_400_000), dropMax)
  return answers + hashes > 0
}

export function forgetOldReconciler(deps: LifecycleDeps): Reconciler {
  return { name: 'forget old', everyMs: 3_600_000, pass: () => forgetOld(deps) }
}

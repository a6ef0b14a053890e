import { sendAhead } from '../partner/gate.js'
import type { Reconciler } from '../reconcile/reconciler.js'
import { createEngine, type Engine, type EngineOptions } from '../saga/engine.js'
import type { Saga } from '../saga/saga.js'
import { type DestroyAppParams, destroyAppSaga } from './app-lifecycle.js'
import { type ChangeAppParams, changeAppSaga } from './change-app.js'
import { releaseConfig } from './change-config.js'
import { type ChangePlanParams, changePlanSaga } from './change-plan.js'
import { compareReconciler } from './compare.js'
import { type DeprovisionParams, deprovisionSaga } from './deprovision.js'
import type { LifecycleDeps } from './deps.js'
import { forgetOldReconciler } from './forget-old.js'
import { revokeRetired } from './head-store.js'
import { logAccessReconciler } from './log-access.js'
import { type Patience, standardPatience } from './patience.js'
import { type ProvisionParams, provisionSagas } from './provision.js'
import { type SetupAppParams, setupAppSaga } from './setup-app.js'
import { sweepReconciler } from './sweep.js'

/** Every durable story about add-ons and apps, by its verb. */
export interface Stories {
  provision: Saga<ProvisionParams>
  provisionTogether: Saga<ProvisionParams>
  changeApp: Saga<ChangeAppParams>
  deprovision: Saga<DeprovisionParams>
  changePlan: Saga<ChangePlanParams>
  destroyApp: Saga<DestroyAppParams>
  setupApp: Saga<SetupAppParams>
}

/** Old credential versions are kept this long after they were replaced. Source: providers keep theirs 1–2 hours. */
export const retiredKeptMs = 2 * 3_600_000

/** Operations that one process works on in the background at a time: twice what one provider may take of them. */
const operationLanes = 8

/** Builds the stories and the engine that tells them; each needs the other. */
export function createLifecycle(
  given: Omit<LifecycleDeps, 'engine' | 'patience'> & { patience?: Patience },
  options: Pick<EngineOptions, 'onFault' | 'trials'> = {},
): { deps: LifecycleDeps; stories: Stories; engine: Engine } {
  const deps: LifecycleDeps = { patience: standardPatience, ...given, engine: () => engine }
  const deprovision = deprovisionSaga(deps)
  const provisions = provisionSagas(deps)
  const others = {
    ...provisions,
    changeApp: changeAppSaga(deps, provisions.provisionTogether),
    deprovision,
    changePlan: changePlanSaga(deps),
    destroyApp: destroyAppSaga(deps, deprovision),
  }
  const stories: Stories = { ...others, setupApp: setupAppSaga(deps, others) }
  const engine: Engine = createEngine({
    db: deps.db,
    world: deps.world,
    sagas: Object.values(stories),
    owner: deps.process,
    ...options,
  })
  return { deps, stories, engine }
}

/** What goes on behind: operations that are due, debts, heads on old credentials, credentials to shred. */
export function lifecycleReconcilers(deps: LifecycleDeps): Reconciler[] {
  return [
    {
      name: 'operations',
      bell: 'operations',
      everyMs: 1_000,
      sideBySide: operationLanes,
      pass: () => deps.engine().workOne(),
    },
    sweepReconciler(deps),
    compareReconciler(deps),
    forgetOldReconciler(deps),
    logAccessReconciler(deps),
    // One goes ahead, and time to ask: looking again at once would send all of them.
    { name: 'circuits', everyMs: 5_000, pass: async () => (await sendAhead(deps), false) },
    { name: 'pins', everyMs: 5_000, pass: async () => (await releaseConfig(deps, null), false) },
    {
      name: 'expire',
      everyMs: 60_000,
      pass: async () => {
        const at = deps.world.now()
        await revokeRetired(deps.db, new Date(at.getTime() - retiredKeptMs), deps.running(), at)
        return false
      },
    },
  ]
}

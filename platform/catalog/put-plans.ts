import type { ManifestPlan } from '@mortise/contract/manifest/read'
import type { Tx } from '../db/db.js'
import type { World } from '../world/world.js'
import * as store from './plan-store.js'

/**
 * Makes a service's plans those of its manifest. A plan that is missing is deleted for new customers only; one that
 * comes back is the same plan again. A changed price is a new price: add-ons keep the one they were ordered at.
 * The caller has locked the service.
 */
export async function putPlans(
  tx: Tx,
  world: World,
  serviceId: string,
  plans: readonly ManifestPlan[],
  at: Date,
): Promise<void> {
  const known = new Map((await store.listKnownPlans(tx, serviceId)).map((plan) => [plan.name, plan]))
  await store.deletePlansExcept(
    tx,
    serviceId,
    plans.map((plan) => plan.name),
    at,
  )
  // Only one plan may be the default at any moment, so the old one gives it up first.
  await store.clearDefaultExcept(tx, serviceId, plans.find((plan) => plan.default)?.name ?? '', at)
  for (const plan of plans) {
    const before = known.get(plan.name)
    const id = before?.id ?? world.id()
    const isSamePrice = before?.cents === plan.price.cents && before.unit === plan.price.unit
    const priceId = before && isSamePrice ? before.priceId : world.id()
    if (before) await store.updatePlan(tx, { ...plan, id, priceId, at })
    else await store.insertPlan(tx, { ...plan, id, serviceId, priceId, at })
    if (!isSamePrice) await store.insertPrice(tx, { id: priceId, planId: id, ...plan.price, at })
  }
}

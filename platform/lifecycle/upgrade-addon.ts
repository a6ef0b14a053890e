import { invalid, notFound, WireError } from '@mortise/contract/errors'
import type { Addon } from '../addons/addon.js'
import { lockAddon } from '../addons/store.js'
import { regionsHere } from '../apps/place.js'
import { deprecated, mayKnow } from '../catalog/installable.js'
import { passesOf } from '../catalog/pass-store.js'
import type { Plan } from '../catalog/service.js'
import { serviceById } from '../catalog/store.js'
import { type Tx, transact } from '../db/db.js'
import { attemptsOf, questionOf } from '../partner/question-store.js'
import type { Actor, Operation, Saga } from '../saga/saga.js'
import { lockOpenOperation } from '../saga/store.js'
import type { ChangePlanParams, PlanChanged } from './change-plan.js'
import type { LifecycleDeps } from './deps.js'

/**
 * Moves an add-on to another plan. A newer wish supersedes an older one that is in doubt.
 * @returns whether the provider has not answered clearly yet
 * @throws WireError with the provider's words when it refuses; everything is as it was then
 */
export async function changePlan(
  deps: LifecycleDeps,
  saga: Saga<ChangePlanParams>,
  order: { addon: Addon; plan: Plan; actor: Actor },
): Promise<{ pending: boolean }> {
  const { world } = deps
  const { plan } = order
  if (plan.serviceId !== order.addon.serviceId) {
    throw noSuchPlan(plan.fullName, order.addon, ` It is a plan of ${plan.serviceName}.`)
  }
  if (plan.regions && !plan.regions.includes(order.addon.region) && plan.id !== order.addon.planId) {
    throw invalid(
      `The plan ${plan.fullName} is not sold in region ${order.addon.region}, where ${order.addon.name} is; it is in ${regionsHere(plan.regions)}.`,
    )
  }
  await refuseIfClosed(deps, order)
  const operation = await transact(deps.db, async (tx): Promise<Operation<ChangePlanParams> | null> => {
    const addon = await lockAddon(tx, order.addon.id)
    if (!addon || addon.state === 'deprovisioned') throw notFound('add_on')
    if (addon.state === 'provisioning')
      throw invalid(`${addon.name} is still being created. Change its plan when it is ready.`)
    if (addon.state === 'deprovisioning')
      throw invalid(`${addon.name} is being removed. Create another one with the plan that you want.`)
    const open = await lockOpenOperation(tx, addon.id)
    const wasInDoubt = open !== undefined && (await mayHaveChanged(tx, open))
    if (open) await deps.engine().cancel(tx, open, `superseded by a change to ${plan.fullName}`)
    // The same plan again is nothing to ask for, unless a doubtful change may have moved it elsewhere.
    else if (addon.planId === plan.id) return null
    const params: ChangePlanParams = {
      addonId: addon.id,
      addonName: addon.name,
      serviceId: addon.serviceId,
      serviceName: addon.serviceName,
      from: { id: addon.planId, name: addon.planName, priceId: addon.priceId },
      // Whoever calls a doubtful move back has not left the plan, and keeps the price that it was ordered at.
      to: { id: plan.id, name: plan.fullName, priceId: plan.id === addon.planId ? addon.priceId : plan.priceId },
      ownerId: addon.ownerId,
      questionId: world.id(),
      chargeId: world.id(),
      wasInDoubt,
    }
    return deps
      .engine()
      .begin(tx, saga, { id: world.id(), subject: addon.id, appId: addon.appId, actor: order.actor, params })
  })
  if (!operation) return { pending: false }
  const settled = await Promise.race([deps.engine().drive(operation), world.sleep(deps.patience.customerWaitMs)])
  if (settled?.state === 'unwound') {
    const asked = (settled.found as { ask?: PlanChanged }).ask
    throw new WireError(
      asked?.class === 'not sent' ? 'provider_unreachable' : 'provider_refused',
      settled.reason ?? 'The plan is as it was.',
    )
  }
  return { pending: settled?.state !== 'done' }
}

/**
 * A plan that is closed to newcomers is closed to whoever comes from another one; the plan that the add-on has is its own.
 * Decided before the lock: what closes in this moment closed just after the wish.
 */
async function refuseIfClosed(
  deps: LifecycleDeps,
  { addon, plan, actor }: { addon: Addon; plan: Plan; actor: Actor },
): Promise<void> {
  if (plan.id === addon.planId || (plan.state !== 'deprecated' && plan.state !== 'invite_only')) return
  const service = await serviceById(deps.db, plan.serviceId)
  const passes = await passesOf(deps.db, actor.id)
  if (passes.plans.has(plan.id)) return
  if (plan.state === 'deprecated') throw invalid(deprecated(plan))
  const viewer = { id: actor.id, isOperator: false }
  if (!service || !mayKnow(plan, service, viewer, { localhost: deps.localhost }, passes)) {
    throw noSuchPlan(plan.fullName, addon)
  }
}

/** In the words that clients look for; they show the service's plans then. */
export function noSuchPlan(wanted: string, addon: Addon, why = ''): WireError {
  return invalid(
    `Couldn't find either the add-on service or the add-on plan of "${wanted}".${why} ${addon.name} moves between the plans of ${addon.serviceName}: see them with addons:plans ${addon.serviceName}.`,
  )
}

/** Whether the change that is given up may have been made: in doubt, or asked for at this very moment. */
async function mayHaveChanged(tx: Tx, { id }: Operation): Promise<boolean> {
  const question = await questionOf(tx, id)
  if (!question) return false
  return question.mayExist || (await attemptsOf(tx, question.id)).some((attempt) => attempt.class === null)
}

import { invalid, notFound } from '@mortise/contract/errors'
import { isUuid } from '@mortise/contract/identity'
import type { OperationVerb } from '@mortise/contract/platform-api/operations'
import { timestamp } from '@mortise/contract/platform-api/shared'
import { lockAddons } from '../addons/store.js'
import { lockApp } from '../apps/store.js'
import { type Tx, transact } from '../db/db.js'
import { appendEvent } from '../events/store.js'
import type { LifecycleDeps } from '../lifecycle/deps.js'
import type { Actor, JsonObject, Operation } from '../saga/saga.js'
import { lockOpenOperation, lockOpenOperations } from '../saga/store.js'
import { attemptsOf, findKnown, type Known, subjectsBegunBy } from './operation-store.js'

/** What a verb can be refused by. */
export type Situation = Pick<Known, 'saga' | 'state' | 'step' | 'endedAt' | 'nextAt' | 'isDoubtful'> & {
  service: { name: string } | null
}

/** Why the verb can't be done now, in a sentence that says what can; null when it can. One table for view and door. */
export function refusalOf(verb: OperationVerb, it: Situation): string | null {
  const provider = it.service?.name ?? 'the provider'
  switch (verb) {
    case 'retry':
      if (it.endedAt) return `It ended at ${timestamp(it.endedAt)}: there is nothing to try again.`
      if (it.state === 'parked') {
        const hint = it.saga.startsWith('addon.provision') ? ' Ask the provider, or cancel it.' : ' Ask the provider.'
        return `It waits for ${provider} to call back, until ${timestamp(it.nextAt)} at most.${hint}`
      }
      return null
    case 'cancel':
      if (it.endedAt) return `It ended at ${timestamp(it.endedAt)}: there is nothing to cancel.`
      if (it.saga.startsWith('addon.provision'))
        return it.step === 'settle' ? 'The provider has made it already. Remove the add-on instead.' : null
      if (it.saga === 'app.change') return it.step === 'apply' ? 'It is being applied. Look at it again.' : null
      if (it.saga === 'addon.change-plan') {
        if (it.step !== 'ask') return 'The provider has changed the plan already. Change it back instead.'
        return it.isDoubtful
          ? `${provider} may have changed the plan. Ask the provider, then settle it as changed or unchanged.`
          : null
      }
      if (it.saga === 'app.setup') return 'Destroy the app that it sets up instead: that ends it.'
      return "A removal is not taken back: the customer's apps, names and bills have let go of it."
    case 'settle':
      if (it.saga !== 'addon.change-plan')
        return 'Only a change of plan can be settled. See the ledger for resources that may exist.'
      if (it.endedAt) return `It ended at ${timestamp(it.endedAt)}, ${it.state}: there is nothing to settle.`
      if (it.step !== 'ask') return 'The provider has said that the plan is changed; it is being finished.'
      return it.isDoubtful ? null : `${provider} has not left this in doubt. Retry or cancel it.`
  }
}

export interface Order {
  id: string
  actor: Actor
  reason: string | null
}

/**
 * Takes it up at once, and its provider's next question is due now. While somebody works on it, that is what was asked for.
 * @throws WireError
 */
export function retry(deps: LifecycleDeps, order: Order): Promise<Known> {
  return act(deps, order, 'retry', async (tx, operation, note) => {
    const last = (await attemptsOf(tx, [operation.id])).at(-1)
    return deps.engine().retry(tx, operation, { ...note, after_attempt: last?.number ?? 0 })
  })
}

/** Takes back everything of ours; what may exist at the provider is a debt. A second time there is nothing left to do. */
export function cancel(deps: LifecycleDeps, order: Order): Promise<Known> {
  return act(deps, order, 'cancel', async (tx, operation, note) => {
    const reason = order.reason ?? 'The operator cancelled it. Nothing is billed; you can order it again.'
    await deps.engine().cancel(tx, operation, reason, note)
    return undefined
  })
}

/** Says what became of a plan that was in doubt. The same answer twice is one answer. */
export function settle(deps: LifecycleDeps, order: Order & { outcome: 'changed' | 'unchanged' }): Promise<Known> {
  return act(
    deps,
    order,
    'settle',
    async (tx, operation, note) => {
      if (order.outcome === 'changed')
        return deps.engine().conclude(tx, operation, { class: 'settled', message: null }, note)
      await deps.engine().cancel(tx, operation, order.reason ?? 'The operator settled it: the plan is as it was.', note)
      return undefined
    },
    { outcome: order.outcome },
  )
}

/** Whether the verb has had its effect: asking again changes nothing and is no error. */
function isDone(verb: OperationVerb, known: Known, outcome?: string): boolean {
  if (verb === 'retry') return known.isHeld && known.state !== 'parked' && !known.endedAt
  if (verb === 'cancel') return known.state === 'unwound'
  return known.saga === 'addon.change-plan' && known.state === (outcome === 'changed' ? 'done' : 'unwound')
}

async function act(
  deps: LifecycleDeps,
  order: Order,
  verb: OperationVerb,
  move: (tx: Tx, operation: Operation, note: JsonObject) => Promise<Operation | undefined>,
  more: { outcome?: string } = {},
): Promise<Known> {
  const before = isUuid(order.id) ? await findKnown(deps.db, order.id) : undefined
  if (!before) throw notFound('operation')
  const toDrive = await transact(deps.db, async (tx) => {
    // App, add-on, operation: the order of locks everywhere; and what an operation has begun before itself, because each of
    // those tells it how it ended.
    if (before.appId) await lockApp(tx, before.appId)
    const below = await subjectsBegunBy(tx, before.id)
    await lockAddons(tx, [...below, before.subject])
    await lockOpenOperations(tx, below)
    await lockOpenOperation(tx, before.subject)
    const now = await findKnown(tx, before.id)
    if (!now) throw notFound('operation')
    if (isDone(verb, now, more.outcome)) return undefined
    const refusal = refusalOf(verb, now)
    if (refusal) throw invalid(refusal)
    const said = { by: order.actor.email, ...more, ...(order.reason ? { said: order.reason } : {}) }
    const moved = await move(tx, now, said)
    await appendEvent(tx, {
      id: deps.world.id(),
      at: deps.world.now(),
      actor: order.actor,
      action: 'update',
      resource: 'operation',
      subject: now.id,
      appId: now.appId,
      data: { verb, kind: now.saga, addon: now.addon?.name ?? null, reason: order.reason, ...more },
    })
    return moved
  })
  if (toDrive) await Promise.race([deps.engine().drive(toDrive), deps.world.sleep(deps.patience.customerWaitMs)])
  const after = await findKnown(deps.db, before.id)
  if (!after) throw notFound('operation')
  return after
}

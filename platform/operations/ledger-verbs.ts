import { invalid, notFound } from '@mortise/contract/errors'
import type { ledgerVerbs } from '@mortise/contract/platform-api/operations'
import { lockAddon, noteProviderId, sharesProviderId } from '../addons/store.js'
import { ring } from '../db/bell.js'
import { type Tx, transact } from '../db/db.js'
import { appendEvent } from '../events/store.js'
import type { LifecycleDeps } from '../lifecycle/deps.js'
import { settledOrStuck, takeUp } from '../partner/ledger-store.js'
import type { Actor } from '../saga/saga.js'
import { dueNow, type Entry, findEntry, forgetDebt, lockDebt } from './ledger-store.js'

export type LedgerVerb = (typeof ledgerVerbs)[number]

/** What a verb can be refused by. */
export type Standing = Pick<Entry, 'state' | 'isOpen' | 'providerId' | 'protocol' | 'forgottenAt'> & {
  addon: { name: string }
}

/** A v1 resource is removed by the provider's own id; without it there is nothing to remove it by. */
const isNameless = (it: Standing) => it.protocol === 'heroku-v1' && it.providerId === null

/** Why the verb can't be done now, in a sentence that says what can; null when it can. One table for view and door. */
export function refusalOf(verb: LedgerVerb, it: Standing): string | null {
  const { name } = it.addon
  if (it.state === 'asked') return `${name} is being created. See its operation.`
  if (it.state === 'held') return `${name} is in use. Remove the add-on first.`
  if (it.isOpen) return `${name} is being removed by an operation. Retry that one instead.`
  switch (verb) {
    case 'retry':
      if (it.state === 'clear')
        return `${name} is known to be gone, or was forgotten. Adopt it if the provider still has it.`
      return isNameless(it)
        ? `The provider's id of ${name} is not known. Adopt it with the id that the provider tells.`
        : null
    case 'adopt':
      if (it.state === 'clear' || isNameless(it)) return null
      return `${name} is on the ledger to be removed already. Retry it to have it asked for now.`
    case 'forget':
      return it.state === 'clear' ? `${name} is known to be gone already.` : null
  }
}

export interface LedgerOrder {
  /** Id or name of the add-on. */
  addon: string
  actor: Actor
  reason: string | null
}

/** Has its removal asked for now, with patience anew. Twice is once. */
export function retryDebt(deps: LifecycleDeps, order: LedgerOrder): Promise<Entry> {
  return act(deps, order, 'retry', async (tx, entry, at) => void (await dueNow(tx, entry.addon.id, at)))
}

/**
 * Takes up what was found at the provider although the ledger had closed it, or whose id was unknown: from now on it
 * is ours to remove. Nothing comes back to life: the customer has let go of it.
 */
export function adoptDebt(deps: LifecycleDeps, order: LedgerOrder & { providerId: string | null }): Promise<Entry> {
  return act(deps, order, 'adopt', async (tx, entry, at) => {
    const { providerId } = order
    if (isNameless(entry) && providerId === null)
      throw invalid(`Say by which id the provider knows ${entry.addon.name}: "provider_id".`)
    if (providerId !== null && entry.providerId !== null && providerId !== entry.providerId)
      throw invalid(`The provider told another id for ${entry.addon.name}: ${entry.providerId}.`)
    if (providerId !== null) await noteProviderId(tx, entry.addon.id, providerId)
    const other = entry.protocol === 'heroku-v1' ? await sharesProviderId(tx, entry.addon.id) : undefined
    if (other) throw invalid(`${other} is in use under that id at the provider: removing it would remove that one.`)
    await takeUp(tx, entry.addon.id, { from: settledOrStuck, reason: `adopted by the operator: ${order.reason}`, at })
  })
}

/** Gives up asking: the operator has made sure of it by other means, or takes the loss. The row stays, with the reason. */
export function forgetEntry(deps: LifecycleDeps, order: LedgerOrder): Promise<Entry> {
  return act(
    deps,
    order,
    'forget',
    async (tx, entry, at) =>
      void (await forgetDebt(tx, entry.addon.id, `forgotten by the operator: ${order.reason}`, at)),
  )
}

/** Whether the verb has had its effect: asking again changes nothing and is no error. */
function isDone(verb: LedgerVerb, it: Entry): boolean {
  if (verb === 'forget') return it.state === 'clear' && it.forgottenAt !== null
  return verb === 'adopt' && it.state === 'owed' && (it.reason ?? '').startsWith('adopted by the operator')
}

async function act(
  deps: LifecycleDeps,
  order: LedgerOrder,
  verb: LedgerVerb,
  move: (tx: Tx, entry: Entry, at: Date) => Promise<void>,
): Promise<Entry> {
  const found = await findEntry(deps.db, order.addon)
  if (!found) throw notFound('add_on', 'The ledger has every resource that a provider was ever asked for.')
  return transact(deps.db, async (tx) => {
    await lockAddon(tx, found.addon.id)
    await lockDebt(tx, found.addon.id)
    const before = (await findEntry(tx, found.addon.id)) ?? found
    if (isDone(verb, before)) return before
    const refusal = refusalOf(verb, before)
    if (refusal) throw invalid(refusal)
    const at = deps.world.now()
    await move(tx, before, at)
    await appendEvent(tx, {
      id: deps.world.id(),
      at,
      actor: order.actor,
      action: 'update',
      resource: 'ledger',
      subject: before.addon.id,
      appId: before.app?.id ?? null,
      data: { verb, addon: before.addon.name, service: before.service.name, reason: order.reason },
      previous: { state: before.state },
    })
    await ring(tx, 'sweep')
    return (await findEntry(tx, found.addon.id)) ?? before
  })
}

import { invalid, notFound } from '@mortise/contract/errors'
import { isUuid } from '@mortise/contract/identity'
import type { discrepancyVerbs } from '@mortise/contract/platform-api/discrepancies'
import { addonById } from '../addons/store.js'
import { ring } from '../db/bell.js'
import { type Tx, transact } from '../db/db.js'
import { appendEvent } from '../events/store.js'
import type { LifecycleDeps } from '../lifecycle/deps.js'
import { owe, recordAsked, settledOrStuck, takeUp } from '../partner/ledger-store.js'
import type { Actor } from '../saga/saga.js'
import * as store from './discrepancy-store.js'

export type DiscrepancyVerb = (typeof discrepancyVerbs)[number]

export interface DiscrepancyOrder {
  id: string
  actor: Actor
  reason: string
}

/** Why the verb can't be done now, in a sentence that says what can; null when it can. One table for view and door. */
export function refusalOf(
  verb: DiscrepancyVerb,
  it: Pick<store.Discrepant, 'kind' | 'state' | 'protocol' | 'uuid' | 'providerId'>,
): string | null {
  if (verb === 'forget') return it.state === 'adopted' ? 'It is on the ledger to be removed. Forget it there.' : null
  if (it.state === 'adopted') return null
  switch (it.kind) {
    case 'missing':
      return 'The provider does not list it, so there is nothing to adopt. Ask the provider; if it is lost, remove the add-on.'
    case 'twice':
      return 'It is in use under one of the two ids. Ask the provider to remove the other.'
    case 'unknown':
    case 'gone':
      if (it.protocol === 'heroku-v3' && it.uuid === null)
        return 'It was listed without a uuid, by which alone it could be removed. Ask the provider.'
      return it.protocol === 'heroku-v1' && it.providerId === null
        ? "It was listed without the provider's id, by which alone it could be removed. Ask the provider."
        : null
  }
}

/** From now on it is ours to remove: on the ledger, as what we asked for ourselves. Twice is once. */
export function adoptDiscrepancy(deps: LifecycleDeps, order: DiscrepancyOrder): Promise<store.Discrepant> {
  return act(deps, order, 'adopt', async (tx, it, at) => {
    const reason = `adopted by the operator: ${order.reason}`
    const addonId =
      it.kind === 'gone' && it.addon
        ? await again(tx, it, it.addon.id, reason, at)
        : await take(tx, deps, it, order, at)
    await store.moveDiscrepancy(tx, it.id, { state: 'adopted', reason, addonId, at })
    await ring(tx, 'sweep')
  })
}

/** It stays as it is, with the reason, and is not shown as open any more. */
export function forgetDiscrepancy(deps: LifecycleDeps, order: DiscrepancyOrder): Promise<store.Discrepant> {
  return act(deps, order, 'forget', (tx, it, at) =>
    store.moveDiscrepancy(tx, it.id, { state: 'forgotten', reason: `forgotten by the operator: ${order.reason}`, at }),
  )
}

/** Known here as gone: its debt is opened again. */
async function again(tx: Tx, it: store.Discrepant, addonId: string, reason: string, at: Date): Promise<string> {
  await refuseShared(tx, it)
  await takeUp(tx, addonId, { from: settledOrStuck, reason, at })
  return addonId
}

/** Never asked for: it gets a row, so that its removal is asked for, retried and told like every other. */
async function take(
  tx: Tx,
  deps: LifecycleDeps,
  it: store.Discrepant,
  order: DiscrepancyOrder,
  at: Date,
): Promise<string> {
  await refuseShared(tx, it)
  const id = it.uuid ?? deps.world.id()
  const name = `found-${id.slice(0, 8)}`
  if (
    !(await store.insertAdopted(tx, {
      id,
      name,
      serviceId: it.service.id,
      ownerId: order.actor.id,
      providerId: it.providerId,
      at,
    }))
  ) {
    const other = await addonById(tx, id)
    throw invalid(
      other
        ? `That uuid is the add-on ${other.name} of ${other.serviceName}: it is not removed on another provider's word.`
        : `${it.service.name} has no plan, so nothing of it can be put on the ledger.`,
    )
  }
  for (const action of ['create', 'destroy'] as const)
    await appendEvent(tx, {
      id: deps.world.id(),
      at,
      actor: order.actor,
      action,
      resource: 'addon',
      subject: id,
      appId: null,
      data: { name, service: it.service.name, reason: order.reason },
    })
  await recordAsked(tx, id, at)
  await owe(tx, { addonId: id, wasDoubtful: true, reason: `adopted by the operator: ${order.reason}`, nextAt: at, at })
  return id
}

/** v1 removes by the provider's id: what is in use under it would be removed instead. */
async function refuseShared(tx: Tx, it: store.Discrepant): Promise<void> {
  if (it.protocol !== 'heroku-v1' || it.providerId === null) return
  const other = await store.inUseUnder(tx, it.service.id, it.providerId)
  if (other) throw invalid(`${other} is in use under that id at the provider: removing it would remove that one.`)
}

async function act(
  deps: LifecycleDeps,
  order: DiscrepancyOrder,
  verb: DiscrepancyVerb,
  move: (tx: Tx, it: store.Discrepant, at: Date) => Promise<void>,
): Promise<store.Discrepant> {
  const unknown = () => notFound('discrepancy', 'It may have ended: the two agree again.')
  if (!isUuid(order.id)) throw unknown()
  return transact(deps.db, async (tx) => {
    await store.lockDiscrepancy(tx, order.id)
    const it = await store.findDiscrepancy(tx, order.id)
    if (!it) throw unknown()
    if (it.state === (verb === 'adopt' ? 'adopted' : 'forgotten')) return it
    const refusal = refusalOf(verb, it)
    if (refusal) throw invalid(refusal)
    const at = deps.world.now()
    await move(tx, it, at)
    await appendEvent(tx, {
      id: deps.world.id(),
      at,
      actor: order.actor,
      action: 'update',
      resource: 'discrepancy',
      subject: it.id,
      appId: null,
      data: {
        verb,
        kind: it.kind,
        service: it.service.name,
        uuid: it.uuid,
        provider_id: it.providerId,
        reason: order.reason,
      },
      previous: { state: it.state },
    })
    return (await store.findDiscrepancy(tx, it.id)) ?? it
  })
}

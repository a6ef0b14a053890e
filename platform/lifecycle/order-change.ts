import { confirmationRequired, notFound, WireError } from '@mortise/contract/errors'
import type { App } from '../apps/app.js'
import { lockApp } from '../apps/store.js'
import { type Tx, transact } from '../db/db.js'
import type { Actor, Operation, Saga } from '../saga/saga.js'
import { type ChangeAppParams, type Failed, sealParts } from './change-app.js'
import { applyParts, type ChangeOrder, checkOrder } from './change-set.js'
import { nameTaken } from './create-addon.js'
import type { LifecycleDeps } from './deps.js'
import { type Creation, type Preview, rehearseChange } from './preview-change.js'
import { NameTaken } from './provision.js'
import type { Stories } from './stories.js'

export interface OrderedChange {
  app: App
  actor: Actor
  order: ChangeOrder
  /** What the customer wrote as confirmation. */
  confirm: string | null
}

/** What would happen. Nothing does. @throws WireError whatever stands in the way, but the question for confirmation */
export async function previewChange(
  deps: LifecycleDeps,
  stories: Pick<Stories, 'provisionTogether'>,
  { app, actor, order }: OrderedChange,
): Promise<Preview> {
  checkOrder(order)
  const { preview } = await locked(deps, app, (tx, live) =>
    rehearseChange(tx, deps, stories.provisionTogether, { app: live, actor, order }),
  )
  // Ids and names of what is not there yet are drawn anew each time.
  return { ...preview, add_ons: preview.add_ons.map((one) => ({ ...one, id: null, name: null })) }
}

/**
 * Makes several changes one release. Without new add-ons it is done, in one transaction, when this returns; with them
 * it is durable, and goes on by itself when the providers take longer than the customer waits.
 * @throws WireError 423 naming what would be overwritten; for everything else that is decided against
 */
export async function changeApp(
  deps: LifecycleDeps,
  stories: Pick<Stories, 'provisionTogether' | 'changeApp'>,
  ordered: OrderedChange,
): Promise<Operation<ChangeAppParams>> {
  const { app, actor, order, confirm } = ordered
  checkOrder(order)
  const begun = await locked(deps, app, async (tx, live) => {
    const rehearsed = await rehearseChange(tx, deps, stories.provisionTogether, { app: live, actor, order })
    const { overwrites } = rehearsed.preview
    if (overwrites.length && confirm !== live.name && confirm !== live.id) {
      const words = `This would overwrite ${overwrites.join(' and ')} on ${live.name}. Give what is new other names, or confirm with ${live.name} to go on.`
      throw confirmationRequired(live.name, words)
    }
    return beginChange(tx, deps, stories.changeApp, { app: live, actor, order }, rehearsed)
  })
  if (begun.endedAt) return begun
  const settled = await Promise.race([deps.engine().drive(begun), deps.world.sleep(deps.patience.customerWaitMs)])
  if (settled?.state === 'unwound') throw refusal(settled)
  return (settled ?? begun) as Operation<ChangeAppParams>
}

/** In the caller's transaction, with the app locked and the order rehearsed. */
export async function beginChange(
  tx: Tx,
  deps: LifecycleDeps,
  story: Saga<ChangeAppParams>,
  { app, actor, order }: Pick<OrderedChange, 'app' | 'actor' | 'order'>,
  { preview, creations }: { preview: Preview; creations: Creation[] },
  of: { id: string; parentId?: string } = { id: deps.world.id() },
): Promise<Operation<ChangeAppParams>> {
  const params = { appId: app.id, parts: sealParts(deps, of.id, order), create: creations, preview }
  const operation = await deps.engine().begin(tx, story, { ...of, subject: of.id, appId: app.id, actor, params })
  if (creations.length) return operation
  // Nobody has to be asked: all of it is in this one transaction.
  await applyParts(tx, deps, order, { appId: app.id, actor, created: [], operationId: of.id })
  await deps.engine().finish(tx, operation)
  return { ...operation, state: 'done', endedAt: deps.world.now() }
}

async function locked<T>(deps: LifecycleDeps, app: App, work: (tx: Tx, live: App) => Promise<T>): Promise<T> {
  try {
    return await transact(deps.db, async (tx) => {
      const live = await lockApp(tx, app.id)
      if (live?.state !== 'live') throw notFound('app')
      return work(tx, live)
    })
  } catch (error) {
    throw error instanceof NameTaken ? nameTaken(error.taken) : error
  }
}

/** The words of whoever stood in the way, and that nothing else was done. */
function refusal(operation: Operation): WireError {
  const failed = (operation.found as { 'await add-ons'?: Failed })['await add-ons']
  const id = failed?.class === 'not sent' ? 'provider_unreachable' : failed ? 'provider_refused' : 'conflict'
  return new WireError(id, `${operation.reason} Nothing of this change was made.`)
}

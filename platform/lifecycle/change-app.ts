import { WireError } from '@mortise/contract/errors'
import { lockAddons } from '../addons/store.js'
import { lockApp } from '../apps/store.js'
import type { Tx } from '../db/db.js'
import { Against, type Decision, type Operation, type Saga, type StepContext, saga } from '../saga/saga.js'
import { findOperation, lockOpenOperations } from '../saga/store.js'
import { backOffMs } from '../world/world.js'
import { applyParts, type ChangeParts, lockAddonsIn } from './change-set.js'
import type { LifecycleDeps } from './deps.js'
import type { Creation, Preview } from './preview-change.js'
import { type Asked, gathering, type ProvisionParams } from './provision.js'

export interface ChangeAppParams {
  appId: string
  /** `ChangeParts`, sealed, in base64: values of config vars are secrets. */
  parts: string
  create: Creation[]
  /** What the customer was told would happen, and agreed to. */
  preview: Preview
}

/** Why it came to nothing: how the provider that stood in the way had answered. */
export interface Failed {
  [name: string]: string
  class: string
}

export type ChangeAppOperation = Operation<
  ChangeAppParams,
  { order: null; 'await add-ons': Failed | null; apply: null }
>

const againFirstMs = 1_000
/** Each add-on that is there, or failed, wakes the change; a provider may take 12 hours, and each look is a line of the story. */
const againMostMs = 300_000

/**
 * Several changes of an app as one release. The add-ons are asked for side by side and wait for each other; then one
 * transaction makes them all, and everything else of the change, true. When one is refused or removed, the others are
 * undone, and the app was never touched.
 */
export function changeAppSaga(deps: LifecycleDeps, provision: Saga<ProvisionParams>): Saga<ChangeAppParams> {
  return (
    saga<ChangeAppParams>('app.change')
      .local('order', { do: order, undo: giveUp })
      .call('await add-ons', { do: awaitAddons })
      // All of it or nothing, together with the journal: there is nothing to undo.
      .local('apply', { do: apply })
  )

  async function order(tx: Tx, { id, params, actor }: ChangeAppOperation): Promise<null> {
    for (const one of params.create) {
      if (await findOperation(tx, one.operationId)) continue
      const child = { id: one.operationId, subject: one.params.addonId, appId: params.appId, parentId: id, actor }
      await deps.engine().begin(tx, provision, { ...child, params: one.params })
    }
    return null
  }

  /** What still runs is undone as if its customer had removed it. */
  async function giveUp(tx: Tx, { params, reason }: ChangeAppOperation): Promise<void> {
    await lockApp(tx, params.appId)
    await lockAddons(tx, idsOf(params.create))
    const begun = params.create.map((one) => one.operationId)
    for (const open of await lockOpenOperations(tx, idsOf(params.create))) {
      if (begun.includes(open.id))
        await deps
          .engine()
          .cancel(tx, open, `The change that it was ordered with was given up: ${reason ?? 'no reason'}`)
    }
  }

  async function awaitAddons(context: StepContext, operation: ChangeAppOperation): Promise<Decision<Failed | null>> {
    const { create } = operation.params
    const look = () => Promise.all(create.map(({ operationId }) => findOperation(deps.db, operationId)))
    // Begun by this very process: nobody else works on them before their lease runs out.
    if (operation.epoch === 1) {
      const begun = (await look()).flatMap((child) => (child?.epoch === 1 && child.state === 'running' ? [child] : []))
      await firstTrouble(begun.map((child) => deps.engine().drive(child)))
      await context.renew()
    }
    const children = await look()
    for (const [index, child] of children.entries()) {
      if (child && !child.endedAt && child.state !== 'unwinding') continue
      const { serviceName = '', name = '' } = create[index]?.params ?? {}
      const asked = (child?.found as { ask?: Asked } | undefined)?.ask
      const words = child?.reason ?? `${name} is not there any more.`
      const reason = `${words.includes(serviceName) ? '' : `${serviceName}: `}${words}`
      return { decided: 'unwind', reason, found: { class: asked?.class ?? 'failed' } }
    }
    const left = create.filter((_one, index) => children[index]?.step !== gathering)
    if (left.length === 0) return { decided: 'done', found: null }
    return {
      decided: 'again',
      afterMs: backOffMs(deps.world, operation.tries, againFirstMs, againMostMs),
      reason: `Waits for the providers of ${left.map(({ params }) => params.name).join(', ')}.`,
    }
  }

  /** Nothing of it stays when a part can't be any more: a name or an add-on may have gone elsewhere meanwhile. */
  async function apply(tx: Tx, { id, subject, actor, params }: ChangeAppOperation): Promise<null> {
    const { appId, create, preview } = params
    const parts = openParts(deps, subject, params.parts)
    try {
      await lockApp(tx, appId)
      // Before their operations, and so before the parts are applied.
      await lockAddonsIn(tx, parts, create)
      const gathered = await lockGathered(tx, create)
      const created = create.map((one) => ({ id: one.operationId, params: one.params, actor }))
      await applyParts(tx, deps, parts, { appId, actor, created, operationId: id, mayOverwrite: preview.overwrites })
      for (const child of gathered) await deps.engine().finish(tx, child)
    } catch (error) {
      if (error instanceof WireError) throw new Against(error.message)
      throw error
    }
    return null
  }

  /** Their operations, locked after their add-ons, so that nobody removes one of them now. @throws WireError when somebody has */
  async function lockGathered(tx: Tx, create: readonly Creation[]): Promise<Operation[]> {
    const open = await lockOpenOperations(tx, idsOf(create))
    const found: Operation[] = []
    for (const { params, operationId } of create) {
      const mine = open.find(({ id }) => id === operationId)
      if (mine) found.push(mine)
      else if (!(await isDone(tx, operationId)))
        throw new WireError('conflict', `${params.name} was removed meanwhile.`)
    }
    return found
  }

  /** When this step runs twice. */
  async function isDone(tx: Tx, operationId: string): Promise<boolean> {
    return (await findOperation(tx, operationId))?.state === 'done'
  }
}

const idsOf = (create: readonly Creation[]) => create.map(({ params }) => params.addonId)

const partsContext = (subject: string) => `changes:${subject}:parts`

export function sealParts(deps: Pick<LifecycleDeps, 'secrets'>, subject: string, parts: ChangeParts): string {
  const { config, attach, detach } = parts
  return deps.secrets.seal(JSON.stringify({ config, attach, detach }), partsContext(subject)).toString('base64')
}

function openParts(deps: Pick<LifecycleDeps, 'secrets'>, subject: string, sealed: string): ChangeParts {
  return JSON.parse(deps.secrets.open(Buffer.from(sealed, 'base64'), partsContext(subject)))
}

/** Resolves when all are done, or as soon as one has come to an end: the others need not be waited for. */
function firstTrouble(driven: readonly Promise<Operation>[]): Promise<unknown> {
  const trouble = new Promise<void>((resolve) => {
    for (const one of driven) one.then((operation) => operation.endedAt && resolve(), resolve)
  })
  return Promise.race([Promise.allSettled(driven), trouble])
}

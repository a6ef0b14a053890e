import { invalid, notFound } from '@mortise/contract/errors'
import { appRights } from '../accounts/permit.js'
import { requireRoom } from '../accounts/quotas.js'
import { listBilledTo, lockAddons } from '../addons/store.js'
import type { App } from '../apps/app.js'
import { insertCollaborator } from '../apps/collaborator-store.js'
import { recordOwner } from '../apps/events.js'
import { checkAppName, generatedAppName } from '../apps/name.js'
import { insertApp, lockApp, markDestroyed, markDestroying, setLocked } from '../apps/store.js'
import { appFacts } from '../apps/view.js'
import { listAttachmentsOfApp } from '../attachments/store.js'
import { type Tx, transact } from '../db/db.js'
import { removeDomainsOf } from '../domains/store.js'
import { deleteDrainsOfApp } from '../drains/store.js'
import { appendEvent } from '../events/store.js'
import { applyChange } from '../releases/change.js'
import { type Actor, type Decision, type Operation, type Saga, type StepContext, saga } from '../saga/saga.js'
import { findOperation, lockOpenOperations } from '../saga/store.js'
import { backOffMs } from '../world/world.js'
import type { DeprovisionParams } from './deprovision.js'
import type { LifecycleDeps } from './deps.js'
import { detachOne } from './detach-one.js'
import { beginRemoval, usedElsewhere } from './remove-addon.js'

export interface NewApp {
  name: string | null
  region: string
  stack: string
  kind: App['kind']
  actor: Actor
  /** A team's account; without it the actor owns the app. */
  owner?: { id: string; creatorWorksOnIt: boolean; locked: boolean }
}

/**
 * Makes an app and its v1, "Initial release".
 * @param andThen in the same transaction: both are there, or neither
 * @throws WireError 422 when the name is taken or can't be
 */
export async function createApp(
  deps: LifecycleDeps,
  order: NewApp,
  andThen?: (tx: Tx, app: App) => Promise<void>,
): Promise<App> {
  if (order.name !== null) checkAppName(order.name)
  for (let tries = 0; ; tries++) {
    const name = order.name ?? generatedAppName(deps.world)
    const made = await transact(deps.db, async (tx) => {
      const app = await makeApp(tx, deps, order, name)
      if (app) await andThen?.(tx, app)
      return app
    })
    if (made) return made
    if (order.name !== null || tries > 20) throw appNameTaken(name)
  }
}

export const appNameTaken = (name: string) => invalid(`Name ${name} is already taken. Choose another one.`)

/** In the caller's transaction. @returns undefined when the name is taken */
export async function makeApp(tx: Tx, deps: LifecycleDeps, order: NewApp, name: string): Promise<App | undefined> {
  const at = deps.world.now()
  const { region, stack, kind, actor, owner } = order
  const ownerId = owner?.id ?? actor.id
  await requireRoom(tx, { ownerId, name: 'apps', at })
  const app = await insertApp(tx, { id: deps.world.id(), name, ownerId, region, stack, kind, at })
  if (!app) return undefined
  if (owner?.creatorWorksOnIt) {
    const row = { id: deps.world.id(), appId: app.id, accountId: actor.id, permissions: appRights, at }
    await insertCollaborator(tx, row)
  }
  if (owner?.locked) await setLocked(tx, app.id, true, at)
  await applyChange(tx, deps, { app, actor, accountId: actor.id, description: 'Initial release', rebuild: false })
  await appendEvent(tx, {
    id: deps.world.id(),
    at,
    actor,
    action: 'create',
    resource: 'app',
    subject: app.id,
    appId: app.id,
    data: appFacts(app),
  })
  // Whoever makes an app of their own knows it; of a team's its admins are told.
  if (app.teamId !== null) await recordOwner(tx, deps.world, { app, actor, at, action: 'create' })
  return owner?.locked ? { ...app, locked: true } : app
}

export interface DestroyAppParams {
  appId: string
  appName: string
}

type DestroyOperation = Operation<DestroyAppParams, { intend: { children: string[] } }>

/** Between looks whether the add-ons are gone. Each of them wakes it; a provider may take 12 hours. */
const againFirstMs = 2_000
const againMostMs = 300_000

/**
 * A customer destroys an app. It is gone for the customer from the intent on; its add-ons are removed side by
 * side, each by an operation of its own, so nothing here has an undo.
 */
export function destroyAppSaga(deps: LifecycleDeps, removal: Saga<DeprovisionParams>): Saga<DestroyAppParams> {
  return saga<DestroyAppParams>('app.destroy')
    .local('intend', { do: recordIntent })
    .call('undeploy', { do: undeploy })
    .call('await add-ons', { do: awaitAddons })
    .local('settle', { do: forget })

  async function recordIntent(tx: Tx, { params, actor, id, found }: DestroyOperation): Promise<{ children: string[] }> {
    const at = deps.world.now()
    const app = await lockApp(tx, params.appId)
    if (!app) return { children: found.intend?.children ?? [] }
    await markDestroying(tx, app.id, at)
    await removeDomainsOf(tx, app.id)
    const attachments = await listAttachmentsOfApp(tx, app.id)
    // All that it has to do with: its own, and others' that are attached to it and may be removed at this moment.
    const own = (await listBilledTo(tx, app.id)).map((addon) => addon.id)
    await lockAddons(tx, [...own, ...attachments.map((one) => one.addonId)])
    // Before any of them ends: each that does locks whoever began it, which may have begun the next one too.
    await lockOpenOperations(tx, own)
    for (const attachment of attachments) {
      if (attachment.billingAppId !== app.id) {
        await detachOne(tx, deps.world, attachment, { actor, at, operationId: id })
      }
    }
    const children: string[] = []
    for (const addon of await listBilledTo(tx, app.id)) {
      const child = await beginRemoval(tx, deps, removal, { addonId: addon.id, actor, force: true }, id)
      if (child) children.push(child.id)
    }
    await appendEvent(tx, {
      id: deps.world.id(),
      at,
      actor,
      action: 'destroy',
      resource: 'app',
      subject: app.id,
      appId: app.id,
      operationId: id,
      data: appFacts(app),
    })
    if (app.teamId !== null) {
      await recordOwner(tx, deps.world, { app, actor, at, action: 'destroy', operationId: id })
    }
    return { children }
  }

  async function undeploy(_: StepContext, { params }: DestroyOperation): Promise<Decision<null>> {
    await deps.undeploy(params.appId)
    return { decided: 'done', found: null }
  }

  async function awaitAddons(_: StepContext, operation: DestroyOperation): Promise<Decision<null>> {
    // Begun by this very process: nobody else works on them before their lease runs out.
    if (operation.epoch === 1) {
      await Promise.all(
        (operation.found.intend?.children ?? []).map(async (id) => {
          const child = await findOperation(deps.db, id)
          if (child && child.epoch === 1 && child.state === 'running') await deps.engine().drive(child)
        }),
      )
    }
    const left = await listBilledTo(deps.db, operation.params.appId)
    if (left.length === 0) return { decided: 'done', found: null }
    return {
      decided: 'again',
      afterMs: backOffMs(deps.world, operation.tries, againFirstMs, againMostMs),
      reason: `waits for the providers of ${left.map(({ name }) => name).join(', ')}`,
    }
  }

  async function forget(tx: Tx, { params }: DestroyOperation): Promise<null> {
    // Before what it has: an order of one of its add-ons may be undone at this moment.
    await lockApp(tx, params.appId)
    await deleteDrainsOfApp(tx, params.appId)
    await markDestroyed(tx, params.appId, deps.world.now())
    return null
  }
}

/** @throws WireError 422 naming the apps that use its add-ons, unless it is forced */
export async function destroyApp(
  deps: LifecycleDeps,
  story: Saga<DestroyAppParams>,
  order: { app: App; actor: Actor; force: boolean; maySee(appId: string): Promise<boolean> },
): Promise<void> {
  const operation = await transact(deps.db, async (tx) => {
    const app = await lockApp(tx, order.app.id)
    if (app?.state !== 'live') throw notFound('app')
    if (!order.force) await refuseIfShared(tx, app, order.maySee)
    return beginDestroying(tx, deps, story, { app, actor: order.actor })
  })
  await Promise.race([deps.engine().drive(operation), deps.world.sleep(deps.patience.destroyWaitMs)])
}

/** In the caller's transaction, with the app locked. Somebody drives it afterwards, or the reconciler does. */
export function beginDestroying(
  tx: Tx,
  deps: LifecycleDeps,
  story: Saga<DestroyAppParams>,
  { app, actor, parentId }: { app: App; actor: Actor; parentId?: string },
): Promise<DestroyOperation> {
  const params = { appId: app.id, appName: app.name }
  const beginning = { id: deps.world.id(), subject: app.id, appId: app.id, actor, params }
  return deps.engine().begin(tx, story, parentId ? { ...beginning, parentId } : beginning) as Promise<DestroyOperation>
}

async function refuseIfShared(tx: Tx, app: App, maySee: (appId: string) => Promise<boolean>): Promise<void> {
  for (const addon of await listBilledTo(tx, app.id)) {
    const words = await usedElsewhere(tx, addon, maySee)
    if (words)
      throw invalid(
        `${addon.name} is attached to ${words}. Detach it there first, or pass --force to take it away from them.`,
      )
  }
}

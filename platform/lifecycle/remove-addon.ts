import { invalid, notFound } from '@mortise/contract/errors'
import type { Addon } from '../addons/addon.js'
import { addonById, lockAddon } from '../addons/store.js'
import { lockApp } from '../apps/store.js'
import { listAttachmentsOfAddon } from '../attachments/store.js'
import { type Tx, transact } from '../db/db.js'
import type { Actor, Operation, Saga } from '../saga/saga.js'
import { lockOpenOperation } from '../saga/store.js'
import type { DeprovisionParams } from './deprovision.js'
import type { LifecycleDeps } from './deps.js'

export interface Removal {
  addonId: string
  actor: Actor
  /** Also where other apps use it. */
  force: boolean
  /** Whether the caller may see an app: others are counted, not named. */
  maySee(appId: string): Promise<boolean>
}

/**
 * Removes an add-on. Joins a removal under way; cancels a creation under way; supersedes a plan change in doubt.
 * @throws WireError 422 when other apps are attached and it is not forced
 */
export async function removeAddon(
  deps: LifecycleDeps,
  saga: Saga<DeprovisionParams>,
  removal: Removal,
): Promise<Addon> {
  const operation = await transact(deps.db, (tx) => beginRemoval(tx, deps, saga, removal))
  if (operation) await Promise.race([deps.engine().drive(operation), deps.world.sleep(deps.patience.removeWaitMs)])
  const addon = await addonById(deps.db, removal.addonId)
  if (!addon) throw notFound('add_on')
  return addon
}

/** @returns the operation that the caller drives after the commit, if one was begun */
export async function beginRemoval(
  tx: Tx,
  deps: LifecycleDeps,
  saga: Saga<DeprovisionParams>,
  removal: Omit<Removal, 'maySee'> & Partial<Pick<Removal, 'maySee'>>,
  parentId?: string,
): Promise<Operation | undefined> {
  const { world } = deps
  const before = await addonById(tx, removal.addonId)
  if (!before) throw notFound('add_on')
  if (before.appId) await lockApp(tx, before.appId)
  const addon = await lockAddon(tx, removal.addonId)
  if (!addon || addon.state === 'deprovisioned') throw notFound('add_on')
  if (addon.state === 'deprovisioning') return undefined
  const open = await lockOpenOperation(tx, addon.id)
  if (addon.state === 'provisioning') {
    // The call in flight is never cut: it is ignored when it comes back, and the debt looks after what it made.
    if (open) await deps.engine().cancel(tx, open, `${addon.name} was removed while it was being created.`)
    return undefined
  }
  if (!removal.force) await refuseIfUsedElsewhere(tx, addon, removal)
  if (open) await deps.engine().cancel(tx, open, `${addon.name} was removed meanwhile.`)
  const params: DeprovisionParams = {
    addonId: addon.id,
    addonName: addon.name,
    serviceId: addon.serviceId,
    questionId: world.id(),
  }
  return deps
    .engine()
    .begin(tx, saga, { id: world.id(), subject: addon.id, appId: addon.appId, parentId, actor: removal.actor, params })
}

async function refuseIfUsedElsewhere(tx: Tx, addon: Addon, removal: Partial<Pick<Removal, 'maySee'>>): Promise<void> {
  const words = await usedElsewhere(tx, addon, removal.maySee)
  if (words)
    throw invalid(
      `${addon.name} is still attached to ${words}. Detach it there first, or pass --force to take it away from them.`,
    )
}

/** Which other apps use it, in words; null when none do. Apps that the caller may not see are counted. */
export async function usedElsewhere(
  tx: Tx,
  addon: Addon,
  maySee: (appId: string) => Promise<boolean> = async () => true,
): Promise<string | null> {
  const others = new Map(
    (await listAttachmentsOfAddon(tx, addon.id))
      .filter((attachment) => attachment.appId !== addon.appId)
      .map((attachment) => [attachment.appId, attachment.appName]),
  )
  if (others.size === 0) return null
  const named: string[] = []
  for (const [appId, appName] of others) if (await maySee(appId)) named.push(appName)
  const unseen = others.size - named.length
  if (unseen)
    named.push(`${unseen} ${named.length ? 'other ' : ''}${unseen === 1 ? 'app' : 'apps'} that you may not see`)
  return named.sort().join(', ')
}

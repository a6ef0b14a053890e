import { invalid, notFound } from '@mortise/contract/errors'
import type { Addon } from '../addons/addon.js'
import { credentialNames } from '../addons/credential-store.js'
import { lockAddon } from '../addons/store.js'
import type { App } from '../apps/app.js'
import { lockApp } from '../apps/store.js'
import { type Attachment, credentialOf, defaultCredential, namespaceOf } from '../attachments/attachment.js'
import { findAttachment, freeCustomerNames, insertAttachment, takeConfigNames } from '../attachments/store.js'
import { serviceById } from '../catalog/store.js'
import { type Tx, transact } from '../db/db.js'
import { appendEvent } from '../events/store.js'
import { applyChange } from '../releases/change.js'
import type { Actor } from '../saga/saga.js'
import { type ChosenNames, chooseNames, type Leaving, refuseToDetachLast } from './choose-names.js'
import type { LifecycleDeps } from './deps.js'
import { detachOne } from './detach-one.js'
import { giveLogAccess } from './log-access.js'

export interface AttachOrder {
  appId: string
  addonId: string
  wanted: string | null
  /** `credential:NAME`; null for the default credential. */
  namespace?: string | null
  confirm: string | null
  actor: Actor
}

/** Makes an add-on's values config vars of an app: one transaction, one release. */
export async function attach(deps: LifecycleDeps, order: AttachOrder): Promise<Attachment> {
  return transact(deps.db, async (tx) => {
    const app = await lockApp(tx, order.appId)
    if (app?.state !== 'live') throw notFound('app')
    const { attachment, chosen } = await attachOne(tx, deps, app, order)
    await applyChange(tx, deps, {
      app,
      actor: order.actor,
      accountId: order.actor.id,
      attachmentsChanged: true,
      dropVars: chosen.dropVars,
      description: `Attach ${chosen.name} (@ref:${attachment.addonName})`,
      rebuild: true,
    })
    return attachment
  })
}

/** All of it but the app's release. The caller holds the app's lock. @throws WireError 404, 422 or 423 */
export async function attachOne(
  tx: Tx,
  deps: LifecycleDeps,
  app: App,
  order: Omit<AttachOrder, 'appId'> & { leaving?: Leaving },
): Promise<{ attachment: Attachment; chosen: ChosenNames }> {
  const at = deps.world.now()
  const addon = await lockAddon(tx, order.addonId)
  if (!addon || addon.state === 'deprovisioned') throw notFound('add_on')
  if (addon.state === 'provisioning') throw invalid(`${addon.name} is still being created. Attach it when it is ready.`)
  if (addon.state === 'deprovisioning') throw invalid(`${addon.name} is being removed. Attach another one.`)
  const service = await serviceById(tx, addon.serviceId)
  if (!service) throw notFound('add_on_service')
  if (app.id !== addon.appId && !service.manifest.api.requires.includes('attachable')) {
    throw invalid(
      `${service.name} can't be shared: its provider allows it on the app that pays for it only. Create one for ${app.name} instead.`,
    )
  }
  const { wanted, confirm, leaving } = order
  const credential = await credentialFor(tx, addon, order.namespace ?? null)
  const chosen = await chooseNames(tx, deps.world, { app, service, wanted, confirm, leaving, addonId: addon.id })
  for (const gone of [...chosen.detach, ...(chosen.replaces ? [chosen.replaces] : [])])
    await detachOne(tx, deps.world, gone, { actor: order.actor, at })
  const id = deps.world.id()
  await insertAttachment(tx, {
    id,
    appId: app.id,
    addonId: addon.id,
    name: chosen.name,
    namespace: namespaceOf(credential),
    credential,
    configNames: chosen.configNames,
    at,
  })
  await giveLogAccess(tx, deps, { addon, service, appId: app.id })
  await freeCustomerNames(tx, app.id, chosen.dropVars)
  const clashes = await takeConfigNames(tx, app.id, Object.values(chosen.configNames), id)
  if (clashes.length)
    throw new Error(`names were taken under the app's lock: ${clashes.map(({ name }) => name).join(', ')}`)
  await appendEvent(tx, {
    id: deps.world.id(),
    at,
    actor: order.actor,
    action: 'create',
    resource: 'addon-attachment',
    subject: id,
    appId: app.id,
    data: { id, name: chosen.name, addon: addon.name },
  })
  const attachment = await findAttachment(tx, id)
  if (!attachment) throw new Error('an attachment was lost while it was made')
  return { attachment, chosen }
}

/** @throws WireError 422 naming the credentials that there are */
async function credentialFor(tx: Tx, addon: Addon, namespace: string | null): Promise<string> {
  const wanted = credentialOf(namespace)
  if (wanted === defaultCredential) return wanted
  const names = await credentialNames(tx, addon.id)
  if (wanted !== null && names.includes(wanted)) return wanted
  throw invalid(
    `${addon.name} has no credential for the namespace "${namespace}". It has ${names.map((name) => `credential:${name}`).join(', ')}: pass one of them with --credential, or none for the default.`,
  )
}

/** Takes an add-on's values away from an app: one transaction, one release. */
export async function detach(deps: LifecycleDeps, attachment: Attachment, actor: Actor): Promise<Attachment> {
  return transact(deps.db, async (tx) => {
    const at = deps.world.now()
    const app = await lockApp(tx, attachment.appId)
    await lockAddon(tx, attachment.addonId)
    const found = await findAttachment(tx, attachment.id)
    if (!app || !found) throw notFound('add_on attachment')
    await refuseToDetachLast(tx, found)
    await detachOne(tx, deps.world, found, { actor, at })
    await applyChange(tx, deps, {
      app,
      actor,
      accountId: actor.id,
      attachmentsChanged: true,
      rebuild: true,
      description: `Detach ${found.name} (@ref:${found.addonName})`,
    })
    return found
  })
}

import { invalid, notFound, WireError } from '@mortise/contract/errors'
import { lockAddons } from '../addons/store.js'
import type { App } from '../apps/app.js'
import { lockApp } from '../apps/store.js'
import { type Attachment, attachmentNameOf } from '../attachments/attachment.js'
import { findAttachment, freeCustomerNames } from '../attachments/store.js'
import type { Plan, Service } from '../catalog/service.js'
import type { Tx } from '../db/db.js'
import { applyChange } from '../releases/change.js'
import { varsOf } from '../releases/environment.js'
import { describeVars, type Release } from '../releases/release.js'
import { releaseOfOperation } from '../releases/store.js'
import type { Actor, Operation } from '../saga/saga.js'
import { attachOne } from './attach.js'
import { type Leaving, refuseWithoutAttachment } from './choose-names.js'
import type { LifecycleDeps } from './deps.js'
import { detachOne } from './detach-one.js'
import { becomeProvisioned, type ProvisionParams } from './provision.js'

/** Several changes of one app, looked up and allowed. */
export interface ChangeOrder {
  /** The customer's own vars to set, or (null) to remove. */
  config: Record<string, string | null>
  attach: readonly { addonId: string; name: string | null; namespace?: string | null }[]
  /** Ids of attachments of the app. */
  detach: readonly string[]
  create: readonly {
    service: Service
    plan: Plan
    name: string | null
    as: string | null
    options: Record<string, string | boolean | number | null>
  }[]
}

/** What is applied together, once the new add-ons are there. */
export type ChangeParts = Pick<ChangeOrder, 'config' | 'attach' | 'detach'>

/** What became different. */
export interface Applied {
  /** Null when nothing differs from before. */
  release: Release | null
  description: string
  attached: Attachment[]
  detached: Attachment[]
  /** What was lost beside what was asked to go; each in words. */
  overwrites: string[]
}

/** @throws WireError 422 for what contradicts itself, whatever the app looks like */
export function checkOrder({ config, attach, detach, create }: ChangeOrder): void {
  if (Object.keys(config).length + attach.length + detach.length + create.length === 0) {
    throw invalid('Say what changes: "config", "create", "attach" or "detach".')
  }
  const names = [...attach.map(({ name }) => name), ...create.map(({ as }) => as)].flatMap((name) =>
    name === null ? [] : [attachmentNameOf(name) ?? name],
  )
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice) throw invalid(`Two attachments of this change would be called ${twice}. Give one another name.`)
}

/** What the change takes away by itself: its attachments may take those names over. */
export function leavingWith({ config, detach }: ChangeParts): Leaving {
  return {
    attachments: new Set(detach),
    vars: new Set(Object.keys(config).filter((name) => config[name] === null)),
  }
}

/**
 * Makes everything true in the caller's transaction, as one release: what goes first, then what comes. Safe to repeat with
 * an operation's id.
 * @param with.created whose providers have answered
 * @param with.mayOverwrite what the customer agreed to lose; left out, everything
 * @throws WireError when a part can't be; nothing of the transaction may stay then
 */
export async function applyParts(
  tx: Tx,
  deps: LifecycleDeps,
  parts: ChangeParts,
  given: {
    appId: string
    actor: Actor
    created: readonly Pick<Operation<ProvisionParams>, 'id' | 'params' | 'actor'>[]
    operationId?: string
    mayOverwrite?: readonly string[]
  },
): Promise<Applied> {
  const { actor, created, operationId } = given
  const app = await lockApp(tx, given.appId)
  if (app?.state !== 'live') throw notFound('app')
  const before = operationId && (await releaseOfOperation(tx, operationId, app.id))
  if (before) return { release: before, description: before.description, attached: [], detached: [], overwrites: [] }

  await lockAddonsIn(tx, parts, created)
  const detached = await detachAll(tx, deps, app, parts.detach, actor)
  const { vars, dropVars } = await freeRemoved(tx, deps, app, parts.config)
  const attached: Attachment[] = []
  const overwrites: string[] = []
  for (const { addonId, name, namespace } of parts.attach) {
    const order = { addonId, wanted: name, namespace, confirm: app.name, actor, leaving: leavingWith(parts) }
    const { attachment, chosen } = await attachOne(tx, deps, app, order)
    dropVars.push(...chosen.dropVars)
    overwrites.push(...chosen.overwrites)
    attached.push(attachment)
  }
  const unheard = overwrites.find((words) => given.mayOverwrite && !given.mayOverwrite.includes(words))
  if (unheard) {
    throw new WireError(
      'conflict',
      `It would overwrite ${unheard}, which was not so when it was ordered. Order it again.`,
    )
  }
  for (const operation of created) {
    await becomeProvisioned(tx, deps, operation, deps.world.now())
    dropVars.push(...operation.params.attachment.dropVars)
  }
  for (const attachment of detached) await refuseWithoutAttachment(tx, attachment)
  const description = describe(
    parts.config,
    created.map(({ params }) => params),
    attached,
    detached,
  )
  const release = await applyChange(tx, deps, {
    app,
    actor,
    accountId: actor.id,
    vars,
    dropVars,
    attachmentsChanged: attached.length + detached.length + created.length > 0,
    operationId,
    description,
    rebuild: true,
  })
  return { release, description, attached, detached, overwrites }
}

/** The add-ons that it creates, attaches and detaches, all at once: the same two may be in a change of another app, the other way round. */
export async function lockAddonsIn(
  tx: Tx,
  { attach, detach }: Pick<ChangeParts, 'attach' | 'detach'>,
  created: readonly { params: Pick<ProvisionParams, 'addonId'> }[],
): Promise<void> {
  const leaving = await Promise.all(detach.map((id) => findAttachment(tx, id)))
  await lockAddons(tx, [
    ...created.map(({ params }) => params.addonId),
    ...attach.map(({ addonId }) => addonId),
    ...leaving.flatMap((one) => (one ? [one.addonId] : [])),
  ])
}

async function detachAll(
  tx: Tx,
  deps: LifecycleDeps,
  app: App,
  ids: readonly string[],
  actor: Actor,
): Promise<Attachment[]> {
  const at = deps.world.now()
  const detached: Attachment[] = []
  for (const id of ids) {
    const attachment = await findAttachment(tx, id, app.id)
    if (!attachment)
      throw notFound('add_on attachment', `One that this change detaches is not on ${app.name} any more.`)
    await detachOne(tx, deps.world, attachment, { actor, at })
    detached.push(attachment)
  }
  return detached
}

/** Own vars that go make room for attachments of the same change; the rest is judged with all others. */
async function freeRemoved(
  tx: Tx,
  deps: LifecycleDeps,
  app: App,
  config: Record<string, string | null>,
): Promise<{ vars: Record<string, string | null>; dropVars: string[] }> {
  const own = await varsOf(tx, deps.secrets, app.snapshotId)
  const dropVars = Object.keys(config).filter((name) => config[name] === null && Object.hasOwn(own, name))
  await freeCustomerNames(tx, app.id, dropVars)
  const vars = Object.fromEntries(Object.entries(config).filter(([name]) => !dropVars.includes(name)))
  return { vars, dropVars }
}

function describe(
  config: Record<string, string | null>,
  created: readonly ProvisionParams[],
  attached: readonly Attachment[],
  detached: readonly Attachment[],
): string {
  const parts = [
    ...created.map((one) => `attach ${one.attachment.name} (@ref:${one.name})`),
    ...attached.map((one) => `attach ${one.name} (@ref:${one.addonName})`),
    ...detached.map((one) => `detach ${one.name} (@ref:${one.addonName})`),
    ...(Object.keys(config).length ? [describeVars(config).replace(/^[A-Z]/, (first) => first.toLowerCase())] : []),
  ]
  return parts.join(', ').replace(/^[a-z]/, (first) => first.toUpperCase())
}

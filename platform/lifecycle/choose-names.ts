import { confirmationRequired, invalid } from '@mortise/contract/errors'
import { configPrefix } from '@mortise/contract/manifest/read'
import type { App } from '../apps/app.js'
import {
  type Attachment,
  attachmentNameOf,
  freeName,
  mapConfigNames,
  reservedAmong,
} from '../attachments/attachment.js'
import { listAttachmentsOfApp, listConfigNames } from '../attachments/store.js'
import type { Service } from '../catalog/service.js'
import type { Tx } from '../db/db.js'
import type { World } from '../world/world.js'

export interface ChosenNames {
  name: string
  /** Provider's name → this app's name. */
  configNames: Record<string, string>
  /** The attachment of the same name, which the customer confirmed to replace. */
  replaces: Attachment | null
  /** Attachments that own a wanted config var and go, as the customer confirmed. */
  detach: Attachment[]
  /** The customer's own vars that go, as the customer confirmed. */
  dropVars: string[]
  /** Of all that, what the customer was not going to lose anyway; each in words. */
  overwrites: string[]
}

/** What goes with the same change, as its customer ordered: it may be taken over without another word. */
export interface Leaving {
  /** Ids of attachments. */
  attachments: ReadonlySet<string>
  /** Names of the customer's own vars. */
  vars: ReadonlySet<string>
}

/**
 * Decides an attachment's name and config vars, under the app's lock. Whatever would be overwritten is named
 * before anything happens.
 * @throws WireError 423 until the customer confirms with the app's name; 422 when it can't be at all
 */
export async function chooseNames(
  tx: Tx,
  world: World,
  choice: {
    app: App
    service: Service
    wanted: string | null
    confirm: string | null
    /** Of the add-on that is attached; one that is being created has none yet. */
    addonId?: string
    leaving?: Leaving
  },
): Promise<ChosenNames> {
  const { app, service, wanted, confirm, leaving } = choice
  const prefix = configPrefix(service.manifest)
  const attachments = await listAttachmentsOfApp(tx, app.id)
  const staying = attachments.filter((attachment) => !leaving?.attachments.has(attachment.id))
  const isTaken = (name: string) => staying.some((attachment) => attachment.name === name)
  const name = wanted === null ? freeName(prefix, isTaken, world.chance) : attachmentNameOf(wanted)
  if (name === null) {
    throw invalid(
      `"${wanted}" can't be an attachment's name: it begins config var names, so it starts with a letter and holds letters, digits and "_". Choose another with --as.`,
    )
  }
  const isFirst = !staying.some((attachment) => attachment.serviceName === service.name)
  const configNames = mapConfigNames(service.manifest.api.config_vars, prefix, name, isFirst)
  const reserved = reservedAmong(configNames)
  if (reserved.length) {
    throw invalid(
      `As ${name} this add-on would set ${reserved.join(', ')}, which add-ons may not set. Choose another name with --as.`,
    )
  }

  const finals = new Set(Object.values(configNames))
  const taken = (await listConfigNames(tx, app.id)).filter((one) => finals.has(one.name))
  const dropVars = taken.filter((one) => one.attachmentId === null).map((one) => one.name)
  const replaces = attachments.find((attachment) => attachment.name === name) ?? null
  const owners = new Set(taken.map((one) => one.attachmentId))
  const detach = attachments.filter((attachment) => owners.has(attachment.id) || attachment.id === replaces?.id)
  if (dropVars.length === 0 && detach.length === 0)
    return { name, configNames, replaces: null, detach: [], dropVars: [], overwrites: [] }

  const unasked = detach.filter((attachment) => staying.includes(attachment))
  for (const attachment of unasked) {
    const isKept = attachments.some((one) => one.addonId === attachment.addonId && !detach.includes(one))
    if (!isKept && attachment.addonId !== choice.addonId) refuseLast(attachment)
  }
  const overwrites = [
    ...dropVars.filter((one) => !leaving?.vars.has(one)).map((one) => `the config var ${one}`),
    ...unasked.map((attachment) => `the attachment ${attachment.name} of ${attachment.addonName}`),
  ]
  if (overwrites.length && confirm !== app.name && confirm !== app.id)
    throw confirmationRequired(app.name, confirmWords(app, overwrites, name))
  return {
    name,
    configNames,
    replaces,
    detach: detach.filter((attachment) => attachment.id !== replaces?.id),
    dropVars,
    overwrites,
  }
}

/** What would be lost, and the two ways out. */
function confirmWords(app: App, overwrites: readonly string[], by: string): string {
  return `This would overwrite ${overwrites.join(' and ')} on ${app.name}. Pass another name with --as, or --confirm ${app.name} to replace ${overwrites.length === 1 ? 'it' : 'them'} with ${by}.`
}

/** @throws WireError 422 when the billing app would have no attachment left of an add-on that it pays for */
export async function refuseToDetachLast(tx: Tx, attachment: Attachment): Promise<void> {
  const here = (await listAttachmentsOfApp(tx, attachment.appId)).filter((one) => one.addonId === attachment.addonId)
  if (here.length < 2) refuseLast(attachment)
}

/** The same, for one that is detached already. */
export async function refuseWithoutAttachment(tx: Tx, detached: Attachment): Promise<void> {
  const here = (await listAttachmentsOfApp(tx, detached.appId)).filter((one) => one.addonId === detached.addonId)
  if (here.length === 0) refuseLast(detached)
}

/** Even confirmed, the billing app keeps one attachment of what it pays for. */
function refuseLast(attachment: Attachment): void {
  if (attachment.appId !== attachment.billingAppId) return
  throw invalid(
    `Cannot destroy last attachment to billing app. ${attachment.name} is the only attachment of ${attachment.addonName} on ${attachment.appName}, which pays for it: attach it once more first, or destroy the add-on.`,
  )
}

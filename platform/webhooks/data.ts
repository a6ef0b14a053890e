import { addonById } from '../addons/store.js'
import { addonView } from '../addons/view.js'
import { appById } from '../apps/store.js'
import { type AppAddresses, appView } from '../apps/view.js'
import { attachmentById } from '../attachments/store.js'
import { attachmentView } from '../attachments/view.js'
import { findBuild } from '../builds/store.js'
import { buildView } from '../builds/view.js'
import { findPlan } from '../catalog/store.js'
import type { Tx } from '../db/db.js'
import { formationView } from '../formation/routes.js'
import { formationById } from '../formation/store.js'
import { currentRelease, releaseById } from '../releases/store.js'
import { releaseView } from '../releases/view.js'
import type { JsonObject } from '../saga/saga.js'
import type { Secrets } from '../secrets/seal.js'
import type { UnpublishedEvent } from './event-store.js'

export interface DataContext {
  secrets: Secrets
  addresses: AppAddresses
  /** Scheme, host and port of links. */
  origin: string
}

/**
 * The resource as the API shows it, with what the event recorded laid over it: an event says what was so when it
 * happened, not what came after. Where the API would show a way to more (the address of a build's output holds a
 * token), there is null. What can't be found any more is told in the event's own words.
 */
export async function dataOf(tx: Tx, event: UnpublishedEvent, context: DataContext): Promise<object> {
  return (await viewOf(tx, event, context)) ?? event.data
}

async function viewOf(tx: Tx, event: UnpublishedEvent, context: DataContext): Promise<object | undefined> {
  const { subject, data: facts } = event
  const { origin, addresses, secrets } = context
  switch (event.resource) {
    case 'addon': {
      const addon = await addonById(tx, subject)
      if (!addon) return undefined
      const name = text(facts, 'name') ?? addon.name
      const planName = text(facts, 'plan') ?? addon.planName
      const planId = planName === addon.planName ? addon.planId : ((await findPlan(tx, planName))?.id ?? addon.planId)
      const state = (text(facts, 'state') ?? addon.state) as typeof addon.state
      return addonView(tx, { ...addon, name, planName, planId, state }, { origin, expand: new Set() })
    }
    case 'addon-attachment': {
      const attachment = await attachmentById(tx, subject)
      return attachment && attachmentView(tx, attachment, { origin, include: new Set() })
    }
    case 'app': {
      const app = await appById(tx, subject)
      if (!app) return undefined
      const maintenance = typeof facts['maintenance'] === 'boolean' ? facts['maintenance'] : app.maintenance
      return appView({ ...app, name: text(facts, 'name') ?? app.name, maintenance }, addresses)
    }
    case 'release': {
      const release = await releaseById(tx, subject)
      if (!release) return undefined
      const status = (text(facts, 'status') ?? release.status) as typeof release.status
      return releaseView({ ...release, status }, (await currentRelease(tx, release.appId))?.id)
    }
    case 'build': {
      const build = await findBuild(tx, subject)
      if (!build) return undefined
      const status = (text(facts, 'status') ?? build.status) as typeof build.status
      return { ...buildView({ ...build, status }, secrets, origin), output_stream_url: null }
    }
    case 'formation': {
      const formation = await formationById(tx, subject)
      const app = formation && (await appById(tx, formation.appId))
      if (!app) return undefined
      const quantity = typeof facts['quantity'] === 'number' ? facts['quantity'] : formation.quantity
      return formationView({ ...formation, quantity, size: text(facts, 'size') ?? formation.size }, app)
    }
    default:
      return undefined
  }
}

/** Before a change a plan was named; the API nests it. */
export function previousOf(event: UnpublishedEvent): object {
  const { plan, ...rest } = event.previousData
  if (event.resource !== 'addon' || plan === undefined) return event.previousData
  return { ...rest, plan: { name: plan } }
}

function text(facts: JsonObject, name: string): string | undefined {
  const value = facts[name]
  return typeof value === 'string' ? value : undefined
}

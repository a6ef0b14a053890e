import { notFound } from '@mortise/contract/errors'
import type { App } from '../apps/app.js'
import { guardApp } from '../apps/guard.js'
import type { Db } from '../db/db.js'
import type { Asker } from '../http/handle.js'
import type { Addon } from './addon.js'
import { readScoped } from './identity.js'
import { nearNames } from '../apps/near.js'
import { mayWithAddon } from './permit.js'
import { findAddon, findAddonIn, findStake, listAddonsAttachedAs, listAddonsOfApp, listAddonsSeenBy } from './store.js'

export interface Wanted {
  /** An id, a name, an attachment's name, `app::ATTACHMENT`, a service's slug, or `service:plan`. Exact, never a part. */
  addon: string
  app?: string | null
  /** Only add-ons of this service. */
  service?: string | null
}

/**
 * Every add-on that the words may mean, for an account. The more exact reading wins: id or name, then attachment,
 * then service or plan; only the last two may be many. With an app, what is on that app comes first.
 * @throws WireError 404 that says what was looked for and what is near
 */
export async function resolveAddons(
  db: Db,
  asker: Asker & { account: { id: string } },
  wanted: Wanted,
  at: Date,
): Promise<Addon[]> {
  const scoped = readScoped(wanted.addon)
  const appName = scoped?.app ?? wanted.app ?? null
  const app = appName === null ? null : await guardApp(db, asker, appName, 'view')
  const identity = scoped?.attachment ?? wanted.addon
  const isWanted = (addon: Addon | undefined): addon is Addon =>
    addon !== undefined && (!wanted.service || addon.serviceName === wanted.service)

  const readings = app ? readOnApp(db, app, identity, at) : []
  if (!scoped) readings.push(() => readAnywhere(db, asker, identity, at))
  if (!app) {
    readings.push(() => listAddonsAttachedAs(db, asker.account.id, identity.toUpperCase()))
    readings.push(async () => (await listAddonsSeenBy(db, asker.account.id)).filter((addon) => sells(addon, identity)))
  }
  for (const read of readings) {
    const found = (await read()).filter(isWanted)
    if (found.length) return found
  }
  throw notFound('add_on', await hint(db, asker, wanted, identity, app))
}

function readOnApp(db: Db, app: App, identity: string, at: Date): (() => Promise<(Addon | undefined)[]>)[] {
  return [
    async () => [await findAddonIn(db, app.id, identity, at)],
    async () => (await listAddonsOfApp(db, app.id)).filter((addon) => sells(addon, identity)),
  ]
}

/** Ids and names are unique everywhere, so an app beside them need not narrow: clients say which app it is on. */
async function readAnywhere(
  db: Db,
  asker: Asker & { account: { id: string } },
  identity: string,
  at: Date,
): Promise<Addon[]> {
  const addon = await findAddon(db, identity, at)
  return addon && mayWithAddon(asker, await findStake(db, addon, asker.account.id), 'view') ? [addon] : []
}

const sells = (addon: Addon, identity: string) => addon.serviceName === identity || addon.planName === identity

async function hint(
  db: Db,
  asker: Asker & { account: { id: string } },
  wanted: Wanted,
  identity: string,
  app: App | null,
): Promise<string> {
  const seen = await listAddonsSeenBy(db, asker.account.id)
  const near = nearNames(
    identity,
    seen.flatMap((addon) => [addon.name, addon.serviceName]),
  )
  const shown = seen
    .filter((addon) => near.includes(addon.name) || near.includes(addon.serviceName))
    .sort((a, b) => rank(near, a) - rank(near, b))
    .slice(0, 3)
    .map((addon) => `${addon.name} (on ${addon.appName ?? 'no app'})`)
  const where = `${app ? ` on ${app.name}` : ''}${wanted.service ? ` of ${wanted.service}` : ''}`
  const text = `Looked for "${identity.slice(0, 100)}"${where}: by id, name, attachment, service and plan.`
  return shown.length ? `${text} Did you mean ${shown.join(', ')}?` : text
}

function rank(near: readonly string[], addon: Addon): number {
  const places = [near.indexOf(addon.name), near.indexOf(addon.serviceName)].filter((place) => place >= 0)
  return Math.min(...places)
}

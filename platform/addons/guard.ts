import { notFound, WireError } from '@mortise/contract/errors'
import type { App } from '../apps/app.js'
import { guardApp } from '../apps/guard.js'
import { findApp, listAppsOfAddon } from '../apps/store.js'
import type { Db } from '../db/db.js'
import type { Asker } from '../http/handle.js'
import { findTeam } from '../teams/store.js'
import type { Team } from '../teams/team.js'
import type { Addon } from './addon.js'
import { nearNames } from '../apps/near.js'
import { readScoped } from './identity.js'
import { type AddonRight, mayWithAddon } from './permit.js'
import { addonById, findAddon, findAddonIn, findStake, listAddonsAttachedAs, listAddonsSeenBy } from './store.js'

/**
 * The add-on that a path names, if who asks has the right: by id, by name, by its attachment's name in the path's
 * app, or as `app::ATTACHMENT`. With an app in the path, the add-on must be billed to it or attached to it.
 * A provider's token has `partner` for the add-on it was made for and `view` for the others of its service.
 * @throws WireError 404 for what the asker may not see, 403 for what may be seen but not changed
 */
export async function guardAddon(
  db: Db,
  asker: Asker,
  params: { addon: string; app?: string },
  right: AddonRight,
  at: Date,
): Promise<{ addon: Addon; app?: App }> {
  if (!asker.account) return { addon: await guardForProvider(db, asker, params, right, at) }
  const app = params.app === undefined ? undefined : await liveApp(db, params.app)
  const seesApp = app === undefined || (await sees(db, asker, app))
  const addon = await identify(db, params.addon, app, at)
  const stake = addon && (await findStake(db, addon, asker.account.id))
  if (!addon || !stake || !mayWithAddon(asker, stake, 'view')) {
    throw seesApp ? await noSuchAddon(db, asker.account.id, params.addon, app !== undefined) : notFound('app')
  }
  // A failed add-on can be read for a while, and nothing else.
  if (right !== 'view' && addon.state === 'deprovisioned') throw notFound('add_on', `${addon.name} is gone.`)
  if (!mayWithAddon(asker, stake, right)) {
    throw new WireError(
      'forbidden',
      `You can see ${addon.name} but not ${right === 'open' ? 'open' : 'change'} it: it is billed to ${addon.appName ?? 'another account'}. Ask a member of that app.`,
      addon.appName === null ? {} : { app: { name: addon.appName } },
    )
  }
  return { addon, app }
}

async function guardForProvider(
  db: Db,
  asker: Asker,
  params: { addon: string; app?: string },
  right: AddonRight,
  at: Date,
): Promise<Addon> {
  const own = asker.addonId === null ? undefined : await addonById(db, asker.addonId)
  const app = params.app === undefined ? undefined : await findApp(db, params.app)
  if (!own || (params.app !== undefined && !app)) throw notFound('add_on')
  // Its own in whatever state, so that a late call can be told that the resource is gone.
  const addon =
    params.addon.toLowerCase() === own.id && app === undefined ? own : await identify(db, params.addon, app, at)
  const isAllowed = addon?.id === own.id ? right === 'partner' || right === 'view' : right === 'view'
  if (!addon || addon.serviceId !== own.serviceId) throw notFound('add_on')
  if (!isAllowed) {
    throw new WireError('forbidden', `This token may not do that. What it may is listed at /partner/permissions.`)
  }
  return addon
}

/** The add-on that a provider's token speaks for. @throws WireError 403 for credentials that are no grant's */
async function ownOf(db: Db, asker: Asker): Promise<Addon> {
  const own = asker.addonId === null ? undefined : await addonById(db, asker.addonId)
  if (!own) throw new WireError('forbidden', 'This needs an account or the token of a grant.')
  return own
}

/**
 * An app as the provider of an add-on sees it: the one that pays for the add-on of its token, or one that it is
 * attached to. @throws WireError 404
 */
export async function guardAppOfAddon(db: Db, asker: Asker, identity: string): Promise<{ app: App; addon: Addon }> {
  const own = await ownOf(db, asker)
  const app = await findApp(db, identity)
  const apps = await listAppsOfAddon(db, own.id)
  if (!app || !apps.some(({ id }) => id === app.id)) throw notFound('app')
  return { app, addon: own }
}

/** The team that owns such an app. @throws WireError 404 */
export async function guardTeamOfAddon(db: Db, asker: Asker, identity: string): Promise<Team> {
  const own = await ownOf(db, asker)
  const team = await findTeam(db, identity)
  const apps = await listAppsOfAddon(db, own.id)
  if (!team || !apps.some(({ ownerId }) => ownerId === team.accountId)) throw notFound('team')
  return team
}

async function identify(db: Db, identity: string, app: App | undefined, at: Date): Promise<Addon | undefined> {
  const scoped = readScoped(identity)
  if (!scoped) return app ? findAddonIn(db, app.id, identity, at) : findAddon(db, identity, at)
  const named = await findApp(db, scoped.app)
  const addon = named?.state === 'live' ? await findAddonIn(db, named.id, scoped.attachment, at) : undefined
  if (!addon || !app || app.id === named?.id) return addon
  return findAddonIn(db, app.id, addon.id, at)
}

async function liveApp(db: Db, identity: string): Promise<App> {
  const app = await findApp(db, identity)
  if (app?.state !== 'live') throw notFound('app')
  return app
}

async function sees(db: Db, asker: Asker, app: App): Promise<boolean> {
  try {
    await guardApp(db, asker, app.id, 'view')
    return true
  } catch (error) {
    if (error instanceof WireError) return false
    throw error
  }
}

/**
 * Addresses name one add-on exactly. A service, or an attachment's name without its app, may mean several that the asker
 * sees: they are told with their apps, and none is taken by chance.
 */
async function noSuchAddon(db: Db, accountId: string, identity: string, isOnApp: boolean): Promise<WireError> {
  const seen = await listAddonsSeenBy(db, accountId)
  const sold = seen.filter(({ serviceName, planName }) => serviceName === identity || planName === identity)
  const meant = sold.length ? sold : await listAddonsAttachedAs(db, accountId, identity.toUpperCase())
  const told = (addon: Addon) => `${addon.name} (on ${addon.appName ?? 'no app'})`
  const word = identity.slice(0, 100)
  // On an app it was simply not there: who asked may look elsewhere next.
  if (meant.length > 1 && !isOnApp) {
    const some = meant.slice(0, 5).map(told).join(', ')
    const more = meant.length > 5 ? ` and ${meant.length - 5} more` : ''
    return new WireError('multiple_matches', `"${word}" could be ${some}${more}. Name one of them.`)
  }
  const near = nearNames(
    identity,
    seen.map(({ name }) => name),
  )
  const hints = meant.length ? meant.slice(0, 3) : seen.filter(({ name }) => near.includes(name))
  return notFound('add_on', hints.length ? `Did you mean ${hints.map(told).join(', ')}?` : '')
}

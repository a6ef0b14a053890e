import { notFound, WireError } from '@mortise/contract/errors'
import type { Addon } from '../addons/addon.js'
import { guardAddon } from '../addons/guard.js'
import { listAddonsOfApp } from '../addons/store.js'
import type { App } from '../apps/app.js'
import { guardApp } from '../apps/guard.js'
import { findAppByNumber } from '../apps/store.js'
import { findAttachment } from '../attachments/store.js'
import type { Db } from '../db/db.js'
import type { Asker } from '../http/handle.js'

/** What a link means: one add-on seen from an app, or several to choose from. */
export interface Target {
  app: App
  addons: Addon[]
}

/**
 * `/sso/apps/:app/addons/:addon`: by id, name or attachment, else every add-on of that service or plan on the app.
 * @throws WireError 404
 */
export async function addonTarget(db: Db, asker: Asker, appName: string, identity: string, at: Date): Promise<Target> {
  try {
    const { app, addon } = await guardAddon(db, asker, { addon: identity, app: appName }, 'view', at)
    if (app) return { app, addons: [addon] }
  } catch (error) {
    if (!(error instanceof WireError) || error.details.resource !== 'add_on') throw error
  }
  const app = await guardApp(db, asker, appName, 'view')
  const addons = (await listAddonsOfApp(db, app.id)).filter((one) => isOf(one, identity))
  if (!addons.length) throw notFound('add_on', `There is no "${identity.slice(0, 100)}" on ${app.name}.`)
  return { app, addons }
}

/** `/sso/apps/:app/attachments/:attachment`: by id or name. @throws WireError 404 */
export async function attachmentTarget(
  db: Db,
  asker: Asker,
  appName: string,
  identity: string,
  at: Date,
): Promise<Target> {
  const app = await guardApp(db, asker, appName, 'view')
  const attachment = await findAttachment(db, identity, app.id)
  if (!attachment) throw notFound('add_on attachment')
  const { addon } = await guardAddon(db, asker, { addon: attachment.addonId, app: app.id }, 'view', at)
  return { app, addons: [addon] }
}

/**
 * `/myapps/:heroku_id/addons/:addon`, which providers build from the `heroku_id` that they were given; the app's name
 * does as well. @throws WireError 404
 */
export async function oldTarget(db: Db, asker: Asker, herokuId: string, identity: string, at: Date): Promise<Target> {
  const number = /^app(\d{1,10})@heroku\.com$/.exec(herokuId)?.[1]
  if (number === undefined) return addonTarget(db, asker, herokuId, identity, at)
  const app = await findAppByNumber(db, Number(number))
  if (!app) throw notFound('app')
  return addonTarget(db, asker, app.id, identity, at)
}

const isOf = (addon: Addon, identity: string) => addon.serviceName === identity || addon.planName === identity

import { notFound } from '@mortise/contract/errors'
import { routes } from '@mortise/contract/platform-api/routes'
import { accountOf, isSelf } from '../accounts/routes.js'
import { findPerson } from '../accounts/store.js'
import { appIn } from '../apps/routes.js'
import type { Db } from '../db/db.js'
import { type Asker, type Context, type Handler, handle } from '../http/handle.js'
import { teamIn } from '../teams/subject.js'
import type { World } from '../world/world.js'
import type { Addon } from './addon.js'
import { resolveAddons } from './resolve.js'
import {
  addonById,
  listAddonsOf,
  listAddonsOfApp,
  listAddonsOfOwner,
  listAddonsOfService,
  listAllAddons,
} from './store.js'
import { addonView, addonViews } from './view.js'

export interface AddonDeps {
  db: Db
  world: World
}

/** What can be read of add-ons. Making, changing and removing them are stories: see lifecycle/. */
export function addonRoutes({ db, world }: AddonDeps): Handler[] {
  return [
    handle(routes.addons.list, async (context) => addonViews(db, await listFor(db, context.asker), context)),
    handle(routes.addons.listOfUser, async (context) => {
      if (context.asker.addonId) {
        const { user } = context.params
        const owner = await findPerson(db, user)
        const own = (await listFor(db, context.asker)).filter((addon) => owner && addon.ownerId === owner.id)
        if (!own.length) throw notFound('account')
        return addonViews(db, own, context)
      }
      const account = await accountOf(db, context.asker)
      if (!isSelf(account, context.params.user)) throw notFound('account')
      return addonViews(db, await listAddonsOf(db, account.id), context)
    }),
    handle(routes.addons.listOfTeam, async (context) => {
      const viewer = context.asker.sudo ? null : (await accountOf(db, context.asker)).id
      return addonViews(db, await listAddonsOfOwner(db, teamIn(context.subjects).team.accountId, viewer), context)
    }),
    handle(routes.addons.listOfApp, async (context) =>
      addonViews(db, (await listAddonsOfApp(db, appIn(context.subjects).id)).filter(seenBy(context)), context),
    ),
    handle(routes.addons.info, async (context) => addonView(db, addonIn(context.subjects), context)),
    handle(routes.addons.infoOfApp, async (context) => addonView(db, addonIn(context.subjects), context)),
    handle(routes.addons.resolve, async (context) => {
      const { asker, body } = context
      const account = await accountOf(db, asker)
      const wanted = { addon: body.addon, app: body.app, service: body.addon_service }
      const found = await resolveAddons(db, { ...asker, account }, wanted, world.now())
      return addonViews(db, found, context)
    }),
  ]
}

/** On an app, a provider sees its own service's add-ons, and a person sees all. */
function seenBy({ asker, subjects }: Context): (addon: Addon) => boolean {
  if (asker.account) return () => true
  return (addon) => addon.serviceId === subjects.addon?.serviceId
}

/** A person's own; for a provider, who asks with one add-on's token, all of its service. */
async function listFor(db: Db, asker: Asker): Promise<Addon[]> {
  if (asker.addonId !== null) {
    const own = await addonById(db, asker.addonId)
    return own ? listAddonsOfService(db, own.serviceId) : []
  }
  const account = await accountOf(db, asker)
  return asker.sudo ? listAllAddons(db) : listAddonsOf(db, account.id)
}

/** The add-on that the guard loaded. @throws a bug: the route's permission is not of the `addon.` kind */
export function addonIn(subjects: { addon?: Addon }): Addon {
  if (!subjects.addon) throw new Error('a route that speaks of an add-on has a permission that loads none')
  return subjects.addon
}

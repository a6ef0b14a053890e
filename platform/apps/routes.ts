import { invalid, notFound, WireError } from '@mortise/contract/errors'
import { routes } from '@mortise/contract/platform-api/routes'
import { identityOf } from '@mortise/contract/platform-api/shared'
import { accountOf, isSelf } from '../accounts/routes.js'
import { type Db, isDuplicate, transact } from '../db/db.js'
import { type Context, type Handler, handle } from '../http/handle.js'
import type { World } from '../world/world.js'
import { absentRoutes } from './absent.js'
import { activityRoutes } from './activity.js'
import type { App } from './app.js'
import { collaboratorRoutes } from './collaborators.js'
import { appChanged } from './events.js'
import { checkAppName } from './name.js'
import { stackNamed } from './place.js'
import { placeRoutes } from './places.js'
import {
  findApp,
  listAllApps,
  listAppsOf,
  listAppsOfAddon,
  listPersonalApps,
  lockApp,
  renameApp,
  setMaintenance,
} from './store.js'
import { appIn } from './subject.js'
import { teamAppRoutes } from './team-apps.js'
import { type AppAddresses, appView } from './view.js'

export { appIn } from './subject.js'

export interface AppDeps {
  db: Db
  world: World
  addresses: AppAddresses
}

/** Create and destroy are stories of their own: see lifecycle/. */
export function appRoutes(deps: AppDeps): Handler[] {
  const { db, addresses } = deps
  return [
    handle(routes.apps.list, async ({ asker }) => {
      if (asker.addonId) return (await listAppsOfAddon(db, asker.addonId)).map((app) => appView(app, addresses))
      const account = await accountOf(db, asker)
      const apps = asker.sudo ? await listAllApps(db) : await listAppsOf(db, account.id)
      return apps.map((app) => appView(app, addresses))
    }),
    handle(routes.apps.listOfUser, async ({ asker, params }) => {
      if (asker.addonId) {
        const own = (await listAppsOfAddon(db, asker.addonId)).filter((app) => isOwnedBy(app, params.user))
        if (!own.length) throw notFound('account')
        return own.map((app) => appView(app, addresses))
      }
      const account = await accountOf(db, asker)
      if (!isSelf(account, params.user)) throw notFound('account')
      // Owned and worked on alike: clients tell them apart by the owner. What teams have is under /apps and /teams.
      return (await listPersonalApps(db, account.id)).map((app) => appView(app, addresses))
    }),
    handle(routes.apps.info, async ({ subjects }) => appView(appIn(subjects), addresses)),
    handle(routes.apps.update, (context) => update(deps, context)),
    handle(routes.apps.features, async () => []),
    handle(routes.apps.feature, async () => {
      throw notFound('feature')
    }),
    handle(routes.apps.updateFeature, async () => {
      throw notFound('feature')
    }),
    handle(routes.apps.preAuthorize, async () => ({})),
    // No app is in a pipeline. Clients expect this 404 and go on.
    handle(routes.apps.pipelineCouplings, async () => {
      throw new WireError('not_found', 'This app is in no pipeline.', { resource: 'pipeline_coupling' })
    }),
    ...collaboratorRoutes(deps),
    ...activityRoutes(deps),
    ...teamAppRoutes(deps),
    ...placeRoutes(),
    ...absentRoutes(deps),
  ]
}

const isOwnedBy = (app: App, user: string) => [app.ownerId, app.ownerEmail.toLowerCase()].includes(user.toLowerCase())

async function update(
  { db, world, addresses }: AppDeps,
  { subjects, body, actor }: Context<typeof routes.apps.update>,
) {
  const wanted = appIn(subjects)
  const { name, maintenance } = body
  if (body.build_stack !== undefined) stackNamed(identityOf(body.build_stack))
  if (name !== undefined && name !== wanted.name) checkAppName(name)
  const taken = invalid('Name is already taken. Choose another one.')
  try {
    return await transact(db, async (tx) => {
      const before = await lockApp(tx, wanted.id)
      if (before?.state !== 'live') throw notFound('app')
      const at = world.now()
      const isRenamed = name !== undefined && name !== before.name
      const isSwitched = maintenance !== undefined && maintenance !== before.maintenance
      if (!isRenamed && !isSwitched) return appView(before, addresses)
      if (isRenamed && !(await renameApp(tx, before.id, name, at))) throw taken
      if (isSwitched) await setMaintenance(tx, before.id, maintenance, at)
      const after = (await findApp(tx, before.id)) as App
      const previous = {
        ...(isRenamed ? { name: before.name } : {}),
        ...(isSwitched ? { maintenance: before.maintenance } : {}),
      }
      await appChanged(tx, world, { app: after, actor, at, previous })
      return appView(after, addresses)
    })
  } catch (error) {
    // Two renames to one name in the same moment: the index decided.
    if (isDuplicate(error, 'apps_name')) throw taken
    throw error
  }
}

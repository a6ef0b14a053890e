import { invalid, notFound } from '@mortise/contract/errors'
import { routes } from '@mortise/contract/platform-api/routes'
import { identityOf, timestamp } from '@mortise/contract/platform-api/shared'
import { type Addon, addonNameProblem } from '../addons/addon.js'
import { addonById, lockAddon, renameAddon } from '../addons/store.js'
import { addonViews } from '../addons/view.js'
import type { App } from '../apps/app.js'
import { guardApp } from '../apps/guard.js'
import { regionNamed, stackNamed } from '../apps/place.js'
import { type AppAddresses, appView } from '../apps/view.js'
import { visibleAttachment } from '../attachments/resolve.js'
import { attachmentViews } from '../attachments/view.js'
import { findPlan, findPlanOf } from '../catalog/store.js'
import { isDuplicate, transact } from '../db/db.js'
import { appendEvent } from '../events/store.js'
import { type Context, type Handler, handle } from '../http/handle.js'
import { addonToAttach } from './addon-to-attach.js'
import { createApp, destroyApp } from './app-lifecycle.js'
import { attach, detach } from './attach.js'
import { namespaceConfig, patchConfig, providerConfig, providerSays } from './call-backs.js'
import { changeRoutes } from './change-routes.js'
import { createAddon } from './create-addon.js'
import type { LifecycleDeps } from './deps.js'
import { listKnownCredentials } from './head-store.js'
import { removeAddon } from './remove-addon.js'
import { setupRoutes } from './setup-routes.js'
import type { Stories } from './stories.js'
import { teamAppDoors } from './team-apps.js'
import { transferRoutes } from './transfers.js'
import { changePlan, noSuchPlan } from './upgrade-addon.js'

/** The newest versions of an add-on's values that a list tells. */
const credentialsMax = 1_000

/** The write doors, and what can be read of several nouns at once. Reads of one live with it. */
export function lifecycleRoutes(deps: LifecycleDeps & { addresses: AppAddresses }, stories: Stories): Handler[] {
  const view = async (context: Context, addon: Addon) => {
    const [shown] = await addonViews(deps.db, [addon], { origin: context.origin, expand: context.expand })
    if (!shown) throw notFound('add_on')
    return shown
  }
  const attached = ({ origin, include }: Context) => ({ origin, include, secrets: deps.secrets })
  const appOf = (context: Context): App => context.subjects.app ?? fail('app')
  const addonOf = (context: Context): Addon => context.subjects.addon ?? fail('add_on')
  const maySee = (context: Context) => (appId: string) =>
    guardApp(deps.db, context.asker, appId, 'view').then(
      () => true,
      () => false,
    )

  return [
    ...teamAppDoors(deps),
    ...transferRoutes(deps),
    ...changeRoutes(deps, stories),
    ...setupRoutes(deps, stories),

    handle(routes.apps.create, async (context) => {
      const { body } = context
      const app = await createApp(deps, {
        name: body.name ?? null,
        actor: context.actor,
        kind: body.kind ?? 'hosted',
        region: regionNamed(body.region ? identityOf(body.region) : null),
        stack: stackNamed(body.stack ? identityOf(body.stack) : null),
      })
      return appView(app, deps.addresses)
    }),

    handle(routes.apps.destroy, async (context) => {
      const app = appOf(context)
      await destroyApp(deps, stories.destroyApp, {
        app,
        actor: context.actor,
        force: context.body?.force === true,
        maySee: maySee(context),
      })
      return appView(app, deps.addresses)
    }),

    handle(routes.addons.create, async (context) => {
      const { body } = context
      const addon = await createAddon(deps, stories.provision, {
        app: appOf(context),
        plan: identityOf(body.plan),
        name: body.name ?? null,
        as: body.attachment?.name ?? null,
        confirm: body.confirm ?? null,
        options: body.config ?? {},
        actor: context.actor,
      })
      if (addon.state === 'provisioning') context.status(202)
      return view(context, addon)
    }),

    handle(routes.addons.update, async (context) => {
      const { body } = context
      const addon = addonOf(context)
      if (body.plan === undefined && body.name === undefined) throw invalid('Say what changes: "plan" or "name".')
      if (body.name !== undefined && body.name !== addon.name) await rename(deps, addon, body.name, context)
      if (body.plan !== undefined) {
        const wanted = identityOf(body.plan)
        const plan = (await findPlan(deps.db, wanted)) ?? (await findPlanOf(deps.db, addon.serviceId, wanted))
        if (!plan) throw noSuchPlan(wanted, addon)
        const { pending } = await changePlan(deps, stories.changePlan, { addon, plan, actor: context.actor })
        if (pending) context.status(202)
      }
      return view(context, (await addonById(deps.db, addon.id)) ?? addon)
    }),

    handle(routes.addons.credentials, async (context) => {
      const known = await listKnownCredentials(deps.db, addonOf(context).id, credentialsMax)
      return known.map((credential) => ({
        config_vars: credential.names,
        created_at: timestamp(credential.createdAt),
        id: credential.id,
        name: credential.name,
        retired_at: credential.retiredAt && timestamp(credential.retiredAt),
        state: credential.state,
        used_by: credential.usedBy,
        version: credential.version,
      }))
    }),

    handle(routes.addons.destroy, async (context) => {
      const removed = await removeAddon(deps, stories.deprovision, {
        addonId: addonOf(context).id,
        actor: context.actor,
        force: context.body?.force === true,
        maySee: maySee(context),
      })
      if (removed.state === 'deprovisioning') context.status(202)
      return view(context, removed)
    }),

    handle(routes.attachments.create, async (context) => {
      const { body } = context
      const app = await guardApp(deps.db, context.asker, identityOf(body.app), 'operate')
      const addon = await addonToAttach(deps, context.asker, app, identityOf(body.addon))
      const made = await attach(deps, {
        appId: app.id,
        addonId: addon.id,
        wanted: body.name ?? null,
        namespace: body.namespace ?? null,
        confirm: body.confirm ?? null,
        actor: context.actor,
      })
      const [shown] = await attachmentViews(deps.db, [made], attached(context))
      return shown ?? fail('add_on attachment')
    }),

    handle(routes.attachments.destroy, async (context) => {
      const found = await visibleAttachment(deps.db, context.asker, context.params.attachment)
      await guardApp(deps.db, context.asker, found.appId, 'operate')
      const [shown] = await attachmentViews(deps.db, [found], attached(context))
      await detach(deps, found, context.actor)
      return shown ?? fail('add_on attachment')
    }),

    handle(routes.partner.config, async (context) => providerConfig(deps, addonOf(context))),

    handle(routes.partner.configOfNamespace, async (context) =>
      namespaceConfig(deps, addonOf(context), context.params.namespace),
    ),

    handle(routes.partner.updateConfig, async (context) => {
      const addon = addonOf(context)
      if (context.body.config) await patchConfig(deps, addon, context.body.config)
      return providerConfig(deps, (await addonById(deps.db, addon.id)) ?? addon)
    }),

    handle(routes.partner.provisioned, async (context) =>
      view(context, await providerSays(deps, addonOf(context).id, 'provision')),
    ),

    handle(routes.partner.deprovisioned, async (context) =>
      view(context, await providerSays(deps, addonOf(context).id, 'deprovision')),
    ),
  ]
}

async function rename(deps: LifecycleDeps, addon: Addon, name: string, context: Context): Promise<void> {
  const problem = addonNameProblem(name)
  if (problem) throw invalid(problem)
  try {
    await transact(deps.db, async (tx) => {
      const at = deps.world.now()
      const locked = await lockAddon(tx, addon.id)
      if (!locked || locked.state === 'deprovisioned') throw notFound('add_on')
      if (locked.state === 'deprovisioning') throw invalid(`${addon.name} is being removed, so it keeps its name.`)
      await renameAddon(tx, addon.id, name, at)
      await appendEvent(tx, {
        id: deps.world.id(),
        at,
        actor: context.actor,
        action: 'update',
        resource: 'addon',
        subject: addon.id,
        appId: addon.appId,
        data: { id: addon.id, name },
        previous: { name: addon.name },
      })
    })
  } catch (error) {
    if (isDuplicate(error)) throw invalid(`Name is already taken: there is an add-on ${name}. Choose another one.`)
    throw error
  }
}

function fail(resource: 'app' | 'add_on' | 'add_on attachment'): never {
  throw notFound(resource)
}

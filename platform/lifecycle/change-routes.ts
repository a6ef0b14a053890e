import { invalid, notFound } from '@mortise/contract/errors'
import { isUuid } from '@mortise/contract/identity'
import type { Change } from '@mortise/contract/platform-api/changes'
import { routes } from '@mortise/contract/platform-api/routes'
import { identityOf, timestamp } from '@mortise/contract/platform-api/shared'
import type { App } from '../apps/app.js'
import { nearNames } from '../apps/near.js'
import { regionMeant, stackNamed } from '../apps/place.js'
import { appIn } from '../apps/routes.js'
import { findAttachment, listAttachmentsOfApp } from '../attachments/store.js'
import { type Context, type Handler, handle } from '../http/handle.js'
import { currentRelease, releaseOfOperation } from '../releases/store.js'
import { releaseView } from '../releases/view.js'
import type { Actor } from '../saga/saga.js'
import { findOperation } from '../saga/store.js'
import { addonToAttach } from './addon-to-attach.js'
import type { ChangeAppOperation } from './change-app.js'
import type { ChangeOrder } from './change-set.js'
import { orderable } from './create-addon.js'
import type { LifecycleDeps } from './deps.js'
import { changeApp, previewChange } from './order-change.js'
import type { Preview } from './preview-change.js'
import { rehearseNewApp } from './rehearse-new-app.js'
import type { Stories } from './stories.js'
import { teamAsOwner } from './team-apps.js'

/** Several changes of an app, as one release. */
export function changeRoutes(deps: LifecycleDeps, stories: Stories): Handler[] {
  return [
    handle(routes.changes.create, async (context) => {
      const app = appIn(context.subjects)
      const { actor, body } = context
      const order = await readOrder(deps, context, app)
      if (isDryRun(context.query.dry_run)) {
        context.status(200)
        const at = deps.world.now()
        const preview = await previewChange(deps, stories, { app, actor, order, confirm: null })
        return { ...shown(app, preview, at), id: null, message: null, release: null, state: 'preview' as const }
      }
      const operation = await changeApp(deps, stories, { app, actor, order, confirm: body.confirm ?? null })
      const change = await changeView(deps, app, operation)
      if (change.state === 'pending') context.status(202)
      return change
    }),

    handle(routes.changes.rehearseNewApp, async (context) => {
      const { body, actor } = context
      const { id, name: region } = regionMeant(body.region ? identityOf(body.region) : null)
      const owner = await teamAsOwner(deps, context.asker, body.team)
      const create = await readCreations(deps, body.create, { ownerId: owner?.id ?? actor.id, region }, actor)
      const order = { name: body.name ?? null, region, stack: stackNamed(null), kind: 'hosted' as const, actor, owner }
      const { add_ons, config_vars, overwrites, price } = await rehearseNewApp(deps, stories, order, create)
      return { add_ons, app: { name: order.name, region: { id, name: region } }, config_vars, overwrites, price }
    }),

    handle(routes.changes.info, async (context) => {
      const app = appIn(context.subjects)
      const { change } = context.params
      const operation = isUuid(change) ? await findOperation(deps.db, change.toLowerCase()) : undefined
      if (operation?.saga !== stories.changeApp.name || operation.appId !== app.id) throw notFound('change')
      return changeView(deps, app, operation as ChangeAppOperation)
    }),
  ]
}

function isDryRun(given: string | undefined): boolean {
  if (given === undefined || given === 'false') return false
  if (given === 'true') return true
  throw invalid('dry_run is "true" or "false".')
}

/** Finds all that the body names. @throws WireError for the first that isn't there, or isn't allowed */
async function readOrder(
  deps: LifecycleDeps,
  context: Context<typeof routes.changes.create>,
  app: App,
): Promise<ChangeOrder> {
  const { body } = context
  const create = await readCreations(deps, body.create ?? [], app, context.actor)
  const attach: ChangeOrder['attach'][number][] = []
  for (const one of body.attach ?? []) {
    const addon = await addonToAttach(deps, context.asker, app, identityOf(one.addon))
    attach.push({ addonId: addon.id, name: one.name ?? null, namespace: one.namespace ?? null })
  }
  const detach = new Set<string>()
  for (const one of body.detach ?? []) detach.add(await attachmentOn(deps, app, identityOf(one)))
  return { config: body.config ?? {}, create, attach, detach: [...detach] }
}

type Creations = NonNullable<Context<typeof routes.changes.create>['body']['create']>

/** @throws WireError for the first that isn't there, or that this app may not have */
async function readCreations(
  deps: LifecycleDeps,
  asked: Creations,
  app: Parameters<typeof orderable>[1]['app'],
  actor: Actor,
): Promise<ChangeOrder['create'][number][]> {
  const create: ChangeOrder['create'][number][] = []
  for (const one of asked) {
    const name = one.name ?? null
    const found = await orderable(deps, { app, plan: identityOf(one.plan), name, actor })
    create.push({ ...found, name, as: one.attachment?.name ?? null, options: one.config ?? {} })
  }
  return create
}

async function attachmentOn(deps: LifecycleDeps, app: App, identity: string): Promise<string> {
  const found = await findAttachment(deps.db, identity, app.id)
  if (found) return found.id
  const names = (await listAttachmentsOfApp(deps.db, app.id)).map(({ name }) => name)
  const near = nearNames(identity, names)
  const hint = near.length ? ` Did you mean ${near.join(', ')}?` : ''
  throw notFound('add_on attachment', `Looked for "${identity.slice(0, 100)}" on ${app.name}.${hint}`)
}

async function changeView(deps: LifecycleDeps, app: App, operation: ChangeAppOperation): Promise<Change> {
  const { id, params, state, reason, createdAt } = operation
  const release = await releaseOfOperation(deps.db, id, app.id)
  return {
    ...shown(app, params.preview, createdAt),
    id,
    message: state === 'done' ? null : reason,
    release: release ? releaseView(release, (await currentRelease(deps.db, app.id))?.id) : null,
    state: state === 'done' ? 'done' : state === 'unwound' ? 'failed' : 'pending',
  }
}

const shown = (app: App, preview: Preview, at: Date) => ({
  ...preview,
  app: { id: app.id, name: app.name },
  created_at: timestamp(at),
})

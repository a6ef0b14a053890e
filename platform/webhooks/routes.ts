import { invalid, notFound, WireError } from '@mortise/contract/errors'
import { secretHeader } from '@mortise/contract/events/body'
import { includesOfCustomersOnly } from '@mortise/contract/events/names'
import { isUuid } from '@mortise/contract/identity'
import { routes } from '@mortise/contract/platform-api/routes'
import { deliveryStatuses } from '@mortise/contract/platform-api/webhooks'
import { requireRoom } from '../accounts/quotas.js'
import { addonIn } from '../addons/routes.js'
import { guardApp } from '../apps/guard.js'
import { appIn } from '../apps/routes.js'
import { ring } from '../db/bell.js'
import { type Db, transact } from '../db/db.js'
import { type Context, type Handler, handle } from '../http/handle.js'
import type { Secrets } from '../secrets/seal.js'
import { newToken } from '../secrets/tokens.js'
import type { World } from '../world/world.js'
import { findDelivery, listDeliveries } from './delivery-store.js'
import { findWebhookEvent, listWebhookEvents } from './event-store.js'
import { deliveriesBell } from './publish.js'
import { resend } from './resend.js'
import { serviceWebhookRoutes } from './service-routes.js'
import { checkAuthorization, checkIncludes, checkUrl, neverCome } from './settings.js'
import * as store from './store.js'
import { deliveryView, eventView, webhookView } from './view.js'
import { keptMax, keysContext, type WebhookKeys, type WebhookOwner, webhooksMax } from './webhook.js'

export interface WebhookRouteDeps {
  db: Db
  world: World
  secrets: Secrets
  /** Only this machine's people can reach the platform: its loopback may be meant. */
  isAtHome: boolean
}

/** Events shown of one owner; a page of them is large. */
const eventsShownMax = 1_000

/** The same ten for apps and for add-ons; whose webhooks they speak of is all that differs. */
export function webhookRoutes(deps: WebhookRouteDeps): Handler[] {
  return [
    ...handlersOf(deps, routes.webhooks, ofApp),
    ...handlersOf(deps, routes.addonWebhooks, ofAddon),
    ...serviceWebhookRoutes(deps),
  ]
}

function ofApp({ subjects }: Context): WebhookOwner {
  const { id, name } = appIn(subjects)
  return { app: { id, name }, side: 'customer' }
}

function ofAddon({ subjects, asker }: Context): WebhookOwner {
  const { id, name, state } = addonIn(subjects)
  if (state === 'deprovisioned') throw new WireError('gone', 'This add-on was removed.')
  return { addon: { id, name }, side: asker.account === null ? 'provider' : 'customer' }
}

type Table = typeof routes.webhooks | typeof routes.addonWebhooks

function handlersOf(deps: WebhookRouteDeps, table: Table, ownerOf: (context: Context) => WebhookOwner): Handler[] {
  const { db } = deps
  return [
    handle(table.list, async (context) => {
      const owner = ownerOf(context)
      // All of one owner, so all of one kind.
      return (await store.listWebhooks(db, owner)).map((webhook) => webhookView(webhook, owner)) as never
    }),
    handle(table.create, (context) => create(deps, context, ownerOf(context))),
    handle(table.info, async (context) => {
      const owner = ownerOf(context)
      const found = await store.findWebhook(db, owner, idOf(context.params.webhook, 'webhook'))
      if (!found) throw notFound('webhook')
      return webhookView(found, owner)
    }),
    handle(table.update, (context) => update(deps, context, ownerOf(context))),
    handle(table.delete, async (context) => {
      const owner = ownerOf(context)
      const id = idOf(context.params.webhook, 'webhook')
      return transact(db, async (tx) => {
        const found = await store.lockWebhook(tx, owner, id)
        if (!found || !(await store.deleteWebhook(tx, id))) throw notFound('webhook')
        return webhookView(found, owner)
      })
    }),
    handle(table.deliveries, async (context) => {
      const wanted = { status: statusOf(context.query['eq[status]']), most: keptMax }
      return (await listDeliveries(db, ownerOf(context), wanted)).map(deliveryView)
    }),
    handle(table.delivery, async (context) => {
      const found = await findDelivery(db, ownerOf(context), idOf(context.params.delivery, 'webhook_delivery'))
      if (!found) throw notFound('webhook_delivery')
      return deliveryView(found)
    }),
    handle(table.retry, async (context) =>
      deliveryView(await resend(deps, ownerOf(context), idOf(context.params.delivery, 'webhook_delivery'))),
    ),
    handle(table.events, async (context) =>
      (await listWebhookEvents(db, ownerOf(context), eventsShownMax)).map(eventView),
    ),
    handle(table.event, async (context) => {
      const found = await findWebhookEvent(db, ownerOf(context), idOf(context.params.event, 'webhook_event'))
      if (!found) throw notFound('webhook_event')
      return eventView(found)
    }),
  ]
}

async function create(deps: WebhookRouteDeps, context: Context<typeof routes.webhooks.create>, owner: WebhookOwner) {
  const { body } = context
  const include = await includesFor(deps, context, owner, body.include)
  const url = checkUrl(body.url, deps.isAtHome)
  const keys: WebhookKeys = {
    secret: body.secret ?? newToken(),
    authorization: body.authorization ? checkAuthorization(body.authorization) : null,
  }
  const id = deps.world.id()
  const sealed = deps.secrets.seal(JSON.stringify(keys), keysContext(id))
  const { app, addon } = context.subjects
  const ownerId = owner.side === 'customer' ? (app ?? addon)?.ownerId : undefined
  const made = await transact(deps.db, async (tx) => {
    const at = deps.world.now()
    const fits = async () => {
      if ((await store.countWebhooks(tx, owner)) < webhooksMax) return
      throw invalid(`There are ${webhooksMax} webhooks here already, which is the most. Remove one that is not needed.`)
    }
    const isAllowed = async () => {
      if (ownerId) await requireRoom(tx, { ownerId, name: 'webhooks', at })
    }
    // Locks are taken in one order: an app, what its owner may have, an add-on.
    for (const check of 'app' in owner ? [fits, isAllowed] : [isAllowed, fits]) await check()
    return store.insertWebhook(tx, { id, owner, include, level: body.level, url, sealed, at })
  })
  if (!body.secret) tellSecret(context, keys.secret)
  return webhookView(made, owner)
}

async function update(deps: WebhookRouteDeps, context: Context<typeof routes.webhooks.update>, owner: WebhookOwner) {
  const { body } = context
  const id = idOf(context.params.webhook, 'webhook')
  const url = body.url === undefined ? undefined : checkUrl(body.url, deps.isAtHome)
  const include = body.include && (await includesFor(deps, context, owner, body.include))
  if (body.authorization) checkAuthorization(body.authorization)
  const { changed, told } = await transact(deps.db, async (tx) => {
    const before = await store.lockWebhook(tx, owner, id)
    if (!before) throw notFound('webhook')
    const keys = JSON.parse(deps.secrets.open(before.sealed, keysContext(id))) as WebhookKeys
    const secret = body.secret === null ? newToken() : (body.secret ?? keys.secret)
    const authorization = body.authorization === undefined ? keys.authorization : body.authorization
    const fields = {
      include: include ?? before.include,
      level: body.level ?? before.level,
      url: url ?? before.url,
      sealed: deps.secrets.seal(JSON.stringify({ secret, authorization }), keysContext(id)),
    }
    const after = await store.updateWebhook(tx, { id, ...fields, at: deps.world.now() })
    await ring(tx, deliveriesBell)
    return { changed: after, told: body.secret === null ? secret : null }
  })
  if (told !== null) tellSecret(context, told)
  return webhookView(changed, owner)
}

/** A secret that we made is told this once; afterwards nobody can read it back. */
function tellSecret(context: Context, secret: string): void {
  context.header(secretHeader, secret)
  context.header('Cache-Control', 'no-store')
}

/** How an app is built and run is for those who work on it, so it takes a right in the app that the add-on is billed to. */
async function includesFor(deps: WebhookRouteDeps, context: Context, owner: WebhookOwner, given: readonly string[]) {
  const include = checkIncludes(given, owner.side)
  if ('addon' in owner && owner.side === 'customer' && include.some((one) => includesOfCustomersOnly.includes(one))) {
    const { appId } = addonIn(context.subjects)
    if (appId === null) throw new WireError('forbidden', 'The app that this add-on was billed to is gone.')
    await guardApp(deps.db, context.asker, appId, 'operate')
  }
  const silent = neverCome(include)
  if (silent.length) {
    context.header('X-Heroku-Warning', `Nothing ever happens to ${silent.join(', ')} here, so no such event will come.`)
  }
  return include
}

function idOf(given: string, kind: 'webhook' | 'webhook_delivery' | 'webhook_event'): string {
  if (!isUuid(given)) throw notFound(kind)
  return given.toLowerCase()
}

function statusOf(given: string | undefined): string | null {
  if (given === undefined || given === '') return null
  if ((deliveryStatuses as readonly string[]).includes(given)) return given
  throw invalid(`There is no status "${given.slice(0, 40)}". Choose one of ${deliveryStatuses.join(', ')}.`)
}

import { invalid, notFound, WireError } from '@mortise/contract/errors'
import { isUuid } from '@mortise/contract/identity'
import { routes } from '@mortise/contract/platform-api/routes'
import { type Addon, providerActor } from '../addons/addon.js'
import { addonIn } from '../addons/routes.js'
import { guardApp } from '../apps/guard.js'
import { appIn } from '../apps/routes.js'
import { lockApp } from '../apps/store.js'
import { type Db, transact } from '../db/db.js'
import { type Context, type Handler, handle } from '../http/handle.js'
import type { Actor } from '../saga/saga.js'
import type { Secrets } from '../secrets/seal.js'
import { newUuidToken } from '../secrets/tokens.js'
import type { World } from '../world/world.js'
import { announceDrain } from './announce-drain.js'
import { checkDrainUrl, type Drain, drainContext, drainsMax } from './drain.js'
import * as store from './store.js'
import { drainView, urlOf } from './view.js'

export interface DrainDeps {
  db: Db
  world: World
  secrets: Secrets
  /** Only this machine's people can reach the platform: its loopback may be meant. */
  isAtHome: boolean
}

/** Who asks about an app's drains: somebody who works on it, or the provider of an add-on on it, who sees its own. */
export function drainRoutes(deps: DrainDeps): Handler[] {
  const { db, world, secrets, isAtHome } = deps
  const shown = (drain: Drain, context: Context) => drainView(drain, secrets, providerIn(context) !== null)

  async function visible(context: Context): Promise<Drain[]> {
    const provider = providerIn(context)
    const all = await store.listDrainsOfApp(db, appIn(context.subjects).id)
    return provider ? all.filter((drain) => drain.addon?.id === provider.id) : all
  }

  /** By id, by token, or by an address that one of those who ask may see. */
  async function find(context: Context): Promise<Drain> {
    const identity = context.params['drain'] ?? ''
    const wanted = URL.canParse(identity) ? new URL(identity).href : identity
    const found = (await visible(context)).find((drain) =>
      isUuid(identity)
        ? drain.id === identity.toLowerCase()
        : drain.token === identity || (mayBeMeant(drain, context) && urlOf(drain, secrets) === wanted),
    )
    if (!found) throw notFound('log_drain')
    return found
  }

  return [
    ...telemetryRoutes(deps),
    handle(routes.drains.listOfApp, async (context) => (await visible(context)).map((drain) => shown(drain, context))),
    handle(routes.drains.info, async (context) => shown(await find(context), context)),

    handle(routes.drains.create, async (context) => {
      const app = appIn(context.subjects)
      const provider = providerIn(context)
      const url = checkDrainUrl(context.body.url, isAtHome)
      const same = (await visible(context)).find(
        (drain) => (drain.addon?.id ?? null) === (provider?.id ?? null) && urlOf(drain, secrets) === url,
      )
      if (same) throw invalid(`${app.name} sends its log there already, as ${same.token}.`)
      const made = await transact(db, async (tx) => {
        const locked = await lockApp(tx, app.id)
        if (locked?.state !== 'live') throw notFound('app')
        if ((await store.countDrains(tx, app.id)) >= drainsMax) {
          throw invalid(`${app.name} has ${drainsMax} log drains already. Remove one first.`)
        }
        const id = world.id()
        await store.insertDrain(tx, {
          id,
          appId: app.id,
          addonId: provider?.id ?? null,
          token: newUuidToken('d.'),
          sealed: secrets.seal(url, drainContext(id)),
          at: world.now(),
        })
        const drain = await store.drainNamed(tx, { appId: app.id }, id)
        if (!drain) throw new Error('a drain was lost while it was made')
        await announceDrain(tx, world, actorOf(context, provider), { action: 'create', drain, url })
        return drain
      })
      return shown(made, context)
    }),

    handle(routes.drains.delete, async (context) => {
      const found = await find(context)
      const provider = providerIn(context)
      if (found.addon && !provider) {
        throw new WireError(
          'forbidden',
          `This drain belongs to ${found.addon.name} and goes with it. Detach or destroy the add-on to end it.`,
        )
      }
      await transact(db, async (tx) => {
        if (!(await store.deleteDrain(tx, found.id))) throw notFound('log_drain')
        const fact = { action: 'destroy' as const, drain: found, url: urlOf(found, secrets) }
        await announceDrain(tx, world, actorOf(context, provider), fact)
      })
      return shown(found, context)
    }),

    handle(routes.drains.listOfAddon, async (context) =>
      (await store.listDrainsOfAddon(db, addonIn(context.subjects).id)).map((drain) =>
        drainView(drain, secrets, context.asker.account === null),
      ),
    ),

    handle(routes.drains.updateOfAddon, async (context) => {
      const addon = addonIn(context.subjects)
      if (addon.state === 'deprovisioned') throw new WireError('gone', 'This add-on was removed.')
      if (context.asker.account) {
        throw new WireError('forbidden', `Where the drains of ${addon.name} lead is for its provider to say.`)
      }
      const url = checkDrainUrl(context.body.url, isAtHome)
      const changed = await transact(db, async (tx) => {
        const before = await drainOfAddon(tx, addon.id, context.params.drain)
        await store.setDrainUrl(tx, before.id, secrets.seal(url, drainContext(before.id)), world.now())
        const after = await drainOfAddon(tx, addon.id, before.id)
        await announceDrain(tx, world, providerActor(addon), { action: 'update', drain: after, url })
        return after
      })
      return drainView(changed, secrets, true)
    }),
  ]

  async function drainOfAddon(on: Db, addonId: string, identity: string): Promise<Drain> {
    const byName = await store.drainNamed(on, { addonId }, identity)
    if (byName) return byName
    const wanted = URL.canParse(identity) ? new URL(identity).href : identity
    const byUrl = (await store.listDrainsOfAddon(on, addonId)).find((drain) => urlOf(drain, secrets) === wanted)
    if (!byUrl) throw notFound('log_drain')
    return byUrl
  }
}

function telemetryRoutes({ db }: DrainDeps): Handler[] {
  const none = async () => {
    throw notFound('telemetry_drain')
  }
  return [
    handle(routes.telemetryDrains.listOfApp, async () => []),
    handle(routes.telemetryDrains.create, async ({ asker, body }) => {
      const { owner } = body
      if (owner.type !== 'app') throw invalid('There are no spaces here. Name an app as the owner.')
      const app = await guardApp(db, asker, owner.id, 'operate')
      throw invalid(
        `${app.name} sends no traces or metrics, so it has no telemetry drains. Its log lines go to a log drain: drains:add URL.`,
      )
    }),
    handle(routes.telemetryDrains.info, none),
    handle(routes.telemetryDrains.update, none),
    handle(routes.telemetryDrains.delete, none),
  ]
}

/** The add-on whose provider asks, or null for a person. */
function providerIn({ asker, subjects }: Context): Addon | null {
  return asker.account === null ? (subjects.addon ?? null) : null
}

/** A customer does not know an add-on's address, and must not find out by guessing. */
function mayBeMeant(drain: Drain, context: Context): boolean {
  return drain.addon === null || providerIn(context) !== null
}

const actorOf = (context: Context, provider: Addon | null): Actor =>
  provider ? providerActor(provider) : context.actor

import { invalid, notFound } from '@mortise/contract/errors'
import type { Formation as WireFormation } from '@mortise/contract/platform-api/dynos'
import { routes } from '@mortise/contract/platform-api/routes'
import { timestamp } from '@mortise/contract/platform-api/shared'
import type { LogSink } from '@mortise/runtime/logs/logs'
import { requireRoom } from '../accounts/quotas.js'
import type { App } from '../apps/app.js'
import { lockApp } from '../apps/store.js'
import { type Db, type Tx, transact } from '../db/db.js'
import { appendEvent } from '../events/store.js'
import { type Context, type Handler, handle } from '../http/handle.js'
import type { World } from '../world/world.js'
import { dynoSizeDefault, dynoSizeOf, dynoSizes, type Formation, quantityAfter, quantityMax } from './formation.js'
import * as store from './store.js'

export interface FormationDeps {
  db: Db
  world: World
  logs: LogSink
  /** Makes what runs match the formation; written down in the caller's transaction. */
  requestScale(tx: Tx, scale: { appId: string; at: Date }): Promise<void>
}

interface Wish {
  type: string
  quantity?: number | string
  size?: string | { name: string }
}

export function formationRoutes(deps: FormationDeps): Handler[] {
  const { db, world, logs } = deps

  /** All or nothing: a wish that can't be met leaves the others alone too. */
  async function change(context: Context, wishes: readonly Wish[]): Promise<WireFormation[]> {
    const { id: appId } = appOf(context)
    const answer = await transact(db, async (tx) => {
      const app = await lockApp(tx, appId)
      if (app?.state !== 'live') throw notFound('app')
      const at = world.now()
      const changed: WireFormation[] = []
      let isChanged = false
      let grown = 0
      for (const wish of wishes) {
        const today = await store.findFormation(tx, appId, wish.type)
        if (!today) throw await unknownType(tx, appId, wish.type)
        const { quantity, size } = wanted(today, wish)
        if (quantity === today.quantity && size === today.size) {
          changed.push(formationView(today, app))
          continue
        }
        const set = await store.setFormation(tx, today.id, { quantity, size, at })
        if (!set) throw notFound('formation')
        isChanged = true
        grown += quantity - today.quantity
        changed.push(formationView(set, app))
        await appendEvent(tx, {
          id: world.id(),
          at,
          actor: context.actor,
          action: 'update',
          resource: 'formation',
          subject: set.id,
          appId,
          data: { type: set.type, quantity, size },
          previous: { quantity: today.quantity, size: today.size },
        })
      }
      // In the end, since one wish may make room for another.
      if (grown > 0) await requireRoom(tx, { ownerId: app.ownerId, name: 'dynos', made: grown, at })
      if (isChanged) await deps.requestScale(tx, { appId, at })
      return changed
    })
    const said = answer.map(({ type, quantity, size }) => `${type}@${quantity}:${size}`).join(' ')
    logs.write(appId, { source: 'app', dyno: 'api', text: `Scaled to ${said} by ${context.actor.email}` })
    return answer
  }

  return [
    handle(routes.formation.list, async (context) => {
      const app = appOf(context)
      return (await store.listFormation(db, app.id)).map((one) => formationView(one, app))
    }),
    handle(routes.formation.info, async (context) => {
      const app = appOf(context)
      const found = await store.findFormation(db, app.id, context.params.type)
      if (!found) throw await unknownType(db, app.id, context.params.type)
      return formationView(found, app)
    }),
    handle(routes.formation.updateAll, async (context) => change(context, context.body.updates)),
    handle(routes.formation.update, async (context) => {
      const [changed] = await change(context, [{ ...context.body, type: context.params.type }])
      if (!changed) throw notFound('formation')
      return changed
    }),
  ]
}

function wanted(today: Formation, wish: Wish): { quantity: number; size: string } {
  const quantity = wish.quantity === undefined ? today.quantity : quantityAfter(today.quantity, wish.quantity)
  if (quantity === null) throw invalid(`The quantity of ${today.type} must be a number from 0 to ${quantityMax}.`)
  const given = typeof wish.size === 'object' ? wish.size.name : wish.size
  const size = given === undefined ? today.size : dynoSizeOf(given)
  if (size === null) {
    throw invalid(`There is no dyno size "${given}". Choose one of ${Object.keys(dynoSizes).join(', ')}.`)
  }
  return { quantity, size }
}

async function unknownType(db: Db, appId: string, type: string): Promise<Error> {
  const known = (await store.listFormation(db, appId)).map((one) => one.type)
  const hint = known.length
    ? `This app has ${known.join(', ')}.`
    : `This app has none before its first deploy, so "${type}" can't be scaled yet.`
  return notFound('formation', hint)
}

export function formationView(formation: Formation, app: { id: string; name: string }): WireFormation {
  return {
    app: { id: app.id, name: app.name },
    command: formation.command,
    created_at: timestamp(formation.createdAt),
    dyno_size: { id: dynoSizes[formation.size] ?? dynoSizes[dynoSizeDefault] ?? '', name: formation.size },
    id: formation.id,
    quantity: formation.quantity,
    size: formation.size,
    type: formation.type,
    updated_at: timestamp(formation.updatedAt),
  }
}

function appOf(context: Context): App {
  if (!context.subjects.app) throw notFound('app')
  return context.subjects.app
}

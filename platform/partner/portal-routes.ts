import type { ProviderRequest } from '@mortise/contract/platform-api/provider-portal'
import { routes } from '@mortise/contract/platform-api/routes'
import { timestamp } from '@mortise/contract/platform-api/shared'
import { serviceOf } from '../catalog/guard.js'
import type { Db } from '../db/db.js'
import { type Handler, handle } from '../http/handle.js'
import type { ProviderCall } from '../http/server.js'
import type { World } from '../world/world.js'
import { type AskedRow, askedOf, type CallRow, callsOf, insertCall, installsOf, shownMax } from './call-store.js'

/** What a provider sees of what passes between it and us, and of its customers' add-ons. */
export function providerPortalRoutes({ db }: { db: Db }): Handler[] {
  return [
    handle(routes.providerPortal.installs, async ({ subjects }) =>
      (await installsOf(db, serviceOf(subjects).id)).map((one) => ({
        app: one.appId && one.appName ? { id: one.appId, name: one.appName } : null,
        created_at: timestamp(one.createdAt),
        id: one.id,
        name: one.name,
        plan: { id: one.planId, name: one.planName },
        provider_id: one.providerId ?? '',
        state: one.state,
      })),
    ),
    handle(routes.providerPortal.requests, async ({ subjects }) => {
      const { id } = serviceOf(subjects)
      const [asked, calls] = await Promise.all([askedOf(db, id), callsOf(db, id)])
      return [...asked.map(askedView), ...calls.map(callView)]
        .sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0))
        .slice(0, shownMax)
    }),
  ]
}

/** Writes down what providers ask of us. A provider's answer does not wait for it, nor fails by it. */
export function providerCalls(
  { db, world }: { db: Db; world: World },
  onFault: (error: unknown) => void,
): (call: ProviderCall) => void {
  return (call) => void insertCall(db, { ...call, id: world.id(), at: world.now() }).catch(onFault)
}

// As the partner API has them. The path is `:resource` in place of the id.
const wire = {
  provision: { method: 'POST', route: 'base_url' },
  plan: { method: 'PUT', route: 'base_url/:resource' },
  deprovision: { method: 'DELETE', route: 'base_url/:resource' },
} as const

function askedView(asked: AskedRow): ProviderRequest {
  const { addonId: id, addonName: name, answeredAt, sentAt } = asked
  return {
    addon: { id, name },
    at: timestamp(sentAt),
    class: asked.class,
    direction: 'to_provider',
    message: asked.message,
    ms: answeredAt && Math.max(0, answeredAt.getTime() - sentAt.getTime()),
    ...wire[asked.kind],
    number: asked.number,
    status: asked.status,
  }
}

function callView({ addonId, addonName, at, method, ms, route, status }: CallRow): ProviderRequest {
  return {
    addon: addonId && addonName ? { id: addonId, name: addonName } : null,
    at: timestamp(at),
    class: null,
    direction: 'from_provider',
    message: null,
    method,
    ms,
    number: null,
    route,
    status,
  }
}

import { notFound } from '@mortise/contract/errors'
import { isUuid } from '@mortise/contract/identity'
import type { ProviderExchange, ProviderRequest } from '@mortise/contract/platform-api/provider-portal'
import { routes } from '@mortise/contract/platform-api/routes'
import { timestamp } from '@mortise/contract/platform-api/shared'
import { readBasic } from '../accounts/authenticate.js'
import { serviceOf } from '../catalog/guard.js'
import type { Db } from '../db/db.js'
import { type Handler, handle } from '../http/handle.js'
import type { ProviderCall } from '../http/server.js'
import type { World } from '../world/world.js'
import {
  type AskedRow,
  askedOf,
  attemptOf,
  type CallRow,
  callOf,
  callsOf,
  insertCall,
  installsOf,
  shownMax,
} from './call-store.js'
import { maskExchange } from './masked-body.js'

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
    handle(routes.providerPortal.exchange, async ({ subjects, params }) => {
      const found = await exchangeOf(db, serviceOf(subjects).id, params.request)
      if (!found) throw notFound('provider_request')
      return found
    }),
  ]
}

/** A call of the provider by its id, and a question to it by the question's and the attempt's number. */
async function exchangeOf(db: Db, serviceId: string, id: string): Promise<ProviderExchange | undefined> {
  const [of = '', number, ...more] = id.split('.')
  if (!isUuid(of) || more.length > 0) return
  if (number === undefined) {
    const call = await callOf(db, serviceId, of)
    return call && { ...callView(call), sent: call.sent, received: call.received }
  }
  if (!/^[1-9]\d{0,5}$/.test(number)) return
  const asked = await attemptOf(db, serviceId, of, Number(number))
  return asked && { ...askedView(asked), sent: asked.sent, received: asked.received }
}

/** Writes down what providers ask of us. A provider's answer does not wait for it, nor fails by it. */
export function providerCalls(
  { db, world }: { db: Db; world: World },
  onFault: (error: unknown) => void,
): (call: ProviderCall) => void {
  return (call) => {
    const { asked: sent, answered: received, authorization, ...rest } = call
    const exchange = maskExchange({ sent, received, ours: 'received', secrets: secretsIn(authorization) })
    void insertCall(db, { ...rest, id: world.id(), exchange, at: world.now() }).catch(onFault)
  }
}

/** The token, or the password in both its forms. */
function secretsIn(authorization: string | null): string[] {
  const given = authorization?.split(' ')[1] ?? ''
  const password = readBasic(authorization ?? undefined)?.password ?? ''
  return [given, password].filter((secret) => secret !== '')
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
    id: `${asked.questionId}.${asked.number}`,
    message: asked.message,
    ms: answeredAt && Math.max(0, answeredAt.getTime() - sentAt.getTime()),
    ...wire[asked.kind],
    number: asked.number,
    status: asked.status,
  }
}

function callView({ addonId, addonName, at, id, method, ms, route, status }: CallRow): ProviderRequest {
  return {
    addon: addonId && addonName ? { id: addonId, name: addonName } : null,
    at: timestamp(at),
    class: null,
    direction: 'from_provider',
    id,
    message: null,
    method,
    ms,
    number: null,
    route,
    status,
  }
}

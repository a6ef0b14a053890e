import { invalid, notFound } from '@mortise/contract/errors'
import type { Domain } from '@mortise/contract/platform-api/domains'
import { routes } from '@mortise/contract/platform-api/routes'
import { identityOf } from '@mortise/contract/platform-api/shared'
import { requireRoom } from '../accounts/quotas.js'
import type { App } from '../apps/app.js'
import { lockApp } from '../apps/store.js'
import { appIn } from '../apps/subject.js'
import { type AppAddresses, appView } from '../apps/view.js'
import { type Db, type Tx, transact } from '../db/db.js'
import { appendEvent } from '../events/store.js'
import { type Handler, handle } from '../http/handle.js'
import type { Actor, JsonObject } from '../saga/saga.js'
import type { Secrets } from '../secrets/seal.js'
import type { World } from '../world/world.js'
import { type CustomDomain, domainsMax, hostnameOf, isReserved, wildcardOver } from './domain.js'
import { covers } from './pair.js'
import { sniEndpointRoutes } from './sni-routes.js'
import { findSniEndpoint } from './sni-store.js'
import * as store from './store.js'
import { domainView, ownDomainView } from './view.js'

export interface DomainDeps {
  db: Db
  world: World
  secrets: Secrets
  addresses: AppAddresses
  /** Host names of the platform itself and the domain of its apps: nobody's own. */
  ownHosts: readonly string[]
}

export function domainRoutes(deps: DomainDeps): Handler[] {
  const { db, world, addresses } = deps

  /** By id or hostname; the app's own one too. */
  async function find(app: App, identity: string): Promise<CustomDomain | Domain> {
    const own = ownDomainView(app, addresses)
    if (app.kind === 'hosted' && (identity === own.hostname || identity.toLowerCase() === own.id)) return own
    const found = await store.findDomain(db, app.id, hostnameOf(identity) ?? identity)
    if (!found) throw notFound('domain')
    return found
  }

  async function findCustom(app: App, identity: string): Promise<CustomDomain> {
    const found = await find(app, identity)
    if ('kind' in found) throw invalid(`${found.hostname} belongs to the platform and goes with the app. Leave it be.`)
    return found
  }

  /** The certificate that is meant, if it is one for this hostname. */
  async function endpointFor(app: App, identity: string, hostname: string): Promise<string> {
    const endpoint = await findSniEndpoint(db, app.id, identity)
    if (!endpoint) throw notFound('sni_endpoint', 'See the names with certs, or add one with certs:add.')
    if (!covers(endpoint.certificateChain, hostname)) {
      throw invalid(`The certificate ${endpoint.name} is not for ${hostname}. Choose one that names it.`)
    }
    return endpoint.id
  }

  return [
    ...sniEndpointRoutes(deps),

    handle(routes.domains.list, async ({ subjects }) => {
      const app = appIn(subjects)
      const custom = (await store.listDomains(db, app.id)).map((one) => domainView(one, app, addresses))
      return app.kind === 'hosted' ? [ownDomainView(app, addresses), ...custom] : custom
    }),

    handle(routes.domains.info, async ({ subjects, params }) => {
      const app = appIn(subjects)
      const found = await find(app, params.domain)
      return 'kind' in found ? found : domainView(found, app, addresses)
    }),

    handle(routes.domains.create, async ({ subjects, body, actor }) => {
      const app = appIn(subjects)
      if (app.kind !== 'hosted') throw invalid(`${app.name} runs elsewhere, so no requests come to it from here.`)
      const hostname = hostnameOf(body.hostname)
      if (!hostname) throw invalid(`"${body.hostname.slice(0, 100)}" is no hostname. One looks like www.example.com.`)
      if (isReserved(hostname, deps.ownHosts)) {
        throw invalid(`${hostname} belongs to the platform or means a machine itself. Choose a name of your own.`)
      }
      const wanted = body.sni_endpoint ? identityOf(body.sni_endpoint) : null
      const sniEndpointId = wanted === null ? null : await endpointFor(app, wanted, hostname)
      const taken = invalid(`${hostname} is served for an app already. Remove it there first.`)
      const made = await transact(db, async (tx) => {
        const locked = await lockApp(tx, app.id)
        if (locked?.state !== 'live') throw notFound('app')
        if ((await store.countDomains(tx, app.id)) >= domainsMax) {
          throw invalid(`An app may have ${domainsMax} domains. Remove one that is not used, or add a wildcard.`)
        }
        await requireRoom(tx, { ownerId: locked.ownerId, name: 'domains', at: world.now() })
        const claim = { hostname, wildcard: wildcardOver(hostname), ownerId: locked.ownerId }
        if (await store.isClaimedByOthers(tx, claim)) throw taken
        const row = { id: world.id(), appId: app.id, hostname, sniEndpointId, at: world.now() }
        const domain = await store.insertDomain(tx, row)
        if (!domain) throw taken
        await record(tx, 'create', domain, app, actor)
        return domain
      })
      return domainView(made, app, addresses)
    }),

    handle(routes.domains.update, async ({ subjects, params, body, actor }) => {
      const app = appIn(subjects)
      const before = await findCustom(app, params.domain)
      const wanted = body.sni_endpoint
      const endpointId = wanted === null ? null : await endpointFor(app, identityOf(wanted), before.hostname)
      if ((before.sniEndpoint?.id ?? null) === endpointId) return domainView(before, app, addresses)
      const changed = await transact(db, async (tx) => {
        if ((await lockApp(tx, app.id))?.state !== 'live') throw notFound('app')
        if (!(await store.findDomain(tx, app.id, before.id))) throw notFound('domain')
        const after = await store.setSniEndpoint(tx, before.id, endpointId, world.now())
        await record(tx, 'update', after, app, actor, { sni_endpoint: before.sniEndpoint })
        return after
      })
      return domainView(changed, app, addresses)
    }),

    handle(routes.domains.remove, async ({ subjects, params, actor }) => {
      const app = appIn(subjects)
      const domain = await findCustom(app, params.domain)
      await transact(db, async (tx) => {
        if (!(await store.removeDomain(tx, domain.id))) throw notFound('domain')
        await record(tx, 'destroy', domain, app, actor)
      })
      return domainView(domain, app, addresses)
    }),

    handle(routes.acm.enable, async () => {
      throw noAcm
    }),
    handle(routes.acm.refresh, async () => {
      throw noAcm
    }),
    // It is off, which is what was asked for.
    handle(routes.acm.disable, async ({ subjects }) => appView(appIn(subjects), addresses)),
  ]

  async function record(
    tx: Tx,
    action: 'create' | 'update' | 'destroy',
    domain: CustomDomain,
    app: App,
    actor: Actor,
    previous?: JsonObject,
  ): Promise<void> {
    await appendEvent(tx, {
      id: world.id(),
      at: world.now(),
      actor,
      action,
      resource: 'domain',
      subject: domain.id,
      appId: app.id,
      data: { ...domainView(domain, app, addresses) },
      ...(previous ? { previous } : {}),
    })
  }
}

const noAcm = invalid(
  'This installation gets no certificates by itself. Add one of your own with certs:add, or end TLS in front of it.',
)

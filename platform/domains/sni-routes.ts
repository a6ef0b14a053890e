import { invalid, notFound, WireError } from '@mortise/contract/errors'
import { routes } from '@mortise/contract/platform-api/routes'
import type { App } from '../apps/app.js'
import { generatedAppName } from '../apps/name.js'
import { lockApp } from '../apps/store.js'
import { appIn } from '../apps/subject.js'
import { type Tx, transact } from '../db/db.js'
import { appendEvent } from '../events/store.js'
import { type Handler, handle } from '../http/handle.js'
import type { Actor } from '../saga/saga.js'
import { covers, readPair } from './pair.js'
import type { DomainDeps } from './routes.js'
import {
  findSniEndpoint,
  insertSniEndpoint,
  keyContext,
  listSniEndpoints,
  removeSniEndpoint,
  replacePair,
  type SniEndpoint,
} from './sni-store.js'
import { listDomains } from './store.js'
import { sniEndpointView } from './view.js'

/** Of one app: more than its domains could ever need. */
export const sniEndpointsMax = 100

/** Certificates for custom domains. Keys are sealed, and no answer, event or log holds one. */
export function sniEndpointRoutes({ db, world, secrets }: DomainDeps): Handler[] {
  async function find(app: App, identity: string): Promise<SniEndpoint> {
    const found = await findSniEndpoint(db, app.id, identity)
    if (!found) throw notFound('sni_endpoint')
    return found
  }

  async function record(
    tx: Tx,
    action: 'create' | 'update' | 'destroy',
    endpoint: SniEndpoint,
    app: App,
    actor: Actor,
  ): Promise<void> {
    const event = { id: world.id(), at: world.now(), actor, action, resource: 'sni-endpoint' } as const
    await appendEvent(tx, {
      ...event,
      subject: endpoint.id,
      appId: app.id,
      data: { ...sniEndpointView(endpoint, app) },
    })
  }

  return [
    handle(routes.sniEndpoints.list, async ({ subjects }) => {
      const app = appIn(subjects)
      return (await listSniEndpoints(db, app.id)).map((one) => sniEndpointView(one, app))
    }),

    handle(routes.sniEndpoints.info, async ({ subjects, params }) => {
      const app = appIn(subjects)
      return sniEndpointView(await find(app, params.sni_endpoint), app)
    }),

    handle(routes.sniEndpoints.create, async ({ subjects, body, actor }) => {
      const app = appIn(subjects)
      const pair = readPair(body, world.now())
      const made = await transact(db, async (tx) => {
        if ((await lockApp(tx, app.id))?.state !== 'live') throw notFound('app')
        const there = await listSniEndpoints(tx, app.id)
        if (there.length >= sniEndpointsMax) {
          throw invalid(`An app may have ${sniEndpointsMax} certificates. Remove one that is not used.`)
        }
        const id = world.id()
        let name = generatedAppName(world)
        while (there.some((one) => one.name === name)) name = generatedAppName(world)
        const sealed = secrets.seal(pair.key, keyContext(id, 1))
        const row = { id, appId: app.id, name, certificateChain: pair.chain, isCaSigned: pair.isCaSigned, sealed }
        const endpoint = await insertSniEndpoint(tx, { ...row, at: world.now() })
        await record(tx, 'create', endpoint, app, actor)
        return endpoint
      })
      return sniEndpointView(made, app)
    }),

    handle(routes.sniEndpoints.update, async ({ subjects, params, body, actor }) => {
      const app = appIn(subjects)
      const before = await find(app, params.sni_endpoint)
      const pair = readPair(body, world.now())
      const changed = await transact(db, async (tx) => {
        if ((await lockApp(tx, app.id))?.state !== 'live') throw notFound('app')
        const bare = (await listDomains(tx, app.id)).filter(
          (one) => one.sniEndpoint?.id === before.id && !covers(pair.chain, one.hostname),
        )
        if (bare.length) {
          const names = bare.map((one) => one.hostname).join(', ')
          throw invalid(`The new certificate is not for ${names}. Pass one that names them, or detach them first.`)
        }
        const version = before.version + 1
        const sealed = secrets.seal(pair.key, keyContext(before.id, version))
        const row = { id: before.id, certificateChain: pair.chain, isCaSigned: pair.isCaSigned, sealed, version }
        const after = await replacePair(tx, { ...row, at: world.now() })
        if (!after)
          throw new WireError('conflict', 'This certificate was replaced in the same moment. Look at it again.')
        await record(tx, 'update', after, app, actor)
        return after
      })
      return sniEndpointView(changed, app)
    }),

    handle(routes.sniEndpoints.remove, async ({ subjects, params, actor }) => {
      const app = appIn(subjects)
      const endpoint = await find(app, params.sni_endpoint)
      await transact(db, async (tx) => {
        // Before its domains, which let go of it: whoever gives one of them another has the app and then the domain.
        await lockApp(tx, app.id)
        if (!(await removeSniEndpoint(tx, endpoint.id))) throw notFound('sni_endpoint')
        await record(tx, 'destroy', endpoint, app, actor)
      })
      return sniEndpointView(endpoint, app)
    }),
  ]
}

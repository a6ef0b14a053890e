import { invalid, notFound } from '@mortise/contract/errors'
import { plainText } from '@mortise/contract/manifest/plain-text'
import type { Region } from '@mortise/contract/platform-api/apps'
import { routes } from '@mortise/contract/platform-api/routes'
import { transact } from '../db/db.js'
import { appendEvent } from '../events/store.js'
import { type Handler, handle } from '../http/handle.js'
import { capabilityRoutes } from './capabilities.js'
import { missingForGa } from './general-availability.js'
import { inspectionRoutes } from './inspections.js'
import { mayKnow, maySee, type Passes } from './installable.js'
import { passesOf } from './pass-store.js'
import { passRoutes } from './passes.js'
import { portalRoutes } from './portal.js'
import type { PushDeps } from './push.js'
import type { Service } from './service.js'
import { createShelf, type Viewer } from './shelf.js'
import { answerByMove, stageRequestRoutes } from './stage-requests.js'
import { findPlan, findPlanOf, findService, serviceById, setServiceState } from './store.js'
import { planView, serviceView } from './view.js'

export interface CatalogDeps extends PushDeps {
  /** Where services can be; which ones there are is a later room's. */
  regions: readonly Region[]
}

/** Services, plans, and the portal where providers push their manifests. */
export function catalogRoutes(deps: CatalogDeps): Handler[] {
  const { db, installation } = deps
  const shelf = createShelf(deps)

  async function visibleService(identity: string, viewer: Viewer): Promise<{ service: Service; passes: Passes }> {
    const [service, passes] = await Promise.all([findService(db, identity), passesOf(db, viewer?.id)])
    if (!service || !maySee(service, viewer, installation, passes)) throw notFound('add_on_service')
    return { service, passes }
  }

  return [
    handle(routes.catalog.services, ({ maybeAsker }) => shelf.services(maybeAsker?.account ?? null)),
    handle(routes.catalog.service, async ({ params, maybeAsker }) => {
      const one = await shelf.service(params.service, maybeAsker?.account ?? null)
      if (!one) throw notFound('add_on_service')
      return one
    }),
    handle(routes.catalog.update, async ({ params, body, actor }) => {
      const service = await findService(db, params.service)
      if (!service) throw notFound('add_on_service')
      const at = deps.world.now()
      const missing = body.state === 'ga' && service.state !== 'ga' ? await missingForGa(db, service, at) : null
      if (missing !== null && body.reason === undefined) throw invalid(missing)
      await transact(db, async (tx) => {
        const left = await setServiceState(tx, service.id, body.state, at)
        if (left === undefined) return
        await answerByMove(tx, deps.world, { service, to: body.state, reason: body.reason, actor, at })
        await appendEvent(tx, {
          id: deps.world.id(),
          at,
          actor,
          action: 'update',
          resource: 'addon-service',
          subject: service.id,
          appId: null,
          data: {
            ...{ name: service.name, state: body.state },
            ...(body.reason === undefined ? {} : { reason: plainText(body.reason, 500) }),
            ...(missing === null ? {} : { missing }),
          },
          previous: { state: left },
        })
      })
      return serviceView((await serviceById(db, service.id)) ?? service)
    }),
    handle(routes.catalog.plans, async ({ params, maybeAsker }) => {
      const plans = await shelf.plans(params.service, maybeAsker?.account ?? null)
      if (!plans) throw notFound('add_on_service')
      return plans
    }),
    handle(routes.catalog.planOfService, async ({ params, maybeAsker }) => {
      const viewer = maybeAsker?.account ?? null
      const { service, passes } = await visibleService(params.service, viewer)
      const plan = await findPlanOf(db, service.id, params.plan)
      if (!plan || !mayKnow(plan, service, viewer, installation, passes)) throw notFound('plan')
      return planView(plan)
    }),
    handle(routes.catalog.plan, async ({ params, maybeAsker }) => {
      const plan = await findPlan(db, params.plan)
      if (!plan) throw notFound('plan')
      const viewer = maybeAsker?.account ?? null
      const [service, passes] = await Promise.all([serviceById(db, plan.serviceId), passesOf(db, viewer?.id)])
      const isThere =
        service && maySee(service, viewer, installation, passes) && mayKnow(plan, service, viewer, installation, passes)
      if (!isThere) throw notFound('plan')
      return planView(plan)
    }),
    ...capabilityRoutes(deps),
    ...portalRoutes(deps),
    ...inspectionRoutes(deps),
    ...passRoutes(deps),
    ...stageRequestRoutes(deps),
  ]
}

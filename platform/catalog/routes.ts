import { notFound } from '@mortise/contract/errors'
import type { Region } from '@mortise/contract/platform-api/apps'
import { routes } from '@mortise/contract/platform-api/routes'
import { transact } from '../db/db.js'
import { appendEvent } from '../events/store.js'
import { type Handler, handle } from '../http/handle.js'
import { capabilityRoutes } from './capabilities.js'
import { lastPassed } from './inspection-store.js'
import { inspectionRoutes } from './inspections.js'
import { maySee } from './installable.js'
import { portalRoutes } from './portal.js'
import type { PushDeps } from './push.js'
import type { Plan, Service } from './service.js'
import { findPlan, findPlanOf, findService, listPlans, listServices, serviceById, setServiceState } from './store.js'
import { planView, serviceView } from './view.js'

export interface CatalogDeps extends PushDeps {
  /** Where services can be; which ones there are is a later room's. */
  regions: readonly Region[]
}

type Viewer = { id: string; isOperator: boolean } | null

/** Services, plans, and the portal where providers push their manifests. */
export function catalogRoutes(deps: CatalogDeps): Handler[] {
  const { db, installation } = deps

  async function visibleService(identity: string, viewer: Viewer): Promise<Service> {
    const service = await findService(db, identity)
    if (!service || !maySee(service, viewer, installation)) throw notFound('add_on_service')
    return service
  }

  return [
    handle(routes.catalog.services, async ({ maybeAsker }) => {
      const viewer = maybeAsker?.account ?? null
      const passed = await lastPassed(db)
      const seen = (await listServices(db)).filter((one) => maySee(one, viewer, installation))
      return seen.map((one) => serviceView(one, passed.get(one.id) ?? null))
    }),
    handle(routes.catalog.service, async ({ params, maybeAsker }) => {
      const one = await visibleService(params.service, maybeAsker?.account ?? null)
      return serviceView(one, (await lastPassed(db, one.id)).get(one.id) ?? null)
    }),
    handle(routes.catalog.update, async ({ params, body, actor }) => {
      const service = await findService(db, params.service)
      if (!service) throw notFound('add_on_service')
      const at = deps.world.now()
      await transact(db, async (tx) => {
        const left = await setServiceState(tx, service.id, body.state, at)
        if (left === undefined) return
        await appendEvent(tx, {
          id: deps.world.id(),
          at,
          actor,
          action: 'update',
          resource: 'addon-service',
          subject: service.id,
          appId: null,
          data: { name: service.name, state: body.state },
          previous: { state: left },
        })
      })
      return serviceView((await serviceById(db, service.id)) ?? service)
    }),
    handle(routes.catalog.plans, async ({ params, maybeAsker }) => {
      const viewer = maybeAsker?.account ?? null
      const service = await visibleService(params.service, viewer)
      return (await listPlans(db, service.id)).filter((plan) => isListed(plan, service, viewer)).map(planView)
    }),
    handle(routes.catalog.planOfService, async ({ params, maybeAsker }) => {
      const service = await visibleService(params.service, maybeAsker?.account ?? null)
      const plan = await findPlanOf(db, service.id, params.plan)
      if (!plan) throw notFound('plan')
      return planView(plan)
    }),
    handle(routes.catalog.plan, async ({ params, maybeAsker }) => {
      const plan = await findPlan(db, params.plan)
      const service = plan && (await serviceById(db, plan.serviceId))
      if (!plan || !service || !maySee(service, maybeAsker?.account ?? null, installation)) throw notFound('plan')
      return planView(plan)
    }),
    ...capabilityRoutes(deps),
    ...portalRoutes(deps),
    ...inspectionRoutes(deps),
  ]
}

/** A hidden plan is for those who were told its name. */
function isListed(plan: Plan, service: Service, viewer: Viewer): boolean {
  return (plan.visible && plan.state !== 'hidden') || viewer?.id === service.ownerId || viewer?.isOperator === true
}

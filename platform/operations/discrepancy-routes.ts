import { type Discrepancy, discrepancyStates, discrepancyVerbs } from '@mortise/contract/platform-api/discrepancies'
import { routes } from '@mortise/contract/platform-api/routes'
import { timestamp } from '@mortise/contract/platform-api/shared'
import { type Handler, handle } from '../http/handle.js'
import { oneOf } from '../http/one-of.js'
import type { LifecycleDeps } from '../lifecycle/deps.js'
import { type Discrepant, listDiscrepancies } from './discrepancy-store.js'
import { adoptDiscrepancy, forgetDiscrepancy, refusalOf } from './discrepancy-verbs.js'

const listedMax = 5_000

/** Where the ledger and what providers list do not agree, and the verbs that settle it. */
export function discrepancyRoutes(deps: LifecycleDeps): Handler[] {
  return [
    handle(routes.discrepancies.list, async ({ query }) => {
      const state = oneOf(query['eq[state]'], discrepancyStates, 'eq[state]')
      return (await listDiscrepancies(deps.db, { state, provider: query['eq[provider]'] }, listedMax)).map(
        discrepancyView,
      )
    }),
    handle(routes.discrepancies.adopt, async ({ params, actor, body }) =>
      discrepancyView(await adoptDiscrepancy(deps, { id: params.discrepancy, actor, reason: body.reason })),
    ),
    handle(routes.discrepancies.forget, async ({ params, actor, body }) =>
      discrepancyView(await forgetDiscrepancy(deps, { id: params.discrepancy, actor, reason: body.reason })),
    ),
  ]
}

export function discrepancyView(it: Discrepant): Discrepancy {
  return {
    addon: it.addon,
    addon_service: it.service,
    found_at: timestamp(it.foundAt),
    id: it.id,
    kind: it.kind,
    provider_id: it.providerId,
    reason: it.reason,
    resource: it.uuid,
    seen_at: timestamp(it.seenAt),
    state: it.state,
    updated_at: timestamp(it.updatedAt),
    verbs: discrepancyVerbs.filter((verb) => it.state === 'open' && refusalOf(verb, it) === null),
  }
}

import { invalid, notFound } from '@mortise/contract/errors'
import type { ProviderHealth } from '@mortise/contract/platform-api/providers'
import { routes } from '@mortise/contract/platform-api/routes'
import { timestamp } from '@mortise/contract/platform-api/shared'
import { ring } from '../db/bell.js'
import { type Db, transact } from '../db/db.js'
import { type Handler, handle } from '../http/handle.js'
import { compareBell, compareNow } from '../lifecycle/compare-store.js'
import { later, type World } from '../world/world.js'
import { type Health, listHealth } from './provider-store.js'

/** Seconds that the figures look back: long enough to see a pattern, short enough to see that it ended. */
export const healthWindow = 3_600

export function providerRoutes({ db, world }: { db: Db; world: World }): Handler[] {
  const health = (name?: string) => listHealth(db, later(world.now(), -healthWindow * 1_000), name)
  return [
    handle(routes.providers.list, async () => (await health()).map(healthView)),
    handle(routes.providers.compare, async ({ params }) => {
      const [found] = await health(params.service)
      if (!found) throw notFound('add_on_service')
      await transact(db, async (tx) => {
        if (!(await compareNow(tx, found.id, world.now())))
          throw invalid(`${found.name} can't be compared: its manifest does not say "lists_resources".`)
        await ring(tx, compareBell)
      })
      const [now] = await health(found.id)
      return healthView(now ?? found)
    }),
  ]
}

function healthView(health: Health): ProviderHealth {
  const { id, name, p50, p95, p99 } = health
  return {
    addon_service: { id, name },
    circuit: {
      state: health.circuit,
      failures: health.failures,
      reason: health.failures > 0 ? health.lastReason : null,
      retry_at: health.retryAt && timestamp(health.retryAt),
    },
    comparison: health.nextComparisonAt && {
      compared_at: health.comparedAt && timestamp(health.comparedAt),
      listed: health.listed,
      next_at: timestamp(health.nextComparisonAt),
      note: health.comparisonNote,
      outcome: health.comparisonOutcome,
    },
    discrepancies: health.discrepancies,
    error_rate: health.questions === 0 ? null : Math.round((health.unclear / health.questions) * 1_000) / 1_000,
    fault: health.fault && { ...health.fault, at: timestamp(new Date(health.fault.at)) },
    held: health.held,
    id,
    in_flight: health.inFlight,
    latency_ms:
      p50 === null ? null : { p50: Math.round(p50), p95: Math.round(p95 ?? p50), p99: Math.round(p99 ?? p50) },
    name,
    owed: health.owed,
    parked: health.parked,
    questions: health.questions,
    stuck: health.stuck,
    waiting: health.waiting,
    window: healthWindow,
  }
}

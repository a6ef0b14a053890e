import type { ProviderHealth } from '@mortise/contract/platform-api/providers'
import { routes } from '@mortise/contract/platform-api/routes'
import { timestamp } from '@mortise/contract/platform-api/shared'
import type { Db } from '../db/db.js'
import { type Handler, handle } from '../http/handle.js'
import { later, type World } from '../world/world.js'
import { type Health, listHealth } from './provider-store.js'

/** Seconds that the figures look back: long enough to see a pattern, short enough to see that it ended. */
export const healthWindow = 3_600

export function providerRoutes({ db, world }: { db: Db; world: World }): Handler[] {
  return [
    handle(routes.providers.list, async () =>
      (await listHealth(db, later(world.now(), -healthWindow * 1_000))).map(healthView),
    ),
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
    error_rate: health.questions === 0 ? null : Math.round((health.unclear / health.questions) * 1_000) / 1_000,
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

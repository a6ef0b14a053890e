import type { WebhookLevel } from '@mortise/contract/platform-api/webhooks'
import { later } from '../world/world.js'
import { syncHoursMax } from './webhook.js'

/** A delivery that was just tried in vain. */
export interface Tried {
  level: WebhookLevel
  /** Asked for by hand. */
  once: boolean
  /** Tries so far, this one too. */
  tries: number
  createdAt: Date
}

export type AfterFailure = { status: 'retrying'; nextAt: Date } | { status: 'failed' | 'skipped' }

/**
 * What comes after a failure. `notify` has had its one try. `sync` is tried again until 72 hours after the delivery
 * was made, the last time when they are over; what only got its turn after that had one try, and is skipped.
 * @param waitMs until the next try, by back-off or as the receiver asks
 */
export function afterFailure(tried: Tried, at: Date, waitMs: number): AfterFailure {
  if (tried.once || tried.level === 'notify') return { status: 'failed' }
  const patienceEnds = later(tried.createdAt, syncHoursMax * 3_600_000)
  if (at >= patienceEnds) return { status: tried.tries === 1 ? 'skipped' : 'failed' }
  return { status: 'retrying', nextAt: new Date(Math.min(later(at, waitMs).getTime(), patienceEnds.getTime())) }
}

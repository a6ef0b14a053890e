import { WireError } from '@mortise/contract/errors'
import type { World } from '../world/world.js'

/**
 * Counts requests of each account. In this process's memory: a restart forgives, and each of several processes grants its
 * share, so that together they grant about what was meant.
 */
export interface RateLimit {
  /** Takes one. @returns how many are left @throws WireError 429 with Retry-After when there is none */
  take(accountId: string): number
  /** How many are left; asking costs nothing. */
  remaining(accountId: string): number
}

const hourMs = 60 * 60_000
const accountsMax = 10_000

/**
 * A bucket of `perHour` requests that fills up evenly within an hour. Only one moment is kept for each account: the one
 * at which its bucket is full again (GCRA). Source: platform-api, "Rate limit"; ATM Forum, generic cell rate algorithm.
 */
export function createRateLimit(world: World, perHour: number, processes: () => number = () => 1): RateLimit {
  const fullAt = new Map<string, number>()

  // Never fewer than one an hour: an account that can ask nothing could not even learn why.
  const every = (): number => Math.min(hourMs, (hourMs / perHour) * Math.max(1, processes()))
  const leftAt = (full: number, now: number): number => Math.floor((hourMs - Math.max(0, full - now)) / every() + 1e-9)

  function forgetFull(now: number): void {
    for (const [account, full] of fullAt) if (full <= now) fullAt.delete(account)
  }

  return {
    take(account) {
      const now = world.now().getTime()
      const everyMs = every()
      const full = Math.max(now, fullAt.get(account) ?? now)
      if (leftAt(full, now) < 1) {
        const seconds = Math.max(1, Math.ceil((full + everyMs - hourMs - now) / 1000))
        throw new WireError(
          'rate_limit',
          `Your account reached its limit of ${perHour} requests an hour. Try again in ${seconds} s.`,
          {},
          { 'Retry-After': String(seconds), 'RateLimit-Remaining': '0' },
        )
      }
      if (fullAt.size >= accountsMax) forgetFull(now)
      fullAt.set(account, full + everyMs)
      return leftAt(full + everyMs, now)
    },
    remaining(account) {
      const now = world.now().getTime()
      return leftAt(fullAt.get(account) ?? now, now)
    },
  }
}

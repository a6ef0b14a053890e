import { ApiError } from '@mortise/contract/client'
import type { Failure } from './failure.js'

export interface Waiting {
  /** Seconds between two looks. */
  intervalSeconds: number
  /** Seconds in all. */
  timeoutSeconds: number
}

/** Source: the platform's own promise; a person watches, so looking is frequent. */
export const waitIntervalSeconds = 2
export const waitTimeoutSeconds = 20 * 60

/** Time as an argument, so that tests need not wait. */
export interface Clock {
  now(): number
  sleep(ms: number): Promise<void>
}
export const realClock: Clock = {
  now: () => Date.now(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
}

/**
 * Looks again and again until what is seen is settled.
 * @returns the settled value
 * @throws Failure when the time is over; the work itself goes on at the server
 */
export async function waitUntil<T>(
  look: () => Promise<T>,
  isSettled: (seen: T) => boolean,
  waiting: Waiting,
  tooLong: (seconds: number) => Failure,
  clock: Clock = realClock,
): Promise<T> {
  const deadline = clock.now() + waiting.timeoutSeconds * 1000
  for (;;) {
    const seen = await look()
    if (isSettled(seen)) return seen
    const left = deadline - clock.now()
    if (left <= 0) throw tooLong(waiting.timeoutSeconds)
    await clock.sleep(Math.min(waiting.intervalSeconds * 1000, left))
  }
}

/** What a look found, when "not there" is an answer and not a mistake. */
export async function orGone<T>(look: Promise<T>): Promise<T | null> {
  try {
    return await look
  } catch (error) {
    if (error instanceof ApiError && (error.status === 404 || error.status === 410)) return null
    throw error
  }
}

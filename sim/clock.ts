import type { World } from '../platform/world/world.js'
import type { Random } from './random.js'

/** A customer's own patience is longer than any story's wait; in here it never ends before the story does. */
const patienceMs = 15_000

/** A clock that only moves when it is told to, and things that happen when it reaches their time. */
export interface Clock {
  now(): Date
  /** Moves on, and lets happen what was to happen by then, in order. */
  advance(ms: number): Promise<void>
  at(when: Date, happen: () => Promise<void>): void
  /** When the next thing happens by itself. */
  next(): Date | null
}

export function createClock(start: Date): Clock {
  let now = start.getTime()
  let order = 0
  const coming: { at: number; order: number; happen: () => Promise<void> }[] = []
  return {
    now: () => new Date(now),
    at: (when, happen) => {
      coming.push({ at: when.getTime(), order: order++, happen })
      coming.sort((a, b) => a.at - b.at || a.order - b.order)
    },
    next: () => (coming[0] ? new Date(coming[0].at) : null),
    async advance(ms) {
      const until = now + ms
      for (let next = coming[0]; next && next.at <= until; next = coming[0]) {
        coming.shift()
        now = Math.max(now, next.at)
        await next.happen()
      }
      now = Math.max(now, until)
    },
  }
}

/** The production code's world: this clock, these ids, this chance. Short waits move the clock. */
export function worldOf(clock: Clock, random: Random): World {
  return {
    now: clock.now,
    id: random.uuid,
    chance: random.next,
    sleep: (ms) => (ms < patienceMs ? clock.advance(ms) : new Promise(() => undefined)),
  }
}

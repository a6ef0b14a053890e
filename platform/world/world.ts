import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'

/**
 * Clock, ids and chance as one object. No room reads the clock or draws chance by itself, so that a
 * simulation can replay a world from a seed. Keys, IVs, tokens and passwords never come from here:
 * they always come from the operating system's generator (see secrets/).
 */
export interface World {
  now(): Date
  /** A new uuid. */
  id(): string
  /** At least 0, below 1. */
  chance(): number
  /** Resolves after `ms`, or at once when the signal aborts. Never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

export const realWorld: World = {
  now: () => new Date(),
  id: () => randomUUID(),
  chance: () => Math.random(),
  sleep: (ms, signal) => delay(ms, undefined, { signal, ref: true }).catch(() => undefined),
}

/**
 * Does `work` every so often until it is told to stop. One that throws is missed, and the next one comes.
 * @returns how to stop; may be repeated
 */
export function beat(world: Pick<World, 'sleep'>, everyMs: number, work: () => Promise<unknown>): () => void {
  const stopped = new AbortController()
  const go = async () => {
    for (;;) {
      await world.sleep(everyMs, stopped.signal)
      if (stopped.signal.aborted) return
      await work().catch(() => undefined)
    }
  }
  void go()
  return () => stopped.abort()
}

/** `at` plus so many milliseconds. */
export function later(at: Date, ms: number): Date {
  return new Date(at.getTime() + ms)
}

/** Back-off with jitter: doubles from `firstMs` to `mostMs`, then spreads over 75–125 %. */
export function backOffMs(world: World, tries: number, firstMs: number, mostMs: number): number {
  const plain = Math.min(mostMs, firstMs * 2 ** Math.min(tries, 30))
  return Math.round(plain * (0.75 + world.chance() / 2))
}

/** `ms` and up to a tenth more: what failed in one moment does not all come back in one. Never less than was promised. */
export function spreadMs(world: World, ms: number): number {
  return Math.round(ms * (1 + world.chance() / 10))
}

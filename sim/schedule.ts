import type { Random } from './random.js'

/** Whoever waits here goes on only when the simulation says so. */
interface Waiter {
  owner: string
  what: string
  /** Milliseconds of the world's clock. */
  at: number
  order: number
  needsTurn: boolean
  go(): void
}

/** A thing that somebody does, for the story: what its steps are called. */
export interface Task {
  owner: string
  name: string
  /** `addon.provision:ask`, as the engine says it. */
  step: string
}

/**
 * The world's clock and the order of everything in it. Code of ours runs until it waits: for a message, for a time, or
 * for its turn at the database. Then one of those that may go on is drawn. One transaction is open at a time, so any
 * number of processes are one sequence of effects, and the same seed is the same sequence.
 */
export interface Schedule {
  now(): Date
  /** Resolves when it is drawn, not before `ms` from now. Never, when its owner ended meanwhile. */
  wait(owner: string, what: string, ms: number, signal?: AbortSignal): Promise<void>
  /** The same, for the one turn at the database; the caller gives it back. */
  turn(owner: string): Promise<() => void>
  /** Something real is under way (a query): the world stands still until it has come back. */
  io<T>(work: () => Promise<T>): Promise<T>
  /** Does something now, under a name. */
  start(task: Task, work: () => Promise<void>): void
  task(): Task | undefined
  /** Forgets all that an owner waits for. */
  drop(owner: string): void
  /** An owner stands still until then. */
  hold(owner: string, ms: number): void
  isHeld(owner: string): boolean
  /** Resolves when nobody runs any more. */
  quiet(): Promise<void>
  /** Lets one that may go on now go on. @returns what it was */
  step(): { owner: string; what: string } | undefined
  /** When the next one may go on. */
  next(): Date | null
  moveTo(at: Date): void
}

/**
 * Reading and writing of files is the one real work of ours that does not come through `io`. A build that keeps a slug closes
 * three, and whether one was closed in time once decided who came next: Node lists those under another name.
 */
export const isAtFiles = () =>
  process.getActiveResourcesInfo().some((name) => name.startsWith('FSReq') || name === 'CloseReq')

export function createSchedule(start: Date, random: Random): Schedule {
  let now = start.getTime()
  let order = 0
  let waiters: Waiter[] = []
  let holder: string | null = null
  let underWay = 0
  let wake: (() => void) | undefined
  const holds = new Map<string, number>()
  // Whoever goes on does what it did when it began to wait. Node's own way to know it asked at each promise of ours, and
  // took a sixth of all that a world costs.
  let task: Task | undefined

  function add(owner: string, what: string, at: number, needsTurn: boolean, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      // Told to wait no longer, it goes on at once, but only when it is drawn.
      const cutShort = () => {
        waiter.at = Math.min(waiter.at, now)
      }
      const began = task
      const go = () => {
        signal?.removeEventListener('abort', cutShort)
        task = began
        resolve()
      }
      const waiter: Waiter = { owner, what, at, order: order++, needsTurn, go }
      waiters.push(waiter)
      signal?.addEventListener('abort', cutShort)
      if (signal?.aborted) cutShort()
    })
  }

  const readyAt = (waiter: Waiter) => Math.max(waiter.at, holds.get(waiter.owner) ?? 0)

  function mayGo(): Waiter[] {
    const due = waiters.filter((waiter) => readyAt(waiter) <= now)
    if (holder === null) return due
    const rest = due.filter((waiter) => !waiter.needsTurn)
    // Nobody else can go on, so whoever has the turn waits for a second connection of its own.
    return rest.length ? rest : due.filter((waiter) => waiter.owner === holder).slice(0, 1)
  }

  return {
    now: () => new Date(now),
    wait: (owner, what, ms, signal) => add(owner, what, now + Math.max(0, ms), false, signal),
    async turn(owner) {
      await add(owner, 'turn', now, true)
      const before = holder
      holder = owner
      return () => {
        holder = before
      }
    },
    async io(work) {
      underWay++
      try {
        return await work()
      } finally {
        if (--underWay === 0) wake?.()
      }
    },
    start(begun, work) {
      task = begun
      void work()
    },
    task: () => task,
    drop(owner) {
      waiters = waiters.filter((waiter) => waiter.owner !== owner)
      if (holder === owner) holder = null
      holds.delete(owner)
    },
    hold: (owner, ms) => void holds.set(owner, now + ms),
    isHeld: (owner) => (holds.get(owner) ?? 0) > now,
    async quiet() {
      for (let still = 0; still < 2; ) {
        await new Promise(setImmediate)
        if (underWay > 0) {
          still = 0
          await new Promise<void>((resolve) => {
            wake = resolve
          })
          wake = undefined
        } else if (isAtFiles()) still = 0
        else still++
      }
    },
    step() {
      const ready = mayGo()
      if (ready.length === 0) return undefined
      const chosen = random.pick(ready)
      waiters.splice(waiters.indexOf(chosen), 1)
      chosen.go()
      return chosen
    },
    next() {
      if (waiters.length === 0) return null
      return new Date(waiters.reduce((least, waiter) => Math.min(least, readyAt(waiter)), Number.POSITIVE_INFINITY))
    },
    moveTo(at) {
      now = Math.max(now, at.getTime())
    },
  }
}

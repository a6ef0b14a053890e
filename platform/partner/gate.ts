import { type Db, transact } from '../db/db.js'
import type { OutboundAnswer } from '../http/outbound.js'
import { backOffMs, later, type World } from '../world/world.js'
import { isSick } from './answers.js'
import * as store from './circuit-store.js'

/** When a provider is left alone. Milliseconds and counts. */
export interface GateLimits {
  /** Questions that one process has under way at one provider. */
  questionsAtOnceMax: number
  /** How long a question waits for its turn; then it counts as not sent. */
  turnMsMax: number
  /** Failures in a row, about different resources, that open the circuit. */
  failuresMax: number
  /** For how long nothing is sent; doubled each time that the probe fails. */
  openFirstMs: number
  openMostMs: number
  /** A probe that never came back gives its right away after so long. */
  probeMsMax: number
}

/** Recovery is noticed within a minute, so that what waited is settled within two. */
export const standardGate: GateLimits = {
  questionsAtOnceMax: 16,
  turnMsMax: 5_000,
  failuresMax: 5,
  openFirstMs: 5_000,
  openMostMs: 45_000,
  probeMsMax: 60_000,
}

export function scaledGate(factor: number): GateLimits {
  const { questionsAtOnceMax, failuresMax, ...times } = standardGate
  const scaled = Object.fromEntries(Object.entries(times).map(([name, ms]) => [name, Math.round(ms * factor)]))
  return { questionsAtOnceMax, failuresMax, ...scaled } as GateLimits
}

/** Lets questions through to a provider, or not: one that is sick holds up nobody but its own customers. */
export interface Gate {
  pass(to: { serviceId: string; addonId: string }, send: () => Promise<OutboundAnswer>): Promise<OutboundAnswer>
}

export const openGate: Gate = { pass: (_, send) => send() }

/**
 * How many are under way is counted in this process; whether the circuit is open is known to all processes, since a
 * worker need not learn again what another has just paid 25 s to find out. A healthy provider costs one read a question.
 */
export function createGate(deps: { db: Db; world: World }, limits: GateLimits = standardGate): Gate {
  const { db, world } = deps
  const underWay = new Map<string, { count: number; turns: (() => void)[] }>()

  /** @returns whether it got a place; whoever got one gives it back by `leave` */
  async function enter(serviceId: string): Promise<boolean> {
    const place = underWay.get(serviceId) ?? { count: 0, turns: [] }
    underWay.set(serviceId, place)
    if (place.count < limits.questionsAtOnceMax) {
      place.count++
      return true
    }
    const stop = new AbortController()
    let mine = (): void => undefined
    const turn = new Promise<true>((resolve) => {
      mine = () => resolve(true)
      place.turns.push(mine)
    })
    const got = await Promise.race([turn, world.sleep(limits.turnMsMax, stop.signal).then(() => false)])
    stop.abort()
    if (got) return true
    const at = place.turns.indexOf(mine)
    // Its turn may have come in the same moment as the end of its patience.
    if (at < 0) return true
    place.turns.splice(at, 1)
    return false
  }

  function leave(serviceId: string): void {
    const place = underWay.get(serviceId)
    if (!place) return
    const next = place.turns.shift()
    if (next) next()
    else if (--place.count === 0) underWay.delete(serviceId)
  }

  /** Why nothing may be sent now, or null. */
  async function closedFor(serviceId: string): Promise<string | null> {
    const circuit = await store.findCircuit(db, serviceId)
    if (circuit?.state !== 'open') return null
    const at = world.now()
    if (await store.claimProbe(db, serviceId, at, later(at, limits.probeMsMax))) return null
    return `its circuit is open, because it failed ${circuit.failures} times in a row (${circuit.lastReason ?? 'no answer'})`
  }

  async function learn(to: { serviceId: string; addonId: string }, answer: OutboundAnswer): Promise<void> {
    const at = world.now()
    const reason = isSick(answer)
    if (reason === null) {
      // Whatever waited because of the failures is due now.
      if (await store.closeCircuit(db, to.serviceId, at))
        await transact(db, (tx) => store.hurry(tx, to.serviceId, at, waitersMax))
      return
    }
    const circuit = await store.recordFailure(db, { ...to, reason, at })
    if (!circuit || (circuit.state === 'closed' && circuit.failures < limits.failuresMax)) return
    const pauseMs = backOffMs(world, circuit.opens, limits.openFirstMs, limits.openMostMs)
    // A straggler that was sent before it opened does not make the pause longer.
    const isStraggler = circuit.state === 'open' && circuit.probingUntil === null
    if (!isStraggler)
      await store.openCircuit(db, { serviceId: to.serviceId, opens: circuit.opens, retryAt: later(at, pauseMs), at })
  }

  return {
    async pass(to, send) {
      if (!(await enter(to.serviceId)))
        return { got: 'not sent', reason: `${limits.questionsAtOnceMax} questions wait for its answers already` }
      try {
        const closed = await closedFor(to.serviceId)
        if (closed !== null) return { got: 'not sent', reason: closed }
        const answer = await send()
        await learn(to, answer)
        return answer
      } finally {
        leave(to.serviceId)
      }
    },
  }
}

/** Far more than ever waits for one provider. */
const waitersMax = 10_000

/**
 * Nobody may be asking a provider by itself for an hour, since what waits for it backs off: one of them goes ahead as soon
 * as the circuit allows. @returns how many were sent ahead
 */
export async function sendAhead(deps: { db: Db; world: World }): Promise<number> {
  const at = deps.world.now()
  let sent = 0
  for (const serviceId of await store.circuitsToProbe(deps.db, at))
    sent += await transact(deps.db, (tx) => store.hurry(tx, serviceId, at, 1))
  return sent
}

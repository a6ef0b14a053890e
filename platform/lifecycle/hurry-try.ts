import { findCircuit } from '../partner/circuit-store.js'
import type { Attempt } from '../partner/question-store.js'
import { operationLog } from '../saga/store.js'
import type { LifecycleDeps } from './deps.js'
import type { NextTry } from './patience.js'

/**
 * A try that is not due yet, when an operator has asked for it since the last one: due now, or when the provider's circuit
 * lets questions through. Such a wish names the attempt that it came after, so it is spent by the one that follows, and a
 * process that takes over finds it.
 * @param step what the record of attempts asks for
 */
export async function hurryTry(
  deps: Pick<LifecycleDeps, 'db' | 'world'>,
  of: { operationId: string; serviceId: string; attempts: readonly Attempt[] },
  step: NextTry,
): Promise<NextTry> {
  if (step.next !== 'later') return step
  const last = of.attempts.at(-1)?.number
  const log = await operationLog(deps.db, of.operationId)
  if (!log.some(({ kind, note }) => kind === 'retried' && note?.['after_attempt'] === last)) return step
  const circuit = await findCircuit(deps.db, of.serviceId)
  const pauseMs = circuit?.state === 'open' ? (circuit.retryAt?.getTime() ?? 0) - deps.world.now().getTime() : 0
  // What a closed way would only refuse is not to cost one of the few tries.
  return pauseMs > 0 ? { ...step, afterMs: Math.min(step.afterMs, pauseMs) } : { next: 'now', number: null }
}

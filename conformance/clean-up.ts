import { setTimeout as pause } from 'node:timers/promises'
import { outcomeOf, statusOf } from './exchange.js'
import type { Debt, Ledger } from './ledger.js'
import type { PartnerClient } from './partner.js'
import type { CleanUp } from './report.js'

/**
 * Removes whatever the inspection may have made, also after an interruption. Each is asked for as often as there may
 * be copies of it, and again for a while when the provider is not ready for it.
 */
export async function cleanUp(ledger: Ledger, partner: PartnerClient, cleanupMs: number): Promise<CleanUp> {
  const until = performance.now() + cleanupMs
  const said = new Map<Debt, string>()
  for (let round = 0; ledger.owed().some(({ pathId }) => pathId !== null); round++) {
    if (round > 0) await pause(Math.min(200 * round, 2_000))
    for (const debt of ledger.owed()) {
      // In the first round all copies are asked for; a repeat that answers 410 settles the rest.
      for (let copy = debt.copies; debt.pathId !== null && copy > 0 && debt.copies > 0; copy--) {
        const exchange = await partner.deprovision(
          { uuid: debt.uuid, id: debt.pathId, herokuId: '' },
          { isCleanup: true, ...(said.get(debt) === '406' ? { accept: '*/*' } : {}) },
        )
        said.set(debt, outcomeOf(exchange))
        if (statusOf(exchange) === 0 || statusOf(exchange) >= 400) break
      }
    }
    if (performance.now() > until) break
  }
  const left = ledger.owed().map((debt) => {
    if (debt.pathId === null) return `The resource of the request ${debt.uuid} may exist; its id was never told.`
    return `${debt.pathId} may still exist: its removal got ${said.get(debt) ?? 'no answer'}.`
  })
  return { made: ledger.size, left }
}

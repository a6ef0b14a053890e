import { routes } from '@mortise/contract/platform-api/routes'
import { timestamp } from '@mortise/contract/platform-api/shared'
import type { Db } from '../db/db.js'
import { type Handler, handle } from '../http/handle.js'
import { listProcesses } from '../processes/store.js'
import { later, type World } from '../world/world.js'
import { type Answers, listAnswers, listDepths, standing } from './pulse-store.js'

/** An hour, minute by minute: as far back as a person remembers doing something. */
const stepSeconds = 60
const steps = 60
/** Due for longer than this and not taken up, work is overdue: no process works, or they are too few. */
const overdueSeconds = 60

/** In one answer whether all is well, and how it came to that. */
export function pulseRoutes({ db, world }: { db: Db; world: World }): Handler[] {
  return [
    handle(routes.pulse.info, async () => {
      const at = world.now()
      const window = { from: later(at, -steps * stepSeconds * 1_000), step: stepSeconds, steps }
      const [now, depths, answers, processes] = await Promise.all([
        standing(db, later(at, -overdueSeconds * 1_000)),
        listDepths(db, window),
        listAnswers(db, window),
        listProcesses(db),
      ])
      const { running, waiting, parked, stuck } = now
      return {
        at: timestamp(at),
        needs_you: {
          stuck_operations: stuck,
          stuck_ledger_entries: now.stuckEntries,
          discrepancies: now.discrepancies,
          open_circuits: now.openCircuits,
          silent_processes: processes.filter((one) => one.isSilent).length,
        },
        operations: { running, waiting, parked, stuck },
        overdue_since: now.overdueSince && timestamp(now.overdueSince),
        step: stepSeconds,
        series: depths.map((one) => ({
          at: timestamp(one.at),
          operations: one.operations,
          rolls: one.rolls,
          webhook_deliveries: one.deliveries,
          debts: one.debts,
        })),
        providers: providersOf(answers, window.from),
      }
    }),
  ]
}

/** Every step of every provider that was asked something, so that a line has no gap where it was quiet. */
function providersOf(answers: readonly Answers[], from: Date) {
  const byId = new Map<string, Answers[]>()
  for (const one of answers) byId.set(one.id, [...(byId.get(one.id) ?? []), one])
  return [...byId].map(([id, theirs]) => ({
    id,
    name: theirs[0]?.name ?? '',
    series: Array.from({ length: steps }, (_, step) => {
      const found = theirs.find((one) => one.step === step)
      return {
        at: timestamp(later(from, (step + 1) * stepSeconds * 1_000)),
        questions: found?.questions ?? 0,
        unclear: found?.unclear ?? 0,
        latency_ms: found?.p50 == null ? null : Math.round(found.p50),
      }
    }),
  }))
}

import { type Static, Type } from '@sinclair/typebox'
import { route } from '../route.js'
import { Nullable, Timestamp, Uuid } from './shared.js'

const Count = Type.Integer({ minimum: 0 })

/** How much was waiting at a time. */
const Depths = {
  operations: Count,
  rolls: Count,
  webhook_deliveries: Count,
  debts: Count,
}

/** Ours: how work flows through the installation, now and over the last hour. */
export const Pulse = Type.Object({
  at: Timestamp,
  /** What needs somebody: stories and ledger entries that nothing repairs by itself, open discrepancies, silent processes. */
  needs_you: Type.Object({
    stuck_operations: Count,
    stuck_ledger_entries: Count,
    discrepancies: Count,
    open_circuits: Count,
    silent_processes: Count,
  }),
  /** Of the operations that have not ended, by what they do. */
  operations: Type.Object({ running: Count, waiting: Count, parked: Count, stuck: Count }),
  /** Since when the longest waiting of them is due and not taken up; null when none is. */
  overdue_since: Nullable(Timestamp),
  /** Seconds from one point of the series to the next. */
  step: Count,
  series: Type.Array(Type.Object({ at: Timestamp, ...Depths })),
  providers: Type.Array(
    Type.Object({
      id: Uuid,
      name: Type.String(),
      /** In each step: questions, those of them without a clear answer, and half of the answers' time. */
      series: Type.Array(Type.Object({ at: Timestamp, questions: Count, unclear: Count, latency_ms: Nullable(Count) })),
    }),
  ),
})
export type Pulse = Static<typeof Pulse>

export const pulseRoutes = {
  info: route({
    method: 'GET',
    path: '/pulse',
    title: 'Pulse: queue depths and providers’ answers, minute by minute over the last hour',
    permission: 'operator',
    scope: 'read',
    answer: Pulse,
    status: 200,
  }),
}

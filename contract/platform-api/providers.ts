import { type Static, Type } from '@sinclair/typebox'
import { route } from '../route.js'
import { Nullable, Ref, Timestamp, Uuid } from './shared.js'

const Count = Type.Integer({ minimum: 0 })

/** How the provider of a service did lately, and what waits for it. */
export const ProviderHealth = Type.Object({
  addon_service: Ref,
  /** Open: nothing is sent to it until `retry_at`, when one question goes ahead. */
  circuit: Type.Object({
    state: Type.Union([Type.Literal('closed'), Type.Literal('open')]),
    failures: Count,
    reason: Nullable(Type.String()),
    retry_at: Nullable(Timestamp),
  }),
  /** Of the questions of the window, the part that got no clear answer or was not sent: 0 to 1. Null without questions. */
  error_rate: Nullable(Type.Number({ minimum: 0, maximum: 1 })),
  /** The newest answer of the window that says that provider and platform do not understand each other, or null. */
  fault: Nullable(Type.Object({ at: Timestamp, note: Nullable(Type.String()), status: Nullable(Type.Integer()) })),
  /** The service's. */
  id: Uuid,
  in_flight: Count,
  /** Of the ledger with what the provider lists; null where it does not list. */
  comparison: Nullable(
    Type.Object({
      /** Of the last whole list. */
      compared_at: Nullable(Timestamp),
      listed: Nullable(Count),
      next_at: Timestamp,
      note: Nullable(Type.String()),
      /** What the last one came to; `whole` is good. Null before the first. */
      outcome: Nullable(Type.String()),
    }),
  ),
  /** Where the two do not agree and nobody has looked yet. */
  discrepancies: Count,
  /** From the question until its answer was read; null when none was answered in the window. */
  latency_ms: Nullable(Type.Object({ p50: Count, p95: Count, p99: Count })),
  name: Type.String(),
  /** Operations that wait for their next try, and for a call-back. */
  waiting: Count,
  parked: Count,
  questions: Count,
  /** On the ledger. */
  held: Count,
  owed: Count,
  stuck: Count,
  /** Seconds that the figures look back. */
  window: Count,
})
export type ProviderHealth = Static<typeof ProviderHealth>

export const providerRoutes = {
  list: route({
    method: 'GET',
    path: '/providers',
    title: 'Provider health list',
    permission: 'operator',
    scope: 'read',
    answer: Type.Array(ProviderHealth),
    status: 200,
    list: { fields: ['name', 'id'] },
  }),
  compare: route({
    method: 'POST',
    path: '/providers/:service/actions/compare',
    title: 'Provider compare',
    permission: 'operator',
    scope: 'write',
    answer: ProviderHealth,
    status: 202,
  }),
}

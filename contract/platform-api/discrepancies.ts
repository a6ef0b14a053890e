import { type Static, Type } from '@sinclair/typebox'
import { route } from '../route.js'
import { Nullable, Ref, Timestamp, Uuid } from './shared.js'

/**
 * unknown: the provider lists what the platform never asked for · gone: it lists what is gone here · missing: it does not
 * list what is in use here · twice: it lists one uuid under two ids.
 */
export const discrepancyKinds = ['unknown', 'gone', 'missing', 'twice'] as const
/** open: nobody looked yet · adopted: on the ledger to be removed · forgotten: an operator left it so. */
export const discrepancyStates = ['open', 'adopted', 'forgotten'] as const
export const discrepancyVerbs = ['adopt', 'forget'] as const

/** Where the ledger and a provider's list do not agree. It ends by itself when a later list shows it no more. */
export const Discrepancy = Type.Object({
  addon: Nullable(Ref),
  addon_service: Ref,
  found_at: Timestamp,
  id: Uuid,
  kind: Type.Union(discrepancyKinds.map((kind) => Type.Literal(kind))),
  provider_id: Nullable(Type.String()),
  reason: Type.String(),
  /** By which the provider lists it. */
  resource: Nullable(Uuid),
  seen_at: Timestamp,
  state: Type.Union(discrepancyStates.map((state) => Type.Literal(state))),
  updated_at: Timestamp,
  verbs: Type.Array(Type.Union(discrepancyVerbs.map((verb) => Type.Literal(verb)))),
})
export type Discrepancy = Static<typeof Discrepancy>

const operator = { permission: 'operator', status: 200 } as const
const Reason = Type.Object({ reason: Type.String({ minLength: 1, maxLength: 500 }) })

export const discrepancyRoutes = {
  list: route({
    ...operator,
    method: 'GET',
    path: '/discrepancies',
    title: 'Discrepancy list',
    scope: 'read',
    query: Type.Object({
      /** One of the states; without it all that have not ended. */
      'eq[state]': Type.Optional(Type.String()),
      'eq[provider]': Type.Optional(Type.String()),
    }),
    answer: Type.Array(Discrepancy),
    list: { fields: ['found_at', 'id', 'updated_at'] },
  }),
  adopt: route({
    ...operator,
    method: 'POST',
    path: '/discrepancies/:discrepancy/actions/adopt',
    title: 'Discrepancy adopt',
    scope: 'write',
    body: Reason,
    answer: Discrepancy,
  }),
  forget: route({
    ...operator,
    method: 'POST',
    path: '/discrepancies/:discrepancy/actions/forget',
    title: 'Discrepancy forget',
    scope: 'write',
    body: Reason,
    answer: Discrepancy,
  }),
}

import { type Static, Type } from '@sinclair/typebox'
import { eventActions } from '../events/names.js'
import { route } from '../route.js'
import { Nullable, Ref, Timestamp, UserRef, Uuid } from './shared.js'

const Facts = Type.Record(Type.String(), Type.Unknown())

/** Ours: one fact of an audit trail: an app's, a team's, an account's or the whole installation's. Holds names and states, never a value of a config var or another secret. */
export const Activity = Type.Object({
  action: Type.Union(eventActions.map((action) => Type.Literal(action))),
  actor: UserRef,
  created_at: Timestamp,
  data: Facts,
  id: Uuid,
  previous_data: Facts,
  /** The app that it happened on, or null; only in the operator's list. */
  app: Type.Optional(Nullable(Ref)),
  /** `addon`, `release`, …: what webhooks call them, and `config-read`, which is made when somebody reads values. */
  resource: Type.String(),
  /** Grows with time; lists are ordered by it. */
  seq: Type.Integer(),
  subject: Type.Object({ id: Uuid, name: Nullable(Type.String()) }),
})
export type Activity = Static<typeof Activity>

const Word = Type.Optional(Type.String({ maxLength: 320 }))

/** What a trail may be narrowed to. */
const Narrowed = Type.Object({ 'eq[action]': Word, 'eq[actor]': Word, 'eq[resource]': Word })

export const activityRoutes = {
  // What happened on an app may name addresses, so it takes more than seeing it.
  listOfApp: route({
    method: 'GET',
    path: '/apps/:app/activity',
    title: 'Activity list of an app; states of dynos only when asked for by name',
    permission: 'app.operate',
    scope: 'read',
    query: Narrowed,
    answer: Type.Array(Activity),
    status: 200,
    list: { fields: ['seq', 'id'] },
  }),
  listOfAccount: route({
    method: 'GET',
    path: '/account/activity',
    title: 'Activity list of the own account: sign-ins, tokens, teams, and what the operator changed',
    permission: 'account',
    scope: 'read-protected',
    query: Narrowed,
    answer: Type.Array(Activity),
    status: 200,
    list: { fields: ['seq', 'id'] },
  }),
  listOfTeam: route({
    method: 'GET',
    path: '/teams/:team/activity',
    title: 'Activity list of a team: who invited whom, who changed which role',
    permission: 'team.admin',
    scope: 'read',
    query: Narrowed,
    answer: Type.Array(Activity),
    status: 200,
    list: { fields: ['seq', 'id'] },
  }),
  list: route({
    method: 'GET',
    path: '/activity',
    title: 'Activity list of the whole installation; states of dynos only when asked for by name',
    permission: 'operator',
    scope: 'read',
    errors: ['not_found', 'invalid_params'],
    query: Type.Object({
      /** A person or a team: what happened to it, as its own list tells. */
      'eq[account]': Word,
      'eq[action]': Word,
      'eq[actor]': Word,
      'eq[app]': Word,
      'eq[resource]': Word,
      /** From this time on, and until it: ISO 8601. */
      'ge[created_at]': Word,
      'le[created_at]': Word,
    }),
    answer: Type.Array(Activity),
    status: 200,
    list: { fields: ['seq', 'id'] },
  }),
}

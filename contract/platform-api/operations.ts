import { type Static, Type } from '@sinclair/typebox'
import { route } from '../route.js'
import { Nullable, Ref, Timestamp, UserRef, Uuid } from './shared.js'

/**
 * running: worked on now · waiting: tried again by itself · parked: somebody else must move, until a limit ·
 * unwinding: decided against, being taken back · stuck: only an operator's verb moves it · done, unwound: ended.
 */
export const operationStates = ['running', 'waiting', 'parked', 'unwinding', 'stuck', 'done', 'unwound'] as const
export type OperationState = (typeof operationStates)[number]

export const operationVerbs = ['retry', 'cancel', 'settle'] as const
export type OperationVerb = (typeof operationVerbs)[number]

export const storytellers = ['customer', 'operator', 'platform', 'provider'] as const

/** One sentence of what happened. Never a value of a config var. */
export const StoryLine = Type.Object({
  at: Timestamp,
  step: Type.String(),
  who: Type.Union(storytellers.map((who) => Type.Literal(who))),
  text: Type.String(),
  /** What a provider's answer came to; the class is a word of the table of answers. */
  answer: Type.Optional(
    Type.Object({
      class: Type.String(),
      status: Nullable(Type.Integer()),
      message: Nullable(Type.String()),
      /** For the operator only: what the platform saw. Of what was not clear, the ledger keeps the body for a while. */
      note: Type.Optional(Nullable(Type.String())),
    }),
  ),
})
export type StoryLine = Static<typeof StoryLine>

/** One durable story about an add-on or an app. */
export const Operation = Type.Object({
  actor: UserRef,
  addon: Nullable(Ref),
  addon_service: Nullable(Ref),
  app: Nullable(Ref),
  created_at: Timestamp,
  /** Whether a provider may have done what it was asked and did not say so clearly. */
  doubtful: Type.Boolean(),
  ended_at: Nullable(Timestamp),
  id: Uuid,
  /** `addon.provision`, `addon.provision-together`, `addon.change-plan`, `addon.deprovision`, `app.change` or `app.destroy`. */
  kind: Type.String(),
  reason: Nullable(Type.String()),
  state: Type.Union(operationStates.map((state) => Type.Literal(state))),
  step: Type.String(),
  /** Left out of the operator's list. */
  story: Type.Optional(Type.Array(StoryLine)),
  tries: Type.Integer(),
  updated_at: Timestamp,
  /** What an operator may do with it now. */
  verbs: Type.Array(Type.Union(operationVerbs.map((verb) => Type.Literal(verb)))),
  /** For whom or what it waits, and until when at most; null when it waits for nobody. */
  waits: Nullable(Type.Object({ for: Type.String(), until: Nullable(Timestamp) })),
})
export type Operation = Static<typeof Operation>

/**
 * asked: not answered yet · held: a live resource · owed: to be removed at the provider · watching: said to be gone, and
 * asked again since it was once in doubt · stuck: needs an operator · clear: known gone, or never made.
 */
export const ledgerStates = ['asked', 'held', 'owed', 'watching', 'stuck', 'clear'] as const
export type LedgerState = (typeof ledgerStates)[number]
export const ledgerVerbs = ['retry', 'adopt', 'forget'] as const

/** One resource that a provider was ever asked for. */
export const LedgerEntry = Type.Object({
  addon: Ref,
  addon_service: Ref,
  addon_state: Type.String(),
  app: Nullable(Ref),
  /** How often its removal was tried since it is owed. */
  attempts: Type.Integer(),
  created_at: Timestamp,
  doubtful: Type.Boolean(),
  /** Set when an operator told the platform to forget it. */
  forgotten_at: Nullable(Timestamp),
  /** The add-on's. */
  id: Uuid,
  last_answer: Nullable(
    Type.Object({
      at: Timestamp,
      class: Type.String(),
      note: Nullable(Type.String()),
      status: Nullable(Type.Integer()),
    }),
  ),
  next_try_at: Nullable(Timestamp),
  owed_at: Nullable(Timestamp),
  provider_id: Nullable(Type.String()),
  reason: Nullable(Type.String()),
  state: Type.Union(ledgerStates.map((state) => Type.Literal(state))),
  updated_at: Timestamp,
  verbs: Type.Array(Type.Union(ledgerVerbs.map((verb) => Type.Literal(verb)))),
})
export type LedgerEntry = Static<typeof LedgerEntry>

/** The body of an answer that was not clear, as it came. May hold secrets; every look is on record. */
export const KeptAnswer = Type.Object({
  answered_at: Timestamp,
  /** Of the attempts at this question, from 1. */
  attempt: Type.Integer({ minimum: 1 }),
  body: Type.String(),
  /** A word of the table of answers. */
  class: Type.String(),
  /** Whether there was more than is kept. */
  cut: Type.Boolean(),
  id: Uuid,
  kept_until: Timestamp,
  question: Type.Union([Type.Literal('provision'), Type.Literal('plan'), Type.Literal('deprovision')]),
  status: Nullable(Type.Integer()),
})
export type KeptAnswer = Static<typeof KeptAnswer>

const Text = (most: number) => Type.String({ minLength: 1, maxLength: most })
const Reason = Text(500)
const OptionalReason = Type.Object({ reason: Type.Optional(Nullable(Reason)) })
const operator = { permission: 'operator', status: 200 } as const

export const operationRoutes = {
  list: route({
    ...operator,
    method: 'GET',
    path: '/operations',
    title: 'Operation list',
    scope: 'read',
    query: Type.Object({
      /** One of the states, or `open` for all that have not ended. */
      'eq[state]': Type.Optional(Type.String()),
      'eq[app]': Type.Optional(Type.String()),
      'eq[addon]': Type.Optional(Type.String()),
      'eq[provider]': Type.Optional(Type.String()),
    }),
    answer: Type.Array(Operation),
    list: { fields: ['created_at', 'id', 'updated_at'] },
  }),
  info: route({
    ...operator,
    method: 'GET',
    path: '/operations/:operation',
    title: 'Operation info',
    scope: 'read',
    answer: Operation,
  }),
  listOfAddon: route({
    method: 'GET',
    path: '/addons/:addon/operations',
    title: 'Operation list of an add-on',
    permission: 'addon.view',
    scope: 'read',
    answer: Type.Array(Operation),
    status: 200,
    list: { fields: ['created_at', 'id', 'updated_at'] },
  }),
  listOfApp: route({
    method: 'GET',
    path: '/apps/:app/operations',
    title: 'Operation list of an app: its own and those of its add-ons, the newest',
    permission: 'app.view',
    scope: 'read',
    answer: Type.Array(Operation),
    status: 200,
    list: { fields: ['created_at', 'id', 'updated_at'] },
  }),
  retry: route({
    ...operator,
    method: 'POST',
    path: '/operations/:operation/actions/retry',
    title: 'Operation retry',
    scope: 'write',
    body: OptionalReason,
    answer: Operation,
  }),
  cancel: route({
    ...operator,
    method: 'POST',
    path: '/operations/:operation/actions/cancel',
    title: 'Operation cancel',
    scope: 'write',
    body: OptionalReason,
    answer: Operation,
  }),
  settle: route({
    ...operator,
    method: 'POST',
    path: '/operations/:operation/actions/settle',
    title: 'Operation settle',
    scope: 'write',
    body: Type.Object({
      outcome: Type.Union([Type.Literal('changed'), Type.Literal('unchanged')]),
      reason: Type.Optional(Nullable(Reason)),
    }),
    answer: Operation,
  }),
}

export const ledgerRoutes = {
  list: route({
    ...operator,
    method: 'GET',
    path: '/ledger',
    title: 'Ledger list',
    scope: 'read',
    query: Type.Object({
      /** One of the states; without it everything that is not known to be gone. */
      'eq[state]': Type.Optional(Type.String()),
      'eq[provider]': Type.Optional(Type.String()),
    }),
    answer: Type.Array(LedgerEntry),
    list: { fields: ['created_at', 'id', 'updated_at'] },
  }),
  info: route({
    ...operator,
    method: 'GET',
    path: '/ledger/:addon',
    title: 'Ledger info',
    scope: 'read',
    answer: LedgerEntry,
  }),
  answers: route({
    ...operator,
    method: 'GET',
    path: '/ledger/:addon/answers',
    title: 'Ledger answers',
    scope: 'read-protected',
    answer: Type.Array(KeptAnswer),
    list: { fields: ['answered_at', 'id'] },
  }),
  retry: route({
    ...operator,
    method: 'POST',
    path: '/ledger/:addon/actions/retry',
    title: 'Ledger retry',
    scope: 'write',
    body: OptionalReason,
    answer: LedgerEntry,
  }),
  adopt: route({
    ...operator,
    method: 'POST',
    path: '/ledger/:addon/actions/adopt',
    title: 'Ledger adopt',
    scope: 'write',
    body: Type.Object({
      /** The provider's own id of the resource, where it never told it. */
      provider_id: Type.Optional(Nullable(Text(1000))),
      reason: Reason,
    }),
    answer: LedgerEntry,
  }),
  forget: route({
    ...operator,
    method: 'POST',
    path: '/ledger/:addon/actions/forget',
    title: 'Ledger forget',
    scope: 'write',
    body: Type.Object({ reason: Reason }),
    answer: LedgerEntry,
  }),
}

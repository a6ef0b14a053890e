import type { Tx } from '../db/db.js'
import type { World } from '../world/world.js'

/** Who asked for it, as it stands in operations, events and releases. Never a secret. */
export interface Actor {
  id: string
  email: string
}

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json }
export type JsonObject = { [name: string]: Json }

export const openStates = ['running', 'waiting', 'parked', 'unwinding', 'stuck'] as const
/**
 * running: a process works on it, or did until its lease ran out · waiting: tried again at `nextAt` ·
 * parked: somebody else must move, until `nextAt` · unwinding: decided against, undo not yet committed ·
 * done, unwound: ended · stuck: only an operator's verb moves it.
 */
export type OperationState = (typeof openStates)[number] | 'done' | 'unwound'

/** One durable story under way: the saga's row. */
export interface Operation<Params = unknown, Found = unknown> {
  readonly id: string
  readonly saga: string
  /** What it is about; at most one open operation per subject. */
  readonly subject: string
  readonly appId: string | null
  readonly parentId: string | null
  readonly actor: Actor
  readonly params: Params
  /** What each finished step returned, by step name. */
  readonly found: Partial<Found>
  /** What call-backs told meanwhile; never values of config vars. */
  readonly facts: JsonObject
  readonly step: string
  readonly state: OperationState
  readonly reason: string | null
  readonly tries: number
  /** Faults of ours, one after the other. */
  readonly faults: number
  readonly epoch: number
  readonly nextAt: Date
  readonly deadline: Date | null
  readonly createdAt: Date
  readonly endedAt: Date | null
}

/** What a call step decides. Expected outcomes are values; an exception is a bug or a lost database. */
export type Decision<T> =
  | { decided: 'done'; found: T }
  /** Passing trouble: the same step again after so long. */
  | { decided: 'again'; afterMs: number; reason: string }
  /** Somebody else must move; the step runs again when woken, or at `until`. */
  | { decided: 'park'; until: Date; reason: string }
  /** A decision against: every step up to this one is undone. */
  | { decided: 'unwind'; reason: string; found?: T }
  /** Nothing we can do by ourselves. */
  | { decided: 'stuck'; reason: string }

/**
 * A decision against, from within a local step: thrown, since nothing of the step's transaction may stay. The words are
 * the operation's reason.
 */
export class Against extends Error {}

export interface StepContext {
  world: World
  /** Extends the lease. @throws Fenced when another process has taken the operation over */
  renew(): Promise<void>
  /** Whether it may have begun before: in an earlier drive, or in this one, thrown out by a fault that passes. */
  isAgain: boolean
}

interface LocalStep<Params, Found, T> {
  kind: 'local'
  /** One local transaction, committed together with the journal. May run twice. @throws Against to decide against */
  do(tx: Tx, operation: Operation<Params, Found>): Promise<T>
  undo?(tx: Tx, operation: Operation<Params, Found>): Promise<void>
}

interface CallStep<Params, Found, T> {
  kind: 'call'
  /** Speaks to the world outside. May run twice: a crash can come between the call and its record. */
  do(context: StepContext, operation: Operation<Params, Found>): Promise<Decision<T>>
  /** Local and immediate. Runs when the step began, whether or not it came to an answer. */
  undo?(tx: Tx, operation: Operation<Params, Found>): Promise<void>
}

export type Step = { name: string } & (LocalStep<any, any, any> | CallStep<any, any, any>)

/** A story as a table: steps in order, each with its do and its undo. */
export interface Saga<Params = any, Found = any> {
  readonly name: string
  readonly steps: readonly Step[]
  /** Whom it waits for outside; of one queue only so many are worked on in the background at a time. */
  readonly queueOf?: (params: Params) => string
  /** Types only. */
  readonly _types?: { params: Params; found: Found }
}

class Table<Params, Found> implements Saga<Params, Found> {
  readonly name: string
  readonly steps: readonly Step[]
  readonly queueOf?: (params: Params) => string
  constructor(name: string, steps: readonly Step[], queueOf?: (params: Params) => string) {
    this.name = name
    this.steps = steps
    if (queueOf) this.queueOf = queueOf
  }

  /** A step that is one transaction of ours. */
  local<const Name extends string, T>(
    name: Name,
    step: Omit<LocalStep<Params, Found, T>, 'kind'>,
  ): Table<Params, Found & { [K in Name]: T }> {
    return new Table(this.name, [...this.steps, { name, kind: 'local', ...step }], this.queueOf)
  }

  /** A step that asks somebody outside. */
  call<const Name extends string, T>(
    name: Name,
    step: Omit<CallStep<Params, Found, T>, 'kind'>,
  ): Table<Params, Found & { [K in Name]: T }> {
    return new Table(this.name, [...this.steps, { name, kind: 'call', ...step }], this.queueOf)
  }
}

/**
 * Begins a saga's table. The first step must be local: it commits together with the operation's row.
 * Its parameters are JSON and hold no secrets.
 */
export function saga<Params>(name: string, queueOf?: (params: Params) => string): Table<Params, object> {
  return new Table<Params, object>(name, [], queueOf)
}

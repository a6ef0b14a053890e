import { type Db, isPassing, type Tx, transact } from '../db/db.js'
import { inTurn } from '../db/in-turn.js'
import { backOffMs, later, type World } from '../world/world.js'
import {
  type Actor,
  Against,
  type Decision,
  type Json,
  type JsonObject,
  type Operation,
  type Saga,
  type Step,
  type StepContext,
} from './saga.js'
import * as store from './store.js'

/** How long a claimed operation is ours without a word from us. Longer than any one question may take. */
export const leaseMs = 60_000
/** Faults of ours (a bug, a lost database), one after the other: tried again this often before an operator is asked. */
export const faultTriesMax = 12
/** Operations of one queue that the background works on at a time; fewer than a process has lanes, so that others get on. */
export const queueMaxDefault = 4
const faultDelayFirstMs = 500
const faultDelayMostMs = 5 * 60_000
/** Pauses before a fault is written down again; together far less than a lease. */
const recordPausesMs = [500, 1_000, 2_000, 4_000, 8_000]

/** Another process has taken the operation over: whatever we were about to write must not be written. */
export class Fenced extends Error {}

/** For tests: fail at a step, run steps or undos twice. The engine is the same; only the story is made hard. */
export interface Trials {
  failAt?: string
  stepsTwice?: boolean
  undosTwice?: boolean
  /** Called before each step; throwing is a crash of ours. */
  before?(step: string, operation: Operation): void | Promise<void>
}

export interface EngineOptions {
  db: Db
  world: World
  sagas: readonly Saga[]
  trials?: Trials
  /** Of one queue, so many are worked on in the background at a time. */
  queueMax?: number
  /** The process that claims, by its id, so that others learn whose a lease was; none outside of an installation. */
  owner?: string
  onFault?(error: unknown, operation: Operation): void
}

export interface Beginning<Params> {
  id: string
  subject: string
  appId: string | null
  parentId?: string
  actor: Actor
  params: Params
  deadline?: Date
}

export interface Engine {
  /** Writes the operation and runs its first step in the caller's transaction. The caller drives it after the commit. */
  begin<Params>(tx: Tx, saga: Saga<Params>, beginning: Beginning<Params>): Promise<Operation<Params>>
  /** Runs the operation until it ends, waits, parks or is taken over. */
  drive(operation: Operation): Promise<Operation>
  /** Leaves a fact. When the operation was parked it is claimed: the caller drives it after the commit. */
  tell(tx: Tx, operationId: string, fact: JsonObject): Promise<{ operation: Operation; claimed: boolean } | undefined>
  /** What call-backs have told by now; a step that asks looks again after a doubtful answer. */
  factsOf(operationId: string): Promise<JsonObject>
  /** Undoes everything now, in the caller's transaction, and fences off whoever is working on it. */
  cancel(tx: Tx, operation: Operation, reason: string, note?: JsonObject): Promise<void>
  /**
   * Takes it up at once, however long it would have waited, and even when it was stuck. The caller drives it after the commit.
   * @returns undefined when it ended, waits for somebody else, or is being worked on
   */
  retry(tx: Tx, operation: Operation, note: JsonObject): Promise<Operation | undefined>
  /**
   * Ends the call that it is at with what somebody found out by other means, and fences off whoever still asks. The caller
   * drives it after the commit.
   */
  conclude(tx: Tx, operation: Operation, found: Json, note: JsonObject): Promise<Operation>
  /** Ends it as done now, in the caller's transaction that did the rest of it, and fences off whoever is working on it. */
  finish(tx: Tx, operation: Operation): Promise<void>
  /** Gives back what the caller began and will not drive: whoever looks first takes it up, not after a lease. */
  handOn(tx: Tx, operationId: string): Promise<void>
  /** What waits until later is due now: something that it waits for has moved. */
  wake(tx: Tx, operationId: string): Promise<void>
  /** Claims and drives one operation that is due. @returns whether there was one */
  workOne(): Promise<boolean>
  /** Drives under way; for a clean stop. */
  settled(): Promise<void>
}

export function createEngine(options: EngineOptions): Engine {
  const { db, world, trials = {} } = options
  const sagas = new Map(options.sagas.map((saga) => [saga.name, saga]))
  const underWay = new Set<Promise<unknown>>()
  const claiming = inTurn()
  const lease: store.Lease = { leaseMs, owner: options.owner ?? null }

  function stepOf(operation: Operation): { step: Step; index: number; steps: readonly Step[] } {
    const steps = sagas.get(operation.saga)?.steps ?? []
    const index = steps.findIndex((step) => step.name === operation.step)
    const step = steps[index]
    if (!step)
      throw new Error(`operation ${operation.id} is at a step that ${operation.saga} does not have: ${operation.step}`)
    return { step, index, steps }
  }

  /** Every write of a driven operation passes here: the work first (app, add-on), the operation's row last. */
  async function commit(
    operation: Operation,
    move: store.Move,
    entry: store.LogEntry,
    work?: (tx: Tx) => Promise<Json | undefined>,
  ): Promise<Operation> {
    return transact(db, async (tx) => {
      const result = await work?.(tx)
      const found = result === undefined ? {} : { [operation.step]: result }
      const moved = await store.moveOperation(
        tx,
        operation.id,
        operation.epoch,
        { faults: 0, ...move, found: { ...found, ...move.found } },
        world.now(),
      )
      if (!moved) throw new Fenced(`operation ${operation.id} was taken over`)
      await store.appendLog(tx, operation.id, operation.epoch, entry, world.now())
      if (moved.endedAt) await tellParent(tx, operation)
      return moved
    })
  }

  /** Whoever began it may wait for its end. Its row is locked after the child's, by everybody. */
  async function tellParent(tx: Tx, { parentId }: Operation): Promise<void> {
    if (parentId) await store.makeDue(tx, parentId, world.now())
  }

  async function runLocal(
    operation: Operation,
    step: Step & { kind: 'local' },
    next: Step | undefined,
  ): Promise<Operation> {
    const move: store.Move = next
      ? { step: next.name, tries: 0, reason: null, leaseMs }
      : { state: 'done', reason: null, endedAt: world.now() }
    try {
      if (trials.stepsTwice) await transact(db, (tx) => step.do(tx, operation))
      return await commit(operation, move, { step: step.name, kind: 'done' }, (tx) => step.do(tx, operation))
    } catch (error) {
      if (!(error instanceof Against)) throw error
      const reason = error.message
      return commit(
        operation,
        { state: 'unwinding', reason, leaseMs },
        { step: step.name, kind: 'unwinding', note: { reason } },
      )
    }
  }

  async function runCall(
    operation: Operation,
    step: Step & { kind: 'call' },
    next: Step | undefined,
    isAgain: boolean,
  ): Promise<Operation> {
    const context: StepContext = {
      world,
      isAgain: isAgain || operation.epoch > 1,
      async renew() {
        const kept = await store.moveOperation(db as Tx, operation.id, operation.epoch, { leaseMs }, world.now())
        if (!kept) throw new Fenced(`operation ${operation.id} was taken over`)
      },
    }
    if (trials.stepsTwice) await step.do(context, operation)
    const decision: Decision<Json> = await step.do(context, operation)
    const at = world.now()
    switch (decision.decided) {
      case 'done': {
        const found = { [step.name]: decision.found }
        const move: store.Move = next
          ? { step: next.name, tries: 0, reason: null, leaseMs, found }
          : { state: 'done', reason: null, endedAt: at, found }
        return commit(operation, move, { step: step.name, kind: 'done' })
      }
      case 'again':
        return commit(
          operation,
          {
            state: 'waiting',
            tries: operation.tries + 1,
            reason: decision.reason,
            nextAt: later(at, decision.afterMs),
            knownNextAt: operation.nextAt,
          },
          { step: step.name, kind: 'again', note: { reason: decision.reason, after_ms: decision.afterMs } },
        )
      case 'park':
        return commit(
          operation,
          { state: 'parked', reason: decision.reason, nextAt: decision.until },
          { step: step.name, kind: 'parked', note: { reason: decision.reason, until: decision.until.toISOString() } },
        )
      case 'unwind':
        return commit(
          operation,
          {
            state: 'unwinding',
            reason: decision.reason,
            leaseMs,
            found: decision.found === undefined ? {} : { [step.name]: decision.found },
          },
          { step: step.name, kind: 'unwinding', note: { reason: decision.reason } },
        )
      case 'stuck':
        return commit(
          operation,
          { state: 'stuck', reason: decision.reason },
          { step: step.name, kind: 'stuck', note: { reason: decision.reason } },
        )
    }
  }

  /** Undo of every step up to the one reached, last first, whether or not it came to an end. */
  async function undoAll(tx: Tx, operation: Operation): Promise<void> {
    const { steps, index } = stepOf(operation)
    for (const step of steps.slice(0, index + 1).reverse()) await step.undo?.(tx, operation)
  }

  async function unwind(operation: Operation): Promise<Operation> {
    if (trials.undosTwice) await transact(db, (tx) => undoAll(tx, operation))
    return commit(
      operation,
      { state: 'unwound', endedAt: world.now() },
      { step: operation.step, kind: 'unwound', note: { reason: operation.reason } },
      async (tx) => {
        await undoAll(tx, operation)
        return undefined
      },
    )
  }

  /** A fault of ours: not a decision, so nothing is undone; again with back-off, then an operator is asked. */
  async function fault(operation: Operation, error: unknown): Promise<Operation> {
    // Not `tries`: what was asked again and again for hours has its first fault here.
    const faults = operation.faults + 1
    const counts = { tries: operation.tries + 1, faults }
    const reason = `a fault of the platform in step ${operation.step}: ${error instanceof Error ? error.name : 'unknown'}`
    const move: store.Move =
      faults >= faultTriesMax
        ? {
            ...counts,
            state: operation.state === 'unwinding' ? 'unwinding' : 'stuck',
            reason,
            nextAt: later(world.now(), faultDelayMostMs),
          }
        : { ...counts, nextAt: later(world.now(), backOffMs(world, faults, faultDelayFirstMs, faultDelayMostMs)) }
    return commit(operation, move, { step: operation.step, kind: 'failed', note: { reason } })
  }

  /** A fault that can't even be written down is mostly a database that restarts: it gets some seconds. */
  async function recorded(operation: Operation, error: unknown): Promise<Operation> {
    options.onFault?.(error, operation)
    for (let tries = 0; ; tries++) {
      try {
        return await fault(operation, error)
      } catch (second) {
        const pauseMs = second instanceof Fenced ? undefined : recordPausesMs[tries]
        if (pauseMs === undefined) {
          if (!(second instanceof Fenced)) options.onFault?.(second, operation)
          // The lease runs out by itself and a worker takes it from here.
          return operation
        }
        await world.sleep(pauseMs)
      }
    }
  }

  async function drive(begun: Operation): Promise<Operation> {
    let operation = begun
    let passing = 0
    for (;;) {
      if (
        operation.endedAt ||
        operation.state === 'waiting' ||
        operation.state === 'parked' ||
        operation.state === 'stuck'
      ) {
        return operation
      }
      try {
        const { step, steps, index } = stepOf(operation)
        await trials.before?.(step.name, operation)
        if (operation.state === 'unwinding') {
          operation = await unwind(operation)
        } else if (trials.failAt === step.name) {
          const reason = `told to fail at ${step.name}`
          // The step fails after it began: a call has been made by then, as in life.
          if (step.kind === 'call')
            await step.do({ world, renew: async () => undefined, isAgain: operation.epoch > 1 }, operation)
          operation = await commit(
            operation,
            { state: 'unwinding', reason, leaseMs },
            { step: step.name, kind: 'unwinding', note: { reason } },
          )
        } else if (step.kind === 'local') {
          operation = await runLocal(operation, step, steps[index + 1])
        } else {
          operation = await runCall(operation, step, steps[index + 1], passing > 0)
        }
        passing = 0
      } catch (error) {
        if (error instanceof Fenced) return (await store.findOperation(db, operation.id)) ?? operation
        if (isPassing(error) && ++passing < 5) continue
        // Whoever was overtaken meets a world that is not his any more (an app that is gone): no fault, and not his to record.
        const now = await store.findOperation(db, operation.id).catch(() => undefined)
        if (now && (now.epoch !== operation.epoch || now.endedAt)) return now
        return await recorded(operation, error)
      }
    }
  }

  function tracked<T>(work: Promise<T>): Promise<T> {
    underWay.add(work)
    const done = () => underWay.delete(work)
    work.then(done, done)
    return work
  }

  return {
    async begin(tx, saga, beginning) {
      const known = sagas.get(saga.name)
      const first = known?.steps[0]
      if (first?.kind !== 'local') throw new Error(`${saga.name} must be known and begin with a local step`)
      const second = known?.steps[1]
      const at = world.now()
      const operation = await store.insertOperation(tx, {
        id: beginning.id,
        saga: saga.name,
        subject: beginning.subject,
        appId: beginning.appId,
        parentId: beginning.parentId ?? null,
        queue: known?.queueOf?.(beginning.params) ?? null,
        actor: beginning.actor,
        params: beginning.params,
        step: first.name,
        deadline: beginning.deadline ?? null,
        at,
        ...lease,
      })
      if (trials.stepsTwice) await first.do(tx, operation)
      const found = { [first.name]: (await first.do(tx, operation)) ?? null }
      const move: store.Move =
        trials.failAt === first.name
          ? { state: 'unwinding', reason: `told to fail at ${first.name}`, found, leaseMs }
          : second
            ? { step: second.name, found, leaseMs }
            : { state: 'done', endedAt: at, found }
      const moved = await store.moveOperation(tx, operation.id, operation.epoch, move, at)
      await store.appendLog(tx, operation.id, operation.epoch, { step: first.name, kind: 'began' }, at)
      if (!moved) throw new Error('an operation was lost while it began')
      return moved as never
    },
    drive: (operation) => tracked(drive(operation)),
    async tell(tx, operationId, fact) {
      const told = await store.addFact(tx, operationId, fact, world.now(), lease)
      if (told)
        await store.appendLog(
          tx,
          operationId,
          told.operation.epoch,
          { step: told.operation.step, kind: 'woken', note: { facts: Object.keys(fact) } },
          world.now(),
        )
      return told
    },
    factsOf: async (id) => (await store.findOperation(db, id))?.facts ?? {},
    async cancel(tx, operation, reason, note = {}) {
      const cancelled = { ...operation, reason }
      await undoAll(tx, cancelled)
      const at = world.now()
      const moved = await store.moveOperation(
        tx,
        operation.id,
        operation.epoch,
        { state: 'unwound', reason, endedAt: at, takeOver: true },
        at,
      )
      if (!moved) throw new Fenced(`operation ${operation.id} moved while it was cancelled`)
      await store.appendLog(
        tx,
        operation.id,
        moved.epoch,
        { step: operation.step, kind: 'unwound', note: { reason, ...note } },
        at,
      )
      await tellParent(tx, operation)
    },
    async retry(tx, operation, note) {
      const taken = await store.takeUp(tx, operation.id, world.now(), lease)
      if (taken)
        await store.appendLog(tx, taken.id, taken.epoch, { step: taken.step, kind: 'retried', note }, world.now())
      return taken
    },
    async conclude(tx, operation, found, note) {
      const { steps, index } = stepOf(operation)
      const next = steps[index + 1]
      if (!next) throw new Error(`${operation.saga} has no step after ${operation.step} that could be concluded`)
      const at = world.now()
      const move = {
        step: next.name,
        state: 'running' as const,
        tries: 0,
        faults: 0,
        reason: null,
        nextAt: at,
        takeOver: true,
      }
      const moved = await store.moveOperation(
        tx,
        operation.id,
        operation.epoch,
        { ...move, leaseMs, by: lease.owner, found: { [operation.step]: found } },
        at,
      )
      if (!moved) throw new Fenced(`operation ${operation.id} moved while it was settled`)
      await store.appendLog(tx, moved.id, moved.epoch, { step: operation.step, kind: 'settled', note }, at)
      return moved
    },
    async finish(tx, operation) {
      const at = world.now()
      const move = { state: 'done', reason: null, endedAt: at, takeOver: true } as const
      const moved = await store.moveOperation(tx, operation.id, operation.epoch, move, at)
      if (!moved) throw new Fenced(`operation ${operation.id} moved while it was finished`)
      await store.appendLog(tx, operation.id, moved.epoch, { step: operation.step, kind: 'finished' }, at)
    },
    handOn: (tx, operationId) => store.giveBack(tx, operationId, world.now()),
    wake: (tx, operationId) => store.makeDue(tx, operationId, world.now()),
    async workOne() {
      const claimed = await claiming(() => store.claimDue(db, world.now(), lease, options.queueMax ?? queueMaxDefault))
      if (!claimed) return false
      await tracked(drive(claimed))
      return true
    },
    async settled() {
      while (underWay.size) await Promise.allSettled([...underWay])
    },
  }
}

import { ring } from '../db/bell.js'
import { changed, type Db, maybeOne, one, rows, sql, type Tx } from '../db/db.js'
import { telling } from '../db/fact.js'
import type { Actor, JsonObject, Operation, OperationState } from './saga.js'

/** What `step`, `state` and so on become; what is left out stays. */
export interface Move {
  step?: string
  state?: OperationState
  reason?: string | null
  tries?: number
  /** How many faults of ours there were one after the other. */
  faults?: number
  nextAt?: Date
  /** `nextAt` as whoever decides knew it. Somebody has made the operation due meanwhile when the row has another: then it is due now. */
  knownNextAt?: Date
  found?: JsonObject
  endedAt?: Date
  /** Whether the lease goes on, measured on the database's clock; otherwise it is given back. */
  leaseMs?: number
  /** Taken over by whoever writes this (`by`: in whose name), so that the one who worked on it is fenced off. */
  takeOver?: boolean
  by?: string | null
}

/** For how long, and for which process (null: for one that nobody knows); every claim has one. */
export interface Lease {
  leaseMs: number
  owner: string | null
}

export interface LogEntry {
  step: string
  kind:
    | 'began'
    | 'done'
    | 'finished'
    | 'again'
    | 'parked'
    | 'woken'
    | 'unwinding'
    | 'unwound'
    | 'stuck'
    | 'failed'
    | 'claimed'
    | 'retried'
    | 'settled'
  note?: JsonObject
}

const columns = sql`id, saga, subject, app_id as "appId", parent_id as "parentId", actor, params, found, facts, step,
  state, reason, tries, faults, epoch, next_at as "nextAt", deadline, created_at as "createdAt", ended_at as "endedAt"`

export async function insertOperation(
  tx: Tx,
  operation: {
    id: string
    saga: string
    subject: string
    appId: string | null
    parentId: string | null
    queue?: string | null
    actor: Actor
    params: unknown
    step: string
    deadline: Date | null
    at: Date
    leaseMs: number
    owner?: string | null
  },
): Promise<Operation> {
  return one<Operation>(
    tx,
    sql`
    insert into operations (id, saga, subject, app_id, parent_id, queue, actor, params, step, state, next_at, deadline,
      created_at, updated_at, lease_until, lease_owner)
    values (${operation.id}, ${operation.saga}, ${operation.subject}, ${operation.appId}, ${operation.parentId}, ${operation.queue ?? null},
      ${JSON.stringify(operation.actor)}::jsonb, ${JSON.stringify(operation.params)}::jsonb, ${operation.step}, 'running',
      ${operation.at}, ${operation.deadline}, ${operation.at}, ${operation.at},
      now() + make_interval(secs => ${operation.leaseMs / 1000}), ${operation.owner ?? null})
    returning ${columns}`,
  )
}

export async function findOperation(db: Db, id: string): Promise<Operation | undefined> {
  return maybeOne(db, sql`select ${columns} from operations where id = ${id}`)
}

export async function findOpenOperation(db: Db, subject: string): Promise<Operation | undefined> {
  return maybeOne(db, sql`select ${columns} from operations where subject = ${subject} and ended_at is null`)
}

/** As `findOpenOperation`, locked until the transaction ends. Take app and add-on locks before. */
export async function lockOpenOperation(tx: Tx, subject: string): Promise<Operation | undefined> {
  return maybeOne(
    tx,
    sql`select ${columns} from operations where subject = ${subject} and ended_at is null for no key update`,
  )
}

/** The same of several, child after child by id: whoever locks two of them does so in one order. */
export async function lockOpenOperations(tx: Tx, subjects: readonly string[]): Promise<Operation[]> {
  return rows(
    tx,
    sql`select ${columns} from operations where subject = any(${[...subjects]}::uuid[]) and ended_at is null
      order by id for no key update`,
  )
}

export async function listOperations(
  db: Db,
  filter: { state?: OperationState; appId?: string },
  most: number,
): Promise<Operation[]> {
  return rows(
    db,
    sql`select ${columns} from operations
    where (${filter.state ?? null}::text is null or state = ${filter.state ?? null})
      and (${filter.appId ?? null}::uuid is null or app_id = ${filter.appId ?? null})
    order by (ended_at is null) desc, created_at desc limit ${most}`,
  )
}

/**
 * Moves the operation if it is still ours (`epoch`).
 * @returns the operation as it is now, or undefined when another process has taken it over
 */
export async function moveOperation(
  tx: Tx,
  id: string,
  epoch: number,
  move: Move,
  at: Date,
): Promise<Operation | undefined> {
  return maybeOne(
    tx,
    sql`
    update operations set
      step = coalesce(${move.step ?? null}, step),
      state = coalesce(${move.state ?? null}, state),
      reason = case when ${move.reason !== undefined}::boolean then ${move.reason ?? null} else reason end,
      tries = coalesce(${move.tries ?? null}::int, tries),
      faults = coalesce(${move.faults ?? null}::int, faults),
      next_at = case when ${move.state ?? null}::text = 'parked' and facts <> '{}' then ${at}::timestamptz
        when next_at <> ${move.knownNextAt ?? null}::timestamptz then ${at}::timestamptz
        else coalesce(${move.nextAt ?? null}::timestamptz, next_at) end,
      found = found || ${JSON.stringify(move.found ?? {})}::jsonb,
      ended_at = ${move.endedAt ?? null}::timestamptz,
      epoch = epoch + ${move.takeOver ? 1 : 0},
      lease_until = now() + make_interval(secs => ${move.leaseMs === undefined ? null : move.leaseMs / 1000}),
      lease_owner = case when ${move.takeOver ?? false}::boolean then ${move.by ?? null}::uuid else lease_owner end,
      updated_at = ${at}
    where id = ${id} and epoch = ${epoch} and ended_at is null
    returning ${columns}`,
  )
}

/**
 * Claims one operation that is due and that nobody holds.
 * @param queueMax of one queue, so many are worked on in the background at a time, in all processes together. What a
 *   caller drives inline (its first epoch) does not count.
 */
export async function claimDue(
  db: Db,
  at: Date,
  { leaseMs, owner }: Lease,
  queueMax: number,
): Promise<Operation | undefined> {
  return maybeOne(
    db,
    sql`
    with full_queues as (
      select queue from operations
      where ended_at is null and queue is not null and epoch > 1 and lease_until > now()
      group by queue having count(*) >= ${queueMax})
    update operations set epoch = epoch + 1, updated_at = ${at},
      lease_until = now() + make_interval(secs => ${leaseMs / 1000}), lease_owner = ${owner},
      state = case when state in ('waiting', 'parked') then 'running' else state end
    where id = (
      select id from operations
      where ended_at is null and state <> 'stuck' and next_at <= ${at} and (lease_until is null or lease_until < now())
        and (queue is null or queue not in (select queue from full_queues))
      order by next_at, id limit 1 for update skip locked)
    returning ${columns}`,
  )
}

/** Claims this one whatever it waits for, but for somebody else's move. @returns undefined when it is held, parked or ended */
export async function takeUp(tx: Tx, id: string, at: Date, { leaseMs, owner }: Lease): Promise<Operation | undefined> {
  return maybeOne(
    tx,
    sql`
    update operations set epoch = epoch + 1, tries = 0, faults = 0, next_at = ${at}, updated_at = ${at},
      lease_until = now() + make_interval(secs => ${leaseMs / 1000}), lease_owner = ${owner},
      state = case when state in ('waiting', 'stuck') then 'running' else state end
    where id = ${id} and ended_at is null and state <> 'parked' and (lease_until is null or lease_until < now())
    returning ${columns}`,
  )
}

/** Adds what a call-back told. @returns the operation, and whether it was parked and is now claimed by the caller */
export async function addFact(
  tx: Tx,
  id: string,
  fact: JsonObject,
  at: Date,
  { leaseMs, owner }: Lease,
): Promise<{ operation: Operation; claimed: boolean } | undefined> {
  const claimed = await maybeOne<Operation>(
    tx,
    sql`
    update operations set facts = facts || ${JSON.stringify(fact)}::jsonb, state = 'running', epoch = epoch + 1,
      next_at = ${at}, updated_at = ${at}, lease_until = now() + make_interval(secs => ${leaseMs / 1000}),
      lease_owner = ${owner}
    where id = ${id} and ended_at is null and state in ('parked', 'waiting')
      and (lease_until is null or lease_until < now())
    returning ${columns}`,
  )
  if (claimed) return { operation: claimed, claimed: true }
  const told = await maybeOne<Operation>(
    tx,
    sql`
    update operations set facts = facts || ${JSON.stringify(fact)}::jsonb, updated_at = ${at}
    where id = ${id} and ended_at is null
    returning ${columns}`,
  )
  return told && { operation: told, claimed: false }
}

/** Nobody holds it any more, and it is due. Only for whoever has just begun it, in the same transaction. */
export async function giveBack(tx: Tx, id: string, at: Date): Promise<void> {
  await sql`update operations set lease_until = null, lease_owner = null, next_at = ${at}, updated_at = ${at}
    where id = ${id} and ended_at is null and epoch = 1`.execute(tx)
  await ring(tx, 'operations')
}

/**
 * Makes what waits until later due now. What runs at this moment may have looked already, and is told that it has to look
 * once more by a time that it does not know (`knownNextAt`). What is parked is left alone.
 */
export async function makeDue(tx: Tx, id: string, at: Date): Promise<void> {
  await sql`update operations set updated_at = ${at},
      next_at = case when state = 'waiting' then ${at}::timestamptz
        else greatest(${at}::timestamptz, next_at + interval '1 millisecond') end
    where id = ${id} and (state = 'running' or (state = 'waiting' and next_at > ${at}))`.execute(tx)
  await ring(tx, 'operations')
}

/** Every step of a story passes here, so that whoever looks on hears of it. */
export async function appendLog(tx: Db, id: string, epoch: number, entry: LogEntry, at: Date): Promise<void> {
  await sql`with logged as (
      insert into operation_log (operation_id, epoch, step, kind, note, at)
      values (${id}, ${epoch}, ${entry.step}, ${entry.kind}, ${JSON.stringify(entry.note ?? {})}::jsonb, ${at}))
    select ${telling('operation', 'update', sql`id`, sql`app_id`)} from operations where id = ${id}`.execute(tx)
}

export interface LoggedEntry extends LogEntry {
  at: Date
  epoch: number
}

export async function operationLog(db: Db, id: string): Promise<LoggedEntry[]> {
  return rows(db, sql`select step, kind, note, at, epoch from operation_log where operation_id = ${id} order by id`)
}

/** What was logged of several operations, each in its order, asked for once. */
export async function logOfSeveral(db: Db, ids: readonly string[]): Promise<(LoggedEntry & { operationId: string })[]> {
  return rows(
    db,
    sql`select operation_id as "operationId", step, kind, note, at, epoch from operation_log
      where operation_id = any(${[...ids]}::uuid[]) order by id`,
  )
}

/** Gives back every lease: only for a process that knows itself to be the only one. */
export async function dropLeases(db: Db): Promise<number> {
  return changed(db, sql`update operations set lease_until = null where ended_at is null and lease_until is not null`)
}

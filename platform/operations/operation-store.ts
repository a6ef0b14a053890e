import { type Db, maybeOne, rows, sql } from '../db/db.js'
import type { Attempt, QuestionKind } from '../partner/question-store.js'
import type { Operation, OperationState } from '../saga/saga.js'

interface Named {
  id: string
  name: string
}

/** An operation with what it is about. */
export interface Known extends Operation {
  updatedAt: Date
  /** Whether a process works on it now. */
  isHeld: boolean
  /** Whether an attempt has no clear answer: the provider may have acted. */
  isDoubtful: boolean
  addon: Named | null
  service: Named | null
  app: Named | null
}

const known = sql`select o.id, o.saga, o.subject, o.app_id as "appId", o.parent_id as "parentId", o.actor, o.params, o.found,
  o.facts, o.step, o.state, o.reason, o.tries, o.faults, o.epoch, o.next_at as "nextAt", o.deadline, o.created_at as "createdAt",
  o.ended_at as "endedAt", o.updated_at as "updatedAt",
  (o.ended_at is null and coalesce(o.lease_until > now(), false)) as "isHeld",
  exists (select 1 from questions q join attempts t on t.question_id = q.id
    where q.operation_id = o.id and (t.class is null or t.class = 'doubt')) as "isDoubtful",
  case when d.id is null then null else json_build_object('id', d.id, 'name', d.name) end as addon,
  case when s.id is null then null else json_build_object('id', s.id, 'name', s.name) end as service,
  case when a.id is null then null else json_build_object('id', a.id, 'name', a.name) end as app
  from operations o left join addons d on d.id = o.subject left join addon_services s on s.id = d.service_id
    left join apps a on a.id = coalesce(o.app_id, d.app_id)`

export async function findKnown(db: Db, id: string): Promise<Known | undefined> {
  return maybeOne(db, sql`${known} where o.id = ${id}`)
}

export interface OperationFilter {
  state?: OperationState | 'open'
  /** Names or ids. */
  app?: string
  addon?: string
  provider?: string
}

/** Open ones first, then the newest. @param most rows */
export async function listKnown(db: Db, filter: OperationFilter, most: number): Promise<Known[]> {
  const { state, app, addon, provider } = filter
  const is = (wanted: string | undefined, table: 'a' | 'd' | 's') =>
    wanted === undefined
      ? sql`true`
      : sql`(${sql.ref(`${table}.name`)} = ${wanted} or ${sql.ref(`${table}.id`)}::text = ${wanted.toLowerCase()})`
  return rows(
    db,
    sql`${known} where ${
      state === undefined ? sql`true` : state === 'open' ? sql`o.ended_at is null` : sql`o.state = ${state}`
    } and ${is(app, 'a')} and ${is(addon, 'd')} and ${is(provider, 's')}
    order by (o.ended_at is null) desc, o.created_at desc, o.id limit ${most}`,
  )
}

/** The newest of one add-on. */
export async function listKnownOfAddon(db: Db, addonId: string, most: number): Promise<Known[]> {
  return rows(db, sql`${known} where o.subject = ${addonId} order by o.created_at desc, o.id limit ${most}`)
}

/** The newest of an app and of the add-ons that it pays for. */
export async function listKnownOfApp(db: Db, appId: string, most: number): Promise<Known[]> {
  return rows(
    db,
    sql`${known} where o.id in (
      select id from operations where app_id = ${appId}
      union select p.id from operations p join addons b on b.id = p.subject where b.app_id = ${appId})
    order by o.created_at desc, o.id limit ${most}`,
  )
}

/** What the operations are about that one has begun, by id. */
export async function subjectsBegunBy(db: Db, id: string): Promise<string[]> {
  const found = await rows<{ subject: string }>(
    db,
    sql`select distinct subject from operations where parent_id = ${id} order by subject`,
  )
  return found.map(({ subject }) => subject)
}

export interface AskedOnce extends Attempt {
  kind: QuestionKind
}

/** What the providers of these operations were asked, and what they answered: each in its order, asked for once. */
export async function attemptsOf(db: Db, ids: readonly string[]): Promise<(AskedOnce & { operationId: string })[]> {
  return rows(
    db,
    sql`select q.operation_id as "operationId", q.kind, t.number, t.sent_at as "sentAt", t.answered_at as "answeredAt",
      t.class, t.status, t.message, t.note, t.retry_after_ms as "retryAfterMs"
    from questions q join attempts t on t.question_id = q.id
      where q.operation_id = any(${[...ids]}::uuid[]) order by t.sent_at, t.number`,
  )
}

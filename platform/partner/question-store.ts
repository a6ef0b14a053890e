import { type Db, maybeOne, one, rows, sql, type Tx } from '../db/db.js'
import { asJson, type Exchange } from './masked-body.js'

export type QuestionKind = 'provision' | 'plan' | 'deprovision'

export interface Attempt {
  number: number
  sentAt: Date
  answeredAt: Date | null
  /** Null: not answered yet, or we were gone when the answer came. */
  class: string | null
  status: number | null
  /** The provider's words to the customer. */
  message: string | null
  /** What happened, for the operator. */
  note: string | null
  retryAfterMs: number | null
}

export interface Question {
  id: string
  addonId: string
  operationId: string | null
  kind: QuestionKind
  mayExist: boolean
  createdAt: Date
}

const columns = sql`id, addon_id as "addonId", operation_id as "operationId", kind, may_exist as "mayExist", created_at as "createdAt"`

/** Written before anything is sent. Safe to repeat with the same id. */
export async function insertQuestion(
  tx: Tx,
  question: {
    id: string
    addonId: string
    operationId: string | null
    kind: QuestionKind
    mayExist?: boolean
    at: Date
  },
): Promise<void> {
  await sql`insert into questions (id, addon_id, operation_id, kind, may_exist, created_at)
    values (${question.id}, ${question.addonId}, ${question.operationId}, ${question.kind}, ${question.mayExist ?? false}, ${question.at})
    on conflict do nothing`.execute(tx)
}

export async function questionOf(db: Db, operationId: string): Promise<Question | undefined> {
  return maybeOne(db, sql`select ${columns} from questions where operation_id = ${operationId}`)
}

export async function questionsOf(db: Db, addonId: string): Promise<Question[]> {
  return rows(db, sql`select ${columns} from questions where addon_id = ${addonId} order by created_at, id`)
}

/** @returns the attempt's number */
export async function insertAttempt(db: Db, questionId: string, at: Date): Promise<number> {
  const { number } = await one<{ number: number }>(
    db,
    sql`insert into attempts (question_id, number, sent_at)
    select ${questionId}, coalesce(max(number), 0) + 1, ${at} from attempts where question_id = ${questionId}
    returning number`,
  )
  return number
}

/** The first attempt is written with the intent, so that it costs no commit of its own. Safe to repeat. */
export async function insertFirstAttempt(tx: Tx, questionId: string, at: Date): Promise<void> {
  await sql`insert into attempts (question_id, number, sent_at) values (${questionId}, 1, ${at}) on conflict do nothing`.execute(
    tx,
  )
}

export async function attemptsOf(db: Db, questionId: string): Promise<Attempt[]> {
  return rows(
    db,
    sql`select number, sent_at as "sentAt", answered_at as "answeredAt", class, status, message, note,
      retry_after_ms as "retryAfterMs" from attempts where question_id = ${questionId} order by number`,
  )
}

/**
 * Doubt latches: what may exist is never taken back by a later refusal. One statement: whoever dies between an attempt and
 * its latch would leave an attempt that nobody looks at again, and a refusal after it would clear the ledger.
 */
export async function recordAnswer(
  db: Db,
  questionId: string,
  number: number,
  answer: {
    class: string
    status: number | null
    message: string | null
    note: string
    retryAfterMs: number | null
    mayExist: boolean
    exchange: Exchange
    at: Date
  },
): Promise<void> {
  const { sent, received } = answer.exchange
  await sql`with latched as (update questions set may_exist = true
      where id = ${questionId} and ${answer.mayExist}::boolean and not may_exist)
    update attempts set answered_at = ${answer.at}, class = ${answer.class}, status = ${answer.status},
      message = ${answer.message}, note = ${answer.note}, retry_after_ms = ${answer.retryAfterMs},
      sent = ${asJson(sent)}::json, received = ${asJson(received)}::json
    where question_id = ${questionId} and number = ${number}`.execute(db)
}

/**
 * Attempts that were under way when their process ended, or were cut off by somebody else's verb. One statement, as above.
 * @returns how many there were
 */
export async function markUnanswered(db: Db, questionId: string, note: string, at: Date): Promise<number> {
  const { lost } = await one<{ lost: number }>(
    db,
    sql`with lost as (update attempts set class = 'doubt', note = ${note}, answered_at = ${at}
        where question_id = ${questionId} and class is null returning 1),
      latched as (update questions set may_exist = true
        where id = ${questionId} and not may_exist and exists (select 1 from lost))
    select count(*)::int as lost from lost`,
  )
  return lost
}

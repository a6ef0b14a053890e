import { changed, type Db, rows, sql } from '../db/db.js'
import type { QuestionKind } from './question-store.js'

export async function insertKept(
  db: Db,
  kept: { id: string; questionId: string; number: number; sealed: Buffer; cut: boolean; until: Date; at: Date },
): Promise<void> {
  await sql`insert into kept_answers (id, question_id, number, sealed, cut, kept_until, created_at)
    values (${kept.id}, ${kept.questionId}, ${kept.number}, ${kept.sealed}, ${kept.cut}, ${kept.until}, ${kept.at})
    on conflict do nothing`.execute(db)
}

/** Only the newest of a question are kept: one that is asked for days answers the same each time. */
export async function dropKeptBefore(db: Db, questionId: string, most: number): Promise<void> {
  await sql`delete from kept_answers where question_id = ${questionId} and number not in (
    select number from kept_answers where question_id = ${questionId} order by number desc limit ${most})`.execute(db)
}

/** @returns how many went, at most so many */
export async function dropKeptUntil(db: Db, at: Date, most: number): Promise<number> {
  return changed(
    db,
    sql`delete from kept_answers where id in (select id from kept_answers where kept_until <= ${at}
      limit ${most} for update skip locked)`,
  )
}

export interface Kept {
  id: string
  kind: QuestionKind
  number: number
  class: string
  status: number | null
  sealed: Buffer
  cut: boolean
  keptUntil: Date
  answeredAt: Date
}

/** Of one add-on, the newest first. What is past its time is not shown, whether it is gone yet or not. */
export async function listKept(db: Db, addonId: string, at: Date): Promise<Kept[]> {
  return rows(
    db,
    sql`select k.id, q.kind, k.number, t.class, t.status, k.sealed, k.cut, k.kept_until as "keptUntil",
      t.answered_at as "answeredAt"
    from kept_answers k join questions q on q.id = k.question_id
      join attempts t on t.question_id = k.question_id and t.number = k.number
    where q.addon_id = ${addonId} and k.kept_until > ${at} order by k.created_at desc, k.number desc`,
  )
}

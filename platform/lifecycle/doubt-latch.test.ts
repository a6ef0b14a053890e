import { afterEach, beforeEach, expect, test } from 'vitest'
import { one, sql } from '../db/db.js'
import { nothingPassed } from '../partner/masked-body.js'
import { attemptsOf, insertAttempt, markUnanswered, recordAnswer } from '../partner/question-store.js'
import { type TestLifecycle, testLifecycle } from './test-lifecycle.js'

let t: TestLifecycle
beforeEach(async () => {
  t = await testLifecycle()
})
afterEach(() => t.stop())

/** An attempt under way, and a database that can't write down that it may have made something. */
async function cutBetween(): Promise<{ questionId: string; number: number; mend(): Promise<unknown> }> {
  const addon = await t.create(await t.newApp())
  const { id: questionId } = await one<{ id: string }>(t.db, sql`select id from questions where addon_id = ${addon.id}`)
  await sql`update questions set may_exist = false where id = ${questionId}`.execute(t.db)
  const number = await insertAttempt(t.db, questionId, t.world.now())
  await sql`create function cut() returns trigger language plpgsql as $$ begin raise 'cut off'; end $$`.execute(t.db)
  await sql`create trigger cut before update on questions for each row execute function cut()`.execute(t.db)
  return { questionId, number, mend: () => sql`drop trigger cut on questions`.execute(t.db) }
}

const mayExist = async (questionId: string) =>
  (await one<{ may: boolean }>(t.db, sql`select may_exist as may from questions where id = ${questionId}`)).may

// Found by a simulated world: an attempt was marked as doubtful, the process died before the doubt had latched, a refusal
// came, and the ledger was cleared of a resource that was there.
test('an attempt that was cut off is doubtful together with its question, or neither is', async () => {
  const { questionId, mend } = await cutBetween()
  await expect(markUnanswered(t.db, questionId, 'we stopped', t.world.now())).rejects.toThrow('cut off')
  expect((await attemptsOf(t.db, questionId)).at(-1)?.class).toBeNull()
  await mend()
  expect(await markUnanswered(t.db, questionId, 'we stopped', t.world.now())).toBe(1)
  expect((await attemptsOf(t.db, questionId)).at(-1)?.class).toBe('doubt')
  expect(await mayExist(questionId)).toBe(true)
  expect(await markUnanswered(t.db, questionId, 'we stopped', t.world.now())).toBe(0)
})

test('an answer that may have made something is kept together with that, or not at all', async () => {
  const { questionId, number, mend } = await cutBetween()
  const answer = {
    class: 'doubt',
    status: 500,
    message: null,
    note: 'answered 500',
    retryAfterMs: null,
    mayExist: true,
  }
  const record = () => recordAnswer(t.db, questionId, number, { ...answer, exchange: nothingPassed, at: t.world.now() })
  await expect(record()).rejects.toThrow('cut off')
  expect((await attemptsOf(t.db, questionId)).at(-1)?.class).toBeNull()
  await mend()
  await record()
  expect((await attemptsOf(t.db, questionId)).at(-1)?.class).toBe('doubt')
  expect(await mayExist(questionId)).toBe(true)
})

// Found by a simulated world: the answer was lost to a deadlock, the question was asked again as if for the first time, a
// refusal came, and the ledger was cleared of a resource that was there.
test('an answer that a deadlock loses leaves the question in doubt, and a later refusal clears nothing', async () => {
  const app = await t.newApp()
  await sql`create sequence deadlocks`.execute(t.db)
  await sql`create function deadlock() returns trigger language plpgsql as $$ begin
    if new.class is not null and nextval('deadlocks') = 1 then raise 'lost' using errcode = '40P01'; end if;
    return new; end $$`.execute(t.db)
  await sql`create trigger deadlock before update on attempts for each row execute function deadlock()`.execute(t.db)
  const addon = await t.create(app)
  const { id } = await one<{ id: string }>(t.db, sql`select id from questions where addon_id = ${addon.id}`)
  expect((await attemptsOf(t.db, id)).map((one) => one.class)).toContain('doubt')
  expect(await mayExist(id)).toBe(true)
})

import { afterEach, beforeEach, expect, test } from 'vitest'
import { rows, sql } from '../db/db.js'
import { eventsOf } from '../events/store.js'
import { forgetOld } from '../lifecycle/forget-old.js'
import { standardPatience } from '../lifecycle/patience.js'
import { sweepOne } from '../lifecycle/sweep.js'
import { allAddons, type TestLifecycle, testLifecycle } from '../lifecycle/test-lifecycle.js'
import { answerKeptBytesMax, answersKeptMax } from '../partner/kept-answer.js'
import { readKept } from './kept-answers.js'

let t: TestLifecycle
beforeEach(async () => {
  t = await testLifecycle()
})
afterEach(async () => {
  expect(t.faults).toEqual([])
  await t.stop()
})
const day = 86_400_000
const rowsKept = () => rows<{ sealed: Buffer }>(t.db, sql`select sealed from kept_answers`)

/** Ordered, and answered in a way that says nothing. */
async function doubtful(lie: { status: number; body?: unknown }) {
  t.provider.lie('POST', lie)
  await t.create(await t.newApp()).catch(() => undefined)
  const [addon] = await allAddons(t.db)
  if (!addon) throw new Error('no add-on')
  return addon
}

test('the body of a doubtful answer can be read by the operator as it came, and that is on record', async () => {
  const page = '<html>Application error: secret-of-the-provider</html>'
  const addon = await doubtful({ status: 500, body: page })
  const read = await readKept(t.life.deps, addon.name, t.actor)
  expect(read).toMatchObject([
    { body: page, class: 'doubt', status: 500, attempt: 1, question: 'provision', cut: false },
  ])
  const audited = (await eventsOf(t.db, addon.id)).filter(({ resource }) => resource === 'ledger')
  expect(audited).toMatchObject([{ actor: t.actor, data: { verb: 'read answers', answers: 1 } }])
  expect(JSON.stringify(audited)).not.toContain('secret-of')
})

test('it is sealed: nothing of it is in the database, nor in the log of the story', async () => {
  await doubtful({ status: 200, body: { id: 'x', config: { NOT_DECLARED: 'secret-value' } } })
  expect(await rowsKept()).toHaveLength(1)
  const tables = await rows<{ name: string }>(
    t.db,
    sql`select tablename as name from pg_tables where schemaname = 'public'`,
  )
  for (const { name } of tables) {
    const found = await rows(t.db, sql`select 1 from ${sql.table(name)} t where t::text like '%secret-value%'`)
    expect(found, name).toEqual([])
  }
})

test('what is clear is not kept', async () => {
  const app = await t.newApp()
  await t.create(app)
  t.provider.lie('POST', { status: 422, body: { message: 'Sold out.' } })
  await t.create(app).catch(() => undefined)
  expect(await rowsKept()).toEqual([])
})

test('only its beginning is kept, and of one question only the newest', async () => {
  const long = '🙂'.repeat(answerKeptBytesMax)
  const addon = await doubtful({ status: 500, body: long })
  const [read] = await readKept(t.life.deps, addon.id, t.actor)
  expect(read?.cut).toBe(true)
  expect(Buffer.byteLength(read?.body ?? '')).toBeLessThanOrEqual(answerKeptBytesMax + 3)
  t.provider.lie('POST', { status: 500 }, { status: 500 }, { status: 500 })
  t.provider.lie('DELETE', ...Array.from({ length: 12 }, (_, n) => ({ status: 500, body: `no ${n}` })))
  for (let hours = 0; hours < 12; hours++) {
    t.advance(3_600_000)
    await t.work()
    await sweepOne(t.life.deps)
  }
  const removal = (await readKept(t.life.deps, addon.id, t.actor)).filter(({ question }) => question === 'deprovision')
  expect(removal.length).toBe(answersKeptMax)
  expect(removal.map(({ attempt }) => attempt)).toEqual(
    [...removal.map(({ attempt }) => attempt)].sort((a, b) => b - a),
  )
})

const answerKeptDays = standardPatience.answerKeptMs / 86_400_000
test(`it is gone after ${answerKeptDays} days`, async () => {
  const addon = await doubtful({ status: 500, body: 'Oops' })
  t.advance(answerKeptDays * day - 60_000)
  while (await forgetOld(t.life.deps));
  expect(await rowsKept()).toHaveLength(1)
  t.advance(120_000)
  expect(await readKept(t.life.deps, addon.id, t.actor)).toEqual([])
  while (await forgetOld(t.life.deps));
  expect(await rowsKept()).toEqual([])
})

import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestLifecycle, testLifecycle } from '../lifecycle/test-lifecycle.js'
import { later } from '../world/world.js'
import { listAnswers, listDepths, standing } from './pulse-store.js'

let t: TestLifecycle
beforeAll(async () => {
  t = await testLifecycle()
})
afterAll(() => t.stop())

test('depths rise when something begins to wait and fall when it ends, and answers are counted by the minute', async () => {
  const window = () => ({ from: later(t.world.now(), -3_600_000), step: 60, steps: 60 })
  const last = async () => (await listDepths(t.db, window())).at(-1)
  expect(await listDepths(t.db, window())).toHaveLength(60)
  expect(await last()).toMatchObject({ operations: 0, debts: 0 })
  const app = await t.newApp()
  const first = await t.create(app)
  t.provider.lie('POST', { status: 202 })
  await t.create(app)
  t.provider.lie('DELETE', { hangUp: true })
  await t.remove(first.id)
  t.advance(1_000)
  // One waits for its call-back; the removal is done for the customer, and its debt is still to be paid.
  expect(await last()).toMatchObject({ operations: 2, debts: 1 })
  expect((await listDepths(t.db, window()))[0]).toMatchObject({ operations: 0, debts: 0 })
  const answers = await listAnswers(t.db, window())
  expect(answers.map(({ name, questions, unclear }) => [name, questions, unclear])).toEqual([['fast-db', 3, 1]])
  expect(await standing(t.db, later(t.world.now(), -60_000))).toMatchObject({ parked: 1, stuck: 0, overdueSince: null })
  t.advance(120_000)
  expect((await standing(t.db, later(t.world.now(), -60_000))).overdueSince).not.toBeNull()
})

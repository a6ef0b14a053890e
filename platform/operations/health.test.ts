import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestLifecycle, testLifecycle } from '../lifecycle/test-lifecycle.js'
import { later } from '../world/world.js'
import { listHealth } from './provider-store.js'

let t: TestLifecycle
beforeAll(async () => {
  t = await testLifecycle()
})
afterAll(() => t.stop())

test('shows how a provider did, and what waits for it', async () => {
  const hourAgo = () => later(t.world.now(), -3_600_000)
  expect(await listHealth(t.db, hourAgo())).toMatchObject([
    { name: 'fast-db', circuit: 'closed', questions: 0, p50: null, held: 0 },
  ])
  const app = await t.newApp()
  const first = await t.create(app)
  t.provider.lie('POST', { status: 202, delayMs: 80 })
  await t.create(app)
  t.provider.lie('DELETE', { hangUp: true })
  await t.remove(first.id)
  const [health] = await listHealth(t.db, hourAgo())
  expect(health).toMatchObject({ questions: 3, unclear: 1, parked: 1, waiting: 1, held: 0, owed: 1, failures: 1 })
  expect(health?.p99).toBeGreaterThan(60)
  expect(health?.p50).toBeLessThan(health?.p99 ?? 0)
  t.advance(3_600_001)
  expect(await listHealth(t.db, hourAgo())).toMatchObject([{ questions: 0, p50: null }])
})

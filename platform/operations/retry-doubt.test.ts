import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { addonById } from '../addons/store.js'
import { findPlan } from '../catalog/store.js'
import { allAddons, type TestLifecycle, testLifecycle, whatIsWrong } from '../lifecycle/test-lifecycle.js'
import { changePlan } from '../lifecycle/upgrade-addon.js'
import { openCircuit, recordFailure } from '../partner/circuit-store.js'
import type { Operation } from '../saga/saga.js'
import { later } from '../world/world.js'
import { findKnown, type Known, listKnown } from './operation-store.js'
import { retry } from './operation-verbs.js'

let t: TestLifecycle
beforeEach(async () => {
  t = await testLifecycle()
})
afterEach(() => t.stop())

const order = (known: { id: string }) => ({ id: known.id, actor: t.actor, reason: null })
const asked = (method: string) => t.provider.received.filter((one) => one.method === method)

/** An order whose question was answered so that nobody can tell, and that waits for its next try. */
async function doubtfulOrder(...answers: Parameters<TestLifecycle['provider']['lie']>[1][]): Promise<Known> {
  t.provider.lie('POST', ...answers)
  await t.create(await t.newApp())
  const [it] = await listKnown(t.db, { state: 'open' }, 1)
  expect(it).toMatchObject({ state: 'waiting', saga: 'addon.provision' })
  return it as Known
}

describe('an operator retries', () => {
  test.each([
    ['an order in doubt', { status: 500 }],
    ['an order that the provider is too busy for', { status: 429, headers: { 'retry-after': '300' } }],
  ])('%s: it is asked again at once, with the same uuid, and taken', async (_, lie) => {
    const it = await doubtfulOrder(lie)
    expect((await retry(t.life.deps, order(it))).state).toBe('done')
    expect(new Set(asked('POST').map(({ body }) => body?.uuid)).size).toBe(1)
    expect(asked('POST')).toHaveLength(2)
    expect((await allAddons(t.db))[0]?.state).toBe('provisioned')
    expect(await whatIsWrong(t)).toEqual([])
  })

  test('an order that stays in doubt: one retry is one question, and the next one waits as before', async () => {
    const it = await doubtfulOrder({ status: 500 }, { status: 500 })
    expect((await retry(t.life.deps, order(it))).state).toBe('waiting')
    expect(asked('POST')).toHaveLength(2)
    t.advance(10_000)
    await t.work()
    expect(asked('POST')).toHaveLength(2)
    t.advance(30_000)
    await t.work()
    expect(asked('POST')).toHaveLength(3)
    expect(await whatIsWrong(t)).toEqual([])
  })

  test('an order, and the process dies before it asks: another one asks, once', async () => {
    const it = await doubtfulOrder({ status: 500 }, { status: 500 })
    // What is committed before anything is sent, and no drive after it.
    const { deps } = t.life
    const dying = { ...deps, engine: () => ({ ...deps.engine(), drive: async (taken: Operation) => taken }) }
    expect((await retry(dying, order(it))).isHeld).toBe(true)
    expect((await retry(t.life.deps, order(it))).isHeld).toBe(true)
    expect(asked('POST')).toHaveLength(1)
    await t.crash()
    await t.work()
    expect(asked('POST')).toHaveLength(2)
    await t.crash()
    await t.work()
    expect(asked('POST')).toHaveLength(2)
  })

  test('while the circuit is open nothing is sent and no try is spent; it is asked when the pause ends', async () => {
    const it = await doubtfulOrder({ status: 500 }, { status: 500 })
    await retry(t.life.deps, order(it))
    const at = t.world.now()
    const serviceId = it.service?.id ?? ''
    await recordFailure(t.db, { serviceId, addonId: it.subject, reason: 'no answer', at })
    await openCircuit(t.db, { serviceId, opens: 0, retryAt: later(at, 12_000), at })
    for (let times = 0; times < 6; times++) expect((await retry(t.life.deps, order(it))).state).toBe('waiting')
    expect(asked('POST')).toHaveLength(2)
    t.advance(15_000)
    await t.work()
    expect(asked('POST')).toHaveLength(3)
    expect((await findKnown(t.db, it.id))?.state).toBe('done')
    expect(await whatIsWrong(t)).toEqual([])
  })

  test('a change of plan and a removal in doubt: each is asked again at once', async () => {
    const addon = await t.create(await t.newApp())
    const [current, plan] = await Promise.all([addonById(t.db, addon.id), findPlan(t.db, 'fast-db:large')])
    if (!current || !plan) throw new Error('no add-on')
    t.provider.lie('PUT', { status: 500 })
    await changePlan(t.life.deps, t.life.stories.changePlan, { addon: current, plan, actor: t.actor })
    const [change] = await listKnown(t.db, { state: 'open' }, 1)
    if (!change) throw new Error('no change')
    expect((await retry(t.life.deps, order(change))).state).toBe('done')
    expect(asked('PUT')).toHaveLength(2)
    t.provider.lie('DELETE', { status: 500 }, { status: 500 })
    await t.remove(addon.id)
    const [removal] = await listKnown(t.db, { state: 'open' }, 1)
    if (!removal) throw new Error('no removal')
    await retry(t.life.deps, order(removal))
    expect(asked('DELETE')).toHaveLength(2)
    expect((await retry(t.life.deps, order(removal))).state).toBe('done')
    expect(asked('DELETE')).toHaveLength(3)
    expect(await whatIsWrong(t)).toEqual([])
  })
})

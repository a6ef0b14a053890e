import { randomUUID } from 'node:crypto'
import { WireError } from '@mortise/contract/errors'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { rows, sql } from '../db/db.js'
import { eventsOf } from '../events/store.js'
import { compareOne } from '../lifecycle/compare.js'
import { listLagMsMax } from '../lifecycle/judge-listed.js'
import { type TestLifecycle, testLifecycle, whatIsWrong } from '../lifecycle/test-lifecycle.js'
import { discrepancyView } from './discrepancy-routes.js'
import { listDiscrepancies } from './discrepancy-store.js'
import { adoptDiscrepancy, forgetDiscrepancy } from './discrepancy-verbs.js'
import { findEntry } from './ledger-store.js'

let t: TestLifecycle
beforeEach(async () => {
  t = await testLifecycle({ listsResources: true })
})
afterEach(async () => {
  expect(t.faults).toEqual([])
  await t.stop()
})

async function compare() {
  t.advance(1_000)
  await sql`update comparisons set next_at = ${t.world.now()}`.execute(t.db)
  await compareOne(t.life.deps)
  return listDiscrepancies(t.db, {}, 100)
}
async function only() {
  const [one, ...more] = await compare()
  if (!one || more.length) throw new Error(`${more.length + (one ? 1 : 0)} discrepancies`)
  return one
}
const order = (it: { id: string }, reason = 'left over') => ({ id: it.id, actor: t.actor, reason })
async function refusal(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (found) => found,
  )
  expect(error).toBeInstanceOf(WireError)
  return (error as WireError).message
}

test('what nobody asked for is adopted: it is on the ledger, removed there, and the two agree', async () => {
  const stray = randomUUID()
  t.provider.resources.set(stray, 'small')
  const found = await only()
  expect(discrepancyView(found)).toMatchObject({ kind: 'unknown', resource: stray, verbs: ['adopt', 'forget'] })
  for (let twice = 0; twice < 2; twice++)
    expect(await adoptDiscrepancy(t.life.deps, order(found))).toMatchObject({ state: 'adopted' })
  const entry = await findEntry(t.db, stray)
  expect(entry).toMatchObject({ state: 'owed', addonState: 'deprovisioned', app: null })
  expect((await eventsOf(t.db, found.id)).map(({ data }) => data['verb'])).toEqual([undefined, 'adopt'])
  await t.work()
  expect(t.provider.resources.size).toBe(0)
  expect(await compare()).toEqual([])
  expect(await whatIsWrong(t)).toEqual([])
  expect(await rows(t.db, sql`select 1 from charges`)).toEqual([])
})

test('what is forgotten stays so, is shown as forgotten, and may be adopted after all', async () => {
  const stray = randomUUID()
  t.provider.resources.set(stray, 'small')
  const found = await only()
  for (let twice = 0; twice < 2; twice++) await forgetDiscrepancy(t.life.deps, order(found, 'of the other platform'))
  expect(await only()).toMatchObject({ state: 'forgotten', reason: 'forgotten by the operator: of the other platform' })
  await t.work()
  expect(t.provider.resources.has(stray)).toBe(true)
  expect(await adoptDiscrepancy(t.life.deps, order(found))).toMatchObject({ state: 'adopted' })
  expect(await refusal(forgetDiscrepancy(t.life.deps, order(found)))).toMatch(/on the ledger/)
})

test('what the operator had forgotten on the ledger is taken up again by adopting it', async () => {
  const addon = await t.create(await t.newApp())
  await t.remove(addon.id)
  await t.work()
  await sql`update debts set forgotten_at = now()`.execute(t.db)
  t.provider.resources.set(addon.id, 'small')
  t.advance(listLagMsMax)
  await adoptDiscrepancy(t.life.deps, order(await only()))
  await t.work()
  expect(t.provider.resources.size).toBe(0)
})

test('what is in use here can not be adopted, only forgotten', async () => {
  const addon = await t.create(await t.newApp())
  t.provider.resources.delete(addon.id)
  const found = await only()
  expect(discrepancyView(found)).toMatchObject({ kind: 'missing', addon: { name: addon.name }, verbs: ['forget'] })
  expect(await refusal(adoptDiscrepancy(t.life.deps, order(found)))).toMatch(/nothing to adopt/)
})

test("another service's add-on is not removed on this provider's word", async () => {
  const addon = await t.create(await t.newApp())
  await t.pushOther('other-db')
  await sql`update addons set service_id = (select id from addon_services where name = 'other-db')`.execute(t.db)
  const found = (await compare()).find(({ service }) => service.name === 'fast-db')
  if (!found) throw new Error('nothing found')
  expect(await refusal(adoptDiscrepancy(t.life.deps, order(found)))).toMatch(/is the add-on .* of other-db/)
  expect(t.provider.resources.has(addon.id)).toBe(true)
})

test('one that has ended, or never was, is not found', async () => {
  const stray = randomUUID()
  t.provider.resources.set(stray, 'small')
  const found = await only()
  t.provider.resources.clear()
  expect(await compare()).toEqual([])
  for (const id of [found.id, randomUUID(), 'x'])
    expect(await refusal(adoptDiscrepancy(t.life.deps, order({ id })))).toMatch(/Couldn't find that discrepancy/)
})

test('a v1 resource is adopted by its id, unless that is in use', async () => {
  await t.stop()
  t = await testLifecycle({ version: '1', listsResources: true })
  const addon = await t.create(await t.newApp())
  const listed = (...ids: string[]) =>
    t.provider.lie('GET', { status: 200, body: { resources: [{ id: addon.id }, ...ids.map((id) => ({ id }))] } })
  listed('res-9')
  const found = await only()
  expect(discrepancyView(found)).toMatchObject({ kind: 'unknown', resource: null, provider_id: 'res-9' })
  await adoptDiscrepancy(t.life.deps, order(found))
  await t.work()
  expect(t.provider.received.at(-1)).toMatchObject({ method: 'DELETE', path: '/heroku/resources/res-9' })
})

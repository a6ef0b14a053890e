import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findService } from '../catalog/store.js'
import { transact } from '../db/db.js'
import { insertDiscrepancy } from '../lifecycle/compare-store.js'
import { type ProvidedHouse, providedHouse } from '../lifecycle/test-provided.js'

// `eq[field]=value`, as lists of the wire are filtered.

let house: ProvidedHouse<'operator'>
const addons: Record<string, { id: string; name: string; app: { id: string } }> = {}

beforeAll(async () => {
  house = await providedHouse(['operator'], { 'fast-db': {}, 'plain-db': {} })
  for (const [app, plan] of [
    ['one', 'fast-db:mini'],
    ['two', 'plain-db:mini'],
  ] as const) {
    await house.must('operator', 'POST', '/apps', { name: `app-${app}` })
    addons[app] = await house.must('operator', 'POST', `/apps/app-${app}/addons`, { plan, name: `${app}-db` })
  }
  for (const slug of ['fast-db', 'plain-db']) {
    const service = await findService(house.db, slug)
    if (!service) throw new Error(`there is no ${slug}`)
    const uuid = randomUUID()
    const found = { id: randomUUID(), kind: 'unknown' as const, key: uuid, uuid, providerId: null, addonId: null }
    await transact(house.db, (tx) =>
      insertDiscrepancy(tx, service.id, { ...found, reason: 'nobody asked for it' }, house.world.now()),
    )
  }
})
afterAll(async () => {
  expect(house.faults).toEqual([])
  await house.end()
})

const list = (path: string, filter: Record<string, string>) => {
  const query = new URLSearchParams(
    Object.entries(filter).map(([field, value]): [string, string] => [`eq[${field}]`, value]),
  )
  return house.must('operator', 'GET', `${path}?${query}`)
}

test('operations are those of an app, an add-on or a provider, each by name or id, and in a state', async () => {
  const one = addons['one'] as (typeof addons)[string]
  const about = async (filter: Record<string, string>) =>
    (await list('/operations', filter)).map((it: { addon: { name: string } }) => it.addon.name)
  const fitting: Record<string, string>[] = [
    { app: 'app-one' },
    { app: one.app.id },
    { addon: 'one-db' },
    { addon: one.id.toUpperCase() },
    { provider: 'fast-db' },
    { provider: 'fast-db', app: 'app-one', state: 'done' },
  ]
  for (const filter of fitting) {
    expect([filter, await about(filter)]).toEqual([filter, ['one-db']])
  }
  expect((await about({})).sort()).toEqual(['one-db', 'two-db'])
  const others: Record<string, string>[] = [
    { app: 'nobody' },
    { state: 'open' },
    { provider: 'plain-db', app: 'app-one' },
  ]
  for (const filter of others) {
    expect([filter, await about(filter)]).toEqual([filter, []])
  }
})

test('the ledger is that of a provider, and in a state', async () => {
  const about = async (filter: Record<string, string>) =>
    (await list('/ledger', filter)).map((it: { addon: { name: string } }) => it.addon.name)
  expect(await about({ provider: 'fast-db' })).toEqual(['one-db'])
  expect(await about({ provider: 'plain-db', state: 'held' })).toEqual(['two-db'])
  expect(await about({ state: 'clear' })).toEqual([])
})

test('discrepancies are those of a provider, and in a state', async () => {
  const about = async (filter: Record<string, string>) =>
    (await list('/discrepancies', filter)).map((it: { addon_service: { name: string } }) => it.addon_service.name)
  expect(await about({ provider: 'fast-db' })).toEqual(['fast-db'])
  expect(await about({ provider: 'plain-db', state: 'open' })).toEqual(['plain-db'])
  expect(await about({ state: 'forgotten' })).toEqual([])
})

test.each(['/operations', '/ledger', '/discrepancies'])('%s says which states there are', async (path) => {
  const odd = await house.ask('operator', 'GET', `${path}?${new URLSearchParams({ 'eq[state]': 'odd' })}`)
  expect([odd.status, odd.body.id, odd.body.message]).toEqual([
    422,
    'invalid_params',
    expect.stringMatching(/^eq\[state\] is one of \w+, /),
  ])
})

test('whoever sees an app reads what is done to it and to its add-ons, without what is for the operator', async () => {
  await house.must('operator', 'PATCH', '/apps/app-one', { maintenance: true })
  const all = await house.must('operator', 'GET', '/apps/app-one/operations')
  expect(all.map((it: { kind: string; addon: { name: string } }) => [it.kind, it.addon.name])).toEqual([
    ['addon.provision', 'one-db'],
  ])
  const [{ story, verbs }] = all
  expect(story.some(({ text }: { text: string }) => text.startsWith('fast-db did it (201)'))).toBe(true)
  expect(verbs).toEqual([])
  expect(JSON.stringify(story)).not.toContain('note')
})

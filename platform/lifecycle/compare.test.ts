import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { rows, sql } from '../db/db.js'
import { eventsOf } from '../events/store.js'
import { listBytesMax } from '../partner/answers.js'
import { compareOne, discrepanciesMax } from './compare.js'
import type { KnownResource } from './compare-store.js'
import { judge, listLagMsMax } from './judge-listed.js'
import { sweepOne } from './sweep.js'
import { type TestLifecycle, testLifecycle, whatIsWrong } from './test-lifecycle.js'

interface Row {
  id: string
  kind: string
  key: string
  state: string
  reason: string
  addonId: string | null
  endedAt: Date | null
}
const hour = 3_600_000

describe('a comparison of the ledger with what the provider lists', () => {
  let t: TestLifecycle
  beforeEach(async () => {
    t = await testLifecycle({ listsResources: true })
  })
  afterEach(async () => {
    expect(t.faults).toEqual([])
    await t.stop()
  })

  const discrepancies = () =>
    rows<Row>(
      t.db,
      sql`select id, kind, key, state, reason, addon_id as "addonId", ended_at as "endedAt" from discrepancies order by key`,
    )
  const comparison = async () =>
    (
      await rows<{ outcome: string; note: string; listed: number; failures: number; next: number }>(
        t.db,
        sql`select outcome, note, listed, failures, (extract(epoch from next_at - updated_at) * 1000)::float as next from comparisons`,
      )
    )[0]
  const lists = () => t.provider.received.filter(({ method }) => method === 'GET')
  async function compare() {
    await sql`update comparisons set next_at = ${t.world.now()}`.execute(t.db)
    expect(await compareOne(t.life.deps)).toBe(true)
    return comparison()
  }

  test('finds nothing where both know the same, and is done again hours later', async () => {
    const app = await t.newApp()
    for (let n = 0; n < 3; n++) await t.create(app)
    t.provider.pageMax = 2
    expect(await compareOne(t.life.deps)).toBe(true)
    expect(await comparison()).toMatchObject({
      outcome: 'whole',
      listed: 3,
      failures: 0,
      note: '3 resources on 2 pages',
    })
    expect((await comparison())?.next).toBeGreaterThan(5 * hour)
    expect(await compareOne(t.life.deps)).toBe(false)
    expect(await discrepancies()).toEqual([])
    expect(lists()).toHaveLength(2)
    expect(lists()[0]?.headers.accept).toBe('application/vnd.heroku-addons+json; version=3')
    expect(await whatIsWrong(t)).toEqual([])
  })

  test('asks nobody whose manifest does not say that it lists', async () => {
    await t.push({ api: { ...t.manifest.api, lists_resources: false } })
    expect(await compareOne(t.life.deps)).toBe(false)
    expect(lists()).toEqual([])
  })

  test('what was never asked for is told once, never removed, and ends when it is listed no more', async () => {
    const stray = randomUUID()
    t.provider.resources.set(stray, 'small')
    for (let twice = 0; twice < 2; twice++) await compare()
    const [found] = await discrepancies()
    expect(await discrepancies()).toMatchObject([{ kind: 'unknown', key: stray, state: 'open', endedAt: null }])
    expect(await eventsOf(t.db, found?.id ?? '')).toHaveLength(1)
    await t.work()
    expect(t.provider.resources.has(stray)).toBe(true)
    expect(t.provider.received.some(({ method }) => method === 'DELETE')).toBe(false)
    t.provider.resources.delete(stray)
    t.advance(1_000)
    await compare()
    expect((await discrepancies())[0]?.endedAt).not.toBeNull()
  })

  test('what we asked for, let go of and were told to be gone is removed again when it is listed after all', async () => {
    const addon = await t.create(await t.newApp())
    await t.remove(addon.id)
    await t.work()
    expect((await t.debt(addon.id))?.state).toBe('clear')
    t.provider.resources.set(addon.id, 'small')
    await compare()
    // The list may be older than the removal.
    expect(await discrepancies()).toEqual([])
    t.advance(listLagMsMax + 1_000)
    await compare()
    expect(await discrepancies()).toMatchObject([{ kind: 'gone', addonId: addon.id }])
    expect(await t.debt(addon.id)).toMatchObject({ state: 'owed', wasDoubtful: true })
    await t.work()
    expect(t.provider.resources.size).toBe(0)
    expect((await t.debt(addon.id))?.state).toBe('watching')
    t.advance(1_000)
    await compare()
    expect((await discrepancies())[0]?.endedAt).not.toBeNull()
  })

  test('what the operator forgot is told, and not taken up again', async () => {
    const addon = await t.create(await t.newApp())
    await t.remove(addon.id)
    await t.work()
    await sql`update debts set forgotten_at = now()`.execute(t.db)
    t.provider.resources.set(addon.id, 'small')
    t.advance(listLagMsMax + 1_000)
    await compare()
    expect(await discrepancies()).toMatchObject([{ kind: 'gone', reason: expect.stringMatching(/forgotten/) }])
    expect(await t.debt(addon.id)).toMatchObject({ state: 'clear' })
  })

  test('what is in use and not listed is told, and stays in use', async () => {
    const app = await t.newApp()
    const addon = await t.create(app)
    t.provider.resources.delete(addon.id)
    t.advance(1_000)
    await compare()
    expect(await discrepancies()).toMatchObject([{ kind: 'missing', addonId: addon.id, state: 'open' }])
    expect(await t.debt(addon.id)).toMatchObject({ state: 'held' })
    expect(Object.keys(await t.head(app))).toEqual(['FAST_DB_URL'])
    t.provider.resources.set(addon.id, 'small')
    t.advance(1_000)
    await compare()
    expect((await discrepancies())[0]?.endedAt).not.toBeNull()
  })

  test('a provision in flight is no stranger, whether it is on the list or not', async () => {
    const app = await t.newApp()
    let release = (): void => undefined
    const held = new Promise<void>((done) => {
      release = done
    })
    let arrived = (): void => undefined
    const there = new Promise<void>((done) => {
      arrived = done
    })
    t.provider.onRequest = async ({ method, body }) => {
      if (method !== 'POST') return
      t.provider.resources.set(String(body?.['uuid']), 'small')
      arrived()
      await held
    }
    const creating = t.create(app)
    await there
    await compare()
    expect(await discrepancies()).toEqual([])
    // Neither is one that its provider has not written down yet.
    t.provider.lie('GET', { status: 200, body: { resources: [], next: null } })
    await compare()
    release()
    await creating
    expect(await discrepancies()).toEqual([])
    await compare()
    expect(await discrepancies()).toEqual([])
    expect(await whatIsWrong(t)).toEqual([])
  })

  test('an add-on that is made while the list is read is not missed on it', async () => {
    const app = await t.newApp()
    t.provider.onRequest = async ({ method }) => {
      if (method !== 'GET') return
      t.provider.onRequest = undefined
      await t.create(app)
    }
    t.provider.lie('GET', { status: 200, body: { resources: [], next: null } })
    await compare()
    expect(await discrepancies()).toEqual([])
  })

  test('one that broke off on a later page says what it saw, and nothing of what it did not see', async () => {
    const app = await t.newApp()
    for (let n = 0; n < 4; n++) await t.create(app)
    const stray = '00000000-0000-4000-8000-000000000000'
    t.provider.resources.set(stray, 'small')
    t.provider.pageMax = 2
    t.provider.lie(
      'GET',
      { acts: true, status: 200, body: { resources: [{ uuid: stray }], next: 'more' } },
      { status: 500 },
    )
    t.advance(1_000)
    expect(await compare()).toMatchObject({ outcome: 'partial', failures: 1, note: 'page 2: answered 500' })
    expect(await discrepancies()).toMatchObject([{ kind: 'unknown', key: stray }])
    expect((await comparison())?.next).toBeLessThan(2 * 60_000)
    t.provider.lie('GET', { status: 200, body: { resources: [], next: 'x' } }, { hangUp: true })
    await compare()
    expect((await discrepancies()).map(({ kind }) => kind)).toEqual(['unknown'])
  })

  const stray = '00000000-0000-4000-8000-00000000000a'
  const lies: [string, object, string][] = [
    ['no JSON', { status: 200, body: '<html>' }, 'unreadable'],
    ['no list', { status: 200, body: { resources: {} } }, 'unreadable'],
    ['an entry without a name', { status: 200, body: { resources: [{ uuid: stray }, {}] } }, 'unreadable'],
    ['an entry that is a number', { status: 200, body: { resources: [7] } }, 'unreadable'],
    ['a uuid that is none', { status: 200, body: { resources: [{ uuid: 'x' }] } }, 'unreadable'],
    [
      'an id of control characters',
      { status: 200, body: { resources: [{ uuid: stray, id: '\u001b[2J' }] } },
      'unreadable',
    ],
    ['a next that is an object', { status: 200, body: { resources: [], next: {} } }, 'unreadable'],
    ['a next that is long', { status: 200, body: { resources: [], next: 'x'.repeat(1_001) } }, 'unreadable'],
    ['a page without end', { status: 200, body: `{"resources":["${'x'.repeat(listBytesMax)}` }, 'unreadable'],
    ['a redirect', { status: 302, headers: { location: 'http://169.254.169.254/' } }, 'no answer'],
    ['not found', { status: 404 }, 'set-up fault'],
    ['refused', { status: 403, body: { message: 'no' } }, 'set-up fault'],
    ['busy', { status: 429, headers: { 'retry-after': '59' } }, 'not now'],
    ['broken', { status: 500 }, 'no answer'],
    ['silence', { hangUp: true }, 'no answer'],
  ]
  test.each(lies)('concludes nothing from %s, and asks again soon', async (_, lie, outcome) => {
    const addon = await t.create(await t.newApp())
    t.advance(1_000)
    t.provider.lie('GET', lie as { status: number })
    expect(await compare()).toMatchObject({ outcome, failures: 1 })
    expect((await comparison())?.next).toBeLessThan(10 * 60_000)
    expect(await discrepancies()).toEqual([])
    expect(await t.debt(addon.id)).toMatchObject({ state: 'held' })
    expect(await compare()).toMatchObject({ outcome: 'whole', failures: 0 })
  })

  test('a list that leads in a circle ends, and is worth nothing', async () => {
    const page = (next: string) => ({ status: 200, body: { resources: [{ uuid: randomUUID() }], next } })
    t.provider.lie('GET', page('a'), page('b'), page('a'))
    expect(await compare()).toMatchObject({ outcome: 'unreadable', note: 'page 3 leads back to an earlier one' })
    expect(await discrepancies()).toEqual([])
  })

  test('the same entry twice is one; two ids for one uuid are told', async () => {
    const addon = await t.create(await t.newApp())
    const one = { uuid: addon.id, id: addon.id }
    t.provider.lie('GET', { status: 200, body: { resources: [one, { ...one, uuid: addon.id.toUpperCase() }] } })
    await compare()
    expect(await discrepancies()).toEqual([])
    t.provider.lie('GET', { status: 200, body: { resources: [one, { uuid: addon.id, id: 'a-second-one' }] } })
    await compare()
    expect(await discrepancies()).toMatchObject([{ kind: 'twice', key: addon.id }])
    expect(await t.debt(addon.id)).toMatchObject({ state: 'held' })
  })

  test('thousands of strangers are kept in bounds, and counted', async () => {
    const strangers = Array.from({ length: 1_500 }, () => ({ uuid: randomUUID() }))
    const page = (from: number, next: string | null) => ({
      status: 200,
      body: { resources: strangers.slice(from, from + 500), next },
    })
    t.provider.lie('GET', page(0, 'b'), page(500, 'c'), page(1_000, null))
    expect(await compare()).toMatchObject({
      outcome: 'whole',
      listed: 1_500,
      note: expect.stringMatching(/; 500 more/),
    })
    expect(await discrepancies()).toHaveLength(discrepanciesMax)
  })

  test("another service's add-on is a stranger here, and is not touched", async () => {
    const addon = await t.create(await t.newApp())
    await t.pushOther('other-db')
    await sql`update addons set service_id = (select id from addon_services where name = 'other-db')`.execute(t.db)
    while (await compareOne(t.life.deps));
    expect(await discrepancies()).toMatchObject([{ kind: 'unknown', key: addon.id }])
    expect(await t.debt(addon.id)).toMatchObject({ state: 'held' })
  })

  test('a process that was paused meanwhile writes nothing', async () => {
    t.provider.resources.set(randomUUID(), 'small')
    t.provider.onRequest = async ({ method }) => {
      if (method === 'GET') await sql`update comparisons set epoch = epoch + 1`.execute(t.db)
    }
    await compareOne(t.life.deps)
    expect(await comparison()).toMatchObject({ outcome: null })
    expect(await discrepancies()).toEqual([])
  })

  test('while the circuit is open nobody is asked', async () => {
    await sql`insert into provider_circuits (service_id, state, failures, opens, retry_at, updated_at)
      select id, 'open', 5, 1, ${new Date(t.world.now().getTime() + hour)}::timestamptz, now() from addon_services`.execute(
      t.db,
    )
    expect(await compare()).toMatchObject({ outcome: 'no answer', note: expect.stringMatching(/circuit is open/) })
    expect(lists()).toEqual([])
  })
})

describe('a provider of the first generation', () => {
  test('that lists the id which it never told has its resource removed by it', async () => {
    const t = await testLifecycle({ version: '1', listsResources: true })
    t.provider.lie('POST', { acts: true, status: 500 })
    await t.create(await t.newApp()).catch(() => undefined)
    const [uuid] = [...t.provider.resources.keys()]
    expect(await t.debt(uuid ?? '')).toMatchObject({ state: 'stuck' })
    t.provider.lie('GET', { status: 200, body: { resources: [{ uuid, id: 77 }] } })
    expect(await compareOne(t.life.deps)).toBe(true)
    expect(await t.debt(uuid ?? '')).toMatchObject({ state: 'owed' })
    expect(await sweepOne(t.life.deps)).toBe(true)
    expect(t.provider.received.at(-1)).toMatchObject({ method: 'DELETE', path: '/heroku/resources/77' })
    await t.stop()
  })
})

describe('what a listed resource means', () => {
  const sentAt = new Date('2026-11-25T12:00:00Z')
  const since = new Date(sentAt.getTime() - hour)
  const known = (change: Partial<KnownResource>): KnownResource => ({
    addonId: 'u',
    name: 'fast-db-1',
    providerId: 'p',
    state: 'clear',
    since,
    forgottenAt: null,
    reason: null,
    isOpen: false,
    ...change,
  })
  const listed = { uuid: 'u', providerId: 'p' }
  const byId = { uuid: null, providerId: 'p' }
  const table: [string, typeof listed | typeof byId, KnownResource[], 'heroku-v1' | 'heroku-v3', string][] = [
    ['nothing known', listed, [], 'heroku-v3', 'unknown'],
    ['asked', listed, [known({ state: 'asked' })], 'heroku-v3', 'as it should be'],
    ['held', listed, [known({ state: 'held' })], 'heroku-v3', 'as it should be'],
    ['owed', listed, [known({ state: 'owed' })], 'heroku-v3', 'as it should be'],
    ['stuck', listed, [known({ state: 'stuck' })], 'heroku-v3', 'as it should be'],
    ['clear', listed, [known({})], 'heroku-v3', 'alive'],
    ['watching', listed, [known({ state: 'watching' })], 'heroku-v3', 'alive'],
    ['clear a moment ago', listed, [known({ since: sentAt })], 'heroku-v3', 'as it should be'],
    ['clear, and worked on', listed, [known({ isOpen: true })], 'heroku-v3', 'as it should be'],
    ['forgotten', listed, [known({ forgottenAt: since })], 'heroku-v3', 'gone'],
    ['clear, by its id alone', byId, [known({})], 'heroku-v3', 'gone'],
    ['v1: clear, uuid and id', listed, [known({})], 'heroku-v1', 'alive'],
    ['v1: clear, by its id alone', byId, [known({})], 'heroku-v1', 'gone'],
    ['v1: clear, another id', listed, [known({ providerId: 'q' })], 'heroku-v1', 'gone'],
    ['v1: an id that is in use again', byId, [known({}), known({ state: 'held' })], 'heroku-v1', 'as it should be'],
    ['v1: stuck without an id', listed, [known({ state: 'stuck', providerId: null })], 'heroku-v1', 'id told'],
  ]
  test.each(table)('%s', (_, one, its, protocol, verdict) => {
    expect(judge(one, its, { protocol, sentAt }).verdict).toBe(verdict)
  })
})

import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sql, transact } from '../db/db.js'
import { type TestDatabase, testDatabase } from '../db/test-database.js'
import { insertOperation } from '../saga/store.js'
import { appendEvent, eventsOf, type NewEvent } from './store.js'

let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database.drop())

const at = new Date('2026-01-02T03:04:05Z')
const actor = { id: randomUUID(), email: 'ann@example.com' }
const event = (subject: string, more: Partial<NewEvent> = {}): NewEvent => ({
  id: randomUUID(),
  at,
  actor,
  action: 'update',
  resource: 'addon',
  subject,
  appId: null,
  data: { plan: 'large' },
  previous: { plan: 'small' },
  ...more,
})

const operation = () =>
  transact(database.db, (tx) =>
    insertOperation(tx, {
      id: randomUUID(),
      saga: 'story',
      subject: randomUUID(),
      appId: null,
      parentId: null,
      actor,
      params: {},
      step: 'first',
      deadline: null,
      at,
      leaseMs: 60_000,
    }),
  )

test('an event says who did what, when, and what was before', async () => {
  const subject = randomUUID()
  await transact(database.db, (tx) => appendEvent(tx, event(subject)))
  const [recorded, ...rest] = await eventsOf(database.db, subject)
  expect(rest).toEqual([])
  expect(recorded).toMatchObject({
    at,
    actor,
    action: 'update',
    resource: 'addon',
    data: { plan: 'large' },
    previousData: { plan: 'small' },
  })
})

test('an event is true with its transaction or not at all', async () => {
  const subject = randomUUID()
  await transact(database.db, async (tx) => {
    await appendEvent(tx, event(subject))
    throw new Error('it did not come to be')
  }).catch(() => undefined)
  expect(await eventsOf(database.db, subject)).toEqual([])
})

test('a step that runs twice writes its fact once; another kind, subject or operation is another fact', async () => {
  const [subject, other] = [randomUUID(), randomUUID()]
  const [one, two] = [(await operation()).id, (await operation()).id]
  await transact(database.db, async (tx) => {
    for (let turn = 0; turn < 2; turn++) {
      await appendEvent(tx, event(subject, { operationId: one }))
      await appendEvent(tx, event(subject, { operationId: one, action: 'destroy' }))
      await appendEvent(tx, event(other, { operationId: one }))
      await appendEvent(tx, event(subject, { operationId: two }))
    }
  })
  expect((await eventsOf(database.db, subject)).map(({ action }) => action)).toEqual(['update', 'destroy', 'update'])
  expect(await eventsOf(database.db, other)).toHaveLength(1)
})

test('without an operation each fact counts, and facts of one moment keep their order', async () => {
  const subject = randomUUID()
  await transact(database.db, async (tx) => {
    for (const plan of ['a', 'b', 'c', 'd']) await appendEvent(tx, event(subject, { data: { plan } }))
  })
  const events = await eventsOf(database.db, subject)
  expect(events.map(({ data }) => data['plan'])).toEqual(['a', 'b', 'c', 'd'])
  expect(new Set(events.map(({ seq }) => seq)).size).toBe(4)
})

test("an actor's other fields, such as a token, are not written", async () => {
  const subject = randomUUID()
  const chatty = { ...actor, token: 'secret-token' }
  await transact(database.db, (tx) => appendEvent(tx, event(subject, { actor: chatty })))
  const found = await sql`select actor::text as actor from events where subject = ${subject}`.execute(database.db)
  expect(JSON.stringify(found.rows)).not.toContain('secret-token')
})

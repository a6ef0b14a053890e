import { afterAll, beforeAll, expect, test } from 'vitest'
import { listen, ring } from './bell.js'
import { changed, idleInTransactionMsMax, isDuplicate, isPassing, maybeOne, one, rows, sql, transact } from './db.js'
import { type TestDatabase, testDatabase } from './test-database.js'

let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase()
  await database.pool.query('create table doors (id int constraint doors_key primary key, width int)')
})
afterAll(() => database.drop())

test('work that throws leaves nothing', async () => {
  const work = transact(database.db, async (tx) => {
    await sql`insert into doors values (1, 80)`.execute(tx)
    throw new Error('no')
  })
  await expect(work).rejects.toThrow('no')
  expect(await rows(database.db, sql`select * from doors`)).toEqual([])
})

test('a question is answered with rows, one row, perhaps one, or a count', async () => {
  const { db } = database
  expect(await changed(db, sql`insert into doors values (2, 70), (3, 90)`)).toBe(2)
  expect(await maybeOne(db, sql`select width from doors where id = 9`)).toBeUndefined()
  await expect(one(db, sql`select width from doors where id = 9`)).rejects.toThrow('a row was expected')
  // Counts are numbers here, not text.
  expect(await one(db, sql`select count(*) as doors from doors`)).toEqual({ doors: 2 })
})

test('a taken key is told from other faults, by the name of its constraint', async () => {
  const error = await sql`insert into doors values (2, 60)`.execute(database.db).catch((found: unknown) => found)
  expect(isDuplicate(error)).toBe(true)
  expect(isDuplicate(error, 'doors_key')).toBe(true)
  expect(isDuplicate(error, 'another_key')).toBe(false)
  expect(isDuplicate(null)).toBe(false)
})

test('of two transactions that wait for each other one is told that trying again may help', async () => {
  const { db } = database
  let reached = 0
  const both = (mine: number, other: number) =>
    transact(db, async (tx) => {
      await sql`update doors set width = width + 1 where id = ${mine}`.execute(tx)
      reached++
      while (reached < 2) await new Promise((done) => setTimeout(done, 5))
      await sql`update doors set width = width + 1 where id = ${other}`.execute(tx)
    })
  const ends = await Promise.allSettled([both(2, 3), both(3, 2)])
  const failed = ends.filter((end) => end.status === 'rejected')
  expect(failed).toHaveLength(1)
  expect(isPassing((failed[0] as PromiseRejectedResult).reason)).toBe(true)
  expect(isPassing(new Error('a bug'))).toBe(false)
})

test('a bell is heard when the transaction commits, by those who listen for it, and never after a rollback', async () => {
  const bells = listen(database.connection)
  const heard: string[] = []
  bells.on('roll', () => heard.push('roll'))
  const stop = bells.on('build', () => heard.push('build'))
  // The first look comes when the connection stands: whoever came late has missed nothing.
  await until(() => heard.length >= 2)
  heard.length = 0
  await transact(database.db, async (tx) => {
    await ring(tx, 'roll')
    throw new Error('no')
  }).catch(() => undefined)
  await ring(database.db, 'build')
  await until(() => heard.length > 0)
  expect(heard).toEqual(['build'])
  stop()
  await ring(database.db, 'build')
  await ring(database.db, 'roll')
  await until(() => heard.length > 1)
  expect(heard).toEqual(['build', 'roll'])
  await bells.close()
})

test('a lost connection is taken anew, and everyone looks once for what they missed', async () => {
  const bells = listen(database.connection)
  let heard = 0
  bells.on('roll', () => heard++)
  await until(() => heard === 1)
  await database.pool.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where application_name = 'mortise bells' and datname = current_database()`,
  )
  await until(() => heard === 2)
  await bells.close()
})

async function until(isSo: () => boolean): Promise<void> {
  for (let waited = 0; waited < 10_000; waited += 10) {
    if (isSo()) return
    await new Promise((done) => setTimeout(done, 10))
  }
  throw new Error('it did not come true within 10 s')
}

test('a transaction that is left open is ended by the database, so that a paused process blocks nobody for long', async () => {
  const { rows } = await database.pool.query('show idle_in_transaction_session_timeout')
  expect(rows[0].idle_in_transaction_session_timeout).toBe(`${idleInTransactionMsMax / 1000}s`)
})

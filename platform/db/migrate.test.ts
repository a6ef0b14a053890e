import { randomBytes } from 'node:crypto'
import type pg from 'pg'
import { afterEach, expect, test } from 'vitest'
import { type OpenDb, openDb, rows, sql } from './db.js'
import { describeSchema } from './describe-schema.js'
import { type Migration, migrate, migration, migrations, SchemaTooNew } from './migrate.js'
import { type TestDatabase, testDatabase } from './test-database.js'

const now = new Date('2026-01-02T03:04:05Z')
const opened: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close()
})

/** A database with nothing in it, and how to open it once more. */
async function emptyDatabase(): Promise<{ open: () => OpenDb }> {
  // The way in is learned from a database that is there for it.
  const way: TestDatabase = await testDatabase()
  const name = `test_${randomBytes(6).toString('hex')}`
  await way.pool.query(`create database ${name}`)
  const connection: pg.ClientConfig = { ...way.connection, database: name }
  opened.push(async () => {
    await way.pool.query(`drop database if exists ${name} with (force)`)
    await way.drop()
  })
  return {
    open() {
      const one = openDb(connection, 3)
      opened.push(one.close)
      return one
    },
  }
}

const first: Migration = migration(1, '0001-first.sql', 'create table doors (id int primary key)')
const second: Migration = migration(2, '0002-second.sql', 'alter table doors add column width int')

test('an empty database becomes the newest schema, and a second start changes nothing', async () => {
  const { db } = (await emptyDatabase()).open()
  const numbers = migrations().map(({ number }) => number)
  expect(await migrate(db, now)).toEqual(numbers)
  const schema = await describeSchema(db)
  expect(await migrate(db, now)).toEqual([])
  expect(await describeSchema(db)).toBe(schema)
  const recorded = await rows<{ number: number; appliedAt: Date }>(
    db,
    sql`select number, applied_at as "appliedAt" from schema_migrations order by number`,
  )
  expect(recorded).toEqual(numbers.map((number) => ({ number, appliedAt: now })))
})

test('no two migrations have the same number', () => {
  const numbers = migrations().map(({ number }) => number)
  expect(new Set(numbers).size).toBe(numbers.length)
})

test('several processes at once apply each migration once', async () => {
  const { open } = await emptyDatabase()
  const applied = await Promise.all([1, 2, 3].map(() => migrate(open().db, now, [first, second])))
  expect(applied.flat().sort()).toEqual([1, 2])
})

test('what is new is applied on top of what is there', async () => {
  const { db } = (await emptyDatabase()).open()
  expect(await migrate(db, now, [first])).toEqual([1])
  expect(await migrate(db, now, [first, second])).toEqual([2])
})

test('data of a newer version is refused in a sentence, and left as it is', async () => {
  const { db } = (await emptyDatabase()).open()
  await migrate(db, now, [first, second])
  const before = await describeSchema(db)
  const refusal = migrate(db, now, [first])
  await expect(refusal).rejects.toThrow(SchemaTooNew)
  await expect(refusal).rejects.toThrow(/newer Mortise \(schema 2; this one knows 1\)/)
  expect(await describeSchema(db)).toBe(before)
})

test('a migration that was changed after it was applied is refused by name', async () => {
  const { db } = (await emptyDatabase()).open()
  await migrate(db, now, [first])
  const changed = migration(1, first.name, `${first.text} -- with a word more`)
  await expect(migrate(db, now, [changed, second])).rejects.toThrow(/0001-first\.sql differs/)
  expect(await rows(db, sql`select number from schema_migrations`)).toEqual([{ number: 1 }])
})

test('a migration that fails leaves nothing of itself or of its neighbours', async () => {
  const { db } = (await emptyDatabase()).open()
  const broken = migration(2, '0002-broken.sql', 'create table windows (id int); select 1 / 0')
  await expect(migrate(db, now, [first, broken])).rejects.toThrow(/division by zero/)
  expect(await describeSchema(db)).toBe('')
  expect(await migrate(db, now, [first, second])).toEqual([1, 2])
})

test('a table that an older process holds is waited for in short turns, and nobody waits behind us for long', async () => {
  const { open } = await emptyDatabase()
  const { db, pool } = open()
  await migrate(db, now, [first])
  const older = await open().pool.connect()
  await older.query('begin')
  await older.query('select * from doors')
  const migrating = migrate(db, now, [first, second], 100)
  // While it tries, others of the older kind come and go.
  for (let turn = 0; turn < 5; turn++) {
    await pool.query('select * from doors')
    await new Promise((done) => setTimeout(done, 60))
  }
  await older.query('commit')
  older.release()
  expect(await migrating).toEqual([2])
})

test('an older process that takes two tables the other way round than two migrations do meets no deadlock', async () => {
  const { open } = await emptyDatabase()
  const { db } = open()
  const walls: Migration = migration(3, '0003-walls.sql', 'create table walls (id int primary key)')
  await migrate(db, now, [first, walls])
  const older = await open().pool.connect()
  await older.query('begin')
  await older.query('select * from walls')
  const higher: Migration = migration(4, '0004-walls-grow.sql', 'alter table walls add column height int')
  const known = [first, second, walls, higher]
  const migrating = migrate(db, now, known)
  await expect
    .poll(() =>
      rows(db, sql`select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`),
    )
    .toHaveLength(1)
  // PostgreSQL would end one of the two after a second.
  await older.query('select width from doors')
  await older.query('commit')
  older.release()
  expect(await migrating).toEqual([2, 4])
})

test('a table that is held for ever is a failure that leaves everything as it was', async () => {
  const { open } = await emptyDatabase()
  const { db } = open()
  await migrate(db, now, [first])
  const older = await open().pool.connect()
  await older.query('begin')
  await older.query('select * from doors')
  await expect(migrate(db, now, [first, second], 20)).rejects.toMatchObject({ code: '55P03' })
  await older.query('rollback')
  older.release()
  expect(await migrate(db, now, [first, second])).toEqual([2])
})

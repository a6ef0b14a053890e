import { open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { endTestDatabases } from '../platform/db/test-database.js'
import { type WorldDatabase, worldDatabase } from './database.js'
import { remembered, tablesRead, tablesWritten } from './reading.js'
import { isAtFiles } from './schedule.js'

afterAll(endTestDatabases)

describe('what was written to', () => {
  test('is told from every kind of statement that the platform has', () => {
    expect(tablesWritten('insert into rolls (app_id) values ($1)')).toEqual(['rolls'])
    expect(tablesWritten('\n  UPDATE addons d set state = $1 from apps a')).toEqual(['addons'])
    expect(tablesWritten('delete from app_config_names where app_id = $1')).toEqual(['app_config_names'])
    expect(
      tablesWritten('with latched as (update questions set may_exist = $1) insert into attempts select 1 from latched'),
    ).toEqual(['questions', 'attempts'])
    expect(tablesWritten('select id from apps order by id')).toEqual([])
    expect(tablesRead(`select 1 from a left join "b" on true where exists (select 1\n from c)`)).toEqual([
      'a',
      'b',
      'c',
    ])
  })

  async function withDatabase(work: (database: WorldDatabase) => Promise<void>): Promise<void> {
    const database = await worldDatabase()
    await work(database).finally(() => database.drop())
  }
  const texts = {
    settings: { text: 'select name from settings order by name', gives: 'rows' },
    processes: { text: 'select count(*)::int from processes', gives: 'value' },
  } as const
  const put = (key: string) => `insert into settings (name, value) values ('${key}', '1')`

  test('is asked anew, and what was not is remembered', () =>
    withDatabase(async (database) => {
      const reading = remembered(database, texts)
      const first = await reading.answers()
      expect(first).toEqual({ settings: [], processes: 0 })
      const connection = await database.connect()
      await connection.query({ text: 'begin' })
      await connection.query({ text: put('a') })
      // Others do not see it yet, and what they remember now must not stay.
      expect(await reading.answers()).toEqual(first)
      await connection.query({ text: 'commit' })
      const second = await reading.answers()
      expect(second).toEqual({ settings: [{ name: 'a' }], processes: 0 })
      expect(await reading.stale()).toEqual([])
      expect((await reading.answers()).settings).toBe(second.settings)
      connection.release()
    }))

  test('is noticed at the latest when all is at rest, however it was written', () =>
    withDatabase(async (database) => {
      const reading = remembered(database, texts)
      await reading.answers()
      // Not by way of anybody's connection.
      await database.query({ text: put('b') })
      expect((await reading.answers()).settings).toEqual([])
      expect(await reading.stale()).toEqual(['settings'])
    }))

  test('reaches the tables whose rows go with it', () =>
    withDatabase(async (database) => {
      const connection = await database.connect()
      database.takeWritten()
      await connection.query({ text: 'delete from webhooks' })
      expect([...database.takeWritten()]).toEqual(
        expect.arrayContaining(['webhooks', 'webhook_deliveries', 'webhook_attempts']),
      )
      connection.release()
    }))
})

test('what a process that ended had begun is undone, and its locks are given back', async () => {
  const database = await worldDatabase()
  const dying = await database.connect()
  await dying.query({ text: 'begin' })
  await dying.query({ text: `insert into settings (name, value) values ('a', '1')` })
  await dying.query({ text: 'select pg_advisory_xact_lock(7)' })
  await dying.undo()
  const other = await database.connect()
  await other.query({ text: 'begin' })
  expect((await other.query({ text: 'select pg_try_advisory_xact_lock(7) as free' })).rows).toEqual([{ free: true }])
  expect((await other.query({ text: 'select count(*)::int as count from settings' })).rows).toEqual([{ count: 0 }])
  await database.drop()
})

test('a file that is being closed is noticed, which Node lists under another name than its other work', async () => {
  const file = path.join(tmpdir(), `mortise-sim-${process.pid}`)
  const handle = await open(file, 'w')
  while (isAtFiles()) await new Promise(setImmediate)
  const closing = handle.close()
  expect(isAtFiles()).toBe(true)
  await closing
  while (isAtFiles()) await new Promise(setImmediate)
  await rm(file)
})

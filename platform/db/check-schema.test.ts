import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkSchema, SchemaDiffers, schemaDifferences } from './check-schema.js'
import { openDb, sql } from './db.js'
import { describeSchema } from './describe-schema.js'
import { migration, migrations } from './migrate.js'
import { type TestDatabase, testDatabase } from './test-database.js'

let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database.drop())

/** Does something to the tables, looks, and takes it back by `undo`. */
async function after(change: string, undo: string): Promise<string | null> {
  await sql.raw(change).execute(database.db)
  const said = await checkSchema(database.db).then(
    () => null,
    (error: Error) => {
      expect(error).toBeInstanceOf(SchemaDiffers)
      return error.message
    },
  )
  await sql.raw(undo).execute(database.db)
  await checkSchema(database.db)
  return said
}

describe('a start looks whether the tables are what the migrations make', () => {
  test('they are', () => checkSchema(database.db))

  test.each([
    [
      'a table',
      'alter table webhooks rename to hooks',
      'alter table hooks rename to webhooks',
      'table webhooks is missing',
    ],
    [
      'a column',
      'alter table debts rename reason to why',
      'alter table debts rename why to reason',
      'debts lacks "reason text"',
    ],
    [
      'not null',
      'alter table charges alter owner_id drop not null',
      'alter table charges alter owner_id set not null',
      'charges lacks "owner_id uuid not null"',
    ],
    [
      'a constraint',
      'alter table debts rename constraint debts_state_check to other',
      'alter table debts rename constraint other to debts_state_check',
      'debts lacks "constraint debts_state_check',
    ],
    [
      'an index that keeps a promise',
      'alter index charges_open rename to other',
      'alter index other rename to charges_open',
      'charges lacks "CREATE UNIQUE INDEX charges_open',
    ],
    [
      'a column too much',
      'alter table debts add column mine text not null default 1',
      'alter table debts drop column mine',
      'debts has "mine text not null',
    ],
    [
      'a constraint too much',
      "alter table settings add constraint mine check (name <> '')",
      'alter table settings drop constraint mine',
      'settings has "constraint mine',
    ],
  ])('%s is told by name, with what to do', async (_, change, undo, sentence) => {
    const said = await after(change, undo)
    expect(said).toContain(sentence)
    expect(said).toMatch(/Take the change back, or restore a backup/)
  })

  test('tables of others, and an index that makes something faster, are nobody’s business', async () => {
    expect(await after('create table theirs (id int)', 'drop table theirs')).toBeNull()
    expect(await after('create index mine on debts (reason)', 'drop index mine')).toBeNull()
  })

  test('many differences are named in part and counted', async () => {
    const drop = ['addons', 'apps', 'charges', 'webhooks', 'events'].map(
      (table) => `alter table ${table} add mine int;`,
    )
    const undo = drop.map((line) => line.replace('add mine int', 'drop mine'))
    expect(await after(drop.join(''), undo.join(''))).toMatch(/; and 2 more\. Take/)
  })

  test('a server that says the same in other words is asked for its own', async () => {
    // As on another major version: what it makes of the migrations is not what is written, and still right.
    const known = [...migrations(), migration(9_999, '9999-words.sql', "alter table settings add check (name <> '')")]
    await sql`alter table settings add check (name <> '')`.execute(database.db)
    await checkSchema(database.db, known)
    await expect(checkSchema(database.db)).rejects.toThrow(/settings has "constraint settings_name_check/)
    await sql`alter table settings drop constraint settings_name_check`.execute(database.db)
    const left = await database.pool.query("select 1 from pg_namespace where nspname like 'mortise_check%'")
    expect(left.rowCount).toBe(0)
  })

  test('who may not make a schema is not locked out by it', async () => {
    const role = `test_${randomBytes(6).toString('hex')}`
    await database.pool.query(
      `create role ${role} login password 'a-test-password'; grant all on all tables in schema public to ${role}`,
    )
    const open = openDb({ ...database.connection, user: role, password: 'a-test-password' }, 1)
    try {
      await sql`create index mine on debts (reason)`.execute(database.db)
      await sql`alter table settings add constraint mine check (name <> '')`.execute(database.db)
      await checkSchema(open.db)
    } finally {
      await open.close()
      await sql`alter table settings drop constraint mine; drop index mine`.execute(database.db).catch(() => undefined)
      await database.pool.query(`drop owned by ${role}; drop role ${role}`)
    }
  })
})

test('the order of columns and the last comma say nothing', async () => {
  const is = await describeSchema(database.db)
  expect(
    schemaDifferences('create table a (\n  x int,\n  y int\n);\n', 'create table a (\n  y int,\n  x int\n);\n'),
  ).toEqual([])
  expect(schemaDifferences(is, is)).toEqual([])
})

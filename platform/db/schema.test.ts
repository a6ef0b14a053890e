import { afterAll, beforeAll, expect, test } from 'vitest'
import { sql, transact } from './db.js'
import { describeSchema } from './describe-schema.js'
import { type TestDatabase, testDatabase } from './test-database.js'

let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database.drop())

const head =
  '-- What all migrations leave behind, as PostgreSQL tells it. Not run by anything: bin/schema writes it.\n\n'

test('the sum of all migrations is the schema.sql beside them; bin/schema writes it anew', async () => {
  await expect(head + (await describeSchema(database.db))).toMatchFileSnapshot('./schema.sql')
})

test('a column, a constraint or an index more would be noticed', async () => {
  const before = await describeSchema(database.db)
  for (const change of [
    'alter table settings add column note text',
    "alter table settings add check (name <> '')",
    'create index settings_value on settings ((value::text))',
    'drop index charges_open',
    'alter table charges alter column owner_id drop not null',
  ]) {
    await transact(database.db, async (tx) => {
      await sql.raw(change).execute(tx)
      expect(await describeSchema(tx), change).not.toBe(before)
      throw new Error('taken back')
    }).catch((error: Error) => expect(error.message).toBe('taken back'))
  }
  expect(await describeSchema(database.db)).toBe(before)
})

import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { transact } from '../db/db.js'
import { type TestDatabase, testDatabase } from '../db/test-database.js'
import { type MasterKeys, parseMasterKeys, sealWith } from './keys.js'
import { rewrapAll } from './rewrap.js'
import { createSecrets, type Secrets } from './seal.js'
import { countSealedOtherwise, lockSealedOtherwise, sealedColumns } from './sealed-store.js'

let database: TestDatabase
let masters: MasterKeys
let secrets: Secrets
const rows = 450
const spelled = (version: number) => `${version}:${randomBytes(32).toString('base64')}`
const contextOf = (id: string) => `webhooks:${id}:1`

beforeAll(async () => {
  database = await testDatabase()
  masters = parseMasterKeys(`${spelled(1)},${spelled(2)}`)
  sealWith(masters, 1)
  secrets = createSecrets(masters)
  await database.pool.query('set session_replication_role = replica')
  const client = await database.pool.connect()
  await client.query('set session_replication_role = replica')
  for (let count = 0; count < rows; count++) {
    const { rows: made } = await client.query('select gen_random_uuid() as id')
    await client.query(
      `insert into webhooks (id, app_id, side, include, level, url, sealed, created_at, updated_at)
       values ($1, gen_random_uuid(), 'customer', '{}', 'notify', 'https://a.example', $2, now(), now())`,
      [made[0].id, secrets.seal(`secret of ${made[0].id}`, contextOf(made[0].id))],
    )
  }
  client.release()
})
afterAll(() => database.drop())

test('every column that holds bytes is known to be sealed, or is a hash', async () => {
  const { rows: found } = await database.pool.query(
    `select c.relname as "table", a.attname as "column" from pg_attribute a join pg_class c on c.oid = a.attrelid
     where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped
       and a.atttypid = 'bytea'::regtype and a.attname !~ '(^|_)hash$' order by 1, 2`,
  )
  expect(found).toEqual(sealedColumns.map(({ table, column }) => ({ table, column })))
  // And each can be read as it is written there.
  for (const column of sealedColumns) {
    expect(await transact(database.db, (tx) => lockSealedOtherwise(tx, column, 1, 1))).toEqual([])
  }
})

test('a rotation that is interrupted goes on, beside those who write, and nothing is sealed with the old key in the end', async () => {
  sealWith(masters, 2)
  // Cut off after its first batch.
  let batches = 0
  const cut = {
    ...secrets,
    rewrap(sealed: Buffer, context: string) {
      if (++batches > 250) throw new Error('cut off')
      return secrets.rewrap(sealed, context)
    },
  }
  await expect(rewrapAll(database.db, cut, 2)).rejects.toThrow('cut off')
  expect(await countSealedOtherwise(database.db, 2)).toBe(rows - 200)
  // Two at once, as when somebody starts it again while it still runs; and a customer who writes one of the rows.
  const { rows: one } = await database.pool.query('select id from webhooks limit 1')
  const counts = await Promise.all([
    rewrapAll(database.db, secrets, 2),
    rewrapAll(database.db, secrets, 2),
    database.pool.query('update webhooks set sealed = $2 where id = $1', [
      one[0].id,
      secrets.seal(`secret of ${one[0].id}`, contextOf(one[0].id)),
    ]),
  ])
  expect(Number(counts[0]) + Number(counts[1])).toBeGreaterThanOrEqual(rows - 201)
  await rewrapAll(database.db, secrets, 2)
  expect(await countSealedOtherwise(database.db, 2)).toBe(0)
  expect(await rewrapAll(database.db, secrets, 2)).toBe(0)
  // Without the old key everything opens.
  masters.byVersion.delete(1)
  const { rows: all } = await database.pool.query('select id, sealed from webhooks')
  expect(all).toHaveLength(rows)
  for (const { id, sealed } of all) expect(secrets.open(sealed, contextOf(id))).toBe(`secret of ${id}`)
})

test('a value that was moved to another row is not rewrapped', () => {
  const keys = parseMasterKeys(`${spelled(1)},${spelled(2)}`)
  sealWith(keys, 1)
  const own = createSecrets(keys)
  const sealed = own.seal('mine', contextOf('a'))
  sealWith(keys, 2)
  expect(() => own.rewrap(sealed, contextOf('b'))).toThrow()
  const again = own.rewrap(sealed, contextOf('a')) ?? Buffer.alloc(0)
  expect([own.open(again, contextOf('a')), own.rewrap(again, contextOf('a'))]).toEqual(['mine', null])
})

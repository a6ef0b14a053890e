import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { sql, type Tx, transact } from './db.js'
import { type TestDatabase, testDatabase } from './test-database.js'
import { type LockOrders, recordLockOrders } from './test-lock-orders.js'

let database: TestDatabase
let orders: LockOrders
beforeEach(async () => {
  database = await testDatabase()
  orders = await recordLockOrders(database.pool)
})
afterEach(() => database.drop())

type Row = { table: string; id: string }
const at = new Date('2030-01-01T00:00:00Z')
const owner = { table: 'accounts', id: randomUUID() }

const run = (work: (tx: Tx) => Promise<unknown>) => transact(database.db, work)

async function newApp(): Promise<Row> {
  const id = randomUUID()
  await run(async (tx) => {
    await sql`insert into accounts (id, email, is_operator, created_at, updated_at)
      values (${owner.id}, 'ann@example.com', false, ${at}, ${at}) on conflict do nothing`.execute(tx)
    await sql`insert into apps (id, name, owner_id, region, stack, created_at, updated_at)
      values (${id}, ${id}, ${owner.id}, 'local', 'heroku-24', ${at}, ${at})`.execute(tx)
  })
  return { table: 'apps', id }
}

async function newDomain(app: Row): Promise<Row> {
  const id = randomUUID()
  await run((tx) =>
    sql`insert into domains (id, app_id, hostname, created_at, updated_at)
      values (${id}, ${app.id}, ${`${id}.example.com`}, ${at}, ${at})`.execute(tx),
  )
  return { table: 'domains', id }
}

const lock = (tx: Tx, { table, id }: Row) =>
  sql`select 1 from ${sql.table(table)} where id = ${id} for no key update`.execute(tx)
const locking = (...rows: Row[]) =>
  run(async (tx) => {
    for (const row of rows) await lock(tx, row)
  })

test('three who never meet, and would wait for each other in a ring if they did, are found', async () => {
  const app = await newApp()
  const [first, second] = [await newDomain(await newApp()), await newDomain(await newApp())]
  await locking(app, owner)
  await locking(owner, first)
  expect(orders.cycles()).toEqual([])
  await locking(second, app)
  expect(orders.cycles()).toEqual([
    expect.stringMatching(/^accounts \(N\) → domains \(N\); apps \(N\) → accounts \(N\); domains \(N\) → apps \(N\)\n/),
  ])
})

test('what a new row refers to is locked as well, and only a stronger lock waits for it', async () => {
  const app = await newApp()
  const domain = await newDomain(await newApp())
  // Key share, of the app that the new row refers to.
  await run(async (tx) => {
    await lock(tx, domain)
    await sql`insert into remains (app_id, created_at) values (${app.id}, ${at})`.execute(tx)
  })
  await locking(app, domain)
  expect(orders.cycles()).toEqual([])
  await run(async (tx) => {
    await sql`select 1 from apps where id = ${app.id} for update`.execute(tx)
    await lock(tx, domain)
  })
  expect(orders.cycles()).toEqual([expect.stringMatching(/^apps \(X\) → domains \(N\); domains \(N\) → apps \(K\)\n/)])
})

test('rows of one table are locked by id, or one day in a ring', async () => {
  const apps = [await newApp(), await newApp()].sort((one, other) => (one.id < other.id ? -1 : 1))
  await locking(...apps)
  expect(orders.cycles()).toEqual([])
  await locking(...apps.reverse())
  expect(orders.cycles()).not.toEqual([])
})

test('rows that a statement locks by id before it comes to them are in order, and those it only comes to are not', async () => {
  const fall = async () => {
    let before = await newDomain(await newApp())
    for (;;) {
      const next = await newDomain(await newApp())
      if (next.id < before.id) return [before.id, next.id]
      before = next
    }
  }
  const [first, second] = [await fall(), await fall()]
  await run((tx) =>
    sql`delete from domains where id in (select id from domains where id = any(${first}) order by id for update)`.execute(
      tx,
    ),
  )
  expect(orders.cycles()).toEqual([])
  await run(async (tx) => {
    // As they lie there, and not by their index.
    await sql`set local enable_indexscan = off`.execute(tx)
    await sql`set local enable_bitmapscan = off`.execute(tx)
    await sql`delete from domains where id = any(${second})`.execute(tx)
  })
  expect(orders.cycles()).not.toEqual([])
})

test('whoever holds the app above a row keeps others apart', async () => {
  const app = await newApp()
  const domain = await newDomain(app)
  await locking(app, domain, owner)
  await locking(app, owner, domain)
  expect(orders.cycles()).toEqual([])
  await locking(owner, domain)
  expect(orders.cycles()).not.toEqual([])
})

test('a lock by one name for all keeps others apart', async () => {
  const domain = await newDomain(await newApp())
  const named = (...rows: Row[]) =>
    run(async (tx) => {
      await sql`select pg_advisory_xact_lock(${7})`.execute(tx)
      for (const row of rows) await lock(tx, row)
    })
  await named(domain, owner)
  await named(owner, domain)
  expect(orders.cycles()).toEqual([])
  await locking(owner, domain)
  expect(orders.cycles()).not.toEqual([])
})

test('what is claimed with skip locked waits for nobody, and what a rehearsal locked is given back', async () => {
  const app = await newApp()
  const domain = await newDomain(await newApp())
  await locking(app, domain)
  await run(async (tx) => {
    await lock(tx, domain)
    await sql`select id from apps where id = ${app.id} for update skip locked`.execute(tx)
  })
  await run(async (tx) => {
    await sql`savepoint rehearsal`.execute(tx)
    await lock(tx, domain)
    await sql`rollback to savepoint rehearsal`.execute(tx)
    await lock(tx, app)
  })
  expect(orders.cycles()).toEqual([])
})

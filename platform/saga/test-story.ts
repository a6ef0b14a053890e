import { randomUUID } from 'node:crypto'
import { rows, sql, type Tx, transact } from '../db/db.js'
import { testDatabase } from '../db/test-database.js'
import type { World } from '../world/world.js'
import { createEngine, type EngineOptions } from './engine.js'
import { type Decision, type Operation, type Saga, saga } from './saga.js'
import { findOperation, operationLog } from './store.js'

type Script = (operation: Operation, number: number) => Decision<string> | Promise<Decision<string>>

/**
 * For tests: the engine alone with a toy story, `pack → send → file`. Local steps write marks into a table, the call
 * decides what a test tells it to, and the clock is ours. Nothing here knows an add-on.
 */
export async function toyStory() {
  const database = await testDatabase()
  const { db, pool } = database
  await pool.query('create table marks (n serial, operation uuid, mark text)')
  let skippedMs = 0
  const world: World = {
    now: () => new Date(Date.now() + skippedMs),
    id: () => randomUUID(),
    chance: () => 0.5,
    sleep: async () => undefined,
  }
  const told = {
    /** What the call decides; `number` counts its calls from 1, of every operation. */
    send: (() => ({ decided: 'done', found: 'sent' })) as Script,
    pack: null as Error | null,
    file: null as Error | null,
    undo: null as Error | null,
  }
  let calls = 0
  const mark = async (tx: Tx, operation: Operation, text: string) => {
    await sql`insert into marks (operation, mark) values (${operation.id}, ${text})`.execute(tx)
  }
  const story: Saga<{ box: string }> = saga<{ box: string }>('parcel')
    .local('pack', {
      async do(tx, operation) {
        await mark(tx, operation, 'pack')
        if (told.pack) throw told.pack
        return { packed: operation.params.box }
      },
      async undo(tx, operation) {
        await mark(tx, operation, 'unpack')
        if (told.undo) throw told.undo
      },
    })
    .call('send', {
      async do(_context, operation) {
        return told.send(operation, ++calls)
      },
      undo: (tx, operation) => mark(tx, operation, 'call back'),
    })
    .local('file', {
      async do(tx, operation) {
        await mark(tx, operation, 'file')
        if (told.file) throw told.file
        return 'filed'
      },
      undo: (tx, operation) => mark(tx, operation, 'unfile'),
    })
  const faults: unknown[] = []
  const worker = (more: Partial<EngineOptions> = {}) =>
    createEngine({ db, world, sagas: [story], onFault: (error) => void faults.push(error), ...more })
  const engine = worker()
  const actor = { id: randomUUID(), email: 'ann@example.com' }

  return {
    db,
    pool,
    world,
    told,
    story,
    faults,
    engine,
    /** Another process with the same stories. */
    worker,
    calls: () => calls,
    advance: (ms: number) => {
      skippedMs += ms
    },
    begin: (subject: string = randomUUID(), how = engine, of: { parentId?: string } = {}) =>
      transact(db, (tx) =>
        how.begin(tx, story, { id: randomUUID(), subject, appId: null, actor, params: { box: 'small' }, ...of }),
      ),
    now: async (operation: Operation) => {
      const found = await findOperation(db, operation.id)
      if (!found) throw new Error('the operation is gone')
      return found
    },
    marks: async (operation: Operation) =>
      (await rows<{ mark: string }>(db, sql`select mark from marks where operation = ${operation.id} order by n`)).map(
        (one) => one.mark,
      ),
    log: async (operation: Operation) =>
      (await operationLog(db, operation.id)).map((entry) => `${entry.step} ${entry.kind}`),
    entries: (operation: Operation) => operationLog(db, operation.id),
    /** The lease runs out, on the database's clock. */
    lapse: (operation: Operation) =>
      pool.query(`update operations set lease_until = now() - interval '1 second' where id = $1`, [operation.id]),
    leaseOf: async (operation: Operation): Promise<number | null> => {
      const found = await pool.query(
        'select extract(epoch from lease_until - now())::float8 as seconds from operations where id = $1',
        [operation.id],
      )
      return found.rows[0].seconds
    },
    reset() {
      told.send = () => ({ decided: 'done', found: 'sent' })
      told.pack = null
      told.file = null
      told.undo = null
      calls = 0
      faults.length = 0
    },
    async end() {
      await engine.settled()
      await database.drop()
    },
  }
}
export type ToyStory = Awaited<ReturnType<typeof toyStory>>

import { randomBytes, randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { describeSchema } from '../db/describe-schema.js'
import { testDatabase } from '../db/test-database.js'
import { type House, testHouse } from '../start/test-house.js'
import { backUp } from './backup.js'
import { listTables } from './copy-store.js'
import { RestoreRefused, restore } from './restore.js'

const scratch = mkdtempSync(join(tmpdir(), 'mortise-backup-'))
const at = new Date('2026-03-04T05:06:07Z')
let house: House<'ann' | 'operator'>
const undo: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  house = await testHouse(['ann', 'operator'])
  await house.push('fast-db', 'operator')
  const app = (await house.ask('ann', 'POST', '/apps', { name: 'shop' })).body
  await house.ask('ann', 'PATCH', '/apps/shop/config-vars', { QUOTED: 'tab\t, line\n, back\\slash, \\N and ünïcode' })
  await house.addon('fast-db:mini', { id: app.id, ownerId: app.owner.id }, 'fast-1')
  // As a server's start leaves it: a word that opens with the right key only.
  await house.pool.query(`insert into settings values ('master_key_check', '"sealed"')`)
  await house.ask('ann', 'POST', '/apps/shop/webhooks', {
    include: ['api:release'],
    level: 'notify',
    url: 'https://hooks.example.com/a',
  })
})
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})
afterAll(async () => {
  await house.end()
  rmSync(scratch, { recursive: true, force: true })
})

const connectionOf = async (): Promise<pg.ClientConfig> => {
  const { rows } = await house.pool.query('select current_database() as database')
  return { ...JSON.parse(process.env['MORTISE_TEST_POSTGRES'] ?? ''), database: rows[0].database }
}

/** A data folder with a slug in it. */
function dataFolder(): string {
  const dir = mkdtempSync(join(scratch, 'data-'))
  mkdirSync(join(dir, 'slugs'))
  writeFileSync(join(dir, 'slugs', `${randomUUID()}.tgz`), randomBytes(100_000))
  writeFileSync(join(dir, 'slugs', 'half.tgz.half'), 'not whole')
  return dir
}

async function made(change: Partial<Parameters<typeof backUp>[0]> = {}) {
  const file = join(scratch, `${randomUUID()}.backup`)
  const report = await backUp({
    connection: await connectionOf(),
    file,
    version: '1',
    at,
    filesOf: null,
    masterKeys: null,
    ...change,
  })
  return { file, report }
}

/** An empty database, without even a schema. */
async function emptyDatabase() {
  const database = await testDatabase()
  undo.push(database.drop)
  await database.pool.query('drop schema public cascade; create schema public')
  return database
}

const opensSecrets = () => true
const dataDir = () => mkdtempSync(join(scratch, 'restored-'))

/** Every row of every table, as text. */
async function everything(pool: pg.Pool): Promise<Record<string, string[]>> {
  const client = (await pool.connect()) as unknown as pg.Client & { release(): void }
  try {
    const all: Record<string, string[]> = {}
    for (const { name } of await listTables(client)) {
      const { rows } = await client.query(`select t::text as row from "${name}" t order by 1`)
      all[name] = rows.map(({ row }) => row)
    }
    return all
  } finally {
    client.release()
  }
}

test('a restore into nothing gives every row back, and numbers go on where they were', async () => {
  const dir = dataFolder()
  const { file, report } = await made({ filesOf: dir })
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect([report.files, existsSync(`${file}.half`)]).toEqual([1, false])
  const database = await emptyDatabase()
  const target = dataDir()
  const restored = await restore({
    connection: database.connection,
    file,
    dataDir: target,
    replace: false,
    at,
    opensSecrets,
  })
  expect([restored.rows, restored.files]).toEqual([report.rows, 1])
  expect(restored.known).toMatchObject([{ service: 'fast-db' }])
  const before = await everything(house.pool)
  expect(before['charges']).toHaveLength(1)
  expect(before['webhooks']).toHaveLength(1)
  expect(await everything(database.pool)).toEqual(before)
  expect(await describeSchema(database.db)).toBe(await describeSchema(house.db))
  expect(readdirSync(join(target, 'slugs'))).toEqual(
    readdirSync(join(dir, 'slugs')).filter((one) => !one.endsWith('.half')),
  )
  const next = await database.pool.query(
    `insert into events (id, at, actor, action, resource, subject, data)
     values ($1, now(), '{}', 'create', 'app', $1, '{}') returning seq`,
    [randomUUID()],
  )
  const { rows } = await house.pool.query('select max(seq) as seq from events')
  expect(next.rows[0].seq).toBe(rows[0].seq + 1)
})

test('a backup is one moment: what is written meanwhile is not in it, and is not held up', async () => {
  const count = async (pool: pg.Pool) => (await pool.query('select count(*)::int as count from events')).rows[0].count
  let writing = true
  let written = 0
  const writer = (async () => {
    for (; writing; written++) {
      // Two rows in one transaction, in tables that are copied far from each other.
      await house.pool.query(
        `with a as (insert into settings (name, value) values ('pair-' || $1::text, '1') returning 1)
         insert into events (id, at, actor, action, resource, subject, data)
         values (gen_random_uuid(), now(), '{"pair": true}', 'create', 'app', gen_random_uuid(), '{}')`,
        [written],
      )
    }
  })()
  const { file } = await made()
  writing = false
  await writer
  expect(written).toBeGreaterThan(0)
  const database = await emptyDatabase()
  await restore({ connection: database.connection, file, dataDir: dataDir(), replace: false, at, opensSecrets })
  const { rows } = await database.pool.query(
    `select (select count(*)::int from settings where name like 'pair-%') as settings,
       (select count(*)::int from events where actor ? 'pair') as events`,
  )
  expect(rows[0].settings).toBe(rows[0].events)
  expect(await count(database.pool)).toBeLessThanOrEqual(await count(house.pool))
  await house.pool.query("delete from settings where name like 'pair-%'")
  await house.pool.query("delete from events where actor ? 'pair'")
})

test('secrets stay sealed in it, and the master key is in it only when told', async () => {
  const { file } = await made()
  const text = gunzipSync(readFileSync(file)).toString('latin1')
  expect(text).toContain('fast-1')
  for (const secret of ['postgres://secret', 'back\\slash', 'master.key']) expect(text).not.toContain(secret)
  const withKey = await made({ masterKeys: '1:key-of-the-house\n' })
  const database = await emptyDatabase()
  let told: string | null = null
  const restored = await restore({
    connection: database.connection,
    file: withKey.file,
    dataDir: dataDir(),
    replace: false,
    at,
    opensSecrets(_, keys) {
      told = keys
      return true
    },
  })
  expect([told, restored.masterKeys]).toEqual(['1:key-of-the-house\n', '1:key-of-the-house\n'])
})

test('data is never overwritten unless told; then it is gone, and what was restored is whole', async () => {
  const { file } = await made()
  const other = await testHouse(['operator'])
  undo.push(() => other.end())
  const { rows } = await other.pool.query('select current_database() as database')
  const connection = { ...(await connectionOf()), database: rows[0].database }
  const given = { connection, file, dataDir: dataDir(), at, opensSecrets }
  const before = await everything(other.pool)
  await expect(restore({ ...given, replace: false })).rejects.toThrow('Pass --replace')
  expect(await everything(other.pool)).toEqual(before)
  await other.pool.query(
    `insert into processes values (gen_random_uuid(), 'api', 'h', 1, 's', null, '1', now(), now())`,
  )
  await expect(restore({ ...given, replace: true })).rejects.toThrow('A process works on this database')
  await other.pool.query('delete from processes')
  await expect(restore({ ...given, replace: true, opensSecrets: () => false })).rejects.toThrow('another master key')
  expect(await everything(other.pool)).toEqual(before)
  await restore({ ...given, replace: true })
  expect(await everything(other.pool)).toEqual(await everything(house.pool))
})

test('an archive that is not whole is refused before anything is touched', async () => {
  const { file } = await made({ filesOf: dataFolder() })
  const database = await emptyDatabase()
  const given = { connection: database.connection, dataDir: dataDir(), replace: true, at, opensSecrets }
  const refused = async (bytes: Buffer, reason: RegExp) => {
    const bad = join(scratch, `${randomUUID()}.bad`)
    writeFileSync(bad, bytes)
    const restoring = restore({ ...given, file: bad })
    await expect(restoring).rejects.toThrow(RestoreRefused)
    await expect(restoring).rejects.toThrow(reason)
  }
  const whole = readFileSync(file)
  await refused(whole.subarray(0, whole.length - 2_000), /not a whole backup/)
  await refused(Buffer.from('no archive at all'), /not a whole backup: incorrect header check/)
  const open = gunzipSync(whole)
  // A byte of a slug, in an archive that is well packed otherwise.
  const bent = Buffer.from(open)
  const slug = bent.indexOf('files/slugs/') + 2_000
  bent[slug] = (bent[slug] ?? 0) ^ 1
  await refused(gzipSync(bent), /files\/slugs\/.* does not match its sum/)
  const row = Buffer.from(open)
  row[row.indexOf('fast-1')] = 0x46
  await refused(gzipSync(row), /the table \w+ does not match its sum/)
  const { rows } = await database.pool.query(
    "select count(*)::int as count from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace",
  )
  expect(rows).toEqual([{ count: 0 }])
})

test('debts at providers of the first generation wait for an operator, whose ids may be in use again', async () => {
  const [addon] = (await house.pool.query('select id from addons')).rows
  await house.pool.query(
    `insert into debts (addon_id, state, owed_at, next_at, updated_at) values ($1, 'owed', now(), now(), now())`,
    [addon.id],
  )
  undo.push(() => house.pool.query('delete from debts'))
  const { file } = await made()
  const state = async (protocol: string) => {
    await house.pool.query('update addon_services set protocol = $1', [protocol])
    const database = await emptyDatabase()
    const { file: now } = await made()
    const { debtsHeld } = await restore({
      connection: database.connection,
      file: now,
      dataDir: dataDir(),
      replace: false,
      at,
      opensSecrets,
    })
    const { rows } = await database.pool.query('select state, reason from debts')
    return [debtsHeld, rows[0].state, rows[0].reason?.includes('restored from a backup') ?? false]
  }
  expect(await state('heroku-v1')).toEqual([1, 'stuck', true])
  expect(await state('heroku-v3')).toEqual([0, 'owed', false])
  expect(existsSync(file)).toBe(true)
})

test('memory does not grow with the data: a table of 60 MB goes through parts of 4 MB', async () => {
  await house.pool.query(
    `insert into settings select 'filler-' || n, to_jsonb(repeat(md5(n::text), 2000)) from generate_series(1, 1000) n`,
  )
  undo.push(() => house.pool.query("delete from settings where name like 'filler-%'"))
  const { file, report } = await made()
  expect(report.bytes).toBeGreaterThan(100_000)
  const database = await emptyDatabase()
  await restore({ connection: database.connection, file, dataDir: dataDir(), replace: false, at, opensSecrets })
  const { rows } = await database.pool.query("select count(*)::int as count from settings where name like 'filler-%'")
  expect(rows).toEqual([{ count: 1000 }])
})

test('a place that can not be written to leaves nothing', async () => {
  const closed = mkdtempSync(join(scratch, 'closed-'))
  await expect(made({ file: join(closed, 'no', 'such', 'folder') })).rejects.toThrow('ENOENT')
  expect(readdirSync(closed)).toEqual([])
})

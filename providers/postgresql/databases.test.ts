import { createDatabase, type PostgresServer, startPostgres } from '@mortise/postgres/server'
import { unusedPort } from '@mortise/provider/fixture'
import { createSeal } from '@mortise/provider/seal'
import { Refused, type Resource } from '@mortise/provider/serve'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Admin, openAdmin } from './admin.js'
import { dropTenant, findTenant, provisionSteps, recordTenant, urlOf } from './databases.js'
import { sql, startForTest, testFolder, uuidOf } from './fixture.js'
import { holdLimits, largestTables, limitStateOf, measure } from './limits.js'
import { planNamed } from './plans.js'
import { createWork } from './work.js'

const seal = createSeal('11'.repeat(32))
const mini = planNamed('mini')
const folder = testFolder()
let postgres: PostgresServer
let admin: Admin
let count = 0

beforeAll(async () => {
  const tcp = { host: '127.0.0.1' as const, port: await unusedPort() }
  // What is tested here are rights and limits; that rows survive a crash is the supervisor's promise, tested there.
  const settings = { fsync: 'off' }
  postgres = await startPostgres({ dir: folder.dir, account: 'mortise-provider-pg', tcp, settings })
  await createDatabase(postgres, 'management')
  admin = await openAdmin(postgres.url('management'), () => {})
})

afterAll(async () => {
  await admin?.close()
  await postgres?.stop()
  folder.remove()
})

async function make(steps = provisionSteps.length, uuid = uuidOf(++count)) {
  const tenant = await recordTenant(admin, seal, uuid, mini)
  for (const step of provisionSteps.slice(0, steps)) await step(admin, tenant, mini)
  return { ...tenant, url: urlOf(admin, tenant) }
}

/** The plan's limit is moved for a moment, instead of a gigabyte being written. */
async function withMiniOf<T>(sizeBytesMax: number, errand: () => Promise<T>): Promise<T> {
  const mutable = mini as { sizeBytesMax: number }
  const before = mutable.sizeBytesMax
  mutable.sizeBytesMax = sizeBytesMax
  return errand().finally(() => {
    mutable.sizeBytesMax = before
  })
}

const refused = { code: '42501' }

test('a tenant can do everyday work in its own database', async () => {
  const { url } = await make()
  const rows = await sql(
    url,
    'create table entries (id bigint generated always as identity primary key, body text)',
    `insert into entries (body) values ('hello')`,
    'create schema extra',
    'create temporary table scratch as select 1',
    'create function twice(int) returns int language sql as $$ select $1 * 2 $$',
    'select twice(21) as n, (select count(*)::int from entries) as entries',
  )
  expect(rows).toEqual([{ n: 42, entries: 1 }])
})

test("no tenant reaches another's database, ours, or the server's own", async () => {
  const [one, other] = [await make(), await make()]
  const others = [other.database, 'management', 'template1']
  await admin.pool.query('revoke all on database management from public')
  await admin.pool.query('revoke all on database template1 from public')
  for (const database of others) {
    const url = new URL(one.url)
    url.pathname = `/${database}`
    await expect(sql(url.href, 'select 1'), database).rejects.toMatchObject(refused)
  }
})

test("another's password opens nothing", async () => {
  const [one, other] = [await make(), await make()]
  const url = new URL(one.url)
  url.password = other.password
  await expect(sql(url.href, 'select 1')).rejects.toMatchObject({ code: '28P01' })
})

test('a tenant cannot raise its rights or its limits', async () => {
  const { url, role, database } = await make()
  const attempts = [
    `alter role ${role} superuser`,
    `alter role ${role} connection limit 1000`,
    `alter role ${role} set temp_file_limit = -1`,
    `set temp_file_limit = -1`,
    'create role friend',
    'create database more',
    `alter database ${database} connection limit 1000`,
    `drop database ${database}`,
    `copy (select 1) to program 'id'`,
    `select pg_read_file('/etc/passwd')`,
    'select * from pg_authid',
    'set role mortise',
  ]
  for (const attempt of attempts)
    await expect(sql(url, attempt), attempt).rejects.toThrow(/permission denied|must be owner|only roles/i)
})

test("a tenant does not see what others run, nor learn uuids from the server's lists", async () => {
  const [one, other] = [await make(), await make()]
  const [seen] = await sql(
    one.url,
    `select (select count(*)::int from pg_stat_activity where usename <> current_user and query not in ('', '<insufficient privilege>')) as queries,
            (select string_agg(rolname, ' ') || string_agg(rolname, ' ') from pg_roles) as names`,
  )
  expect(seen.queries).toBe(0)
  expect(seen.names).not.toContain(other.uuid.replaceAll('-', ''))
})

test("what a tenant plants in its database does not run with the superuser's rights", async () => {
  const { url, database } = await make()
  await sql(
    url,
    'create table t (id int)',
    // Would be the better match for `like` between name and unknown, if the path led here.
    `create function public.trap(name, text) returns boolean language plpgsql as
       $$ begin raise exception 'trapped as %', current_user; end $$`,
    'create operator public.~~ (leftarg = name, rightarg = text, function = public.trap)',
    'create function public.pg_total_relation_size(oid) returns bigint language sql as $$ select 1/0::bigint $$',
  )
  expect(await largestTables(admin, database)).toMatchObject([{ name: 't' }])
})

test.each(provisionSteps.map((step, index) => [index, step.name]))(
  'a crash after %i steps (before %s) is mended by the repeat, with the same password',
  async (index) => {
    const cut = await make(index)
    // Until the last step nobody else is inside, whatever the moment.
    if (index > 1) await expect(sql(cut.url, 'select 1')).rejects.toThrow()
    const whole = await make(provisionSteps.length, cut.uuid)
    expect(whole.url).toBe(cut.url)
    await sql(whole.url, 'create table works (id int)')
    // And what is whole stays so when all of it runs once more.
    await make(provisionSteps.length, cut.uuid)
    await sql(whole.url, 'insert into works values (1)')
  },
)

test.each(provisionSteps.map((_, index) => index))(
  'what was made in only %i steps is removed without a rest',
  async (index) => {
    const { uuid, role, database } = await make(index)
    const tenant = await findTenant(admin, seal, uuid)
    if (!tenant) throw new Error('no row')
    await dropTenant(admin, tenant)
    await dropTenant(admin, tenant)
    expect(await findTenant(admin, seal, uuid)).toBeNull()
    const left = await admin.pool.query(
      'select from pg_roles where rolname = $1 union all select from pg_database where datname = $2',
      [role, database],
    )
    expect(left.rowCount).toBe(0)
  },
)

test('removing ends sessions that are open', async () => {
  const tenant = await make()
  const held = sql(tenant.url, 'create table t (id int)', 'select pg_sleep(30)')
  const ended = expect(held).rejects.toMatchObject({ code: '57P01' })
  for (let tries = 0; tries < 100; tries++) {
    if ((await measure(admin, tenant.uuid))?.connections) break
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  await dropTenant(admin, tenant)
  await ended
})

test('the size of a plan is held: read-only, then no log-in, then fine again with room', async () => {
  const { uuid, url, role, database } = await make()
  const full = async (times: number) => {
    const now = await measure(admin, uuid)
    await hold(uuid, Math.floor((now?.sizeBytes ?? 0) / times))
    return (await measure(admin, uuid))?.limitState
  }
  await sql(url, 'create table t (id int)', 'insert into t values (1)')
  expect(await full(0.5)).toBe('ok')
  expect(await full(1.5)).toBe('read_only')
  await expect(sql(url, 'insert into t values (2)')).rejects.toMatchObject({ code: '25006' })
  expect(await sql(url, 'select * from t')).toHaveLength(1)
  await sql(url, 'begin read write', 'delete from t', 'commit')
  // A role may undo its own setting; the next look puts it back.
  await sql(url, 'begin read write', `alter role ${role} in database ${database} reset all`, 'commit')
  await sql(url, 'insert into t values (2)')
  expect(await full(1.5)).toBe('read_only')
  await expect(sql(url, 'insert into t values (2)')).rejects.toMatchObject({ code: '25006' })
  // Whoever writes on regardless is stopped at twice the size.
  expect(await full(2.5)).toBe('stopped')
  await expect(sql(url, 'select 1')).rejects.toMatchObject({ code: '28000' })
  await holdLimits(admin, uuid)
  expect((await measure(admin, uuid))?.limitState).toBe('ok')
  await sql(url, 'insert into t values (3)')

  async function hold(of: string, sizeBytesMax: number) {
    await withMiniOf(sizeBytesMax, () => holdLimits(admin, of))
  }
})

test('a plan that the data does not fit into is refused, with the numbers', async () => {
  const { uuid } = await make()
  const resource = { uuid } as Resource
  const { changePlan } = createWork(admin, seal)
  const change = withMiniOf(1024, () => changePlan(resource, 'mini'))
  await expect(change).rejects.toThrow(/The database holds \d.* MB; mini has room for 1 kB/)
  await expect(change).rejects.toBeInstanceOf(Refused)
})

test('a server that is there already will do, and is not touched beyond our own', async () => {
  const other = testFolder()
  const provider = await startForTest({ dir: other.dir, databaseUrl: postgres.url('management') })
  try {
    const uuid = uuidOf(900)
    const made = await provider.provision(uuid)
    expect(new URL(made.json.config.DATABASE_URL).port).toBe(String(postgres.port))
    await sql(made.json.config.DATABASE_URL, 'create table t (id int)')
    expect((await provider.deprovision(uuid)).status).toBe(204)
  } finally {
    await provider.stop()
    other.remove()
  }
})

test('exactly full is not too full', () => {
  expect([100, 101, 200, 201].map((bytes) => limitStateOf(bytes, 100))).toEqual([
    'ok',
    'read_only',
    'read_only',
    'stopped',
  ])
})

test('the connections of a plan are held by the server', async () => {
  const { url, role } = await make()
  await admin.pool.query(`alter role ${role} connection limit 2`)
  const [first, second] = [sql(url, 'select pg_sleep(1)'), sql(url, 'select pg_sleep(1)')]
  await new Promise((resolve) => setTimeout(resolve, 300))
  await expect(sql(url, 'select 1')).rejects.toMatchObject({ code: '53300' })
  await Promise.all([first, second])
  const { rows } = await admin.pool.query('select rolconnlimit from pg_roles where rolname = $1', [(await make()).role])
  expect(rows[0].rolconnlimit).toBe(20)
})

test('secrets are sealed in the tables, and sealed text that was moved does not open', async () => {
  const [one, other] = [await make(), await make()]
  const { rows } = await admin.pool.query('select * from mortise_postgresql.databases where uuid = $1', [one.uuid])
  expect(JSON.stringify(rows)).not.toContain(one.password)
  await admin.pool.query('update mortise_postgresql.databases set password = $1 where uuid = $2', [
    rows[0].password,
    other.uuid,
  ])
  await expect(findTenant(admin, seal, other.uuid)).rejects.toThrow()
})

import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { appendEvent } from '../events/store.js'
import { batchMax, buildsKept, forgetEnded, forgetSlugs, keptDays, releasesInReach } from '../retention/retention.js'
import { transact } from '../db/db.js'
import { readOptions } from './options.js'
import { type House, testHouse } from './test-house.js'

const dayMs = 86_400_000
const dir = mkdtempSync(path.join(tmpdir(), 'mortise-retention-'))
mkdirSync(path.join(dir, 'slugs'))
let house: House<'ann'>
let running: { version: number }[] = []

beforeAll(async () => {
  house = await testHouse(['ann'])
})
afterAll(async () => {
  expect(house.faults).toEqual([])
  await house.end()
  rmSync(dir, { recursive: true, force: true })
})
beforeEach(() => {
  house.clock.aheadMs = 0
  running = []
})

const passDays = (days: number) => {
  house.clock.aheadMs += days * dayMs + 1_000
}
const forget = () => forgetEnded(house)
const forgetOldSlugs = () => forgetSlugs({ ...house, dir, driver: { list: () => running as never } })
const count = async (table: string, where = 'true') =>
  Number((await house.pool.query(`select count(*) from ${table} where ${where}`)).rows[0].count)
const newApp = async () => (await house.ask('ann', 'POST', '/apps', {})).body as { id: string; name: string }

async function operation(
  appId: string,
  fields: { state?: string; ended?: boolean; parent?: string; subject?: string } = {},
) {
  const id = randomUUID()
  const at = house.world.now()
  await house.pool.query(
    `insert into operations (id, saga, subject, app_id, parent_id, actor, params, step, state, next_at, created_at, updated_at, ended_at)
     values ($1, 'a.story', $2, $3, $4, '{}', '{}', 'settle', $5, $6, $6, $6, $7)`,
    [
      id,
      fields.subject ?? randomUUID(),
      appId,
      fields.parent ?? null,
      fields.state ?? 'done',
      at,
      fields.ended === false ? null : at,
    ],
  )
  await house.pool.query(
    `insert into operation_log (operation_id, epoch, step, kind, at) values ($1, 1, 'settle', 'done', $2)`,
    [id, at],
  )
  return id
}

async function slug(appId: string): Promise<string> {
  const id = randomUUID()
  await house.pool.query(
    `insert into slugs (id, app_id, process_types, stack, created_at, bytes) values ($1, $2, '{"web":"x"}', 'mortise-24', $3, 1)`,
    [id, appId, house.world.now()],
  )
  writeFileSync(path.join(dir, 'slugs', `${id}.tgz`), 'a slug')
  return id
}
const release = async (app: string, slugId: string) => {
  const made = await house.ask('ann', 'POST', `/apps/${app}/releases`, { slug: slugId })
  expect(made.status).toBe(201)
  await house.pool.query(`update releases set status = 'succeeded' where id = $1`, [made.body.id])
  return made.body.version as number
}
const isKept = async (id: string) =>
  (await count('slugs', `id = '${id}'`)) === 1 && existsSync(path.join(dir, 'slugs', `${id}.tgz`))

test('facts that were handed out go after their time; one that no webhook was told of yet stays', async () => {
  const app = await newApp()
  const about = `subject = '${app.id}'`
  expect(await count('events', about)).toBe(1)
  passDays(keptDays.events)
  await forget()
  expect(await count('events', about)).toBe(1)
  await house.pool.query('update events set published_at = at')
  passDays(-2)
  await forget()
  expect(await count('events', about)).toBe(1)
  passDays(2)
  await forget()
  expect(await count('events', about)).toBe(0)
})

test('a fact that a delivery speaks of stays as long as that', async () => {
  const app = await newApp()
  const { rows } = await house.pool.query('update events set published_at = at where subject = $1 returning id', [
    app.id,
  ])
  await house.pool.query(
    `insert into webhook_events (event_id, include, payload, created_at) values ($1, 'api:app', '{}', now())`,
    [rows[0].id],
  )
  passDays(keptDays.events)
  await forget()
  expect(await count('events', `id = '${rows[0].id}'`)).toBe(1)
  await house.pool.query('delete from webhook_events')
  await forget()
  expect(await count('events', `id = '${rows[0].id}'`)).toBe(0)
})

test('stories that ended go, with their lines, children first; what they made stays', async () => {
  const app = await newApp()
  const whole = await operation(app.id)
  const part = await operation(app.id, { parent: whole })
  const open = await operation(app.id, { state: 'parked', ended: false })
  const stuck = await operation(app.id, { state: 'stuck', ended: false })
  await house.pool.query('update releases set operation_id = $1 where app_id = $2', [whole, app.id])
  passDays(keptDays.operations - 1)
  await forget()
  expect(await count('operations', `id in ('${whole}', '${part}')`)).toBe(2)
  passDays(1)
  await forget()
  await forget()
  expect(await count('operations', `id in ('${whole}', '${part}')`)).toBe(0)
  expect(await count('operation_log', `operation_id in ('${whole}', '${part}')`)).toBe(0)
  expect(await count('operations', `id in ('${open}', '${stuck}')`)).toBe(2)
  expect(await count('releases', `app_id = '${app.id}'`)).toBe(1)
})

test('the story of a resource that is not known to be gone stays, however old', async () => {
  await house.push('fast-db', 'ann')
  const app = await newApp()
  const addon = await house.addon('fast-db:mini', { id: app.id, ownerId: house.people.ann.id }, 'owed-one')
  const story = await operation(app.id, { subject: addon })
  const debt = (state: string) =>
    house.pool.query(
      `insert into debts (addon_id, state, updated_at) values ($1, $2, now()) on conflict (addon_id) do update set state = excluded.state`,
      [addon, state],
    )
  passDays(keptDays.operations)
  for (const state of ['owed', 'watching', 'stuck']) {
    await debt(state)
    await forget()
    expect(await count('operations', `id = '${story}'`), state).toBe(1)
  }
  await debt('clear')
  await forget()
  expect(await count('operations', `id = '${story}'`)).toBe(0)
})

test('a slug stays while a release in reach needs it, and goes with its file when none does', async () => {
  const app = await newApp()
  const old = await slug(app.id)
  const first = await release(app.name, old)
  const next = await slug(app.id)
  await release(app.name, next)
  // Old, but among the newest releases: the customer can still go back.
  passDays(keptDays.slugs + 400)
  expect(await forgetOldSlugs()).toBe(false)
  expect(await isKept(old)).toBe(true)
  expect((await house.ask('ann', 'POST', `/apps/${app.name}/releases`, { release: String(first) })).status).toBe(201)

  await house.pool.query(`update apps set slug_id = $1 where id = $2`, [next, app.id])
  const { rows } = await house.pool.query('select snapshot_id from releases where app_id = $1 limit 1', [app.id])
  const last = Number(
    (await house.pool.query('select max(version) from releases where app_id = $1', [app.id])).rows[0].max,
  )
  for (let version = last + 1; version <= last + releasesInReach; version++) {
    await house.pool.query(
      `insert into releases (id, app_id, version, description, actor_email, slug_id, snapshot_id, status, created_at, updated_at)
       values ($1, $2, $3, 'Set X config vars', 'ann@example.com', $4, $5, 'succeeded', $6, $6)`,
      [randomUUID(), app.id, version, next, rows[0].snapshot_id, house.world.now()],
    )
  }
  await house.pool.query('update apps set last_version = $1 where id = $2', [last + releasesInReach, app.id])
  await house.pool.query(
    `update releases set status = 'succeeded', created_at = created_at - interval '900 days' where app_id = $1 and version <= $2`,
    [app.id, last],
  )
  running = [{ version: first }]
  await house.pool.query('delete from rolls where app_id = $1', [app.id])
  await forgetOldSlugs()
  expect(await isKept(old), 'it runs').toBe(true)
  running = []
  expect(await forgetOldSlugs()).toBe(true)
  expect(await isKept(old)).toBe(false)
  expect(await isKept(next), "the app's own").toBe(true)
  const gone = (await house.ask('ann', 'GET', `/apps/${app.name}/releases/${first}`)).body
  expect(gone).toMatchObject({ status: 'expired', slug: null, eligible_for_rollback: false })
  const refused = await house.ask('ann', 'POST', `/apps/${app.name}/releases`, { release: String(first) })
  expect(refused.status).toBe(422)
})

test('a release that is on its way, or that the roll runs, keeps its slug', async () => {
  const app = await newApp()
  const [waiting, rolled] = [await slug(app.id), await slug(app.id)]
  const insert = async (slugId: string, version: number, status: string) => {
    const { rows } = await house.pool.query(
      `insert into releases (id, app_id, version, description, actor_email, slug_id, snapshot_id, status, created_at, updated_at)
       select $1, $2, $3, 'x', 'ann@example.com', $4, snapshot_id, $5, $6, $6 from releases where app_id = $2 limit 1 returning id`,
      [randomUUID(), app.id, version, slugId, status, house.world.now()],
    )
    return rows[0].id
  }
  await insert(waiting, 1_001, 'pending')
  const runs = await insert(rolled, 1_002, 'failed')
  await house.pool.query(
    `insert into rolls (app_id, running_release_id, state, not_before, requested_at, updated_at) values ($1, $2, 'idle', now(), now(), now())
     on conflict (app_id) do update set running_release_id = excluded.running_release_id`,
    [app.id, runs],
  )
  passDays(keptDays.slugs)
  for (let version = 2_000; version < 2_000 + releasesInReach; version++) await insert(waiting, version, 'failed')
  await forgetOldSlugs()
  expect([await isKept(waiting), await isKept(rolled)]).toEqual([true, true])
  await house.pool.query('delete from rolls where app_id = $1', [app.id])
  await forgetOldSlugs()
  expect([await isKept(waiting), await isKept(rolled)]).toEqual([true, false])
})

test('a file that lost its row is swept; one that is just being written is not', async () => {
  const [lost, young] = [randomUUID(), randomUUID()].map((id) => path.join(dir, 'slugs', `${id}.tgz`)) as [
    string,
    string,
  ]
  writeFileSync(lost, 'lost')
  writeFileSync(young, 'young')
  utimesSync(lost, new Date(Date.now() - 3 * dayMs), new Date(Date.now() - 3 * dayMs))
  while (await forgetOldSlugs()) {}
  expect([existsSync(lost), existsSync(young)]).toEqual([false, true])
})

test('builds go with their output, but for the newest, those whose slug is there and those under way', async () => {
  const app = await newApp()
  const source = randomUUID()
  const at = house.world.now()
  await house.pool.query(`insert into sources (id, account_id, hash, created_at) values ($1, $2, $3, $4)`, [
    source,
    house.people.ann.id,
    Buffer.from(source),
    at,
  ])
  const build = async (status: string, slugId: string | null, minutes: number) => {
    const id = randomUUID()
    await house.pool.query(
      `insert into builds (id, app_id, account_id, source_id, source_url, purpose, status, stack, sealed, slug_id, created_at, updated_at)
       values ($1, $2, $3, $4, '', 'deploy', $5, 'mortise-24', '', $6, $7, $7)`,
      [id, app.id, house.people.ann.id, source, status, slugId, new Date(at.getTime() + minutes * 60_000)],
    )
    return id
  }
  const [failed, pending, kept] = [
    await build('failed', null, 1),
    await build('pending', null, 2),
    await build('succeeded', await slug(app.id), 3),
  ]
  for (let n = 0; n < buildsKept; n++) await build('failed', null, 10 + n)
  passDays(keptDays.builds - 1)
  await forget()
  expect(await count('builds', `app_id = '${app.id}'`)).toBe(buildsKept + 3)
  passDays(2)
  await forget()
  expect(await count('builds', `id = '${failed}'`)).toBe(0)
  expect(await count('builds', `id in ('${pending}', '${kept}')`)).toBe(2)
  expect(await count('builds', `app_id = '${app.id}'`)).toBe(buildsKept + 2)
})

test("a program's authorization that ended goes with the tokens and the code that hang on it; a live one keeps all of its", async () => {
  const client = await house.ask('ann', 'POST', '/oauth/clients', {
    name: 'program',
    redirect_uri: 'https://program.example',
  })
  const { pool, people, world } = house
  const insert = async (kind: string, of: { authorization?: string; revoked: boolean }) => {
    const id = randomUUID()
    await pool.query(
      `insert into tokens (id, kind, account_id, client_id, authorization_id, hash, created_at, updated_at, revoked_at)
       values ($1, $2, $3, $4, $5, $6, $7, $7, $8)`,
      [
        ...[id, kind, people.ann.id, client.body.id, of.authorization ?? null, Buffer.from(id)],
        ...[world.now(), of.revoked ? world.now() : null],
      ],
    )
    return id
  }
  const allow = async (revoked: boolean) => {
    const authorization = await insert('authorization', { revoked })
    const hanging = [
      await insert('client_refresh', { authorization, revoked }),
      await insert('client_access', { authorization, revoked }),
    ]
    await pool.query(
      `insert into oauth_codes (hash, client_id, account_id, redirect_uri, scopes, created_at, expires_at, authorization_id)
       values ($1, $2, $3, 'https://program.example', '{global}', $4, $4, $5)`,
      [Buffer.from(authorization), client.body.id, people.ann.id, world.now(), authorization],
    )
    return [authorization, ...hanging]
  }
  const [ended, live] = [await allow(true), await allow(false)]
  const among = (ids: string[]) => count('tokens', `id in (${ids.map((id) => `'${id}'`).join(',')})`)
  passDays(keptDays.tokens - 1)
  while (await forget());
  expect(await among(ended)).toBe(3)
  passDays(2)
  for (let pass = 0; pass < 3; pass++) await forget()
  expect([await among(ended), await among(live)]).toEqual([0, 3])
})

test('sessions and authorizations that ended go; live ones and the word of a removed add-on stay', async () => {
  const at = house.world.now()
  const token = async (kind: string, ended: { revoked?: boolean; expired?: boolean }, addon: string | null = null) => {
    const id = randomUUID()
    await house.pool.query(
      `insert into tokens (id, kind, account_id, addon_id, hash, created_at, updated_at, revoked_at, expires_at) values ($1, $2, $3, $4, $5, $6, $6, $7, $8)`,
      [
        id,
        kind,
        addon ? null : house.people.ann.id,
        addon,
        Buffer.from(id),
        at,
        ended.revoked ? at : null,
        ended.expired ? at : null,
      ],
    )
    return id
  }
  const app = await newApp()
  const addon = await house.addon('fast-db:mini', { id: app.id, ownerId: house.people.ann.id }, 'tokened')
  const ended = [await token('web', { revoked: true }), await token('authorization', { expired: true })]
  const live = [
    await token('web', {}),
    await token('authorization', {}),
    await token('grant_access', { revoked: true }, addon),
  ]
  const among = (ids: string[]) => count('tokens', `id in (${ids.map((id) => `'${id}'`).join(',')})`)
  passDays(keptDays.tokens - 1)
  await forget()
  expect(await among(ended)).toBe(2)
  passDays(1)
  await forget()
  expect([await among(ended), await among(live)]).toEqual([0, 3])
})

test('links that were used or ran out go, open ones stay', async () => {
  const at = house.world.now()
  const invite = (email: string, used: Date | null, days: number) =>
    house.pool.query(
      `insert into invites (id, purpose, hash, email, invited_by, created_at, expires_at, used_at) values ($1, 'account', $2, $3, $4, $5, $6, $7)`,
      [randomUUID(), Buffer.from(email), email, house.people.ann.id, at, new Date(at.getTime() + days * dayMs), used],
    )
  await invite('used@example.com', at, 400)
  await invite('late@example.com', null, 1)
  await invite('open@example.com', null, 400)
  passDays(keptDays.tokens + 1)
  await forget()
  expect((await house.pool.query('select email from invites')).rows).toEqual([{ email: 'open@example.com' }])
})

test('keys of requests go after a day, but not while somebody works on one', async () => {
  const at = house.world.now()
  const key = (text: string, lease: string) =>
    house.pool.query(
      `insert into idempotency_keys (owner_id, hash, body_hash, id, lease_until, created_at) values ($1, $2, '', $3, now() + $4::interval, $5)`,
      [house.people.ann.id, Buffer.from(text), randomUUID(), lease, at],
    )
  await key('done', '-1 minute')
  await key('under way', '1 hour')
  passDays(keptDays['idempotency-keys'])
  await forget()
  expect((await house.pool.query('select hash from idempotency_keys')).rows).toEqual([
    { hash: Buffer.from('under way') },
  ])
})

test('a pass takes away a bounded batch and says that there is more', async () => {
  const app = await newApp()
  await house.pool.query(
    `insert into events (id, at, actor, action, resource, subject, data, published_at)
     select gen_random_uuid(), $1, '{}', 'update', 'app', $2, '{}', $1 from generate_series(1, $3)`,
    [house.world.now(), randomUUID(), batchMax + 1],
  )
  const before = await count('events', 'published_at is not null')
  passDays(keptDays.events)
  expect(await forget()).toBe(true)
  expect(await count('events', 'published_at is not null')).toBe(before - batchMax)
  while (await forget()) {}
  expect(await count('events', 'published_at is not null')).toBe(0)
  expect(app.id).toBeDefined()
})

test('how long is the operator’s to say', async () => {
  expect((readOptions(['--keep', 'events=30'], { MORTISE_KEEP: 'builds=5' }) as { kept: object }).kept).toEqual({
    events: 30,
  })
  expect((readOptions([], { MORTISE_KEEP: 'events=30, builds=5' }) as { kept: object }).kept).toEqual({
    events: 30,
    builds: 5,
  })
  for (const wrong of ['events=0', 'events', 'apps=3']) {
    expect(() => readOptions(['--keep', wrong], {})).toThrow('--keep takes NAME=DAYS with one of events')
  }
  const at = house.world.now()
  const subject = randomUUID()
  const fact = {
    id: randomUUID(),
    at,
    actor: { id: house.people.ann.id, email: 'ann@example.com' },
    action: 'update',
    resource: 'app',
    subject,
    appId: null,
    data: {},
  } as const
  await transact(house.db, (tx) => appendEvent(tx, fact as never))
  await house.pool.query('update events set published_at = at')
  passDays(3)
  await forgetEnded({ ...house, kept: { events: 4 } })
  expect(await count('events', `subject = '${subject}'`)).toBe(1)
  await forgetEnded({ ...house, kept: { events: 2 } })
  expect(await count('events', `subject = '${subject}'`)).toBe(0)
})

import { randomUUID } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { App } from '../apps/app.js'
import { findApp, lockApp } from '../apps/store.js'
import { listConfigNames, takeConfigNames } from '../attachments/store.js'
import { insertSlug } from '../builds/slug-store.js'
import { rows, sql, transact } from '../db/db.js'
import { createHttpServer } from '../http/server.js'
import { attach } from '../lifecycle/attach.js'
import { changeConfig, releaseConfig } from '../lifecycle/change-config.js'
import { type TestLifecycle, testLifecycle } from '../lifecycle/test-lifecycle.js'
import { insertOperation } from '../saga/store.js'
import { applyChange, type ChangeSet } from './change.js'
import { environmentOf } from './environment.js'
import type { Release } from './release.js'
import { releaseRoutes } from './routes.js'
import { setReleaseStatus } from './store.js'

let life: TestLifecycle
let server: FastifyInstance
let app: App
const url = 'fast://user:secret-value@127.0.0.1/db'

beforeAll(async () => {
  life = await testLifecycle()
  const { db, world, secrets, actor } = life
  server = await createHttpServer({
    world,
    handlers: releaseRoutes({ db, world, secrets }),
    authenticate: async () => ({
      account: { ...actor, name: null, isOperator: false },
      addonId: null,
      tokenId: randomUUID(),
      scopes: ['global'],
      via: 'bearer',
      sudo: false,
    }),
    guard: async (_permission, _asker, params) => ({ app: await findApp(db, params['app'] ?? '') }),
    log: () => undefined,
    onFault: (error) => void life.faults.push(error),
    checkAnswers: true,
  })
})
afterAll(async () => {
  await server.close()
  await life.stop()
})
beforeEach(async () => {
  app = await life.newApp()
  life.faults.length = 0
})

async function call(method: 'GET' | 'PATCH' | 'POST', path: string, payload?: object) {
  const answer = await server.inject({ method, url: `/apps/${app.id}${path}`, ...(payload ? { payload } : {}) })
  return { status: answer.statusCode, body: answer.json(), text: answer.body }
}
const set = (vars: Record<string, string | null>) => call('PATCH', '/config-vars', vars)
const rollback = (version: number) => call('POST', '/releases', { release: String(version) })
const pool = (statement: string) => sql.raw(statement).execute(life.db)
const versions = async () => (await life.releases(app)).map(({ version }) => version)
const newest = async () => (await life.releases(app))[0] as Release

/** A change as later rooms make it. */
const change = (more: Partial<ChangeSet>): Promise<Release | null> =>
  transact(life.db, async (tx) => {
    const locked = (await lockApp(tx, app.id)) as App
    return applyChange(tx, life, { app: locked, actor: life.actor, accountId: life.actor.id, rebuild: false, ...more })
  })

async function slug(): Promise<string> {
  const id = randomUUID()
  const made = { id, appId: app.id, buildId: null, sourceId: null, bytes: 1, checksum: 'SHA256:0', commit: null }
  const rest = { commitDescription: null, folder: null }
  const createdAt = life.world.now()
  const row = { ...made, ...rest, processTypes: { web: 'run' }, buildpack: 'test', stack: 'mortise-24', createdAt }
  await transact(life.db, (tx) => insertSlug(tx, row))
  return id
}

/** Deploys a slug, and lets its release be one that succeeded. */
async function deploy(): Promise<Release> {
  const made = (await change({ slugId: await slug(), description: 'Deploy' })) as Release
  await setReleaseStatus(life.db, made.id, 'succeeded', null, life.world.now())
  return made
}
const succeed = async () => setReleaseStatus(life.db, (await newest()).id, 'succeeded', null, life.world.now())

describe('a change', () => {
  test('of one or many vars is one release that names them and never a value', async () => {
    expect(await set({ ONE: 'first-value', TWO: 'second-value' })).toMatchObject({
      status: 200,
      body: { ONE: 'first-value', TWO: 'second-value' },
    })
    await set({ ONE: null, THREE: 'third-value' })
    const [third, second, first] = await life.releases(app)
    expect(third?.description).toBe('Set THREE and remove ONE config vars')
    expect(second?.description).toBe('Set ONE, TWO config vars')
    expect(first).toMatchObject({ version: 1, description: 'Initial release' })
    const events = await sql`select data::text, previous_data::text from events where app_id = ${app.id}`.execute(
      life.db,
    )
    expect(JSON.stringify(await life.releases(app)) + JSON.stringify(events.rows)).not.toMatch(/\w+-value/)
    expect((await call('GET', '/releases')).text).not.toMatch(/\w+-value/)
  })

  test('that changes nothing makes no release', async () => {
    await set({ ONE: '1' })
    for (const same of [{ ONE: '1' }, {}, { NOT_THERE: null }] as Record<string, string | null>[]) {
      expect(await set(same)).toMatchObject({ status: 200, body: { ONE: '1' } })
    }
    expect(await versions()).toEqual([2, 1])
  })

  test('several in one second, and at once, have a number each without a gap', async () => {
    await Promise.all(Array.from({ length: 8 }, (_, index) => set({ [`NAME_${index}`]: String(index) })))
    expect(await versions()).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1])
    expect(Object.keys(await life.head(app))).toHaveLength(8)
  })

  test('runs nothing before the first deploy, and waits for its roll afterwards', async () => {
    await set({ ONE: '1' })
    expect(await newest()).toMatchObject({ status: 'succeeded', slugId: null })
    await deploy()
    await set({ ONE: '2' })
    expect(await newest()).toMatchObject({ status: 'pending' })
    const waiting = await rows(life.db, sql`select state, rebuild from rolls where app_id = ${app.id}`)
    expect(waiting).toEqual([{ state: 'wanted', rebuild: true }])
  })

  test('of one operation is one release in each app, however often its step runs', async () => {
    const other = await life.newApp()
    const at = life.world.now()
    const operation = { id: randomUUID(), saga: 'story', subject: randomUUID(), appId: null, parentId: null, step: 'x' }
    const row = { ...operation, actor: life.actor, params: {}, deadline: null, at, leaseMs: 1 }
    await transact(life.db, (tx) => insertOperation(tx, row))
    const first = await change({ operationId: operation.id, vars: { ONE: '1' } })
    const second = await change({ operationId: operation.id, vars: { ONE: '1' } })
    expect(second?.id).toBe(first?.id)
    app = other
    const elsewhere = await change({ operationId: operation.id, vars: { ONE: '1' } })
    expect(elsewhere?.id).not.toBe(first?.id)
    await pool(`update operations set ended_at = now(), state = 'done' where id = '${operation.id}'`)
  })
})

describe('a name', () => {
  test.each(['', '1ST', 'WITH-DASH', 'WITH SPACE', 'A=B', 'Ü', 'X'.repeat(201), 'A\nB'])(
    'like %j can not be set',
    async (name) => {
      expect(await set({ [name]: 'x' })).toMatchObject({ status: 422, body: { id: 'invalid_params' } })
      expect(await versions()).toEqual([1])
    },
  )

  test.each(['lower', '_', 'PATH', 'NODE_OPTIONS', 'X'.repeat(200)])(
    'like %s is the customer\u2019s to set',
    async (name) => {
      expect((await set({ [name]: 'x' })).status).toBe(200)
    },
  )

  test.each(['constructor', '__proto__', 'toString', 'hasOwnProperty'])(
    'that means something to JavaScript (%s) is set, owned, shown and removed like any other',
    async (name) => {
      const answer = await server.inject({
        method: 'PATCH',
        url: `/apps/${app.id}/config-vars`,
        headers: { 'content-type': 'application/json' },
        payload: `{"${name}":"x"}`,
      })
      expect(answer.body).toBe(`{"${name}":"x"}`)
      expect(await listConfigNames(life.db, app.id)).toEqual([{ name, attachmentId: null }])
      await server.inject({
        method: 'PATCH',
        url: `/apps/${app.id}/config-vars`,
        headers: { 'content-type': 'application/json' },
        payload: `{"${name}":null}`,
      })
      expect(await listConfigNames(life.db, app.id)).toEqual([])
      expect(await versions()).toEqual([3, 2, 1])
    },
  )

  test('has one owner in an app, and the table itself refuses a second', async () => {
    await set({ ONE: '1' })
    const second = sql`insert into app_config_names (app_id, name, attachment_id) values (${app.id}, 'ONE', null)`
    await expect(second.execute(life.db)).rejects.toThrow(/app_config_names_pkey/)
    expect(await transact(life.db, (tx) => takeConfigNames(tx, app.id, ['ONE', 'TWO'], null))).toEqual([])
  })

  test('that an attachment owns can be neither set nor removed by the customer', async () => {
    await life.create(app)
    for (const value of ['mine', null]) {
      expect(await set({ FAST_DB_URL: value, OTHER: 'x' })).toMatchObject({
        status: 422,
        body: { id: 'invalid_params', message: 'Cannot overwrite attachment values FAST_DB_URL.' },
      })
    }
    expect(await life.head(app)).toEqual({ FAST_DB_URL: url })
  })
})

describe('a value', () => {
  test('may hold anything but a NUL', async () => {
    const value = 'line\nline "quoted" $HOME `x` \u{1f511}'
    expect(await set({ ONE: value })).toMatchObject({ status: 200, body: { ONE: value } })
    const refused = await set({ ONE: 'secret-half\0other' })
    expect(refused).toMatchObject({ status: 422, body: { id: 'invalid_params' } })
    expect(refused.text).not.toContain('secret-half')
  })

  test('of 32 KiB fits, one byte more does not, and the answer does not repeat it', async () => {
    expect((await set({ ONE: 'x'.repeat(32 * 1024) })).status).toBe(200)
    const refused = await set({ ONE: 'y'.repeat(32 * 1024 + 1) })
    expect(refused).toMatchObject({ status: 422, body: { message: 'The value of ONE is longer than 32 KiB.' } })
  })

  test('with all others of the app has 64 KiB', async () => {
    await set({ ONE: 'x'.repeat(32_000), TWO: 'x'.repeat(32_000) })
    expect(await set({ MORE: 'x'.repeat(2_000) })).toMatchObject({
      status: 422,
      body: { message: expect.stringContaining('64 KiB in all; these would hold 65 KiB') },
    })
    expect(await versions()).toEqual([2, 1])
  })

  test('that an add-on made too large blocks no deploy, no removal and no release of ours', async () => {
    const addon = await life.create(app)
    await set({ ONE: 'x'.repeat(32_000), TWO: 'x'.repeat(10_000) })
    await changeConfig(life.life.deps, addon.id, { FAST_DB_URL: 'y'.repeat(32_000) })
    await releaseConfig(life.life.deps, addon.id)
    expect((await life.head(app))['FAST_DB_URL']).toHaveLength(32_000)
    expect(await deploy()).toMatchObject({ version: 5 })
    expect((await set({ THREE: 'x' })).status).toBe(422)
    expect((await set({ TWO: 'smaller' })).status).toBe(200)
    expect((await set({ TWO: null })).status).toBe(200)
    expect(life.faults).toEqual([])
  })
})

describe('a rollback', () => {
  test('brings back slug and vars in a new release, and says to which', async () => {
    await set({ ONE: 'old' })
    const then = await deploy()
    await set({ ONE: 'new', TWO: 'more' })
    await deploy()
    expect(await rollback(then.version)).toMatchObject({
      status: 201,
      body: { version: 6, description: `Rollback to v${then.version}`, slug: { id: then.slugId } },
    })
    expect(await life.head(app)).toEqual({ ONE: 'old' })
    expect((await listConfigNames(life.db, app.id)).map(({ name }) => name)).toEqual(['ONE'])
    // What went is free, what came back is owned.
    expect((await set({ TWO: 'again' })).status).toBe(200)
  })

  test("keeps today's attachments: none is stripped, none comes back", async () => {
    const before = await deploy()
    const addon = await life.create(app)
    const after = await newest()
    await succeed()
    await rollback(before.version)
    expect(await life.head(app)).toEqual({ FAST_DB_URL: url })
    const now = await newest()
    expect((await environmentOf(life.db, life.secrets, now.id)).config).toEqual({ FAST_DB_URL: url })
    expect(now.addonPlanNames).toEqual(['fast-db:small'])
    await life.remove(addon.id)
    await life.work()
    await rollback(after.version)
    expect(await life.head(app)).toEqual({})
  })

  test('in which an own var of then clashes with an attachment of today: the attachment wins, and it says so', async () => {
    await set({ FAST_DB_URL: 'my-own', OTHER: 'old' })
    const then = await deploy()
    await life.create(app, { confirm: app.name })
    expect((await life.head(app))['FAST_DB_URL']).toBe(url)
    await set({ OTHER: 'new' })
    const made = await rollback(then.version)
    expect(made.body.description).toBe(`Rollback to v${then.version} (FAST_DB_URL stays with its add-on)`)
    expect(await life.head(app)).toEqual({ FAST_DB_URL: url, OTHER: 'old' })
  })

  test('to what failed, is not there, is another app\u2019s, or had no slug is refused with a sentence', async () => {
    const old = await newest()
    const failed = await deploy()
    await setReleaseStatus(life.db, failed.id, 'failed', null, life.world.now())
    await deploy()
    expect(await rollback(failed.version)).toMatchObject({
      status: 422,
      body: { message: expect.stringMatching(/did not succeed/) },
    })
    expect(await rollback(99)).toMatchObject({ status: 404, body: { resource: 'release' } })
    expect(await rollback(old.version)).toMatchObject({
      status: 422,
      body: { message: expect.stringMatching(/no slug/) },
    })
    const theirs = await life.newApp()
    const [release] = await life.releases(theirs)
    expect(await call('POST', '/releases', { release: release?.id })).toMatchObject({ status: 404 })
    expect(await call('POST', '/releases', { slug: 'nonsense' })).toMatchObject({
      status: 404,
      body: { resource: 'slug' },
    })
    expect(life.faults).toEqual([])
  })

  test('with a description that no database can keep is a sentence, not a fault', async () => {
    const then = await deploy()
    const answer = await call('POST', '/releases', { release: `v${then.version}`, description: 'a\0b' })
    expect(answer).toMatchObject({ status: 400, body: { id: 'bad_request' } })
    expect(life.faults).toEqual([])
  })
})

describe('pins', () => {
  const pins = (releaseId: string) =>
    rows(
      life.db,
      sql`select credential_id, names from release_pins where release_id = ${releaseId} order by credential_id`,
    )
  const environment = async (release: Release) => (await environmentOf(life.db, life.secrets, release.id)).config

  test('never change: a release runs with what it was made with, although newer values are in force', async () => {
    const addon = await life.create(app)
    const made = await newest()
    const before = await pins(made.id)
    await changeConfig(life.life.deps, addon.id, { FAST_DB_URL: 'fast://new' })
    await releaseConfig(life.life.deps, addon.id)
    expect(await pins(made.id)).toEqual(before)
    expect(await environment(made)).toEqual({ FAST_DB_URL: url })
    expect(await environment(await newest())).toEqual({ FAST_DB_URL: 'fast://new' })
    expect(await life.head(app)).toEqual({ FAST_DB_URL: 'fast://new' })
  })

  test('on what was revoked fall forward to what is in force; the release shows null for what it had', async () => {
    const addon = await life.create(app)
    await set({ OWN: 'mine' })
    const made = await newest()
    await changeConfig(life.life.deps, addon.id, { FAST_DB_URL: 'fast://new' })
    await releaseConfig(life.life.deps, addon.id)
    const shown = () => call('GET', `/releases/${made.version}/config-vars`)
    expect((await shown()).body).toEqual({ OWN: 'mine', FAST_DB_URL: url })
    await pool(
      `update credentials set state = 'revoked', sealed = null where addon_id = '${addon.id}' and state = 'retiring'`,
    )
    expect(await environment(made)).toEqual({ OWN: 'mine', FAST_DB_URL: 'fast://new' })
    expect((await shown()).body).toEqual({ OWN: 'mine', FAST_DB_URL: null })
  })

  test('on an add-on that is gone are left out', async () => {
    const addon = await life.create(app)
    await set({ OWN: 'mine' })
    const made = await newest()
    await life.remove(addon.id)
    await life.work()
    expect(await environment(made)).toEqual({ OWN: 'mine' })
    expect((await call('GET', `/releases/${made.version}/config-vars`)).body).toEqual({
      OWN: 'mine',
      FAST_DB_URL: null,
    })
    expect(await environment(await newest())).toEqual({ OWN: 'mine' })
  })

  test('hold names and versions, never values', async () => {
    await life.create(app)
    const all = await sql`select row_to_json(p)::text as text from release_pins p`.execute(life.db)
    expect(JSON.stringify(all.rows)).not.toContain('secret-value')
  })

  test('never give a dyno a reserved name, whatever stands in the table', async () => {
    await life.create(app)
    const made = await newest()
    await sql`update release_pins set names = '{"FAST_DB_URL": "LD_PRELOAD"}' where release_id = ${made.id}`.execute(
      life.db,
    )
    expect(await environmentOf(life.db, life.secrets, made.id)).toEqual({ config: {}, dropped: ['LD_PRELOAD'] })
  })

  test('of one add-on in two apps are each app\u2019s own', async () => {
    const addon = await life.create(app)
    const other = await life.newApp()
    await attach(life.life.deps, {
      appId: other.id,
      addonId: addon.id,
      wanted: 'CACHE',
      confirm: null,
      actor: life.actor,
    })
    expect(await life.head(other)).toEqual({ CACHE_URL: url })
    await changeConfig(life.life.deps, addon.id, { FAST_DB_URL: 'fast://new' })
    expect(await releaseConfig(life.life.deps, addon.id)).toBe(2)
    expect(await releaseConfig(life.life.deps, addon.id)).toBe(0)
    expect(await life.head(other)).toEqual({ CACHE_URL: 'fast://new' })
  })
})

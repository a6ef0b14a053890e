import { afterEach, beforeEach, expect, test } from 'vitest'
import type { App } from '../apps/app.js'
import { acknowledgeVersion } from '../apps/store.js'
import { rows, sql, transact } from '../db/db.js'
import { createApp } from './app-lifecycle.js'
import { changeConfig, releaseConfig } from './change-config.js'
import { lifecycleReconcilers, retiredKeptMs } from './stories.js'
import { type TestLifecycle, testLifecycle } from './test-lifecycle.js'

let t: TestLifecycle
beforeEach(async () => {
  t = await testLifecycle()
})
afterEach(() => t.stop())

const make = (kind: App['kind']) =>
  createApp(t.life.deps, { name: null, region: 'us', stack: 'mortise-24', kind, actor: t.actor })
/** The provider gives a new password: the version before retires. */
async function rotate(addonId: string): Promise<void> {
  await changeConfig(t.life.deps, addonId, { FAST_DB_URL: `fast://${t.world.id()}` })
  await releaseConfig(t.life.deps, addonId)
}
const expire = () =>
  lifecycleReconcilers(t.life.deps)
    .find(({ name }) => name === 'expire')
    ?.pass()
const states = async (addonId: string) =>
  (
    await rows<{ state: string }>(t.db, sql`select state from credentials where addon_id = ${addonId} order by version`)
  ).map(({ state }) => state)
const acknowledge = (app: App, version: number) =>
  transact(t.db, (tx) => acknowledgeVersion(tx, app.id, version, t.world.now()))

test('what runs elsewhere keeps an old credential alive until it says that it left it', async () => {
  const app = await make('external')
  const addon = await t.create(app)
  await acknowledge(app, 2)
  await rotate(addon.id)
  t.advance(retiredKeptMs + 60_000)
  await expire()
  expect(await states(addon.id)).toEqual(['retiring', 'active'])
  await acknowledge(app, 3)
  await expire()
  expect(await states(addon.id)).toEqual(['revoked', 'active'])
})

test('an app that never said anything holds what it may have pulled', async () => {
  const app = await make('external')
  const addon = await t.create(app)
  await rotate(addon.id)
  t.advance(retiredKeptMs * 50)
  await expire()
  expect(await states(addon.id)).toEqual(['retiring', 'active'])
})

test('an acknowledgement never goes backwards, and a destroyed app holds nothing', async () => {
  const app = await make('external')
  const addon = await t.create(app)
  const other = await make('external')
  await rotate(addon.id)
  await acknowledge(app, 3)
  await acknowledge(app, 2)
  await sql`update apps set state = 'destroying' where id = ${other.id}`.execute(t.db)
  t.advance(retiredKeptMs + 60_000)
  await expire()
  expect(await states(addon.id)).toEqual(['revoked', 'active'])
})

test('a one-off that still runs on an old release holds its credentials', async () => {
  const app = await make('hosted')
  const addon = await t.create(app)
  await rotate(addon.id)
  t.running.push({ appId: app.id, version: 2 })
  t.advance(retiredKeptMs + 60_000)
  await expire()
  expect(await states(addon.id)).toEqual(['retiring', 'active'])
  t.running.length = 0
  await expire()
  expect(await states(addon.id)).toEqual(['revoked', 'active'])
})

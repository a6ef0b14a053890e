import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { addonById } from '../addons/store.js'
import { findApp } from '../apps/store.js'
import { maybeOne, sql, transact } from '../db/db.js'
import { applyChange } from '../releases/change.js'
import { patchConfig } from './call-backs.js'
import { providerRollMs } from './change-config.js'
import { listKnownCredentials } from './head-store.js'
import { lifecycleReconcilers } from './stories.js'
import { allAddons, type TestLifecycle, testLifecycle } from './test-lifecycle.js'

let t: TestLifecycle
beforeEach(async () => {
  t = await testLifecycle()
})
afterEach(() => t.stop())

/** An app with something to run, and an add-on whose provider may change its config. */
async function deployed() {
  const app = await t.newApp()
  const addon = await t.create(app)
  const slug = randomUUID()
  const at = t.world.now()
  await sql`insert into slugs (id, app_id, process_types, stack, created_at) values (${slug}, ${app.id}, '{}', 'mortise-24', ${at})`.execute(
    t.db,
  )
  await sql`update releases set slug_id = ${slug} where app_id = ${app.id}`.execute(t.db)
  let value = 0
  return {
    app,
    /** The provider gives other values: a release, and a roll to come. */
    async change() {
      const current = await addonById(t.db, addon.id)
      if (!current) throw new Error('no add-on')
      await patchConfig(t.life.deps, current, [{ name: 'FAST_DB_URL', value: `fast://${++value}` }])
    },
    /** Rolls if it is time to. @returns whether it was */
    async roll() {
      const rolled = await maybeOne(
        t.db,
        sql`update rolls set state = 'idle' where app_id = ${app.id} and state = 'wanted' and not_before <= ${t.world.now()} returning app_id`,
      )
      return rolled !== undefined
    },
  }
}

test('a provider that changes config all the time rolls an app once a minute, and every value gets there', async () => {
  const { change, roll } = await deployed()
  const rolledAt: number[] = []
  const begun = t.world.now().getTime()
  // How often somebody looks whether it is time to roll: by so much two rolls may come closer.
  const stepMs = 1_000
  for (let ms = 0; ms <= 6 * providerRollMs; ms += stepMs) {
    // Every seven seconds, so that changes fall just before and just after each roll.
    if (ms % 7_000 === 0 && ms <= 5 * providerRollMs) await change()
    if (await roll()) rolledAt.push(t.world.now().getTime() - begun)
    t.advance(stepMs)
  }
  const waits = rolledAt.slice(1).map((ms, n) => ms - (rolledAt[n] ?? 0))
  expect(rolledAt[0], 'the first one at once').toBeLessThanOrEqual(10_000)
  expect(rolledAt.length).toBeGreaterThanOrEqual(5)
  expect(Math.min(...waits), `rolled at ${rolledAt.join(', ')} ms`).toBeGreaterThan(providerRollMs - 2 * stepMs)
  t.advance(2 * providerRollMs)
  expect(await roll(), 'nothing is left to roll').toBe(false)
})

test('a customer who changes something meanwhile does not wait for that minute', async () => {
  const { app, change, roll } = await deployed()
  await change()
  t.advance(10_000)
  expect(await roll()).toBe(true)
  await change()
  t.advance(5_000)
  expect(await roll()).toBe(false)
  const live = await findApp(t.db, app.id)
  if (!live) throw new Error('no app')
  await transact(t.db, async (tx) => {
    const { actor } = t
    await applyChange(tx, t.life.deps, { app: live, actor, accountId: actor.id, vars: { A: 'b' }, rebuild: true })
  })
  t.advance(5_000)
  expect(await roll()).toBe(true)
})

test('each version of the values is on a list, with the apps that are on it', async () => {
  const { app, change } = await deployed()
  const [addon] = await allAddons(t.db)
  const listed = async () =>
    (await listKnownCredentials(t.db, addon?.id ?? '', 10)).map(({ version, state, names, usedBy }) => ({
      version,
      state,
      names,
      usedBy,
    }))
  const name = app.name
  const names = ['FAST_DB_URL']
  const on = (release: number) => [{ app: { id: app.id, name }, release }]
  const [first] = await t.releases(app)
  // It runs on the first release that has the values.
  await sql`insert into rolls (app_id, release_id, running_release_id, state, not_before, requested_at, updated_at)
    values (${app.id}, ${first?.id}, ${first?.id}, 'idle', now(), now(), now())`.execute(t.db)
  expect(await listed()).toEqual([{ version: 1, state: 'active', names, usedBy: on(2) }])
  await change()
  expect(await listed()).toEqual([
    { version: 2, state: 'active', names, usedBy: on(3) },
    { version: 1, state: 'retiring', names, usedBy: on(2) },
  ])
  // The roll is done, and two hours later nothing is on the old one any more.
  await sql`update rolls set running_release_id = release_id, state = 'idle'`.execute(t.db)
  t.advance(3 * 3_600_000)
  for (const reconciler of lifecycleReconcilers(t.life.deps)) await reconciler.pass()
  expect(await listed()).toEqual([
    { version: 2, state: 'active', names, usedBy: on(3) },
    { version: 1, state: 'revoked', names, usedBy: [] },
  ])
})

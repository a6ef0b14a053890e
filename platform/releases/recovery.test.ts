import { randomUUID } from 'node:crypto'
import { existsSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { outputContext } from '../builds/build.js'
import { keepStream, slugFile } from '../builds/source.js'
import { claimBuild, findBuild, insertBuild, readOutput } from '../builds/store.js'
import { sql, transact } from '../db/db.js'
import { forgetApp } from './forget.js'
import { claimRoll, findRoll, finishRoll, requestAllRolls } from './roll-store.js'
import { findRelease, latestRelease, listReleases } from './store.js'
import { greetingApp, plainApp, type TestPlatform, testPlatform, until } from './test-platform.js'

// Each test starts real processes, and the machine may be busy.
vi.setConfig({ testTimeout: 60_000 })

let platform: TestPlatform
beforeAll(async () => {
  platform = await testPlatform()
  platform.work()
})
afterAll(() => platform.end())

/** The next life of the platform, which has not begun to work yet. */
const die = () => platform.restart()
const comeBack = async () => {
  await requestAllRolls(platform.db, platform.world.now())
  platform.work()
}
const served = (number: number, appId: string) =>
  until(async () => {
    const dynos = platform.driver.list(appId)
    return dynos.length > 0 && dynos.every(({ version, state }) => version === number && state === 'up')
      ? true
      : undefined
  })

test('after a start, apps run again as they did, without a new release', async () => {
  const app = await platform.app()
  await platform.deploy(app, plainApp)
  await die()
  expect(platform.driver.list(app.id)).toEqual([])
  await comeBack()
  await served(2, app.id)
  expect(await platform.ask(app)).toMatchObject({ built: 'plain' })
  expect((await listReleases(platform.db, app.id)).length).toBe(2)
})

test('after a failed release, a start comes up on what ran well last', async () => {
  const app = await platform.app()
  await platform.deploy(app, plainApp)
  const bad = await platform.change(app.id, { vars: { BREAK_START: '1' } })
  expect((await platform.settled(bad.id)).status).toBe('failed')
  await die()
  await comeBack()
  await served(2, app.id)
  expect((await findRelease(platform.db, app.id, '3'))?.status).toBe('failed')
})

test('a failed deploy without a process type takes no dyno of it away, not even after a start', async () => {
  const app = await platform.app()
  await platform.deploy(app, plainApp)
  await platform.call('PATCH', `/apps/${app.name}/formation/worker`, { quantity: 2 })
  await platform.idle(app)
  const build = await platform.deploy(app, { ...plainApp, Procfile: 'web: exit 1\n' })
  expect((await platform.settled(build.releaseId ?? '')).status).toBe('failed')
  await die()
  await comeBack()
  await served(2, app.id)
  expect(
    platform.driver
      .list(app.id)
      .map(({ name }) => name)
      .sort(),
  ).toEqual(['web.1', 'worker.1', 'worker.2'])
})

test('a release that was pending when the platform died goes out, and the last good one serves until then', async () => {
  const app = await platform.app()
  await platform.deploy(app, greetingApp)
  await die()
  const pending = await platform.change(app.id, { vars: { BREAK_START: '1' }, rebuild: true })
  await comeBack()
  await served(2, app.id)
  expect(await platform.settled(pending.id)).toMatchObject({ status: 'failed' })
  await platform.idle(app)
  await served(2, app.id)
})

test('a roll whose holder died is taken again, together with the build it was in', async () => {
  const app = await platform.app()
  const { sourceId } = await platform.deploy(app, greetingApp)
  await die()
  const { db, world, secrets, account } = platform
  const release = await platform.change(app.id, { vars: { GREETING: 'again' }, rebuild: true })
  const held = await until(() => claimRoll(db, world.now()))
  expect(held.appId).toBe(app.id)
  const id = world.id()
  await transact(db, (tx) =>
    insertBuild(tx, {
      id,
      appId: app.id,
      accountId: account.id,
      sourceId,
      sourceUrl: '',
      sourceChecksum: null,
      sourceVersion: null,
      sourceDescription: null,
      purpose: 'config',
      buildpacks: null,
      stack: app.stack,
      sealed: secrets.seal('token', outputContext(id)),
      releaseId: release.id,
      at: world.now(),
    }),
  )
  expect((await claimBuild(db, id))?.epoch).toBe(1)
  await sql`update rolls set state = 'building', lease_until = now() - interval '1 second' where app_id = ${app.id}`.execute(
    db,
  )
  await sql`update builds set lease_until = now() - interval '1 second' where id = ${id}`.execute(db)
  platform.work()
  expect(await platform.settled(release.id)).toMatchObject({ status: 'succeeded', slugId: id })
  expect(await platform.ask(app)).toMatchObject({ greeting: 'again', built: 'again' })

  // Whoever was taken for dead and is not, writes nothing.
  const end = { appId: app.id, epoch: held.epoch, runningReleaseId: null, again: true, message: null, at: world.now() }
  expect(await transact(db, (tx) => finishRoll(tx, end))).toBe(false)
  expect((await findRoll(db, app.id))?.state).toBe('idle')
})

test('a release that is up, and whose end the database did not take, goes out at the next pass, whatever its command says then', async () => {
  const flag = path.join(tmpdir(), `mortise-release-${randomUUID()}`)
  const app = await platform.app()
  await platform.change(app.id, { vars: { FLAG: flag } })
  await sql`create sequence ends`.execute(platform.db)
  await sql`create function lose_the_first_end() returns trigger language plpgsql as $f$ begin
    if nextval('ends') = 1 then raise exception 'a deadlock' using errcode = '40P01'; end if; return new; end $f$`.execute(
    platform.db,
  )
  await sql`create trigger lose_the_first_end before update of status on releases
    for each row when (new.status <> 'pending') execute function lose_the_first_end()`.execute(platform.db)
  try {
    // The command can't be run a second time.
    await platform.deploy(app, { ...plainApp, Procfile: `${plainApp['Procfile']}release: mkdir "$FLAG"\n` })
    const release = await findRelease(platform.db, app.id, '3')
    expect(await platform.settled(release?.id ?? '')).toMatchObject({ status: 'succeeded' })
    expect((await sql<{ ends: number }>`select last_value::int as ends from ends`.execute(platform.db)).rows).toEqual([
      { ends: 2 },
    ])
    await served(3, app.id)
    expect((await findRoll(platform.db, app.id))?.runningReleaseId).toBe(release?.id)
    expect(platform.faults.splice(0)).toEqual([expect.objectContaining({ code: '40P01' })])
  } finally {
    await sql`drop trigger lose_the_first_end on releases`.execute(platform.db)
    rmSync(flag, { recursive: true, force: true })
  }
})

test('a build that the platform stopped in is built again, and its output goes on', async () => {
  const app = await platform.app()
  const slow = { ...greetingApp, 'build.js': `setTimeout(() => { ${greetingApp['build.js']} }, 700)` }
  const { id } = await platform.push(app, slow)
  await until(async () => ((await findBuild(platform.db, id))?.epoch ? true : undefined))
  await die()
  expect(await findBuild(platform.db, id)).toMatchObject({ status: 'pending' })
  await comeBack()
  const build = await until(async () => {
    const found = await findBuild(platform.db, id)
    return found?.status === 'succeeded' ? found : undefined
  })
  expect(build.epoch).toBe(2)
  expect((await readOutput(platform.db, id, 0))?.text).toContain('building again')
  await platform.settled(build.releaseId ?? '')
  expect((await latestRelease(platform.db, app.id))?.version).toBe(2)
})

test('an app that goes in the middle of a build leaves no file, whether the builder was killed or only came late', async () => {
  const kept = async (id: string) => existsSync(slugFile(platform.dir, id))
  const destroying = (id: string) => sql`update apps set state = 'destroying' where id = ${id}`.execute(platform.db)
  // Killed between the file and the record of it; the app is destroyed before the build is taken up again.
  const app = await platform.app()
  await die()
  const { id: killed } = await platform.push(app, plainApp)
  await keepStream(Readable.from(['built']), slugFile(platform.dir, killed))
  await destroying(app.id)
  await forgetApp(platform.deps, app.id)
  expect(await kept(killed)).toBe(false)
  // At work when the app goes: what it keeps afterwards is for nobody.
  const other = await platform.app()
  const slow = { ...greetingApp, 'build.js': `setTimeout(() => { ${greetingApp['build.js']} }, 700)` }
  const { id: late } = await platform.push(other, slow)
  await comeBack()
  await until(async () => ((await findBuild(platform.db, late))?.epoch ? true : undefined))
  await destroying(other.id)
  await until(async () => ((await findBuild(platform.db, late))?.status === 'failed' ? true : undefined))
  await until(async () => ((await kept(late)) ? undefined : true))
})

test('a rollback brings back slug and vars, and a start keeps them', async () => {
  const app = await platform.app()
  await platform.deploy(app, greetingApp)
  const changed = await platform.change(app.id, { vars: { GREETING: 'newer' }, rebuild: true })
  await platform.settled(changed.id)
  const back = await platform.call('POST', `/apps/${app.name}/releases`, { release: 'v2' })
  expect(back.status).toBe(201)
  await platform.settled(back.json.id)
  expect(await platform.ask(app)).toMatchObject({ greeting: null, built: 'nothing' })
  await die()
  await comeBack()
  await served(4, app.id)
  expect(await platform.ask(app)).toMatchObject({ greeting: null, built: 'nothing' })
})

test('nothing the platform did was a fault of its own', () => {
  expect(platform.faults).toEqual([])
})

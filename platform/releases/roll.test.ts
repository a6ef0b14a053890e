import { stat } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { slugFile } from '../builds/source.js'
import { listBuilds } from '../builds/store.js'
import { findFormation } from '../formation/store.js'
import { later } from '../world/world.js'
import { findRoll } from './roll-store.js'
import { findRelease, latestRelease, listReleases } from './store.js'
import { plainApp, type TestPlatform, testPlatform, until } from './test-platform.js'

// Each test starts real processes, and the machine may be busy.
vi.setConfig({ testTimeout: 60_000 })

let platform: TestPlatform
beforeAll(async () => {
  platform = await testPlatform()
  platform.work()
})
afterAll(() => platform.end())

const version = async (appId: string, number: number) => (await findRelease(platform.db, appId, String(number)))!

describe('a deploy', () => {
  test('becomes v2 with one dyno of each process type but release', async () => {
    const app = await platform.app()
    const build = await platform.deploy(app, {
      ...plainApp,
      Procfile: `${plainApp['Procfile']}release: echo preparing\n`,
    })
    expect(build).toMatchObject({ status: 'succeeded', purpose: 'deploy' })
    const release = await version(app.id, 2)
    expect(release).toMatchObject({ status: 'succeeded', description: 'Deploy abcdef01', slugId: build.slugId })
    expect(build.releaseId).toBe(release.id)
    const names = platform.driver.list(app.id).map(({ name, state }) => `${name} ${state}`)
    expect(names.sort()).toEqual(['web.1 up', 'worker.1 up'])
    expect(await platform.ask(app)).toMatchObject({ built: 'plain' })
    expect(platform.log(app)).toContain('preparing')
    expect(platform.log(app)).toContain('Release v2 created by dev@example.com')
  })

  test('whose build fails changes nothing else', async () => {
    const app = await platform.app()
    const build = await platform.deploy(app, { 'README.md': 'no app here' })
    expect(build).toMatchObject({ status: 'failed', slugId: null, releaseId: null })
    expect(build.message).toContain('No default language could be detected')
    expect((await listReleases(platform.db, app.id)).length).toBe(1)
  })
})

describe('a change of config', () => {
  test('rebuilds the slug, restarts every dyno, and the old ones serve until then', async () => {
    const app = await platform.app()
    await platform.deploy(app)
    const before = await platform.ask(app)
    const changing = platform.call('PATCH', `/apps/${app.name}/config-vars`, { GREETING: 'hello' })
    const seen: string[] = []
    await changing
    const release = (await latestRelease(platform.db, app.id))!
    expect(release).toMatchObject({ version: 3, status: 'pending' })
    await until(async () => {
      // It answers at every moment of the rebuild and the roll.
      seen.push((await platform.ask(app)).greeting ?? 'nothing')
      return (await findRelease(platform.db, app.id, '3'))?.status === 'succeeded' ? true : undefined
    })
    expect(seen[0]).toBe('nothing')
    const after = await platform.ask(app)
    expect(after).toMatchObject({ greeting: 'hello', built: 'hello' })
    expect(after.pid).not.toBe(before.pid)
    const done = await version(app.id, 3)
    expect(done.slugId).not.toBe(release.slugId)
    await until(async () => platform.log(app).find((line) => line === 'counting with hello'))
    const [rebuild] = await listBuilds(platform.db, app.id)
    expect(rebuild).toMatchObject({ purpose: 'config', status: 'succeeded', releaseId: done.id, slugId: done.slugId })
    expect(platform.driver.list(app.id).every((dyno) => dyno.version === 3)).toBe(true)
  })

  test('goes on with the previous slug when the rebuild fails, and says so', async () => {
    const app = await platform.app()
    await platform.deploy(app)
    const release = await platform.change(app.id, { vars: { BREAK_BUILD: '1', GREETING: 'still' }, rebuild: true })
    const done = await platform.settled(release.id)
    expect(done).toMatchObject({ status: 'succeeded', slugId: release.slugId })
    expect(done.message).toContain('could not be rebuilt')
    expect(await platform.ask(app)).toMatchObject({ greeting: 'still', built: 'nothing' })
  })

  test('that changes nothing in the slug takes no more room on the disk', async () => {
    const app = await platform.app()
    const { slugId } = await platform.deploy(app, plainApp)
    const release = await platform.change(app.id, { vars: { GREETING: 'hi' }, rebuild: true })
    const done = await platform.settled(release.id)
    expect(done.slugId).not.toBe(slugId)
    const [before, after] = await Promise.all([slugId, done.slugId].map((id) => stat(slugFile(platform.dir, id ?? ''))))
    expect(after?.ino).toBe(before?.ino)
    expect(await platform.ask(app)).toMatchObject({ greeting: 'hi' })
  })

  test('that a provider makes restarts without a rebuild', async () => {
    const app = await platform.app()
    await platform.deploy(app)
    const builds = platform.builds.filter((build) => build.app.id === app.id).length
    const release = await platform.change(app.id, { vars: { GREETING: 'theirs' } })
    await platform.settled(release.id)
    expect(await platform.ask(app)).toMatchObject({ greeting: 'theirs', built: 'nothing' })
    expect(platform.builds.filter((build) => build.app.id === app.id).length).toBe(builds)
  })

  test('before the first deploy succeeds at once and waits for it', async () => {
    const app = await platform.app()
    const release = await platform.change(app.id, { vars: { GREETING: 'early' }, rebuild: true })
    expect(release.status).toBe('succeeded')
    await platform.deploy(app)
    expect(await platform.ask(app)).toMatchObject({ greeting: 'early', built: 'early' })
  })

  test('of several in one breath goes out as one roll', async () => {
    const app = await platform.app()
    await platform.deploy(app, plainApp)
    // The first two wait for longer than any machine needs to make the third, which is due at once.
    const notBefore = later(platform.world.now(), 60_000)
    const first = await platform.change(app.id, { vars: { GREETING: 'a' }, notBefore })
    const second = await platform.change(app.id, { vars: { GREETING: 'b' }, notBefore })
    const third = await platform.change(app.id, { vars: { GREETING: 'c' } })
    expect(await platform.settled(third.id)).toMatchObject({ status: 'succeeded' })
    for (const { id } of [first, second]) {
      expect(await platform.settled(id)).toMatchObject({ status: 'expired', message: 'Went out with v5.' })
    }
    expect(await platform.ask(app)).toMatchObject({ greeting: 'c' })
    const started = platform
      .log(app)
      .filter((line) => line.startsWith('Starting process with command `node server.js`'))
    expect(started.length).toBe(2)
  })

  test('that comes during a roll gets a roll of its own', async () => {
    const app = await platform.app()
    await platform.deploy(app)
    await platform.change(app.id, { vars: { GREETING: 'a' }, rebuild: true })
    await until(async () => ((await findRoll(platform.db, app.id))?.state === 'building' ? true : undefined))
    const second = await platform.change(app.id, { vars: { GREETING: 'b' } })
    await platform.settled(second.id)
    // The rebuild that the first one needed was made for the second one's config too.
    expect(await platform.ask(app)).toMatchObject({ greeting: 'b', built: 'b' })
    await platform.idle(app)
  })
})

describe('a release that fails', () => {
  test('leaves the old dynos serving, and the config as it was set', async () => {
    const app = await platform.app()
    await platform.deploy(app, plainApp)
    const before = await platform.ask(app)
    const release = await platform.change(app.id, { vars: { BREAK_START: '1', GREETING: 'new' } })
    const failed = await platform.settled(release.id)
    expect(failed.status).toBe('failed')
    expect(failed.message).toMatch(/web\.1.*v2 still serves\./)
    expect(await platform.ask(app)).toEqual(before)
    const head = await platform.call('GET', `/apps/${app.name}/config-vars`)
    expect(head.json).toEqual({ BREAK_START: '1', GREETING: 'new' })

    const mended = await platform.change(app.id, { vars: { BREAK_START: null } })
    expect((await platform.settled(mended.id)).status).toBe('succeeded')
    expect(await platform.ask(app)).toMatchObject({ greeting: 'new' })
  })

  test('by its release command never starts', async () => {
    const app = await platform.app()
    await platform.deploy(app, plainApp)
    const build = await platform.deploy(app, { ...plainApp, Procfile: `${plainApp['Procfile']}release: exit 7\n` })
    expect(build.status).toBe('succeeded')
    expect(await version(app.id, 3)).toMatchObject({ status: 'failed' })
    expect((await version(app.id, 3)).message).toContain('exit status 7')
    expect(platform.driver.list(app.id).every((dyno) => dyno.version === 2)).toBe(true)
  })
})

describe('a formation', () => {
  test('is scaled without a new release', async () => {
    const app = await platform.app()
    await platform.deploy(app, plainApp)
    const { pid } = await platform.ask(app)
    const updates = [
      { type: 'web', quantity: '2' },
      { type: 'worker', quantity: '-1' },
    ]
    const answer = await platform.call('PATCH', `/apps/${app.name}/formation`, { updates })
    expect(answer.status).toBe(200)
    expect(answer.json.map((one: { quantity: number }) => one.quantity)).toEqual([2, 0])
    await platform.idle(app)
    expect(
      platform.driver
        .list(app.id)
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['web.1', 'web.2'])
    expect((await platform.ask(app)).pid).toBe(pid)
    expect((await latestRelease(platform.db, app.id))?.version).toBe(2)
  })

  test('keeps its quantities over a deploy, and drops what the slug has not', async () => {
    const app = await platform.app()
    await platform.deploy(app, plainApp)
    await platform.call('PATCH', `/apps/${app.name}/formation/web`, { quantity: 2 })
    await platform.idle(app)
    await platform.deploy(app, { ...plainApp, Procfile: 'web: node server.js\nclock: node worker.js\n' })
    await platform.idle(app)
    expect(
      platform.driver
        .list(app.id)
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['clock.1', 'web.1', 'web.2'])
    expect(await findFormation(platform.db, app.id, 'worker')).toBeUndefined()
  })
})

import { existsSync } from 'node:fs'
import http from 'node:http'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { App } from '../apps/app.js'
import { slugFile, sourceFile } from '../builds/source.js'
import { findBuild } from '../builds/store.js'
import { forgetApp } from '../releases/forget.js'
import { findRoll } from '../releases/roll-store.js'
import { plainApp, type TestPlatform, testPlatform, until } from '../releases/test-platform.js'

// Each test starts real processes, and the machine may be busy.
vi.setConfig({ testTimeout: 60_000 })

let platform: TestPlatform
let app: App
beforeAll(async () => {
  platform = await testPlatform()
  platform.work()
  app = await platform.app()
  await platform.deploy(app, plainApp)
})
afterAll(() => platform.end())

interface Shown {
  id: string
  name: string
  state: string
  release: { id: string; version: number }
}
const dynos = async (): Promise<Shown[]> => (await platform.call('GET', `/apps/${app.name}/dynos`)).json
const replaced = (name: string, id: string) =>
  until(async () => {
    const found = (await dynos()).filter((dyno) => dyno.name === name)
    return found.length === 1 && found[0]?.id !== id && found[0]?.state === 'up' ? found[0] : undefined
  })

test('dynos are listed with the release they run', async () => {
  const list = await dynos()
  expect(list.map(({ name, state }) => `${name} ${state}`).sort()).toEqual(['web.1 up', 'worker.1 up'])
  const release = (await platform.call('GET', `/apps/${app.name}/releases/2`)).json
  for (const dyno of list) expect(dyno.release).toEqual({ id: release.id, version: 2 })
  const one = await platform.call('GET', `/apps/${app.name}/dynos/worker.1`)
  expect(one.json).toMatchObject({ name: 'worker.1', type: 'worker', command: 'node worker.js', size: 'Standard-1X' })
  expect((await platform.call('GET', `/apps/${app.name}/dynos/web.9`)).status).toBe(404)
})

test('a restart of one replaces that one only, and is answered at once', async () => {
  const [web, worker] = [
    (await dynos()).find((one) => one.name === 'web.1'),
    (await dynos()).find((one) => one.name === 'worker.1'),
  ]
  const answer = await platform.call('DELETE', `/apps/${app.name}/dynos/web.1`)
  expect([answer.status, answer.json]).toEqual([202, {}])
  await replaced('web.1', web?.id ?? '')
  expect((await dynos()).find((one) => one.name === 'worker.1')?.id).toBe(worker?.id)
})

test('a restart by type, and of all', async () => {
  const before = await dynos()
  const idOf = (name: string) => before.find((one) => one.name === name)?.id ?? ''
  expect((await platform.call('DELETE', `/apps/${app.name}/formations/worker`)).status).toBe(202)
  const worker = await replaced('worker.1', idOf('worker.1'))
  expect((await platform.call('DELETE', `/apps/${app.name}/dynos`)).status).toBe(202)
  await replaced('web.1', idOf('web.1'))
  await replaced('worker.1', worker.id)
  expect((await platform.call('DELETE', `/apps/${app.name}/formations/clock`)).status).toBe(404)
})

test('a stopped dyno stays down until it is restarted', async () => {
  expect((await platform.call('POST', `/apps/${app.name}/dynos/worker.1/actions/stop`)).status).toBe(202)
  const down = await until(async () =>
    (await dynos()).find(({ name, state }) => name === 'worker.1' && state === 'down'),
  )
  await platform.call('DELETE', `/apps/${app.name}/dynos`)
  await replaced('worker.1', down.id)
})

test.each([
  [{ updates: [{ type: 'clock', quantity: 1 }] }, 404, 'This app has web, worker.'],
  [{ updates: [{ type: 'web', quantity: '+1000' }] }, 422, 'from 0 to 100'],
  [{ updates: [{ type: 'web', size: 'Huge' }] }, 422, 'There is no dyno size "Huge"'],
  [
    {
      updates: [
        { type: 'worker', quantity: 3 },
        { type: 'nope', quantity: 1 },
      ],
    },
    404,
    "Couldn't find that process type",
  ],
])('a scaling of %j changes nothing', async (body, status, sentence) => {
  const before = (await platform.call('GET', `/apps/${app.name}/formation`)).json
  const answer = await platform.call('PATCH', `/apps/${app.name}/formation`, body)
  expect(answer.status).toBe(status)
  expect(answer.json.message).toContain(sentence)
  expect((await platform.call('GET', `/apps/${app.name}/formation`)).json).toEqual(before)
})

test('a size is remembered and shown', async () => {
  const answer = await platform.call('PATCH', `/apps/${app.name}/formation/worker`, { size: { name: 'standard-2x' } })
  expect(answer.json).toMatchObject({ type: 'worker', size: 'Standard-2X', quantity: 1 })
  expect((await platform.call('GET', `/apps/${app.name}/formation/worker`)).json).toEqual(answer.json)
})

test("a log session's address shows the newest lines and ends", async () => {
  const asked = await platform.call('POST', `/apps/${app.name}/log-sessions`, { lines: 2, dyno: 'api', source: 'app' })
  expect(asked.status).toBe(201)
  const { pathname } = new URL(asked.json.logplex_url)
  const got = await platform.call('GET', pathname)
  expect(got.headers['content-type']).toContain('text/event-stream')
  expect(got.text).toMatch(
    /^id: \d+\ndata: \S+\+00:00 app\[api\]: Release v2 is live\n\nid: \d+\ndata: \S+ app\[api\]: Scaled to worker@1:Standard-2X by dev@example.com\n\n$/,
  )
  expect((await platform.call('GET', '/logs/guessed')).status).toBe(404)
})

test('a tail goes on with new lines, and a client that comes back misses and repeats nothing', async () => {
  const asked = await platform.call('POST', `/apps/${app.name}/log-sessions`, {
    tail: true,
    lines: 0,
    source: 'app',
    dyno: 'test',
  })
  const { pathname } = new URL(asked.json.logplex_url)
  const write = (text: string, source: 'app' | 'heroku' = 'app') =>
    platform.logs.write(app.id, { source, dyno: 'test.1', text })
  write('old')
  const first = await tail(platform.port, pathname)
  write('one')
  write('not asked for', 'heroku')
  write('two')
  const id = await until(async () => /id: (\d+)\ndata: \S+ app\[test\.1\]: two/.exec(first.text())?.[1])
  expect(first.text()).not.toMatch(/old|not asked for/)
  first.close()
  write('three')
  const second = await tail(platform.port, pathname, id)
  write('four')
  await until(async () => second.text().includes('four') || undefined)
  expect(
    [...second.text().matchAll(/: (\w+)\n\n/g)].map(([, word]) => word).filter((word) => word !== 'following'),
  ).toEqual(['three', 'four'])
  second.close()
})

test('an app that is forgotten leaves no process, no file, no roll and no build behind', async () => {
  const gone = await platform.app()
  const build = await platform.deploy(gone, plainApp)
  const files = [slugFile(platform.dir, build.slugId ?? ''), sourceFile(platform.dir, build.sourceId)]
  expect(files.map(existsSync)).toEqual([true, true])
  const pending = await platform.push(gone, { ...plainApp, 'package.json': '{"scripts":{"build":"sleep 20"}}' })
  await until(async () => ((await findBuild(platform.db, pending.id))?.epoch ? true : undefined))
  await forgetApp(platform.deps, gone.id)
  await forgetApp(platform.deps, gone.id)
  expect(platform.driver.list(gone.id)).toEqual([])
  expect(files.map(existsSync)).toEqual([false, false])
  expect(await findRoll(platform.db, gone.id)).toBeUndefined()
  expect(await findBuild(platform.db, pending.id)).toMatchObject({ status: 'failed', message: 'The app was removed.' })
  expect(platform.faults).toEqual([])
})

/** Follows an address; text() is what came so far. */
function tail(port: number, path: string, lastId?: string): Promise<{ text(): string; close(): void }> {
  return new Promise((resolve, reject) => {
    const headers: Record<string, string> = lastId ? { 'Last-Event-ID': lastId } : {}
    const request = http.request({ port, path, headers }, (answer) => {
      let text = ''
      answer.setEncoding('utf8').on('data', (part) => {
        text += part
        if (text.includes(': following')) resolve({ text: () => text, close: () => request.destroy() })
      })
      answer.on('error', () => undefined)
    })
    request.on('error', reject)
    request.end()
  })
}

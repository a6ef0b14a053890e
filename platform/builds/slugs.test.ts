import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { archiveOf } from '@mortise/runtime/fixtures/slug'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { call, type TestPlatform, testPlatform, until } from '../releases/test-platform.js'

vi.setConfig({ testTimeout: 60_000 })
let platform: TestPlatform
beforeAll(async () => {
  platform = await testPlatform()
  platform.work()
})
afterAll(() => platform.end())

const addressOf = (url: string) => new URL(url).pathname + new URL(url).search
const server = "require('http').createServer((q, r) => r.end(process.cwd())).listen(process.env.PORT)"
const body = { process_types: { web: 'node server.js', worker: 'sleep 1000' }, commit: 'abc' }

/** A slug of these files, as an archive. */
const slugOf = async (files: Record<string, string>, prefix?: string) =>
  readFile(await archiveOf(platform.dir, files, prefix ? { prefix } : {}))

async function place(app: { name: string }, more: object = {}) {
  const made = await platform.call('POST', `/apps/${app.name}/slugs`, { ...body, ...more })
  expect(made.status).toBe(201)
  return made.json
}
const released = (app: { name: string }) =>
  until(async () => {
    const [newest] = (await platform.call('GET', `/apps/${app.name}/releases`)).json.toReversed()
    return newest.status === 'pending' ? undefined : newest
  })

test.each([['app'], [undefined]])(
  'a slug that was built elsewhere is uploaded, released and really runs (top: %s)',
  async (prefix) => {
    const app = await platform.app()
    const made = await place(app, { buildpack_provided_description: 'Ruby/Rack' })
    expect(made).toMatchObject({
      blob: { method: 'PUT' },
      size: null,
      checksum: null,
      process_types: body.process_types,
    })
    const early = await platform.call('POST', `/apps/${app.name}/releases`, { slug: made.id })
    expect([early.status, early.json.message]).toEqual([422, expect.stringContaining('Nothing was uploaded')])

    const archive = await slugOf({ 'server.js': server }, prefix)
    expect((await call(platform.port, 'PUT', addressOf(made.blob.url), archive)).status).toBe(200)
    const seen = (await platform.call('GET', `/apps/${app.name}/slugs/${made.id}`)).json
    const checksum = `SHA256:${createHash('sha256').update(archive).digest('hex')}`
    expect(seen).toMatchObject({ blob: { method: 'GET' }, size: archive.length, checksum, commit: 'abc' })
    const got = await call(platform.port, 'GET', addressOf(seen.blob.url))
    expect([got.status, Number(got.headers['content-length'])]).toEqual([200, archive.length])
    expect((await call(platform.port, 'PUT', addressOf(made.blob.url), archive)).status).toBe(409)

    const release = await platform.call('POST', `/apps/${app.name}/releases`, {
      slug: made.id,
      description: 'From afar',
    })
    expect(release.json).toMatchObject({ description: 'From afar', slug: { id: made.id } })
    expect(await released(app)).toMatchObject({ status: 'succeeded' })
    const dynos = (await platform.call('GET', `/apps/${app.name}/dynos`)).json
    expect(dynos.map(({ name, state }: { name: string; state: string }) => [name, state])).toEqual([
      ['web.1', 'up'],
      ['worker.1', 'up'],
    ])
    expect((await platform.call('GET', `/apps/${app.name}/formation`)).json).toHaveLength(2)
    // Its config changes without a source to rebuild it from.
    await platform.call('PATCH', `/apps/${app.name}/config-vars`, { A: '1' })
    expect(await released(app)).toMatchObject({ version: 3, status: 'succeeded' })
  },
)

test('what is uploaded must be the archive that was announced, and an archive at all', async () => {
  const app = await platform.app()
  const wrong = await place(app, { checksum: `SHA256:${'0'.repeat(64)}` })
  const archive = await slugOf({ 'server.js': server })
  const put = await call(platform.port, 'PUT', addressOf(wrong.blob.url), archive)
  expect([put.status, put.json.message]).toEqual([422, expect.stringContaining('not SHA256:000')])
  const file = path.join(platform.dir, 'text')
  await writeFile(file, 'no archive')
  const made = await place(app)
  const bad = await call(platform.port, 'PUT', addressOf(made.blob.url), await readFile(file))
  expect([bad.status, bad.json.message]).toEqual([422, expect.stringContaining("can't be read as a .tgz")])
  // The place is still empty, and takes a good one.
  expect((await call(platform.port, 'PUT', addressOf(made.blob.url), archive)).status).toBe(200)
  expect(platform.faults).toEqual([])
})

test('a slug of another app is seen nor released, and its address needs its token', async () => {
  const app = await platform.app()
  const other = await platform.app()
  const made = await place(app)
  await call(platform.port, 'PUT', addressOf(made.blob.url), await slugOf({ 'server.js': server }))
  expect((await platform.call('GET', `/apps/${other.name}/slugs/${made.id}`)).status).toBe(404)
  expect((await platform.call('POST', `/apps/${other.name}/releases`, { slug: made.id })).status).toBe(404)
  const address = addressOf(made.blob.url)
  for (const wrong of [address.split('?')[0] ?? '', address.replace(/token=.*/, 'token=guessed')]) {
    expect((await call(platform.port, 'GET', wrong)).status).toBe(404)
    expect((await call(platform.port, 'PUT', wrong, Buffer.from('x'))).status).toBe(404)
  }
})

test.each([
  [{ process_types: { web: '' } }],
  [{ process_types: { 'a b': 'x' } }],
  [{ process_types: 'web' }],
  [{}],
  [{ process_types: { web: 'x' }, checksum: 'md5:1' }],
  [{ process_types: { web: 'x' }, stack: 'cedar' }],
])('a place for %j is refused', async (given) => {
  const app = await platform.app()
  expect((await platform.call('POST', `/apps/${app.name}/slugs`, given)).status).toBe(422)
})

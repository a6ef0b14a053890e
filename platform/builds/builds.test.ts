import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { archiveOf } from '@mortise/runtime/fixtures/slug'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { transact } from '../db/db.js'
import { call, plainApp, type TestPlatform, testPlatform, until } from '../releases/test-platform.js'
import { claimBuild, endBuild, findBuild, renewBuild } from './store.js'

// Each test starts real processes, and the machine may be busy.
vi.setConfig({ testTimeout: 60_000 })

let platform: TestPlatform
beforeAll(async () => {
  platform = await testPlatform()
  platform.work()
})
afterAll(() => platform.end())

const addressOf = (url: string) => new URL(url).pathname + new URL(url).search
const ended = (id: string) =>
  until(async () => {
    const build = await findBuild(platform.db, id)
    return build && build.status !== 'pending' ? build : undefined
  })

/** Somebody else's server: answers what it is told to. */
async function elsewhere(answer: http.RequestListener) {
  const server = http.createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/app.tgz`
  return { url, close: () => new Promise((resolve) => server.close(resolve)) }
}

test('an archive that is put can be got again, by whoever has its address and nobody else', async () => {
  const { json, status } = await platform.call('POST', '/sources')
  expect(status).toBe(201)
  const address = addressOf(json.source_blob.put_url)
  expect((await platform.call('GET', address)).status).toBe(404)
  const put = await call(platform.port, 'PUT', address, Buffer.from('an archive'))
  expect(put.status).toBe(200)
  const got = await platform.call('GET', addressOf(json.source_blob.get_url))
  expect([got.status, got.text, got.headers['content-length']]).toEqual([200, 'an archive', '10'])
  for (const wrong of [
    address.replace(/token=.*/, 'token=guessed'),
    address.split('?')[0] ?? '',
    '/sources/x/blob?token=y',
  ]) {
    expect((await call(platform.port, 'PUT', wrong, Buffer.from('x'))).status).toBe(404)
    expect((await platform.call('GET', wrong)).status).toBe(404)
  }
})

test('a source that says it is too large is refused before it is read', async () => {
  const { json } = await platform.call('POST', '/sources')
  const status = await new Promise((resolve, reject) => {
    const headers = { 'Content-Length': 600 * 1024 * 1024 }
    const path = addressOf(json.source_blob.put_url)
    const request = http.request({ port: platform.port, method: 'PUT', path, headers }, (answer) => {
      resolve(answer.statusCode)
      request.destroy()
    })
    request.on('error', reject)
    request.flushHeaders()
  })
  expect(status).toBe(413)
})

test('an upload that breaks off leaves the source empty, and is no fault of ours', async () => {
  const { json } = await platform.call('POST', '/sources')
  const headers = { 'Content-Length': 100_000 }
  const path = addressOf(json.source_blob.put_url)
  const request = http.request({ port: platform.port, method: 'PUT', path, headers }).on('error', () => undefined)
  await new Promise<void>((resolve) => request.write('a beginning', () => resolve()))
  await platform.world.sleep(100)
  request.destroy()
  await platform.world.sleep(200)
  const body = { source_blob: { url: json.source_blob.get_url } }
  const app = await platform.app()
  expect((await platform.call('POST', `/apps/${app.name}/builds`, body)).status).toBe(422)
  expect(platform.faults).toEqual([])
})

test('a build shows its output while it runs and afterwards, and what came of it', async () => {
  const app = await platform.app()
  const build = await platform.push(app, plainApp)
  expect(build).toMatchObject({ status: 'pending', slug: null, release: null, buildpacks: [] })
  // Nobody can read the archive from what a build shows.
  expect(build.source_blob.url).not.toContain('token')
  const live = await platform.call('GET', addressOf(build.output_stream_url))
  expect(live.headers['content-type']).toContain('text/plain')
  expect(live.text).toContain('Discovering process types')
  expect(live.text).toContain('Done')
  const later = await platform.call('GET', addressOf(build.output_stream_url))
  expect(later.text).toBe(live.text)
  expect((await platform.call('GET', addressOf(build.output_stream_url).replace(/token=.*/, 'token=x'))).status).toBe(
    404,
  )

  const info = (await platform.call('GET', `/apps/${app.name}/builds/${build.id}`)).json
  expect(info).toMatchObject({ status: 'succeeded', output_stream_url: build.output_stream_url })
  expect(info.buildpacks.length).toBe(1)
  const slug = (await platform.call('GET', `/apps/${app.name}/slugs/${info.slug.id}`)).json
  expect(slug).toMatchObject({
    process_types: { web: 'node server.js', worker: 'node worker.js' },
    commit: 'abcdef0123456789',
  })
  expect(slug.checksum).toMatch(/^SHA256:[0-9a-f]{64}$/)
  const list = (await platform.call('GET', `/apps/${app.name}/builds`)).json
  expect(list.map(({ id }: { id: string }) => id)).toEqual([build.id])

  const other = await platform.app()
  expect((await platform.call('GET', `/apps/${other.name}/builds/${build.id}`)).status).toBe(404)
  expect((await platform.call('GET', `/apps/${other.name}/slugs/${info.slug.id}`)).status).toBe(404)
})

test('a source that a build was made from is never replaced', async () => {
  const app = await platform.app()
  const source = (await platform.call('POST', '/sources')).json.source_blob
  const archive = await readFile(await archiveOf(platform.dir, plainApp))
  await call(platform.port, 'PUT', addressOf(source.put_url), archive)
  const { id } = (await platform.call('POST', `/apps/${app.name}/builds`, { source_blob: { url: source.get_url } }))
    .json
  expect((await call(platform.port, 'PUT', addressOf(source.put_url), archive)).status).toBe(409)
  expect(await ended(id)).toMatchObject({ status: 'succeeded' })
})

test('a checksum is held against what was uploaded', async () => {
  const app = await platform.app()
  const { id } = await platform.push(app, plainApp, { checksum: `SHA256:${'0'.repeat(64)}` })
  const build = await ended(id)
  expect(build.status).toBe('failed')
  expect(build.message).toMatch(/checksum is SHA256:[0-9a-f]{64}, not SHA256:0{64}/)
})

test("an archive on somebody else's server is fetched", async () => {
  const app = await platform.app()
  const archive = await readFile(await archiveOf(platform.dir, plainApp))
  const server = await elsewhere((_request, answer) => void answer.end(archive))
  const checksum = `SHA256:${createHash('sha256').update(archive).digest('hex')}`
  const asked = await platform.call('POST', `/apps/${app.name}/builds`, { source_blob: { url: server.url, checksum } })
  expect(asked.status).toBe(201)
  expect(await ended(asked.json.id)).toMatchObject({ status: 'succeeded', sourceUrl: server.url })
  await server.close()
})

test.each([
  ['that is not there', (answer: http.ServerResponse) => answer.writeHead(404).end(), 'status 404'],
  [
    'that leads elsewhere',
    (answer: http.ServerResponse) => answer.writeHead(302, { Location: '/x' }).end(),
    'redirect',
  ],
  [
    'that breaks off',
    (answer: http.ServerResponse) => {
      answer.writeHead(200, { 'Content-Length': 1000 }).write('some')
      setTimeout(() => answer.destroy(), 50)
    },
    'connection broke',
  ],
])('an archive %s fails the build with a reason', async (_name, reply, reason) => {
  const app = await platform.app()
  const server = await elsewhere((_request, answer) => void reply(answer))
  const asked = await platform.call('POST', `/apps/${app.name}/builds`, { source_blob: { url: server.url } })
  const build = await ended(asked.json.id)
  expect(build.status).toBe('failed')
  expect(build.message).toContain(reason)
  const output = await platform.call('GET', addressOf(asked.json.output_stream_url))
  expect(output.text).toContain(reason)
  await server.close()
})

test('an address inside of the network is not fetched', async () => {
  const app = await platform.app()
  const url = 'http://169.254.169.254/latest/meta-data'
  const asked = await platform.call('POST', `/apps/${app.name}/builds`, { source_blob: { url } })
  expect((await ended(asked.json.id)).message).toContain('169.254.169.254 is not an allowed address')
})

test.each([
  [{ source_blob: { url: 'ftp://example.com/a.tgz' } }, 'must be an http or https address'],
  [{ source_blob: { url: 'https://me:secret@example.com/a.tgz' } }, 'must not hold a name or a password'],
  [{ source_blob: { url: 'https://example.com/a.tgz', checksum: 'md5:1' } }, '64 hexadecimal digits'],
  [{ source_blob: { url: 'https://example.com/a.tgz' }, buildpacks: [{ name: 'cobol' }] }, 'There is no buildpack'],
  [{}, '"source_blob"'],
])('a build of %j is refused', async (body, sentence) => {
  const app = await platform.app()
  const answer = await platform.call('POST', `/apps/${app.name}/builds`, body)
  expect(answer.status).toBe(422)
  expect(answer.json.message).toContain(sentence)
})

test('a source that was never filled is not built', async () => {
  const app = await platform.app()
  const source = (await platform.call('POST', '/sources')).json.source_blob
  const answer = await platform.call('POST', `/apps/${app.name}/builds`, { source_blob: { url: source.get_url } })
  expect([answer.status, answer.json.message]).toEqual([422, expect.stringContaining('Nothing was uploaded')])
})

test("an app's builds come one after the other, and a replaced builder writes nothing", async () => {
  await platform.restart()
  const app = await platform.app()
  const first = await platform.push(app, plainApp)
  const second = await platform.push(app, plainApp)
  const { db } = platform
  const claimed = await claimBuild(db, null)
  expect(claimed?.id).toBe(first.id)
  expect(await claimBuild(db, null)).toBeUndefined()
  expect(await claimBuild(db, second.id)).toBeUndefined()
  expect(await renewBuild(db, first.id, 0)).toBe(false)
  const end = { id: first.id, epoch: 0, status: 'failed', slugId: null, buildpack: null, message: null } as const
  expect(await transact(db, (tx) => endBuild(tx, { ...end, at: new Date() }))).toBe(false)
  expect(await transact(db, (tx) => endBuild(tx, { ...end, epoch: 1, at: new Date() }))).toBe(true)
  expect((await claimBuild(db, null))?.id).toBe(second.id)
})

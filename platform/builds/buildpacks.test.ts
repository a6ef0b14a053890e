import { readFile } from 'node:fs/promises'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { archiveOf } from '@mortise/runtime/fixtures/slug'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { eventsOf } from '../events/store.js'
import { plainApp, type TestPlatform, testPlatform, until } from '../releases/test-platform.js'
import { archiveAddress, buildpackOf } from './buildpack.js'
import { findBuild } from './store.js'

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
const output = async (build: { output_stream_url: string }) =>
  (await platform.call('GET', addressOf(build.output_stream_url))).text

/** Somebody's buildpack at an address: says what it is told to. */
async function served(files: Record<string, string>) {
  const archive = await readFile(await archiveOf(platform.dir, files))
  const server = http.createServer((_, answer) => void answer.end(archive))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/buildpack.tgz`
  return { url, close: () => new Promise((resolve) => server.close(resolve)) }
}
const script = (text: string) => `#!/usr/bin/env bash\n${text}\n`

describe('the buildpacks of an app', () => {
  test('are none at first, then what was put, in order, with an event; and none again', async () => {
    const app = await platform.app()
    const address = `/apps/${app.name}/buildpack-installations`
    expect((await platform.call('GET', address)).json).toEqual([])
    const updates = [{ buildpack: 'heroku/nodejs' }, { buildpack: 'https://github.com/some/buildpack' }]
    const put = await platform.call('PUT', address, { updates })
    expect(put.json).toEqual([
      { ordinal: 0, buildpack: { name: 'nodejs', url: 'urn:buildpack:nodejs' } },
      {
        ordinal: 1,
        buildpack: { name: 'https://github.com/some/buildpack', url: 'https://github.com/some/buildpack' },
      },
    ])
    expect((await platform.call('GET', address)).json).toEqual(put.json)
    expect((await platform.call('PUT', address, { updates: [] })).json).toEqual([])
    const events = await eventsOf(platform.db, app.id)
    expect(events.filter(({ data }) => 'buildpacks' in data).map(({ data }) => data['buildpacks'])).toEqual([
      ['nodejs', 'https://github.com/some/buildpack'],
      [],
    ])
    for (const buildpack of ['heroku/cobol', 'ftp://example.com/x.tgz', 'https://me:secret@example.com/x.tgz']) {
      const refused = await platform.call('PUT', address, { updates: [{ buildpack }] })
      expect([buildpack, refused.status, refused.json.id]).toEqual([buildpack, 422, 'invalid_params'])
    }
    const twice = [{ buildpack: 'nodejs' }, { buildpack: 'heroku/nodejs' }]
    expect((await platform.call('PUT', address, { updates: twice })).status).toBe(422)
  })

  test('are used by its builds instead of what would be detected, and one that does not fit fails the build', async () => {
    const app = await platform.app()
    const address = `/apps/${app.name}/buildpack-installations`
    await platform.call('PUT', address, { updates: [{ buildpack: 'procfile' }] })
    const build = await platform.push(app, plainApp)
    expect(await ended(build.id)).toMatchObject({ status: 'succeeded', buildpack: 'procfile' })
    await platform.call('PUT', address, { updates: [{ buildpack: 'static' }] })
    const misfit = await platform.push(app, plainApp)
    expect(await ended(misfit.id)).toMatchObject({ status: 'failed' })
    expect(await output(misfit)).toContain('static is not for this app')
  })

  test('may be at an address, are run in order, and hand on what they export', async () => {
    const first = await served({
      'bin/detect': script('echo First'),
      'bin/compile': script('echo "export TOLD=by-the-first" > "$(dirname "$0")/../export"; echo first was here'),
    })
    const second = await served({
      'bin/detect': script('echo Second'),
      'bin/compile': script('echo "TOLD is $TOLD"; echo made > "$1/made.txt"'),
      'bin/release': script('printf -- "---\\ndefault_process_types:\\n  extra: cat made.txt\\n"'),
    })
    const app = await platform.app()
    const source = await platform.push(app, plainApp, {}, [{ url: first.url }, { url: second.url }])
    const build = await ended(source.id)
    expect(build).toMatchObject({ status: 'succeeded', message: null })
    const said = await output(source)
    expect(said).toMatch(/First app detected[\s\S]*first was here[\s\S]*Second app detected[\s\S]*TOLD is by-the-first/)
    const info = (await platform.call('GET', `/apps/${app.name}/builds/${source.id}`)).json
    expect(info.buildpacks.map(({ url }: { url: string }) => url)).toEqual([first.url, second.url])
    const slug = (await platform.call('GET', `/apps/${app.name}/slugs/${info.slug.id}`)).json
    expect(slug.process_types).toMatchObject({ extra: 'cat made.txt', web: 'node server.js' })
    await first.close()
    await second.close()
  })

  test('are refused at an address inside of the network, or when they are none', async () => {
    const app = await platform.app()
    const inside = await platform.push(app, plainApp, {}, [{ url: 'http://169.254.169.254/pack.tgz' }])
    expect((await ended(inside.id)).message).toContain('not an allowed address')
    const none = await served({ 'README.md': 'nothing to run' })
    const empty = await platform.push(app, plainApp, {}, [{ url: none.url }])
    expect((await ended(empty.id)).message).toContain('has no bin/detect')
    await none.close()
  })

  test('of GitHub are fetched as archives, since redirects are not followed', () => {
    expect(archiveAddress('https://github.com/heroku/heroku-buildpack-go')).toBe(
      'https://codeload.github.com/heroku/heroku-buildpack-go/tar.gz/HEAD',
    )
    expect(archiveAddress('https://github.com/a/b.git#v1.2')).toBe('https://codeload.github.com/a/b/tar.gz/v1.2')
    expect(archiveAddress('https://example.com/x.tgz')).toBe('https://example.com/x.tgz')
    expect(buildpackOf('urn:buildpack:nodejs')).toBe('nodejs')
  })
})

describe('a build', () => {
  test('that runs is stopped when it is cancelled, and the next one has its turn', async () => {
    const app = await platform.app()
    const slow = await served({
      'bin/detect': script('echo Slow'),
      'bin/compile': script('echo sleeping; sleep 55; echo woke up'),
    })
    const build = await platform.push(app, plainApp, {}, [{ url: slow.url }])
    await until(async () => ((await findBuild(platform.db, build.id))?.epoch ? true : undefined))
    const next = await platform.push(app, plainApp)
    const cancelled = await platform.call('DELETE', `/apps/${app.name}/builds/${build.id}`)
    expect(cancelled.json).toMatchObject({
      id: build.id,
      status: 'failed',
      message: expect.stringMatching(/^Cancelled by/),
    })
    expect(await ended(next.id)).toMatchObject({ status: 'succeeded' })
    expect((await findBuild(platform.db, build.id))?.status).toBe('failed')
    const again = await platform.call('DELETE', `/apps/${app.name}/builds/${build.id}`)
    expect([again.status, again.json.message]).toEqual([422, expect.stringContaining('is over already')])
    const events = await eventsOf(platform.db, build.id)
    expect(events.map(({ data }) => data['status'])).toEqual(['pending', 'failed'])
    await slow.close()
  })

  test('uses a cache that can be dropped', async () => {
    const app = await platform.app()
    const counting = await served({
      'bin/detect': script('echo Counting'),
      'bin/compile': script('echo x >> "$2/count"; echo "built $(wc -l < "$2/count" | tr -d " ") times"'),
    })
    const pack = [{ url: counting.url }]
    const one = await platform.push(app, plainApp, {}, pack)
    await ended(one.id)
    const two = await platform.push(app, plainApp, {}, pack)
    await ended(two.id)
    expect(await output(two)).toContain('built 2 times')
    expect((await platform.call('DELETE', `/apps/${app.name}/build-cache`)).status).toBe(200)
    const three = await platform.push(app, plainApp, {}, pack)
    await ended(three.id)
    expect(await output(three)).toContain('built 1 times')
    await counting.close()
  })
})

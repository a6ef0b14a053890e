import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { call, plainApp, type TestPlatform, testPlatform, until } from './test-platform.js'

vi.setConfig({ testTimeout: 60_000 })
let platform: TestPlatform
beforeAll(async () => {
  platform = await testPlatform()
  platform.work()
})
afterAll(() => platform.end())

const addressOf = (url: string) => new URL(url).pathname + new URL(url).search
const newest = async (app: { name: string }) => (await platform.call('GET', `/apps/${app.name}/releases`)).json.at(-1)

test("a release command's output is followed while it runs, and read afterwards, by whoever has its address", async () => {
  const app = await platform.app()
  const command = 'release: echo first; cat; echo "$GREETING"; sleep 1; echo last >&2\n'
  await platform.push(app, { ...plainApp, Procfile: `${plainApp['Procfile']}${command}` })
  const release = await until(async () => {
    const found = await newest(app)
    return found.version === 2 ? found : undefined
  })
  const address = addressOf(release.output_stream_url)
  // Held open until the release is over.
  const live = await call(platform.port, 'GET', address)
  expect(live.text.replaceAll('\0', '')).toBe('first\n\nlast\n')
  expect(await newest(app)).toMatchObject({ version: 2 })
  expect((await call(platform.port, 'GET', address)).text).toBe(live.text)
  for (const wrong of [
    address.split('?')[0] ?? '',
    address.replace(/token=.*/, 'token=guessed'),
    '/releases/x/output',
  ]) {
    expect((await call(platform.port, 'GET', wrong)).status).toBe(404)
  }
  const first = (await platform.call('GET', `/apps/${app.name}/releases/1`)).json
  expect(first.output_stream_url).toBeNull()
})

test('the output of a failed release command says why', async () => {
  const app = await platform.app()
  await platform.push(app, { ...plainApp, Procfile: `${plainApp['Procfile']}release: echo no way; exit 3\n` })
  const failed = await until(async () => {
    const found = await newest(app)
    return found.status === 'failed' ? found : undefined
  })
  expect(failed.message).toContain('exit status 3')
  expect((await call(platform.port, 'GET', addressOf(failed.output_stream_url))).text).toBe('no way\n')
})

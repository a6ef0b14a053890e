import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { deepLink } from './deep-link.js'
import { ask, fakePlatform, freshTokens, manifest, password, uuids } from './fixture.js'
import { readFrame } from './log-frames.js'
import { createProvider, type LogMessage, memoryStore, type ProviderOptions } from './serve.js'

// Usage, logs in both directions, new config: what a provider says and hears beside the three verbs.

const auth = `fast-db:${password}`
const [uuid] = uuids
const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

async function start(change: Partial<ProviderOptions> = {}) {
  const platform = await fakePlatform()
  closing.push(platform.close)
  const store = memoryStore()
  const provider = createProvider({
    manifest,
    store,
    platform: { api: platform.url },
    clientSecret: 'shared-secret',
    log: () => undefined,
    provision: async () => ({ config: { FAST_DB_URL: 'fast://one' } }),
    deprovision: async () => undefined,
    ...change,
  })
  const { url, close } = await provider.listen(0)
  closing.push(close)
  const provision = (fields: Record<string, unknown> = {}) =>
    ask('POST', `${url}/heroku/resources`, { auth, body: { uuid, plan: 'mini', options: {}, ...fields } })
  return { platform, store, provider, url, provision }
}

test('usage is reported by the hour, and what the platform made of each line is told', async () => {
  const { platform, provider } = await start()
  platform.answer = () => ({
    status: 202,
    body: {
      usages: [
        { quantity: 3, resource: { id: uuid }, unit: { name: 'requests' }, status: 'accepted' },
        { quantity: 1, resource: { id: uuids[1] }, unit: { name: 'requests' }, status: 'rejected', errors: ['known'] },
      ],
    },
  })
  const outcomes = await provider.reportUsage(new Date('2026-03-01T10:41:07Z'), [
    { uuid, unit: 'requests', quantity: 3 },
    { uuid: uuids[1], unit: 'requests', quantity: 1 },
  ])
  expect(outcomes.map(({ status, errors }) => [status, errors])).toEqual([
    ['accepted', []],
    ['rejected', ['known']],
  ])
  const [call] = platform.calls
  expect(call).toMatchObject({ method: 'POST', path: '/api/v3/addons/fast-db/usage_batches' })
  expect(call?.authorization).toBe(`Basic ${Buffer.from(auth).toString('base64')}`)
  expect(JSON.parse(call?.body ?? '')).toEqual({
    timestamp: '2026-03-01T10:00:00Z',
    usages: [
      { quantity: 3, resource: { id: uuid }, unit: { name: 'requests' } },
      { quantity: 1, resource: { id: uuids[1] }, unit: { name: 'requests' } },
    ],
  })
  platform.answer = () => ({ status: 401 })
  await expect(provider.reportUsage(new Date(), [])).rejects.toThrow('401')
})

test('new values reach the platform and are what a repeat of the first request answers', async () => {
  const { platform, store, provider, provision } = await start()
  await provision()
  await store.saveTokens(uuid, { accessToken: 'access-1', refreshToken: 'r', expiresAt: Date.now() + 3_600_000 })
  await provider.updateConfig(uuid, { FAST_DB_URL: 'fast://two' })
  const patch = platform.calls.find(({ method }) => method === 'PATCH')
  expect(patch).toMatchObject({ path: `/addons/${uuid}/config`, authorization: 'Bearer access-1' })
  expect(JSON.parse(patch?.body ?? '')).toEqual({ config: [{ name: 'FAST_DB_URL', value: 'fast://two' }] })
  expect((await provision()).json.config).toEqual({ FAST_DB_URL: 'fast://two' })
  await expect(provider.updateConfig(uuid, { OTHER: 'x' })).rejects.toThrow('OTHER is not in the manifest')
  await expect(provider.updateConfig(uuids[1], {})).rejects.toThrow('no such resource')
})

test('new values that the platform refuses are not kept', async () => {
  const { platform, store, provider, provision } = await start()
  await provision()
  await store.saveTokens(uuid, { accessToken: 'access-1', refreshToken: 'r', expiresAt: Date.now() + 3_600_000 })
  platform.answer = ({ path }) => (path === '/oauth/token' ? { status: 200, body: freshTokens(2) } : { status: 422 })
  await expect(provider.updateConfig(uuid, { FAST_DB_URL: 'fast://two' })).rejects.toThrow('422')
  expect((await store.get(uuid))?.config).toEqual({ FAST_DB_URL: 'fast://one' })
})

test('lines go into the app’s log stream, framed, with the token and nowhere in the address', async () => {
  const seen: { path: string; headers: IncomingMessage['headers']; body: string }[] = []
  const server = createServer(async (req, res) => {
    const body = Buffer.concat(await req.toArray()).toString()
    seen.push({ path: req.url ?? '', headers: req.headers, body })
    res.writeHead(seen.length > 1 ? 401 : 204).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => server.close())
  const { port } = server.address() as AddressInfo
  const { provider, provision } = await start()
  await provision({ log_input_url: `http://token:t.secret@127.0.0.1:${port}/logs` })
  await provider.writeLogs(uuid, 'fast db', ['grün', 'two\nlines'])
  const [post] = seen
  expect(post?.path).toBe('/logs')
  expect(post?.headers).toMatchObject({
    'content-type': 'application/logplex-1',
    'logplex-msg-count': '3',
    authorization: `Basic ${Buffer.from('token:t.secret').toString('base64')}`,
  })
  const read = readFrame(post?.body ?? '')
  expect(read.map(({ app, process, text }) => [app, process, text])).toEqual([
    ['t.secret', 'fast_db', 'grün'],
    ['t.secret', 'fast_db', 'two'],
    ['t.secret', 'fast_db', 'lines'],
  ])
  await expect(provider.writeLogs(uuid, 'db', ['x'])).rejects.toThrow('401')
})

const line = (text: string) => `<190>1 2026-01-01T00:00:00.000000+00:00 host app web.1 - ${text}`
const framed = (...texts: string[]) => texts.map((text) => `${Buffer.byteLength(line(text))} ${line(text)}`).join('')

test('an app’s log lines come to the resource whose drain token they bring, and to nobody else', async () => {
  const heard: { plan: string; messages: LogMessage[]; frameId: string | null }[] = []
  const { url, provision } = await start({
    logs: async ({ plan }, messages, frameId) => void heard.push({ plan, messages, frameId }),
  })
  const { json } = await provision({ log_drain_token: 'd.secret' })
  const drain = new URL(json.log_drain_url)
  expect(drain.pathname).toBe(`/heroku/logs/${uuid}`)
  const send = (body: string, headers: Record<string, string> = {}) =>
    ask('POST', url + drain.pathname, {
      body,
      headers: { 'content-type': 'application/logplex-1', 'logplex-drain-token': 'd.secret', ...headers },
    })
  const frame = { 'logplex-frame-id': 'f1', 'logplex-msg-count': '2' }
  expect((await send(framed('one', 'größer'), frame)).status).toBe(204)
  expect(heard).toHaveLength(1)
  expect(heard[0]).toMatchObject({ plan: 'mini', frameId: 'f1' })
  expect(heard[0]?.messages.map(({ process, text }) => `${process} ${text}`)).toEqual(['web.1 one', 'web.1 größer'])
  expect((await send(framed('x'), { 'logplex-drain-token': 'd.other' })).status).toBe(403)
  expect((await send(framed('x'), frame)).status).toBe(400)
  for (const wrong of ['12', '999 short', 'x y', '3 abc', '-1 x', `99999999 ${line('x')}`]) {
    expect((await send(wrong)).status, wrong).toBe(400)
  }
  expect(heard).toHaveLength(1)
  await ask('DELETE', `${url}/heroku/resources/${uuid}`, { auth })
  expect((await send(framed('late'))).status).toBe(403)
})

test('a link for an e-mail leads through the platform, ours and Heroku’s', () => {
  const place = { app: 'example-app', addon: 'fast-db-curved-12345' }
  expect(deepLink({ platform: 'https://mortise.example.com/', ...place, with: { report: 'a&b' } })).toBe(
    'https://mortise.example.com/sso/apps/example-app/addons/fast-db-curved-12345?report=a%26b',
  )
  expect(deepLink({ platform: 'https://addons-sso.heroku.com', ...place })).toBe(
    'https://addons-sso.heroku.com/apps/example-app/addons/fast-db-curved-12345',
  )
})

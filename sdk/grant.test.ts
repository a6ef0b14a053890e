import { request } from 'node:http'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ask, type FakePlatform, fakePlatform, freshTokens, manifest, password, until, uuids } from './fixture.js'
import { PlatformRefused } from './platform.js'
import { createProvider, type Listening, later, memoryStore, type ProviderOptions } from './serve.js'

const [uuid] = uuids
let platform: FakePlatform
const open: Listening[] = []
beforeEach(async () => {
  platform = await fakePlatform()
})
afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()))
  await platform.close()
})

async function start(change: Partial<ProviderOptions> = {}) {
  const store = memoryStore()
  const lines: string[] = []
  const provider = createProvider({
    manifest,
    store,
    platform: { api: platform.url },
    clientSecret: 'client-secret',
    log: (line) => void lines.push(JSON.stringify(line)),
    provision: async () => ({ config: { FAST_DB_URL: 'fast://1' } }),
    deprovision: async () => {},
    ...change,
  })
  const listening = await provider.listen(0)
  open.push(listening)
  const provision = () =>
    ask('POST', `${listening.url}/heroku/resources`, {
      auth: `fast-db:${password}`,
      body: { uuid, plan: 'mini', oauth_grant: { code: 'the-code', type: 'authorization_code', expires_at: '' } },
    })
  return { provider, store, lines, provision, url: listening.url }
}

const tokenCalls = () => platform.calls.filter((call) => call.path === '/oauth/token')

test('the grant is traded once, after the answer, with a form', async () => {
  const { provision, store } = await start()
  expect((await provision()).status).toBe(200)
  await until(async () => (await store.tokens(uuid)) !== null)
  await provision()
  await new Promise((resolve) => setTimeout(resolve, 150))
  expect(tokenCalls().map((call) => call.body)).toEqual([
    'grant_type=authorization_code&code=the-code&client_secret=client-secret',
  ])
})

/** A promise that the test resolves. */
function signal() {
  let resolve = () => {}
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  return { promise, resolve }
}

test('the grant is traded also when the platform hung up before the answer', async () => {
  const begun = signal()
  const hungUp = signal()
  const { store, url } = await start({
    async provision() {
      begun.resolve()
      await hungUp.promise
      return { config: {} }
    },
  })
  const asked = request(`${url}/heroku/resources`, { method: 'POST', auth: `fast-db:${password}`, agent: false })
  asked.on('error', () => {})
  asked.end(JSON.stringify({ uuid, plan: 'mini', oauth_grant: { code: 'the-code' } }))
  await begun.promise
  asked.destroy()
  await new Promise((resolve) => setTimeout(resolve, 100))
  hungUp.resolve()
  await until(async () => (await store.tokens(uuid)) !== null)
})

test('a token host that is down or refuses does not bring the provider down', async () => {
  const { provision, lines, store } = await start({ platform: { api: platform.url, id: 'http://127.0.0.1:1' } })
  expect((await provision()).status).toBe(200)
  await until(() => lines.some((line) => line.includes('grant_failed')))
  expect((await provision()).status).toBe(200)
  expect(await store.tokens(uuid)).toBeNull()
  expect(lines.join()).not.toContain('client-secret')
})

test('a code that the platform does not know yet is tried again', async () => {
  let tries = 0
  platform.answer = ({ path }) => {
    if (path === '/oauth/token' && ++tries === 1) return { status: 404, body: { id: 'not_found', message: 'no' } }
    return { status: 200, body: freshTokens(1) }
  }
  const { provision, store } = await start()
  await provision()
  await until(async () => (await store.tokens(uuid)) !== null)
  expect(tries).toBe(2)
})

test('without the secret nothing is sent, and the provider serves; a call says what is missing', async () => {
  const { provision, provider } = await start({ clientSecret: async () => null })
  expect((await provision()).status).toBe(200)
  await new Promise((resolve) => setTimeout(resolve, 150))
  await expect(provider.updateConfig(uuid, { FAST_DB_URL: 'https://db.example.com' })).rejects.toThrow(
    /no client secret: give createProvider the one that the first push told/,
  )
  expect(platform.calls).toEqual([])
})

test('calls carry the token, and a refused one is refreshed once, however many need it', async () => {
  const { provider, provision, store } = await start()
  await provision()
  await until(async () => (await store.tokens(uuid)) !== null)
  platform.answer = ({ path, authorization }) => {
    if (path === '/oauth/token') return { status: 200, body: freshTokens(2) }
    if (authorization !== 'Bearer access-2') return { status: 401, body: { id: 'unauthorized', message: 'no' } }
    return { status: 200, body: [{ name: 'FAST_DB_URL', value: 'fast://2' }] }
  }
  const client = provider.platform(uuid)
  const [config] = await Promise.all([
    client.getConfig(),
    client.getConfig(),
    client.patchConfig({ FAST_DB_URL: null }),
  ])
  expect(config).toEqual({ FAST_DB_URL: 'fast://2' })
  expect(
    tokenCalls()
      .slice(1)
      .map((call) => call.body),
  ).toEqual(['grant_type=refresh_token&refresh_token=refresh-1&client_secret=client-secret'])
  const patch = platform.calls.filter((call) => call.method === 'PATCH').at(-1)
  expect(patch).toMatchObject({
    path: `/addons/${uuid}/config`,
    body: '{"config":[{"name":"FAST_DB_URL","value":null}]}',
  })
})

test('a token that is about to run out is refreshed before it is used', async () => {
  let now = Date.now()
  const { provider, provision, store } = await start({ now: () => new Date(now) })
  await provision()
  await until(async () => (await store.tokens(uuid)) !== null)
  now += 28_800_000 - 30_000
  platform.answer = ({ path }) => ({ status: 200, body: path === '/oauth/token' ? freshTokens(2) : { id: uuid } })
  await provider.platform(uuid).addon()
  expect(platform.calls.at(-1)).toMatchObject({ path: `/addons/${uuid}`, authorization: 'Bearer access-2' })
})

test("the platform's refusal arrives with its status, id and words", async () => {
  const { provider, provision, store } = await start()
  await provision()
  await until(async () => (await store.tokens(uuid)) !== null)
  platform.answer = () => ({ status: 410, body: { id: 'gone', message: 'That add-on is gone.' } })
  const refusal = await provider
    .platform(uuid)
    .provisioned()
    .catch((error: unknown) => error)
  expect(refusal).toBeInstanceOf(PlatformRefused)
  expect(refusal).toMatchObject({ status: 410, id: 'gone', message: 'That add-on is gone.' })
})

test('what was answered later is finished: config first, then the word, and repeats then get it all', async () => {
  const { provider, provision, store } = await start({ provision: async () => later('A minute.') })
  expect((await provision()).status).toBe(202)
  await until(async () => (await store.tokens(uuid)) !== null)
  expect(await provider.finish(uuid, { config: { FAST_DB_URL: 'fast://1' } })).toBe(true)
  const [first, second] = platform.calls.filter((call) => call.path !== '/oauth/token')
  expect([first?.method, first?.path]).toEqual(['PATCH', `/addons/${uuid}/config`])
  expect([second?.method, second?.path]).toEqual(['POST', `/addons/${uuid}/actions/provision`])
  expect(await provision()).toMatchObject({ status: 200, json: { config: { FAST_DB_URL: 'fast://1' } } })
})

test('what was removed while it was being made does not come back', async () => {
  const { provider, provision, url } = await start({ provision: async () => later('A minute.') })
  await provision()
  await ask('DELETE', `${url}/heroku/resources/${uuid}`, { auth: `fast-db:${password}` })
  expect(await provider.finish(uuid, { config: {} })).toBe(false)
})

test('what could not be made is removed here and reported, until the report gets through', async () => {
  const dropped: string[] = []
  const { provider, provision, store } = await start({
    provision: async () => later('A minute.'),
    deprovision: async (resource) => void dropped.push(resource.uuid),
  })
  await provision()
  await until(async () => (await store.tokens(uuid)) !== null)
  platform.answer = () => ({ status: 503 })
  await expect(provider.fail(uuid)).rejects.toThrow()
  platform.answer = () => ({ status: 200 })
  await provider.fail(uuid)
  expect(platform.calls.at(-1)?.path).toBe(`/addons/${uuid}/actions/deprovision`)
  expect((await store.get(uuid))?.state).toBe('removed')
  expect(dropped).toEqual([uuid, uuid])
  expect((await provision()).status).toBe(410)
})

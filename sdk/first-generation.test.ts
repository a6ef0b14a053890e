import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ssoToken } from '@mortise/contract/partner-api/sso'
import { afterEach, expect, test } from 'vitest'
import { ask, cookiesOf, manifest, password, salt, signOn, uuids } from './fixture.js'
import { createProvider, later, memoryStore, type ProviderOptions } from './serve.js'

// The wire that kensa tests: Basic auth in both directions, ids in paths, SHA-1 tokens.

const auth = `fast-db:${password}`
const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

const first = { ...manifest, api: { ...manifest.api, version: '1' } }

async function start(change: Partial<ProviderOptions> = {}) {
  const made: string[] = []
  const provider = createProvider({
    manifest: first,
    store: memoryStore(),
    log: () => undefined,
    async provision({ uuid }) {
      made.push(uuid)
      return { config: { FAST_DB_URL: `fast://${uuid}` } }
    },
    async deprovision() {},
    session: ({ resourceId }) => `/dashboard/${resourceId}`,
    ...change,
  })
  const { url, close } = await provider.listen(0)
  closing.push(close)
  return { provider, made, url, base: `${url}/heroku/resources` }
}

/** The App Info of a platform, as a party. */
async function appInfo() {
  const seen: { method: string; auth: string; body: string }[] = []
  const server = createServer(async (req: IncomingMessage, res) => {
    const body = Buffer.concat(await req.toArray()).toString()
    seen.push({ method: req.method ?? '', auth: req.headers.authorization ?? '', body })
    res.end(JSON.stringify({ id: 'app1@heroku.com', name: 'example-app', config: {}, domains: [] }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/vendor/apps/app1%40heroku.com`
  return { url, seen }
}

const asked = (callback_url: string, uuid: string | undefined = uuids[0]) => ({
  heroku_id: 'app1@heroku.com',
  plan: 'mini',
  region: 'amazon-web-services::us-east-1',
  options: {},
  logplex_token: null,
  callback_url,
  uuid,
})

test('a resource is made and removed, and removal is 200 as that generation asks for', async () => {
  const { base } = await start()
  const { json } = await ask('POST', base, { auth, body: asked('http://localhost/') })
  expect(json.id).toBe(uuids[0])
  expect(await ask('DELETE', `${base}/${json.id}`, { auth })).toMatchObject({ status: 200 })
})

test('a platform without a mark for repeats gets one resource for each request', async () => {
  const { base, made } = await start()
  const body = { ...asked('http://localhost/'), uuid: undefined }
  const ids = await Promise.all([1, 2].map(async () => (await ask('POST', base, { auth, body })).json.id))
  expect(new Set(ids).size).toBe(2)
  expect(made).toHaveLength(2)
})

test('a person signs on by form and by link, with the token of that generation', async () => {
  const { url, base } = await start()
  await ask('POST', base, { auth, body: asked('http://localhost/') })
  const timestamp = String(Math.floor(Date.now() / 1000))
  const form = {
    id: uuids[0],
    resource_id: uuids[0],
    timestamp,
    token: ssoToken({ id: uuids[0], salt, timestamp }),
    app: 'example-app',
  }
  const byForm = await signOn(`${url}/heroku/sso`, form)
  expect(byForm).toMatchObject({ status: 303, headers: { location: `/dashboard/${uuids[0]}` } })
  const query = new URLSearchParams({ timestamp, token: form.token, app: 'example-app' })
  // The same second, the same token: good in the browser that used it.
  const byLink = await ask('GET', `${base}/${uuids[0]}?${query}`, { headers: { cookie: cookiesOf(byForm) } })
  expect(byLink.status).toBe(303)
  expect((await signOn(`${url}/heroku/sso`, { ...form, token: '0'.repeat(40) })).status).toBe(403)
})

test('config changes and what was promised for later go to the callback_url', async () => {
  const { url: callback, seen } = await appInfo()
  const { provider, base } = await start({ provision: async () => later('It takes a while.') })
  expect(await ask('POST', base, { auth, body: asked(callback) })).toMatchObject({ status: 202 })
  expect(await provider.finish(uuids[0], { config: { FAST_DB_URL: 'fast://one' } })).toBe(true)
  await provider.updateConfig(uuids[0], { FAST_DB_URL: 'fast://two' })
  expect((await (await provider.appInfo(uuids[0])).info()).name).toBe('example-app')
  expect(seen.map(({ method, body }) => `${method} ${body}`)).toEqual([
    'PUT {"config":{"FAST_DB_URL":"fast://one"}}',
    'PUT {"config":{"FAST_DB_URL":"fast://two"}}',
    'GET ',
  ])
  expect(new Set(seen.map((call) => call.auth))).toEqual(new Set([`Basic ${Buffer.from(auth).toString('base64')}`]))
})

test('what came to nothing is removed here, and there is nobody to tell', async () => {
  const { provider, base } = await start({ provision: async () => later('It takes a while.') })
  await ask('POST', base, { auth, body: asked('http://localhost/') })
  await provider.fail(uuids[0])
  expect(await ask('DELETE', `${base}/${uuids[0]}`, { auth })).toMatchObject({ status: 410 })
})

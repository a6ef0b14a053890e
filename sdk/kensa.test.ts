import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { encodeNavData } from '@mortise/contract/partner-api/nav-data'
import { ssoToken } from '@mortise/contract/partner-api/sso'
import { afterEach, describe, expect, test } from 'vitest'
import { ask, manifest as ours, password, salt, signOn, uuids } from './fixture.js'
import { createProvider, later, type ProviderOptions } from './serve.js'

// kensa 3.1.0 asks these things, in this order and in these words. kensa itself is not part of this project; what it said
// when it was run is in docs/decisions/existing-add-ons.md. This is its wire, written from its documented checks; numbers are its checks'.

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

/** A provider made with the SDK, with a page as providers of kensa's time had. */
async function start(version: '1' | '3', change: Partial<ProviderOptions> = {}) {
  // As one pushes it, with https addresses; it listens here all the same.
  const production = {
    base_url: 'https://fast-db.example.com/heroku/resources',
    sso_url: 'https://fast-db.example.com/heroku/sso',
  }
  const manifest = { ...ours, api: { ...ours.api, version, sso: undefined, production } }
  const provider = createProvider({
    manifest,
    log: () => undefined,
    provision: async ({ uuid }) => ({ config: { FAST_DB_URL: `https://db.example.com/${uuid}` } }),
    changePlan: async () => ({}),
    deprovision: async () => undefined,
    session: ({ resourceId }) => `/dashboard/${resourceId}`,
    // kensa knows the oldest token only; it covers neither the person nor the uuid, so it must be asked for.
    tokens: ['user_scoped', 'resource', 'legacy'],
    ...change,
  })
  const { url, close } = await provider.listen(0, '127.0.0.1', (req, res) => {
    if (!req.url?.startsWith('/dashboard/') || !provider.sessionOf(req)) return false
    res.end('<html><script src="http://localhost:5055/boomerang.js"></script><body>Fast DB</body></html>')
    return true
  })
  closing.push(close)
  return { provider, manifest, url, base: `${url}/heroku/resources`, auth: `fast-db:${password}` }
}

const herokuId = 'app4711@kensa.heroku.com'
const question = (plan = 'mini', uuid = uuids[0]) => ({
  heroku_id: herokuId,
  plan,
  callback_url: 'http://localhost:7779/callback/999',
  logplex_token: null,
  region: 'amazon-web-services::us-east-1',
  options: {},
  uuid,
})
const headers = { accept: 'application/json' }
/** kensa takes every 2xx for 200. */
const is200 = (status: number) => status >= 200 && status < 300
const wrong = 'wrong:secret'

describe.each(['1', '3'] as const)('kensa against a provider of version %s made with the SDK', (version) => {
  test('1-12: the manifest has what kensa looks for', async () => {
    const { id, api } = (await start(version)).manifest
    expect(typeof id === 'string' && id !== '').toBe(true)
    expect(
      api.regions.every((region) => ['us', 'eu', 'frankfurt', 'oregon', 'tokyo', 'virginia', '*'].includes(region)),
    ).toBe(true)
    expect(api.regions.includes('us') || api.regions.includes('*')).toBe(true)
    expect(api.password).not.toBe('')
    for (const name of api.config_vars) expect(name).toMatch(/^FAST_DB_[0-9A-Z_]+$/)
    expect(api).not.toHaveProperty('username')
  })

  test('13, 15, 16: a provision answers in JSON, and to the right user only', async () => {
    const { base, auth } = await start(version)
    const made = await ask('POST', base, { auth, headers, body: question() })
    expect(is200(made.status)).toBe(true)
    expect(() => JSON.parse(made.text)).not.toThrow()
    expect((await ask('POST', base, { auth: wrong, headers, body: question() })).status).toBe(401)
  })

  test('17-24: the answer has an id that is not the app’s, and declared config of strings and addresses', async () => {
    const { base, auth, manifest } = await start(version)
    const { json } = await ask('POST', base, { auth, headers, body: question() })
    expect(json.id).toBeTruthy()
    expect(String(json.id)).not.toContain('4711')
    expect(Object.keys(json.config).sort()).toEqual(manifest.api.config_vars)
    for (const [name, value] of Object.entries(json.config)) {
      expect(typeof value).toBe('string')
      if (name.endsWith('_URL'))
        expect(new URL(String(value))).toMatchObject({ protocol: 'https:', hostname: 'db.example.com' })
    }
  })

  test('25: two provisions give two ids', async () => {
    const { base, auth } = await start(version)
    const ids = await Promise.all(
      uuids
        .slice(0, 2)
        .map(async (uuid) => (await ask('POST', base, { auth, headers, body: question('mini', uuid) })).json.id),
    )
    expect(new Set(ids).size).toBe(2)
  })

  test('26-29: the plan changes and the resource goes by the id that was told, for the right user only', async () => {
    const { base, auth } = await start(version)
    const { id } = (await ask('POST', base, { auth, headers, body: question() })).json
    const at = `${base}/${encodeURIComponent(id)}`
    const body = { plan: 'big', heroku_id: herokuId, uuid: uuids[0] }
    expect(is200((await ask('PUT', at, { auth, headers, body })).status)).toBe(true)
    expect((await ask('PUT', at, { auth: wrong, headers, body })).status).toBe(401)
    expect(is200((await ask('DELETE', at, { auth, headers })).status)).toBe(true)
    // kensa asks for the wrong user after the real removal.
    expect((await ask('DELETE', at, { auth: wrong, headers })).status).toBe(401)
  })

  describe('30-34: single sign-on', () => {
    const navData = encodeNavData({
      addon: 'Fast DB',
      appname: 'myapp',
      addons: [{ slug: 'fast-db', name: 'Fast DB', current: true }],
    })
    async function form(change: { token?: string; age?: number } = {}) {
      const { base, auth, url } = await start(version)
      const { id } = (await ask('POST', base, { auth, headers, body: question() })).json
      const timestamp = String(Math.floor(Date.now() / 1000) - (change.age ?? 0))
      const token = change.token ?? ssoToken({ id, salt, timestamp })
      const fields = { token, timestamp, 'nav-data': navData, email: 'username@example.com', app: 'myapp' }
      return { url, base, id, fields }
    }

    test.each([
      ['30: a token that was made up', { token: 'invalid' }],
      ['31: a true one, six minutes old', { age: 360 }],
    ])('%s is 403', async (_, change) => {
      const { url, base, id, fields } = await form(change)
      expect((await signOn(`${url}/heroku/sso`, { id, ...fields })).status).toBe(403)
      expect((await ask('GET', `${base}/${id}?${new URLSearchParams(fields)}`)).status).toBe(403)
    })

    test.each(['post', 'get'])(
      '32-34: by %s it ends at a page with the layout, and the cookie is what was sent',
      async (method) => {
        const { url, base, id, fields } = await form()
        const reply =
          method === 'post'
            ? await signOn(`${url}/heroku/sso`, { id, ...fields })
            : await ask('GET', `${base}/${id}?${new URLSearchParams(fields)}`)
        // kensa's client is no browser: at http://localhost too it keeps back what says Secure.
        const jar = (reply.headers['set-cookie'] ?? [])
          .filter((line) => !/; *secure/i.test(line))
          .map((line) => line.split(';')[0] ?? '')
        expect(jar).toContain(`heroku-nav-data=${navData}`)
        const page = await ask('GET', new URL(reply.headers.location ?? '', url).href, {
          headers: { cookie: jar.join('; ') },
        })
        expect(page.status).toBe(200)
        expect(page.text).toMatch(/<div[^>]+id="heroku-header"|<script[^>]+src="[^"]*boomerang/)
      },
    )
  })
})

test('14: kensa --async hears the config by PUT on its callback_url', async () => {
  let heard: { method?: string; body: string } | undefined
  const kensa = createServer(async (req, res) => {
    heard = { method: req.method, body: Buffer.concat(await req.toArray()).toString() }
    res.end('{}')
  })
  await new Promise<void>((listening) => kensa.listen(0, '127.0.0.1', listening))
  closing.push(() => kensa.close())
  const callback_url = `http://localhost:${(kensa.address() as AddressInfo).port}/callback/999`
  const { provider, base, auth } = await start('1', { provision: async () => later('In a minute.') })
  const { status } = await ask('POST', base, { auth, headers, body: { ...question(), callback_url } })
  expect(status).toBe(202)
  await provider.finish(uuids[0], { config: { FAST_DB_URL: 'https://db.example.com/1' } })
  expect(heard?.method).toBe('PUT')
  expect(JSON.parse(heard?.body ?? '')).toEqual({ config: { FAST_DB_URL: 'https://db.example.com/1' } })
})

test('the plans that kensa makes up are refused with words, so it is run with -p PLAN', async () => {
  const { base, auth } = await start('1')
  expect((await ask('POST', base, { auth, headers, body: question('foo') })).status).toBe(422)
})

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import Fastify from 'fastify'
import { Hono } from 'hono'
import { afterEach, describe, expect, test } from 'vitest'
import { ask, cookiesOf, fakePlatform, manifest, password, signOn, signOnForm, until, uuids } from './fixture.js'
import { createProvider, memoryStore, type Provider } from './serve.js'

// The same provider under each way of mounting it that README.md names.

const auth = `fast-db:${password}`
const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

interface Mounted {
  url: string
}

async function underNode(provider: Provider): Promise<Mounted> {
  const { url, close } = await provider.listen(0, '127.0.0.1', (req, res) => {
    if (req.url !== '/dashboard') return false
    res.end(provider.sessionOf(req)?.email ?? 'nobody')
    return true
  })
  closing.push(close)
  return { url }
}

async function underExpress(provider: Provider, readsBodies: boolean): Promise<Mounted> {
  const app = express()
  if (readsBodies) app.use(express.json(), express.urlencoded({ extended: false }))
  app.use((req, res, next) => provider.handler(req, res).then((isOurs) => isOurs || next(), next))
  app.get('/dashboard', (req, res) => void res.send(provider.sessionOf(req)?.email ?? 'nobody'))
  const server = app.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  closing.push(() => server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

async function underFastify(provider: Provider): Promise<Mounted> {
  const app = Fastify()
  app.addHook('onRequest', async (request, reply) => {
    if (await provider.handler(request.raw, reply.raw)) reply.hijack()
  })
  app.get('/dashboard', async (request) => provider.sessionOf(request.raw)?.email ?? 'nobody')
  await app.listen({ port: 0, host: '127.0.0.1' })
  closing.push(() => app.close())
  return { url: `http://127.0.0.1:${(app.server.address() as AddressInfo).port}` }
}

/** Hono runs on anything that speaks `fetch`; here a small server carries its requests. */
async function underHono(provider: Provider): Promise<Mounted> {
  const app = new Hono()
  app.use(async (c, next) => (await provider.fetch(c.req.raw)) ?? next())
  app.get('/dashboard', (c) => c.text(provider.sessionOf(c.req.raw)?.email ?? 'nobody'))
  const server = createServer(async (req, res) => {
    const body = Buffer.concat(await req.toArray())
    const headers = new Headers(Object.entries(req.headers).map(([name, value]) => [name, String(value)]))
    const method = req.method ?? 'GET'
    const init = { method, headers, ...(method === 'GET' ? {} : { body }) }
    const answer = await app.fetch(new Request(`http://${req.headers.host}${req.url}`, init))
    const cookies = answer.headers.getSetCookie()
    answer.headers.delete('set-cookie')
    res.writeHead(answer.status, {
      ...Object.fromEntries(answer.headers),
      ...(cookies.length ? { 'set-cookie': cookies } : {}),
    })
    res.end(Buffer.from(await answer.arrayBuffer()))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

describe.each<[string, (provider: Provider) => Promise<Mounted>]>([
  ['node:http', underNode],
  ['Express', (provider) => underExpress(provider, false)],
  ['Express that has read the body', (provider) => underExpress(provider, true)],
  ['Fastify', underFastify],
  ['Hono', underHono],
])('under %s', (_name, mount) => {
  test('a resource is made once, changed, opened and removed, and pages stay the framework’s', async () => {
    const platform = await fakePlatform()
    closing.push(platform.close)
    const store = memoryStore()
    const made: string[] = []
    const provider = createProvider({
      manifest,
      store,
      platform: { api: platform.url },
      clientSecret: 'shared-secret',
      log: () => undefined,
      async provision({ uuid }) {
        made.push(uuid)
        return { config: { FAST_DB_URL: `fast://${uuid}` } }
      },
      async changePlan() {
        return { message: 'Bigger.' }
      },
      async deprovision() {},
      session: () => '/dashboard',
    })
    closing.push(() => provider.close())
    const { url } = await mount(provider)
    const base = `${url}/heroku/resources`
    const [uuid] = uuids
    const body = { uuid, plan: 'mini', options: {}, oauth_grant: { code: 'grant-code', type: 'authorization_code' } }
    const answers = await Promise.all([1, 2].map(() => ask('POST', base, { auth, body })))
    for (const answer of answers) expect(answer).toMatchObject({ status: 200, json: { id: uuid } })
    expect(made).toEqual([uuid])
    await until(async () => (await store.tokens(uuid)) !== null)
    expect(platform.calls[0]?.body).toContain('code=grant-code')
    expect(await ask('POST', base, { auth: 'fast-db:wrong', body })).toMatchObject({ status: 401 })
    expect(await ask('PUT', `${base}/${uuid}`, { auth, body: { plan: 'big' } })).toMatchObject({ status: 200 })

    const reply = await signOn(`${url}/heroku/sso`, signOnForm(uuid))
    expect(reply).toMatchObject({ status: 303, headers: { location: '/dashboard' } })
    expect(reply.headers['set-cookie']).toHaveLength(2)
    const cookie = cookiesOf(reply)
    expect((await ask('GET', `${url}/dashboard`, { headers: { cookie } })).text).toBe('user@example.com')
    expect((await ask('GET', `${url}/dashboard`)).text).toBe('nobody')

    expect(await ask('DELETE', `${base}/${uuid}`, { auth })).toMatchObject({ status: 204, text: '' })
    expect(await ask('POST', base, { auth, body })).toMatchObject({ status: 410 })
  })
})

test('what is not the platform’s is left alone', async () => {
  const provider = createProvider({
    manifest,
    provision: async () => ({ config: {} }),
    deprovision: async () => undefined,
    log: () => undefined,
  })
  expect(await provider.fetch(new Request('http://provider/elsewhere'))).toBeNull()
})

test('a body without end is cut off at a megabyte, through fetch too', async () => {
  const provider = createProvider({
    manifest,
    provision: async () => ({ config: {} }),
    deprovision: async () => undefined,
    log: () => undefined,
  })
  let sent = 0
  const body = new ReadableStream({
    pull(controller) {
      sent += 65_536
      controller.enqueue(new Uint8Array(65_536))
    },
  })
  const headers = { authorization: `Basic ${Buffer.from(auth).toString('base64')}` }
  const request = new Request('http://provider/heroku/resources', {
    method: 'POST',
    headers,
    body,
    duplex: 'half',
  } as RequestInit)
  expect((await provider.fetch(request))?.status).toBe(413)
  expect(sent).toBeLessThan(3 * 1024 * 1024)
})

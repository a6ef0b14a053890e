import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { ask, manifest, password, salt, uuids } from './fixture.js'
import {
  createProvider,
  type Listening,
  later,
  memoryStore,
  type ProviderOptions,
  Refused,
  Unavailable,
} from './serve.js'

const auth = `fast-db:${password}`
const open: Listening[] = []
afterEach(async () => void (await Promise.all(open.splice(0).map((each) => each.close()))))

/** A provider whose work is counted, and its address. */
async function start(change: Partial<ProviderOptions> = {}) {
  const made: string[] = []
  const dropped: string[] = []
  const lines: string[] = []
  const store = memoryStore()
  const provider = createProvider({
    manifest,
    store,
    log: (line) => void lines.push(JSON.stringify(line)),
    async provision({ uuid }) {
      made.push(uuid)
      return { config: { FAST_DB_URL: `fast://${uuid}:${made.length}@host/db` } }
    },
    async changePlan(_, plan) {
      return { config: { FAST_DB_URL: `fast://${plan}` }, message: `Now ${plan}.` }
    },
    async deprovision({ uuid }) {
      dropped.push(uuid)
    },
    ...change,
  })
  const listening = await provider.listen(0)
  open.push(listening)
  return { provider, made, dropped, lines, store, base: `${listening.url}/heroku/resources`, url: listening.url }
}

const question = (uuid = uuids[0]) => ({ uuid, plan: 'mini', region: 'amazon-web-services::us-east-1', options: {} })

test('a resource is made, changed and removed', async () => {
  const { base, made, dropped } = await start()
  const answer = await ask('POST', base, { auth, body: question() })
  expect(answer).toMatchObject({ status: 200, json: { id: uuids[0], config: { FAST_DB_URL: expect.any(String) } } })
  const changed = await ask('PUT', `${base}/${uuids[0]}`, { auth, body: { plan: 'big' } })
  expect(changed).toMatchObject({ status: 200, json: { config: { FAST_DB_URL: 'fast://big' }, message: 'Now big.' } })
  expect(await ask('DELETE', `${base}/${uuids[0]}`, { auth })).toMatchObject({ status: 204, text: '' })
  expect([made, dropped]).toEqual([[uuids[0]], [uuids[0]]])
})

test('the same uuid twice is one resource and one answer', async () => {
  const { base, made } = await start()
  const first = await ask('POST', base, { auth, body: question() })
  const second = await ask('POST', base, { auth, body: { ...question(), uuid: uuids[0].toUpperCase() } })
  expect(second.text).toBe(first.text)
  expect(second.status).toBe(first.status)
  expect(made).toHaveLength(1)
})

test('the same uuid ten times at once is one resource and one answer', async () => {
  const made: string[] = []
  const { base } = await start({
    async provision({ uuid }) {
      made.push(uuid)
      await pause(50)
      return { config: { FAST_DB_URL: `fast://${made.length}` } }
    },
  })
  const asks = Array.from({ length: 10 }, () => ask('POST', base, { auth, body: question() }))
  const answers = await Promise.all(asks)
  expect(new Set(answers.map((answer) => `${answer.status} ${answer.text}`)).size).toBe(1)
  expect(made).toHaveLength(1)
})

test('a repeated plan change answers as the first and works once', async () => {
  let changes = 0
  const { base } = await start({
    async changePlan() {
      changes++
      return { config: { FAST_DB_URL: `fast://${changes}` } }
    },
  })
  await ask('POST', base, { auth, body: question() })
  const put = () => ask('PUT', `${base}/${uuids[0]}`, { auth, body: { plan: 'big' } })
  expect((await put()).text).toBe((await put()).text)
  expect(changes).toBe(1)
  // And the answer to a late repeat of the first request holds today's config.
  const late = await ask('POST', base, { auth, body: question() })
  expect(late.json.config).toEqual({ FAST_DB_URL: 'fast://1' })
})

test('a removed uuid is not made again', async () => {
  const { base, made } = await start()
  await ask('POST', base, { auth, body: question() })
  await ask('DELETE', `${base}/${uuids[0]}`, { auth })
  expect(await ask('POST', base, { auth, body: question() })).toMatchObject({ status: 410 })
  expect(await ask('PUT', `${base}/${uuids[0]}`, { auth, body: { plan: 'big' } })).toMatchObject({ status: 410 })
  expect(made).toHaveLength(1)
})

test('removing twice, or what never was, answers 410; and what comes too late for that is not made', async () => {
  const { base, made } = await start()
  await ask('POST', base, { auth, body: question() })
  await ask('DELETE', `${base}/${uuids[0]}`, { auth })
  expect(await ask('DELETE', `${base}/${uuids[0]}`, { auth })).toMatchObject({ status: 410 })
  expect(await ask('DELETE', `${base}/${uuids[1]}`, { auth })).toMatchObject({ status: 410 })
  expect(await ask('DELETE', `${base}/%00..%2F`, { auth })).toMatchObject({ status: 410 })
  expect(await ask('POST', base, { auth, body: question(uuids[1]) })).toMatchObject({ status: 410 })
  expect(made).toHaveLength(1)
})

test('a removal waits for the provision that is running, then removes', async () => {
  const order: string[] = []
  const { base } = await start({
    async provision() {
      order.push('provision begins')
      await pause(100)
      order.push('provision ends')
      return { config: {} }
    },
    async deprovision() {
      order.push('removed')
    },
  })
  const provision = ask('POST', base, { auth, body: question() })
  while (!order.length) await pause(5)
  const removal = ask('DELETE', `${base}/${uuids[0]}`, { auth })
  expect([(await provision).status, (await removal).status]).toEqual([200, 204])
  expect(order).toEqual(['provision begins', 'provision ends', 'removed'])
})

test('a wrong password is answered 401 before anything else', async () => {
  const { base, made } = await start()
  const wrong = [undefined, 'fast-db:wrong', `other:${password}`, `fast-db:${password}x`, 'fast-db', `:${password}`]
  for (const each of wrong) {
    const answer = await ask('POST', base, { auth: each, body: 'not json' })
    expect(answer, String(each)).toMatchObject({ status: 401, json: { message: expect.stringContaining('fast-db') } })
    expect(answer.headers['www-authenticate']).toBe('Basic realm="fast-db"')
  }
  expect((await ask('DELETE', `${base}/${uuids[0]}`, { auth: 'fast-db:wrong' })).status).toBe(401)
  expect((await ask('PUT', `${base}/${uuids[0]}`, { auth: 'fast-db:wrong' })).status).toBe(401)
  expect(made).toEqual([])
})

test('old and new password are both good while the password changes', async () => {
  const { base } = await start({ otherPasswords: ['next-password'] })
  expect((await ask('POST', base, { auth, body: question() })).status).toBe(200)
  expect((await ask('POST', base, { auth: 'fast-db:next-password', body: question() })).status).toBe(200)
})

test('bad bodies are answered 400, too long ones 413', async () => {
  const { base } = await start()
  for (const body of ['{', '[]', 'null', '{}', { ...question(), uuid: 'x' }, { ...question(), plan: undefined }]) {
    const answer = await ask('POST', base, { auth, body })
    expect(answer, JSON.stringify(body)).toMatchObject({ status: 400, json: { message: expect.any(String) } })
  }
  const long = await ask('POST', base, { auth, body: { ...question(), more: 'x'.repeat(1024 * 1024) } })
  expect(long.status).toBe(413)
})

test('unknown fields are accepted, whatever the content type says, and options are strings or nothing', async () => {
  const seen: unknown[] = []
  const { base } = await start({
    async provision({ options }) {
      seen.push(options)
      return { config: {} }
    },
  })
  const headers = { 'content-type': 'text/html' }
  const body = JSON.stringify({ ...question(), options: { a: 1, b: true }, heroku_id: 'x', new: [{}] })
  expect((await ask('POST', base, { auth, body, headers })).status).toBe(200)
  expect((await ask('POST', base, { auth, body: { ...question(uuids[1]), options: null } })).status).toBe(200)
  expect(seen).toEqual([{ a: '1', b: 'true' }, {}])
})

test('a refusal carries its words, an outage too, and a bug keeps its words to itself', async () => {
  const errors = [
    new Refused('No disks left.'),
    new Unavailable('Back at noon.'),
    new Error(`boom ${password} postgres://u:hunter2@h/d`),
  ]
  const { base, lines } = await start({
    async provision() {
      throw errors.shift()
    },
  })
  const statuses = []
  for (const _ of [1, 2, 3]) statuses.push(await ask('POST', base, { auth, body: question() }))
  expect(statuses).toMatchObject([
    { status: 422, json: { message: 'No disks left.' } },
    { status: 503, json: { message: 'Back at noon.' } },
    { status: 500 },
  ])
  expect(statuses[2]?.text).not.toContain('boom')
  expect(lines.join()).toContain('boom')
  expect(lines.join()).not.toMatch(/hunter2|pppp/)
})

test('a provision that broke is tried again by the repeat, and can be removed', async () => {
  let tries = 0
  const { base, dropped } = await start({
    async provision() {
      if (++tries === 1) throw new Error('half made')
      return { config: {} }
    },
  })
  expect((await ask('POST', base, { auth, body: question() })).status).toBe(500)
  expect((await ask('POST', base, { auth, body: question() })).status).toBe(200)
  tries = 0
  expect((await ask('POST', base, { auth, body: question(uuids[1]) })).status).toBe(500)
  expect((await ask('DELETE', `${base}/${uuids[1]}`, { auth })).status).toBe(204)
  expect(dropped).toEqual([uuids[1]])
})

test('a removal that broke is not taken for done', async () => {
  let tries = 0
  const { base } = await start({
    async deprovision() {
      if (++tries === 1) throw new Error('disk')
    },
  })
  await ask('POST', base, { auth, body: question() })
  expect((await ask('DELETE', `${base}/${uuids[0]}`, { auth })).status).toBe(500)
  expect((await ask('POST', base, { auth, body: question() })).status).toBe(410)
  expect((await ask('DELETE', `${base}/${uuids[0]}`, { auth })).status).toBe(204)
})

test('config that the manifest does not name never leaves the provider', async () => {
  const { base, lines } = await start({ provision: async () => ({ config: { LD_PRELOAD: 'secret' } }) })
  const answer = await ask('POST', base, { auth, body: question() })
  expect(answer.status).toBe(500)
  expect(lines.join()).toContain('LD_PRELOAD is not in the manifest')
  expect(answer.text + lines.join()).not.toContain('secret')
})

test('an unknown plan is refused with the names of the others', async () => {
  const { base } = await start()
  const answer = await ask('POST', base, { auth, body: { ...question(), plan: 'huge' } })
  expect(answer).toMatchObject({ status: 422, json: { message: expect.stringMatching(/"huge".*mini, big/) } })
  await ask('POST', base, { auth, body: question() })
  expect((await ask('PUT', `${base}/${uuids[0]}`, { auth, body: { plan: 'huge' } })).status).toBe(422)
  expect((await ask('PUT', `${base}/${uuids[1]}`, { auth, body: { plan: 'big' } })).status).toBe(404)
})

test('a provision that takes its time answers 202, and its repeat does not start it again', async () => {
  let started = 0
  const { base } = await start({
    async provision() {
      started++
      return later('A few minutes.')
    },
    deprovision: async () => later('Soon gone.'),
  })
  const first = await ask('POST', base, { auth, body: question() })
  expect(first).toMatchObject({ status: 202, json: { id: uuids[0], message: 'A few minutes.' } })
  expect((await ask('POST', base, { auth, body: question() })).text).toBe(first.text)
  expect(started).toBe(1)
  expect((await ask('PUT', `${base}/${uuids[0]}`, { auth, body: { plan: 'big' } })).status).toBe(422)
  for (const _ of [1, 2]) {
    const removal = await ask('DELETE', `${base}/${uuids[0]}`, { auth })
    expect(removal).toMatchObject({ status: 202, json: { message: 'Soon gone.' } })
  }
  expect((await ask('POST', base, { auth, body: question() })).status).toBe(410)
})

test('other paths and methods are left alone or named', async () => {
  const { base, url, provider } = await start()
  expect((await ask('GET', `${url}/`)).status).toBe(404)
  expect((await ask('GET', `${base}x`)).status).toBe(404)
  const wrong = await ask('PUT', base, { auth })
  expect([wrong.status, wrong.headers.allow]).toEqual([405, 'POST, GET'])
  expect((await ask('GET', `${base}/${uuids[0]}`, { auth })).headers.allow).toBe('PUT, DELETE')
  expect(provider.service.resourcesPath).toBe('/heroku/resources')
})

test('odd request lines are answered, not died of', async () => {
  const { base, url } = await start()
  const { port } = new URL(url)
  for (const line of [
    'GET // HTTP/1.1',
    'OPTIONS * HTTP/1.1',
    'GET /%ff%zz HTTP/1.1',
    'GET http://[ HTTP/1.1',
    'DELETE /heroku/resources/%zz HTTP/1.1',
  ]) {
    const socket = connect(Number(port), '127.0.0.1')
    socket.end(`${line}\r\nhost: x\r\nconnection: close\r\n\r\n`)
    const reply = Buffer.concat(await socket.toArray()).toString()
    expect(reply, line).toMatch(/^HTTP\/1.1 40[014]/)
  }
  expect((await ask('POST', base, { auth, body: question() })).status).toBe(200)
})

test('a page that breaks is answered 500 without words', async () => {
  const { provider, lines } = await start()
  const listening = await provider.listen(0, '127.0.0.1', () => {
    throw new Error('page broke')
  })
  open.push(listening)
  const reply = await ask('GET', `${listening.url}/page`)
  expect([reply.status, reply.text.includes('page broke')]).toEqual([500, false])
  expect(lines.join()).toContain('page broke')
})

test('id, password and salt are enough without a manifest', async () => {
  const { base } = await start({ manifest: { id: 'other', password, ssoSalt: salt } })
  const answer = await ask('POST', base, { auth: `other:${password}`, body: { ...question(), plan: 'any' } })
  expect(answer.status).toBe(200)
  expect(() =>
    createProvider({ manifest: {}, provision: async () => ({ config: {} }), deprovision: async () => {} }),
  ).toThrow(/"id" is missing/)
})

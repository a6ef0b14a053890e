import type { KyselyPlugin } from 'kysely'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { rows, sql } from '../db/db.js'
import { insertCall } from '../partner/call-store.js'
import { nothingPassed } from '../partner/masked-body.js'
import { insertAttempt, recordAnswer } from '../partner/question-store.js'
import { type ProvidedHouse, providedHouse } from './test-provided.js'

// What passes between platform and provider is kept for the provider to look up, and nothing of it that is a secret.
const portal = '/api/v3/addons/fast-db'
const password = 'password-of-32-random-characters'
const basic = Buffer.from(`fast-db:${password}`).toString('base64')
let house: ProvidedHouse<'ann' | 'bob' | 'operator'>
/** Whatever may not be in a row. */
const secrets = new Set([password, basic])

interface Seen {
  id: string
  direction: string
  method: string
  route: string
  status: number | null
}
const seen = async () => (await house.must('ann', 'GET', `${portal}/requests`)) as Seen[]
const whole = (id: string) => house.must('ann', 'GET', `${portal}/requests/${id}`)
const newest = async (method: string, route: string) =>
  vi.waitFor(async () => {
    const found = (await seen()).find((one) => one.method === method && one.route === route)
    if (!found) throw new Error(`no ${method} ${route}`)
    return whole(found.id)
  })

beforeAll(async () => {
  house = await providedHouse(['ann', 'bob', 'operator'], {
    'fast-db': { requires: ['attachable', 'many_per_app', 'log_input', 'syslog_drain'] },
    'slow-db': {},
  })
  await house.must('ann', 'POST', '/apps', { name: 'shop' })
})
afterAll(async () => {
  expect(house.faults).toEqual([])
  await house.end()
})

const provider = () => house.provider('fast-db')

test('a provision is told with both bodies: names, ids and words; no code, no token, no value', async () => {
  provider().config = { FAST_DB_URL: 'fast://user:a-value-of-the-first@127.0.0.1/db' }
  secrets.add('a-value-of-the-first')
  const addon = await house.must('ann', 'POST', '/apps/shop/addons', {
    plan: 'fast-db:mini',
    config: { colour: 'an-option-of-ann' },
  })
  const asked = provider().received.find(({ method }) => method === 'POST')?.body as Record<string, unknown>
  for (const name of ['log_input_url', 'log_drain_token']) secrets.add(String(asked[name]))
  secrets.add((asked['oauth_grant'] as { code: string }).code).add('an-option-of-ann')

  const told = await newest('POST', 'base_url')
  expect(told).toMatchObject({
    direction: 'to_provider',
    status: 201,
    sent: {
      kind: 'json',
      shortened: false,
      content: {
        callback_url: `http://localhost:5055/addons/${addon.id}`,
        name: addon.name,
        plan: 'mini',
        region: 'amazon-web-services::us-east-1',
        uuid: addon.id,
        log_drain_token: expect.stringMatching(/^\[text, \d+ characters\]$/),
        oauth_grant: { code: expect.stringMatching(/^\[text/), type: 'authorization_code' },
      },
    },
    received: {
      content: { id: addon.id, config: { FAST_DB_URL: '[text, 45 characters]' }, message: 'Made for you.' },
    },
  })
  // In the order in which it was written.
  expect(Object.keys(told.sent.content)).toEqual(Object.keys(asked))
})

test('a refusal that repeats what it was sent, a page that is no JSON, a silence, and a removal', async () => {
  const code = () => {
    const asked = provider().received.findLast(({ method }) => method === 'POST')?.body
    return (asked?.['oauth_grant'] as { code: string } | undefined)?.code ?? ''
  }
  provider().lie('POST', {
    status: 422,
    body: { message: `Not with ${basic}, nor by ${password}.`, [password]: password },
  })
  await house.ask('ann', 'POST', '/apps/shop/addons', { plan: 'fast-db:mini' })
  secrets.add(code())
  expect(await newest('POST', 'base_url')).toMatchObject({
    status: 422,
    received: { content: { message: expect.stringMatching(/^Not with \[\w+\], nor by \[\w+\]\.$/) } },
  })
  const page = `<html>DATABASE=${password} a-value-of-the-page</html>`
  secrets.add('a-value-of-the-page')
  provider().lie('PUT', { status: 400, body: page })
  const [addon] = await house.must('ann', 'GET', '/apps/shop/addons')
  await house.ask('ann', 'PATCH', `/apps/shop/addons/${addon.name}`, { plan: 'fast-db:standard-0' })
  const change = await newest('PUT', 'base_url/:resource')
  expect(change.sent.content).toMatchObject({ plan: 'standard-0', uuid: addon.id })
  expect(change.received).toMatchObject({ kind: 'other', content: null, content_type: 'text/plain' })
  expect(change.received.digest).toMatch(/^[0-9a-f]{16}$/)

  provider().lie('PUT', { hangUp: true })
  await house.ask('ann', 'PATCH', `/apps/shop/addons/${addon.name}`, { plan: 'fast-db:standard-0' })
  await vi.waitFor(async () => {
    const told = await newest('PUT', 'base_url/:resource')
    expect(told).toMatchObject({ status: null, sent: { kind: 'json' }, received: null })
  })
})

test("a provider's own calls are told both ways: tokens by form and query, config, and what it was refused", async () => {
  const [addon] = await house.must('ann', 'GET', '/apps/shop/addons')
  const asked = provider().received.find(({ body }) => body?.['uuid'] === addon.id)?.body ?? {}
  const { code } = asked['oauth_grant'] as { code: string }
  const { client_secret } = await house.must('ann', 'POST', '/api/v3/addons/fast-db/oauth')
  secrets.add(client_secret).add(code)
  const form = new URLSearchParams({ grant_type: 'authorization_code', code, client_secret }).toString()
  const traded = await house.server.inject({
    ...{ method: 'POST', url: '/oauth/token', payload: form },
    headers: { 'content-type': 'application/x-www-form-urlencoded', host: 'localhost:5055' },
  })
  const { access_token, refresh_token } = traded.json()
  secrets.add(access_token).add(refresh_token)
  expect(await newest('POST', '/oauth/token')).toMatchObject({
    direction: 'from_provider',
    sent: { kind: 'form', content: { grant_type: 'authorization_code', code: expect.stringMatching(/^\[text/) } },
    received: { content: { access_token: '[text, 48 characters]', expires_in: 28_800, token_type: 'Bearer' } },
  })
  const query = new URLSearchParams({ grant_type: 'refresh_token', refresh_token, client_secret })
  secrets.add((await house.must(null, 'POST', `/oauth/token?${query}`)).access_token)
  await vi.waitFor(async () => expect((await newest('POST', '/oauth/token')).sent).toMatchObject({ kind: 'empty' }))
  const bearer = { authorization: `Bearer ${access_token}` }
  for (const name of ['a-second-value-of-it', 'a-value-that-is-refused']) secrets.add(name)
  const patch = (config: object[]) => house.ask(null, 'PATCH', `/addons/${addon.id}/config`, { config }, bearer)
  expect((await patch([{ name: 'FAST_DB_URL', value: 'a-second-value-of-it' }])).status).toBe(200)
  expect(await newest('PATCH', '/addons/:addon/config')).toMatchObject({
    status: 200,
    sent: { content: { config: [{ name: 'FAST_DB_URL', value: '[text, 20 characters]' }] } },
    received: { content: [{ name: 'FAST_DB_URL', value: '[text, 20 characters]' }] },
  })
  const refused = await patch([{ name: 'FAST_DB_OTHER', value: 'a-value-that-is-refused' }])
  expect(refused.status).toBe(422)
  await vi.waitFor(async () => {
    const told = await newest('PATCH', '/addons/:addon/config')
    expect(told).toMatchObject({ status: 422, received: { content: { id: 'invalid_params' } } })
    expect(told.sent.content.config).toEqual([{ name: 'FAST_DB_OTHER', value: '[text, 23 characters]' }])
    // The very words that it was answered.
    expect(told.received.content.message).toBe(refused.body.message)
  })
  await house.ask(null, 'GET', `/addons/${addon.id}/config`, undefined, bearer)
  expect(await newest('GET', '/addons/:addon/config')).toMatchObject({
    sent: { kind: 'empty', bytes: 0, content: null },
  })
  await house.ask(null, 'GET', '/vendor/apps', undefined, { authorization: `Basic ${basic}` })
  expect((await newest('GET', '/vendor/apps')).received.content[0]).toMatchObject({ provider_id: addon.id })
})

test('no value, code, token or password is in any row of what passed', async () => {
  await house.must(
    'ann',
    'DELETE',
    `/apps/shop/addons/${(await house.must('ann', 'GET', '/apps/shop/addons'))[0].name}`,
  )
  const all = async () =>
    JSON.stringify([
      await rows(house.db, sql`select sent, received, message, note from attempts`),
      await rows(house.db, sql`select sent, received from provider_calls`),
      ...(await Promise.all((await seen()).map(({ id }) => whole(id)))),
    ])
  expect(secrets.size).toBeGreaterThan(12)
  const text = await all()
  expect([...secrets].filter((secret) => text.includes(secret))).toEqual([])
  // The same search finds what is there.
  expect(text).toContain('authorization_code')
})

test('only its provider and the operator read one; an id of another service, or none, is not found', async () => {
  const [one] = await seen()
  const status = async (who: 'ann' | 'bob' | 'operator', id: string) =>
    (await house.ask(who, 'GET', `${portal}/requests/${id}`)).status
  expect(await status('ann', one?.id ?? '')).toBe(200)
  expect(await status('operator', one?.id ?? '')).toBe(200)
  expect(await status('bob', one?.id ?? '')).toBe(404)
  expect((await house.ask('ann', 'GET', `/api/v3/addons/slow-db/requests/${one?.id}`)).status).toBe(404)
  const wrong = [
    'x',
    '0',
    `${one?.id}.1`,
    '01234567-89ab-cdef-0123-456789abcdef',
    '01234567-89ab-cdef-0123-456789abcdef.1',
    '01234567-89ab-cdef-0123-456789abcdef.99999999999',
  ]
  for (const id of wrong) expect([id, await status('ann', id)]).toEqual([id, 404])
})

test('what was written by an older process has no bodies, and is told so', async () => {
  const [attempt] = await rows<{ id: string }>(house.db, sql`select question_id as id from attempts limit 1`)
  const number = await insertAttempt(house.db, attempt?.id ?? '', house.world.now())
  expect(await whole(`${attempt?.id}.${number}`)).toMatchObject({ sent: null, received: null, status: null })
})

test('bodies cost no statement: an answer and a call are one each', async () => {
  let count = 0
  const counting: KyselyPlugin = {
    transformQuery: ({ node }) => {
      count++
      return node
    },
    transformResult: async ({ result }) => result,
  }
  const db = house.db.withPlugin(counting)
  const at = house.world.now()
  const answer = { class: 'ok', status: 200, message: null, note: '', retryAfterMs: null, mayExist: false }
  await recordAnswer(db, house.world.id(), 1, { ...answer, exchange: nothingPassed, at })
  expect(count).toBe(1)
  const call = { addonId: null, serviceId: house.world.id(), method: 'GET', route: '/', status: 200, ms: 1 }
  await insertCall(db, { ...call, id: house.world.id(), exchange: nothingPassed, at })
  expect(count).toBe(2)
})

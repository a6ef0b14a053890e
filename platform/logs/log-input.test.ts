import { afterAll, beforeAll, expect, test } from 'vitest'
import { ensureLogInput } from '../logs/log-input-store.js'
import { type House, testHouse } from '../start/test-house.js'
import { inputBytesMax, inputMessagesMax, linesPerMinuteMax } from './log-input.js'
import { readFrames } from './syslog-frames.js'

let house: House<'ann'>
let app: { id: string; ownerId: string }
let token: string
let addonId: string

beforeAll(async () => {
  house = await testHouse(['ann'])
  await house.push('fast-db', 'ann')
  app = { id: (await house.ask('ann', 'POST', '/apps', { name: 'shop' })).body.id, ownerId: house.people.ann.id }
  addonId = await house.addon('fast-db:mini', app, 'fast-db-1')
  token = await house.db
    .transaction()
    .execute((tx) => ensureLogInput(tx, house.secrets, { addonId, appId: app.id, at: house.world.now() }))
})
afterAll(async () => {
  expect(house.faults).toEqual([])
  await house.end()
})

const frame = (text: string, process = 'fast-db', at = new Date().toISOString()): string => {
  const message = `<190>1 ${at} host ${token} ${process} - - ${text}`
  return `${Buffer.byteLength(message)} ${message}`
}
const post = (body: string, headers: Record<string, string> = {}, url = '/logs') =>
  house.server.inject({
    method: 'POST',
    url,
    headers: {
      authorization: `Basic ${Buffer.from(`token:${token}`).toString('base64')}`,
      'content-type': 'application/logplex-1',
      'content-length': String(Buffer.byteLength(body)),
      ...headers,
    },
    payload: body,
  })
const lines = () => house.logs.recent(app.id, {}, 1500)

test("an add-on's lines come into the app's log as the add-on's", async () => {
  const two = `${frame('measure#db.size=12')}${frame('grün', 'fast-db.main')}`
  expect((await post(two, { 'logplex-msg-count': '2' })).statusCode).toBe(204)
  expect(lines().map(({ source, dyno, text }) => `${source}[${dyno}]: ${text}`)).toEqual([
    'app[fast-db]: measure#db.size=12',
    'app[fast-db.main]: grün',
  ])
  expect((await post(frame('old'), { 'content-type': 'application/x-logplex-1' }, '/logs/logs')).statusCode).toBe(204)
})

test('it can not speak as a dyno or the router, nor begin a line of somebody else', async () => {
  await post(frame('one\n2026-01-01T00:00:00+00:00 app[web.1]: two', 'web.1'))
  await post(frame('three', 'router'))
  const said = lines().slice(-3)
  expect(new Set(said.map(({ dyno }) => dyno))).toEqual(new Set(['fast-db']))
  expect(said.map(({ text }) => text)).toEqual(['one', '2026-01-01T00:00:00+00:00 app[web.1]: two', 'three'])
})

test('its own time counts when it is about now', async () => {
  const near = new Date(Date.now() - 60_000).toISOString()
  await post(frame('near', 'fast-db', near))
  expect(lines().at(-1)?.at.toISOString()).toBe(near)
  await post(frame('far', 'fast-db', '2001-01-01T00:00:00Z'))
  expect(lines().at(-1)?.at.getFullYear()).toBeGreaterThan(2020)
})

const malformed: [string, () => string, Record<string, string>, number, string][] = [
  ['a count that is not theirs', () => frame('a'), { 'logplex-msg-count': '2' }, 400, 'Message count mismatch'],
  ['a length that is too long', () => `99999 ${frame('a')}`, {}, 400, 'Malformed log messages'],
  ['a text without a length', () => 'hello', {}, 400, 'Malformed log messages'],
  ['a message that is none', () => '5 hello', {}, 400, 'Malformed log messages'],
  ['one bad message among good ones', () => `${frame('good')}3 bad`, {}, 400, 'Malformed log messages'],
]

test.each(malformed)(
  '%s is a 400 in the words that clients know, and no line counts',
  async (_, body, headers, status, message) => {
    const before = lines().length
    const answer = await post(body(), headers)
    expect([answer.statusCode, answer.json().message]).toEqual([status, message])
    expect(lines()).toHaveLength(before)
  },
)

test.each([
  ['none', ''],
  ['another user', `Basic ${Buffer.from('user:t.01234567-89ab-cdef-0123-456789abcdef').toString('base64')}`],
  ['a made-up token', `Basic ${Buffer.from('token:t.01234567-89ab-cdef-0123-456789abcdef').toString('base64')}`],
  ["an account's key", 'Bearer token-of-ann'],
])('%s as credentials is a 401', async (_, authorization) => {
  expect((await post(frame('a'), { authorization })).statusCode).toBe(401)
})

test('the limits: another type, no length, too large, too many, too fast', async () => {
  expect((await post(frame('a'), { 'content-type': 'text/plain' })).statusCode).toBe(415)
  expect((await post('1 '.padEnd(inputBytesMax + 10, 'x'))).statusCode).toBe(413)
  const many = (count: number) => frame('x').repeat(count)
  expect((await post(many(inputMessagesMax + 1))).statusCode).toBe(400)
  const statuses: number[] = []
  for (let n = 0; n <= linesPerMinuteMax / 1000; n++) statuses.push((await post(many(1000))).statusCode)
  expect(statuses.at(-1)).toBe(429)
  house.clock.aheadMs += 61_000
  expect((await post(frame('again'))).statusCode).toBe(204)
})

test('a chunked body is asked for in one piece', async () => {
  const answer = await house.server.inject({
    method: 'POST',
    url: '/logs',
    headers: { 'content-type': 'application/logplex-1' },
  })
  expect(answer.statusCode).toBe(411)
})

test('when the add-on is gone its address is, too', async () => {
  await house.pool.query(`update addons set state = 'deprovisioned' where id = $1`, [addonId])
  expect((await post(frame('a'))).statusCode).toBe(401)
  await house.pool.query(`update addons set state = 'deprovisioning' where id = $1`, [addonId])
  expect((await post(frame('last words'))).statusCode).toBe(204)
})

test('a hostile body is read in no time', () => {
  const nasty = `<190>1 t h a p - [${'\\'.repeat(50_000)}`
  const before = performance.now()
  expect(readFrames(Buffer.from(`${nasty.length} ${nasty}`), 10)).toBeNull()
  expect(readFrames(Buffer.from(' '.repeat(100_000)), 10)).toBeNull()
  expect(performance.now() - before).toBeLessThan(200)
})

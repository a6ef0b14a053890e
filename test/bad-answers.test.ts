import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import net, { type AddressInfo } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { until } from './deploy.js'
import { bytes, drips, head, type Play, pours, type RawProvider, rawProvider, whole } from './raw-provider.js'
import { ask, endPrograms, freePort, lookInto, manifestOf, type Program, startServer } from './server-process.js'

// Answers of a provider that no library would send, to each of the three questions: bounded in time and memory, judged by
// the one table, told to the operator, and shown politely to the customer.
const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'mortise-bad-answers-'))
fs.chmodSync(scratch, 0o711)
const dir = path.join(scratch, 'data')
const apiKey = `api-key-${randomBytes(12).toString('hex')}`
const password = `provider-password-${randomBytes(12).toString('hex')}`
/** Providers have 1.25 s to answer; doubt is asked again after 0.25 s, 1.5 s and 6 s. */
const patience = 0.05
/** A customer waits for one answer, and a busy machine. */
const customerMsMax = 8_000
/** What the server may grow by while somebody pours 400 MB into it. */
const growthBytesMax = 160 * 1024 * 1024
const mega = 1024 * 1024
/** Holds everything that must not be shown to anybody. */
const leak = 'leaked-by-the-answer'

let port: number
let server: Program
let provider: RawProvider
let elsewhere: net.Server
let visits = 0
let clientSecret = ''

beforeAll(async () => {
  provider = await rawProvider()
  elsewhere = net.createServer((socket) => {
    visits++
    socket.destroy()
  })
  await new Promise<void>((done) => elsewhere.listen(0, '127.0.0.1', done))
  port = await freePort()
  server = await startServer({ dir, port, apiKey, patience })
  const contents = manifestOf(provider.url, password)
  clientSecret = (await call('POST', '/api/v3/addons/fast-db/manifests', { contents })).body.client_secret
  expect((await call('POST', '/apps', { name: 'calm' })).status).toBe(201)
}, 180_000)

afterAll(async () => {
  await endPrograms()
  await provider?.stop()
  elsewhere?.close()
  fs.rmSync(scratch, { recursive: true, force: true })
})

function call(method: string, address: string, body?: unknown) {
  return ask(port, method, address, { headers: { authorization: `Bearer ${apiKey}` }, body })
}

async function settled(): Promise<void> {
  await until(60, async () => {
    const [left] = await lookInto<{ count: number }>(
      dir,
      `select (select count(*) from operations where ended_at is null)::int
        + (select count(*) from debts where state in ('asked', 'owed'))::int as count`,
    )
    return left?.count === 0
  })
}

/** What was written down of the first attempt at the newest question of a kind. */
async function judged(
  kind: 'provision' | 'plan' | 'deprovision',
): Promise<{ class: string; note: string; words: string }> {
  const [first] = await lookInto<{ class: string; note: string; words: string }>(
    dir,
    `select a.class, a.note, coalesce(a.message, '') as words from attempts a join questions q on q.id = a.question_id
      where q.kind = '${kind}' and a.number = 1 order by q.created_at desc limit 1`,
  )
  if (!first) throw new Error(`no ${kind} was ever asked`)
  return first
}

/** Resident bytes of the server's own process. */
function memory(): number {
  const kilobytes = /VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${server.pid}/status`, 'utf8'))?.[1]
  return Number(kilobytes) * 1024
}

/** The customer's question, timed, with the most that the server held meanwhile. */
async function watched<T>(work: () => Promise<T>): Promise<{ answer: T; tookMs: number; grewBytes: number }> {
  const before = memory()
  let most = before
  const look = setInterval(() => {
    most = Math.max(most, memory())
  }, 20)
  const from = Date.now()
  try {
    return { answer: await work(), tookMs: Date.now() - from, grewBytes: most - before }
  } finally {
    clearInterval(look)
  }
}

/** Sentences for people: no markup, no escapes, no code, nothing of what the answer held. */
function expectPolite(body: unknown): void {
  const words = JSON.stringify(body)
  expect(words.length).toBeLessThan(4_000)
  expect(words).not.toContain(leak)
  expect(words).not.toContain(password)
  const { message, provision_message: told } = body as { message?: string; provision_message?: string }
  for (const text of [message, told]) {
    if (!text) continue
    // biome-ignore lint/suspicious/noControlCharactersInRegex: none of them may be there.
    expect(text).not.toMatch(/[<>{}\u0000-\u0009\u000b-\u001f\u007f]|undefined|\[object|Error:|at .*\.js/)
    expect(text).toMatch(/[.!?…]$/)
  }
}

const good = (id: unknown = 'theirs') => ({ id, config: { FAST_DB_URL: 'fast://them' } })
const json = (value: unknown) => JSON.stringify(value)
/** 256 MB of blanks, in one. */
const bombMade = gzipSync(Buffer.alloc(256 * mega, ' '), { level: 1 })
const bomb = () => bombMade

interface Case {
  what: string
  play: () => Play
  /** What it means as an answer to each question. */
  provision: string
  plan: string
  deprovision: string
}

/** A readable 2xx is a change of plan and a removal, whatever its body; what is no whole answer is doubt, and "not yet". */
const asDoubt = { provision: 'doubt', plan: 'doubt', deprovision: 'not yet' }
const unreadable = { provision: 'doubt', plan: 'ok', deprovision: 'gone' }
const defective = { provision: 'defective', plan: 'ok', deprovision: 'gone' }
const fine = { provision: 'ok', plan: 'ok', deprovision: 'gone' }

const cases: Case[] = [
  { what: 'a body without an end', play: () => pours(200, Number.POSITIVE_INFINITY), ...unreadable },
  { what: 'a body of 400 MB', play: () => pours(200, 400 * mega, `content-length: ${400 * mega}`), ...unreadable },
  { what: 'a gzip bomb', play: () => whole(200, bomb(), 'content-encoding: gzip'), ...unreadable },
  { what: 'a body in gzip', play: () => whole(200, gzipSync(json(good())), 'content-encoding: gzip'), ...unreadable },
  {
    what: 'a body in brotli',
    play: () => whole(200, brotliCompressSync(json(good())), 'content-encoding: br'),
    ...unreadable,
  },
  {
    what: 'a body in deflate',
    play: () => whole(200, deflateSync(json(good())), 'content-encoding: deflate'),
    ...unreadable,
  },
  {
    what: 'a redirect to an address inside',
    play: () => whole(302, '', `location: http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/${leak}`),
    ...asDoubt,
  },
  { what: 'headers that drip', play: () => drips('HTTP/1.1 200 Said\r\nx-drip: '), ...asDoubt },
  { what: 'a body that drips', play: () => drips(head(200, 'transfer-encoding: chunked')), ...asDoubt },
  {
    what: 'interim answers without end',
    play: () => (socket) => {
      const more = setInterval(() => socket.write('HTTP/1.1 102 Processing\r\n\r\n'), 10)
      socket.on('close', () => clearInterval(more))
    },
    ...asDoubt,
  },
  { what: 'headers of 1 MB', play: () => bytes(head(200, `x-large: ${'x'.repeat(mega)}`)), ...asDoubt },
  {
    what: 'ten thousand headers',
    play: () => bytes(head(200, ...Array.from({ length: 10_000 }, (_, at) => `x-${at}: 1`))),
    ...asDoubt,
  },
  { what: 'what is no HTTP', play: () => bytes(`${leak}\r\n\r\n`), ...asDoubt },
  { what: 'nothing at all', play: () => (socket) => void socket.end(), ...asDoubt },
  { what: 'more promised than sent', play: () => bytes(`${head(200, 'content-length: 5000')}{"id":`), ...asDoubt },
  {
    what: 'less promised than sent',
    play: () => bytes(`${head(200, 'content-length: 5')}${json(good())}`),
    ...unreadable,
  },
  {
    what: 'two lengths',
    play: () => bytes(`${head(200, 'content-length: 5', 'content-length: 7')}{"a":1}`),
    ...asDoubt,
  },
  {
    what: 'chunks that are none',
    play: () => bytes(`${head(200, 'transfer-encoding: chunked')}zz\r\n${json(good())}\r\n`),
    ...asDoubt,
  },
  {
    what: 'HTTP/1.0 without a length',
    play: () => bytes(`HTTP/1.0 200 OK\r\ncontent-type: application/json\r\n\r\n${json(good())}`),
    ...fine,
  },
  { what: 'JSON and something after it', play: () => whole(200, `${json(good())}${leak}`), ...unreadable },
  {
    what: 'JSON of ten thousand levels',
    play: () => whole(200, `{"id":${'['.repeat(10_000)}${']'.repeat(10_000)}}`),
    ...defective,
  },
  { what: 'JSON that is no object', play: () => whole(200, json([good()])), ...unreadable },
  {
    what: 'a key twice, of which the last counts',
    play: () => whole(200, '{"id":"a","id":"b","config":{"FAST_DB_URL":"1","FAST_DB_URL":"2"}}'),
    ...fine,
  },
  {
    what: 'a value that is no UTF-8',
    play: () =>
      whole(
        200,
        Buffer.concat([
          Buffer.from('{"id":"a","config":{"FAST_DB_URL":"'),
          Buffer.from([0xff, 0xfe]),
          Buffer.from('"}}'),
        ]),
      ),
    ...defective,
  },
  {
    what: 'an id that is no UTF-8',
    play: () => whole(200, Buffer.concat([Buffer.from('{"id":"'), Buffer.from([0xc3, 0x28]), Buffer.from('"}')])),
    ...defective,
  },
  { what: 'an id that is an object', play: () => whole(200, json(good({ a: leak }))), ...defective },
  { what: 'an id that is true', play: () => whole(200, json(good(true))), ...defective },
  { what: 'an id that is empty', play: () => whole(200, json(good(' '))), ...defective },
  { what: 'an id with a line break in it', play: () => whole(200, json(good('a\r\nb'))), ...defective },
  { what: 'an id that no number can hold', play: () => whole(200, '{"id":12345678901234567890123}'), ...defective },
  { what: 'an id of 1 kB and more', play: () => whole(200, json(good('x'.repeat(1_001)))), ...defective },
  { what: 'an id that is a number', play: () => whole(200, json(good(123_456_789))), ...fine },
  {
    what: 'names that are not declared',
    play: () => whole(200, json({ id: 'a', config: { OTHER: leak } })),
    ...defective,
  },
  {
    what: 'a name that every object has',
    play: () => whole(200, '{"id":"a","config":{"__proto__":"leaked-by-the-answer"}}'),
    ...defective,
  },
  {
    what: 'a value with a NUL',
    play: () => whole(200, json({ id: 'a', config: { FAST_DB_URL: `a\0${leak}` } })),
    ...defective,
  },
  {
    what: 'a value of several lines',
    play: () => whole(200, json({ id: 'a', config: { FAST_DB_URL: 'one\ntwo\n' } })),
    ...fine,
  },
  {
    what: 'a value that is a number',
    play: () => whole(200, json({ id: 'a', config: { FAST_DB_URL: 5 } })),
    ...defective,
  },
  { what: 'config that is a list', play: () => whole(200, json({ id: 'a', config: [leak] })), ...defective },
  { what: 'status 999', play: () => whole(999, json(good())), ...asDoubt },
  {
    what: 'a refusal in colors and capitals, of 100 kB',
    play: () => whole(422, json({ message: `\u001b[31mNo.\u001b[0m\u0007 ${'No. '.repeat(25_000)}` })),
    provision: 'refused',
    plan: 'refused',
    deprovision: 'not yet',
  },
]

describe('when the provider answers with', () => {
  test.each(cases)(
    '$what, it is bounded, judged, told and put politely',
    async ({ play, provision, plan, deprovision }) => {
      const name = `addon-${randomBytes(4).toString('hex')}`
      visits = 0

      provider.play('POST', play(), provision !== 'refused')
      const ordered = await watched(() => call('POST', '/apps/calm/addons', { plan: 'fast-db', name }))
      expect(ordered.tookMs).toBeLessThan(customerMsMax)
      expect(ordered.grewBytes).toBeLessThan(growthBytesMax)
      expectPolite(ordered.answer.body)
      await settled()
      const said = await judged('provision')
      expect(said.class, said.note).toBe(provision)
      expect(said.note).toMatch(/\w{3}/)
      expect(said.note + said.words).not.toContain(leak)
      expect(Buffer.byteLength(said.note + said.words)).toBeLessThan(4_000)
      const isThere = ['ok', 'doubt'].includes(provision)
      expect(ordered.answer.status).toBe(provision === 'ok' ? 201 : isThere ? 202 : 422)
      expect((await call('GET', `/addons/${name}`)).body.state).toBe(isThere ? 'provisioned' : 'deprovisioned')
      if (!isThere) {
        expect([...provider.resources]).toEqual([])
        // For the other two questions there must be one that is well.
        expect((await call('POST', '/apps/calm/addons', { plan: 'fast-db', name: `${name}-2` })).status).toBe(201)
      }
      const there = isThere ? name : `${name}-2`

      provider.play('PUT', play(), provision !== 'refused')
      const changed = await watched(() => call('PATCH', `/apps/calm/addons/${there}`, { plan: 'fast-db:slow' }))
      expect(changed.tookMs).toBeLessThan(customerMsMax)
      expect(changed.grewBytes).toBeLessThan(growthBytesMax)
      expectPolite(changed.answer.body)
      await settled()
      expect((await judged('plan')).class).toBe(plan)
      expect((await call('GET', `/addons/${there}`)).body.plan.name).toBe(
        plan === 'refused' ? 'fast-db:small' : 'fast-db:slow',
      )

      provider.play('DELETE', play(), provision !== 'refused')
      const removed = await watched(() => call('DELETE', `/apps/calm/addons/${there}`))
      expect(removed.tookMs).toBeLessThan(customerMsMax)
      expect(removed.grewBytes).toBeLessThan(growthBytesMax)
      expectPolite(removed.answer.body)
      await settled()
      expect((await judged('deprovision')).class).toBe(deprovision)
      expect([...provider.resources]).toEqual([])
      expect((await call('GET', '/apps/calm/config-vars')).body).toEqual({})
      expect(visits).toBe(0)
    },
    90_000,
  )
})

/** A body as bytes: what a client library would never send. */
function raw(method: string, address: string, token: string | null, body: Buffer | string, ...lines: string[]) {
  return new Promise<{ status: number; body: unknown }>((done, failed) => {
    const socket = net.connect(port, '127.0.0.1')
    const parts: Buffer[] = []
    socket.on('data', (part) => parts.push(part)).on('error', () => undefined)
    socket.on('close', () => {
      const [start = '', ...rest] = Buffer.concat(parts).toString().split('\r\n\r\n')
      const status = Number(start.split(' ')[1])
      if (!status) return failed(new Error(`no answer: ${start.slice(0, 200)}`))
      const text = rest.join('\r\n\r\n')
      try {
        done({ status, body: JSON.parse(text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1)) })
      } catch {
        done({ status, body: text })
      }
    })
    socket.write(
      [
        `${method} ${address} HTTP/1.1`,
        'host: localhost',
        'connection: close',
        ...(token ? [`authorization: Bearer ${token}`] : []),
        ...(lines.some((line) => /^content-type/i.test(line)) ? [] : ['content-type: application/json']),
        ...(lines.some((line) => /^(content-length|transfer)/i.test(line))
          ? []
          : [`content-length: ${Buffer.byteLength(body)}`]),
        ...lines,
        '',
        '',
      ].join('\r\n'),
    )
    socket.write(body)
    // A server that waits for more than it was promised must give up by itself.
    setTimeout(() => socket.destroy(), 20_000).unref()
  })
}

const latin = (before: string, after: string) =>
  Buffer.concat([Buffer.from(before), Buffer.from([0xff]), Buffer.from(after)])
const config = (...all: unknown[]) => json({ config: all })

describe('a call-back is answered politely and changes nothing, when its body', () => {
  let token: string
  let name: string
  beforeAll(async () => {
    name = `addon-${randomBytes(4).toString('hex')}`
    expect((await call('POST', '/apps/calm/addons', { plan: 'fast-db', name })).status).toBe(201)
    const grant = provider.asked.at(-1)?.body['oauth_grant'] as { code: string } | undefined
    const traded = await ask(port, 'POST', '/oauth/token', {
      body: { grant_type: 'authorization_code', code: grant?.code, client_secret: clientSecret },
    })
    expect(traded.status).toBe(200)
    token = traded.body.access_token
  })

  const bodies: [what: string, body: () => Buffer | string, ...lines: string[]][] = [
    ['is no JSON', () => `{${leak}`],
    ['is empty', () => ''],
    ['is a list', () => json([leak])],
    ['is a text', () => json(leak)],
    ['has no config', () => '{}'],
    ['has config that is an object', () => json({ config: { FAST_DB_URL: leak } })],
    ['has config of numbers', () => config(1, 2)],
    ['has a name that is a number', () => config({ name: 1, value: leak })],
    ['has a value that is a number', () => config({ name: 'FAST_DB_URL', value: 1 })],
    ['has a value that is an object', () => config({ name: 'FAST_DB_URL', value: { leak } })],
    ['has a value with a NUL', () => config({ name: 'FAST_DB_URL', value: `${leak}\0` })],
    ['has a value of 40 kB', () => config({ name: 'FAST_DB_URL', value: leak.repeat(2_000) })],
    ['has a value that is no UTF-8', () => latin('{"config":[{"name":"FAST_DB_URL","value":"', '"}]}')],
    ['has a name that is not declared', () => config({ name: 'OTHER', value: leak })],
    ['has a name that is reserved', () => config({ name: 'LD_PRELOAD', value: leak })],
    ['has a name that every object has', () => config({ name: '__proto__', value: leak })],
    [
      'has 200 names of control bytes',
      () => config(...Array.from({ length: 200 }, () => ({ name: '\u001b[31m'.repeat(30), value: leak }))),
    ],
    ['has 201 names', () => config(...Array.from({ length: 201 }, () => ({ name: 'FAST_DB_URL', value: leak })))],
    ['has ten thousand levels', () => `{"config":${'['.repeat(10_000)}${']'.repeat(10_000)}}`],
    ['has 20 MB', () => config({ name: 'FAST_DB_URL', value: 'x'.repeat(20 * mega) })],
    ['is in gzip', () => gzipSync(config({ name: 'FAST_DB_URL', value: leak })), 'content-encoding: gzip'],
    ['is a gzip bomb', bomb, 'content-encoding: gzip'],
    ['is a form', () => `config=${leak}`, 'content-type: application/x-www-form-urlencoded'],
    ['is of a type that nobody knows', () => leak, 'content-type: application/x-leak'],
    ['has two lengths', () => '{}', 'content-length: 2', 'content-length: 3'],
    ['has chunks that are none', () => `zz\r\n${leak}`, 'transfer-encoding: chunked'],
  ]

  // Config may be left out, as the wire has it; then there is nothing to change.
  const isNothing = (what: string) => what === 'is empty' || what === 'has no config'

  test.each(bodies.filter(([what]) => isNothing(what)))(
    '%s: nothing is changed, and what is there is told',
    async (_, body) => {
      const releases = (await call('GET', '/apps/calm/releases')).body.length
      const { status } = await raw('PATCH', `/addons/${name}/config`, token, body())
      expect(status).toBe(200)
      expect((await call('GET', '/apps/calm/releases')).body).toHaveLength(releases)
    },
  )

  test.each(bodies.filter(([what]) => !isNothing(what)))(
    '%s',
    async (_, body, ...lines) => {
      const before = (await call('GET', '/apps/calm/config-vars')).body
      const releases = (await call('GET', '/apps/calm/releases')).body.length
      const { answer, tookMs, grewBytes } = await watched(() =>
        raw('PATCH', `/addons/${name}/config`, token, body(), ...lines),
      )
      expect(answer.status, json(answer.body)).toBeGreaterThanOrEqual(400)
      expect(answer.status).toBeLessThan(500)
      expectPolite(answer.body)
      expect(tookMs).toBeLessThan(customerMsMax)
      expect(grewBytes).toBeLessThan(growthBytesMax)
      expect((await call('GET', '/apps/calm/config-vars')).body).toEqual(before)
      expect((await call('GET', '/apps/calm/releases')).body).toHaveLength(releases)
    },
    60_000,
  )

  test.each(bodies)(
    '(asking for a token) %s',
    async (_, body, ...lines) => {
      const { answer, tookMs, grewBytes } = await watched(() => raw('POST', '/oauth/token', null, body(), ...lines))
      expect(answer.status, json(answer.body)).toBeGreaterThanOrEqual(400)
      expect(answer.status).toBeLessThan(500)
      expectPolite(answer.body)
      expect(tookMs).toBeLessThan(customerMsMax)
      expect(grewBytes).toBeLessThan(growthBytesMax)
    },
    60_000,
  )

  test('and the same provider is heard when it speaks as it should', async () => {
    const value = 'fast://renewed\nin two lines'
    const body = config({ name: 'FAST_DB_URL', value })
    expect((await raw('PATCH', `/addons/${name}/config`, token, body)).status).toBe(200)
    expect((await call('GET', '/apps/calm/config-vars')).body).toEqual({ FAST_DB_URL: value })
  })
})

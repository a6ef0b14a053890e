import { describe, expect, test } from 'vitest'
import { type Exchange, maskExchange, maskedBytesMax, type RawBody, type RawExchange } from './masked-body.js'

const json = (value: unknown): RawBody => ({ text: JSON.stringify(value), type: 'application/json' })
const mask = (sent: unknown, received: unknown, more: Partial<RawExchange> = {}): Exchange =>
  maskExchange({ sent: json(sent), received: json(received), ours: 'sent', secrets: [], ...more })

const question = {
  callback_url: 'https://mortise.example.org/addons/01234567-89ab-cdef-0123-456789abcdef',
  heroku_id: 'app12@heroku.com',
  log_drain_token: 'd.01234567-89ab-cdef-0123-456789abcdef',
  log_input_url: 'https://token:t.4711@mortise.example.org/logs',
  logplex_token: null,
  name: 'fast-db-curved-12345',
  oauth_grant: {
    code: 'b6010f6fbb850887a396c2bc0ab23974003008f6',
    type: 'authorization_code',
    expires_at: '2026-11-26T10:00:00.000Z',
  },
  options: { size: 'xl', secret_word: 'swordfish', undeclared: '1' },
  plan: 'standard-0',
  region: 'amazon-web-services::us-east-1',
  uuid: '01234567-89ab-cdef-0123-456789abcdef',
}

test('a question is told with what is harmless; of the rest names, types and lengths', () => {
  const { sent } = mask(question, {}, { names: ['size', 'secret_word'] })
  expect(sent).toEqual({
    bytes: Buffer.byteLength(JSON.stringify(question)),
    content: {
      ...question,
      log_drain_token: '[text, 38 characters]',
      log_input_url: '[text, 45 characters]',
      oauth_grant: { ...question.oauth_grant, code: '[text, 40 characters]' },
      options: {
        size: '[text, 2 characters]',
        secret_word: '[text, 9 characters]',
        '[name 3, 10 characters]': '[text, 1 character]',
      },
    },
    content_type: 'application/json',
    digest: null,
    kind: 'json',
    shortened: false,
  })
  expect(Object.keys(sent?.content as object).slice(0, 3)).toEqual(['callback_url', 'heroku_id', 'log_drain_token'])
})

test('an answer: id and words, of config the names, of what the contract does not know nothing but its length', () => {
  const { received } = mask(question, {
    id: 4711,
    config: { FAST_DB_URL: 'fast://user:secret-value@127.0.0.1/db', FAST_DB_UTF8: '1' },
    message: 'Made \u001b[31mfor\u0000 you, at fast-db-curved-12345.',
    internal_trace: { host: 'db7', id: 'something' },
    isReady: true,
  })
  expect(received?.content).toEqual({
    id: 4711,
    config: { FAST_DB_URL: '[text, 37 characters]', FAST_DB_UTF8: '[text, 1 character]' },
    message: 'Made for you, at fast-db-curved-12345.',
    '[name 4, 14 characters]': { '[name 1, 4 characters]': '[text, 3 characters]', id: '[text, 9 characters]' },
    '[name 5, 7 characters]': true,
  })
})

test("what the platform shows of itself is no secret when a provider's config repeats it", () => {
  const { sent, received } = mask(question, {
    id: question.uuid,
    config: { FAST_DB_PLAN: 'standard-0' },
    message: 'On standard-0.',
  })
  expect(sent?.content).toMatchObject({ plan: 'standard-0' })
  expect(received?.content).toMatchObject({
    id: question.uuid,
    message: 'On standard-0.',
    config: { FAST_DB_PLAN: '[text, 10 characters]' },
  })
})

test.each([
  ['a value of its config', 'Use swordfish-and-chips now.', 'Use [hidden] now.'],
  ['a part of an address in its config', 'Its password hunter-of-two it is.', 'Its password [hidden] it is.'],
  ['the code that it was sent', `Bad code b6010f6fbb850887a396c2bc0ab23974003008f6.`, 'Bad code [hidden].'],
  ['what it announces', 'The token is rosebud, password: "opensesame"', 'The token is [hidden], password: "[hidden]"'],
  [
    'an address',
    'See https://u:p@docs.example.com:8443/k/9f8e7d6c5b4a?x=1#y for more',
    'See https://docs.example.com:8443/… for more',
  ],
  ['an e-mail', 'Ask grace@example.com, please.', 'Ask [e-mail], please.'],
  ['what looks like a key', 'No such key AKIA4EXAMPLE5KEY6 (in 2 regions).', 'No such key [hidden] (in 2 regions).'],
  ['a number that is long', 'Card 4111111111111111 was refused.', 'Card [hidden] was refused.'],
])('words hold nothing secret: %s', (_, message, shown) => {
  const config = { A_WORD: 'swordfish-and-chips', A_URL: 'pg://me:hunter-of-two@h/d' }
  expect(mask(question, { message, config }).received?.content).toMatchObject({ message: shown })
})

test.each([
  [
    'not JSON',
    { text: '<html>Internal Server Error</html>', type: 'text/html; charset=utf-8' },
    'other',
    'text/html',
    '4b13abb2d73f4ac0',
  ],
  ['short', { text: 'hunter2', type: 'text/plain' }, 'other', 'text/plain', null],
  ['a JSON text', { text: '"hunter2"', type: 'application/json' }, 'other', 'application/json', null],
  ['of a type of its own', { text: 'x', type: 'hunter2/secret' }, 'other', 'other', null],
  ['nothing', { text: ' \n', type: null }, 'empty', null, null],
])('a body that is %s is described', (_, body, kind, content_type, digest) => {
  const { received } = maskExchange({ sent: null, received: body, ours: 'sent', secrets: [] })
  expect(received).toEqual({
    bytes: Buffer.byteLength(body.text),
    content: null,
    content_type,
    digest: digest === null ? null : expect.stringMatching(/^[0-9a-f]{16}$/),
    kind,
    shortened: false,
  })
})

test('a form is told as fields', () => {
  const text = 'grant_type=authorization_code&code=4711-0815&client_secret=hunter2&rosebud=1'
  const { sent } = maskExchange({
    ...{ sent: { text, type: 'application/x-www-form-urlencoded' }, received: null },
    ...{ ours: 'received', secrets: [] },
  })
  expect(sent).toMatchObject({
    kind: 'form',
    content: {
      grant_type: 'authorization_code',
      code: '[text, 9 characters]',
      client_secret: '[text, 7 characters]',
      '[name 4, 7 characters]': '[text, 1 character]',
    },
  })
})

// Chance by hand, so that a seed that failed can be run again.
function chance(seed: number) {
  let state = seed
  const next = () => {
    state = (state * 16_807) % 2_147_483_647
    return state / 2_147_483_647
  }
  const below = (most: number) => Math.floor(next() * most)
  const pick = <T>(of: readonly T[]): T => of[below(of.length)] as T
  const text = (letters: string, length: number) => Array.from({ length }, () => pick([...letters])).join('')
  return { below, pick, text }
}
type Chance = ReturnType<typeof chance>

const alphabet = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'

/** As config values, tokens and passwords are: each kind that is met, and some that nobody should use. */
function secretOf({ pick, text, below }: Chance): string {
  return pick([
    () => `HRKU-${text(alphabet, 40)}`,
    () => text('0123456789abcdef', 32),
    () => text(alphabet, 6 + below(30)),
    () => `pass word "${text(alphabet, 8)}" <&> ünï`,
    () => `postgres://${text('abcdef', 6)}:${text(alphabet, 12)}@db.example.com:5432/${text('abc', 6)}`,
    () => `redis://:${encodeURIComponent(`${text(alphabet, 6)}/@${text(alphabet, 4)}`)}@h/0?k=${text(alphabet, 9)}`,
    () => `d.${text('0123456789abcdef', 8)}-${text('0123456789abcdef', 12)}`,
    () => `-----BEGIN PRIVATE KEY-----\n${text(`${alphabet}+/`, 60)}\n-----END PRIVATE KEY-----`,
    () => text('abcdefghijklmnopqrstuvwxyz', 9),
    () => text('0123456789', 11),
    () => `${text(alphabet, 5)}\u0000\u001b[31m\ud800${text(alphabet, 5)}`,
  ])()
}

/** A body with these anywhere: in values, in lists, deep down, in words, as names. */
function bodyWith(secrets: readonly string[], by: Chance, depth = 0): unknown {
  const { below, pick } = by
  const secret = pick(secrets)
  const field = pick([
    'config',
    'options',
    'message',
    'error',
    'data',
    'foo',
    'token',
    'value',
    'oauth_grant',
    'user',
    'app',
    secret,
  ])
  const leaf = pick<unknown>([secret, `It says ${secret}.`, `url=${secret}&x`, [secret, 1], 7, null, true, 'plain'])
  if (depth > 4 || below(4) === 0) return leaf
  if (below(4) === 0) return [leaf, bodyWith(secrets, by, depth + 1), ...Array.from({ length: below(60) }, () => leaf)]
  return { [field]: bodyWith(secrets, by, depth + 1), [pick(['id_of_it', 'message', secret])]: leaf, FAST_URL: secret }
}

/** Where a secret is still to be read, in the text that goes into the row. */
const leaks = (exchange: Exchange, secrets: readonly string[]) => {
  const row = JSON.stringify(exchange)
  return secrets.filter((secret) => row.includes(secret) || row.includes(JSON.stringify(secret).slice(1, -1)))
}

/** In the order of a shrinking hope: as an object, as JSON cut short, as a form, as text. */
function rawOf(value: unknown, { pick }: Chance): RawBody {
  const text = JSON.stringify(value)
  return pick<RawBody>([
    { text, type: 'application/json' },
    { text, type: 'application/json' },
    { text, type: 'application/json' },
    { text: text.slice(0, -1), type: 'application/json', cut: true },
    { text: new URLSearchParams({ [text]: text, code: text }).toString(), type: 'application/x-www-form-urlencoded' },
    { text: `<p>${text}</p>`, type: 'text/html' },
  ])
}

describe('whatever a body is', () => {
  const seeds = Array.from({ length: 1_000 }, (_, n) => n * 7_919 + 1)

  test('no secret of either body is in what is kept, and it is bounded', () => {
    const wrong: unknown[] = []
    let shown = 0
    for (const seed of seeds) {
      const by = chance(seed)
      const secrets = Array.from({ length: 1 + by.below(4) }, () => secretOf(by))
      // Each is a value somewhere: that is by what it is known. Elsewhere it stands in words and names.
      const values = { config: Object.fromEntries(secrets.map((secret, n) => [`FAST_${n}`, secret])) }
      const bodies = by.pick([
        {
          sent: rawOf({ ...values, x: bodyWith(secrets, by) }, by),
          received: json({ ...values, y: bodyWith(secrets, by) }),
        },
        { sent: json(values), received: rawOf(bodyWith(secrets, by), by) },
      ])
      const exchange = maskExchange({ ...bodies, ours: by.pick(['sent', 'received']), secrets: [] })
      const found = leaks(exchange, secrets)
      const sizes = [exchange.sent, exchange.received].map((one) =>
        Buffer.byteLength(JSON.stringify(one?.content ?? null)),
      )
      if (found.length || sizes.some((size) => size > maskedBytesMax)) wrong.push({ seed, found, sizes, exchange })
      if (JSON.stringify(exchange).includes('FAST_0')) shown++
    }
    expect(wrong.slice(0, 3)).toEqual([])
    // Hiding everything would be no art.
    expect(shown).toBeGreaterThan(seeds.length / 2)
  })

  test('one that is known only to the caller is hidden too', () => {
    for (const seed of seeds) {
      const by = chance(seed)
      const secret = secretOf(by)
      const received = json({ id: 'x', message: `No: ${secret}`, [secret]: 1, error: [secret], name: secret })
      const exchange = maskExchange({ sent: null, received, ours: 'sent', secrets: [secret] })
      expect([seed, leaks(exchange, [secret])]).toEqual([seed, []])
    }
  })

  test('it would be noticed: words as they came leak', () => {
    const words = { sent: null, received: { ...mask({}, {}).received, content: { message: 'It is swordfish.' } } }
    expect(leaks(words as Exchange, ['swordfish'])).toEqual(['swordfish'])
  })

  test('a long one is told until 4 KiB are full, with how much is left out', () => {
    const list = Array.from({ length: 200 }, (_, n) => ({
      name: `shop-${n}`,
      app: { name: 'shop' },
      web_url: 'x'.repeat(50),
    }))
    const { received } = mask({}, { message: 'All of them.', data: list, plan: 'mini' })
    const content = received?.content as { data: unknown[] }
    expect(content.data.slice(0, 2)).toEqual([
      { name: 'shop-0', app: { name: 'shop' }, web_url: '[text, 50 characters]' },
      { name: 'shop-1', app: { name: 'shop' }, web_url: '[text, 50 characters]' },
    ])
    expect(content).toMatchObject({ message: 'All of them.' })
    expect(content.data.at(-1)).toBe(`[${200 - content.data.length + 1} more]`)
    expect(received?.shortened).toBe(true)
    const bytes = Buffer.byteLength(JSON.stringify(content))
    expect([bytes > maskedBytesMax / 2, bytes <= maskedBytesMax]).toEqual([true, true])
  })

  test('what is deep, wide or of many values costs little and does not break', () => {
    const deep = `${'['.repeat(100_000)}"rosebud-4711"${']'.repeat(100_000)}`
    const wide = Object.fromEntries(Array.from({ length: 9_000 }, (_, n) => [`FAST_${n}`, `value-${n}-x`]))
    const started = performance.now()
    for (const text of [deep, JSON.stringify({ config: wide, message: 'value-8999-x' })]) {
      const { received } = maskExchange({ sent: null, received: { text, type: null }, ours: 'sent', secrets: [] })
      expect(received?.shortened).toBe(true)
      expect(JSON.stringify(received)).not.toMatch(/rosebud|value-/)
    }
    // A second would be felt by everybody whom this process serves.
    expect(performance.now() - started).toBeLessThan(1_000)
  })
})

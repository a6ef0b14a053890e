// What a fuzzed request is made of: chance from a seed, values of a declared shape, and values that nobody should send.

/** Chance from a seed: the same seed, the same requests. */
export interface Chance {
  /** In [0, 1). */
  next(): number
  below(end: number): number
  pick<T>(from: readonly T[]): T
  /** True so often. */
  is(share: number): boolean
}

/** mulberry32: small, and good enough to choose requests. */
export function chanceOf(seed: number): Chance {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
  const below = (end: number) => Math.floor(next() * end)
  return { next, below, pick: (from) => from[below(from.length)] as never, is: (share) => next() < share }
}

// biome-ignore lint/suspicious/noExplicitAny: a schema is walked as it comes.
export type Shape = any

/** Names of real things, by the field or path parameter that speaks of them. */
export type Known = Readonly<Record<string, readonly string[]>>

const uuid = '01234567-89ab-cdef-0123-456789abcdef'

/** A value that the schema allows; names of real things where a field speaks of one. */
export function validOf(schema: Shape, chance: Chance, known: Known, document: Shape, field = '', depth = 0): unknown {
  if (schema?.$ref) return validOf(at(document, schema.$ref), chance, known, document, field, depth)
  if ('const' in schema) return schema.const
  if (schema.enum) return chance.pick(schema.enum)
  const either = schema.anyOf ?? schema.oneOf
  if (either) return validOf(chance.pick(either), chance, known, document, field, depth)
  if (schema.allOf)
    return Object.assign({}, ...schema.allOf.map((one: Shape) => validOf(one, chance, known, document, field, depth)))
  switch (Array.isArray(schema.type) ? chance.pick(schema.type) : schema.type) {
    case 'object': {
      const required = new Set<string>(schema.required ?? [])
      const value: Record<string, unknown> = {}
      for (const [name, one] of Object.entries<Shape>(schema.properties ?? {})) {
        if (!required.has(name) && (depth > 4 || chance.is(0.5))) continue
        // `app: {name}` names what `app: "…"` names.
        const inner = name === 'id' || name === 'name' ? field || name : name
        value[name] = validOf(one, chance, known, document, inner, depth + 1)
      }
      for (const one of Object.values<Shape>(schema.patternProperties ?? {})) {
        for (let count = chance.below(3); count > 0; count--) {
          const name = chance.pick(['LOG_LEVEL', 'A', 'LONG_NAME_OF_A_VAR', 'FAST_DB_URL', 'lower', 'OWN_SECRET'])
          value[name] = validOf(one, chance, known, document, field, depth + 1)
        }
      }
      return value
    }
    case 'array': {
      const length = Math.min(4, (schema.minItems ?? 0) + chance.below(3))
      return Array.from({ length }, () => validOf(schema.items ?? {}, chance, known, document, field, depth + 1))
    }
    case 'boolean':
      return chance.is(0.5)
    case 'integer':
    case 'number':
      return (schema.minimum ?? 0) + chance.below(Math.min(100, (schema.maximum ?? 100) - (schema.minimum ?? 0) + 1))
    case 'null':
      return null
    case 'string':
      return textOf(schema, chance, known, field)
    default:
      return chance.pick(['x', 1, null, {}, [], { a: 1 }])
  }
}

function textOf(schema: Shape, chance: Chance, known: Known, field: string): string {
  const names = known[field]
  if (names && chance.is(0.9)) return chance.pick(names)
  const pattern = schema.pattern ? new RegExp(schema.pattern, 'u') : null
  const fits = (text: string) =>
    text.length >= (schema.minLength ?? 0) &&
    text.length <= (schema.maxLength ?? 1e6) &&
    (!pattern || pattern.test(text))
  const all = [
    `n-${chance.below(1e6)}`,
    uuid,
    '1',
    'web',
    'https://a.example/x',
    'a@example.com',
    '2026-11-24T12:00:00Z',
  ]
  return [chance.pick(all), ...all, 'x'.repeat(schema.minLength ?? 1)].find(fits) ?? 'x'
}

function at(document: Shape, reference: string): Shape {
  return reference
    .slice(2)
    .split('/')
    .reduce((found: Shape, part) => found?.[part.replaceAll('~1', '/')], document)
}

/** Texts that break what is careless. */
export const hostileTexts: readonly string[] = [
  '',
  ' ',
  '\0',
  'a\0b',
  '\ud800',
  'a\udfffb',
  '\u202egnp.exe',
  '\ufeffx',
  'e\u0301'.repeat(50),
  '💥'.repeat(100),
  'x'.repeat(70_000),
  '-1',
  '0',
  'NaN',
  '1e400',
  '9'.repeat(400),
  '2147483648',
  '9223372036854775808',
  "'; drop table apps; --",
  '$(touch /tmp/x)',
  '`id`',
  '${7*7}',
  '{{7*7}}',
  '../../../../etc/passwd',
  '..\\..\\windows',
  '/etc/passwd',
  'file:///etc/passwd',
  'http://169.254.169.254/latest/meta-data/',
  'http://user:pass@127.0.0.1:1/',
  'javascript:alert(1)',
  '<script>alert(1)</script>',
  '__proto__',
  'constructor',
  'toString',
  '~',
  '*',
  '%',
  '%00',
  '\r\nSet-Cookie: a=b',
  '\u001b[31mred',
  'app::',
  '::X',
  'fast-db:',
  ':',
  'A'.repeat(301),
  'xn--80ak6aa92e.com',
  'ﬀ',
  'İ',
  'undefined',
  'null',
]

const hostileValues = (chance: Chance): unknown =>
  chance.pick<() => unknown>([
    () => chance.pick(hostileTexts),
    () => null,
    () => chance.pick([-1, 0, 1.5, 2 ** 31, 2 ** 53, -(2 ** 63), 1e300]),
    () => chance.is(0.5),
    () => [],
    () => ({}),
    () => Array.from({ length: 3000 }, (_, at) => `k${at}`),
    () => Object.fromEntries(Array.from({ length: 3000 }, (_, at) => [`K${at}`, 'v'])),
    () => nested(200),
    () => ({ name: { name: { name: 'x' } } }),
    () => ({ id: null, name: null }),
    () => [chance.pick(hostileTexts)],
    () => ({ [chance.pick(hostileTexts)]: chance.pick(hostileTexts) }),
  ])()

function nested(depth: number): unknown {
  let value: unknown = 'deep'
  for (let at = 0; at < depth; at++) value = at % 2 ? [value] : { a: value }
  return value
}

/** The value with one place changed: missing, of another kind, out of bounds, or one too many. */
export function spoiled(value: unknown, chance: Chance): unknown {
  const copy = structuredClone(value)
  const places: { holder: Record<string, unknown>; key: string }[] = []
  const walk = (one: unknown) => {
    if (one === null || typeof one !== 'object') return
    for (const key of Object.keys(one)) {
      places.push({ holder: one as Record<string, unknown>, key })
      walk((one as Record<string, unknown>)[key])
    }
  }
  walk(copy)
  if (places.length === 0 || chance.is(0.1)) {
    if (copy !== null && typeof copy === 'object' && chance.is(0.5)) {
      return Object.assign(copy, { [chance.pick(['unknown', '__proto__x', 'id', 'confirm'])]: hostileValues(chance) })
    }
    return hostileValues(chance)
  }
  const { holder, key } = chance.pick(places)
  if (chance.is(0.2)) delete holder[key]
  else holder[key] = hostileValues(chance)
  return copy
}

/** Bodies that are no JSON, or JSON that is meant badly. */
export const hostileBodies: readonly (string | Buffer)[] = [
  '{',
  '[',
  '"text"',
  '1',
  'null',
  'true',
  '{"name":"a","name":"b"}',
  '{"__proto__":{"isOperator":true},"constructor":{"prototype":{"x":1}}}',
  '{"name":"\\ud800"}',
  '{"name":"\\u0000"}',
  '\ufeff{}',
  '{"quantity":1e999}',
  '{"a":-0.0e-999999}',
  `${'['.repeat(50_000)}${']'.repeat(50_000)}`,
  `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`,
  '[{"name":"x"}]',
  "{'name':'x'}",
  '{"name":"x"} trailing',
  '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>',
  'name=x&name=y&__proto__[x]=1',
  Buffer.from([0xff, 0xfe, 0x00, 0x7b]),
  Buffer.from('7b226e616d65223a22c328227d', 'hex'),
  Buffer.from([0x1f, 0x8b, 0x08, 0, 0, 0, 0, 0, 0, 3]),
  '',
]

export const hostileTypes: readonly string[] = [
  'application/json',
  'application/json; charset=utf-16',
  'application/vnd.heroku+json; version=3',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'text/xml',
  'text/html',
  'application/octet-stream',
  'nonsense',
  ';',
  'application/json; '.repeat(50),
]

/** Headers that clients send, in spellings that none should. */
export const hostileHeaders: Readonly<Record<string, readonly string[]>> = {
  accept: [
    'application/vnd.heroku+json; version=2',
    'application/vnd.heroku+json; version=',
    'application/vnd.heroku+json; version=3.x.y',
    'application/vnd.heroku+json;;;',
    ',',
    '*/*;q=0',
    'x'.repeat(2000),
  ],
  range: [
    'id ..; max=1000',
    'id ]x..y[; max=0',
    'id ..; max=-1',
    'id ..; max=1e9',
    'id ..; order=sideways',
    'version 9999999999999999999..; order=desc',
    'bytes=0-1',
    'id',
    '..',
    '; ; ;',
    "id ]'..",
    `id ${'x'.repeat(5000)}..`,
    'id ]~..',
    'constructor ..; max=1',
    '',
  ],
  'if-match': ['"x"', '*', 'W/', '"', ','.repeat(500)],
  'if-none-match': ['"x"', '*', ','.repeat(500)],
  'accept-expansion': ['plan,addon_service', '__proto__', ',,,', 'x'.repeat(3000)],
  'accept-inclusion': ['addon:plan,config_vars', 'constructor', ':'],
  'accept-encoding': ['gzip', 'gzip;q=0', 'gzip;q=abc', '*;q=0.5', 'br, gzip'],
  'request-id': [`${'a'.repeat(36)},`.repeat(150), 'x;y', ','],
  'idempotency-key': ['x', 'k'.repeat(300), 'spaces in it'],
  'x-http-method-override': ['DELETE', 'PATCH', 'TRACE', 'x', 'CONNECT'],
  'x-forwarded-proto': ['https', 'javascript', ','],
  'x-forwarded-for': ['127.0.0.1', 'x'.repeat(500)],
  'x-heroku-sudo': ['true'],
  'x-heroku-sudo-user': ['victim@example.com'],
  'x-heroku-legacy-provider-messages': ['true', ''],
  'heroku-two-factor-code': ['000000', 'x'.repeat(1000)],
  origin: ['https://evil.example', 'null'],
  cookie: ['mortise=x', `a=${'b'.repeat(3000)}`, '__proto__=1', ';;;='],
  'content-encoding': ['gzip', 'br'],
  'last-event-id': ['x', '-1'],
}

/** Credentials that prove nothing. */
export const badCredentials: readonly string[] = [
  'Bearer',
  'Bearer ',
  'Bearer undefined',
  'Bearer null',
  `Bearer ${'x'.repeat(5000)}`,
  'Bearer a b',
  'Basic',
  'Basic !!!',
  'Basic Og==',
  `Basic ${Buffer.from('a:\0').toString('base64')}`,
  `Basic ${Buffer.from('victim@example.com:wrong').toString('base64')}`,
  `Basic ${Buffer.from('fast-db:wrong').toString('base64')}`,
  `Basic ${Buffer.from([0xff, 0xfe, 0x3a, 0xff]).toString('base64')}`,
  'Digest username="x"',
  'undefined',
]

/** Parts of a path, as the bytes of it. */
export const hostilePathParts: readonly string[] = [
  '..%2f..%2fetc%2fpasswd',
  '%2e%2e',
  '%00',
  'a%00b',
  '%',
  '%zz',
  '%c0%ae%c0%ae',
  '%ed%a0%80',
  '%ff%fe',
  '%f0%9f%92%a5',
  '%0d%0aSet-Cookie:%20a=b',
  'a'.repeat(1999),
  'a'.repeat(4000),
  '~',
  '~~',
  '-1',
  '0',
  '01',
  'v1',
  '1e3',
  '1.5',
  '99999999999999999999',
  '2147483648',
  '9223372036854775808',
  '__proto__',
  'constructor',
  'app%3A%3AX',
  'shop-1%3A%3AFAST_DB',
  '%3A%3A',
  '%20shop-1',
  'SHOP-1',
  "'%20or%201=1--",
  '%25s%25n',
  'credential:default',
  'credential:',
  uuid,
  uuid.toUpperCase(),
  '*',
  '%7B%22%24ne%22%3A1%7D',
]

export const hostileQueries: readonly string[] = [
  'eq[status]=pending',
  'eq[]=x',
  'eq=x',
  'eq[__proto__]=x',
  '__proto__[x]=1',
  'a=%zz',
  '%00=%00',
  'from=x&to=y',
  'extended=true',
  'extended=%00',
  'page=-1&per_page=999999999999',
  `q=${'x'.repeat(8000)}`,
  'a&b&&=',
  'max=1&max=2',
  '?',
]

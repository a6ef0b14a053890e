import { readFileSync } from 'node:fs'
import { Value } from '@sinclair/typebox/value'
import { expect, test } from 'vitest'
import { Manifest } from './manifest.js'
import { checkForPush, readManifest } from './read.js'

const example: unknown = JSON.parse(
  readFileSync(new URL('./example.jsonc', import.meta.url), 'utf8').replace(/^\s*\/\/.*$/gm, ''),
)

function read(input: unknown) {
  const result = readManifest(input)
  if ('problems' in result) throw new Error(result.problems.join(' '))
  return result
}

const kensa = {
  id: 'fast-db',
  api: {
    config_vars: ['FAST_DB_URL'],
    password: 'p'.repeat(32),
    sso_salt: 's'.repeat(32),
    regions: ['us'],
    requires: [],
    production: 'https://yourapp.com/',
    test: 'http://localhost:4567/',
  },
}

test('the annotated example is read without warnings and may be pushed', () => {
  const { manifest, warnings } = read(example)
  expect(warnings).toEqual([])
  expect(checkForPush(manifest)).toEqual([])
})

test('what was read has the declared shape, and reading it again changes nothing', () => {
  for (const input of [example, kensa]) {
    const { manifest } = read(input)
    expect([...Value.Errors(Manifest, manifest)]).toEqual([])
    expect(read(JSON.parse(JSON.stringify(manifest)))).toEqual({ manifest, warnings: [] })
  }
})

test("kensa's generation: a bare production address means sign-on by GET, and the path is added", () => {
  const { manifest } = read(kensa)
  expect(manifest.name).toBe('fast-db')
  expect(manifest.api.production).toEqual({ base_url: 'https://yourapp.com/heroku/resources', sso_method: 'get' })
  expect(manifest.api.config_vars_prefix).toBe('FAST_DB')
  expect(manifest.plans).toMatchObject([{ name: 'test', price: { cents: 0 }, default: true }])
})

test('a manifest without a version is of before 2018: its provider is asked by its own ids', () => {
  const { version: _, ...api } = good.api
  const { manifest, warnings } = read({ ...good, api })
  expect(manifest.api.version).toBe('1')
  expect(warnings).toEqual([expect.stringMatching(/"api.version" is missing.*Write "3"/)])
})

test.each([
  ['https://example.com', 'https://example.com/heroku/resources'],
  ['https://example.com/api/', 'https://example.com/api/heroku/resources'],
  ['https://example.com/modulus/resources', 'https://example.com/modulus/resources'],
])('base_url %s is read as %s', (base_url, read_as) => {
  const { manifest } = read({ ...kensa, api: { ...kensa.api, production: { base_url } } })
  expect(manifest.api.production.base_url).toBe(read_as)
})

test("the 2010 generation's plans and prices are understood", () => {
  const plans = [
    { id: 'basic', name: 'Basic', price: '0', price_unit: 'month' },
    { id: 'big', name: 'Big', price: '12.50', price_unit: 'month' },
    { id: 'odd', name: 'Odd', price: '1', price_unit: 'dyno_hour' },
  ]
  const { manifest, warnings } = read({ ...kensa, plans, api: { ...kensa.api, username: 'heroku' } })
  expect(manifest.plans.map(({ name, price, default: isDefault }) => [name, price.cents, isDefault])).toEqual([
    ['basic', 0, true],
    ['big', 1250, false],
    ['odd', 0, false],
  ])
  expect(warnings.join(' ')).toMatch(/username.*"cents": 1250.*odd cannot be charged.*No plan is marked/s)
})

test('manifests met in the wild are read with a warning each', () => {
  const wild = { ...kensa.api, regions: undefined, production: { base_url: 'studio.bluzelle.com/heroku/resources/' } }
  const { manifest, warnings } = read({ id: 'mysql_addon', version: '3', api: wild })
  expect(manifest.api.regions).toEqual(['*'])
  expect(manifest.api.production).toEqual({
    base_url: 'https://studio.bluzelle.com/heroku/resources',
    sso_method: 'none',
  })
  expect(warnings).toHaveLength(2)
})

test('what cannot be guessed is a problem, all named at once', () => {
  expect(readManifest('x')).toHaveProperty('problems')
  expect(readManifest(null)).toHaveProperty('problems')
  expect(readManifest({})).toMatchObject({ problems: [/"id"/, /"api"/].map((text) => expect.stringMatching(text)) })
  const result = readManifest({ id: 'x', api: { config_vars: 'X_URL' } })
  expect('problems' in result && result.problems.join(' ')).toMatch(/password.*production.*config_vars/)
})

test("a provider's words carry no terminal escapes", () => {
  const { manifest } = read({ ...kensa, name: 'Fast\u001b[31m DB\u0007', description: 'ä'.repeat(3000) })
  expect(manifest.name).toBe('Fast DB')
  expect(Buffer.byteLength(manifest.description ?? '')).toBeLessThanOrEqual(2048)
})

const { manifest: good } = read(example)
const bad: [string, Partial<Manifest> | { api: Partial<Manifest['api']> }, RegExp][] = [
  ['capitals in the id', { id: 'KP' }, /lower-case/],
  ['an id that says add-on', { id: 'my-add-on' }, /every service/],
  ["Heroku's name", { id: 'heroku-postgresql' }, /Heroku's/],
  ['a short password', { api: { password: 'short' } }, /16 random/],
  ['one secret for two uses', { api: { sso_salt: good.api.password } }, /must differ/],
  [
    'plain http',
    { api: { production: { base_url: 'http://example.com/heroku/resources', sso_method: 'none' } } },
    /https/,
  ],
  [
    'a name that loads code',
    { api: { config_vars_prefix: 'LD', config_vars: ['LD_PRELOAD'] } },
    /LD_PRELOAD is reserved/,
  ],
  ['a name without the prefix', { api: { config_vars: ['DATABASE_URL'] } }, /must begin with FAST_DB_/],
  ['a lower-case name', { api: { config_vars: ['fast_db_url'] } }, /capital letters/],
  ['an unknown region', { api: { regions: ['mars'] } }, /does not know "mars"/],
  ['an unknown requirement', { api: { requires: ['root'] } }, /does not know "root"/],
  ['two default plans', { plans: good.plans.map((plan) => ({ ...plan, default: true })) }, /Exactly one/],
  [
    'a plan where the service is not',
    { api: { regions: ['us'] }, plans: good.plans.map((plan) => ({ ...plan, regions: ['eu'] })) },
    /is sold in eu, where the service is not/,
  ],
  [
    'a default that most people can not order',
    {
      plans: [
        ...good.plans.map((plan) => ({ ...plan, state: 'invite_only' as const })),
        ...good.plans.slice(0, 1).map((plan) => ({ ...plan, name: 'open', default: false })),
      ],
    },
    /is invite_only, so most people could not order.*such as open/,
  ],
  ['a script as icon', { icon: 'javascript:alert(1)' }, /https/],
]

test.each(bad)('%s is refused with a sentence', (_, change, sentence) => {
  const api = { ...good.api, ...('api' in change ? change.api : {}) }
  expect(checkForPush({ ...good, ...change, api }).join(' ')).toMatch(sentence)
})

test('a state that is none of the four is not sold to everybody, and says so', () => {
  const read = readManifest({
    ...kensa,
    plans: [
      { name: 'a', state: 'depricated' },
      { name: 'b', default: true },
    ],
  })
  if (!('manifest' in read)) throw new Error('not read')
  expect(read.manifest.plans.map(({ state }) => state)).toEqual(['invite_only', 'public'])
  expect(read.warnings.join(' ')).toContain(
    'The state of the plan a is not one of public, hidden, invite_only, deprecated',
  )
})

test('plain http is fine on this machine, and wherever the platform says so', () => {
  const at = (base_url: string) => ({ ...good, api: { ...good.api, production: { ...good.api.production, base_url } } })
  expect(checkForPush(at('http://127.0.0.1:5060/heroku/resources'))).toEqual([])
  expect(checkForPush(at('http://localhost:5060/heroku/resources'))).toEqual([])
  expect(checkForPush(at('http://127.0.0.1.example.com/heroku/resources'))).toHaveLength(1)
  const rules = { isPlainHttpAllowed: (host: string) => host === 'postgresql.internal' }
  expect(checkForPush(at('http://postgresql.internal/heroku/resources'), rules)).toHaveLength(0)
})

test("on one's own machine short secrets and an id that says add-on may be pushed; Heroku's name may not", () => {
  const own = { ...good, id: 'my-addon', api: { ...good.api, password: 'short', sso_salt: 'short' } }
  expect(checkForPush(own)).toHaveLength(3)
  expect(checkForPush(own, { localhost: true })).toEqual([])
  expect(checkForPush({ ...own, id: 'heroku-redis' }, { localhost: true })).toHaveLength(1)
})

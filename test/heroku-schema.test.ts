import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { hyperSchema } from '@mortise/contract/documents/hyper-schema'
import { describe, expect, test } from 'vitest'

// Our declared shapes against a strict reading of Heroku's own schema: every property that it lists is one that we declare
// and always send, of a kind that it allows. The schema is Heroku's, so it is not in this repository: put it beside the
// checkout, in ../shared/reference/, to have this run.
const file = path.resolve(
  path.dirname(fileURLToPath(import.meta.url)),
  '..',
  process.env['MORTISE_HEROKU_SCHEMA'] ?? '../shared/reference/heroku-schema.json',
)

// biome-ignore lint/suspicious/noExplicitAny: a schema is walked as it comes.
type Schema = any

/** What we send beside what the schema lists, by where it stands in the answer. Clients need it, or it is ours. */
const extras: readonly RegExp[] = [
  // Real clients read these, though the schema does not list them.
  /price\.metered$/,
  /^add-on-attachment\.(config_vars|addon\.plan)$/,
  /^sni-endpoint\.ssl_cert\.acm$/,
  // The older name of `team`, and a reference that is whole: `{id, name}`.
  /\.organization$/,
  /\.team\.id$/,
  // Lists of apps in their different dresses show what an app shows.
  /^(team-app|team-member|filter-apps)\.(acm|generation|repo_size|slug_size)$/,
  // What is sent to a webhook, in whole.
  /-webhook-event\.payload\.(id|created_at|updated_at|published_at|sequence)$/,
  // Ours.
  /^(app|team-app|team-member|filter-apps)\.(kind|acknowledged_version|locked|create_status)$/,
  /add-?on(-|_)service\.(description|categories|config_vars|config_vars_prefix|docs_url|support_url|inspection)$/,
  /add-?on(-|_)service\.(lowest_price|options|plan_count|provider|regions)$/,
  /^plan\.(features|regions)$/,
  /^build\.slug\.size$/,
  /^(build|release)\.message$/,
  /-webhook-delivery\.seq$/,
  // The link that the operator hands on, where no mail is sent.
  /^password-reset\.url$/,
  /^(team-)?invoice\.line_items$/,
]

/**
 * Tokens are answered in two spellings: nested to who asks nested, flat (as OAuth has it) to who asks flat; the comparison
 * takes the smaller of the two. Of a revoked token only the id is told: nothing else of it is kept.
 */
const twoSpellings = /^oauth-token\./

/** Nouns that this platform does not have. Their lists are empty and their things are 404, so there is nothing to show. */
const absent = /^(space|team-space|pipeline|pipeline-coupling|oci-image|enterprise-account|team-invitation)(\.|:)/

/** Fields that can't be done without, although the schema does not say so. */
const needed = new Set(['POST /teams/{}/allowed-addon-services addon_service'])

describe.skipIf(!existsSync(file))('beside the published schema (skipped where it is not there)', () => {
  const theirs: Schema = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { definitions: {} }
  const ours: Schema = hyperSchema()

  const shapeOf = (href: string) => href.replace(/\{[^}]*\}/g, '{}')
  const linksOf = (schema: Schema): Map<string, { noun: string; link: Schema }> =>
    new Map(
      Object.entries<Schema>(schema.definitions).flatMap(([noun, { links }]) =>
        (links ?? []).map((link: Schema) => [`${link.method} ${shapeOf(link.href)}`, { noun, link }] as const),
      ),
    )
  const theirLinks = linksOf(theirs)
  const ourLinks = linksOf(ours)
  const both = [...ourLinks.keys()].filter((key) => theirLinks.has(key)).sort()

  /** Follows references, and joins `anyOf` of references as far as it is one thing. */
  function resolved(schema: Schema, root: Schema): Schema {
    let found = schema ?? {}
    while (found.$ref) {
      found = found.$ref
        .slice(2)
        .split('/')
        .reduce((at: Schema, part: string) => at?.[decodeURIComponent(part)], root)
    }
    return found
  }
  /** The kinds that a shape may be of; empty when it says nothing. */
  function kindsOf(schema: Schema, root: Schema): Set<string> {
    const found = resolved(schema, root)
    const either = found.anyOf ?? found.oneOf
    if (either) return new Set(either.flatMap((one: Schema) => [...kindsOf(one, root)]))
    return new Set([found.type ?? []].flat())
  }
  function objectOf(schema: Schema, root: Schema): Schema | undefined {
    const found = resolved(schema, root)
    if (found.properties) return found
    const either = (found.anyOf ?? found.oneOf ?? []) as Schema[]
    // The fuller of several: a reference may be expanded.
    return either
      .map((one) => objectOf(one, root))
      .filter(Boolean)
      .sort((a, b) => Object.keys(a.properties).length - Object.keys(b.properties).length)[0]
  }

  function differences(mine: Schema, wanted: Schema, noun: string, at = '', depth = 0): string[] {
    const want = resolved(wanted, theirs)
    const have = resolved(mine, ours)
    const wrong: string[] = []
    const wantedKinds = kindsOf(wanted, theirs)
    const haveKinds = kindsOf(mine, ours)
    for (const kind of haveKinds) {
      const fits = wantedKinds.size === 0 || wantedKinds.has(kind) || (kind === 'integer' && wantedKinds.has('number'))
      if (!fits) wrong.push(`${noun}${at}: may be ${kind}, and should be ${[...wantedKinds].join(' or ')}`)
    }
    if (want.items && have.items) wrong.push(...differences(have.items, want.items, noun, at, depth))
    const wantObject = objectOf(wanted, theirs)
    const haveObject = objectOf(mine, ours)
    if (wantObject?.properties && depth < 3) {
      if (!haveObject) return [...wrong, ...(haveKinds.has('object') ? [`${noun}${at}: declares no fields`] : [])]
      const required = new Set(haveObject.required ?? [])
      for (const [name, property] of Object.entries<Schema>(wantObject.properties)) {
        const place = `${at}.${name}`
        const own = haveObject.properties[name]
        if (own === undefined) wrong.push(`${noun}${place}: is missing`)
        else {
          if (!required.has(name)) wrong.push(`${noun}${place}: may be left out`)
          wrong.push(...differences(own, property, noun, place, depth + 1))
        }
      }
      for (const name of Object.keys(haveObject.properties)) {
        const place = `${at}.${name}`.slice(1)
        const isKnown = name in wantObject.properties || extras.some((one) => one.test(`${noun}.${place}`))
        if (!isKnown) wrong.push(`${noun}.${place}: is not known there`)
      }
    }
    return wrong
  }

  test('enough of the API is in both for this to mean something', () => {
    expect(both.length).toBeGreaterThan(100)
  })

  test('every link of it is served, or its path is in docs/decisions/unserved.md with a reason', () => {
    const text = readFileSync(
      path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../docs/decisions/unserved.md'),
      'utf8',
    )
    const listed = [...text.matchAll(/^\| `(\/[^`]+)` \| \S.{10,} \|$/gm)].map(([, prefix = '']) => prefix)
    const pattern = (link: string) => link.replaceAll(/\{\}|~/g, '*')
    const served = new Set([...ourLinks.keys()].map(pattern))
    const unserved = [...theirLinks.keys()]
      .filter((link) => !served.has(pattern(link)))
      .map((link) => link.split(' ')[1] ?? '')
    const isListed = (address: string) => listed.some((prefix) => address.startsWith(prefix))
    expect(unserved.filter((address) => !isListed(address))).toEqual([])
    expect(listed.filter((prefix) => !unserved.some((address) => address.startsWith(prefix)))).toEqual([])
  })

  test.each(both)('%s answers what it should', (key) => {
    const { link } = ourLinks.get(key) as { link: Schema }
    const { noun, link: wanted } = theirLinks.get(key) as { noun: string; link: Schema }
    if (!wanted.targetSchema) return
    const found = differences(link.targetSchema, wanted.targetSchema, noun)
    expect(found.filter((one) => !absent.test(one) && !twoSpellings.test(one))).toEqual([])
  })

  test.each(both)('%s takes every field that it should', (key) => {
    const { link } = ourLinks.get(key) as { link: Schema }
    const { link: wanted } = theirLinks.get(key) as { link: Schema }
    const need = (link.schema?.required ?? []) as string[]
    const theirsNeed = (wanted.schema?.required ?? []) as string[]
    // Whatever is needed here must be needed there, or a client that is right there is wrong here.
    expect(need.filter((name) => !theirsNeed.includes(name) && !needed.has(`${key} ${name}`))).toEqual([])
  })

  test('a missing field, a wrong kind and an unknown field would each be found', () => {
    const app = ours.definitions.app
    const broken = structuredClone(app)
    delete broken.properties.web_url
    broken.properties.name = { type: ['null', 'string'] }
    broken.properties.colour = { type: ['string'] }
    const found = differences(broken, theirs.definitions.app, 'app')
    expect(found).toContain('app.web_url: is missing')
    expect(found).toContain('app.name: may be null, and should be string')
    expect(found).toContain('app.colour: is not known there')
  })
})

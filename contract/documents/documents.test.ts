import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv } from 'ajv'
import formats from 'ajv-formats'
import { expect, test, vi } from 'vitest'
import { errorStatus } from '../errors.js'
import { routes } from '../platform-api/routes.js'
import type { Route } from '../route.js'
import { exampleOf } from './example.js'
import { hyperSchema } from './hyper-schema.js'
import { openApi } from './openapi.js'
import { nouns, operations } from './operations.js'
import { nounOfGroup, parameters, resources } from './resources.js'
import { fieldWords } from './words.js'

vi.setConfig({ testTimeout: 60_000 })

// biome-ignore lint/suspicious/noExplicitAny: documents are read as whoever gets them reads them.
type Document = any

const hyper: Document = hyperSchema()
const open: Document = openApi('https://mortise.example.com', '1.2.3')
const table = Object.values(routes).flatMap((all) => Object.values(all as Record<string, Route>))

test('every group, place and field has words of its own', () => {
  const chapters = nouns().map(({ name }) => name)
  expect(chapters.filter((name, at) => chapters.indexOf(name) !== at)).toEqual([])
  expect(operations.map(({ group }) => group).filter((group) => !(group in nounOfGroup))).toEqual([])
  const names = operations.flatMap((one) => one.parameters.map(({ name }) => name))
  expect(names.filter((name) => !(name in parameters))).toEqual([])
  const fields = nouns().flatMap(({ name, schema }) =>
    Object.keys(schema['properties'] ?? {}).filter(
      (field) => !(`${name}.${field}` in fieldWords || field in fieldWords),
    ),
  )
  // What somebody has seen says itself.
  expect(fields.filter((field) => !field.startsWith('dismissed-'))).toEqual([])
})

test("the OpenAPI document is valid by OpenAPI's own schema, and has every route", async () => {
  const found = await new Validator().validate(structuredClone(open))
  expect(found).toMatchObject({ valid: true })
  const listed = Object.entries(open.paths).flatMap(([path, methods]) =>
    Object.keys(methods as object).map((method) => `${method.toUpperCase()} ${path}`),
  )
  expect(listed.sort()).toEqual(
    table.map(({ method, path }) => `${method} ${path.replace(/:([a-z_]+)/g, '{$1}')}`).sort(),
  )
  const ids = operations.map(({ id }) => id)
  expect(new Set(ids).size).toBe(ids.length)
})

test('an OpenAPI document without paths in its operations would not pass', async () => {
  const broken = structuredClone(open)
  broken.paths['/apps'].get.responses = 'none'
  expect(await new Validator().validate(broken)).toMatchObject({ valid: false })
})

test('every shape of the OpenAPI document compiles, and every example has the shape that it is an example of', () => {
  const ajv = new Ajv({ strict: false, allErrors: true })
  ajv.addSchema({ $id: 'doc', components: open.components })
  const known = new Map<string, ReturnType<typeof ajv.compile>>()
  const whole = (schema: object) => JSON.parse(JSON.stringify(schema).replaceAll('"#/components', '"doc#/components'))
  for (const [path, methods] of Object.entries<Document>(open.paths)) {
    for (const [method, operation] of Object.entries<Document>(methods)) {
      const bodies = [operation.requestBody, ...Object.values<Document>(operation.responses)]
      for (const { schema, example, examples } of bodies.flatMap((one) =>
        Object.values<Document>(one?.content ?? {}),
      )) {
        const text = JSON.stringify(schema)
        const validate = known.get(text) ?? ajv.compile(whole(schema))
        known.set(text, validate)
        const shown =
          example === undefined ? Object.values<Document>(examples ?? {}).map(({ value }) => value) : [example]
        for (const one of shown)
          expect([method, path, validate(one), validate.errors]).toEqual([method, path, true, null])
      }
    }
  }
})

test('an error is described with its id at its status', () => {
  const responses = open.paths['/apps/{app}/addons'].post.responses
  for (const id of ['confirmation_required', 'provider_refused', 'provider_unreachable', 'not_found'] as const) {
    expect(responses[errorStatus[id]].description).toContain(`\`${id}\``)
  }
})

test('every schema of the hyper-schema compiles, and every link leads to places that are there', () => {
  const plain = structuredClone(hyper)
  delete plain.$schema
  delete plain.id
  for (const definition of Object.values<Document>(plain.definitions)) delete definition.$schema
  const ajv = new Ajv({ strict: false, unicodeRegExp: false, allErrors: true })
  formats.default(ajv)
  ajv.addSchema(plain, 'h')
  for (const [name, definition] of Object.entries<Document>(plain.definitions)) {
    const validate = ajv.compile({ $ref: `h#/definitions/${name}` })
    const resource = resources.find((one) => one.name === name)
    if (resource)
      expect([name, validate(exampleOf(resource.schema, name)), validate.errors]).toEqual([name, true, null])
    definition.links.forEach((link: Document, at: number) => {
      for (const part of ['schema', 'targetSchema'].filter((one) => one in link)) {
        ajv.compile({ $ref: `h#/definitions/${name}/links/${at}/${part}` })
      }
      for (const [, place = ''] of link.href.matchAll(/\{\(([^)]*)\)\}/g)) {
        const at = decodeURIComponent(place).slice(2).split('/')
        const identity = at.reduce((found, part) => found?.[part], hyper as Document)
        expect([link.href, identity?.anyOf?.length > 0]).toEqual([link.href, true])
        for (const { $ref } of identity.anyOf) {
          const field = $ref
            .slice(2)
            .split('/')
            .reduce((found: Document, part: string) => found?.[part], hyper)
          expect([link.href, typeof field?.description, field?.type.length > 0]).toEqual([link.href, 'string', true])
        }
      }
    })
  }
})

test('the hyper-schema is in the dialect that client generators read', () => {
  const links = Object.values<Document>(hyper.definitions).flatMap((one) => one.links)
  expect(links).toHaveLength(table.filter(({ path }) => !['/schema', '/openapi.json'].includes(path)).length)
  for (const [name, definition] of Object.entries<Document>(hyper.definitions)) {
    expect([name, Object.keys(definition.definitions).includes('identity')]).toEqual([name, true])
    for (const key of ['title', 'description', 'stability']) expect(typeof definition[key]).toBe('string')
    for (const [field, one] of Object.entries<Document>(definition.definitions)) {
      if (field === 'identity') continue
      expect([name, field, typeof one.description, 'example' in one]).toEqual([name, field, 'string', true])
      expect([name, field, Array.isArray(one.type) || 'anyOf' in one || '$ref' in one]).toEqual([name, field, true])
    }
  }
  for (const link of links) {
    for (const key of ['title', 'description', 'rel', 'method', 'href']) {
      expect([link.href, key, typeof link[key]]).toEqual([link.href, key, 'string'])
    }
    expect(link.href).toMatch(/^(\/([a-z0-9][a-z0-9_-]*[a-z0-9]|\{\(.*\)\}))+$/)
  }
  expect(
    hyper.definitions.app.links.find((one: Document) => one.href.startsWith('/apps/{') && one.rel === 'self').href,
  ).toBe('/apps/{(%23%2Fdefinitions%2Fapp%2Fdefinitions%2Fidentity)}')
})

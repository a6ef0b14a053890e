import type { TSchema } from '@sinclair/typebox'
import type { Route } from '../route.js'
import { exampleOf, exampleTime, exampleUuid } from './example.js'
import { nouns, type Operation, operations } from './operations.js'
import { itemsOf, type Parameter, type Resource, resourceOf } from './resources.js'
import { wordsFor } from './words.js'

type Json = Record<string, unknown>

/**
 * The API as a JSON hyper-schema in the dialect that Heroku's tools read (prmd, heroics, schematic): types are lists, links
 * name their places by `{(%23%2Fdefinitions%2Fapp%2Fdefinitions%2Fidentity)}`, and every field has words and an example.
 */
export function hyperSchema(): Json {
  // The documents themselves are no noun of theirs.
  const all = nouns().filter(({ name }) => name !== 'schema')
  return {
    $schema: 'http://interagent.github.io/interagent-hyper-schema',
    id: 'urn:mortise:schema#',
    title: 'Mortise Platform API',
    description: 'Apps, their config and releases, and the add-ons that they use.',
    type: ['object'],
    definitions: Object.fromEntries(all.map((resource) => [resource.name, definitionOf(resource)])),
    properties: Object.fromEntries(all.map(({ name }) => [name, { $ref: `#/definitions/${name}` }])),
    links: [
      { title: 'Schema', description: 'This document.', rel: 'self', method: 'GET', href: '/schema', targetSchema: {} },
    ],
  }
}

function definitionOf(resource: Resource): Json {
  const { name, schema } = resource
  const fields = Object.entries((schema['properties'] ?? {}) as Record<string, TSchema>)
  const own: Json = Object.fromEntries(fields.map(([field, one]) => [field, fieldOf(name, field, one)]))
  const parameters = placesOf(name)
  for (const field of parameters.flatMap((one) => one.fields)) own[field] ??= plainField(name, field)
  if (fields.length === 0) own['body'] = { description: wordsFor(name, 'body'), type: ['object'], example: {} }
  return {
    $schema: 'http://json-schema.org/draft-04/hyper-schema',
    title: `Mortise Platform API - ${resource.title}`,
    description: resource.description,
    stability: resource.stability,
    strictProperties: true,
    type: ['object'],
    definitions: { ...own, identity: identityOf(name, parameters) },
    links: operations.filter(({ noun }) => noun === name).map((operation) => linkOf(name, operation)),
    properties: Object.fromEntries(fields.map(([field]) => [field, { $ref: refOf(name, field) }])),
    ...(schema['additionalProperties'] === false ? { additionalProperties: false } : {}),
    ...(schema['required'] ? { required: schema['required'] } : {}),
  }
}

const refOf = (noun: string, field: string) => `#/definitions/${noun}/definitions/${field}`

/** How a noun is named in paths, each way once. */
function placesOf(noun: string): Parameter[] {
  const ways = operations.flatMap(({ parameters }) => parameters).filter((one) => one.noun === noun)
  return ways.filter((way, at) => ways.findIndex((one) => String(one.fields) === String(way.fields)) === at)
}

function identityOf(noun: string, places: Parameter[]): Json {
  const fields = [...new Set(places.flatMap((one) => one.fields))]
  return fields.length ? { anyOf: fields.map((field) => ({ $ref: refOf(noun, field) })) } : {}
}

function plainField(noun: string, field: string): Json {
  const example = exampleOf({ type: 'string' } as unknown as TSchema, noun, field)
  return {
    description: wordsFor(noun, field),
    type: ['string'],
    example: field === 'id' ? exampleUuid : typeof example === 'string' ? example : 'example',
  }
}

function fieldOf(noun: string, field: string, schema: TSchema): Json {
  return { description: wordsFor(noun, field), example: exampleOf(schema, noun, field), ...shapeOf(schema, noun, true) }
}

function linkOf(noun: string, { route, title, description, parameters }: Operation): Json {
  const href = route.path.replace(/:([a-z_]+)/g, (_, name: string) => {
    const place = parameters.find((one) => one.name === name)
    return `{(${encodeURIComponent(`#/definitions/${place?.noun}/definitions/identity`)})}`
  })
  return {
    title,
    description,
    method: route.method,
    rel: relOf(route),
    href,
    ...(route.body ? { schema: bodyOf(route.body, noun) } : {}),
    targetSchema: shapeOf(route.answer, noun),
  }
}

/** Every field of a body has words and an example of its own, or tools that write client code have none to show. */
function bodyOf(body: TSchema, noun: string): Json {
  const shape = shapeOf(body, noun, true)
  const fields = Object.entries((body['properties'] ?? {}) as Record<string, TSchema>)
  if (fields.length === 0) return { type: ['object'], ...shape }
  const properties = fields.map(([field, one]) => [field, fieldOf(noun, field, one)])
  return { ...shape, type: ['object'], properties: Object.fromEntries(properties) }
}

function relOf({ method, list, path, answer }: Route): string {
  if (method === 'GET') return list || itemsOf(answer) ? 'instances' : 'self'
  if (method === 'DELETE') return 'destroy'
  if (method === 'PATCH' || method === 'PUT') return 'update'
  return /\/actions\//.test(path) ? (path.split('/').at(-1) ?? 'update') : 'create'
}

/** A shape in this dialect: draft 4, so no `const`, and types always as a list. Nouns are referred to unless `isOwn`. */
function shapeOf(schema: TSchema, noun: string, isOwn = false): Json {
  const resource = resourceOf(schema)
  if (resource && !isOwn) return { $ref: `#/definitions/${resource.name}` }
  if ('const' in schema) return { type: [typeof schema['const']], enum: [schema['const']] }
  const either = schema['anyOf'] as TSchema[] | undefined
  if (either) return joined(either, noun)
  const shape: Json = {}
  for (const [key, value] of Object.entries(schema)) {
    if (key === 'type') shape['type'] = [value]
    else if (key === 'properties' || key === 'patternProperties') {
      const inner = Object.entries(value as Record<string, TSchema>)
      shape[key] = Object.fromEntries(inner.map(([name, one]) => [name, shapeOf(one, noun)]))
    } else if (key === 'items' || (key === 'additionalProperties' && typeof value === 'object')) {
      shape[key] = shapeOf(value as TSchema, noun)
    } else if (key === 'allOf') shape[key] = (value as TSchema[]).map((one) => shapeOf(one, noun))
    else if (key !== '$id' && key !== 'title') shape[key] = value
  }
  if (schema['pattern'] && exampleTime.match(schema['pattern']) && schema['pattern'].includes('T')) {
    return { type: ['string'], format: 'date-time' }
  }
  if (schema['pattern'] && exampleUuid.match(schema['pattern']) && schema['pattern'].includes('{12}')) {
    return { type: ['string'], format: 'uuid' }
  }
  return shape
}

/** `string or null` is one type list here, and a choice of literals is an enumeration. */
function joined(either: readonly TSchema[], noun: string): Json {
  const nothing = either.some(({ type }) => type === 'null')
  const rest = either.filter(({ type }) => type !== 'null')
  if (rest.every((one) => 'const' in one)) {
    const values = rest.map((one) => one['const'])
    return { type: [...(nothing ? ['null'] : []), 'string'], enum: [...values, ...(nothing ? [null] : [])] }
  }
  const shapes = rest.map((one) => shapeOf(one, noun))
  const [only] = shapes
  if (!nothing) return { anyOf: shapes }
  if (shapes.length === 1 && only && Array.isArray(only['type'])) {
    const known = only['enum'] as unknown[] | undefined
    return { ...only, type: ['null', ...only['type']], ...(known ? { enum: [...known, null] } : {}) }
  }
  return { anyOf: [...shapes, { type: ['null'] }] }
}

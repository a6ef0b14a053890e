import type { TSchema } from '@sinclair/typebox'
import { uuidPattern } from '../identity.js'
import { Timestamp } from '../platform-api/shared.js'
import { resourceOf } from './resources.js'
import { fieldExamples } from './words.js'

export const exampleUuid = '01234567-89ab-cdef-0123-456789abcdef'
export const exampleTime = '2026-11-24T12:00:00Z'

/** A value of the shape, the same each time. Fields that may be left out are in it where an example is known. */
export function exampleOf(schema: TSchema, noun = '', field = ''): unknown {
  if ('const' in schema) return schema['const']
  if (schema['enum']) return schema['enum'][0]
  const known = fieldExamples[`${noun}.${field}`] ?? fieldExamples[field]
  if (known !== undefined && fits(schema, known)) return known
  const either = schema['anyOf'] as TSchema[] | undefined
  if (either) return exampleOf(either.find(({ type }) => type !== 'null') ?? (either[0] as TSchema), noun, field)
  const all = schema['allOf'] as TSchema[] | undefined
  if (all) return Object.assign({}, ...all.map((one) => exampleOf(one, noun, field)))
  switch (schema['type']) {
    case 'object':
      return exampleObject(
        schema,
        resourceOf(schema)?.name ?? (noun === '' || field === '' ? noun : nounOfField(field)),
      )
    case 'array':
      return [exampleOf((schema['items'] ?? {}) as TSchema, noun, field)]
    case 'boolean':
      return false
    case 'integer':
    case 'number':
      return (schema['minimum'] as number | undefined) ?? 0
    case 'string':
      return exampleText(schema, field)
    case 'null':
      return null
    default:
      return {}
  }
}

function exampleObject(schema: TSchema, noun: string): Record<string, unknown> {
  const properties = Object.entries((schema['properties'] ?? {}) as Record<string, TSchema>)
  const patterns = Object.values((schema['patternProperties'] ?? {}) as Record<string, TSchema>)
  if (properties.length === 0 && patterns[0]) return { LOG_LEVEL: exampleOf(patterns[0], noun, '[name]') }
  const required = new Set((schema['required'] ?? []) as string[])
  return Object.fromEntries(
    properties
      .filter(([field]) => required.has(field) || `${noun}.${field}` in fieldExamples || field in fieldExamples)
      .map(([field, one]) => [field, exampleOf(one, noun, field)]),
  )
}

/** A reference such as `app: {id, name}` shows an app's name. */
const nounOfField = (field: string) => ({ addon: 'add-on', addon_service: 'add-on-service' })[field] ?? field

function exampleText(schema: TSchema, field: string): string {
  const pattern = schema['pattern'] as string | undefined
  if (pattern === uuidPattern) return exampleUuid
  if (pattern === Timestamp['pattern']) return exampleTime
  if (/url$/.test(field)) return 'https://example.com/'
  if (pattern?.includes('\\d')) return '1'
  return field.endsWith('path') ? '/' : 'example'
}

function fits(schema: TSchema, value: unknown): boolean {
  const either = schema['anyOf'] as TSchema[] | undefined
  if (either) return either.some((one) => fits(one, value))
  if ('const' in schema) return schema['const'] === value
  switch (schema['type']) {
    case 'string':
      return typeof value === 'string' && (!schema['pattern'] || new RegExp(schema['pattern']).test(value))
    case 'integer':
      return Number.isInteger(value)
    case 'number':
      return typeof value === 'number'
    case 'boolean':
      return typeof value === 'boolean'
    case 'null':
      return value === null
    case 'array':
      return Array.isArray(value) && value.every((one) => fits(schema['items'] as TSchema, one))
    default:
      return false
  }
}

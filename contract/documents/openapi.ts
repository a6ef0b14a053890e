import type { TSchema } from '@sinclair/typebox'
import { type ErrorId, errorStatus } from '../errors.js'
import type { Route } from '../route.js'
import { errorsOf, errorWords } from './errors-of.js'
import { exampleOf } from './example.js'
import { nouns, type Operation, operations } from './operations.js'
import { resourceOf } from './resources.js'
import { wordsFor } from './words.js'

type Json = Record<string, unknown>

/** `add-on-service` as a component: `AddOnService`. */
export const componentOf = (noun: string) =>
  noun.replace(/(^|-)([a-z])/g, (_, __, letter: string) => letter.toUpperCase())

/**
 * The API as an OpenAPI 3.1 document, with every route of the table: places, headers, bodies, answers and errors.
 * @param url where this installation is reached
 */
export function openApi(url: string, version: string): Json {
  const paths: Record<string, Json> = {}
  for (const operation of operations) {
    const path = operation.route.path.replace(/:([a-z_]+)/g, '{$1}')
    paths[path] ??= {}
    paths[path][operation.route.method.toLowerCase()] = operationOf(operation)
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Mortise Platform API',
      version,
      summary: 'Apps, their config and releases, and the add-ons that they use.',
      description: about,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url }],
    security: [{ token: [] }, { basic: [] }],
    tags: nouns().map(({ name, description }) => ({ name, description })),
    paths,
    components: {
      schemas: {
        ...Object.fromEntries(
          nouns()
            .filter(({ schema }) => schema['properties'] && Object.keys(schema['properties']).length > 0)
            .map(({ name, schema, description }) => [
              componentOf(name),
              { description, ...shapeOf(schema, name, true), examples: [exampleOf(schema, name)] },
            ]),
        ),
        Error: errorShape,
      },
      parameters,
      headers,
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'A token of POST /oauth/authorizations.' },
        basic: {
          type: 'http',
          scheme: 'basic',
          description: 'The token as password, with any user name. E-mail and password only make authorizations.',
        },
      },
    },
  }
}

const about = `Send \`Accept: application/vnd.heroku+json; version=3\`. Wherever a path or a body names a thing, its id and its
unique name mean the same. Lists come in pages of 200: an answer of 206 carries Next-Range, which is sent back as Range for the
next page. Errors are \`{id, message}\`; ids are for programs, messages say what to do next.`

const text = { type: 'string' } as const

const parameters: Json = {
  Accept: {
    name: 'Accept',
    in: 'header',
    description: 'Version of the API. Left out, or */*: version 3.',
    schema: { ...text, default: 'application/vnd.heroku+json; version=3' },
  },
  Range: {
    name: 'Range',
    in: 'header',
    description:
      'Which part of a list, in which order: `name ]b..d; max=100, order=desc`. ] and [ leave the bound out.',
    schema: text,
  },
  IfNoneMatch: {
    name: 'If-None-Match',
    in: 'header',
    description: 'The ETag of what is known: 304 without a body if it is still so.',
    schema: text,
  },
  IfMatch: {
    name: 'If-Match',
    in: 'header',
    description: 'The ETag of what was read: 412 if it is no longer so.',
    schema: text,
  },
  RequestId: {
    name: 'Request-Id',
    in: 'header',
    description: "The caller's own id, or several with commas; logged beside ours.",
    schema: text,
  },
  IdempotencyKey: {
    name: 'Idempotency-Key',
    in: 'header',
    description: 'Any text: for a day, a second request with it is answered like the first, and not done again.',
    schema: { ...text, maxLength: 255 },
  },
}

const headers: Json = {
  RequestId: { description: 'Names this request in the log.', required: true, schema: { ...text, format: 'uuid' } },
  ETag: { description: 'Names the state that was read.', schema: text },
  LastModified: { description: 'When it last changed.', schema: text },
  AcceptRanges: { description: 'Fields by which this list can be ordered.', schema: text },
  ContentRange: { description: 'What part of the list this is.', schema: text },
  NextRange: { description: 'Sent back as Range, it brings the next page. The last page has none.', schema: text },
  RateLimitRemaining: { description: 'Requests left, where the operator limits them.', schema: { type: 'integer' } },
  RetryAfter: { description: 'Seconds until it is worth another try.', schema: { type: 'integer' } },
  XHerokuWarning: { description: 'Something to know although the request succeeded.', schema: text },
  XConfirmationRequired: { description: 'The name to send as `confirm`.', schema: text },
}

const errorShape: Json = {
  type: 'object',
  required: ['id', 'message'],
  properties: {
    id: { type: 'string', enum: Object.keys(errorStatus), description: 'what went wrong, for programs' },
    message: { ...text, description: 'what went wrong and what to do next, for people' },
    resource: { ...text, description: 'what kind of thing was not found' },
    url: { ...text, description: 'where to read more' },
    app: { type: 'object', properties: { id: text, name: text }, description: 'the app that it is about' },
  },
}

const header = (name: string) => ({ $ref: `#/components/headers/${name}` })
const parameter = (name: string) => ({ $ref: `#/components/parameters/${name}` })

function operationOf({ id, route, noun, title, description, parameters: places }: Operation): Json {
  const query = Object.entries((route.query?.['properties'] ?? {}) as Record<string, TSchema>)
  return {
    operationId: id,
    tags: [noun],
    summary: title,
    description: `${description} Permission: ${route.permission}. Scope: ${route.scope}.`,
    parameters: [
      ...places.map((place) => ({
        name: place.name,
        in: 'path',
        required: true,
        description: place.description,
        schema: text,
        example: String(exampleOf({ type: 'string' } as unknown as TSchema, place.noun, place.fields.at(-1))),
      })),
      ...query.map(([name, schema]) => ({ name, in: 'query', schema: shapeOf(schema, noun) })),
      parameter('Accept'),
      parameter('RequestId'),
      ...(route.list ? [parameter('Range')] : []),
      ...(route.method === 'GET' ? [parameter('IfNoneMatch')] : [parameter('IfMatch')]),
      ...(route.method === 'POST' ? [parameter('IdempotencyKey')] : []),
    ],
    ...(route.permission === 'anyone' ? { security: [{}, { token: [] }, { basic: [] }] } : {}),
    ...(route.body
      ? {
          requestBody: {
            required: ((route.body['required'] ?? []) as string[]).length > 0,
            content: {
              'application/json': { schema: shapeOf(route.body, noun, true), example: exampleOf(route.body, noun) },
            },
          },
        }
      : {}),
    responses: { ...successes(route, noun), ...failures(route) },
  }
}

function successes(route: Route, noun: string): Json {
  const content = {
    [route.streams ? 'text/event-stream' : 'application/json']: {
      schema: shapeOf(route.answer, noun),
      example: exampleOf(route.answer, noun),
    },
  }
  const isRead = route.method === 'GET' && !route.streams
  const answer = (description: string, more: Json = {}): Json => ({
    description,
    headers: {
      'Request-Id': header('RequestId'),
      'RateLimit-Remaining': header('RateLimitRemaining'),
      ...(isRead ? { ETag: header('ETag'), 'Last-Modified': header('LastModified') } : {}),
      ...(route.list ? { 'Accept-Ranges': header('AcceptRanges'), 'Content-Range': header('ContentRange') } : {}),
      'X-Heroku-Warning': header('XHerokuWarning'),
      ...more,
    },
    content,
  })
  return {
    [route.status]: answer('It is done.'),
    ...(route.list ? { 206: answer('A part of the list; there is more.', { 'Next-Range': header('NextRange') }) } : {}),
    ...(isRead ? { 304: { description: 'It is as If-None-Match names it.' } } : {}),
    ...(route.status === 202 || isRead
      ? {}
      : { 202: answer('It has begun; the state in the body says how far it is.') }),
  }
}

/** Several errors may share a status: each has its own id. */
function failures(route: Route): Json {
  const byStatus = new Map<number, ErrorId[]>()
  for (const id of errorsOf(route)) byStatus.set(errorStatus[id], [...(byStatus.get(errorStatus[id]) ?? []), id])
  return Object.fromEntries(
    [...byStatus].map(([status, ids]) => [
      status,
      {
        description: ids.map((id) => `\`${id}\`: ${errorWords[id]}`).join(' '),
        headers: {
          'Request-Id': header('RequestId'),
          ...(status === 429 || status === 503 ? { 'Retry-After': header('RetryAfter') } : {}),
          ...(status === 423 ? { 'X-Confirmation-Required': header('XConfirmationRequired') } : {}),
        },
        content: {
          'application/json': {
            schema: { $ref: '#/components/schemas/Error' },
            examples: Object.fromEntries(ids.map((id) => [id, { value: { id, message: errorWords[id] } }])),
          },
        },
      },
    ]),
  )
}

/** The shape as it is declared, but nouns are referred to, and every field has its words. */
function shapeOf(schema: TSchema, noun: string, isOwn = false): Json {
  const resource = resourceOf(schema)
  if (resource && !isOwn && hasFields(schema)) return { $ref: `#/components/schemas/${componentOf(resource.name)}` }
  const shape: Json = {}
  for (const [key, value] of Object.entries(schema)) {
    if (key === 'properties') {
      const fields = Object.entries(value as Record<string, TSchema>)
      shape[key] = Object.fromEntries(fields.map(([field, one]) => [field, described(noun, field, one)]))
    } else if (key === 'patternProperties') {
      const inner = Object.entries(value as Record<string, TSchema>)
      shape[key] = Object.fromEntries(inner.map(([name, one]) => [name, shapeOf(one, noun)]))
    } else if (key === 'items' || (key === 'additionalProperties' && typeof value === 'object')) {
      shape[key] = shapeOf(value as TSchema, noun)
    } else if (key === 'anyOf' || key === 'allOf') shape[key] = (value as TSchema[]).map((one) => shapeOf(one, noun))
    else shape[key] = value
  }
  return shape
}

const hasFields = (schema: TSchema) => Object.keys(schema['properties'] ?? {}).length > 0

const described = (noun: string, field: string, schema: TSchema): Json => ({
  description: wordsFor(noun, field),
  ...shapeOf(schema, noun),
})

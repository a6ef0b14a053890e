import { WireError } from '@mortise/contract/errors'
import { route } from '@mortise/contract/route'
import { Type } from '@sinclair/typebox'
import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { realWorld } from '../world/world.js'
import { checkAnswersVariable, wrongBody } from './check-answers.js'
import { handle } from './handle.js'
import { createHttpServer } from './server.js'

// The net under the whole test run: what the contract does not say is a 500 here, and a fault that tests look for.
const base = { title: 'For tests', permission: 'anyone', scope: 'read', status: 200, method: 'GET' } as const
const Thing = Type.Object({ id: Type.String(), of: Type.Optional(Type.Object({ name: Type.String() })) })
const thing = (path: string) => route({ ...base, path, answer: Thing })
let server: FastifyInstance
const faults: string[] = []

beforeAll(async () => {
  // Not told to: the variable that the test run sets does it.
  expect(process.env[checkAnswersVariable]).toBe('1')
  server = await createHttpServer({
    world: realWorld,
    handlers: [
      handle(thing('/right'), async () => ({ id: 'a' })),
      handle(thing('/kind'), async () => ({ id: 1 }) as never),
      handle(thing('/missing'), async () => ({}) as never),
      handle(thing('/more'), async () => ({ id: 'a', secret: 'b' })),
      handle(thing('/deep'), async () => ({ id: 'a', of: { name: 'b', secret: 'c' } })),
      handle(thing('/refusing'), async () => {
        throw new WireError('confirmation_required', 'This is not declared.')
      }),
      handle(route({ ...base, path: '/declared', answer: Thing, errors: ['confirmation_required'] }), async () => {
        throw new WireError('confirmation_required', 'This is declared.')
      }),
    ],
    authenticate: async () => null,
    guard: async () => ({}),
    log: () => undefined,
    onFault: (error) => void faults.push((error as Error).message),
    extra(instance) {
      instance.get('/beside', async (_, reply) => reply.type('application/json').send('{"a":1}'))
      instance.get('/beside-error', async (_, reply) => reply.code(404).type('application/json').send('{"error":"x"}'))
      instance.get('/health', async (_, reply) => reply.type('application/json').send('{"status":"ok"}'))
      instance.get('/page', async (_, reply) => reply.type('text/html').send('<p>{"a":1}'))
    },
  })
})
afterAll(() => server.close())

test.each([
  ['/kind', '"id" must be a string'],
  ['/missing', 'needs "id"'],
  ['/more', 'has no "secret"'],
  ['/deep', '"of" has no "secret"'],
  ['/refusing', 'confirmation_required, which it does not declare'],
  ['/beside', 'neither in the route table'],
  ['/beside-error', 'not in the table'],
])('%s is caught', async (url, sentence) => {
  faults.length = 0
  const answer = await server.inject({ url })
  expect([answer.statusCode, answer.json().id]).toEqual([500, 'internal_server_error'])
  expect(faults.join()).toContain(sentence)
})

test('what is right, and what is exempt by name, goes through', async () => {
  faults.length = 0
  const status = async (url: string) => (await server.inject({ url })).statusCode
  expect(await Promise.all(['/right', '/declared', '/health', '/page', '/nowhere'].map(status))).toEqual([
    200, 423, 200, 200, 404,
  ])
  expect(faults).toEqual([])
})

test('an error is {id, message}, with an id of the table, at its status', () => {
  expect(wrongBody(404, '{"id":"not_found","message":"Couldn\'t find that app."}')).toBeNull()
  expect(wrongBody(404, '{"id":"not_here","message":"Not here at all."}')).toMatch('"not_here"')
  expect(wrongBody(400, '{"id":"not_found","message":"Couldn\'t find that app."}')).toMatch('400 instead of 404')
  expect(wrongBody(404, '{"id":"not_found"}')).toMatch('no message')
  expect(wrongBody(404, '<p>gone')).toMatch('not JSON')
})

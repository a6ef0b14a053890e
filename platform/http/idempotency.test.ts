import { randomBytes, randomUUID } from 'node:crypto'
import { WireError } from '@mortise/contract/errors'
import { route } from '@mortise/contract/route'
import { Type } from '@sinclair/typebox'
import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { sql } from '../db/db.js'
import { type TestDatabase, testDatabase } from '../db/test-database.js'
import { parseMasterKeys } from '../secrets/keys.js'
import { createSecrets } from '../secrets/seal.js'
import { later, realWorld, type World } from '../world/world.js'
import { handle } from './handle.js'
import { createOnce } from './idempotency.js'
import { createHttpServer } from './server.js'

const make = route({
  title: 'For tests',
  method: 'POST',
  path: '/things/:place',
  permission: 'account',
  scope: 'write',
  status: 201,
  body: Type.Object({ name: Type.Optional(Type.String()) }),
  answer: Type.Any(),
  errors: ['confirmation_required', 'provider_refused'],
})

let database: TestDatabase
let server: FastifyInstance
let skippedMs = 0
let made = 0
let person = randomUUID()
let work: () => unknown = () => undefined
const world: World = { ...realWorld, now: () => later(new Date(), skippedMs) }

beforeAll(async () => {
  database = await testDatabase()
  const secrets = createSecrets(parseMasterKeys(`1:${randomBytes(32).toString('base64')}`))
  server = await createHttpServer({
    world,
    handlers: [
      handle(make, async ({ body }) => {
        made++
        await work()
        return { made, name: body.name, token: 'told-once' }
      }),
    ],
    authenticate: async () => ({
      account: { id: person, email: 'ann@example.com', name: null, isOperator: false },
      addonId: null,
      tokenId: randomUUID(),
      scopes: ['global'],
      via: 'bearer',
      sudo: false,
    }),
    guard: async () => ({}),
    once: createOnce({ db: database.db, world, secrets }),
    log: () => undefined,
    onFault: () => undefined,
  })
})
afterAll(async () => {
  await server.close()
  await database.drop()
})
beforeEach(() => {
  made = 0
  person = randomUUID()
  work = () => undefined
})

async function post(key: string | null, body: object = { name: 'x' }, place = 'here') {
  const headers = key === null ? {} : { 'idempotency-key': key }
  const answer = await server.inject({ method: 'POST', url: `/things/${place}`, headers, payload: body })
  return { status: answer.statusCode, body: answer.json(), replayed: answer.headers['idempotency-replayed'] }
}

test('the same key and body is done once and answered twice', async () => {
  const first = await post('one')
  expect(first).toMatchObject({ status: 201, body: { made: 1, name: 'x' }, replayed: undefined })
  expect(await post('one')).toEqual({ ...first, replayed: 'true' })
  expect(made).toBe(1)
})

test('without a key each request counts, and a key is good for one person and one address', async () => {
  await post(null)
  await post(null)
  await post('one')
  await post('one', { name: 'x' }, 'there')
  person = randomUUID()
  await post('one')
  expect(made).toBe(5)
})

test('another body under the same key is 422, and nothing is done', async () => {
  await post('one')
  expect(await post('one', { name: 'y' })).toMatchObject({ status: 422, body: { id: 'invalid_params' } })
  expect(made).toBe(1)
})

test('of several at once one is done; the others hear that it is under way', async () => {
  let open = () => {}
  const gate = new Promise<void>((done) => {
    open = done
  })
  let reached = () => {}
  const isReached = new Promise<void>((done) => {
    reached = done
  })
  work = () => {
    reached()
    return gate
  }
  const first = post('one')
  await isReached
  const others = await Promise.all([post('one'), post('one')])
  expect(others.map(({ status, body }) => [status, body.id])).toEqual([
    [409, 'conflict'],
    [409, 'conflict'],
  ])
  open()
  expect((await first).status).toBe(201)
  expect(made).toBe(1)
})

test('a refusal is the answer too', async () => {
  work = () => {
    throw new WireError('provider_refused', 'No room.')
  }
  for (let turn = 0; turn < 2; turn++) {
    expect(await post('one')).toMatchObject({ status: 422, body: { id: 'provider_refused', message: 'No room.' } })
  }
  expect(made).toBe(1)
})

test.each(['provider_unreachable', 'confirmation_required', 'rate_limit', 'conflict'] as const)(
  'after %s nothing has happened, and the same key may try again',
  async (id) => {
    work = () => {
      throw new WireError(id, 'Not now.')
    }
    expect((await post('one')).body.id).toBe(id)
    work = () => undefined
    expect(await post('one', { name: 'y' })).toMatchObject({ status: 201 })
  },
)

test('what broke off is never run again by itself: a repeat is told to look', async () => {
  work = () => {
    throw new Error('a bug, perhaps after the work was done')
  }
  expect((await post('one')).status).toBe(500)
  work = () => undefined
  expect(await post('one')).toMatchObject({ status: 409, body: { message: expect.stringContaining('broke off') } })
  expect(made).toBe(1)
})

test('a crash of ours leaves a key that says so when its lease is over, on the database\u2019s clock', async () => {
  await post('one')
  await sql`update idempotency_keys set status = null, sealed = null where owner_id = ${person}`.execute(database.db)
  expect((await post('one')).body.message).toContain('still under way')
  await sql`update idempotency_keys set lease_until = now() - interval '1 second'`.execute(database.db)
  expect((await post('one')).body.message).toContain('broke off')
})

test('after 24 hours a key is new again, and nothing of it is left', async () => {
  await post('one')
  skippedMs += 24 * 3_600_000 - 60_000
  expect((await post('one')).replayed).toBe('true')
  skippedMs += 61_000
  expect(await post('one')).toMatchObject({ body: { made: 2 }, replayed: undefined })
  const rows = await sql`select 1 from idempotency_keys where owner_id = ${person}`.execute(database.db)
  expect(rows.rows).toHaveLength(1)
})

test('what is kept is sealed, and the key itself is not kept', async () => {
  await post('my-own-key')
  const rows = await sql`select row_to_json(k)::text as text, sealed from idempotency_keys k`.execute(database.db)
  for (const { text, sealed } of rows.rows as { text: string; sealed: Buffer }[]) {
    expect(text).not.toContain('my-own-key')
    expect(sealed?.toString('latin1') ?? '').not.toContain('told-once')
  }
})

test.each(['', ' ', 'x'.repeat(256), 'with space'])('"%s" is no key', async (key) => {
  expect(await post(key)).toMatchObject({ status: 400, body: { id: 'bad_request' } })
  expect(made).toBe(0)
})

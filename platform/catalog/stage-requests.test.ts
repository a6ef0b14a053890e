import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { rows, sql } from '../db/db.js'
import { type House, testHouse } from '../start/test-house.js'

// A provider asks that its service be moved on, and the operator answers.
let house: House<'owner' | 'stranger' | 'operator'>
const portal = '/api/v3/addons/fast-db/stage-requests'

beforeAll(async () => {
  house = await testHouse(['owner', 'stranger', 'operator'])
  await house.push('fast-db', 'owner')
  await house.push('other-db', 'stranger')
})
afterAll(async () => {
  expect(house.faults).toEqual([])
  await house.end()
})
beforeEach(async () => {
  await house.pool.query('delete from stage_requests')
  await house.pool.query("update addon_services set state = 'alpha'")
})

const ask = (body: object = {}) => house.ask('owner', 'POST', portal, body)
const move = (state: string, more: object = {}) =>
  house.ask('operator', 'PATCH', '/addon-services/fast-db', { state, reason: 'known to us', ...more })
const told = async () => (await house.ask('owner', 'GET', portal)).body
const open = async () => (await house.ask('operator', 'GET', '/stage-requests')).body
const decline = (id: string, reason = 'No support address.') =>
  house.ask('operator', 'POST', `/stage-requests/${id}/actions/decline`, { reason })
const withdraw = (id: string) => house.ask('owner', 'DELETE', `${portal}/${id}`)
const events = () =>
  rows<{ action: string; data: object }>(
    house.db,
    sql`select action, data from events where resource = 'stage-request' order by seq`,
  )

test('a request is for the next stage, once however often it is asked, and the operator reads it', async () => {
  const first = await ask({ note: 'Ready, \u001b[31mwe think\u0000.' })
  expect(first).toMatchObject({
    status: 201,
    body: {
      addon_service: { name: 'fast-db' },
      asked_by: 'owner@example.com',
      ended_at: null,
      note: 'Ready, we think.',
      reason: null,
      stage: 'beta',
      state: 'open',
    },
  })
  const again = await ask({ stage: 'beta', note: 'Please!' })
  expect([again.status, again.body]).toEqual([200, first.body])
  expect(await told()).toEqual([first.body])
  expect(await open()).toEqual([{ ...first.body, checks: [], current_stage: 'alpha' }])
  expect((await events()).at(-1)).toEqual({
    action: 'create',
    data: { service: 'fast-db', stage: 'beta', note: 'Ready, we think.', state: 'open' },
  })
})

test('asked at the same time by several it is one', async () => {
  const before = (await events()).length
  const answers = await Promise.all(Array.from({ length: 6 }, () => ask()))
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 200, 201])
  expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1)
  expect((await events()).length).toBe(before + 1)
})

test.each([
  ['alpha', 'ga', 'fast-db is in alpha, so it can ask for beta only.'],
  ['beta', 'beta', 'fast-db is in beta already.'],
  ['ga', undefined, 'fast-db is in ga, which is the last stage.'],
  ['ga', 'ga', 'fast-db is in ga, which is the last stage.'],
  ['shutdown', 'beta', 'fast-db is shut down. Ask the operator in person to open it again.'],
])('a service in %s does not ask for %s', async (state, stage, message) => {
  await house.pool.query('update addon_services set state = $1', [state])
  expect(await ask(stage ? { stage } : {})).toMatchObject({ status: 422, body: { id: 'invalid_params', message } })
  expect(await told()).toEqual([])
})

test('a note of more than 1 KiB is refused, in bytes too; one of blanks is none', async () => {
  expect((await ask({ note: 'x'.repeat(1_025) })).status).toBe(422)
  expect(await ask({ note: 'ü'.repeat(513) })).toMatchObject({
    status: 422,
    body: { message: 'A note has at most 1 KiB.' },
  })
  expect(await ask({ note: ' \n ' })).toMatchObject({ status: 201, body: { note: null } })
})

test('a service that was never pushed has none, and nobody else reads, asks, withdraws or answers', async () => {
  const { body } = await ask()
  expect((await house.ask('owner', 'POST', '/api/v3/addons/no-such-db/stage-requests', {})).status).toBe(404)
  for (const [method, path] of [
    ['GET', portal],
    ['POST', portal],
    ['DELETE', `${portal}/${body.id}`],
  ] as const)
    expect((await house.ask('stranger', method, path, method === 'POST' ? {} : undefined)).status).toBe(404)
  // By way of a service of one's own neither.
  const own = `/api/v3/addons/other-db/stage-requests/${body.id}`
  expect((await house.ask('stranger', 'DELETE', own)).status).toBe(404)
  for (const who of ['owner', 'stranger'] as const) {
    expect((await house.ask(who, 'GET', '/stage-requests')).status).toBe(403)
    const declined = await house.ask(who, 'POST', `/stage-requests/${body.id}/actions/decline`, { reason: 'x' })
    expect(declined.status).toBe(403)
  }
  expect(await told()).toMatchObject([{ state: 'open' }])
  for (const id of ['x', '01234567-89ab-cdef-0123-456789abcdef']) {
    expect((await withdraw(id)).status).toBe(404)
    expect((await decline(id)).status).toBe(404)
  }
})

test("moving the service on grants it, and it stands in its owner's own trail", async () => {
  const { body } = await ask()
  expect((await move('beta')).status).toBe(200)
  expect(await told()).toMatchObject([{ id: body.id, state: 'granted', reason: null, ended_at: expect.any(String) }])
  expect(await open()).toEqual([])
  const trail = (await house.ask('owner', 'GET', '/account/activity')).body as { resource: string; data: object }[]
  const granted = { service: 'fast-db', stage: 'beta', state: 'granted' }
  expect(trail).toContainEqual(expect.objectContaining({ resource: 'stage-request', data: granted }))
  expect((await ask()).body).toMatchObject({ stage: 'ga', state: 'open' })
})

test.each([
  ['beta', 'ga', 'granted', null],
  ['ga', 'alpha', 'declined', 'known to us'],
  ['ga', 'shutdown', 'declined', 'known to us'],
])('a request for %s, and a move to %s: %s', async (stage, to, state, reason) => {
  await house.pool.query('update addon_services set state = $1', [stage === 'beta' ? 'alpha' : 'beta'])
  await ask()
  expect((await move(to)).status).toBe(200)
  expect(await told()).toMatchObject([{ stage, state, reason }])
})

test('what the operator declines is read by its provider, with the reason, and may be asked for again', async () => {
  const { body } = await ask()
  expect(await decline(body.id, '\u001b[1mNo\u0007 support address.')).toMatchObject({
    status: 200,
    body: { state: 'declined', reason: 'No support address.' },
  })
  expect((await decline(body.id, '\u0000')).status).toBe(422)
  // Twice is once; the first reason stays.
  expect((await decline(body.id, 'Something else.')).body.reason).toBe('No support address.')
  expect((await events()).at(-1)).toMatchObject({ data: { reason: 'No support address.', state: 'declined' } })
  expect((await ask()).status).toBe(201)
  expect((await told()).map(({ state }: { state: string }) => state)).toEqual(['open', 'declined'])
})

test('a provider takes it back, also twice; not once it was answered', async () => {
  const { body } = await ask()
  expect((await withdraw(body.id)).body).toMatchObject({ state: 'withdrawn', reason: null })
  expect((await withdraw(body.id)).status).toBe(200)
  expect(await decline(body.id)).toMatchObject({
    status: 422,
    body: { message: 'The request of fast-db was withdrawn before.' },
  })
  const next = await ask()
  await move('beta')
  expect(await withdraw(next.body.id)).toMatchObject({
    status: 422,
    body: { message: 'The request of fast-db was granted before.' },
  })
})

describe('at the same time', () => {
  test('an answer, a withdrawal and a move end it once, and whoever came too late is told', async () => {
    for (let turn = 0; turn < 8; turn++) {
      await house.pool.query("update addon_services set state = 'alpha'")
      const { body } = await ask()
      const before = (await events()).length
      const [moved, declined, withdrawn] = await Promise.all([move('beta'), decline(body.id), withdraw(body.id)])
      expect(moved.status).toBe(200)
      const [now] = await told()
      expect([declined.status, withdrawn.status]).toEqual([
        now.state === 'declined' ? 200 : 422,
        now.state === 'withdrawn' ? 200 : 422,
      ])
      expect((await events()).length).toBe(before + 1)
      expect(await open()).toEqual([])
    }
  })

  test('a question meets the move or comes too late: none is left open for a stage that is there', async () => {
    for (let turn = 0; turn < 8; turn++) {
      await house.pool.query('delete from stage_requests')
      await house.pool.query("update addon_services set state = 'alpha'")
      const [asked, moved] = await Promise.all([ask({ stage: 'beta' }), move('beta')])
      expect(moved.status).toBe(200)
      const found = await told()
      if (asked.status === 201) expect(found).toMatchObject([{ state: 'granted' }])
      else expect([asked.status, found]).toEqual([422, []])
    }
  })
})

test('of general availability the operator reads what it asks for, and whether each holds', async () => {
  await move('beta')
  const holds = async () => (await open())[0].checks.map((one: { holds: boolean }) => one.holds)
  await ask()
  expect(await holds()).toEqual([false, false, false, false])
  const report = (status: string) =>
    house.ask('owner', 'POST', '/api/v3/addons/fast-db/inspections', {
      checks: [{ id: 'a', title: 'a', status, reason: '', advice: '' }],
    })
  await report('fail')
  expect(await holds()).toEqual([true, false, true, true])
  await report('pass')
  expect(await holds()).toEqual([true, true, true, true])
  house.clock.aheadMs = 31 * 86_400_000
  expect(await holds()).toEqual([true, true, true, false])
  house.clock.aheadMs = 0
  expect((await house.ask('operator', 'PATCH', '/addon-services/fast-db', { state: 'ga' })).status).toBe(200)
  expect(await told()).toMatchObject([{ stage: 'ga', state: 'granted' }])
})

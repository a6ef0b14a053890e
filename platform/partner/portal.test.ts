import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { transact } from '../db/db.js'
import { forgetEnded, keptDays } from '../retention/retention.js'
import { tokenHash } from '../secrets/tokens.js'
import { type House, testHouse } from '../start/test-house.js'
import { insertGrantToken } from './grant-store.js'
import { insertFirstAttempt, insertQuestion, recordAnswer } from './question-store.js'

// What a provider sees of its services, over HTTP.
let house: House<'owner' | 'stranger' | 'operator'>
let addonId: string
const portal = '/api/v3/addons/fast-db'

beforeAll(async () => {
  house = await testHouse(['owner', 'stranger', 'operator'])
  await house.push('fast-db', 'owner')
  await house.push('other-db', 'stranger')
  const { body: app } = await house.ask('owner', 'POST', '/apps', { name: 'shop' })
  addonId = await house.addon('fast-db:mini', { id: app.id, ownerId: house.people.owner.id }, 'fast-db-1')
  await house.addon('other-db:mini', { id: app.id, ownerId: house.people.owner.id }, 'other-db-1')
})
afterAll(async () => {
  expect(house.faults).toEqual([])
  await house.end()
})

const check = (id: string, status: string, more: object = {}) => ({
  id,
  title: id,
  status,
  reason: '',
  advice: '',
  ...more,
})

test('a provider sees its own services and installs, and nobody else does', async () => {
  const own = await house.ask('owner', 'GET', '/api/v3/addons')
  expect(own.body.map((one: { name: string }) => one.name)).toEqual(['fast-db'])
  const installs = await house.ask('owner', 'GET', `${portal}/installs`)
  expect(installs.body).toMatchObject([
    { name: 'fast-db-1', app: { name: 'shop' }, plan: { name: 'fast-db:mini' }, state: 'provisioned' },
  ])
  for (const path of ['installs', 'requests', 'inspections']) {
    expect((await house.ask('stranger', 'GET', `${portal}/${path}`)).status, path).toBe(404)
    expect((await house.ask('operator', 'GET', `${portal}/${path}`)).status, path).toBe(200)
  }
})

test('requests are told both ways: what the provider was asked and answered, and what it asked; no value and no token', async () => {
  const at = house.world.now()
  const questionId = randomUUID()
  await transact(house.db, async (tx) => {
    await insertQuestion(tx, { id: questionId, addonId, operationId: null, kind: 'provision', at })
    await insertFirstAttempt(tx, questionId, at)
  })
  const json = {
    bytes: 2,
    content: {},
    content_type: 'application/json',
    digest: null,
    kind: 'json',
    shortened: false,
  } as const
  const answer = {
    class: 'refused',
    status: 422,
    message: 'Only in the EU.',
    note: 'x',
    retryAfterMs: null,
    mayExist: false,
    exchange: { sent: json, received: json },
  }
  await recordAnswer(house.db, questionId, 1, { ...answer, at: new Date(at.getTime() + 40) })

  const token = 'HRKU-a-token-of-the-grant'
  const row = { id: randomUUID(), kind: 'grant_access' as const, addonId, hash: tokenHash(token), expiresAt: null, at }
  await transact(house.db, (tx) => insertGrantToken(tx, row))
  const headers = { authorization: `Bearer ${token}` }
  await house.ask(null, 'GET', `/addons/${addonId}/config`, undefined, headers)
  await house.ask(null, 'POST', `/addons/${randomUUID()}/actions/provision`, undefined, headers)

  const { body, text } = await vi.waitFor(async () => {
    const seen = await house.ask('owner', 'GET', `${portal}/requests`)
    expect(seen.body).toHaveLength(3)
    return seen
  })
  expect(body).toContainEqual(
    expect.objectContaining({
      direction: 'to_provider',
      method: 'POST',
      route: 'base_url',
      status: 422,
      class: 'refused',
      message: 'Only in the EU.',
      ms: 40,
      addon: { id: addonId, name: 'fast-db-1' },
    }),
  )
  expect(body).toContainEqual(
    expect.objectContaining({ direction: 'from_provider', method: 'GET', route: '/addons/:addon/config', status: 200 }),
  )
  expect(text).not.toMatch(/postgres:|HRKU|secret/)
})

test('what providers asked is forgotten after its days, of what they were asked the bodies, and nothing before', async () => {
  const seen = async (way: string) => {
    const { body } = await house.ask('owner', 'GET', `${portal}/requests`)
    return (body as { id: string; direction: string }[]).filter(({ direction }) => direction === way)
  }
  const asked = await seen('to_provider')
  const sent = async () => (await house.ask('owner', 'GET', `${portal}/requests/${asked[0]?.id}`)).body.sent
  const before = await seen('from_provider')
  expect(before.length).toBeGreaterThan(0)
  await forgetEnded(house)
  expect(await seen('from_provider')).toEqual(before)
  expect(await sent()).toMatchObject({ kind: 'json' })
  house.clock.aheadMs = (keptDays['provider-calls'] + 1) * 86_400_000
  try {
    await forgetEnded(house)
    expect(await seen('from_provider')).toEqual([])
    expect(await seen('to_provider')).toEqual(asked)
    expect(await sent()).toBeNull()
  } finally {
    house.clock.aheadMs = 0
  }
})

test('an inspection is kept with the version in force, and the catalog says when the service last passed', async () => {
  const listed = async () => (await house.ask(null, 'GET', '/addon-services/fast-db')).body.inspection
  expect(await listed()).toBeNull()
  const report = (checks: object[]) => house.ask('owner', 'POST', `${portal}/inspections`, { checks })
  const good = await report([check('provision.answers', 'pass'), check('sso.nav', 'warn'), check('plan.same', 'skip')])
  expect(good).toMatchObject({ status: 201, body: { passed: 1, failed: 0, warned: 1, manifest_revision: 1 } })
  const passedAt = good.body.created_at
  expect(await listed()).toEqual({ passed_at: passedAt, manifest_revision: 1 })

  house.clock.aheadMs = 60_000
  await report([check('provision.answers', 'fail', { reason: '\u001b[31mred', advice: 'Mend it.' })])
  expect(await listed()).toEqual({ passed_at: passedAt, manifest_revision: 1 })
  const { body } = await house.ask('owner', 'GET', `${portal}/inspections`)
  expect(body.map(({ failed }: { failed: number }) => failed)).toEqual([1, 0])
  expect(body[0].checks[0]).toMatchObject({ reason: 'red', advice: 'Mend it.' })

  // However many fail afterwards, the one that passed is not forgotten.
  for (let n = 2; n < 26; n++) {
    house.clock.aheadMs = n * 60_000
    await report([check('provision.answers', 'fail')])
  }
  expect(await listed()).toEqual({ passed_at: passedAt, manifest_revision: 1 })
  expect((await house.ask('owner', 'GET', `${portal}/inspections`)).body.length).toBeLessThanOrEqual(21)
  house.clock.aheadMs = 0
})

test.each([
  ['no check at all', []],
  ['nothing but skipped checks', [check('a', 'skip')]],
  ['a check twice', [check('a', 'pass'), check('a', 'pass')]],
  ['a word that is no status', [check('a', 'splendid')]],
  ['more checks than there are', Array.from({ length: 401 }, (_, n) => check(`c${n}`, 'pass'))],
])('a report with %s is refused', async (_, checks) => {
  const before = (await house.ask('owner', 'GET', `${portal}/inspections`)).body.length
  expect((await house.ask('owner', 'POST', `${portal}/inspections`, { checks })).status).toBe(422)
  expect((await house.ask('owner', 'GET', `${portal}/inspections`)).body.length).toBe(before)
})

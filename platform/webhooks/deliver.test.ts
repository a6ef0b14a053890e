import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { transact } from '../db/db.js'
import { createOutbound } from '../http/outbound.js'
import { deliverOne, signatureOf } from './deliver.js'
import { claimDelivery, recordAttempt } from './delivery-store.js'
import { forgetOld } from './reconcilers.js'
import { type TestWebhooks, testWebhooks } from './test-webhooks.js'
import { keptDays } from './webhook.js'

let world: TestWebhooks
beforeAll(async () => {
  world = await testWebhooks()
})
afterAll(() => world.close())
beforeEach(async () => {
  await world.pool.query('delete from webhooks')
  world.receiver.received.length = 0
  world.receiver.always(null)
})

const hourMs = 3_600_000
let made = 0
/** An app with one webhook and so many events that were handed out. */
async function hooked(change: object = {}, events = 1) {
  const app = await world.app(`deliver-${++made}`)
  const webhook = await world.webhook(app.name, change)
  const ids: string[] = []
  for (let i = 0; i < events; i++) ids.push(await world.event(app.id, app.id))
  await world.publish()
  return { app, webhook, ids }
}
const statuses = async (app: { name: string }) => (await world.deliveries(app.name)).map((one) => one.status)

it('signs with HMAC-SHA256 in base64, as a published vector has it', () => {
  // RFC 4231, test case 2, in base64.
  const expected = Buffer.from('5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843', 'hex')
  expect(signatureOf('what do ya want for nothing?', 'Jefe')).toBe(expected.toString('base64'))
})

it('sends a body that its signature proves, and the authorization as it was registered', async () => {
  const { webhook } = await hooked({ authorization: 'Bearer as registered' })
  await world.deliver()
  const [got] = world.receiver.received
  expect(got?.headers).toMatchObject({
    'content-type': 'application/json',
    authorization: 'Bearer as registered',
    'heroku-webhook-hmac-sha256': createHmac('sha256', webhook.secret ?? '')
      .update(got?.raw ?? '')
      .digest('base64'),
  })
  expect(Object.keys(got?.body ?? {})).toEqual([
    'action',
    'actor',
    'created_at',
    'id',
    'data',
    'previous_data',
    'published_at',
    'resource',
    'sequence',
    'updated_at',
    'version',
    'webhook_metadata',
  ])
  expect(got?.body.webhook_metadata).toEqual({
    attempt: { id: expect.any(String) },
    delivery: { id: expect.any(String) },
    event: { id: got?.body.id, include: 'api:app' },
    webhook: { id: webhook.id },
  })
})

it('tries notify once, and goes on', async () => {
  const { app } = await hooked({ level: 'notify' }, 2)
  world.receiver.lie({ status: 500, body: 'no\u0000t \u001b[31mtoday' })
  expect(await world.deliver()).toBe(2)
  expect(await statuses(app)).toEqual(['failed', 'succeeded'])
  const [first] = await world.deliveries(app.name)
  expect(first).toMatchObject({
    num_attempts: 1,
    next_attempt_at: null,
    last_attempt: { code: 500, error_class: 'http_status' },
  })
  const { rows } = await world.pool.query('select answer from webhook_attempts where id = $1', [
    first?.last_attempt?.id,
  ])
  expect(rows[0].answer).toBe('not today')
})

it('keeps the order under sync: nothing goes before what was not taken yet', async () => {
  const { app, ids } = await hooked({ level: 'sync' }, 3)
  world.receiver.lie({ status: 503 }, { hangUp: true })
  expect(await world.deliver()).toBe(1)
  expect(await statuses(app)).toEqual(['retrying', 'pending', 'pending'])
  world.advance(10_000)
  expect(await world.deliver()).toBe(1)
  world.advance(20_000)
  expect(await world.deliver()).toBe(3)
  expect(world.receiver.received.map((one) => one.body.id)).toEqual([ids[0], ids[0], ids[0], ids[1], ids[2]])
  const deliveries = world.receiver.received.slice(0, 3).map((one) => one.body.webhook_metadata)
  expect(new Set(deliveries.map((one) => one.delivery.id)).size).toBe(1)
  expect(new Set(deliveries.map((one) => one.attempt.id)).size).toBe(3)
  expect(await statuses(app)).toEqual(['succeeded', 'succeeded', 'succeeded'])
})

it('tries sync for 72 hours with longer and longer waits; what comes after that has one try and is skipped', async () => {
  const { app } = await hooked({ level: 'sync' })
  const startedAt = world.world.now().getTime()
  world.receiver.always({ status: 500 })
  const waits: number[] = []
  let before = startedAt
  let behind = false
  for (let tries = 0; tries < 200; tries++) {
    // The last try lets the next delivery have its turn, so that makes two.
    expect(await world.deliver()).toBeGreaterThan(0)
    const [delivery] = await world.deliveries(app.name)
    if (!delivery?.next_attempt_at) break
    const now = world.world.now().getTime()
    const next = new Date(delivery.next_attempt_at).getTime()
    waits.push(Math.round((next - now) / 1000))
    if (!behind && now - startedAt > hourMs) {
      // Two more wait from now on: they are an hour younger than the first.
      await world.event(app.id, app.id)
      await world.event(app.id, app.id)
      await world.publish()
      behind = true
    }
    before = next
    world.advance(next - now + 1_000)
  }
  const about = (seconds: number) => ({ asymmetricMatch: (found: number) => Math.abs(found - seconds) <= 2 })
  expect(waits.slice(0, 10)).toEqual([10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600].map(about))
  expect(waits.slice(10, -1).every((wait) => Math.abs(wait - 3600) <= 2)).toBe(true)
  expect(before - startedAt).toBeGreaterThan(72 * hourMs - 5_000)
  expect(before - startedAt).toBeLessThan(72 * hourMs + 120_000)
  // The second is within its own 72 hours; the third gets its turn when they are over.
  expect(await statuses(app)).toEqual(['failed', expect.stringMatching(/pending|retrying/), 'pending'])
  for (let i = 0; i < 10 && (await statuses(app))[1] !== 'failed'; i++) {
    world.advance(hourMs + 5_000)
    await world.deliver()
  }
  world.advance(1_000)
  await world.deliver()
  expect(await statuses(app)).toEqual(['failed', 'failed', 'skipped'])
  const third = (await world.deliveries(app.name)).at(-1)
  expect(third?.num_attempts).toBe(1)
})

it('waits as long as a receiver asks, up to an hour', async () => {
  const { app } = await hooked({ level: 'sync' })
  world.receiver.lie(
    { status: 429, headers: { 'retry-after': '900' } },
    { status: 503, headers: { 'retry-after': '99999' } },
  )
  for (const seconds of [900, 3600]) {
    await world.deliver()
    const [delivery] = await world.deliveries(app.name)
    const wait = new Date(delivery?.next_attempt_at ?? 0).getTime() - world.world.now().getTime()
    expect(Math.abs(wait / 1000 - seconds)).toBeLessThanOrEqual(2)
    world.advance(seconds * 1000 + 1_000)
  }
  expect(await world.deliver()).toBe(1)
})

it('lets a receiver that hangs hold nobody else up', async () => {
  const { app: slow } = await hooked({ level: 'notify', url: `${world.receiver.url}/slow` }, 6)
  world.receiver.lie({ hang: true })
  // Four at once, as in the background: the one that hangs has one, and from then on has none of these.
  await Promise.all(Array.from({ length: 4 }, () => deliverOne(world.deps, false)))
  expect((await world.deliveries(slow.name))[0]).toMatchObject({
    status: 'failed',
    last_attempt: { code: null, error_class: 'timeout' },
  })
  world.receiver.received.length = 0
  const { app: quick } = await hooked({ level: 'notify', url: `${world.receiver.url}/quick` }, 3)
  while (await deliverOne(world.deps, false)) {}
  expect(world.receiver.received.map((one) => one.path)).toEqual(['/quick', '/quick', '/quick'])
  expect(await statuses(quick)).toEqual(['succeeded', 'succeeded', 'succeeded'])
  expect((await statuses(slow)).filter((one) => one === 'pending')).toHaveLength(5)
  // Its own lanes serve it, and once it answers it is among the others again.
  expect(await deliverOne(world.deps, true)).toBe(true)
  expect(await deliverOne(world.deps, true)).toBe(false)
  await world.deliver()
  expect((await statuses(slow)).filter((one) => one === 'succeeded')).toHaveLength(5)
})

it('tells apart why a delivery was not taken', async () => {
  const guarded = { ...world.deps, outbound: createOutbound({ loopbackAllowed: false }) }
  const redirect = { status: 302, headers: { location: `${world.receiver.url}/elsewhere` } }
  for (const [lie, url, deps, wanted] of [
    [redirect, '/', world.deps, { code: 302, error_class: 'redirect' }],
    [{ status: 404 }, '/', world.deps, { code: 404, error_class: 'http_status' }],
    [{ hangUp: true }, '/', world.deps, { code: null, error_class: 'broken' }],
    [{ hang: true }, '/', world.deps, { code: null, error_class: 'timeout' }],
    [null, 'https://nothing-there.invalid/', world.deps, { code: null, error_class: 'dns' }],
    [null, 'http://localhost:1/', world.deps, { code: null, error_class: 'refused' }],
    [null, '/', guarded, { code: null, error_class: 'private_address' }],
  ] as const) {
    const { app } = await hooked({ url: url === '/' ? world.receiver.url : url })
    if (lie) world.receiver.lie(lie)
    expect(await deliverOne(deps, false)).toBe(true)
    const [delivery] = await world.deliveries(app.name)
    expect(delivery?.last_attempt, wanted.error_class).toMatchObject(wanted)
  }
  expect(world.receiver.received.some((one) => one.path === '/elsewhere')).toBe(false)
  await guarded.outbound.close()
})

it('reads only the beginning of an answer that never ends, and takes a 2xx for what it is', async () => {
  const { app } = await hooked()
  world.receiver.lie({ endless: true })
  await world.deliver()
  const [delivery] = await world.deliveries(app.name)
  expect(delivery).toMatchObject({ status: 'succeeded', last_attempt: { code: 200 } })
  const { rows } = await world.pool.query('select answer from webhook_attempts where id = $1', [
    delivery?.last_attempt?.id,
  ])
  expect(rows[0].answer.length).toBeLessThanOrEqual(2048)
})

it('sends again what a crash of ours cut off, and the paused one writes nothing afterwards', async () => {
  const { app } = await hooked({ level: 'notify' })
  const claim = () =>
    transact(world.db, (tx) =>
      claimDelivery(tx, { failing: false, attemptId: world.world.id(), at: world.world.now() }),
    )
  const paused = await claim()
  expect(await claim()).toBeUndefined()
  await world.pool.query("update webhooks set lease_until = now() - interval '1 second' where lease_until is not null")
  expect(await world.deliver()).toBe(1)
  const [delivery] = await world.deliveries(app.name)
  expect(delivery).toMatchObject({ id: paused?.deliveryId, status: 'succeeded', num_attempts: 2 })
  const { rows } = await world.pool.query(
    'select status, error_class from webhook_attempts where delivery_id = $1 order by number',
    [paused?.deliveryId],
  )
  expect(rows).toEqual([
    { status: 'failed', error_class: 'interrupted' },
    { status: 'succeeded', error_class: null },
  ])
  if (!paused) throw new Error('nothing was claimed')
  const late = { status: 'failed', nextAt: null, code: null, errorClass: 'timeout', answer: null } as const
  const written = await transact(world.db, (tx) => recordAttempt(tx, paused, { ...late, at: world.world.now() }))
  expect(written).toBe(false)
  expect(await statuses(app)).toEqual(['succeeded'])
})

it('makes one more try when it is asked to by hand, past what waits', async () => {
  const { app, ids } = await hooked({ level: 'sync' })
  await world.pool.query(
    "update webhook_deliveries set status = 'failed', next_attempt_at = null where event_id = $1",
    [ids[0]],
  )
  const next = await world.event(app.id, app.id)
  await world.publish()
  world.receiver.lie({ status: 500 }, { status: 500 })
  await world.deliver()
  const [failed] = await world.deliveries(app.name)
  const asked = await world.ask('ann', 'POST', `/apps/${app.name}/webhook-deliveries/${failed?.id}/actions/retry`)
  expect(asked).toMatchObject({ status: 202, body: { id: failed?.id, status: 'pending' } })
  expect(await world.deliver()).toBe(1)
  expect(await statuses(app)).toEqual(['failed', 'retrying'])
  await world.ask('ann', 'POST', `/apps/${app.name}/webhook-deliveries/${failed?.id}/actions/retry`)
  expect(await world.deliver()).toBe(1)
  expect(await statuses(app)).toEqual(['succeeded', 'retrying'])
  // What waits is tried now too, when it is asked for, and keeps its place.
  const waiting = (await world.deliveries(app.name)).at(-1)
  await world.ask('ann', 'POST', `/apps/${app.name}/webhook-deliveries/${waiting?.id}/actions/retry`)
  expect(await world.deliver()).toBe(1)
  expect(world.receiver.received.map((one) => one.body.id)).toEqual([next, ids[0], ids[0], next])
})

it('tries at once when the webhook was changed', async () => {
  const { app, webhook } = await hooked({ level: 'sync', url: 'http://localhost:1/' })
  await world.deliver()
  expect(await world.deliver()).toBe(0)
  await world.ask('ann', 'PATCH', `/apps/${app.name}/webhooks/${webhook.id}`, { url: world.receiver.url })
  expect(await world.deliver()).toBe(1)
  expect(await statuses(app)).toEqual(['succeeded'])
})

it('ends a delivery quietly when its webhook is deleted meanwhile', async () => {
  const { app, webhook } = await hooked()
  world.receiver.lie({ hang: true })
  const delivering = deliverOne(world.deps, false)
  while (world.receiver.received.length === 0) await new Promise((passed) => setTimeout(passed, 5))
  expect((await world.ask('ann', 'DELETE', `/apps/${app.name}/webhooks/${webhook.id}`)).status).toBe(200)
  expect(await delivering).toBe(true)
  expect(await world.deliveries(app.name)).toEqual([])
})

it(`forgets what ended ${keptDays} days ago, and webhooks of what is gone; what waits stays`, async () => {
  const { app } = await hooked({ level: 'sync' }, 2)
  const gone = await hooked()
  await world.deliver()
  world.receiver.always({ status: 500 })
  await world.event(app.id, app.id)
  await world.publish()
  await world.deliver()
  await world.pool.query("update apps set state = 'destroyed', destroyed_at = now() where id = $1", [gone.app.id])
  while (await forgetOld(world.deps)) {}
  expect(await statuses(app)).toEqual(['succeeded', 'succeeded', 'retrying'])
  world.advance((keptDays + 1) * 24 * hourMs)
  while (await forgetOld(world.deps)) {}
  expect(await statuses(app)).toEqual(['retrying'])
  const { rows } = await world.pool.query(
    'select (select count(*)::int from webhook_events where event_id = any($1)) as events, (select count(*)::int from webhooks where app_id = $2) as webhooks',
    [gone.ids, gone.app.id],
  )
  expect(rows).toEqual([{ events: 0, webhooks: 0 }])
})

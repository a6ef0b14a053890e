import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type TestWebhooks, testWebhooks } from './test-webhooks.js'

// What a provider sees of the webhooks that it made on its customers' add-ons, all of a service together.
let world: TestWebhooks
let addon: { id: string; name: string }
let app: { id: string; name: string }
const portal = '/api/v3/addons/fast-db'

beforeAll(async () => {
  world = await testWebhooks()
  await world.push('fast-db')
  await world.push('slow-db', {}, 'bob')
  app = await world.app('shop', 'bob')
  addon = await world.addon('fast-db:mini', app as never)
})
afterAll(async () => {
  expect(world.faults).toEqual([])
  await world.close()
})

const wanted = (path: string) => ({ include: ['api:addon'], level: 'sync', url: `${world.receiver.url}${path}` })
const happen = (id: string) => world.event(app.id, id, { resource: 'addon', data: { id } })
const seen = async (what: 'webhooks' | 'webhook-deliveries') =>
  (await world.ask('ann', 'GET', `${portal}/${what}`)).body

it('lists what it made on all of its add-ons, never a secret, and nothing of customers or other services', async () => {
  const token = { token: await world.grant(addon.id) }
  const secret = 'a-secret-of-the-provider'
  const own = await world.ask(token, 'POST', `/addons/${addon.id}/webhooks`, { ...wanted('/own'), secret })
  await world.ask('bob', 'POST', `/addons/${addon.id}/webhooks`, wanted('/of-the-customer'))
  const other = await world.addon('slow-db:mini', app as never)
  await world.ask({ token: await world.grant(other.id) }, 'POST', `/addons/${other.id}/webhooks`, wanted('/of-another'))
  const list = await world.ask('ann', 'GET', `${portal}/webhooks`)
  expect(list.body).toEqual([{ ...own.body, addon: { id: addon.id, name: addon.name }, failing_since: null }])
  expect(list.text).not.toContain(secret)
  for (const what of ['webhooks', 'webhook-deliveries']) {
    expect((await world.ask('eve', 'GET', `${portal}/${what}`)).status).toBe(404)
    expect((await world.ask('bob', 'GET', `${portal}/${what}`)).status).toBe(404)
  }
})

it('tells each attempt with the answer of the receiver, and sends what failed once more', async () => {
  const addon = await world.addon('fast-db:mini', (await world.app('blog', 'bob')) as never)
  const token = { token: await world.grant(addon.id) }
  await world.ask(token, 'POST', `/addons/${addon.id}/webhooks`, wanted('/blog'))
  await happen(addon.id)
  await world.publish()
  world.receiver.lie({ status: 500, body: 'the \u001b[31mdatabase\u001b[0m is away' })
  await world.deliver()
  const [failed] = await seen('webhook-deliveries')
  expect(failed).toMatchObject({
    ...{ addon: { name: addon.name }, status: 'retrying', num_attempts: 1, url: `${world.receiver.url}/blog` },
    attempts: [{ number: 1, code: 500, error_class: 'http_status' }],
  })
  expect(failed.attempts[0].answer).toContain('database')
  expect(failed.attempts[0].answer).not.toContain('\u001b')
  expect((await seen('webhooks'))[0].failing_since).not.toBeNull()
  // Its turn has not come by itself: nothing is due until somebody asks.
  expect(await world.deliver()).toBe(0)
  const retry = `${portal}/webhook-deliveries/${failed.id}/actions/retry`
  expect((await world.ask('bob', 'POST', retry)).status).toBe(404)
  expect((await world.ask('ann', 'POST', retry)).status).toBe(202)
  expect(await world.deliver()).toBe(1)
  const [taken] = await seen('webhook-deliveries')
  expect([taken.status, taken.num_attempts, taken.attempts.map(({ number }: { number: number }) => number)]).toEqual([
    'succeeded',
    2,
    [2, 1],
  ])
  // What was taken can be had again: a receiver may have lost it.
  expect((await world.ask('ann', 'POST', retry)).status).toBe(202)
  expect(await world.deliver()).toBe(1)
})

it("replays no delivery that is a customer's, another service's, or nobody's", async () => {
  await happen(addon.id)
  await world.publish()
  const customers = (await world.ask('bob', 'GET', `/addons/${addon.id}/webhook-deliveries`)).body
  expect(customers.length).toBeGreaterThan(0)
  for (const id of [customers[0].id, randomUUID(), 'no-id']) {
    const answer = await world.ask('ann', 'POST', `${portal}/webhook-deliveries/${id}/actions/retry`)
    expect([answer.status, answer.body.resource]).toEqual([404, 'webhook_delivery'])
  }
})

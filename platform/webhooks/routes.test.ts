import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type TestWebhooks, testWebhooks } from './test-webhooks.js'
import { webhooksMax } from './webhook.js'

let world: TestWebhooks
beforeAll(async () => {
  world = await testWebhooks()
  await world.push('fast-db')
})
afterAll(() => world.close())

const wanted = { include: ['api:release', 'api:app'], level: 'sync', url: 'https://example.com/hooks' }

it('tells the secret that it made once, in a header, and never again', async () => {
  const app = await world.app('secret-app')
  const made = await world.ask('ann', 'POST', `/apps/${app.name}/webhooks`, {
    ...wanted,
    authorization: 'Bearer taken',
  })
  expect(made.status).toBe(201)
  const secret = made.headers['heroku-webhook-secret'] as string
  expect(secret).toMatch(/^[\w-]{43}$/)
  expect(made.body).toEqual({
    app: { id: app.id, name: 'secret-app' },
    created_at: expect.any(String),
    id: expect.any(String),
    include: ['api:release', 'api:app'],
    level: 'sync',
    updated_at: expect.any(String),
    url: 'https://example.com/hooks',
  })
  const list = await world.ask('ann', 'GET', `/apps/${app.name}/webhooks`)
  const info = await world.ask('ann', 'GET', `/apps/${app.name}/webhooks/${made.body.id}`)
  expect(list.body).toEqual([made.body])
  expect(info.body).toEqual(made.body)
  for (const answer of [made.text, list.text, info.text, JSON.stringify(info.headers)]) {
    expect(answer).not.toContain(secret)
    expect(answer).not.toContain('taken')
  }
  const { rows } = await world.pool.query('select w::text as text, encode(sealed, $1) as sealed from webhooks w', [
    'escape',
  ])
  expect(JSON.stringify(rows)).not.toContain(secret)
  expect(JSON.stringify(world.lines)).not.toContain(secret)
})

it('keeps a secret that was given, and tells none', async () => {
  const app = await world.app('given-app')
  const made = await world.ask('ann', 'POST', `/apps/${app.name}/webhooks`, { ...wanted, secret: 'chosen-by-ann' })
  expect(made.status).toBe(201)
  expect(made.headers['heroku-webhook-secret']).toBeUndefined()
  const changed = await world.ask('ann', 'PATCH', `/apps/${app.name}/webhooks/${made.body.id}`, {
    include: ['dyno'],
    level: 'notify',
    url: 'https://example.com/other',
  })
  expect(changed.body).toMatchObject({ include: ['api:dyno'], level: 'notify', url: 'https://example.com/other' })
  expect(changed.headers['heroku-webhook-secret']).toBeUndefined()
  const renewed = await world.ask('ann', 'PATCH', `/apps/${app.name}/webhooks/${made.body.id}`, { secret: null })
  expect(renewed.headers['heroku-webhook-secret']).toMatch(/^[\w-]{43}$/)
  const removed = await world.ask('ann', 'DELETE', `/apps/${app.name}/webhooks/${made.body.id}`)
  expect(removed).toMatchObject({ status: 200, body: { id: made.body.id } })
  expect((await world.ask('ann', 'GET', `/apps/${app.name}/webhooks`)).body).toEqual([])
  const gone = await world.ask('ann', 'DELETE', `/apps/${app.name}/webhooks/${made.body.id}`)
  expect(gone).toMatchObject({ status: 404, body: { id: 'not_found', resource: 'webhook' } })
})

it.each([
  ['ftp://example.com/', 'no address'],
  ['nonsense', 'no address'],
  ['http://example.com/hooks', 'https'],
  ['https://ann:secret@example.com/hooks', 'authorization'],
  ['https://10.0.0.7/hooks', 'no public address'],
  ['https://169.254.169.254/latest', 'no public address'],
  ['https://[fd00::1]/', 'no public address'],
])('refuses the address %s', async (url, words) => {
  await world.app(`url-app-${randomUUID().slice(0, 8)}`).then(async ({ name }) => {
    const answer = await world.ask('ann', 'POST', `/apps/${name}/webhooks`, { ...wanted, url })
    expect(answer).toMatchObject({
      status: 422,
      body: { id: 'invalid_params', message: expect.stringContaining(words) },
    })
  })
})

it('takes loopback only where the platform itself is at home', async () => {
  const app = await world.app('home-app')
  const url = 'http://localhost:9/hooks'
  expect((await world.ask('ann', 'POST', `/apps/${app.name}/webhooks`, { ...wanted, url })).status).toBe(201)
  const away = await testWebhooks({ localhost: false })
  try {
    const there = await away.app('away-app')
    for (const address of [url, 'https://127.0.0.1/hooks', 'https://localhost/']) {
      const answer = await away.ask('ann', 'POST', `/apps/${there.name}/webhooks`, { ...wanted, url: address })
      expect(answer.status, address).toBe(422)
    }
  } finally {
    await away.close()
  }
})

it('says what can be included, and what never comes', async () => {
  const app = await world.app('include-app')
  const at = `/apps/${app.name}/webhooks`
  const unknown = await world.ask('ann', 'POST', at, { ...wanted, include: ['api:moon'] })
  expect(unknown).toMatchObject({ status: 422, body: { message: expect.stringContaining('api:addon-attachment') } })
  const silent = await world.ask('ann', 'POST', at, { ...wanted, include: ['api:sni-endpoint', 'api:app'] })
  expect(silent.status).toBe(201)
  expect(silent.headers['x-heroku-warning']).toContain('api:sni-endpoint')
})

it('lets nobody put a header of their own into a delivery', async () => {
  const app = await world.app('header-app')
  const made = await world.ask('ann', 'POST', `/apps/${app.name}/webhooks`, wanted)
  for (const [method, path] of [
    ['POST', ''],
    ['PATCH', `/${made.body.id}`],
  ] as const) {
    const body = { ...wanted, authorization: 'Bearer x\r\nHost: elsewhere' }
    expect((await world.ask('ann', method, `/apps/${app.name}/webhooks${path}`, body)).status).toBe(422)
  }
})

it(`stops at ${webhooksMax} webhooks, also when they are made at once`, async () => {
  const app = await world.app('many-app')
  const answers = await Promise.all(
    Array.from({ length: webhooksMax + 5 }, () => world.ask('ann', 'POST', `/apps/${app.name}/webhooks`, wanted)),
  )
  expect(answers.filter((answer) => answer.status === 201)).toHaveLength(webhooksMax)
  expect(answers.filter((answer) => answer.status === 422)).toHaveLength(5)
})

it('is for those who operate the app', async () => {
  const app = await world.app('team-app')
  await world.collaborate(app, 'bob', ['view', 'deploy'])
  const { id } = (await world.ask('ann', 'POST', `/apps/${app.name}/webhooks`, wanted)).body
  const paths = [
    ['GET', '/webhooks'],
    ['POST', '/webhooks'],
    ['GET', `/webhooks/${id}`],
    ['PATCH', `/webhooks/${id}`],
    ['DELETE', `/webhooks/${id}`],
    ['GET', '/webhook-deliveries'],
    ['GET', `/webhook-deliveries/${id}`],
    ['POST', `/webhook-deliveries/${id}/actions/retry`],
    ['GET', '/webhook-events'],
    ['GET', `/webhook-events/${id}`],
  ] as const
  for (const [method, path] of paths) {
    const body = method === 'POST' || method === 'PATCH' ? wanted : undefined
    expect((await world.ask(null, method, `/apps/${app.name}${path}`, body)).status, path).toBe(401)
    expect((await world.ask('eve', method, `/apps/${app.name}${path}`, body)).status, path).toBe(404)
    expect((await world.ask('bob', method, `/apps/${app.name}${path}`, body)).status, path).toBe(403)
  }
})

it("finds no other app's webhooks, deliveries or events", async () => {
  const [mine, other] = [await world.app('mine-app'), await world.app('other-app')]
  const { id } = await world.webhook(other.name)
  const event = await world.event(other.id, other.id)
  await world.publish()
  const [delivery] = await world.deliveries(other.name)
  expect(delivery?.event.id).toBe(event)
  for (const path of [`webhooks/${id}`, `webhook-deliveries/${delivery?.id}`, `webhook-events/${event}`]) {
    expect((await world.ask('ann', 'GET', `/apps/${mine.name}/${path}`)).status, path).toBe(404)
    expect((await world.ask('ann', 'GET', `/apps/${other.name}/${path}`)).status, path).toBe(200)
  }
  expect((await world.ask('ann', 'DELETE', `/apps/${mine.name}/webhooks/${id}`)).status).toBe(404)
})

it('keeps what a provider and its customer registered apart', async () => {
  const app = await world.app('two-sides')
  const addon = await world.addon('fast-db:mini', app)
  const token = { token: await world.grant(addon.id) }
  const at = `/addons/${addon.id}/webhooks`
  const providers = await world.ask(token, 'POST', at, { ...wanted, include: ['api:addon', 'api:app'] })
  const customers = await world.ask('ann', 'POST', at, { ...wanted, include: ['api:addon', 'api:release'] })
  expect([providers.status, customers.status]).toEqual([201, 201])
  expect(providers.body.addon).toEqual({ id: addon.id, name: addon.name })
  expect((await world.ask(token, 'GET', at)).body.map((one: { id: string }) => one.id)).toEqual([providers.body.id])
  expect((await world.ask('ann', 'GET', at)).body.map((one: { id: string }) => one.id)).toEqual([customers.body.id])
  expect((await world.ask(token, 'PATCH', `${at}/${customers.body.id}`, { url: 'https://evil.example' })).status).toBe(
    404,
  )
  expect((await world.ask('eve', 'GET', at)).status).toBe(404)
})

it("does not tell a provider how its customer's app is built and run", async () => {
  const app = await world.app('private-app')
  const addon = await world.addon('fast-db:mini', app)
  const token = { token: await world.grant(addon.id) }
  const at = `/addons/${addon.id}/webhooks`
  for (const include of ['api:build', 'api:dyno', 'api:formation', 'api:release']) {
    const answer = await world.ask(token, 'POST', at, { ...wanted, include: ['api:addon', include] })
    expect(answer, include).toMatchObject({ status: 403, body: { id: 'forbidden' } })
  }
  const mine = await world.ask(token, 'POST', at, { ...wanted, include: ['api:addon'] })
  const widened = await world.ask(token, 'PATCH', `${at}/${mine.body.id}`, { include: ['api:release'] })
  expect(widened.status).toBe(403)
})

it('orders deliveries by sequence, newest first when asked, and filters by status', async () => {
  const app = await world.app('list-app')
  await world.webhook(app.name)
  for (let i = 0; i < 3; i++) await world.event(app.id, app.id)
  await world.publish()
  const range = { range: 'seq ..; order=desc,max=2' }
  const page = await world.ask('ann', 'GET', `/apps/${app.name}/webhook-deliveries`, undefined, range)
  expect(page.status).toBe(206)
  const [first, second] = page.body
  expect(first.seq).toBeGreaterThan(second.seq)
  expect(page.headers['next-range']).toBe(`seq ]${second.seq}..; max=2, order=desc`)
  await world.deliver()
  expect(await world.deliveries(app.name, '?eq[status]=succeeded')).toHaveLength(3)
  expect(await world.deliveries(app.name, '?eq[status]=pending')).toHaveLength(0)
  expect((await world.ask('ann', 'GET', `/apps/${app.name}/webhook-deliveries?eq[status]=odd`)).status).toBe(422)
})

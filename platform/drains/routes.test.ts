import { randomUUID } from 'node:crypto'
import { createLogs } from '@mortise/runtime/logs/logs'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { eventsOf } from '../events/store.js'
import { createOutbound } from '../http/outbound.js'
import { insertGrantToken } from '../partner/grant-store.js'
import { tokenHash } from '../secrets/tokens.js'
import { type House, testHouse } from '../start/test-house.js'
import { drainsMax } from './drain.js'
import { drainReconciler } from './forward.js'
import { httpReceiver } from './test-receivers.js'

let house: House<'ann' | 'bob' | 'eve'>
let app: { id: string; ownerId: string }
let addonId: string
const provider = { authorization: 'Bearer grant-of-fast-db' }

beforeAll(async () => {
  house = await testHouse(['ann', 'bob', 'eve'])
  await house.push('fast-db', 'ann')
  await house.ask('ann', 'POST', '/apps', { name: 'shop' })
  await house.ask('ann', 'POST', '/apps', { name: 'other' })
  await house.ask('ann', 'POST', '/apps/shop/collaborators', { user: 'bob@example.com', permissions: ['view'] })
  app = { id: (await house.ask('ann', 'GET', '/apps/shop')).body.id, ownerId: house.people.ann.id }
  addonId = await house.addon('fast-db:mini', app, 'fast-db-1')
  await house.db.transaction().execute((tx) =>
    insertGrantToken(tx, {
      id: randomUUID(),
      kind: 'grant_access',
      addonId,
      hash: tokenHash('grant-of-fast-db'),
      expiresAt: null,
      at: house.world.now(),
    }),
  )
})
afterAll(async () => {
  expect(house.faults).toEqual([])
  await house.end()
})

const add = (url: string, as: 'ann' | 'bob' = 'ann') => house.ask(as, 'POST', '/apps/shop/log-drains', { url })

test('a drain is made, listed, and found by id, token or url, in any order', async () => {
  const made = await add('https://user:hidden@logs.example.com/in?x=1')
  expect(made.status).toBe(201)
  expect(made.body).toMatchObject({
    addon: null,
    app: { name: 'shop' },
    token: expect.stringMatching(/^d\.[0-9a-f-]{36}$/),
    url: 'https://user:hidden@logs.example.com/in?x=1',
  })
  const { id, token, url } = made.body
  for (const name of [id, id.toUpperCase(), token, url]) {
    const found = await house.ask('ann', 'GET', `/apps/shop/log-drains/${encodeURIComponent(name)}`)
    expect([name, found.status, found.body.id]).toEqual([name, 200, id])
  }
  expect((await house.ask('ann', 'GET', '/apps/shop/log-drains')).body).toEqual([made.body])
  expect((await house.ask('ann', 'GET', `/apps/other/log-drains/${id}`)).body.resource).toBe('log_drain')
  const gone = await house.ask('ann', 'DELETE', `/apps/shop/log-drains/${encodeURIComponent(url)}`)
  expect([gone.status, gone.body.id]).toEqual([200, id])
  expect((await house.ask('ann', 'DELETE', `/apps/shop/log-drains/${id}`)).status).toBe(404)

  const told = await eventsOf(house.db, id)
  expect(told.map(({ action, data }) => [action, data['url']])).toEqual([
    ['create', 'https://logs.example.com/'],
    ['destroy', 'https://logs.example.com/'],
  ])
  expect(JSON.stringify(told)).not.toMatch(/hidden/)
})

test('the address is sealed in the database', async () => {
  const { body } = await add('https://user:hidden@sealed.example.com/')
  const { rows } = await house.pool.query('select sealed, log_drains::text as text from log_drains where id = $1', [
    body.id,
  ])
  expect(rows[0].sealed.toString('latin1')).not.toMatch(/hidden|example/)
  await house.ask('ann', 'DELETE', `/apps/shop/log-drains/${body.id}`)
})

test.each([
  'nonsense',
  'ftp://example.com/',
  'https://',
  'javascript:1',
  'https://10.0.0.1/',
  'syslog://169.254.169.254:514',
  'syslog+tls://[fd00::1]:6514',
])('%s is refused with what to write instead', async (url) => {
  const answer = await add(url)
  expect([answer.status, answer.body.id]).toEqual([422, 'invalid_params'])
})

test('the same address twice is refused, and so is one drain too many', async () => {
  const ids: string[] = []
  ids.push((await add('syslog://logs.example.com:514')).body.id)
  expect((await add('syslog://logs.example.com:514')).body.message).toMatch(/already, as d\./)
  for (let n = 1; n < drainsMax; n++) ids.push((await add(`https://example.com/${n}`)).body.id)
  expect((await add('https://example.com/more')).body.message).toMatch(/has 20 log drains/)
  for (const id of ids) await house.ask('ann', 'DELETE', `/apps/shop/log-drains/${id}`)
})

test('whoever may only see the app learns no address', async () => {
  const { body } = await add('https://user:hidden@example.com/')
  expect((await house.ask('bob', 'GET', '/apps/shop/log-drains')).status).toBe(403)
  expect((await add('https://example.com/', 'bob')).status).toBe(403)
  expect((await house.ask('eve', 'GET', '/apps/shop/log-drains')).status).toBe(404)
  await house.ask('ann', 'DELETE', `/apps/shop/log-drains/${body.id}`)
})

test("a provider makes, moves and removes its own add-on's drains, and sees no other", async () => {
  const mine = (await add('https://customer.example.com/')).body
  const made = await house.ask(null, 'POST', '/apps/shop/log-drains', { url: 'https://u:p@fast.example/in' }, provider)
  expect(made.body).toMatchObject({ addon: { id: addonId, name: 'fast-db-1', app: { name: 'shop' } } })
  expect((await house.ask(null, 'GET', '/apps/shop/log-drains', undefined, provider)).body).toEqual([made.body])
  expect((await house.ask(null, 'GET', `/addons/${addonId}/log-drains`, undefined, provider)).body).toEqual([made.body])
  expect((await house.ask(null, 'GET', '/apps/other/log-drains', undefined, provider)).status).toBe(404)
  expect((await house.ask(null, 'DELETE', `/apps/shop/log-drains/${mine.id}`, undefined, provider)).status).toBe(404)

  // Its customer sees where it leads, but not how to get in there, and can't end it.
  const seen = (await house.ask('ann', 'GET', '/apps/shop/log-drains')).body
  expect(seen.map((drain: { url: string }) => drain.url).sort()).toEqual([
    'https://customer.example.com/',
    'https://fast.example/',
  ])
  expect((await house.ask('ann', 'DELETE', `/apps/shop/log-drains/${made.body.token}`)).status).toBe(403)

  const put = (name: string, url: string, headers = provider) =>
    house.ask(null, 'PUT', `/addons/${addonId}/log-drains/${encodeURIComponent(name)}`, { url }, headers)
  expect((await put(made.body.id, 'https://moved.example/')).body).toMatchObject({
    token: made.body.token,
    url: 'https://moved.example/',
  })
  expect((await put('https://moved.example/', 'syslog://moved.example:514')).status).toBe(200)
  expect((await put(made.body.id, 'nonsense')).status).toBe(422)
  expect((await put(randomUUID(), 'https://moved.example/')).status).toBe(404)
  const byCustomer = await house.ask('ann', 'PUT', `/addons/${addonId}/log-drains/${made.body.id}`, {
    url: 'https://a.example/',
  })
  expect(byCustomer.status).toBe(403)
  const [, moved] = (await eventsOf(house.db, made.body.id)) as [unknown, { actor: { email: string } }]
  expect(moved.actor.email).toBe('fast-db@addons.heroku.com')
  expect((await house.ask(null, 'DELETE', `/apps/shop/log-drains/${made.body.id}`, undefined, provider)).status).toBe(
    200,
  )
  await house.ask('ann', 'DELETE', `/apps/shop/log-drains/${mine.id}`)
})

test('there are no telemetry drains, and the refusal says what there is', async () => {
  expect((await house.ask('ann', 'GET', '/apps/shop/telemetry-drains')).body).toEqual([])
  const wanted = {
    exporter: { endpoint: 'https://a.example/', headers: {}, type: 'otlphttp' },
    owner: { id: app.id, type: 'app' },
    signals: ['traces', 'logs'],
  }
  const refused = await house.ask('ann', 'POST', '/telemetry-drains', wanted)
  expect([refused.status, refused.body.message]).toEqual([422, expect.stringMatching(/log drain: drains:add/)])
  expect((await house.ask('eve', 'POST', '/telemetry-drains', wanted)).status).toBe(404)
  expect((await house.ask('ann', 'GET', `/telemetry-drains/${randomUUID()}`)).body.resource).toBe('telemetry_drain')
})

test('what is forwarded follows what is written down: begun, moved with what waits, and ended', async () => {
  const { db, world, secrets } = house
  const logs = createLogs()
  const outbound = createOutbound({ loopbackAllowed: true })
  const stopping = new AbortController()
  const { pass } = drainReconciler({ db, world, secrets, logs, outbound, stopping: stopping.signal })
  const one = await httpReceiver()
  const two = await httpReceiver()
  const say = (text: string) => logs.write(app.id, { source: 'app', dyno: 'web.1', text })
  say('before')
  await new Promise((done) => setTimeout(done, 5))
  const { body } = await house.ask(null, 'POST', '/apps/shop/log-drains', { url: one.url }, provider)
  say('between')
  await pass()
  await pass()
  say('after')
  await vi.waitFor(() => expect(one.texts()).toEqual(['between', 'after']))

  await house.ask(null, 'PUT', `/addons/${addonId}/log-drains/${body.id}`, { url: two.url }, provider)
  await pass()
  say('moved')
  await vi.waitFor(() => expect(two.texts()).toEqual(['moved']))

  await house.ask(null, 'DELETE', `/apps/shop/log-drains/${body.id}`, undefined, provider)
  await pass()
  say('over')
  await new Promise((done) => setTimeout(done, 100))
  expect([one.texts().length, two.texts().length]).toEqual([2, 1])
  stopping.abort()
  await outbound.close()
  await one.stop()
  await two.stop()
})

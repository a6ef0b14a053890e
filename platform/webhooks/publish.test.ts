import { WebhookBody } from '@mortise/contract/events/body'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { transact } from '../db/db.js'
import { appendEvent } from '../events/store.js'
import { answerFault } from '../http/shapes.js'
import { publishSome } from './publish.js'
import { type TestWebhooks, testWebhooks } from './test-webhooks.js'
import { waitingMax } from './webhook.js'

let world: TestWebhooks
beforeAll(async () => {
  world = await testWebhooks()
  await world.push('fast-db')
})
afterAll(() => world.close())
beforeEach(async () => {
  await world.pool.query('delete from webhooks')
  world.receiver.received.length = 0
})

const eventsOf = async (app: string) => (await world.deliveries(app)).map((one) => one.event.id)

it('hands an event to each webhook that wants it, and to no other', async () => {
  const [app, other] = [await world.app('want-app'), await world.app('want-other')]
  await world.webhook(app.name, { url: `${world.receiver.url}/one` })
  await world.webhook(app.name, { url: `${world.receiver.url}/two`, include: ['api:app', 'api:formation'] })
  await world.webhook(app.name, { url: `${world.receiver.url}/none`, include: ['api:build'] })
  await world.webhook(other.name, { url: `${world.receiver.url}/other` })
  const id = await world.event(app.id, app.id)
  await world.publish()
  await world.deliver()
  expect(world.receiver.received.map((one) => one.path).sort()).toEqual(['/one', '/two'])
  expect(world.receiver.received.every((one) => one.body.id === id)).toBe(true)
})

it('a webhook that is removed at that moment is told nothing, and holds up no other', async () => {
  const app = await world.app('removed-app')
  await world.webhook(app.name, { url: `${world.receiver.url}/removed` })
  await world.webhook(app.name, { url: `${world.receiver.url}/kept` })
  await world.event(app.id, app.id)
  const remover = await world.pool.connect()
  await remover.query("begin; delete from webhooks where url like '%/removed'")
  const publishing = world.publish()
  const waiting = `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
  await expect.poll(async () => (await world.pool.query(waiting)).rowCount).toBe(1)
  await remover.query('commit')
  remover.release()
  await publishing
  await world.deliver()
  expect(world.receiver.received.map((one) => one.path)).toEqual(['/kept'])
})

it('does not tell a webhook of what happened before it was made', async () => {
  const app = await world.app('before-app')
  await world.event(app.id, app.id)
  await new Promise((passed) => setTimeout(passed, 5))
  await world.webhook(app.name)
  await world.publish()
  expect(await world.deliveries(app.name)).toEqual([])
})

it('hands each event out once, wherever we crash and however often it is repeated', async () => {
  const app = await world.app('crash-app')
  await world.webhook(app.name)
  await world.webhook(app.name, { url: `${world.receiver.url}/second` })
  const ids = [await world.event(app.id, app.id), await world.event(app.id, app.id)]
  // Each id that is drawn is a place to crash at; the clock is one more.
  for (let place = 0; place < 5; place++) {
    let drawn = 0
    const crashAt = <T>(at: number, otherwise: () => T): T => {
      if (at === place) throw new Error('crashed here')
      return otherwise()
    }
    const now = () => crashAt(0, world.world.now)
    const id = () => crashAt(++drawn, world.world.id)
    const crashing = { ...world.deps, world: { ...world.world, now, id } }
    await expect(publishSome(crashing), `place ${place}`).rejects.toThrow('crashed here')
    expect(await world.deliveries(app.name)).toEqual([])
  }
  await world.publish()
  await world.publish()
  const deliveries = await eventsOf(app.name)
  expect(deliveries).toEqual([ids[0], ids[0], ids[1], ids[1]])
})

it('hands each event out once and in order while several work on it', async () => {
  const app = await world.app('race-app')
  await world.webhook(app.name)
  const ids: string[] = []
  const writing = (async () => {
    for (let i = 0; i < 40; i++) ids.push(await world.event(app.id, app.id))
  })()
  const workers = Array.from({ length: 4 }, async () => {
    for (let i = 0; i < 15; i++) await publishSome(world.deps)
  })
  await Promise.all([writing, ...workers])
  await world.publish()
  expect(await eventsOf(app.name)).toEqual(ids)
})

it('steps over no event whose transaction commits late', async () => {
  const app = await world.app('late-app')
  await world.webhook(app.name)
  const actor = { id: world.people.ann.id, email: world.people.ann.email }
  const late = world.world.id()
  let commit = () => {}
  const held = new Promise<void>((released) => {
    commit = released
  })
  let written = () => {}
  const isWritten = new Promise<void>((done) => {
    written = done
  })
  const slow = transact(world.db, async (tx) => {
    const at = world.world.now()
    const event = { id: late, at, actor, action: 'update' as const, resource: 'app' as const, subject: app.id }
    await appendEvent(tx, { ...event, appId: app.id, data: {} })
    written()
    await held
  })
  await isWritten
  const quick = await world.event(app.id, app.id)
  await world.publish()
  expect(await eventsOf(app.name)).toEqual([quick])
  commit()
  await slow
  await world.publish()
  expect(await eventsOf(app.name)).toEqual([quick, late])
})

it('says what was so when it happened, not what came after', async () => {
  const app = await world.app('first-name')
  await world.webhook(app.name, { include: ['api:app', 'api:addon', 'api:addon-attachment'] })
  const addon = await world.addon('fast-db:mini', app)
  const attachment = (await world.pool.query('select id from attachments where addon_id = $1', [addon.id])).rows[0].id
  await world.event(app.id, addon.id, {
    resource: 'addon',
    action: 'create',
    data: { id: addon.id, name: addon.name, plan: 'fast-db:mini', state: 'provisioning' },
  })
  await world.event(app.id, addon.id, {
    resource: 'addon',
    data: { id: addon.id, name: addon.name, plan: 'fast-db:standard-0', state: 'provisioned' },
    previous: { plan: 'fast-db:mini' },
  })
  await world.event(app.id, attachment, { resource: 'addon-attachment', action: 'create', data: { id: attachment } })
  await world.event(app.id, app.id, { data: { name: 'second-name' }, previous: { name: 'first-name' } })
  await world.pool.query("update apps set name = 'third-name' where id = $1", [app.id])
  await world.publish()
  await world.deliver()
  const [created, changed, attached, renamed] = world.receiver.received.map((one) => one.body)
  expect(created).toMatchObject({
    action: 'create',
    resource: 'addon',
    version: 'application/vnd.heroku+json; version=3',
    actor: { id: world.people.ann.id, email: 'ann@example.com' },
    previous_data: {},
    data: {
      id: addon.id,
      state: 'provisioning',
      addon_service: { name: 'fast-db' },
      plan: { name: 'fast-db:mini' },
      config_vars: ['FAST_DB_URL'],
      app: { id: app.id },
    },
  })
  expect(changed).toMatchObject({
    data: { plan: { name: 'fast-db:standard-0' } },
    previous_data: { plan: { name: 'fast-db:mini' } },
  })
  expect(changed?.sequence).toBeGreaterThan(created?.sequence ?? Number.POSITIVE_INFINITY)
  expect(attached).toMatchObject({
    data: { id: attachment, addon: { id: addon.id }, app: { id: app.id }, name: 'FAST_DB' },
  })
  expect(renamed).toMatchObject({
    data: { name: 'second-name', web_url: 'http://second-name.localhost:5055/' },
    previous_data: { name: 'first-name' },
  })
  for (const { raw, body } of world.receiver.received) {
    expect(answerFault(WebhookBody, body)).toBeNull()
    expect(raw).not.toContain('postgres://secret')
  }
})

it('tells the end of an app although the app is gone by then', async () => {
  const app = await world.app('ending-app')
  await world.webhook(app.name)
  await world.event(app.id, app.id, { action: 'destroy', data: { name: app.name } })
  await world.pool.query("update apps set state = 'destroyed', destroyed_at = now() where id = $1", [app.id])
  await world.publish()
  await world.deliver()
  expect(world.receiver.received.map((one) => one.body)).toMatchObject([
    { action: 'destroy', data: { id: app.id, name: 'ending-app' } },
  ])
})

it('tells an add-on webhook of its add-on, wherever that is attached, and of nothing else', async () => {
  const [app, other] = [await world.app('home-of-addon'), await world.app('guest-of-addon')]
  const addon = await world.addon('fast-db:mini', app)
  const foreign = await world.addon('fast-db:mini', app, { as: 'FOREIGN' })
  const elsewhere = await world.attach(addon.id, other, 'BORROWED', 'BORROWED')
  const token = { token: await world.grant(addon.id) }
  const include = ['api:addon', 'api:addon-attachment', 'api:app']
  await world.webhook(app.name, { include }, token, `/addons/${addon.id}`)
  const told = [
    await world.event(app.id, addon.id, { resource: 'addon' }),
    await world.event(other.id, elsewhere, { resource: 'addon-attachment', action: 'create' }),
    await world.event(app.id, app.id),
  ]
  await world.event(app.id, foreign.id, { resource: 'addon' })
  await world.event(other.id, other.id)
  await world.publish()
  await world.deliver()
  expect(world.receiver.received.map((one) => one.body.id)).toEqual(told)
  // Once the add-on is gone, the app's life is no longer its provider's business.
  await world.pool.query("update addons set state = 'deprovisioned', deprovisioned_at = now() where id = $1", [
    addon.id,
  ])
  const end = await world.event(app.id, addon.id, { resource: 'addon', action: 'destroy' })
  await world.event(app.id, app.id)
  await world.publish()
  await world.deliver()
  expect(world.receiver.received.slice(3).map((one) => one.body.id)).toEqual([end])
})

it(`lets at most ${waitingMax} deliveries wait for one webhook, and says which it skipped`, async () => {
  const app = await world.app('full-app')
  const { id } = await world.webhook(app.name)
  await world.event(app.id, app.id)
  await world.publish()
  await world.pool.query(
    `with made as (insert into events (id, at, actor, action, resource, subject, app_id, data, published_at)
      select gen_random_uuid(), now(), '{}', 'update', 'app', $1, $1, '{}', now() from generate_series(2, $3::int) returning id),
    told as (insert into webhook_events select id, 'api:app', '{}', now() from made returning event_id)
    insert into webhook_deliveries (id, webhook_id, event_id, status, next_attempt_at, created_at, updated_at)
    select gen_random_uuid(), $2, event_id, 'pending', now(), now(), now() from told`,
    [app.id, id, waitingMax],
  )
  const event = await world.event(app.id, app.id)
  await world.publish()
  const [newest] = await world
    .ask('ann', 'GET', `/apps/${app.name}/webhook-deliveries`, undefined, {
      range: 'seq ..; order=desc,max=1',
    })
    .then((answer) => answer.body)
  expect(newest).toMatchObject({
    event: { id: event },
    status: 'skipped',
    num_attempts: 0,
    next_attempt_at: null,
    last_attempt: { error_class: 'backlog_full', code: null },
  })
})

import net, { type AddressInfo, type Socket } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { listen } from '../db/bell.js'
import { runReconcilers } from '../reconcile/reconciler.js'
import { forgetOld, webhookReconcilers } from './reconcilers.js'
import { type TestWebhooks, testWebhooks } from './test-webhooks.js'
import { keptMax, waitingMax } from './webhook.js'

const many = 10_000
/** Of a receiver that works, in the middle of them. */
const others = 200

let world: TestWebhooks
let dead: net.Server
const open = new Set<Socket>()
beforeAll(async () => {
  world = await testWebhooks()
  // The worst of the dead: it takes the connection and says nothing.
  dead = net.createServer((socket) => {
    open.add(socket)
    socket.on('error', () => undefined)
  })
  await new Promise<void>((done) => dead.listen(0, '127.0.0.1', done))
})
afterAll(async () => {
  for (const socket of open) socket.destroy()
  dead.close()
  await world.close()
})

/** As the rooms write them, many in one statement; every fiftieth is the other app's. */
async function happen(deadApp: string, liveApp: string): Promise<void> {
  await world.pool.query(
    `insert into events (id, at, actor, action, resource, subject, app_id, data)
     select gen_random_uuid(), $3, '{"id":"00000000-0000-4000-8000-000000000000","email":"ann@example.com"}', 'update', 'app', app, app, '{}'
     from generate_series(1, $4::int) n, lateral (select (case when n % $5::int = 0 then $2 else $1 end)::uuid as app) chosen
     order by n`,
    [deadApp, liveApp, world.world.now(), many + others, (many + others) / others],
  )
  await world.pool.query(`select pg_notify('mortise', 'events')`)
}

async function until(what: string, secondsMax: number, isSo: () => Promise<boolean>): Promise<number> {
  const from = performance.now()
  while (!(await isSo())) {
    if (performance.now() - from > secondsMax * 1_000) throw new Error(`not after ${secondsMax} s: ${what}`)
    await new Promise((passed) => setTimeout(passed, 100))
  }
  return performance.now() - from
}
const count = async (statement: string, values: unknown[] = []): Promise<number> =>
  Number((await world.pool.query(statement, values)).rows[0].count)

it('ten thousand events for a receiver that is dead hold up nobody else, and cost so much and no more', async () => {
  const [gone, live] = [await world.app('many-gone'), await world.app('many-live')]
  const { port } = dead.address() as AddressInfo
  const hook = await world.webhook(gone.name, { url: `http://127.0.0.1:${port}/`, level: 'sync' })
  await world.webhook(live.name, { level: 'sync' })
  const waiting = () =>
    count('select count(*) from webhook_deliveries where webhook_id = $1 and next_attempt_at is not null', [hook.id])
  const { host, port: databasePort, user, password, database } = world.pool.options
  const bells = listen({ host, port: databasePort, user, password, database })
  const faults: unknown[] = []
  const running = runReconcilers(webhookReconcilers(world.deps), world.world, bells, (error) => void faults.push(error))
  try {
    await happen(gone.id, live.id)
    await until('the other receiver has all of its own', 120, async () => world.receiver.received.length >= others)
    await until(
      'everything is handed out',
      60,
      async () => (await count('select count(*) from events where published_at is null')) === 0,
    )
    // In their order, each once.
    const sequence = world.receiver.received.map(({ body }) => body.sequence)
    expect(sequence).toHaveLength(others)
    expect(sequence).toEqual([...sequence].sort((a, b) => Number(a) - Number(b)))
    expect(await waiting()).toBe(waitingMax)
    expect(
      await count(
        `select count(*) from webhook_deliveries d join webhook_attempts t on t.delivery_id = d.id
         where d.webhook_id = $1 and d.status = 'skipped' and t.error_class = 'backlog_full'`,
        [hook.id],
      ),
    ).toBe(many - waitingMax)

    // With all of that behind it, what happens next is told at once.
    world.receiver.received.length = 0
    await world.event(live.id, live.id)
    expect(await until('the next event is told', 10, async () => world.receiver.received.length === 1)).toBeLessThan(
      5_000,
    )
  } finally {
    await running.stop(5_000)
    await bells.close()
  }
  expect(faults).toEqual([])

  // What ended is forgotten beyond what one webhook may keep, and the bodies that nobody speaks of with it.
  world.advance(2 * 3_600_000)
  while (await forgetOld(world.deps)) {}
  expect(await count('select count(*) from webhook_deliveries where webhook_id = $1', [hook.id])).toBeLessThanOrEqual(
    keptMax + waitingMax,
  )
  expect(await count('select count(*) from webhook_attempts')).toBeLessThan(keptMax + waitingMax + others + 100)
  expect(await count('select count(*) from webhook_events')).toBeLessThanOrEqual(keptMax + waitingMax + others + 1)
}, 240_000)

it('a receiver that comes back is told what waited, in its order, and then what is new', async () => {
  const app = await world.app('many-back')
  await world.webhook(app.name, { level: 'sync' })
  world.receiver.received.length = 0
  world.receiver.always({ status: 503 })
  const ids: string[] = []
  for (let n = 0; n < 20; n++) ids.push(await world.event(app.id, app.id))
  await world.publish()
  await world.deliver()
  world.receiver.always(null)
  world.receiver.received.length = 0
  world.advance(60_000)
  ids.push(await world.event(app.id, app.id))
  await world.publish()
  await world.deliver()
  expect(world.receiver.received.map(({ body }) => body.id)).toEqual(ids)
})

import { randomUUID } from 'node:crypto'
import type { Dyno } from '@mortise/runtime/driver'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { transact } from '../db/db.js'
import { insertRelease, insertSnapshot } from '../releases/store.js'
import { recordDynos } from './dynos.js'
import { type TestWebhooks, testWebhooks } from './test-webhooks.js'

let world: TestWebhooks
beforeAll(async () => {
  world = await testWebhooks()
})
afterAll(() => world.close())

/** Somebody who says what dynos do, in place of a driver. */
function changes() {
  let heard: (dyno: Dyno) => void = () => undefined
  const faults: unknown[] = []
  const driver = {
    onChange(listener: (dyno: Dyno) => void) {
      heard = listener
      return () => undefined
    },
  }
  const stop = recordDynos({ db: world.db, world: world.world, driver, onFault: (error) => void faults.push(error) })
  return { say: (dyno: Dyno) => heard(dyno), stop, faults }
}

async function released(name: string): Promise<Dyno> {
  const app = await world.app(name)
  const at = world.world.now()
  await transact(world.db, async (tx) => {
    const snapshotId = randomUUID()
    await insertSnapshot(tx, { id: snapshotId, appId: app.id, names: [], sealed: Buffer.alloc(0), at })
    const who = { accountId: world.people.ann.id, actorEmail: world.people.ann.email }
    const release = {
      id: randomUUID(),
      appId: app.id,
      description: 'First',
      slugId: null,
      status: 'succeeded' as const,
    }
    await insertRelease(tx, { ...release, ...who, snapshotId, operationId: null, addonPlanNames: [], at }, [])
  })
  const times = { startedAt: at, updatedAt: at }
  const kind = { type: 'web', command: 'npm start', size: 'Standard-1X' }
  return { id: randomUUID(), name: 'web.1', ...kind, state: 'starting', appId: app.id, version: 1, ...times }
}

it('tells of a dyno from its beginning to its end, in its order', async () => {
  const dyno = await released('dyno-app')
  await world.webhook('dyno-app', { include: ['api:dyno'] })
  const { say, stop, faults } = changes()
  const now = () => ({ updatedAt: world.world.now() })
  for (const state of ['starting', 'starting', 'up', 'crashed', 'starting', 'up', 'down'] as const) {
    say({ ...dyno, ...now(), state })
  }
  await stop()
  expect(faults).toEqual([])
  await world.publish()
  await world.deliver()
  const told = world.receiver.received.map(({ body }) => [
    body.action,
    (body.data as { state: string }).state,
    (body.previous_data as { state?: string }).state,
  ])
  expect(told).toEqual([
    ['create', 'starting', undefined],
    ['update', 'up', 'starting'],
    ['update', 'crashed', 'up'],
    ['update', 'starting', 'crashed'],
    ['update', 'up', 'starting'],
    ['destroy', 'down', 'up'],
  ])
  expect(world.receiver.received[0]?.body).toMatchObject({
    actor: { email: 'ann@example.com' },
    data: {
      id: dyno.id,
      name: 'web.1',
      type: 'web',
      command: 'npm start',
      release: { version: 1 },
      app: { name: 'dyno-app' },
    },
  })
})

it('writes nothing for apps whose dynos nobody asks for', async () => {
  const dyno = await released('quiet-app')
  await world.webhook('quiet-app', { include: ['api:release'] })
  const { say, stop } = changes()
  say({ ...dyno, state: 'up' })
  await stop()
  const { rows } = await world.pool.query("select 1 from events where app_id = $1 and resource = 'dyno'", [dyno.appId])
  expect(rows).toEqual([])
})

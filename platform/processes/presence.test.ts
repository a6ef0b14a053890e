import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { processStart } from '@mortise/postgres/process-start'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { sql } from '../db/db.js'
import { type TestDatabase, testDatabase } from '../db/test-database.js'
import { realWorld } from '../world/world.js'
import { enter, type Presence } from './presence.js'
import type { Role } from './process.js'
import { beat, type Entrant, listProcesses } from './store.js'

let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database.drop())
beforeEach(() => sql`delete from processes`.execute(database.db))

let hosts = 0
/** A process on a machine of its own, unless told: nobody else can see whether it lives. */
const entrant = (role: Role, change: Partial<Entrant> = {}): Entrant => ({
  id: randomUUID(),
  role,
  host: `host-${++hosts}`,
  pid: 4711,
  pidStart: 'then',
  address: '127.0.0.1:1',
  version: '0',
  keys: [1],
  sealsWith: 1,
  startedAt: new Date(),
  ...change,
})

async function entered(me: Entrant): Promise<Presence> {
  const answer = await enter(database.db, realWorld, me)
  if (answer.outcome !== 'entered') throw new Error('its place is taken')
  return answer.presence
}

test('of several that start at once and would run apps, one does', async () => {
  const answers = await Promise.all([1, 2, 3, 4].map((pid) => enter(database.db, realWorld, entrant('all', { pid }))))
  expect(answers.map(({ outcome }) => outcome).sort()).toEqual(['entered', 'taken', 'taken', 'taken'])
  for (const answer of answers) if (answer.outcome === 'entered') await answer.presence.leave()
  expect(await listProcesses(database.db)).toEqual([])
})

test('the first is alone, and whoever comes while it lives is not', async () => {
  const first = await entered(entrant('all'))
  const second = await entered(entrant('worker'))
  expect([first.isAlone, second.isAlone]).toEqual([true, false])
  await first.leave()
  await second.leave()
})

test('a process of this machine that died needs no waiting for; one that lives keeps its place', async () => {
  const here = { host: hostname(), pid: process.ppid }
  const mine = { host: hostname(), pid: process.pid, pidStart: processStart(process.pid) ?? '' }
  await beat(database.db, entrant('all', { ...here, pidStart: 'of another process with that number' }))
  const presence = await entered(entrant('all', mine))
  expect(presence.isAlone).toBe(true)
  await presence.leave()
  await beat(database.db, entrant('all', { ...here, pidStart: processStart(process.ppid) ?? '' }))
  expect(await enter(database.db, realWorld, entrant('all', mine))).toMatchObject({
    outcome: 'taken',
    by: { pid: process.ppid },
  })
})

test('one elsewhere that fell silent loses its place, and can not take it back', async () => {
  const silent = entrant('all')
  await beat(database.db, silent)
  await sql`update processes set beat_at = now() - interval '21 seconds'`.execute(database.db)
  const presence = await entered(entrant('all'))
  await expect(beat(database.db, silent)).rejects.toMatchObject({ constraint: 'processes_apps' })
  await presence.leave()
  // Had nobody come, it would go on.
  await beat(database.db, silent)
  expect((await listProcesses(database.db)).map(({ id }) => id)).toEqual([silent.id])
})

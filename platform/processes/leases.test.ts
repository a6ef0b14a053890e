import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { one, sql } from '../db/db.js'
import { testLifecycle } from '../lifecycle/test-lifecycle.js'
import { toyStory } from '../saga/test-story.js'
import { realWorld } from '../world/world.js'
import { freeLeases } from './lease-store.js'
import { enter, type Presence } from './presence.js'
import { goneMs } from './process.js'
import { beat, type Entrant } from './store.js'

type Toy = Awaited<ReturnType<typeof toyStory>>
let toy: Toy
const presences: Presence[] = []
beforeEach(async () => {
  toy = await toyStory()
})
afterEach(async () => {
  for (const presence of presences.splice(0)) await presence.leave()
  await toy.end()
})

const entrant = (change: Partial<Entrant> = {}): Entrant => ({
  id: randomUUID(),
  role: 'worker',
  host: 'elsewhere',
  pid: 4711,
  pidStart: 'then',
  address: null,
  version: '0',
  keys: [1],
  sealsWith: 1,
  startedAt: new Date(),
  ...change,
})

async function entered(me: Entrant): Promise<Presence> {
  const answer = await enter(toy.db, realWorld, me)
  if (answer.outcome !== 'entered') throw new Error('its place is taken')
  presences.push(answer.presence)
  return answer.presence
}

/** An operation that a process claimed and was about to work on. */
const heldBy = (owner: string) => toy.begin(randomUUID(), toy.worker({ owner }))
const silence = (id: string, ms: number) =>
  sql`update processes set beat_at = now() - make_interval(secs => ${ms / 1000}) where id = ${id}`.execute(toy.db)

test('what a process held that died is taken up at once when another starts in its place, while others live', async () => {
  const other = await entered(entrant())
  const dead = entrant({ host: hostname(), pid: process.ppid, pidStart: 'of another process with that number' })
  await beat(toy.db, dead)
  const held = await heldBy(dead.id)
  const kept = await heldBy(other.id)
  expect(await toy.worker().workOne()).toBe(false)
  const next = await entered(entrant({ host: hostname(), pid: process.pid }))
  expect(next.isAlone).toBe(false)
  const worker = toy.worker({ owner: next.id })
  expect(await worker.workOne()).toBe(true)
  expect(await toy.now(held)).toMatchObject({ state: 'done', epoch: 2 })
  // Whoever lives keeps what it holds.
  expect(await worker.workOne()).toBe(false)
  expect(await toy.now(kept)).toMatchObject({ state: 'running', epoch: 1 })
})

test('one that ended in order gives back what it did not finish', async () => {
  const leaving = await entered(entrant())
  const held = await heldBy(leaving.id)
  await leaving.leave()
  expect(await toy.worker().workOne()).toBe(true)
  expect(await toy.now(held)).toMatchObject({ state: 'done' })
})

test('a silent one keeps what it holds until whatever it asked has ended', async () => {
  const silent = entrant()
  await beat(toy.db, silent)
  const held = await heldBy(silent.id)
  await silence(silent.id, goneMs - 5_000)
  expect(await freeLeases(toy.db)).toBe(0)
  expect(await toy.worker().workOne()).toBe(false)
  await silence(silent.id, goneMs + 1_000)
  expect(await freeLeases(toy.db)).toBe(1)
  expect(await toy.worker().workOne()).toBe(true)
  // It was only paused: back again, it finds itself fenced off and writes nothing.
  expect(await toy.worker({ owner: silent.id }).drive(held)).toMatchObject({ state: 'done', epoch: 2 })
  expect(await toy.marks(held)).toEqual(['pack', 'file'])
})

test('whoever takes an operation over holds it: by a claim, a call-back, or an operator’s verb', async () => {
  const [first, second] = [randomUUID(), randomUUID()]
  const ownerOf = async (id: string) =>
    (await one<{ owner: string }>(toy.db, sql`select lease_owner as owner from operations where id = ${id}`)).owner
  toy.told.send = () => ({ decided: 'again', afterMs: 1_000, reason: 'the road is closed' })
  const held = await heldBy(first)
  expect(await ownerOf(held.id)).toBe(first)
  await toy.engine.drive(held)
  toy.advance(1_000)
  await toy.worker({ owner: second }).workOne()
  expect(await ownerOf(held.id)).toBe(second)
})

test('a lease of nobody known runs out by its time alone', async () => {
  await toy.begin()
  expect(await freeLeases(toy.db)).toBe(0)
  expect(await toy.worker().workOne()).toBe(false)
})

test('a debt that a dead process was paying is paid by the next at once', async () => {
  const t = await testLifecycle()
  try {
    const addon = await t.create(await t.newApp('shop'))
    t.provider.lie('DELETE', { status: 500 })
    await t.remove(addon.id)
    await sql`update operations set ended_at = now(), state = 'done', lease_until = null`.execute(t.db)
    await sql`update debts set state = 'owed', next_at = now(), lease_until = now() + interval '1 minute',
      lease_owner = ${randomUUID()}`.execute(t.db)
    const sweep = () => t.work().then(async () => (await t.debt(addon.id))?.state)
    expect(await sweep()).toBe('owed')
    expect(await freeLeases(t.db)).toBe(1)
    expect(await sweep()).not.toBe('owed')
  } finally {
    await t.stop()
  }
})

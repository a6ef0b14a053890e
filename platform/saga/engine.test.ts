import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { isDuplicate, sql, transact } from '../db/db.js'
import { Fenced, faultTriesMax, leaseMs } from './engine.js'
import { Against, type Operation, type Step, type StepContext } from './saga.js'
import { dropLeases, findOpenOperation, listOperations } from './store.js'
import { type ToyStory, toyStory } from './test-story.js'

let toy: ToyStory
beforeAll(async () => {
  toy = await toyStory()
})
afterAll(() => toy.end())
afterEach(async () => {
  toy.reset()
  await toy.pool.query(`update operations set ended_at = now(), state = 'done' where ended_at is null`)
})

const again = (afterMs: number) => ({ decided: 'again', afterMs, reason: 'the road is closed' }) as const
const park = (ms: number) =>
  ({ decided: 'park', until: new Date(toy.world.now().getTime() + ms), reason: 'they will call' }) as const

/** Lets a call of the story wait in the middle, until told. */
function gate() {
  let open = () => {}
  let reached = () => {}
  const isOpen = new Promise<void>((done) => {
    open = done
  })
  const isReached = new Promise<void>((done) => {
    reached = done
  })
  const pass = () => {
    reached()
    return isOpen
  }
  return { open: () => open(), isReached, pass }
}

describe('a story', () => {
  test('goes step by step, finds out, and ends', async () => {
    const begun = await toy.begin()
    expect(begun).toMatchObject({ step: 'send', state: 'running', epoch: 1, found: { pack: { packed: 'small' } } })
    const ended = await toy.engine.drive(begun)
    expect(ended).toMatchObject({ state: 'done', found: { pack: { packed: 'small' }, send: 'sent', file: 'filed' } })
    expect(ended.endedAt).toBeInstanceOf(Date)
    expect(await toy.marks(begun)).toEqual(['pack', 'file'])
    expect(await toy.log(begun)).toEqual(['pack began', 'send done', 'file done'])
  })

  test('begins together with what its first step does, or not at all', async () => {
    toy.told.pack = new Error('no room')
    const subject = randomUUID()
    await expect(toy.begin(subject)).rejects.toThrow('no room')
    expect(await findOpenOperation(toy.db, subject)).toBeUndefined()

    toy.told.pack = null
    const undone = transact(toy.db, async (tx) => {
      const actor = { id: randomUUID(), email: 'ann@example.com' }
      await toy.engine.begin(tx, toy.story, { id: randomUUID(), subject, appId: null, actor, params: { box: 'x' } })
      throw new Error('the customer left')
    })
    await expect(undone).rejects.toThrow('the customer left')
    expect(await findOpenOperation(toy.db, subject)).toBeUndefined()
  })

  test('is the only open one about its subject, and makes room when it ends', async () => {
    const subject = randomUUID()
    const first = await toy.begin(subject)
    const error = await toy.begin(subject).catch((found: unknown) => found)
    expect(isDuplicate(error, 'operations_open')).toBe(true)
    await toy.engine.drive(first)
    expect((await toy.begin(subject)).id).not.toBe(first.id)
  })

  test('that an engine does not know can not begin', async () => {
    const stranger = toy.worker({ sagas: [] })
    await expect(toy.begin(randomUUID(), stranger)).rejects.toThrow('must be known')
  })

  test('decided against takes back every step it reached, last first, and none that it did not', async () => {
    toy.told.send = () => ({ decided: 'unwind', reason: 'they refuse', found: 'their words' })
    const begun = await toy.begin()
    const ended = await toy.engine.drive(begun)
    expect(ended).toMatchObject({ state: 'unwound', reason: 'they refuse', found: { send: 'their words' } })
    expect(await toy.marks(begun)).toEqual(['pack', 'call back', 'unpack'])
    expect(await toy.log(begun)).toEqual(['pack began', 'send unwinding', 'send unwound'])
  })

  test('decided against in a local step leaves nothing of that step, and takes back what was before', async () => {
    toy.told.file = new Against('the drawer is full')
    const ended = await toy.engine.drive(await toy.begin())
    expect(ended).toMatchObject({ state: 'unwound', reason: 'the drawer is full' })
    // A step that threw was rolled back; its undo runs all the same, as for one that was cut off.
    expect(await toy.marks(ended)).toEqual(['pack', 'unfile', 'call back', 'unpack'])
    expect(await toy.log(ended)).toEqual(['pack began', 'send done', 'file unwinding', 'file unwound'])
    expect(toy.faults).toEqual([])
  })

  test('is finished by somebody else in one transaction, and fences off whoever works on it', async () => {
    const { open, isReached, pass } = gate()
    toy.told.send = async () => (await pass(), { decided: 'done', found: 'sent' })
    const begun = await toy.begin()
    const driven = toy.engine.drive(begun)
    await isReached
    await transact(toy.db, async (tx) => toy.engine.finish(tx, await toy.now(begun)))
    open()
    expect(await driven).toMatchObject({ state: 'done', endedAt: expect.any(Date) })
    expect(await toy.marks(begun)).toEqual(['pack'])
    expect(await toy.log(begun)).toEqual(['pack began', 'send finished'])
    await expect(transact(toy.db, (tx) => toy.engine.finish(tx, begun))).rejects.toThrow(Fenced)
  })

  test('that waits is due at once when it is woken; one that runs or is parked is left alone', async () => {
    toy.told.send = () => again(3_600_000)
    const waiting = await toy.engine.drive(await toy.begin())
    expect(await toy.engine.workOne()).toBe(false)
    toy.told.send = () => park(3_600_000)
    await transact(toy.db, (tx) => toy.engine.wake(tx, waiting.id))
    expect(await toy.engine.workOne()).toBe(true)
    expect(await toy.now(waiting)).toMatchObject({ state: 'parked' })
    await transact(toy.db, (tx) => toy.engine.wake(tx, waiting.id))
    expect(await toy.engine.workOne()).toBe(false)
  })

  test('that is woken while it looks is due again at once, whatever it saw', async () => {
    toy.told.send = async (operation, number) => {
      if (number > 1) return { decided: 'done', found: 'sent' }
      await transact(toy.db, (tx) => toy.engine.wake(tx, operation.id))
      return again(3_600_000)
    }
    const waiting = await toy.engine.drive(await toy.begin())
    expect(waiting.state).toBe('waiting')
    expect(await toy.engine.workOne()).toBe(true)
    expect(await toy.now(waiting)).toMatchObject({ state: 'done' })
  })

  test.each(['ends', 'is cancelled'])('that waits is due when one that it began %s', async (how) => {
    toy.told.send = () => again(3_600_000)
    const parent = await toy.engine.drive(await toy.begin())
    const child = await toy.begin(undefined, undefined, { parentId: parent.id })
    expect(await toy.engine.workOne()).toBe(false)
    toy.told.send = () => ({ decided: 'done', found: 'sent' })
    if (how === 'ends') await toy.engine.drive(child)
    else await transact(toy.db, (tx) => toy.engine.cancel(tx, child, 'nobody wants it'))
    expect(await toy.engine.workOne()).toBe(true)
    expect(await toy.now(parent)).toMatchObject({ state: 'done' })
  })

  test('is stuck in plain sight when its step says so, and nobody takes it up by itself', async () => {
    toy.told.send = () => ({ decided: 'stuck', reason: 'only a person can tell' })
    const stuck = await toy.engine.drive(await toy.begin())
    expect(stuck).toMatchObject({ state: 'stuck', reason: 'only a person can tell', endedAt: null })
    toy.advance(7 * 24 * 3_600_000)
    expect(await toy.engine.workOne()).toBe(false)
    expect((await listOperations(toy.db, { state: 'stuck' }, 10)).map(({ id }) => id)).toContain(stuck.id)
  })
})

describe('passing trouble', () => {
  test('is tried again when it is due, not before, and counts', async () => {
    toy.told.send = (_, number) => (number < 3 ? again(5_000) : { decided: 'done', found: 'sent' })
    const waiting = await toy.engine.drive(await toy.begin())
    expect(waiting).toMatchObject({ state: 'waiting', tries: 1, reason: 'the road is closed' })
    expect(await toy.leaseOf(waiting)).toBeNull()
    expect(await toy.engine.workOne()).toBe(false)
    toy.advance(5_000)
    expect(await toy.engine.workOne()).toBe(true)
    expect(await toy.now(waiting)).toMatchObject({ state: 'waiting', tries: 2 })
    toy.advance(5_000)
    expect(await toy.engine.workOne()).toBe(true)
    const done = await toy.now(waiting)
    expect(done).toMatchObject({ state: 'done', tries: 0, reason: null })
    expect(await toy.log(done)).toEqual(['pack began', 'send again', 'send again', 'send done', 'file done'])
  })

  test('a fault of ours undoes nothing, is tried again later each time, and at last asks an operator', async () => {
    toy.told.send = () => {
      throw new TypeError('the secret value postgres://u:p@h')
    }
    let operation = await toy.engine.drive(await toy.begin())
    const delays: number[] = []
    for (let tries = 1; tries < faultTriesMax; tries++) {
      expect(operation).toMatchObject({ state: 'running', tries })
      delays.push(operation.nextAt.getTime() - toy.world.now().getTime())
      toy.advance(6 * 60_000)
      expect(await toy.engine.workOne()).toBe(true)
      operation = await toy.now(operation)
    }
    expect(operation).toMatchObject({ state: 'stuck', tries: faultTriesMax })
    expect(delays[5]).toBeGreaterThan(delays[0] ?? 0)
    expect(await toy.marks(operation)).toEqual(['pack'])
    expect(toy.faults).toHaveLength(faultTriesMax)
    // A fault's words may hold anything; the log keeps its kind only.
    expect(operation.reason).toBe('a fault of the platform in step send: TypeError')
    expect(JSON.stringify(await toy.entries(operation))).not.toContain('postgres://')
  })

  test('a fault of ours after a long wait is its first, and is tried again as one', async () => {
    toy.told.send = () => again(5_000)
    const waiting = await toy.engine.drive(await toy.begin())
    for (let turn = 1; turn < 2 * faultTriesMax; turn++) {
      toy.advance(5_000)
      expect(await toy.engine.workOne()).toBe(true)
    }
    expect(await toy.now(waiting)).toMatchObject({ state: 'waiting', tries: 2 * faultTriesMax, faults: 0 })
    toy.told.send = () => {
      throw new Error('a commit was lost')
    }
    toy.advance(5_000)
    await toy.engine.workOne()
    expect(await toy.now(waiting)).toMatchObject({ state: 'running', faults: 1 })
    toy.told.send = () => again(5_000)
    toy.advance(5_000)
    await toy.engine.workOne()
    // Whatever went well in between was no fault: only those that follow one another count.
    expect(await toy.now(waiting)).toMatchObject({ state: 'waiting', faults: 0 })
  })

  test('a local step that throws leaves nothing of itself', async () => {
    toy.told.file = new Error('the drawer is stuck')
    const operation = await toy.engine.drive(await toy.begin())
    expect(operation).toMatchObject({ state: 'running', step: 'file', tries: 1 })
    expect(await toy.marks(operation)).toEqual(['pack'])
    toy.told.file = null
    toy.advance(60_000)
    await toy.engine.workOne()
    expect(await toy.now(operation)).toMatchObject({ state: 'done' })
    expect(await toy.marks(operation)).toEqual(['pack', 'file'])
  })

  test('an undo that fails leaves nothing half undone, and never gives up', async () => {
    toy.told.send = () => ({ decided: 'unwind', reason: 'they refuse' })
    toy.told.undo = new Error('no hands')
    const operation = await toy.engine.drive(await toy.begin())
    for (let turn = 0; turn < faultTriesMax + 2; turn++) {
      toy.advance(10 * 60_000)
      expect(await toy.engine.workOne()).toBe(true)
    }
    expect(await toy.now(operation)).toMatchObject({ state: 'unwinding' })
    expect(await toy.marks(operation)).toEqual(['pack'])
    toy.told.undo = null
    toy.advance(10 * 60_000)
    await toy.engine.workOne()
    expect(await toy.now(operation)).toMatchObject({ state: 'unwound' })
    expect(await toy.marks(operation)).toEqual(['pack', 'call back', 'unpack'])
  })
})

describe('waiting for somebody else', () => {
  test('parks without a lease and ends by itself when the time is up', async () => {
    toy.told.send = (_, number) => (number === 1 ? park(3_600_000) : { decided: 'unwind', reason: 'nobody called' })
    const parked = await toy.engine.drive(await toy.begin())
    expect(parked).toMatchObject({ state: 'parked', reason: 'they will call' })
    expect(await toy.leaseOf(parked)).toBeNull()
    expect(await toy.engine.workOne()).toBe(false)
    toy.advance(3_600_000)
    expect(await toy.engine.workOne()).toBe(true)
    expect(await toy.now(parked)).toMatchObject({ state: 'unwound', reason: 'nobody called' })
  })

  test('whoever tells a parked one has claimed it, commits with it, and drives it', async () => {
    toy.told.send = ({ facts }) => (facts['answer'] ? { decided: 'done', found: 'sent' } : park(3_600_000))
    const parked = await toy.engine.drive(await toy.begin())
    const told = await transact(toy.db, (tx) => toy.engine.tell(tx, parked.id, { answer: 'yes' }))
    expect(told).toMatchObject({ claimed: true, operation: { state: 'running', epoch: 2, facts: { answer: 'yes' } } })
    expect(await toy.engine.drive(told?.operation as Operation)).toMatchObject({ state: 'done' })
    expect(await toy.log(parked)).toEqual(['pack began', 'send parked', 'send woken', 'send done', 'file done'])
  })

  test('a word that comes while we still ask is a fact for the asker, who parks and is due at once', async () => {
    const { open, isReached, pass } = gate()
    toy.told.send = async ({ facts }) => {
      if (facts['answer']) return { decided: 'done', found: 'told' }
      await pass()
      return park(3_600_000)
    }
    const begun = await toy.begin()
    const driving = toy.engine.drive(begun)
    await isReached
    const told = await transact(toy.db, (tx) => toy.engine.tell(tx, begun.id, { answer: 'yes' }))
    expect(told).toMatchObject({ claimed: false, operation: { state: 'running', epoch: 1 } })
    expect(await toy.engine.factsOf(begun.id)).toEqual({ answer: 'yes' })
    open()
    expect(await driving).toMatchObject({ state: 'parked', epoch: 1 })
    expect(await toy.engine.workOne()).toBe(true)
    expect(await toy.now(begun)).toMatchObject({ state: 'done', found: { send: 'told' } })
  })

  test('two who tell at once: one claims, both facts are kept', async () => {
    toy.told.send = ({ facts }) => (Object.keys(facts).length ? { decided: 'done', found: '' } : park(3_600_000))
    const parked = await toy.engine.drive(await toy.begin())
    const told = await Promise.all(
      ['a', 'b'].map((word) => transact(toy.db, (tx) => toy.engine.tell(tx, parked.id, { [word]: true }))),
    )
    expect(told.map((one) => one?.claimed).sort()).toEqual([false, true])
    expect(await toy.engine.factsOf(parked.id)).toEqual({ a: true, b: true })
  })

  test('what has ended hears nothing', async () => {
    const ended = await toy.engine.drive(await toy.begin())
    expect(await transact(toy.db, (tx) => toy.engine.tell(tx, ended.id, { late: true }))).toBeUndefined()
    expect(await toy.engine.factsOf(ended.id)).toEqual({})
  })
})

describe('several processes', () => {
  test('claim different work', async () => {
    const { open, pass } = gate()
    toy.told.send = (_, number) => (number <= 4 ? again(0) : pass().then(() => ({ decided: 'done', found: 'sent' })))
    const begun = await Promise.all([1, 2, 3, 4].map(async () => toy.engine.drive(await toy.begin())))
    const workers = [1, 2, 3, 4, 5].map(() => toy.worker())
    const worked = Promise.all(workers.map((one) => one.workOne()))
    // The fifth finds nothing; the four stand at the gate side by side.
    for (let waited = 0; toy.calls() < 8 && waited < 5_000; waited += 10) await new Promise((go) => setTimeout(go, 10))
    open()
    expect((await worked).sort()).toEqual([false, true, true, true, true])
    expect(toy.calls()).toBe(8)
    for (const operation of begun) expect(await toy.now(operation)).toMatchObject({ state: 'done', epoch: 2 })
  })

  test('leave alone what another one holds, until its lease runs out on the database\u2019s clock', async () => {
    const begun = await toy.begin()
    const seconds = await toy.leaseOf(begun)
    expect(seconds).toBeGreaterThan(leaseMs / 1000 - 10)
    expect(seconds).toBeLessThanOrEqual(leaseMs / 1000)
    // Our own clock says that hours have passed; it is not asked.
    toy.advance(5 * 3_600_000)
    expect(await toy.worker().workOne()).toBe(false)
    await toy.lapse(begun)
    expect(await toy.worker().workOne()).toBe(true)
    expect(await toy.now(begun)).toMatchObject({ state: 'done', epoch: 2 })
  })

  test('a holder that was paused and comes back writes nothing over its successor', async () => {
    const { open, isReached, pass } = gate()
    toy.told.send = (_, number) =>
      number === 1
        ? pass().then(() => ({ decided: 'unwind', reason: 'too late' }))
        : { decided: 'done', found: 'second' }
    const begun = await toy.begin()
    const paused = toy.engine.drive(begun)
    await isReached
    await toy.lapse(begun)
    expect(await toy.worker().workOne()).toBe(true)
    open()
    expect(await paused).toMatchObject({ state: 'done', epoch: 2, found: { send: 'second' } })
    expect(await toy.marks(begun)).toEqual(['pack', 'file'])
    expect((await toy.entries(begun)).map(({ epoch }) => epoch)).toEqual([1, 2, 2])
  })

  test('a holder learns before it asks that it is a holder no more', async () => {
    const begun = await toy.begin()
    await toy.lapse(begun)
    let refused: unknown
    const slow = toy.worker({
      sagas: [
        {
          name: 'parcel',
          steps: toy.story.steps.map(
            (step): Step =>
              step.kind === 'call'
                ? {
                    ...step,
                    async do(context: StepContext) {
                      await toy.worker().workOne()
                      await context.renew().catch((error: unknown) => {
                        refused = error
                      })
                      throw refused
                    },
                  }
                : step,
          ),
        },
      ],
    })
    expect(await slow.drive(begun)).toMatchObject({ state: 'done', epoch: 2 })
    expect(refused).toBeInstanceOf(Fenced)
  })

  test('a process that knows itself alone takes up at once what a dead one held', async () => {
    const begun = await toy.begin()
    expect(await toy.engine.workOne()).toBe(false)
    expect(await dropLeases(toy.db)).toBe(1)
    expect(await toy.engine.workOne()).toBe(true)
    expect(await toy.now(begun)).toMatchObject({ state: 'done' })
  })
})

describe('cancelling', () => {
  test('undoes everything in the caller\u2019s transaction, and fences off whoever is at work', async () => {
    const { open, isReached, pass } = gate()
    toy.told.send = () => pass().then(() => ({ decided: 'done', found: 'sent' }))
    const begun = await toy.begin()
    const driving = toy.engine.drive(begun)
    await isReached
    await transact(toy.db, async (tx) => toy.engine.cancel(tx, await toy.now(begun), 'the customer changed their mind'))
    expect(await toy.now(begun)).toMatchObject({
      state: 'unwound',
      epoch: 2,
      reason: 'the customer changed their mind',
    })
    open()
    expect(await driving).toMatchObject({ state: 'unwound' })
    expect(await toy.marks(begun)).toEqual(['pack', 'call back', 'unpack'])
  })

  test('whoever is at work and then finds the world changed has met no fault', async () => {
    toy.told.send = async (operation) => {
      await transact(toy.db, (tx) => toy.engine.cancel(tx, operation, 'somebody thought better of it'))
      throw new Error('what it is about is gone')
    }
    const left = await toy.engine.drive(await toy.begin())
    expect(left).toMatchObject({ state: 'unwound', reason: 'somebody thought better of it' })
    expect(toy.faults).toEqual([])
    expect((await toy.log(left)).filter((entry) => entry.includes('failed'))).toEqual([])
  })

  test('that is rolled back cancels nothing', async () => {
    toy.told.send = (_, number) => (number === 1 ? park(1_000) : { decided: 'done', found: 'sent' })
    const parked = await toy.engine.drive(await toy.begin())
    await transact(toy.db, async (tx) => {
      await toy.engine.cancel(tx, parked, 'no')
      throw new Error('after all not')
    }).catch(() => undefined)
    toy.advance(1_000)
    await toy.engine.workOne()
    expect(await toy.now(parked)).toMatchObject({ state: 'done' })
    expect(await toy.marks(parked)).toEqual(['pack', 'file'])
  })

  test('of what has moved on meanwhile is refused, and undoes nothing', async () => {
    toy.told.send = () => park(1_000)
    const parked = await toy.engine.drive(await toy.begin())
    await transact(toy.db, (tx) => toy.engine.tell(tx, parked.id, { word: true }))
    const late = transact(toy.db, (tx) => toy.engine.cancel(tx, parked, 'too late'))
    await expect(late).rejects.toThrow(Fenced)
    expect(await toy.marks(parked)).toEqual(['pack'])
  })
})

describe('trials', () => {
  test.each(['pack', 'send', 'file'])('failing at %s takes back what was done, once or twice', async (failAt) => {
    for (const undosTwice of [false, true]) {
      const engine = toy.worker({ trials: { failAt, undosTwice } })
      const begun = await toy.begin(randomUUID(), engine)
      expect(await engine.drive(begun)).toMatchObject({ state: 'unwound', reason: `told to fail at ${failAt}` })
      expect((await toy.marks(begun)).filter((mark) => mark === 'unpack')).toHaveLength(undosTwice ? 2 : 1)
    }
  })

  test('every step twice is what a step must bear', async () => {
    const engine = toy.worker({ trials: { stepsTwice: true } })
    const begun = await toy.begin(randomUUID(), engine)
    expect(await engine.drive(begun)).toMatchObject({ state: 'done' })
    expect(await toy.marks(begun)).toEqual(['pack', 'pack', 'file', 'file'])
  })
})

test('the log is kept in order, with its moments, and each entry names the epoch that wrote it', async () => {
  toy.told.send = (_, number) => (number === 1 ? again(1_000) : { decided: 'done', found: 'sent' })
  const operation = await toy.engine.drive(await toy.begin())
  toy.advance(1_000)
  await toy.engine.workOne()
  const entries = await toy.entries(operation)
  expect(entries.map(({ step, kind, epoch }) => ({ step, kind, epoch }))).toEqual([
    { step: 'pack', kind: 'began', epoch: 1 },
    { step: 'send', kind: 'again', epoch: 1 },
    { step: 'send', kind: 'done', epoch: 2 },
    { step: 'file', kind: 'done', epoch: 2 },
  ])
  expect(entries[1]?.note).toEqual({ reason: 'the road is closed', after_ms: 1_000 })
  const times = entries.map(({ at }) => at.getTime())
  expect(times).toEqual([...times].sort((a, b) => a - b))
})

test('a database that gives up on a deadlock costs no try', async () => {
  let tries = 0
  const engine = toy.worker({
    trials: {
      before(step) {
        if (step === 'file' && ++tries < 3) throw Object.assign(new Error('deadlock detected'), { code: '40P01' })
      },
    },
  })
  const begun = await toy.begin(randomUUID(), engine)
  expect(await engine.drive(begun)).toMatchObject({ state: 'done' })
  expect(tries).toBe(3)
  expect(toy.faults).toEqual([])
})

test('an operation at a step that its story has no more is a fault, not a loss', async () => {
  const begun = await toy.begin()
  await sql`update operations set step = 'stamp' where id = ${begun.id}`.execute(toy.db)
  const driven = await toy.engine.drive(await toy.now(begun))
  expect(driven).toMatchObject({ state: 'running', tries: 1, endedAt: null })
  expect(String(toy.faults[0])).toContain('does not have: stamp')
})

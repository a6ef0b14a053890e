import { afterEach, expect, test } from 'vitest'
import type { Bells } from '../db/bell.js'
import { realWorld, type World } from '../world/world.js'
import { type Reconciler, type Running, runReconcilers } from './reconciler.js'

/** Bells that a test rings itself; those of the database are held in db/. */
function handBells(): Bells & { ring(bell: string): void; listeners(): number } {
  const listeners = new Set<{ bell: string; listener: () => void }>()
  return {
    on(bell, listener) {
      const one = { bell, listener }
      listeners.add(one)
      return () => listeners.delete(one)
    },
    ring(bell) {
      for (const one of listeners) if (one.bell === bell) one.listener()
    },
    listeners: () => listeners.size,
    close: async () => undefined,
  }
}

const running: Running[] = []
afterEach(async () => {
  for (const one of running.splice(0)) await one.stop(1_000)
})

function run(reconcilers: Reconciler[], world: World = realWorld) {
  const bells = handBells()
  const faults: string[] = []
  const started = runReconcilers(reconcilers, world, bells, (error, name) => faults.push(`${name}: ${error}`))
  running.push(started)
  return { bells, faults, stop: started.stop }
}

async function until(isSo: () => boolean): Promise<void> {
  for (let waited = 0; waited < 5_000; waited += 5) {
    if (isSo()) return
    await new Promise((done) => setTimeout(done, 5))
  }
  throw new Error('it did not come true within 5 s')
}
const hour = 3_600_000

test('looks at once, goes on while there is more, then rests', async () => {
  let left = 3
  let passes = 0
  run([
    {
      name: 'pay',
      everyMs: hour,
      pass: async () => {
        passes++
        return --left > 0
      },
    },
  ])
  await until(() => passes === 3)
  await new Promise((done) => setTimeout(done, 50))
  expect(passes).toBe(3)
})

test('looks again by the clock when no bell rings', async () => {
  let passes = 0
  run([
    {
      name: 'pay',
      everyMs: 10,
      pass: async () => {
        passes++
        return false
      },
    },
  ])
  await until(() => passes > 3)
})

test('looks at its own bell, and at no other', async () => {
  let passes = 0
  const { bells } = run([
    {
      name: 'pay',
      bell: 'pay',
      everyMs: hour,
      pass: async () => {
        passes++
        return false
      },
    },
  ])
  await until(() => passes === 1)
  bells.ring('roll')
  bells.ring('pay')
  await until(() => passes === 2)
})

test('a bell that rings during a look is not missed', async () => {
  let passes = 0
  const { bells } = run([
    {
      name: 'pay',
      bell: 'pay',
      everyMs: hour,
      async pass() {
        await Promise.resolve()
        if (++passes === 1) bells.ring('pay')
        return false
      },
    },
  ])
  await until(() => passes === 2)
})

test('a pass that throws is told once, harms no other, and is tried again with longer and longer pauses', async () => {
  const pauses: number[] = []
  const world: World = {
    ...realWorld,
    chance: () => 0.5,
    sleep: (ms, signal) => {
      if (ms < hour) pauses.push(ms)
      return realWorld.sleep(ms < hour ? 1 : ms, signal)
    },
  }
  let passes = 0
  let others = 0
  const { faults } = run(
    [
      {
        name: 'sick',
        everyMs: hour,
        async pass() {
          if (++passes < 5) throw new Error('no database')
          return false
        },
      },
      {
        name: 'well',
        everyMs: 5,
        pass: async () => {
          others++
          return false
        },
      },
    ],
    world,
  )
  await until(() => passes === 5 && others > 2)
  expect(faults).toEqual(Array.from({ length: 4 }, () => 'sick: Error: no database'))
  expect(pauses.filter((ms) => ms >= 200)).toEqual([400, 800, 1600, 3200])
})

test('works side by side as often as it says, and no more', async () => {
  let now = 0
  let most = 0
  let passes = 0
  run([
    {
      name: 'build',
      everyMs: 1,
      sideBySide: 3,
      async pass() {
        most = Math.max(most, ++now)
        await new Promise((done) => setTimeout(done, 10))
        now--
        passes++
        return true
      },
    },
  ])
  await until(() => passes > 12)
  expect(most).toBe(3)
})

test('stopping waits for the pass under way, starts none, and listens to no bell any more', async () => {
  let begun = 0
  let ended = 0
  const { bells, stop } = run([
    {
      name: 'roll',
      bell: 'roll',
      everyMs: 1,
      async pass() {
        begun++
        await new Promise((done) => setTimeout(done, 50))
        ended++
        return true
      },
    },
  ])
  await until(() => begun === 1)
  await stop(5_000)
  expect({ begun, ended, listeners: bells.listeners() }).toEqual({ begun: 1, ended: 1, listeners: 0 })
  bells.ring('roll')
  await new Promise((done) => setTimeout(done, 20))
  expect(begun).toBe(1)
})

test('stopping waits no longer than it was told', async () => {
  let release = () => {}
  const { stop } = run([
    {
      name: 'slow',
      everyMs: 1,
      pass: () =>
        new Promise((done) => {
          release = () => done(false)
        }),
    },
  ])
  await new Promise((done) => setTimeout(done, 10))
  const from = performance.now()
  await stop(50)
  expect(performance.now() - from).toBeLessThan(1_000)
  release()
})

import { expect, it } from 'vitest'
import { Failure } from './failure.js'
import { type Clock, waitUntil } from './wait.js'

function pretendClock(): Clock & { slept: number[] } {
  let now = 0
  const slept: number[] = []
  return {
    slept,
    now: () => now,
    async sleep(ms) {
      slept.push(ms)
      now += ms
    },
  }
}
const tooLong = (seconds: number) => new Failure(`still busy after ${seconds} s`)

it('what is settled at once costs one look and no sleep', async () => {
  const clock = pretendClock()
  expect(
    await waitUntil(
      async () => 7,
      () => true,
      { intervalSeconds: 2, timeoutSeconds: 10 },
      tooLong,
      clock,
    ),
  ).toBe(7)
  expect(clock.slept).toEqual([])
})

it('looking ends at the limit, with one last look at it', async () => {
  const clock = pretendClock()
  let looks = 0
  const waiting = waitUntil(
    async () => looks++,
    () => false,
    { intervalSeconds: 4, timeoutSeconds: 10 },
    tooLong,
    clock,
  )
  await expect(waiting).rejects.toThrow('still busy after 10 s')
  expect(clock.slept).toEqual([4000, 4000, 2000])
  expect(looks).toBe(4)
})

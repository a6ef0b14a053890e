import type { PostgresServer } from '@mortise/postgres/server'
import { expect, test } from 'vitest'
import { superviseDatabase } from './supervise.js'

/** A database party that ends when it is told to, or by itself. */
function pretendDatabase() {
  let end: (how: { code: number | null; signal: string | null }) => void = () => undefined
  const exited = new Promise<{ code: number | null; signal: string | null }>((done) => {
    end = done
  })
  const stop = async () => end({ code: 0, signal: null })
  return { server: { exited, stop } as PostgresServer, kill: () => end({ code: null, signal: 'SIGKILL' }), exited }
}

test('a database that ended is started anew, and one that stays down is given up with a reason', async () => {
  const first = pretendDatabase()
  const second = pretendDatabase()
  const lines: string[] = []
  let starts = 0
  const begin = async () => {
    starts++
    if (starts === 1) return second.server
    throw new Error('No space left on device.')
  }
  const { lost } = superviseDatabase(first.server, begin, (line) => lines.push(line), [1, 1, 1])
  first.kill()
  await expect.poll(() => lines.at(-1)).toBe('The database is back.')
  second.kill()
  expect(await lost).toBe('did not start: No space left on device.; 3 new starts did not help')
  expect(starts).toBe(3)
})

test('told to stop, it starts nothing, and ends what is just being started', async () => {
  const first = pretendDatabase()
  let given: (server: PostgresServer) => void = () => {}
  const begin = () => new Promise<PostgresServer>((done) => (given = done))
  const supervised = superviseDatabase(first.server, begin, () => undefined, [1])
  first.kill()
  await new Promise((done) => setTimeout(done, 20))
  const stopped = supervised.stop()
  const late = pretendDatabase()
  given(late.server)
  expect(await late.exited).toEqual({ code: 0, signal: null })
  await stopped
})

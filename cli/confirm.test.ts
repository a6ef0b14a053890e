import { ApiError } from '@mortise/contract/client'
import { expect, it } from 'vitest'
import { type Asker, withConfirmation } from './confirm.js'

const needed = () =>
  new ApiError(423, { id: 'confirmation_required', message: 'DATABASE_URL would be replaced.' }, null)
const nobody: Asker = { canAsk: () => false, ask: async () => expect.unreachable() as never }
const person = (typed: string): Asker => ({ canAsk: () => true, ask: async () => typed })

/** Refuses until it is confirmed by the right name, and remembers what it was told. */
function server() {
  const told: (string | undefined)[] = []
  const call = async (confirm: string | undefined) => {
    told.push(confirm)
    if (confirm !== 'guestbook') throw needed()
    return 'made'
  }
  return { told, call }
}

it('a person is asked for the name of the app, and the call is made again with it', async () => {
  const { told, call } = server()
  expect(await withConfirmation('guestbook', undefined, call, person(' guestbook '))).toBe('made')
  expect(told).toEqual([undefined, 'guestbook'])
})

it('another name stops before the second call', async () => {
  const { told, call } = server()
  await expect(withConfirmation('guestbook', undefined, call, person('other'))).rejects.toThrow(/not guestbook/)
  expect(told).toEqual([undefined])
})

it('without a terminal it fails and says what to pass', async () => {
  await expect(withConfirmation('guestbook', undefined, server().call, nobody)).rejects.toMatchObject({
    exitCode: 1,
    message: 'DATABASE_URL would be replaced.',
    next: 'Pass --confirm guestbook to go on.',
  })
})

it('--confirm goes with the first call; a wrong one is never repeated', async () => {
  const right = server()
  expect(await withConfirmation('guestbook', 'guestbook', right.call, nobody)).toBe('made')
  expect(right.told).toEqual(['guestbook'])
  const wrong = server()
  await expect(withConfirmation('guestbook', 'other', wrong.call, nobody)).rejects.toThrow(/--confirm says other/)
  expect(wrong.told).toEqual(['other'])
})

it('a server that refuses the right name too is believed, not asked for ever', async () => {
  let calls = 0
  const stubborn = async () => {
    calls++
    throw needed()
  }
  await expect(withConfirmation('guestbook', 'guestbook', stubborn, person('guestbook'))).rejects.toThrow(ApiError)
  expect(calls).toBe(1)
})

import { ApiError } from '@mortise/contract/client'
import { expect, test } from 'vitest'
import { askOnce } from './ask-once.js'

/** Asks, and tells with which key. */
async function keyOf(what: unknown, end?: Error): Promise<string> {
  let key = ''
  const asked = askOnce(what, async (headers) => {
    key = headers['idempotency-key'] ?? ''
    if (end) throw end
  })
  if (end) await expect(asked).rejects.toBe(end)
  else await asked
  return key
}
const refusal = (status: number) => new ApiError(status, { id: 'invalid_params', message: 'No.' }, null)

test('what was not answered is asked again under its key, and what was answered is not', async () => {
  const first = await keyOf(['app', { name: 'a' }], new TypeError('fetch failed'))
  expect(first).toMatch(/^[0-9a-f-]{16,}$/)
  expect(await keyOf(['app', { name: 'b' }], new TypeError('fetch failed'))).not.toBe(first)
  expect(await keyOf(['app', { name: 'a' }], refusal(500))).toBe(first)
  expect(await keyOf(['app', { name: 'a' }], refusal(409))).toBe(first)
  expect(await keyOf(['app', { name: 'a' }])).toBe(first)
  expect(await keyOf(['app', { name: 'a' }])).not.toBe(first)
})

test('a refusal is an answer: the next try is a new one', async () => {
  const first = await keyOf('x', refusal(422))
  expect(await keyOf('x', refusal(422))).not.toBe(first)
})

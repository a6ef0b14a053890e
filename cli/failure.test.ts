import { ApiError } from '@mortise/contract/client'
import { expect, it } from 'vitest'
import { explain, unreachable, wrongUsage } from './failure.js'

const answer = (status: number, body: Record<string, unknown>) => new ApiError(status, body, 'r-1')

it('exit codes tell refused, wrong usage and unreachable apart', () => {
  expect(explain(answer(422, { id: 'invalid_params', message: 'No.' })).exitCode).toBe(1)
  expect(explain(answer(503, { id: 'provider_unreachable', message: 'Nothing was created.' })).exitCode).toBe(1)
  expect(explain(wrongUsage('Which app?')).exitCode).toBe(2)
  expect(explain(unreachable('Nobody there.', 'Look.')).exitCode).toBe(3)
  expect(explain(new Error('a bug'))).toMatchObject({ exitCode: 1, bug: expect.any(Error) })
})

it("an error says the server's words, then what to do next", () => {
  expect(explain(answer(404, { id: 'not_found', message: "Couldn't find that app.", resource: 'app' }))).toMatchObject({
    id: 'not_found',
    message: "Couldn't find that app.",
    next: 'Run `mortise apps` to see your apps.',
  })
  expect(explain(answer(401, { id: 'unauthorized', message: 'No.' })).next).toContain('mortise login')
  expect(explain(answer(401, { id: 'unauthorized', message: 'No.' }), { MORTISE_API_KEY: 'x' }).next).toContain(
    'MORTISE_API_KEY',
  )
  expect(explain(answer(402, { id: 'delinquent', message: 'Pay.', url: 'https://a' })).next).toBe('See https://a')
})

it("the provider portal's errors are read as well", () => {
  expect(explain(answer(422, { error: { base: ['id is reserved', 'no plans'] } })).message).toBe(
    'id is reserved\nno plans',
  )
  expect(explain(answer(422, { error: 'no' })).message).toBe('no')
})

import { WireError } from '@mortise/contract/errors'
import { Type } from '@sinclair/typebox'
import { expect, test } from 'vitest'
import { answerFault, checkBody } from './shapes.js'

const Order = Type.Object(
  {
    plan: Type.Union([Type.String(), Type.Object({ id: Type.String() })]),
    quantity: Type.Optional(Type.Integer({ minimum: 0 })),
    config: Type.Optional(Type.Record(Type.String(), Type.String())),
    place: Type.Optional(Type.Object({ region: Type.String() })),
  },
  { additionalProperties: false },
)

test('a body of the declared shape passes as it came', () => {
  const body = { plan: 'fast-db:small', quantity: 2, config: { a: 'b' } }
  expect(checkBody(Order, body)).toBe(body)
})

test('no body at all is an empty one', () => {
  expect(checkBody(Type.Object({ force: Type.Optional(Type.Boolean()) }), undefined)).toEqual({})
  expect(checkBody(Type.Object({}), null)).toEqual({})
})

test.each([
  [{}, 'The request body needs "plan".'],
  [{ plan: 'x', quantity: '2' }, '"quantity" must be an integer.'],
  [{ plan: 'x', quantity: -1 }, '"quantity" must be >= 0.'],
  [{ plan: 'x', size: 'big' }, 'The request body has no "size".'],
  [{ plan: 'x', config: { a: 1 } }, '"config.a" must be a string.'],
  [{ plan: 'x', place: {} }, '"place" needs "region".'],
  ['a text', 'The request body must be an object.'],
  [[], 'The request body must be an object.'],
])('%j is 422 with a sentence that names the field', (body, sentence) => {
  let error: unknown
  try {
    checkBody(Order, body)
  } catch (found) {
    error = found
  }
  expect(error).toBeInstanceOf(WireError)
  expect(error).toMatchObject({ status: 422, id: 'invalid_params', message: sentence })
})

test('nothing is coerced and nothing is dropped', () => {
  const body = { any: '1', more: { deep: null } }
  checkBody(Type.Object({ any: Type.String() }), body)
  expect(body).toEqual({ any: '1', more: { deep: null } })
  expect(() => checkBody(Type.Object({ any: Type.Number() }), body)).toThrow('"any" must be a number.')
})

test('the sentence never repeats a value', () => {
  expect(() => checkBody(Order, { plan: 7, config: { KEY: ['secret-value'] } })).toThrow(/^(?!.*secret-value).*$/)
})

test("an answer that differs from what was declared is found, so that a test can't miss it", () => {
  expect(answerFault(Type.Object({ id: Type.String() }), { id: 'x', more: 1 })).toBeNull()
  expect(answerFault(Type.Object({ id: Type.String() }), { id: null })).toBe('"id" must be a string.')
  expect(answerFault(Type.Object({ id: Type.String() }), {})).toBe('The answer needs "id".')
})

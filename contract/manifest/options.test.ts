import { expect, test } from 'vitest'
import { checkOptions, optionProblems, readOptions } from './options.js'

const schema = {
  type: 'object',
  properties: {
    size: { type: 'string', title: 'Size', enum: ['small', 'large'], default: 'small' },
    keep_days: { type: 'integer', minimum: 1, maximum: 30 },
    'read-only': { type: 'boolean', description: 'Nothing can be written.' },
    label: { type: 'string', maxLength: 5 },
  },
  required: ['size'],
  additionalProperties: false,
}

test('a schema gives the options of a form, in its order', () => {
  expect(readOptions(schema).map(({ name, title, type, isRequired }) => [name, title, type, isRequired])).toEqual([
    ['size', 'Size', 'string', true],
    ['keep_days', 'Keep days', 'integer', false],
    ['read-only', 'Read only', 'boolean', false],
    ['label', 'Label', 'string', false],
  ])
  expect([...checkOptions(schema)]).toEqual([])
})

test('values are taken as command lines send them', () => {
  expect(optionProblems(schema, { size: 'large', keep_days: '7', 'read-only': 'true', label: 'mine' })).toEqual([])
  expect(optionProblems(schema, { size: 'small', keep_days: 7, 'read-only': true, label: null })).toEqual([])
})

test.each([
  [{}, '"size" is required (Size).'],
  [{ size: 'huge' }, '"size" must be one of small, large.'],
  [{ size: 'small', keep_days: '0' }, '"keep_days" must be at least 1.'],
  [{ size: 'small', keep_days: 31 }, '"keep_days" must be at most 30.'],
  [{ size: 'small', keep_days: '1.5' }, '"keep_days" must be a whole number.'],
  [{ size: 'small', keep_days: 'many' }, '"keep_days" must be a number.'],
  [{ size: 'small', 'read-only': 'perhaps' }, '"read-only" must be true or false.'],
  [{ size: 'small', label: 'too long' }, '"label" must not be longer than 5 characters.'],
  [{ size: 'small', fork: 'x' }, 'There is no option "fork". It knows size, keep_days, read-only, label.'],
])('%j is refused in words', (given, sentence) => {
  expect(optionProblems(schema, given)).toEqual([sentence])
})

test('without a schema, or where it does not close itself, other options go through', () => {
  expect(optionProblems(undefined, { fork: 'x' })).toEqual([])
  expect(optionProblems({ type: 'object' }, { fork: 'x' })).toEqual([])
})

test.each([
  [{ type: 'array' }, /type "object"/],
  [{ type: 'object', oneOf: [] }, /does not know "oneOf"/],
  [{ type: 'object', properties: { a: { type: 'object' } } }, /needs a "type"/],
  [{ type: 'object', properties: { a: { type: 'string', pattern: '(a+)+$' } } }, /may not say "pattern"/],
  [{ type: 'object', properties: { '--a': { type: 'string' } } }, /letters, digits/],
  [{ type: 'object', properties: { a: { type: 'integer', default: 'x' } } }, /default that it does not take/],
  [{ type: 'object', properties: { a: { type: 'string', enum: [] } } }, /"enum"/],
  [{ type: 'object', properties: {}, required: ['a'] }, /names "a"/],
  [{ type: 'object', properties: [] }, /"options.properties"/],
])('%j may not be published', (bad, sentence) => {
  expect([...checkOptions(bad)].join()).toMatch(sentence)
})

import { expect, test } from 'vitest'
import { newRow, patchOf, problemsOf, rowOf, withPasted } from './draft.js'

const none = new Map<string, string>()

test('only what was touched is sent: set, changed and removed', () => {
  const rows = [
    rowOf('LEFT'),
    { ...rowOf('CHANGED'), value: 'x' },
    { ...rowOf('GONE'), isRemoved: true },
    newRow('NEW', ''),
    newRow(),
    { ...newRow('TAKEN_BACK', 'y'), isRemoved: true },
  ]
  expect(patchOf(rows)).toEqual({ CHANGED: 'x', GONE: null, NEW: '' })
})

test("a name that is an add-on's, twice there or missing is said at its line", () => {
  const rows = [rowOf('A'), newRow('A', '1'), newRow('DATABASE_URL', 'x'), newRow('', 'value'), newRow()]
  const problems = problemsOf(rows, new Map([['DATABASE_URL', 'postgresql-x']]))
  expect(rows.map(({ key }) => problems.get(key) ?? null)).toEqual([
    null,
    'A is in the list twice.',
    'postgresql-x sets DATABASE_URL. Choose another name, or detach it first.',
    'It has a value and no name.',
    null,
  ])
})

test('a removed name may be set anew in another line', () => {
  expect(problemsOf([{ ...rowOf('A'), isRemoved: true }, newRow('A', '1')], none).size).toBe(0)
})

test('what is pasted changes what is there, brings back what was to go, and adds the rest', () => {
  const rows = [{ ...rowOf('A'), isRemoved: true }, rowOf('B'), newRow()]
  const merged = withPasted(rows, [
    ['A', '1'],
    ['C', '3'],
  ])
  expect(patchOf(merged)).toEqual({ A: '1', C: '3' })
  expect(merged.map(({ name }) => name)).toEqual(['A', 'B', 'C'])
})

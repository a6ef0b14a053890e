import { expect, test } from 'vitest'
import { stepsToGa } from './steps-to-ga.js'

const now = new Date('2026-06-30T12:00:00Z')
const report = {
  ...{ id: '01234567-89ab-4def-8123-456789abcdef', checks: [], passed: 80, warned: 0, failed: 0 },
  ...{ manifest_revision: 4, created_at: '2026-06-29T12:00:00Z' },
}
const missing = (...given: Parameters<typeof stepsToGa>) =>
  stepsToGa(...given)
    .filter(({ isDone }) => !isDone)
    .map(({ title }) => title)

test('a fresh green report of the manifest in force is all that is asked for', () => {
  expect(missing(report, 4, now)).toEqual([])
})

test('each thing that is missing is said by itself, with what to do', () => {
  expect(missing(undefined, 4, now)).toHaveLength(4)
  expect(missing({ ...report, failed: 2 }, 4, now)).toEqual(['It passed'])
  expect(missing(report, 5, now)).toEqual(['It is of the manifest in force (5)'])
  expect(missing({ ...report, created_at: '2026-05-31T12:00:00Z' }, 4, now)).toEqual(['It is less than 30 days old'])
  // A day less, and it is good: the platform draws the line there as well.
  expect(missing({ ...report, created_at: '2026-05-31T12:00:01Z' }, 4, now)).toEqual([])
  for (const { advice } of stepsToGa(undefined, null, now)) expect(advice).toMatch(/mortise inspect --report/)
})

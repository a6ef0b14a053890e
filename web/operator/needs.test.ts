import type { Pulse } from '@mortise/contract/platform-api/pulse'
import { expect, test } from 'vitest'
import { needsOf } from './needs.js'

const quiet: Pulse = {
  at: '2026-11-26T09:00:00Z',
  needs_you: { stuck_operations: 0, stuck_ledger_entries: 0, discrepancies: 0, open_circuits: 0, silent_processes: 0 },
  operations: { running: 3, waiting: 1, parked: 2, stuck: 0 },
  overdue_since: null,
  step: 60,
  series: [],
  providers: [],
}
const now = Date.parse('2026-11-26T09:05:00Z')

test('what runs, waits and is parked needs nobody', () => {
  expect(needsOf(quiet, now)).toEqual([])
})

test('work that nobody takes up comes first, each with what to do', () => {
  const needs = needsOf(
    {
      ...quiet,
      overdue_since: '2026-11-26T09:00:00Z',
      needs_you: { ...quiet.needs_you, stuck_operations: 1, open_circuits: 2 },
    },
    now,
  )
  expect(needs.map((need) => need.says)).toEqual([
    'Work has been due for 5 minutes and nobody takes it up',
    '1 operation is stuck',
    'Nothing is sent to 2 providers at the moment',
  ])
  expect(needs.every((need) => need.todo.length > 10)).toBe(true)
})

import type { Operation, StoryLine } from '@mortise/contract/platform-api/operations'
import { expect, it } from 'vitest'
import { nextStep, worthShowing } from './operations.js'

const now = Date.parse('2026-01-02T12:00:00Z')
const operation = (id: string, more: Partial<Operation>): Operation =>
  ({
    id,
    state: 'done',
    ended_at: '2026-01-02T11:59:00Z',
    created_at: '2026-01-02T11:58:00Z',
    addon: { id, name: id },
    ...more,
  }) as Operation

it('shows what is under way and what failed a short while ago, and not what was made good since', () => {
  const all = [
    operation('runs', { state: 'running', ended_at: null }),
    operation('failed', { state: 'unwound' }),
    operation('failed long ago', { state: 'unwound', ended_at: '2026-01-02T10:00:00Z' }),
    operation('made good', { state: 'unwound' }),
    operation('made good', { created_at: '2026-01-02T11:59:30Z' }),
    operation('done', {}),
  ]
  expect(worthShowing(all, now).map(({ id }) => id)).toEqual(['runs', 'failed'])
})

it('says what to do next by the last clear word of the provider', () => {
  const line = (name?: string) =>
    ({ at: '', step: '', who: 'provider', text: '', answer: name && { class: name } }) as StoryLine
  const failed = { state: 'unwound', kind: 'addon.provision', addon_service: { id: '', name: 'fast-db' } } as const
  expect(nextStep(failed, [line('not now'), line('refused'), line()])).toContain('Change what fast-db objects to')
  expect(nextStep(failed, [line('not sent')])).toContain('nothing was made')
  expect(nextStep(failed, [])).toContain('nothing is billed')
  expect(nextStep({ ...failed, state: 'stuck' }, [line('refused')])).toContain('operator')
})

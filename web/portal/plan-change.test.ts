import { expect, test } from 'vitest'
import { centsOf, dollarsOf, type PlanFields, withPlan } from './plan-change.js'

const plan = (name: string, change: Partial<PlanFields> = {}): PlanFields => ({
  ...{ name, human_name: name, description: '', features: [], price: { cents: 0, unit: 'month' } },
  ...{ state: 'public', visible: true, default: false },
  ...change,
})

test('a plan is put in its own place, a new one at the end, and only one is the default', () => {
  const contents = { $base: 4, plans: [plan('mini', { default: true }), plan('large')], api: { password: 'p' } }
  const changed = withPlan(contents, plan('large', { state: 'deprecated' }))
  expect(changed).toMatchObject({
    $base: 4,
    api: { password: 'p' },
    plans: [{ name: 'mini' }, { state: 'deprecated' }],
  })
  const more = withPlan(contents, plan('huge', { default: true })) as { plans: PlanFields[] }
  expect(more.plans.map((one) => [one.name, one.default])).toEqual([
    ['mini', false],
    ['large', false],
    ['huge', true],
  ])
  expect((withPlan({}, plan('first')) as { plans: PlanFields[] }).plans).toHaveLength(1)
})

test('prices are written in dollars and kept in cents', () => {
  expect(['5', '12.5', '12.50', '$0.07', ' 1,25 '].map(centsOf)).toEqual([500, 1250, 1250, 7, 125])
  expect(['', 'free', '-1', '1.234', '1e3'].map(centsOf)).toEqual([null, null, null, null, null])
  expect([500, 1250, 7].map(dollarsOf)).toEqual(['5', '12.50', '0.07'])
})

import { expect, test } from 'vitest'
import { installSteps } from './install-steps.js'

const seen = { service: 'Fast DB', app: 'shop', attachments: [], releases: [] }
const addon = (state: 'provisioning' | 'provisioned' | 'deprovisioned', provision_message = '') => ({
  name: 'fast-db-1',
  state,
  provision_message,
})
const states = (given: Parameters<typeof installSteps>[0]) => installSteps(given).map((step) => step.state)

test('while its provider works, its words are shown and nothing after it is done', () => {
  const steps = installSteps({ ...seen, addon: addon('provisioning', 'Ready in a minute.') })
  expect(steps.map((step) => step.state)).toEqual(['done', 'now', 'next', 'next'])
  expect(steps[1]?.says).toBe('Ready in a minute.')
})

test('it is through when the release with its config vars is', () => {
  const release = { version: 4, status: 'pending' as const, description: 'Attach FAST_DB (@ref:fast-db-1)' }
  const given = { ...seen, addon: addon('provisioned') }
  expect(states(given)).toEqual(['done', 'done', 'now', 'next'])
  expect(states({ ...given, releases: [{ ...release, description: 'Attach FAST_DB (@ref:fast-db-12)' }] })).toEqual([
    'done',
    'done',
    'now',
    'next',
  ])
  expect(states({ ...given, releases: [release] })).toEqual(['done', 'done', 'done', 'now'])
  expect(states({ ...given, releases: [{ ...release, status: 'succeeded' as const }] })).toEqual([
    'done',
    'done',
    'done',
    'done',
  ])
  expect(states({ ...given, releases: [{ ...release, status: 'failed' as const }] })).toEqual([
    'done',
    'done',
    'done',
    'failed',
  ])
})

test("a failure ends the list with its provider's words", () => {
  const steps = installSteps({ ...seen, addon: addon('deprovisioned', 'No capacity in this region.') })
  expect(steps.at(-1)).toMatchObject({ state: 'failed', says: 'No capacity in this region.' })
  expect(installSteps({ ...seen, addon: undefined }).at(-1)?.state).toBe('failed')
})

test('an app that was made for it comes first, and stays made when the add-on is refused', () => {
  const steps = installSteps({ ...seen, madeIn: 'eu', addon: addon('deprovisioned', 'No.') })
  expect(steps.map(({ title, state }) => [title, state])).toEqual([
    ['shop was made in eu', 'done'],
    ['Ordered for shop', 'done'],
    ['Fast DB could not create it', 'failed'],
  ])
})

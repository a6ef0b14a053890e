import { expect, test } from 'vitest'
import { addonLongMs, healthOf, type Signs } from './health.js'

const now = Date.parse('2026-11-26T12:00:00Z')
const well: Signs = {
  app: { maintenance: false, kind: 'hosted' },
  addons: [],
  dynos: [{ state: 'up' }],
  release: { status: 'succeeded', slug: { id: 'x' } },
}
const word = (change: Partial<Signs>) => healthOf({ ...well, ...change }, now).word
const addon = (ageMs: number) => ({ state: 'provisioning' as const, updated_at: new Date(now - ageMs).toISOString() })

test('what needs somebody comes before what is under way, and that before what is well', () => {
  expect(word({})).toBe('Running')
  expect(word({ dynos: [{ state: 'up' }, { state: 'starting' }] })).toBe('Starting')
  expect(word({ addons: [addon(1_000)] })).toBe('An add-on is on its way')
  expect(word({ addons: [addon(1_000)], release: { status: 'pending', slug: null } })).toBe('Deploying')
  expect(word({ app: { maintenance: true, kind: 'hosted' } })).toBe('Maintenance')
  expect(word({ addons: [addon(addonLongMs + 1)] })).toBe('An add-on takes long')
  expect(word({ release: { status: 'failed', slug: null } })).toBe('Last release failed')
  expect(word({ dynos: [{ state: 'crashed' }], release: { status: 'failed', slug: null } })).toBe('Crashed')
})

test('what does not run says why', () => {
  expect(word({ dynos: [] })).toBe('Stopped')
  expect(word({ dynos: [], release: { status: 'succeeded', slug: null } })).toBe('Not deployed yet')
  expect(word({ dynos: [], app: { maintenance: false, kind: 'external' } })).toBe('Runs elsewhere')
})

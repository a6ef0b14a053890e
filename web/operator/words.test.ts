import type { ProviderHealth } from '@mortise/contract/platform-api/providers'
import { describe, expect, it } from 'vitest'
import { conditionOf, errorRateOf, latencyOf } from './words.js'

const well: ProviderHealth = {
  addon_service: { id: '1', name: 'fast-db' },
  circuit: { state: 'closed', failures: 0, reason: null, retry_at: null },
  comparison: null,
  discrepancies: 0,
  error_rate: 0,
  fault: null,
  held: 3,
  id: '1',
  in_flight: 0,
  latency_ms: { p50: 40, p95: 1_240, p99: 25_000 },
  name: 'fast-db',
  owed: 0,
  parked: 0,
  questions: 10,
  stuck: 0,
  waiting: 0,
  window: 3_600,
}

describe('the condition of a provider', () => {
  it('says the worst that is true of it, and the worst providers come first', () => {
    const open = { ...well, stuck: 2, circuit: { ...well.circuit, state: 'open' as const } }
    const conditions = [open, { ...well, stuck: 2, error_rate: 1 }, { ...well, error_rate: 0.1 }, well]
    const quiet = { ...well, questions: 0, error_rate: null, latency_ms: null }
    const shown = [...conditions, quiet].map(conditionOf)
    expect(shown.map(({ word }) => word)).toEqual(['Circuit open', '2 stuck', 'Failing', 'Answers', 'Quiet'])
    expect(shown.map(({ order }) => order)).toEqual([0, 1, 2, 3, 4])
  })

  it('gives times in the unit that says most, and never shows a few failures as none', () => {
    expect(latencyOf(well)).toBe('40 ms · 1.2 s · 25 s')
    expect(latencyOf({ latency_ms: null })).toBe('—')
    expect([0, 0.001, 0.025, 0.5, null].map((error_rate) => errorRateOf({ error_rate }))).toEqual([
      '0 %',
      '0.1 %',
      '2.5 %',
      '50 %',
      '—',
    ])
  })
})

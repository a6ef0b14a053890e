import { expect, it } from 'vitest'
import { ago } from './time.js'

const now = Date.parse('2026-11-23T12:00:00Z')

it('says how long ago in the largest unit that fits', () => {
  expect(ago('2026-11-23T11:59:30Z', now)).toBe('just now')
  expect(ago('2026-11-23T11:57:00Z', now)).toBe('3 minutes ago')
  expect(ago('2026-11-22T11:00:00Z', now)).toBe('yesterday')
  expect(ago('2024-11-22T11:00:00Z', now)).toBe('2 years ago')
})

it('a server clock that runs ahead reads as just now', () => {
  expect(ago('2026-11-23T12:00:40Z', now)).toBe('just now')
})

it('what is no time is shown as it came', () => {
  expect(ago('soon', now)).toBe('soon')
})

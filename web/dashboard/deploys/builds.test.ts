import { expect, it } from 'vitest'
import { adviceOf, sizeOf, sourceOf, telling, tookOf } from './builds.js'

const source = (version: string | null, version_description: string | null = null) => ({
  source_blob: { checksum: null, url: '', version, version_description },
})

it('names what was built', () => {
  expect(sourceOf(source('0123456789abcdef0123456789abcdef01234567'))).toBe('01234567')
  expect(sourceOf(source('v1.2', 'Greet in colour\n\nAnd more'))).toBe('Greet in colour (v1.2)')
  expect(sourceOf(source(null))).toBe('An archive without a version')
})

it('says how long it took, or takes so far, and how large it is', () => {
  const times = { created_at: '2026-01-02T00:00:00Z', updated_at: '2026-01-02T00:03:05Z' }
  expect(tookOf({ ...times, status: 'succeeded' }, 0)).toBe('3 min 5 s')
  expect(tookOf({ ...times, status: 'pending' }, Date.parse('2026-01-02T00:00:42Z'))).toBe('42 s')
  expect([sizeOf(null), sizeOf(400), sizeOf(1_440_000), sizeOf(62_000_000)]).toEqual([null, '1 kB', '1.4 MB', '62 MB'])
})

it('gives the last lines that say something, and what to do about them', () => {
  expect(telling(['a', '', 'b', ' ', 'c'], 2)).toEqual(['b', 'c'])
  expect(adviceOf(null, ['npm error code E404'])).toContain('lockfile')
  expect(adviceOf('The build was cancelled.', [])).toContain('stopped')
  expect(adviceOf('It failed.', ['make: *** [all] Error 2'])).toContain('last lines')
})

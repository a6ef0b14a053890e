import { expect, it } from 'vitest'
import { crashReason } from './crash.js'

it('says why a dyno crashed by the last line that tells', () => {
  const exit = (status: number) => `2026-01-02T00:00:00+00:00 heroku[web.1]: Process exited with status ${status}`
  expect(crashReason([exit(1), 'heroku[web.1]: State changed from up to crashed'])).toContain('status 1.')
  expect(crashReason([exit(127)])).toContain('not found')
  expect(crashReason([exit(0)])).toContain('without an error')
  expect(crashReason([exit(137), 'heroku[web.1]: Error R10 (Boot timeout) -> Web process failed to bind'])).toContain(
    '$PORT',
  )
  expect(crashReason(['heroku[web.1]: Error R99 (Something new) -> x'])).toBe('Something new (R99).')
  expect(crashReason(['heroku[web.1]: Starting process'])).toBeNull()
})

import { expect, test } from 'vitest'
import { masked } from './queries.js'

test('what may be a secret in an address of a log drain is not shown', () => {
  expect(masked('https://user:pass@logs.example:6514/x?key=1&b=2')).toBe('https://•••@logs.example:6514/x?•••')
  expect(masked('syslog+tls://logs.example:6514')).toBe('syslog+tls://logs.example:6514')
})

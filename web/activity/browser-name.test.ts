import { expect, test } from 'vitest'
import { browserName } from './browser-name.js'

test('a browser is told as people know it, although most claim to be several', () => {
  const chrome = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36'
  expect(browserName(`Browser: ${chrome}`)).toBe('Chrome on Linux')
  expect(browserName(`${chrome.replace('X11; Linux x86_64', 'Windows NT 10.0')} Edg/156.0`)).toBe('Edge on Windows')
  expect(browserName('Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1')).toBe(
    'Safari on iOS',
  )
})

test('what says nothing is shown as it came', () => {
  expect(browserName('curl')).toBe('curl')
  expect(browserName('')).toBe('A browser')
})

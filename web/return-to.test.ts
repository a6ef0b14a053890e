import { describe, expect, it } from 'vitest'
import { returnPath } from './return-to.js'

const origin = 'https://mortise.example.com'

describe('the way back after signing in', () => {
  it('keeps a path of this origin with its query and fragment', () => {
    expect(returnPath('/dashboard/apps/guestbook?tab=1#top', origin)).toBe('/dashboard/apps/guestbook?tab=1#top')
    expect(returnPath('/sso/addons/x', origin)).toBe('/sso/addons/x')
  })

  it.each([
    'https://evil.example.com/',
    '//evil.example.com',
    '/\\evil.example.com',
    '/\t/evil.example.com',
    '/.//evil.example.com',
    '/x/..//evil.example.com',
    'javascript:alert(1)',
    'dashboard',
    '',
    undefined,
    42,
  ])('never follows %j elsewhere', (given) => {
    expect(returnPath(given, origin)).toBe('/dashboard')
  })

  it('does not lead from the sign-in page to the sign-in page', () => {
    expect(returnPath('/sign-in?return_to=/sign-in', origin)).toBe('/dashboard')
  })
})

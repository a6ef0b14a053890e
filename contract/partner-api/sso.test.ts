import { expect, test } from 'vitest'
import { isReservedSsoKey, resourceToken, ssoToken, userScopedResourceToken } from './sso.js'

// The vectors of the Partner API reference, section 4.1; the first is also printed in Dev Center.
const salt = '2f97bfa52ca102f8874716e2eb1d3b4920ad0be4'
const timestamp = 1267597772
const resourceId = '01234567-89ab-cdef-0123-456789abcdef'

test('the v1 token is the one Dev Center prints', () => {
  expect(ssoToken({ id: '123', salt, timestamp })).toBe('bb466eb1d6bc345d11072c3cd25c311f21be130d')
})

test('the v1 token is the one kensa tests with', () => {
  const token = ssoToken({ id: '1', salt: 'SSO_SALT', timestamp: 1262304000 })
  expect(token).toBe('b6010f6fbb850887a396c2bc0ab23974003008f6')
})

test('the resource token is the known one', () => {
  expect(resourceToken({ resourceId, salt, timestamp })).toBe('7659cc00fc08ff8b7bb76cd8c9762bcf528b4173')
})

test('the user-scoped token is the known one, also with the timestamp as text', () => {
  const userId = '11111111-2222-3333-4444-555555555555'
  const email = 'user@example.com'
  const expected = 'fccd3b47ca946c9187833cc35a2b8ebefbcd2f5a8ef2d9a37ed890e2e4928523'
  expect(userScopedResourceToken({ resourceId, salt, timestamp, userId, email })).toBe(expected)
  expect(userScopedResourceToken({ resourceId, salt, timestamp: String(timestamp), userId, email })).toBe(expected)
})

test('a deep link cannot speak for the platform', () => {
  for (const key of ['id', 'token', 'Timestamp', 'resource_id', 'user_id', 'user_scoped_resource_token', 'nav-data']) {
    expect(isReservedSsoKey(key), key).toBe(true)
  }
  for (const key of ['page', 'table', 'q', 'apple']) expect(isReservedSsoKey(key), key).toBe(false)
})

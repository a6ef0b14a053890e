import type { Activity } from '@mortise/contract/platform-api/activity'
import { expect, test } from 'vitest'
import { differencesOf, sentenceFor } from './words.js'

const fact = (resource: string, action: Activity['action'], more: Partial<Activity> = {}): Activity => ({
  id: '01234567-89ab-4cde-8f01-23456789abcd',
  seq: 1,
  created_at: '2026-11-26T09:00:00Z',
  actor: { id: '01234567-89ab-4cde-8f01-23456789abcd', email: 'ann@example.com' },
  resource,
  action,
  subject: { id: '01234567-89ab-4cde-8f01-23456789abcd', name: 'shop' },
  data: {},
  previous_data: {},
  ...more,
})

test('what happened is said in a sentence', () => {
  expect(sentenceFor(fact('release', 'create', { data: { version: 3, description: 'Attach X (@ref:a-1)' } }))).toBe(
    'Released v3: Attach X (@a-1)',
  )
  expect(sentenceFor(fact('app', 'update', { previous_data: { name: 'old' } }))).toBe(
    'Renamed the app from old to shop',
  )
  expect(sentenceFor(fact('collaborator', 'destroy', { data: { user: { email: 'bob@example.com' } } }))).toBe(
    'Took access from bob@example.com',
  )
  expect(sentenceFor(fact('sign-on', 'create'))).toBe('Opened the pages of shop at its provider')
  expect(sentenceFor(fact('config-read', 'create', { data: { names: ['A', 'B'] } }))).toBe('Read the value of A, B')
  expect(sentenceFor(fact('config-read', 'create', { data: { names: 'all', version: 2 } }))).toBe(
    'Read all config values of v2',
  )
})

test('apps that come and go, programs, and tokens that end by themselves are said in a sentence', () => {
  const said = (resource: string, action: Activity['action'], data: Activity['data']) =>
    sentenceFor(fact(resource, action, { data }))
  const crew = { team: 'crew' }
  expect(said('owned-app', 'create', crew)).toBe('Made the app shop')
  expect(said('owned-app', 'create', { ...crew, from: 'ann@example.com' })).toBe(
    'Moved the app shop into crew, from ann@example.com',
  )
  expect(said('owned-app', 'create', { from: 'ann@example.com' })).toBe('Took over the app shop from ann@example.com')
  expect(said('owned-app', 'destroy', { ...crew, to: 'ann@example.com' })).toBe('Gave the app shop to ann@example.com')
  expect(said('owned-app', 'destroy', crew)).toBe('Destroyed the app shop')
  expect(said('oauth-client', 'create', {})).toBe('Registered the program shop')
  expect(said('oauth-client', 'update', { changed: 'secret' })).toBe('Gave the program shop a new secret')
  expect(said('session', 'destroy', { because: 'sign-in' })).toBe('Signed out, by signing in anew in the same browser')
  const token = { description: 'a laptop' }
  expect(said('authorization', 'destroy', token)).toBe('Took back the token “a laptop”')
  expect(said('authorization', 'destroy', { ...token, part: 'access' })).toBe(
    'Ended one of the program’s keys to the token “a laptop”',
  )
  expect(said('authorization', 'destroy', { ...token, because: 'client' })).toMatch(/by removing the program/)
  expect(said('authorization', 'destroy', { ...token, because: 'replay' })).toMatch(/used twice/)
})

test('what happens to an account and in a team is said in a sentence', () => {
  const said = (resource: string, action: Activity['action'], data: Activity['data']) =>
    sentenceFor(fact(resource, action, { data }))
  expect(said('account', 'update', { email: 'a@b.c', state: 'suspended', reason: 'mining' })).toBe(
    'Suspended a@b.c: mining',
  )
  expect(said('account', 'update', { email: 'a@b.c', is_operator: true })).toBe('Made a@b.c an operator')
  expect(said('account', 'update', { email: 'a@b.c', changed: 'password', by: 'link' })).toBe(
    'Chose a new password by a link',
  )
  const agent = 'Browser: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'
  expect(said('session', 'create', { description: agent, address: '192.0.2.1' })).toBe(
    'Signed in with Firefox on Linux from 192.0.2.1',
  )
  expect(said('authorization', 'destroy', { description: 'a laptop' })).toBe('Took back the token “a laptop”')
  expect(said('team-member', 'update', { email: 'a@b.c', role: 'admin', team: 'crew' })).toBe(
    'Made a@b.c admin of crew',
  )
  expect(said('team-member', 'create', { email: 'a@b.c', role: 'viewer', team: 'crew', invited_by: 'd@e.f' })).toBe(
    'Accepted d@e.f’s invitation into crew as viewer',
  )
  expect(said('team-invitation', 'create', { email: 'a@b.c', role: 'viewer' })).toBe('Invited a@b.c as viewer')
})

test('a kind that is not known yet is told as it came', () => {
  expect(sentenceFor(fact('pipeline', 'create'))).toBe('pipeline shop added')
})

test('before and after are shown where both are plain', () => {
  const changed = fact('app', 'update', {
    data: { acm: true, owner: { email: 'b@example.com' }, stack: 's' },
    previous_data: { acm: false, owner: { email: 'a@example.com' }, secret: { x: 1 } },
  })
  expect(differencesOf(changed)).toEqual([
    { field: 'acm', before: 'off', after: 'on' },
    { field: 'owner', before: 'a@example.com', after: 'b@example.com' },
  ])
})

test('what the sentence says is not said a second time beneath it', () => {
  const succeeded = fact('release', 'update', {
    data: { version: 4, status: 'succeeded' },
    previous_data: { status: 'pending' },
  })
  expect(sentenceFor(succeeded)).toBe('Release v4 succeeded')
  expect(differencesOf(succeeded)).toEqual([])
})

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
  expect(sentenceFor(fact('config-read', 'create', { data: { names: ['A', 'B'] } }))).toBe('Read the value of A, B')
  expect(sentenceFor(fact('config-read', 'create', { data: { names: 'all', version: 2 } }))).toBe(
    'Read all config values of v2',
  )
})

test('a kind that is not known yet is told as it came', () => {
  expect(sentenceFor(fact('pipeline', 'create'))).toBe('pipeline shop added')
})

test('before and after are shown where both are plain', () => {
  const changed = fact('app', 'update', {
    data: { maintenance: true, owner: { email: 'b@example.com' }, stack: 's' },
    previous_data: { maintenance: false, owner: { email: 'a@example.com' }, secret: { x: 1 } },
  })
  expect(differencesOf(changed)).toEqual([
    { field: 'maintenance', before: 'off', after: 'on' },
    { field: 'owner', before: 'a@example.com', after: 'b@example.com' },
  ])
})

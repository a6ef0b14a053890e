import { describe, expect, test } from 'vitest'
import { attachmentNameOf, credentialOf, freeName, mapConfigNames, namespaceOf } from './attachment.js'

describe("config var names as an app's attachment has them", () => {
  const declared = ['DATABASE_URL', 'DATABASE', 'REGION']

  test('what begins with the prefix begins with the attachment instead', () => {
    expect(mapConfigNames(declared, 'DATABASE', 'MAIN', true)).toEqual({
      DATABASE_URL: 'MAIN_URL',
      DATABASE: 'MAIN',
      REGION: 'REGION',
    })
  })

  test('an unprefixed name stays as it is on the first attachment of a service, and is told apart on later ones', () => {
    expect(mapConfigNames(declared, 'DATABASE', 'SPARE', false)['REGION']).toBe('SPARE_REGION')
  })
})

test('a free name is the prefix, then a colour, then a number', () => {
  const taken = new Set<string>()
  const next = () => {
    const name = freeName(
      'DATABASE',
      (one) => taken.has(one),
      () => 0.5,
    )
    taken.add(name)
    return name
  }
  expect(next()).toBe('DATABASE')
  const more = Array.from({ length: 60 }, next)
  const numbered = more.findIndex((name) => !/^DATABASE_[A-Z]+$/.test(name))
  expect(numbered).toBeGreaterThan(30)
  expect(more.slice(numbered, numbered + 2)).toEqual(['DATABASE_2', 'DATABASE_3'])
  expect(new Set(more).size).toBe(60)
})

test('names are read as people write them, and refused when they can begin no config var', () => {
  expect(attachmentNameOf('main-db')).toBe('MAIN_DB')
  for (const name of ['', '1ST', 'A B', 'A__', 'Ä', '_A', 'A'.repeat(64)])
    expect(attachmentNameOf(name), name).toBeNull()
})

test('a namespace names a credential; none, and credential:default, are the default one', () => {
  expect(['credential:readonly', null, 'credential:default'].map(credentialOf)).toEqual([
    'readonly',
    'default',
    'default',
  ])
  for (const wrong of ['readonly', 'credential:', 'role:x', 'credential:a b', `credential:${'x'.repeat(101)}`]) {
    expect(credentialOf(wrong), wrong).toBeNull()
  }
  expect([namespaceOf('default'), namespaceOf('readonly')]).toEqual([null, 'credential:readonly'])
})

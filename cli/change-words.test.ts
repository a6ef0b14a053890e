import { expect, it } from 'vitest'
import { changeFrom, type Word } from './change-words.js'
import { Failure } from './failure.js'

const words = (...pairs: [string, string][]): Word[] => pairs.map(([flag, value]) => ({ flag, value }))
const wrong = (given: Word[], provider = {}) => {
  try {
    changeFrom(given, provider)
  } catch (error) {
    return error as Failure
  }
  throw new Error('it was read')
}

it('--as and --name belong to what is before them, and only the first = divides', () => {
  const body = changeFrom(
    words(
      ['set', 'URL=a=b'],
      ['unset', 'OLD'],
      ['create', 'mortise-postgresql:mini'],
      ['as', 'DB'],
      ['name', 'my-db'],
      ['create', 'mortise-redis'],
      ['attach', 'other-db'],
      ['as', 'REPORTS'],
      ['detach', 'GONE'],
      ['set', 'EMPTY='],
      ['app', 'guestbook'],
    ),
  )
  expect(body).toEqual({
    config: { URL: 'a=b', OLD: null, EMPTY: '' },
    create: [{ plan: 'mortise-postgresql:mini', attachment: { name: 'DB' }, name: 'my-db' }, { plan: 'mortise-redis' }],
    attach: [{ addon: 'other-db', name: 'REPORTS' }],
    detach: ['GONE'],
  })
})

it('names like __proto__ are names', () => {
  expect(JSON.stringify(changeFrom(words(['set', '__proto__=1'])))).toBe('{"config":{"__proto__":"1"}}')
})

it('options for the provider go with the one new add-on', () => {
  expect(changeFrom(words(['create', 'db'], ['set', 'A=1']), { size: '3', flag: true }).create).toEqual([
    { plan: 'db', config: { size: '3', flag: true } },
  ])
  expect(wrong(words(['create', 'db'], ['create', 'db']), { size: '3' }).message).toContain('one new add-on')
  expect(wrong(words(['set', 'A=1']), { size: '3' }).message).toContain('one new add-on')
})

it('what says nothing or contradicts itself is wrong usage', () => {
  for (const [given, says] of [
    [words(), 'Nothing to change.'],
    [words(['app', 'guestbook']), 'Nothing to change.'],
    [words(['set', 'A']), '"A" sets nothing.'],
    [words(['set', '=1']), '"=1" sets nothing.'],
    [words(['set', 'A=1'], ['unset', 'A']), 'A is set or unset twice.'],
    [words(['as', 'DB'], ['create', 'db']), '--as DB belongs to no add-on.'],
    [words(['create', 'db'], ['as', 'A'], ['as', 'B']), '--as B belongs to no add-on.'],
    [words(['attach', 'db'], ['name', 'A']), '--name A belongs to no new add-on.'],
  ] as const) {
    const failure = wrong([...given])
    expect([failure instanceof Failure, failure.exitCode, failure.message]).toEqual([true, 2, says])
    expect(failure.next).toBeTruthy()
  }
})

import { expect, it } from 'vitest'
import { nearNames } from './near.js'

const known = ['apps', 'apps:create', 'addons', 'addons:create', 'addons:attach', 'config:set', 'config:unset', 'logs']

it('a typo is answered with what was meant, the nearest first', () => {
  expect(nearNames('aps:create', known)[0]).toBe('apps:create')
  expect(nearNames('adons:craete', known)[0]).toBe('addons:create')
  expect(nearNames('config-set', known)[0]).toBe('config:set')
  expect(nearNames('lgos', known)).toEqual(['logs'])
})

it('something else entirely suggests nothing', () => {
  expect(nearNames('kubernetes', known)).toEqual([])
})

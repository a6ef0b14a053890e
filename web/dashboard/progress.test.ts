import { expect, it } from 'vitest'
import { shown } from './progress.js'

it('a state that is not known yet is shown as it came', () => {
  expect(shown('migrating')).toEqual({ word: 'migrating', tone: 'neutral' })
})

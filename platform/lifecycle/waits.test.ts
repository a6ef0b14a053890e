import { expect, test } from 'vitest'
import { standardGate } from '../partner/gate.js'
import { standardPatience } from './patience.js'
import { readWaits, waitNames } from './waits.js'

test('each wait and each count of the standard can be set by its name', () => {
  const values = { ...standardPatience, ...standardGate } as Record<string, number | readonly number[]>
  for (const name of waitNames) {
    const value = values[name] as number | readonly number[]
    const read = readWaits([`${name}=${[value].flat().join('/')}`])
    if ('problem' in read) throw new Error(read.problem)
    expect({ ...read.patience, ...read.gate }).toEqual({ [name]: value })
  }
})

test('a row of waits may have another length', () => {
  expect(readWaits(['doubtDelaysMs=1000/2000', 'failuresMax=3'])).toEqual({
    patience: { doubtDelaysMs: [1_000, 2_000] },
    gate: { failuresMax: 3 },
  })
})

test.each([
  'x=1',
  'answerMs',
  'answerMs=',
  'answerMs=0',
  'answerMs=-1',
  'answerMs=1.5',
  'answerMs=1/2',
  'answerMs=1e12',
  'failuresMax=1001',
  '__proto__=1',
])('%s is refused with what would be taken', (word) => {
  expect(readWaits([word])).toEqual({ problem: expect.stringMatching(/knows answerMs|whole numbers from 1/) })
})

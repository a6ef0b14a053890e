import { expect, test } from 'vitest'
import { standardGate } from '../partner/gate.js'
import { scaledPatience, spanWords, standardPatience } from './patience.js'
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

test('limits are promises: the factor on all waits leaves them, and each can be set by its own name', () => {
  const { provisioningMsMax, notFoundsMax, debtMsMax } = scaledPatience(0.01)
  expect([spanWords(provisioningMsMax), notFoundsMax, spanWords(debtMsMax)]).toEqual(['12 hours', 3, '7 days'])
  expect(readWaits(['debtMsMax=1209600000', 'notFoundsMax=5', 'provisioningMsMax=90000'])).toMatchObject({
    patience: { debtMsMax: 14 * 86_400_000, notFoundsMax: 5, provisioningMsMax: 90_000 },
  })
  expect(['90000', '5400000', '86400000', '172800000'].map((ms) => spanWords(Number(ms)))).toEqual([
    '90 seconds',
    '90 minutes',
    '24 hours',
    '2 days',
  ])
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

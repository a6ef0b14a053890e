import { describe, expect, it } from 'vitest'
import { isUnderWay, lingerMs, shown } from './progress.js'

const still = {
  addons: [{ state: 'provisioned' }],
  releases: [{ status: 'succeeded' }, { status: 'failed' }],
  dynos: [{ state: 'up' }, { state: 'crashed' }],
} as const
const longAgo = -Infinity
const now = 1_000_000

describe('looking again', () => {
  it('stops when everything stands', () => {
    expect(isUnderWay(still, now, longAgo)).toBe(false)
    expect(isUnderWay(undefined, now, longAgo)).toBe(false)
  })

  it('goes on while an add-on, a release or a dyno is on its way', () => {
    expect(isUnderWay({ ...still, addons: [{ state: 'provisioning' }] }, now, longAgo)).toBe(true)
    expect(isUnderWay({ ...still, releases: [{ status: 'pending' }] }, now, longAgo)).toBe(true)
    expect(isUnderWay({ ...still, dynos: [{ state: 'starting' }] }, now, longAgo)).toBe(true)
  })

  it('goes on a little after a change, because its release comes later', () => {
    expect(isUnderWay(still, now, now - lingerMs + 1)).toBe(true)
    expect(isUnderWay(still, now, now - lingerMs)).toBe(false)
  })
})

it('a state that is not known yet is shown as it came', () => {
  expect(shown('migrating')).toEqual({ word: 'migrating', tone: 'neutral' })
})

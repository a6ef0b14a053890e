import { describe, expect, it } from 'vitest'
import { lowest, perHour, perMonth, priceLine } from './price.js'

const monthly = (cents: number) => ({ cents, contract: false, unit: 'month' })

describe('prices', () => {
  it('a month is written in dollars, with cents only when there are some', () => {
    expect(perMonth(monthly(500))).toBe('$5')
    expect(perMonth(monthly(123456))).toBe('$1,234.56')
    expect(priceLine(monthly(5000))).toBe('$50/month')
  })

  it('an hour is the month through 720, marked as rounded', () => {
    expect(perHour(monthly(500))).toBe('~$0.007')
    expect(perHour(monthly(5000))).toBe('~$0.069')
    expect(perHour(monthly(720000))).toBe('~$10.000')
  })

  it('a very small price never reads as nothing', () => {
    expect(perHour(monthly(10))).toBe('~$0.0001')
  })

  it('free, by contract and by use are said in words', () => {
    expect([perMonth(monthly(0)), perHour(monthly(0)), priceLine(monthly(0))]).toEqual(['Free', 'Free', 'Free'])
    expect(priceLine({ cents: 0, contract: true, unit: 'month' })).toBe('By contract')
    expect(perHour({ cents: 1, contract: false, metered: true, unit: 'month' })).toBe('—')
    expect(priceLine({ cents: 200, contract: false, unit: 'seat' })).toBe('$2 per seat')
  })

  it('the lowest price is the cheapest one that has a number', () => {
    expect(lowest([{ cents: 0, contract: true, unit: 'month' }, monthly(5000), monthly(500)])).toEqual(monthly(500))
    expect(lowest([])).toBeUndefined()
  })
})

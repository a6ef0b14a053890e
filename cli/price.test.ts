import { describe, expect, it } from 'vitest'
import { billedPriceText, priceText } from './price.js'

const monthly = (cents: number) => priceText({ cents, contract: false })

describe('a price', () => {
  it('is said by the hour and capped by the month', () => {
    expect(monthly(500)).toBe('~$0.007/hour (max $5/month)')
    expect(monthly(5000)).toBe('~$0.069/hour (max $50/month)')
    expect(monthly(72_000)).toBe('~$1/hour (max $720/month)')
  })
  it('shows cents where there are some', () => {
    expect(monthly(550)).toBe('~$0.008/hour (max $5.50/month)')
  })
  it('of some cents a month does not read as nothing', () => {
    expect(monthly(1)).toBe('~$0.00001/hour (max $0.01/month)')
    expect(monthly(50)).toBe('~$0.0007/hour (max $0.50/month)')
  })
  it('has a word when it is no number', () => {
    expect(monthly(0)).toBe('free')
    expect(priceText({ cents: 0, contract: true })).toBe('contract')
    expect(priceText({ cents: 0, contract: false, metered: true })).toBe('metered')
  })
  it('of an add-on is the agreed one, metered as its plan says', () => {
    const billed = { cents: 500, contract: false, unit: 'month' }
    expect(billedPriceText(billed, { price: { ...billed, cents: 900 } })).toBe('~$0.007/hour (max $5/month)')
    expect(billedPriceText(billed, { price: { ...billed, metered: true } })).toBe('metered')
  })
})

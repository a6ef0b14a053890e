import { describe, expect, test } from 'vitest'
import { type BilledSegment, invoicesOf } from './invoice.js'
import { microCents, millisecondsIn, pricedSeconds, wholeCents } from './line.js'

const day = 86_400_000
const at = (text: string) => new Date(`${text}T00:00:00Z`)
const ref = (name: string) => ({ id: name, name })
const segment = (from: string, to: string | null, more: Partial<BilledSegment> = {}): BilledSegment => ({
  from: at(from),
  to: to === null ? null : at(to),
  cents: 3_000,
  addon: ref('db-1'),
  service: ref('fast-db'),
  app: ref('shop'),
  plan: 'fast-db:small',
  stage: 'ga',
  ...more,
})
const totals = (segments: BilledSegment[], now: string) =>
  invoicesOf(segments, at(now)).map(({ number, total }) => [number, total])

/** The same numbers in each run, all over the range. */
function* draws(count: number): Generator<(most: number) => number> {
  let state = 20_261_125
  const draw = (most: number) => {
    state = (state * 48_271) % 2_147_483_647
    return state % (most + 1)
  }
  for (let n = 0; n < count; n++) yield draw
}

describe('what a time costs, for a thousand times and prices', () => {
  test('is never less for longer, nor for a higher price', () => {
    for (const draw of draws(1_000)) {
      const [ms, more, cents] = [draw(31 * day), draw(day), draw(1_000_000)]
      expect(microCents(ms + more, cents) >= microCents(ms, cents)).toBe(true)
      expect(microCents(ms, cents + 1) >= microCents(ms, cents)).toBe(true)
    }
  })

  test('is the sum of its parts, within a millionth of a cent for each', () => {
    for (const draw of draws(1_000)) {
      const [first, second, cents] = [draw(15 * day), draw(15 * day), draw(1_000_000)]
      const apart = microCents(first, cents) + microCents(second, cents)
      const whole = microCents(first + second, cents)
      expect(whole - apart >= 0n && whole - apart <= 1n).toBe(true)
    }
  })

  test("is never more than the month's price, and a whole priced month is exactly that", () => {
    for (const draw of draws(1_000)) {
      const cents = draw(10_000_000)
      expect(wholeCents(microCents(draw(60 * day), cents))).toBeLessThanOrEqual(cents)
      expect(wholeCents(microCents(pricedSeconds * 1_000, cents))).toBe(cents)
    }
  })

  test('is rounded once, half a cent up', () => {
    expect([0n, 499_999n, 500_000n, 1_499_999n, 1_500_000n].map(wholeCents)).toEqual([0, 0, 1, 1, 2])
  })
})

describe('an invoice', () => {
  test('covers a calendar month; 28, 29 and 31 days cost what they last, but never more than the price', () => {
    expect(totals([segment('2027-01-01', '2027-04-01')], '2027-05-01')).toEqual([
      [202703, 3_000],
      [202702, 2_800],
      [202701, 3_000],
    ])
    expect(totals([segment('2028-02-01', '2028-03-01')], '2028-05-01')).toEqual([[202802, 2_900]])
  })

  test('has one line for an add-on at one price, however often it was split', () => {
    const [invoice] = invoicesOf(
      [segment('2027-01-01', '2027-01-11'), segment('2027-01-11', '2027-01-20'), segment('2027-01-20', null)],
      at('2027-02-01'),
    )
    expect(invoice?.lines.map(({ total, milliseconds }) => [total, milliseconds / day])).toEqual([[3_000, 31]])
  })

  test('tells the old price and the new one apart: a pinned price is not changed by a later one', () => {
    const [invoice] = invoicesOf(
      [segment('2027-04-01', '2027-04-16'), segment('2027-04-16', null, { cents: 6_000, plan: 'fast-db:large' })],
      at('2027-05-01'),
    )
    expect(invoice?.lines.map(({ plan, total }) => [plan, total])).toEqual([
      ['fast-db:small', 1_500],
      ['fast-db:large', 3_000],
    ])
    expect(invoice?.total).toBe(4_500)
  })

  test('shows what was ordered in alpha or beta for nothing, apart from what is billed', () => {
    const beta = segment('2027-04-01', '2027-04-16', { stage: 'beta' })
    const alpha = segment('2027-04-01', null, { stage: 'alpha', addon: ref('db-2') })
    const later = segment('2027-04-16', null)
    const [invoice] = invoicesOf([beta, alpha, later], at('2027-05-01'))
    expect(
      invoice?.lines.map(({ addon, stage, total, milliseconds }) => [addon.name, stage, total, milliseconds / day]),
    ).toEqual([
      ['db-1', 'beta', 0, 15],
      ['db-2', 'alpha', 0, 30],
      ['db-1', 'ga', 1_500, 15],
    ])
    expect(invoice?.total).toBe(1_500)
    // A service that is shut down is billed to those who still have it.
    expect(totals([segment('2027-04-01', null, { stage: 'shutdown' })], '2027-05-01')).toEqual([[202704, 3_000]])
  })

  test('of the month under way goes as far as now, and is open', () => {
    const [invoice] = invoicesOf([segment('2027-04-01', null)], at('2027-04-04'))
    expect(invoice).toMatchObject({ isClosed: false, total: 300, lines: [{ to: at('2027-04-04') }] })
  })

  test('is not made for months that cost nothing, nor for nobody', () => {
    expect(totals([segment('2027-01-01', '2027-01-02'), segment('2027-03-01', '2027-03-02')], '2027-06-01')).toEqual([
      [202703, 100],
      [202701, 100],
    ])
    expect(invoicesOf([], at('2027-01-01'))).toEqual([])
  })

  test('adds up over all months to what the segment lasted', () => {
    const long = segment('2026-11-25', '2028-03-03')
    const all = invoicesOf([long], at('2029-01-01')).flatMap(({ lines }) => lines)
    expect(all.reduce((sum, { milliseconds }) => sum + milliseconds, 0)).toBe(
      millisecondsIn(long, at('2000-01-01'), at('2100-01-01')),
    )
  })
})

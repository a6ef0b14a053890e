import type { Price } from '@mortise/contract/platform-api/catalog'

/** Hours that a month counts in prices: charges run by the second, 2,592,000 of them to the month. */
export const monthHours = 720

const dollars = (digits: number) =>
  new Intl.NumberFormat('en-US', {
    style: 'currency',
    currency: 'USD',
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  })

/** `$50`, `$5.50`: cents are written only when there are some. */
export function money(cents: number): string {
  return dollars(cents % 100 === 0 ? 0 : 2).format(cents / 100)
}

/** What a month costs at most: `$5`, `Free`, or in words where no number can be given. */
export function perMonth(price: Price): string {
  if (price.contract) return 'By contract'
  if (price.metered) return 'By use'
  if (price.cents === 0) return 'Free'
  return price.unit === 'month' ? money(price.cents) : `${money(price.cents)} per ${price.unit}`
}

/** What an hour costs: `~$0.007`; an em dash where the price does not run by time. */
export function perHour(price: Price): string {
  if (price.contract || price.metered || price.unit !== 'month') return '—'
  if (price.cents === 0) return 'Free'
  const hourly = price.cents / 100 / monthHours
  // Three digits, as long as they say something; a very small price keeps its first digit.
  const digits = hourly >= 0.001 ? 3 : Math.min(6, Math.ceil(-Math.log10(hourly)))
  return `~${dollars(digits).format(hourly)}`
}

/** One line: `$5/month`, `Free`. */
export function priceLine(price: Price): string {
  const text = perMonth(price)
  return price.unit === 'month' && !price.contract && !price.metered && price.cents > 0 ? `${text}/month` : text
}

/** The cheapest of several, to say "from": what has no number comes last. */
export function lowest(prices: readonly Price[]): Price | undefined {
  const rank = (price: Price) => (price.contract ? Infinity : price.cents)
  return prices.toSorted((a, b) => rank(a) - rank(b))[0]
}

import type { Price } from '@mortise/contract/platform-api/catalog'

/** Prices are kept per month; people compare by the hour. Source: the field's convention of 30 days of 24 hours. */
const hoursPerMonth = 720

/** `~$0.007/hour (max $5/month)`, `free`, `metered` or `contract`. `cents` are per month. */
export function priceText(price: Pick<Price, 'cents' | 'contract' | 'metered'>): string {
  if (price.contract) return 'contract'
  if (price.metered) return 'metered'
  if (price.cents === 0) return 'free'
  return `~$${hourly(price.cents)}/hour (max $${dollars(price.cents)}/month)`
}

/** What an add-on costs its owner: the agreed price, with what only the plan knows. */
export function billedPriceText(billed: Price, plan?: { price?: Price }): string {
  return priceText({ ...billed, metered: plan?.price?.metered ?? billed.metered })
}

/** What a month costs: `$5/month`, or `free`. */
export const monthly = (cents: number): string => (cents === 0 ? 'free' : `$${dollars(cents)}/month`)

function hourly(cents: number): string {
  const perHour = cents / 100 / hoursPerMonth
  if (perHour >= 0.001) return trimZeros(perHour.toFixed(3))
  // A plan of some cents a month must not read as $0.000.
  return trimZeros(perHour.toFixed(Math.min(8, Math.ceil(-Math.log10(perHour)))))
}

function dollars(cents: number): string {
  return cents % 100 === 0 ? String(cents / 100) : (cents / 100).toFixed(2)
}

function trimZeros(text: string): string {
  return text.replace(/0+$/, '').replace(/\.$/, '')
}

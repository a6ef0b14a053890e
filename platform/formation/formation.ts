/** How many dynos of one process type an app wants. */
export interface Formation {
  id: string
  appId: string
  type: string
  command: string
  quantity: number
  size: string
  createdAt: Date
  updatedAt: Date
}

/** The process type that is run once before each release goes out, and never scaled. */
export const releaseType = 'release'

/** Sizes of dynos and the ids they have on the wire. They are names here: a process takes what it needs. */
export const dynoSizes: Record<string, string> = {
  'Standard-1X': '00000000-0000-4000-8000-0000000d0001',
  'Standard-2X': '00000000-0000-4000-8000-0000000d0002',
  'Performance-M': '00000000-0000-4000-8000-0000000d0003',
  'Performance-L': '00000000-0000-4000-8000-0000000d0004',
  Basic: '00000000-0000-4000-8000-0000000d0005',
  Eco: '00000000-0000-4000-8000-0000000d0006',
}
export const dynoSizeDefault = 'Standard-1X'
/** Dynos of one process type. Source: Dev Center, "Limits" (100 for Standard). */
export const quantityMax = 100

/** The size as we spell it, however it was spelled; null when there is none of that name. */
export function dynoSizeOf(given: string): string | null {
  return Object.keys(dynoSizes).find((size) => size.toLowerCase() === given.toLowerCase()) ?? null
}

/**
 * What a wish comes to: 2, "2", "+1" or "-1" seen from today's quantity.
 * @returns null when it is no number from 0 to `quantityMax`
 */
export function quantityAfter(today: number, wish: number | string): number | null {
  const text = String(wish)
  const isChange = /^[+-]/.test(text)
  const number = Number(text)
  if (!Number.isInteger(number)) return null
  // Taking away more than there is leaves none, as Heroku's scaling does.
  const wanted = isChange ? Math.max(0, today + number) : number
  return wanted >= 0 && wanted <= quantityMax ? wanted : null
}

/** A part of the life of an add-on: one owner, one price. `to` is null while it goes on. */
export interface Segment {
  from: Date
  to: Date | null
  /** Cents a month of 30 days. */
  cents: number
}

/** Seconds of the month that a price is for: 30 days, so that a second costs the same in every month. */
export const pricedSeconds = 2_592_000
const microInCent = 1_000_000n

/** The part of the segment that lies in [from, to), in milliseconds. */
export function millisecondsIn(segment: Segment, from: Date, to: Date): number {
  const start = Math.max(segment.from.getTime(), from.getTime())
  const end = Math.min(segment.to?.getTime() ?? to.getTime(), to.getTime())
  return Math.max(0, end - start)
}

/**
 * What so long at so many cents a month costs, in whole millionths of a cent: never more than the month's price, which a
 * month of 31 days would. Exact but for the last millionth, so that splitting a month makes no difference that can be seen.
 */
export function microCents(milliseconds: number, cents: number): bigint {
  const exact = (BigInt(milliseconds) * BigInt(cents) * microInCent) / BigInt(pricedSeconds * 1_000)
  const most = BigInt(cents) * microInCent
  return exact < most ? exact : most
}

/** Rounded once, at the end: half a cent goes up. */
export function wholeCents(micro: bigint): number {
  return Number((micro + microInCent / 2n) / microInCent)
}

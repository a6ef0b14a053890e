import { microCents, millisecondsIn, type Segment, wholeCents } from './line.js'

/** A confirmed charge, with what a line says of it. */
export interface BilledSegment extends Segment {
  addon: { id: string; name: string }
  service: { id: string; name: string }
  app: { id: string; name: string } | null
  /** `service:plan` */
  plan: string
  /** Of the service, when it was ordered: `alpha`, `beta`, `ga` or `shutdown`. */
  stage: string
}

/** What was ordered before its service was generally available is shown, and costs nothing. Source: RULES.md, section 9. */
export const isBilled = ({ stage }: Pick<BilledSegment, 'stage'>): boolean => stage !== 'alpha' && stage !== 'beta'

/** One add-on at one price in one month. */
export interface Line extends Omit<BilledSegment, 'from' | 'to'> {
  from: Date
  to: Date
  milliseconds: number
  total: number
}

export interface Invoice {
  /** Year and month, as 202611. */
  number: number
  from: Date
  /** The first moment of the next month. */
  to: Date
  /** The month is over: the lines change no more. */
  isClosed: boolean
  lines: Line[]
  /** Whole cents: the sum of the lines as they are shown. */
  total: number
}

/** The months of calendar UTC in which the segments cost something, the newest first; the last one until now. */
export function invoicesOf(segments: readonly BilledSegment[], now: Date): Invoice[] {
  const first = Math.min(...segments.map(({ from }) => from.getTime()))
  if (!Number.isFinite(first)) return []
  const invoices: Invoice[] = []
  for (let month = monthOf(new Date(first)); month.from <= now; month = monthOf(month.to)) {
    const lines = linesOf(segments, month.from, month.to < now ? month.to : now)
    if (lines.length === 0) continue
    const total = lines.reduce((sum, line) => sum + line.total, 0)
    invoices.push({ ...month, number: numberOf(month.from), isClosed: month.to <= now, lines, total })
  }
  return invoices.reverse()
}

/** Segments of one add-on at one price are one line, so that the month's price is a bound for all of them together. */
function linesOf(segments: readonly BilledSegment[], from: Date, to: Date): Line[] {
  const lines = new Map<string, Line>()
  for (const segment of segments) {
    const milliseconds = millisecondsIn(segment, from, to)
    if (milliseconds === 0) continue
    const key = `${segment.addon.id} ${segment.plan} ${segment.cents} ${isBilled(segment)}`
    const start = segment.from > from ? segment.from : from
    const end = segment.to && segment.to < to ? segment.to : to
    const line = lines.get(key)
    if (!line) lines.set(key, { ...segment, from: start, to: end, milliseconds, total: 0 })
    else {
      line.milliseconds += milliseconds
      if (end > line.to) line.to = end
      if (start < line.from) line.from = start
    }
  }
  return [...lines.values()].map((line) => ({
    ...line,
    total: isBilled(line) ? wholeCents(microCents(line.milliseconds, line.cents)) : 0,
  }))
}

function monthOf(at: Date): { from: Date; to: Date } {
  const [year, month] = [at.getUTCFullYear(), at.getUTCMonth()]
  return { from: new Date(Date.UTC(year, month, 1)), to: new Date(Date.UTC(year, month + 1, 1)) }
}

const numberOf = (month: Date) => month.getUTCFullYear() * 100 + month.getUTCMonth() + 1

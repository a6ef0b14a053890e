import { deprovisioningHoursMax } from '@mortise/contract/partner-api/deprovision'
import { provisionAnswerMs, provisioningHoursMax } from '@mortise/contract/partner-api/provision'
import { type AnswerClass, retryAfterMsDefault } from '../partner/answers.js'
import type { Attempt } from '../partner/question-store.js'

/** How long we wait for providers, and how soon we ask again. Milliseconds. */
export interface Patience {
  /** From the question until the whole answer has been read; past it the question is in doubt. */
  answerMs: number
  /** The most that a customer's order or change of plan waits for a provider's first answer. */
  customerWaitMs: number
  /** The same when an add-on, or an app with all of its add-ons, is removed. */
  removeWaitMs: number
  destroyWaitMs: number
  /** Waits before the second and third try of a call that was never sent; all within 5 s. */
  notSentDelaysMs: readonly number[]
  /** Waits before a doubtful question is asked again with the same uuid (v3 only). */
  doubtDelaysMs: readonly number[]
  /** How long "not now" is believed. */
  notNowMsMax: number
  /** A removal that was not confirmed is asked for again: the first wait, doubled up to the longest. */
  removalDelayFirstMs: number
  removalDelayMostMs: number
  /** A call that was cut off may still arrive there: the first DELETE lets it go ahead. */
  cutOffMs: number
  /** What was once in doubt is removed again this long after it was said to be gone: a late provision may still arrive. */
  watchDelaysMs: readonly number[]
  /** The ledger is compared with a provider's list so often; after one that could not be had, sooner. */
  compareEveryMs: number
  compareAgainFirstMs: number
  /** After a 202, how long a provider may take to provision and to remove. Promised to providers: shorten it in trials only. */
  provisioningMsMax: number
  deprovisioningMsMax: number
  /** A change of plan that nobody knows the end of is settled by hand after so long. */
  planDoubtMsMax: number
  /** A 404 for what was confirmed to exist is believed when it was said so often, over so long. */
  notFoundsMax: number
  notFoundSpreadMs: number
  /** After so long an operator is asked to remove what the provider does not. */
  debtMsMax: number
  /** How long the body of an answer that was not clear is kept. */
  answerKeptMs: number
}

/** Promises and proofs rather than waits: the factor on all waits leaves them alone. */
const limits = {
  provisioningMsMax: provisioningHoursMax * 3_600_000,
  deprovisioningMsMax: deprovisioningHoursMax * 3_600_000,
  planDoubtMsMax: 24 * 3_600_000,
  notFoundsMax: 3,
  notFoundSpreadMs: 3_600_000,
  debtMsMax: 7 * 86_400_000,
  answerKeptMs: 7 * 86_400_000,
}

const waits: Omit<Patience, keyof typeof limits> = {
  answerMs: provisionAnswerMs,
  customerWaitMs: provisionAnswerMs + 1_500,
  removeWaitMs: 20_000,
  destroyWaitMs: 25_000,
  notSentDelaysMs: [1_000, 2_500],
  doubtDelaysMs: [5_000, 30_000, 120_000],
  notNowMsMax: 10 * 60_000,
  removalDelayFirstMs: 5_000,
  removalDelayMostMs: 3_600_000,
  cutOffMs: 30_000,
  watchDelaysMs: [60_000, 15 * 60_000, 3_600_000, 13 * 3_600_000],
  compareEveryMs: 6 * 3_600_000,
  compareAgainFirstMs: 60_000,
}

/** What providers can rely on. The numbers are RULES' sections 1 to 3; the first is the wire's. */
export const standardPatience: Patience = { ...waits, ...limits }

/** Every wait but the limits times `factor`, for trials in which nobody wants to sit through minutes. */
export function scaledPatience(factor: number): Patience {
  const scale = (wait: number | readonly number[]) =>
    typeof wait === 'number' ? Math.round(wait * factor) : wait.map((ms) => Math.round(ms * factor))
  const scaled = Object.fromEntries(Object.entries(waits).map(([name, wait]) => [name, scale(wait)]))
  return { ...(scaled as unknown as typeof waits), ...limits }
}

export type NextTry =
  | { next: 'have' }
  | { next: 'parked'; since: Date }
  /** Right now; `number` is set when the attempt is already on record. */
  | { next: 'now'; number: number | null }
  /** After a moment, while the customer waits. */
  | { next: 'soon'; afterMs: number; number: null }
  /** In the background. */
  | { next: 'later'; afterMs: number; reason: string }
  | { next: 'give up'; class: AnswerClass; message: string | null; note: string }

/**
 * What the record of attempts asks for next. Pure: the record is all it knows.
 * @param takesRepeats whether a question that comes again makes nothing new at this provider
 */
export function nextProvisionTry(
  attempts: readonly Attempt[],
  takesRepeats: boolean,
  now: Date,
  patience: Patience = standardPatience,
): NextTry {
  const last = attempts.at(-1)
  if (!last) return { next: 'now', number: null }
  if (last.class === null) return { next: 'now', number: last.number }
  const kind = last.class as AnswerClass
  const giveUp: NextTry = { next: 'give up', class: kind, message: last.message, note: last.note ?? '' }
  const sameKind = attempts.filter((attempt) => attempt.class === kind)
  const firstDoubt = attempts.findIndex((attempt) => attempt.class === 'doubt')
  const triesInDoubt = firstDoubt < 0 ? 0 : attempts.length - firstDoubt
  function afterDoubt(): NextTry {
    // Where repeats have no mark, a second question may make a second resource.
    const delay = takesRepeats ? patience.doubtDelaysMs[triesInDoubt - 1] : undefined
    // Whatever came last, it is doubt that ends it: nobody can say that nothing was created.
    if (delay === undefined) return { next: 'give up', class: 'doubt', message: null, note: last?.note ?? '' }
    return due(last as Attempt, delay, now, 'the provider gave no clear answer; it is asked again')
  }
  switch (kind) {
    case 'ok':
      return { next: 'have' }
    case 'accepted':
      return { next: 'parked', since: last.answeredAt ?? last.sentAt }
    case 'not sent': {
      // Once in doubt, what can't be reached is only silent for longer: the customer knows that it goes on by itself.
      if (triesInDoubt > 0) return afterDoubt()
      const afterMs = patience.notSentDelaysMs[sameKind.length - 1]
      if (afterMs === undefined) return giveUp
      return { next: 'soon', afterMs, number: null }
    }
    case 'doubt':
      return afterDoubt()
    case 'not now': {
      const first = sameKind[0]?.sentAt ?? last.sentAt
      if (now.getTime() - first.getTime() > patience.notNowMsMax) return giveUp
      return due(last, last.retryAfterMs ?? retryAfterMsDefault, now, 'the provider is busy; it is asked again')
    }
    default:
      return giveUp
  }
}

function due(last: Attempt, delayMs: number, now: Date, reason: string): NextTry {
  const waited = now.getTime() - (last.answeredAt ?? last.sentAt).getTime()
  return waited >= delayMs ? { next: 'now', number: null } : { next: 'later', afterMs: delayMs - waited, reason }
}

/** `12 hours`, `7 days`, `90 minutes`: a limit in the largest unit that says it in a whole number. */
export function spanWords(ms: number): string {
  const units = [
    ['day', 86_400_000, 2],
    ['hour', 3_600_000, 1],
    ['minute', 60_000, 1],
  ] as const
  const [name, size] = units.find(([, size, least]) => ms % size === 0 && ms / size >= least) ?? ['second', 1_000]
  const count = Math.ceil(ms / size)
  return `${count} ${name}${count === 1 ? '' : 's'}`
}

import { provisioningHoursMax } from '@mortise/contract/partner-api/provision'
import type { AnswerClass } from '../partner/answers.js'
import type { Attempt } from '../partner/question-store.js'

/** Waits before the second and third try of a call that was never sent; all within 5 s. */
export const notSentDelaysMs = [1_000, 2_500] as const
/** Waits before a doubtful question is asked again with the same uuid (v3 only). */
export const doubtDelaysMs = [5_000, 30_000, 120_000] as const
/** How long "not now" is believed. */
export const notNowMsMax = 10 * 60_000
export const provisioningMsMax = provisioningHoursMax * 3_600_000

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

/** What the record of attempts asks for next. Pure: the record is all it knows. */
export function nextProvisionTry(
  attempts: readonly Attempt[],
  protocol: 'heroku-v1' | 'heroku-v3',
  now: Date,
): NextTry {
  const last = attempts.at(-1)
  if (!last) return { next: 'now', number: null }
  if (last.class === null) return { next: 'now', number: last.number }
  const kind = last.class as AnswerClass
  const giveUp: NextTry = { next: 'give up', class: kind, message: last.message, note: last.note ?? '' }
  const sameKind = attempts.filter((attempt) => attempt.class === kind)
  switch (kind) {
    case 'ok':
      return { next: 'have' }
    case 'accepted':
      return { next: 'parked', since: last.answeredAt ?? last.sentAt }
    case 'not sent': {
      const afterMs = notSentDelaysMs[sameKind.length - 1]
      if (afterMs === undefined) return giveUp
      return { next: 'soon', afterMs, number: null }
    }
    case 'doubt': {
      // v1 has no mark for repeats: a second question may make a second resource.
      const delay = protocol === 'heroku-v1' ? undefined : doubtDelaysMs[sameKind.length - 1]
      return delay === undefined
        ? giveUp
        : due(last, delay, now, 'the provider gave no clear answer; it is asked again')
    }
    case 'not now': {
      const first = sameKind[0]?.sentAt ?? last.sentAt
      if (now.getTime() - first.getTime() > notNowMsMax) return giveUp
      return due(last, last.retryAfterMs ?? 5_000, now, 'the provider is busy; it is asked again')
    }
    default:
      return giveUp
  }
}

function due(last: Attempt, delayMs: number, now: Date, reason: string): NextTry {
  const waited = now.getTime() - (last.answeredAt ?? last.sentAt).getTime()
  return waited >= delayMs ? { next: 'now', number: null } : { next: 'later', afterMs: delayMs - waited, reason }
}

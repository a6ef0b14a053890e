import type { StoryLine } from '@mortise/contract/platform-api/operations'
import { timestamp } from '@mortise/contract/platform-api/shared'
import type { JsonObject } from '../saga/saga.js'
import type { LoggedEntry } from '../saga/store.js'
import type { AskedOnce, Known } from './operation-store.js'

/** For whom it is told: a customer reads what happened, the operator also what the platform saw. */
export type Listener = 'customer' | 'operator'

type Line = Omit<StoryLine, 'at'> & { at: Date }

/**
 * The saga's log and the provider's answers as sentences in the order in which they happened. Names, words and states;
 * values of config vars were never in either.
 */
export function tellStory(
  it: Known,
  log: readonly LoggedEntry[],
  attempts: readonly AskedOnce[],
  listener: Listener,
): StoryLine[] {
  const lines = [
    ...log.flatMap((entry, index) => fromLog(it, entry, log[index + 1], listener)),
    ...attempts.flatMap((attempt) => fromAttempt(it, attempt, listener)),
  ]
  // Stable: what happened in one moment stays in the order of the log, and a question comes before its answer.
  return lines.sort((a, b) => a.at.getTime() - b.at.getTime()).map((line) => ({ ...line, at: timestamp(line.at) }))
}

const text = (note: JsonObject | undefined, name: string): string | null => {
  const value = note?.[name]
  return typeof value === 'string' ? value : null
}
const sentence = (words: string) => {
  const whole = `${words[0]?.toUpperCase() ?? ''}${words.slice(1)}`
  return /[.!?”]$/.test(whole) ? whole : `${whole}.`
}
const because = (reason: string | null) => (reason ? ` ${sentence(reason)}` : '')

/** What finishing a step means to whoever reads it; the steps that only ask are told by their answers. */
const stepsDone: Record<string, string> = {
  'addon.provision settle': 'Its config vars were released to the app, and it is billed.',
  'addon.change-plan settle': 'The new plan and its price are in force.',
  'addon.change-plan release': 'Every app that uses it has the config that came with the plan.',
  'addon.deprovision release elsewhere': 'Every other app that used it has a release without it.',
  'addon.deprovision settle': 'It is gone: its values are shredded and its name is free.',
  'app.change await add-ons': 'Every provider has made its part.',
  'app.change apply': 'All of it is in one release.',
  'app.destroy undeploy': 'Its dynos stopped and its files were removed.',
  'app.destroy await add-ons': 'All of its add-ons are gone.',
  'app.destroy settle': 'The app is gone.',
}

function beginning(it: Known): string {
  const addon = it.addon?.name ?? 'an add-on'
  const app = it.app ? ` for ${it.app.name}` : ''
  const params = it.params as { planName?: string; to?: { name?: string }; appName?: string }
  switch (it.saga) {
    case 'addon.provision':
    case 'addon.provision-together':
      return `Ordered ${params.planName ?? addon}${app}, as ${addon}. Its names are reserved; nothing is billed until it is there.`
    case 'addon.change-plan':
      return `Asked to move ${addon} to ${params.to?.name ?? 'another plan'}.`
    case 'addon.deprovision':
      return `Removed ${addon}. Apps and bills have let go of it.`
    case 'app.change':
      return `Ordered several changes${app} as one release. Until all of them can be made, none is.`
    case 'app.destroy':
      return `Destroyed ${params.appName ?? 'the app'} with all of its add-ons.`
    default:
      return `Began ${it.saga}.`
  }
}

function fromLog(it: Known, entry: LoggedEntry, next: LoggedEntry | undefined, listener: Listener): Line[] {
  const { at, step, note } = entry
  const reason = text(note, 'reason')
  const provider = it.service?.name ?? 'the provider'
  const line = (who: Line['who'], words: string): Line[] => [{ at, step, who, text: words }]
  const by = text(note, 'by')
  const operator = by !== null && listener === 'operator' ? `The operator (${by})` : 'The operator'
  const said = listener === 'operator' && text(note, 'said') ? ` Reason: ${sentence(text(note, 'said') ?? '')}` : ''
  switch (entry.kind) {
    case 'began':
      return line('customer', beginning(it))
    case 'done': {
      const elsewhere = (it.found as { intend?: { elsewhere?: unknown[] } }).intend?.elsewhere
      const words = elsewhere?.length === 0 && step === 'release elsewhere' ? null : stepsDone[`${it.saga} ${step}`]
      return words ? line('platform', words) : []
    }
    case 'finished':
      return line('platform', 'It was released together with what it was ordered with.')
    case 'again':
      return line('platform', `${anotherTry(it, entry, next)}.${because(reason)}`)
    case 'parked':
      return line('platform', `Waits until ${wireTime(text(note, 'until'))} at most.${because(reason)}`)
    case 'woken': {
      const facts = Array.isArray(note?.['facts']) ? note['facts'].join(', ') : 'something'
      return line('provider', `${provider} called back: ${facts}.`)
    }
    case 'unwinding':
      return line('platform', `Decided against it.${because(reason)}`)
    case 'unwound':
      return by === null
        ? line('platform', 'Everything of ours was taken back; what may exist at the provider is in the ledger.')
        : line('operator', `${operator} ended it: everything of ours is as it was before.${said}`)
    case 'stuck':
      return line('platform', `Stuck.${because(reason)} Only the operator can move it.`)
    case 'failed':
      return line(
        'platform',
        listener === 'operator'
          ? sentence(reason ?? 'a fault of the platform')
          : 'The platform had a fault; it tries again by itself.',
      )
    case 'retried':
      return line('operator', `${operator} had it tried again.${said}`)
    case 'settled':
      return line('operator', `${operator} settled it: ${text(note, 'outcome') ?? 'done'}.${said}`)
    default:
      return []
  }
}

const asked = { provision: 'to create it', plan: 'to change the plan', deprovision: 'to remove it' }

/** The classes of the table of answers, in words. */
const meaning: Record<string, string> = {
  'not sent': 'could not be reached: nothing was sent',
  ok: 'did it',
  accepted: 'works on it and will call back',
  refused: 'refused',
  'set-up fault': 'and this platform do not understand each other',
  'not now': 'is busy and wants to be asked later',
  doubt: 'gave no clear answer: it may have acted',
  defective: 'answered with what can not be used',
  gone: 'says that it is gone',
  later: 'removes it in its own time and will call back',
  missing: 'does not know it',
  'not yet': 'did not remove it',
}

function fromAttempt(it: Known, attempt: AskedOnce, listener: Listener): Line[] {
  const provider = it.service?.name ?? 'the provider'
  const again = attempt.number > 1 ? ` once more (attempt ${attempt.number})` : ''
  const step = 'ask'
  const question: Line = {
    at: attempt.sentAt,
    step,
    who: 'platform',
    text: `Asked ${provider} ${asked[attempt.kind]}${again}.`,
  }
  if (attempt.answeredAt === null || attempt.class === null) return [question]
  const status = attempt.status === null ? '' : ` (${attempt.status})`
  const { message, note } = attempt
  // A provider's words often are a sentence with its own full stop.
  const words = message ? `: “${message}”${/[.!?]$/.test(message) ? '' : '.'}` : '.'
  return [
    question,
    {
      at: attempt.answeredAt,
      step,
      who: 'provider',
      text: `${provider} ${meaning[attempt.class] ?? attempt.class}${status}${words}`,
      answer: {
        class: attempt.class,
        status: attempt.status,
        message,
        ...(listener === 'operator' ? { note } : {}),
      },
    },
  ]
}

/** Kinds of entries that a try leaves; with any other, somebody moved the story before it came to that. */
const triesEnd: readonly LoggedEntry['kind'][] = ['again', 'done', 'parked', 'unwinding', 'failed', 'stuck']

/** What was put off: it is to come, it came (sooner, if something woke the story), or it never did. */
function anotherTry({ state, nextAt }: Known, { at, note }: LoggedEntry, next: LoggedEntry | undefined): string {
  const afterMs = Number(note?.['after_ms'])
  if (!next && state === 'waiting') {
    const time = duration(nextAt.getTime() - at.getTime())
    return time ? `Will try again in ${time}, at ${timestamp(nextAt)}` : 'Will try again at once'
  }
  if (next && !triesEnd.includes(next.kind)) return `Was to try again ${after(afterMs)}`
  return `Tried again ${after(next ? Math.min(afterMs, next.at.getTime() - at.getTime()) : afterMs)}`
}

const after = (ms: number) => (duration(ms) ? `after ${duration(ms)}` : 'at once')

/** @returns null for less than a second */
function duration(ms: number): string | null {
  if (!Number.isFinite(ms) || ms < 1_000) return null
  if (ms < 120_000) return `${Math.round(ms / 1_000)} s`
  return ms < 7_200_000 ? `${Math.round(ms / 60_000)} min` : `${Math.round(ms / 3_600_000)} h`
}

function wireTime(text: string | null): string {
  const date = text === null ? null : new Date(text)
  return date && !Number.isNaN(date.getTime()) ? timestamp(date) : 'its limit'
}

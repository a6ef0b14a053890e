import type { LedgerEntry, Operation } from '@mortise/contract/platform-api/operations'
import { plainText } from './plain-text.js'
import { properties } from './table.js'
import { when } from './time.js'

/** What it waits for, in a few words. */
export function waitsFor(one: Pick<Operation, 'waits'>): string {
  if (!one.waits) return ''
  return one.waits.until === null ? one.waits.for : `${one.waits.for}, until ${clock(one.waits.until)}`
}

/** One operation with its story, line by line. */
export function operationText(one: Operation, now: Date): string {
  const head = properties([
    ['Id', one.id],
    ['Kind', one.kind],
    ['Add-on', one.addon?.name],
    ['Provider', one.addon_service?.name],
    ['App', one.app?.name],
    ['State', one.state],
    ['Why', one.reason],
    ['Waits for', waitsFor(one)],
    ['By', one.actor.email],
    ['Began', when(one.created_at, now)],
    ['Ended', one.ended_at && when(one.ended_at, now)],
    ['You may', one.verbs.map((verb) => `operations:${verb}`).join(', ')],
  ])
  return one.story?.length ? `${head}\n\n${storyText(one)}` : head
}

export function storyText(one: Operation): string {
  return (one.story ?? [])
    .flatMap(({ at, who, text, answer }) => [
      `${clock(at)}  ${who.padEnd(8)}  ${plainText(text)}`,
      ...(answer?.note ? [`${' '.repeat(31)}(${plainText(answer.note)})`] : []),
    ])
    .join('\n')
}

export function entryText(one: LedgerEntry, now: Date): string {
  const { last_answer: last } = one
  return properties([
    ['Add-on', `${one.addon.name} (${one.addon_state})`],
    ['Id', one.id],
    ['Provider', one.addon_service.name],
    ["Provider's id", one.provider_id],
    ['App', one.app?.name],
    ['State', one.state],
    ['In doubt', one.doubtful ? 'it once was' : 'never'],
    ['Why', one.reason],
    ['Tries', one.attempts],
    ['Last answer', last && `${last.class}: ${last.note ?? ''} (${when(last.at, now)})`],
    ['Next try', one.next_try_at],
    ['You may', one.verbs.map((verb) => `ledger:${verb}`).join(', ')],
  ])
}

/** `2026-11-23 22:43:15`: UTC, as wide in every line. */
function clock(timestamp: string): string {
  return timestamp.slice(0, 19).replace('T', ' ')
}

import { type Fields, isFields } from '@mortise/contract/manifest/fields'
import type { Mask } from '@mortise/contract/partner-api/mask'

/** One request of the inspection, as it is written to the wire. */
export interface Question {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  url: string
  headers: Record<string, string>
  body?: string
}

export interface Answer {
  status: number
  headers: Record<string, string | string[] | undefined>
  text: string
  /** The body, read as JSON whatever its content type says; undefined when it is none. */
  json: unknown
}

/**
 * A question and what came of it. Without an answer `failure` says how far it got: nothing was written
 * (unreachable), nothing came in time (timeout), or the connection broke half-way (broken).
 */
export interface Exchange {
  question: Question
  answer: Answer | null
  failure: 'unreachable' | 'timeout' | 'broken' | null
  reason: string
  /** Milliseconds from the question to the end of the answer. */
  ms: number
}

/** Characters of a body that a report repeats. */
const shownMax = 600

/** The status, or 0 when there was no answer. */
export function statusOf({ answer }: Exchange): number {
  return answer?.status ?? 0
}

/** Whether it was done, or will be: any 2xx. Source: kensa 3.1.0 takes any 2xx for 200. */
export function isOk(exchange: Exchange): boolean {
  return Math.floor(statusOf(exchange) / 100) === 2
}

/** What came back in three words, for a sentence: "500", "nothing within 25 s". */
export function outcomeOf({ answer, reason }: Exchange): string {
  return answer ? String(answer.status) : reason
}

/** The body's fields; none when it is not a JSON object. */
export function fieldsOf({ answer }: Exchange): Fields {
  return isFields(answer?.json) ? answer.json : {}
}

/** The provider's own words for the customer, or null. */
export function messageOf(exchange: Exchange): string | null {
  const { message } = fieldsOf(exchange)
  return typeof message === 'string' && message.trim() !== '' ? message : null
}

/** The question as text, without secrets. */
export function sentText({ question: { method, url, headers, body } }: Exchange, mask: Mask): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${mask.header(name, value)}`)
  return [`${method} ${mask.text(url)}`, ...lines, ...(body ? [shown(mask.body(body))] : [])].join('\n')
}

/** The answer as text, without secrets. */
export function receivedText(exchange: Exchange, mask: Mask): string {
  const { answer, reason, ms } = exchange
  if (!answer) return reason
  const lines = ['content-type', 'location', 'set-cookie'].flatMap((name) =>
    [answer.headers[name] ?? []].flat().map((value) => `${name}: ${mask.header(name, value)}`),
  )
  const body = answer.text === '' ? '(no body)' : shown(mask.body(answer.text))
  return [`${answer.status} after ${Math.round(ms)} ms`, ...lines, body].join('\n')
}

function shown(text: string): string {
  // Control characters could draw anything on a terminal.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out.
  const plain = text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '?')
  return plain.length > shownMax ? `${plain.slice(0, shownMax)}… (${plain.length} characters)` : plain
}

import { isUuid } from '@mortise/contract/identity'
import { appConfigBytesMax, configValueProblem } from '@mortise/contract/manifest/config-limits'
import { plainText } from '@mortise/contract/manifest/plain-text'
import type { OutboundAnswer } from '../http/outbound.js'

/**
 * What a provider's answer means. One table for code, tests and docs; an exact status wins over its class.
 * A provider's silence is never read as "no".
 */
export type AnswerClass =
  | 'not sent' // nothing was written, so nothing was done
  | 'ok'
  | 'accepted' // done later; a call-back ends it
  | 'refused' // a decision, with the provider's words
  | 'set-up fault' // the provider's or our configuration is wrong; the customer can't mend it
  | 'not now' // asked again, as late as it says
  | 'doubt' // it may have been done
  | 'defective' // it was done, and the answer can't be used

/** status → class for POST (provision) and PUT (plan). `words` means: only with a JSON message, else the class behind it. */
const statusTable: Record<number, AnswerClass | { words: AnswerClass; without: AnswerClass }> = {
  200: 'ok',
  201: 'ok',
  202: 'accepted',
  401: 'set-up fault',
  402: 'refused',
  403: 'set-up fault',
  404: 'set-up fault',
  405: 'set-up fault',
  406: 'set-up fault',
  408: 'doubt',
  409: 'doubt',
  410: 'refused',
  415: 'set-up fault',
  422: 'refused',
  425: 'not now',
  429: 'not now',
  503: { words: 'refused', without: 'doubt' },
}

/** Other statuses, by their first digit. */
const classTable: Record<number, AnswerClass> = { 2: 'doubt', 3: 'doubt', 4: 'refused', 5: 'doubt' }

/** What stands where bytes were no UTF-8. A value with it is not what the provider meant. */
const notUtf8 = '\uFFFD'
/** Bytes of an answer that are read; config has far less. */
export const answerBytesMax = 256 * 1024
/** The most that a Retry-After is honoured. */
export const retryAfterMsMax = 60_000
/** "Not now" without a time. */
export const retryAfterMsDefault = 5_000

export interface Reading {
  class: AnswerClass
  status: number | null
  /** The provider's words to the customer, as plain text; never config values. */
  message: string | null
  /** What happened, for the operator's log. */
  note: string
  providerId: string | null
  config: Record<string, string>
  /** Where it wants the app's log; not judged yet. Source: the contract; older code says `syslog_drain_url`. */
  logDrainUrl: string | null
  retryAfterMs: number | null
}

function classOf(status: number, hasWords: boolean): AnswerClass {
  const exact = statusTable[status]
  if (typeof exact === 'object') return hasWords ? exact.words : exact.without
  return exact ?? classTable[Math.floor(status / 100)] ?? 'doubt'
}

/** Reads an answer to the question "provision". @param declared the config vars that the manifest lists */
export function readProvision(answer: OutboundAnswer, declared: readonly string[]): Reading {
  const read = readAny(answer)
  if (answer.got !== 'answer') return read
  const body = jsonObject(answer.body)
  if (read.class !== 'ok' && read.class !== 'accepted') return read
  if (!body || answer.cut) {
    // A 202 needs no body that can be read; a 200 without one leaves what was made unknown.
    return read.class === 'accepted'
      ? read
      : { ...read, class: 'doubt', note: `${answer.status} with a body that can't be read` }
  }
  const providerId = idOf(body['id'])
  const logDrainUrl = textOf(body['log_drain_url']) ?? textOf(body['syslog_drain_url'])
  if (read.class === 'accepted') return { ...read, providerId, logDrainUrl }
  if (providerId === null) return { ...read, class: 'defective', note: 'the answer has no id that can be used' }
  const config = readConfig(body['config'], declared)
  if ('problem' in config) return { ...read, class: 'defective', providerId, note: config.problem }
  return { ...read, providerId, logDrainUrl, config: config.config }
}

/** Reads an answer to "change the plan". Any 2xx means changed; the body need not be JSON. */
export function readPlanChange(answer: OutboundAnswer, declared: readonly string[]): Reading {
  const read = readAny(answer)
  if (answer.got !== 'answer') return read
  if (answer.status >= 200 && answer.status < 300) {
    const config = readConfig(jsonObject(answer.body)?.['config'], declared)
    if ('problem' in config)
      return { ...read, class: 'ok', config: {}, note: `changed, but its config was left out: ${config.problem}` }
    return { ...read, class: 'ok', config: config.config }
  }
  if (answer.status === 404 || answer.status === 410) {
    return { ...read, class: 'set-up fault', note: `${answer.status}: the provider does not know this resource` }
  }
  return read
}

/** Statuses by which a gateway says that there is nobody behind it. */
const nobodyBehind = new Set([502, 503, 504])

/**
 * Why this answer says that the provider as a whole is in trouble, or null. A 500 may be about one resource only, and a 503
 * with words is a decision.
 */
export function isSick(answer: OutboundAnswer): string | null {
  if (answer.got !== 'answer') return answer.reason
  if (!nobodyBehind.has(answer.status)) return null
  return messageOf(jsonObject(answer.body)?.['message']) === null ? `answered ${answer.status}` : null
}

export type GoneClass = 'gone' | 'later' | 'missing' | 'not yet'

/** Reads an answer to "deprovision". 404 is `missing`: gone for the customer, not proven for the ledger. */
export function readDeprovision(answer: OutboundAnswer): {
  class: GoneClass
  status: number | null
  note: string
  isHtml: boolean
  /** How long it wants to be left alone, if it said so. */
  retryAfterMs: number | null
} {
  const retryAfterMs = null
  if (answer.got !== 'answer')
    return { class: 'not yet', status: null, note: answer.reason, isHtml: false, retryAfterMs }
  const { status } = answer
  const isHtml = /html/i.test(answer.headers['content-type'] ?? '') || /^\s*<(!doctype|html)/i.test(answer.body)
  const note = `answered ${status}`
  if (status === 202) return { class: 'later', status, note, isHtml, retryAfterMs }
  if ((status >= 200 && status < 300) || status === 410) return { class: 'gone', status, note, isHtml, retryAfterMs }
  if (status === 404) return { class: 'missing', status, note, isHtml, retryAfterMs }
  const wait = status === 429 || status === 425 || status === 503 ? readRetryAfter(answer.headers) : null
  return { class: 'not yet', status, note, isHtml, retryAfterMs: wait }
}

/** What a page of a provider's list came to. Only `page` says anything of its resources. */
export type ListClass =
  | 'page'
  | 'not now' // asked again, as late as it says
  | 'set-up fault' // it does not list, or not to us, although its manifest says so
  | 'unreadable' // a page that nothing can be concluded from
  | 'no answer'

/** status → class for GET (list); every other status is no answer. */
const listTable: Record<number, ListClass> = {
  200: 'page',
  401: 'set-up fault',
  403: 'set-up fault',
  404: 'set-up fault',
  405: 'set-up fault',
  406: 'set-up fault',
  410: 'set-up fault',
  501: 'set-up fault',
  425: 'not now',
  429: 'not now',
  503: 'not now',
}

/** One of what a provider says to keep; at least one of the two is known. The uuid is in lower case. */
export interface Listed {
  uuid: string | null
  providerId: string | null
}

export interface ListReading {
  class: ListClass
  note: string
  resources: Listed[]
  /** Of the next page; null on the last. */
  next: string | null
  retryAfterMs: number | null
}

/** Bytes of one page. Ten times what as many uuids need. */
export const listBytesMax = 1024 * 1024
const cursorMax = 1_000

/** Reads one page of a list. One entry that can't be read makes the page unreadable: half a list proves nothing. */
export function readList(answer: OutboundAnswer): ListReading {
  const nothing = { resources: [], next: null, retryAfterMs: null }
  if (answer.got !== 'answer') return { ...nothing, class: 'no answer', note: answer.reason }
  const { status } = answer
  const kind = listTable[status] ?? 'no answer'
  const note = `answered ${status}`
  if (kind !== 'page')
    return { ...nothing, class: kind, note, retryAfterMs: kind === 'not now' ? readRetryAfter(answer.headers) : null }
  const unreadable = (why: string): ListReading => ({ ...nothing, class: 'unreadable', note: why })
  if (answer.cut) return unreadable(`its page is longer than ${listBytesMax / 1024} KiB`)
  const body = jsonObject(answer.body)
  if (!body || !Array.isArray(body['resources'])) return unreadable('its page is no JSON object with "resources"')
  const resources: Listed[] = []
  for (const given of body['resources']) {
    const listed = listedOf(given)
    if (!listed) return unreadable(`entry ${resources.length + 1} of its page names nothing by "uuid" or "id"`)
    resources.push(listed)
  }
  const next = body['next'] ?? null
  if (next !== null && (typeof next !== 'string' || next === '' || next.length > cursorMax))
    return unreadable(`"next" is neither null nor a text of at most ${cursorMax} characters`)
  return { ...nothing, class: 'page', note, resources, next }
}

function listedOf(given: unknown): Listed | null {
  if (typeof given !== 'object' || given === null) return null
  const { uuid, id } = given as Record<string, unknown>
  const has = (value: unknown) => value !== undefined && value !== null
  if (has(uuid) && !(typeof uuid === 'string' && isUuid(uuid))) return null
  const listed = { uuid: has(uuid) ? (uuid as string).toLowerCase() : null, providerId: has(id) ? idOf(id) : null }
  if (has(id) && listed.providerId === null) return null
  return listed.uuid === null && listed.providerId === null ? null : listed
}

function readAny(answer: OutboundAnswer): Reading {
  const nothing = { message: null, providerId: null, config: {}, logDrainUrl: null, retryAfterMs: null }
  if (answer.got === 'not sent') return { ...nothing, class: 'not sent', status: null, note: answer.reason }
  if (answer.got === 'silence') return { ...nothing, class: 'doubt', status: null, note: answer.reason }
  const message = messageOf(jsonObject(answer.body)?.['message'])
  const kind = classOf(answer.status, message !== null)
  return {
    ...nothing,
    class: kind,
    status: answer.status,
    message,
    note: `answered ${answer.status}`,
    retryAfterMs: kind === 'not now' ? (readRetryAfter(answer.headers) ?? retryAfterMsDefault) : null,
  }
}

/** Checks config that a provider gives: declared names, texts, within limits. The problem never repeats a value. */
export function readConfig(
  given: unknown,
  declared: readonly string[],
): { config: Record<string, string> } | { problem: string } {
  if (given === undefined || given === null) return { config: {} }
  if (typeof given !== 'object' || Array.isArray(given)) return { problem: 'config is not an object' }
  const config: Record<string, string> = {}
  let bytes = 0
  for (const [name, value] of Object.entries(given)) {
    const shown = plainText(name, 100)
    if (!declared.includes(name)) return { problem: `config holds ${shown}, which the manifest does not declare` }
    if (typeof value !== 'string') return { problem: `the value of ${shown} is not a string` }
    if (value.includes(notUtf8)) return { problem: `the value of ${shown} is not UTF-8` }
    const problem = configValueProblem(name, value)
    if (problem) return { problem }
    bytes += Buffer.byteLength(name) + Buffer.byteLength(value)
    config[name] = value
  }
  if (bytes > appConfigBytesMax) return { problem: `config holds more than ${appConfigBytesMax / 1024} KiB` }
  return { config }
}

function jsonObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text)
    return value !== null && typeof value === 'object' && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null
  } catch {
    return null
  }
}

/** Old providers answer numbers; some answer the same id for several resources. We key on our own uuid. */
function idOf(value: unknown): string | null {
  // A number that JavaScript can't hold exactly would be another resource's id.
  if (typeof value === 'number') return Math.abs(value) <= Number.MAX_SAFE_INTEGER ? String(value) : null
  if (typeof value !== 'string' || value.trim() === '' || value.length > 1000 || value.includes(notUtf8)) return null
  // Kept as it is or not at all: by it, a v1 provider is told what to remove.
  return plainText(value, 1000) === value.trim() ? value.trim() : null
}

const textOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null)

function messageOf(value: unknown): string | null {
  if (typeof value !== 'string') return null
  return plainText(value) || null
}

/** In seconds or as a date, which is measured against the answer's own date; null when it says nothing that makes sense. */
function readRetryAfter(headers: Record<string, string>): number | null {
  const given = headers['retry-after']?.trim()
  if (!given) return null
  const ms = /^\d+$/.test(given) ? Number(given) * 1000 : Date.parse(given) - Date.parse(headers['date'] ?? '')
  return Number.isFinite(ms) && ms > 0 ? Math.min(ms, retryAfterMsMax) : null
}

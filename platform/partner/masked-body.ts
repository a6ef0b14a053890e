import { createHash } from 'node:crypto'
import { type Fields, isFields } from '@mortise/contract/manifest/fields'
import { plainText } from '@mortise/contract/manifest/plain-text'
import type { MaskedBody } from '@mortise/contract/platform-api/provider-portal'
import { looksSecret, safeWords } from './safe-words.js'
import { isContractName, isOwnName, type Place, placeIn, showing, top } from './shown-fields.js'

/** Bytes of a masked body that are kept. */
export const maskedBytesMax = 4 * 1024
/** Of one object or list, and beneath one another. */
const entriesMax = 40
const depthMax = 8
/** Of shorter ones a digest would be as good as the text. */
const digestBytesMin = 16
/** Texts below this are in every word. */
const secretCharsMin = 4
/** With more of them no words are shown: to look for each in each would take too long. */
const secretsMax = 500
/** Of the bytes, what is left for saying how much was left out of each object and list that is open at the end. */
const endBytes = depthMax * 40

/** A body as it went over the wire, and what it was called. */
export interface RawBody {
  text: string
  type: string | null
  /** It went on. */
  cut?: boolean
}

export interface RawExchange {
  /** Null: nothing is known of it. */
  sent: RawBody | null
  received: RawBody | null
  /** Which of the two we wrote. What is shown of that is no secret when the other side repeats it. */
  ours: 'sent' | 'received'
  /** Texts that are secret wherever they stand: passwords, tokens. */
  secrets: readonly string[]
  /** Names, beside the contract's, that may be shown. */
  names?: readonly string[]
}

/** What is kept of a request's two bodies; null where nothing is. */
export interface Exchange {
  sent: MaskedBody | null
  received: MaskedBody | null
}

export const nothingPassed: Exchange = { sent: null, received: null }

/** As a column takes it. */
export const asJson = (body: MaskedBody | null) => body && JSON.stringify(body)

/**
 * Both bodies of one request with every value taken out that is or may be a secret. The two are masked together: what is
 * secret in one is hidden in the other's words and names too. Throws nothing, whatever the bodies are; the result holds no
 * control bytes and no halves of characters, so that any database takes it. Source: RULES.md, section 2.
 */
export function maskExchange({ sent, received, ours, secrets, names = [] }: RawExchange): Exchange {
  const parsed = { sent: sent && parse(sent), received: received && parse(received) }
  const found: Found = { hidden: new Set(secrets), shown: new Set() }
  for (const side of ['sent', 'received'] as const) {
    const body = parsed[side]
    if (body && 'value' in body) collect(body.value, found, side === ours)
  }
  const hidden = [...found.hidden].filter((text) => text.length >= secretCharsMin && !found.shown.has(text))
  const how: How = {
    secrets: hidden.sort((a, b) => b.length - a.length),
    isTooMany: hidden.length > secretsMax,
    isPublic: (word) => found.shown.has(word),
    names: new Set(names),
  }
  return {
    sent: sent && parsed.sent && masked(sent, parsed.sent, { ...how, isOurs: ours === 'sent' }),
    received: received && parsed.received && masked(received, parsed.received, { ...how, isOurs: ours === 'received' }),
  }
}

interface Found {
  hidden: Set<string>
  shown: Set<string>
}

interface How {
  /** The longest first. */
  secrets: readonly string[]
  isTooMany: boolean
  isPublic(word: string): boolean
  names: ReadonlySet<string>
  isOurs?: boolean
}

type Parsed = { kind: 'json' | 'form'; value: unknown } | { kind: 'other' } | { kind: 'empty' }

/** A form is told by its name, since most texts could be one; what begins like JSON is JSON whatever it is called. */
function parse({ text, type }: RawBody): Parsed {
  if (text.trim() === '') return { kind: 'empty' }
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null) return { kind: 'json', value }
  } catch {
    // Not JSON: that is what the next lines tell.
  }
  if (type?.includes('x-www-form-urlencoded')) {
    return { kind: 'form', value: Object.fromEntries(new URLSearchParams(text)) }
  }
  return { kind: 'other' }
}

/** Every value that is not shown, with the parts of addresses that are secrets by themselves; and what of ours is shown. */
function collect(body: unknown, into: Found, isOurs: boolean): void {
  // A list of its own in place of calls: bodies may be nested deeper than calls can be.
  const left: [unknown, Place][] = [[body, top]]
  for (let next = left.pop(); next && into.hidden.size <= secretsMax; next = left.pop()) {
    const [value, place] = next
    if (Array.isArray(value)) for (const each of value) left.push([each, place])
    else if (isFields(value)) for (const [name, each] of Object.entries(value)) left.push([each, placeIn(place, name)])
    else {
      const how = showing(value, place)
      if (how === 'not') for (const secret of secretsIn(String(value))) into.hidden.add(secret)
      if (how === 'as it is' && isOurs && typeof value === 'string') into.shown.add(value)
    }
  }
}

function* secretsIn(text: string): Iterable<string> {
  yield text
  // Most are one word, which is spelled the same everywhere.
  if (text.length > 4_000 || /^[\w.~-]*$/.test(text)) return
  yield plainText(text)
  yield encodeURIComponent(wellFormed(text))
  if (!text.includes('://') || !URL.canParse(text)) return
  const { username, password, searchParams } = new URL(text)
  // A name such as `postgres` or `token` is no secret, and would be hidden in every sentence.
  const names = looksSecret(username) ? [username] : []
  for (const part of [...names, password, ...searchParams.values()]) {
    yield part
    yield decoded(part)
  }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

function masked(raw: RawBody, parsed: Parsed, how: How): MaskedBody {
  const bytes = Buffer.byteLength(raw.text)
  const about = { bytes, content_type: typeOf(raw.type), digest: null, shortened: raw.cut ?? false }
  if (parsed.kind === 'empty') return { ...about, content: null, kind: 'empty' }
  if (parsed.kind === 'other') {
    const digest = bytes < digestBytesMin ? null : createHash('sha256').update(raw.text).digest('hex').slice(0, 16)
    return { ...about, content: null, digest, kind: 'other' }
  }
  const drawing = new Drawing(how)
  const content = drawing.draw(parsed.value, top, 0)
  return { ...about, content, kind: parsed.kind, shortened: about.shortened || drawing.isShortened }
}

const types = new Set(
  'application/json application/vnd.heroku+json application/vnd.heroku-addons+json application/x-www-form-urlencoded application/xml application/octet-stream application/problem+json text/html text/plain text/xml'.split(
    ' ',
  ),
)

/** The type without its parameters; one that nobody uses could be anything. */
function typeOf(type: string | null): string | null {
  const bare = type?.split(';')[0]?.trim().toLowerCase() ?? ''
  return bare === '' ? null : types.has(bare) ? bare : 'other'
}

/** One body as it is kept, drawn until the paper is full. */
class Drawing {
  isShortened = false
  private bytesLeft = maskedBytesMax - endBytes
  private readonly how: How
  constructor(how: How) {
    this.how = how
  }

  draw(value: unknown, place: Place, depth: number): unknown {
    if (Array.isArray(value)) return this.list(value, place, depth)
    if (isFields(value)) return this.object(value, place, depth)
    const leaf = this.leaf(value, place)
    return this.takes(leaf) ? leaf : this.left('[more]')
  }

  private leaf(value: unknown, place: Place): unknown {
    const how = showing(value, place)
    if (how === 'as it is' && !(typeof value === 'string' && this.holds(value))) return value
    if (how === 'as words' && !this.how.isTooMany) {
      const { secrets, isPublic, isOurs = false } = this.how
      return safeWords(wellFormed(String(value)), { secrets, isPublic, isOurs })
    }
    return lengthOf(value)
  }

  private list(value: unknown[], place: Place, depth: number): unknown {
    if (depth >= depthMax || !this.takes('[]')) return this.left(`[list of ${value.length}]`)
    const shown: unknown[] = []
    for (const each of value.slice(0, entriesMax)) {
      if (this.bytesLeft <= 0) break
      shown.push(this.draw(each, place, depth + 1))
    }
    return shown.length < value.length ? [...shown, this.left(`[${value.length - shown.length} more]`)] : shown
  }

  private object(value: Fields, place: Place, depth: number): unknown {
    const entries = Object.entries(value)
    if (depth >= depthMax || !this.takes('{}')) return this.left(`[object of ${entries.length}]`)
    const shown: [string, unknown][] = []
    for (const [at, [name, each]] of entries.slice(0, entriesMax).entries()) {
      const isShown = isContractName(name) || (isOwnName(name, place, this.how.names) && !this.holds(name))
      // Numbered, since two of one length would be one.
      const title = isShown ? name : `[name ${at + 1}, ${count(name.length, 'character')}]`
      if (!this.takes(title)) break
      shown.push([title, this.draw(each, placeIn(place, name), depth + 1)])
    }
    if (shown.length < entries.length) shown.push(['…', this.left(`[${entries.length - shown.length} more]`)])
    return Object.fromEntries(shown)
  }

  /** Whether there is room for it, with what stands around it. */
  private takes(piece: unknown): boolean {
    this.bytesLeft -= Buffer.byteLength(JSON.stringify(piece)) + 2
    return this.bytesLeft > 0
  }

  private holds(text: string): boolean {
    const { isPublic, isTooMany, secrets } = this.how
    return !isPublic(text) && (isTooMany || secrets.some((secret) => text.includes(secret)))
  }

  private left(words: string): string {
    this.isShortened = true
    return words
  }
}

/** Half a character is none that a database takes. */
const wellFormed = (text: string) => text.replace(/\p{Surrogate}/gu, '\ufffd')

/** What stands for a value that is not shown. */
function lengthOf(value: unknown): string {
  if (typeof value === 'string') return `[text, ${count(value.length, 'character')}]`
  return typeof value === 'number' ? '[number]' : '[hidden]'
}

const count = (of: number, what: string) => `${of} ${what}${of === 1 ? '' : 's'}`

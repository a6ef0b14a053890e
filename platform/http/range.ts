import { WireError } from '@mortise/contract/errors'

/** What a list is cut to. Source: the Range header's spellings recorded from real clients. */
export interface Range {
  field: string
  start: string | null
  startIsOpen: boolean
  end: string | null
  endIsOpen: boolean
  max: number
  descending: boolean
}

export const pageSizeDefault = 200
export const pageSizeMax = 1000

/**
 * Reads `version ..; max=15, order=desc`, `id ]<uuid>..; max=2`, an empty value and the other spellings.
 * A field that this list has no order for is ignored: some clients send `id ..; max=1000` with every request.
 * @throws WireError 416 when it can't be read
 */
export function readRange(header: string | undefined, fields: readonly string[]): Range {
  const first = fields[0] ?? 'id'
  const plain: Range = {
    field: first,
    start: null,
    startIsOpen: false,
    end: null,
    endIsOpen: false,
    max: pageSizeDefault,
    descending: false,
  }
  const text = (header ?? '').trim()
  if (text === '' || text.startsWith('bytes=')) return plain
  const match = /^([a-z_]+)\s*(?:(\]?)([^\s;[\]]*?)\.\.([^\s;[\]]*?)(\[?))?\s*(?:;(.*))?$/i.exec(text)
  if (!match) throw unreadable(text)
  const [, field, startOpen, start, end, endOpen, options = ''] = match
  const range: Range = {
    ...plain,
    field: fields.includes(field ?? '') ? (field ?? first) : first,
    start: start || null,
    startIsOpen: startOpen === ']',
    end: end || null,
    endIsOpen: endOpen === '[',
  }
  if (range.field !== field) {
    range.start = null
    range.end = null
  }
  for (const option of options
    .split(/[;,]/)
    .map((part) => part.trim())
    .filter(Boolean)) {
    const [name, value] = option.split('=').map((part) => part.trim())
    if (name === 'max') {
      const max = Number(value)
      if (!Number.isInteger(max) || max < 1) throw unreadable(text)
      range.max = Math.min(max, pageSizeMax)
    } else if (name === 'order') {
      if (value !== 'asc' && value !== 'desc') throw unreadable(text)
      range.descending = value === 'desc'
    } else {
      throw unreadable(text)
    }
  }
  return range
}

function unreadable(text: string): WireError {
  return new WireError(
    'requested_range_not_satisfiable',
    `The Range header "${text.slice(0, 80)}" can't be read. Write it like: id ..; max=200, order=asc`,
  )
}

export interface Page {
  items: unknown[]
  contentRange: string | null
  nextRange: string | null
}

/** Orders and cuts a list as the range asks. The last page carries no `nextRange`, or clients would go on. */
export function pageOf(list: readonly unknown[], range: Range): Page {
  const value = (item: unknown) => (item as Record<string, unknown>)[range.field]
  const compare = (a: unknown, b: unknown) =>
    typeof a === 'number' && typeof b === 'number' ? a - b : String(a) < String(b) ? -1 : String(a) > String(b) ? 1 : 0
  const bound = (text: string, sample: unknown): unknown => (typeof sample === 'number' ? Number(text) : text)
  const sign = range.descending ? -1 : 1
  const ordered = [...list].sort((a, b) => sign * compare(value(a), value(b)))
  const inside = ordered.filter((item) => {
    const at = value(item)
    const fromStart = range.start === null ? 1 : sign * compare(at, bound(range.start, at))
    const toEnd = range.end === null ? 1 : -sign * compare(at, bound(range.end, at))
    return (range.startIsOpen ? fromStart > 0 : fromStart >= 0) && (range.endIsOpen ? toEnd > 0 : toEnd >= 0)
  })
  const items = inside.slice(0, range.max)
  const first = items[0]
  const last = items.at(-1)
  const options = `max=${range.max}${range.descending ? ', order=desc' : ''}`
  return {
    items,
    contentRange: items.length ? `${range.field} ${value(first)}..${value(last)}; ${options}` : null,
    nextRange: inside.length > items.length ? `${range.field} ]${value(last)}..; ${options}` : null,
  }
}

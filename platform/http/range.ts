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

/** Between a value and the id that tells it from its equals, in a `Next-Range`: clients send it back as it came. */
const tie = '~'

/**
 * Orders and cuts a list as the range asks; equals are ordered by id. When a page ends among equals, such as things
 * made in one second, `nextRange` names the id too, or the rest of them would be lost.
 * The last page carries no `nextRange`, or clients would go on.
 */
export function pageOf(list: readonly unknown[], range: Range): Page {
  const value = (item: unknown) => (item as Record<string, unknown>)[range.field]
  const id = (item: unknown) => String((item as Record<string, unknown>)['id'] ?? '')
  const sign = range.descending ? -1 : 1
  const fromBound = (item: unknown, bound: string): number => {
    const at = bound.lastIndexOf(tie)
    const text = at < 0 ? bound : bound.slice(0, at)
    const order = compare(value(item), typeof value(item) === 'number' ? Number(text) : text)
    return sign * (order || (at < 0 ? 0 : compare(id(item), bound.slice(at + 1))))
  }
  const ordered = [...list].sort((a, b) => sign * (compare(value(a), value(b)) || compare(id(a), id(b))))
  const inside = ordered.filter((item) => {
    const fromStart = range.start === null ? 1 : fromBound(item, range.start)
    const toEnd = range.end === null ? 1 : -fromBound(item, range.end)
    return (range.startIsOpen ? fromStart > 0 : fromStart >= 0) && (range.endIsOpen ? toEnd > 0 : toEnd >= 0)
  })
  const items = inside.slice(0, range.max)
  const first = items[0]
  const last = items.at(-1)
  const next = inside[items.length]
  const end = range.end === null ? '' : `${range.end}${range.endIsOpen ? '[' : ''}`
  const options = `max=${range.max}${range.descending ? ', order=desc' : ''}`
  const bound = (at: unknown) =>
    compare(value(next), value(at)) === 0 ? `${value(at)}${tie}${id(at)}` : `${value(at)}`
  return {
    items,
    contentRange: items.length ? `${range.field} ${value(first)}..${value(last)}; ${options}` : null,
    nextRange: next ? `${range.field} ]${bound(last)}..${end}; ${options}` : null,
  }
}

function compare(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  return String(a) < String(b) ? -1 : String(a) > String(b) ? 1 : 0
}

import { readRange } from '../http/range.js'

/** Where a page begins or ends. */
export interface Bound {
  value: string
  /** Tells the thing from its equals; null when the bound means all of them. */
  id: string | null
  isOpen: boolean
}

/** A part of a list that the database cuts, because the whole is too long to be read for each page. */
export interface Page {
  field: string
  start: Bound | null
  end: Bound | null
  descending: boolean
  /** Rows to read: one more than is shown tells that there is a next page. */
  most: number
}

/** What the Range header asks for; the answer is cut by the same header once more, which then takes nothing away. */
export function pageIn(header: string | undefined, fields: readonly string[]): Page {
  const range = readRange(header, fields)
  return {
    field: range.field,
    start: boundOf(range.start, range.startIsOpen),
    end: boundOf(range.end, range.endIsOpen),
    descending: range.descending,
    most: range.max + 1,
  }
}

function boundOf(text: string | null, isOpen: boolean): Bound | null {
  if (text === null) return null
  // As in Next-Range: between a value and the id that tells it from its equals.
  const at = text.lastIndexOf('~')
  return at < 0 ? { value: text, id: null, isOpen } : { value: text.slice(0, at), id: text.slice(at + 1), isOpen }
}

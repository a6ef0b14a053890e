import { plainText } from './plain-text.js'

export interface Column<Row> {
  title: string
  value(row: Row): string | number | null | undefined
  align?: 'right'
}

/**
 * Rows as aligned text under a heading; no trailing blanks, so that it can be cut and compared. What is wider than the
 * terminal is shown record by record instead: wrapped lines can't be read, and cut ones hide the ids that people copy.
 * @param paint how to set off the heading; it must not change the visible width
 * @param widthMax columns of the terminal; without one no table is too wide
 */
export function table<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  paint: (heading: string) => string = (text) => text,
  widthMax = Number.POSITIVE_INFINITY,
): string {
  const cells = rows.map((row) => columns.map((column) => oneLine(column.value(row))))
  const widths = columns.map((column, i) => Math.max(width(column.title), ...cells.map((line) => width(line[i]!))))
  if (widths.reduce((sum, size) => sum + size + 2, -2) > widthMax) {
    return cells.map((line) => properties(columns.map(({ title }, i) => [title, line[i]] as const))).join('\n\n')
  }
  const line = (texts: string[]) =>
    texts
      .map((text, i) => pad(text, widths[i]!, columns[i]!.align))
      .join('  ')
      .trimEnd()
  const heading = line(columns.map((column) => column.title))
  const rule = widths.map((size) => '─'.repeat(size)).join('  ')
  return [paint(heading), paint(rule), ...cells.map(line)].join('\n')
}

/** `Name:   value` lines with aligned values; a value of several lines stays in its column. */
export function properties(pairs: readonly (readonly [string, string | number | null | undefined])[]): string {
  const shown = pairs.filter(([, value]) => value !== null && value !== undefined && value !== '')
  const size = Math.max(0, ...shown.map(([name]) => width(name) + 1))
  return shown
    .map(([name, value]) => {
      const lines = plainText(String(value)).split('\n')
      return [`${name}:`.padEnd(size + 1) + lines[0], ...lines.slice(1).map((more) => ' '.repeat(size + 1) + more)]
        .join('\n')
        .trimEnd()
    })
    .join('\n')
}

function oneLine(value: string | number | null | undefined): string {
  return plainText(String(value ?? '')).replace(/[\n\t]+/g, ' ')
}

function pad(text: string, size: number, align?: 'right'): string {
  const blanks = ' '.repeat(Math.max(0, size - width(text)))
  return align === 'right' ? blanks + text : text + blanks
}

// Counts characters, not code units; a wide script takes two columns each.
function width(text: string): number {
  let columns = 0
  for (const character of text) {
    if (/\p{Mark}/u.test(character)) continue
    columns +=
      /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\u{1f300}-\u{1faff}]/u.test(
        character,
      )
        ? 2
        : 1
  }
  return columns
}

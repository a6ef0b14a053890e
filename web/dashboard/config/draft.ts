/** One line of what is being edited. `value` is null as long as it is left as it is. */
export interface DraftRow {
  key: number
  name: string
  value: string | null
  isNew: boolean
  isRemoved: boolean
}

let nextKey = 1

export const rowOf = (name: string): DraftRow => ({ key: nextKey++, name, value: null, isNew: false, isRemoved: false })
export const newRow = (name = '', value = ''): DraftRow => ({
  key: nextKey++,
  name,
  value,
  isNew: true,
  isRemoved: false,
})

/** What goes to the server: values to set, and null for what is to go. What was left alone is not in it. */
export function patchOf(rows: readonly DraftRow[]): Record<string, string | null> {
  const patch: Record<string, string | null> = {}
  for (const { name, value, isNew, isRemoved } of rows) {
    if (isRemoved && !isNew) patch[name] = null
    else if (!isRemoved && value !== null && name.trim() !== '') patch[name.trim()] = value
  }
  return patch
}

/** A new line that nobody wrote into yet. */
const isBlank = ({ isNew, name, value }: DraftRow) => isNew && name.trim() === '' && !value

/**
 * What stands in the way, by the key of its line.
 * @param owners names that add-ons give, with the name of the add-on
 */
export function problemsOf(rows: readonly DraftRow[], owners: ReadonlyMap<string, string>): Map<number, string> {
  const problems = new Map<number, string>()
  const seen = new Set<string>()
  for (const row of rows) {
    if (row.isRemoved || isBlank(row)) continue
    const name = row.name.trim()
    const owner = owners.get(name)
    if (name === '') problems.set(row.key, 'It has a value and no name.')
    else if (owner !== undefined)
      problems.set(row.key, `${owner} sets ${name}. Choose another name, or detach it first.`)
    else if (seen.has(name)) problems.set(row.key, `${name} is in the list twice.`)
    seen.add(name)
  }
  return problems
}

/** Pasted values take their place beside the names that are there already; the rest are new lines. */
export function withPasted(rows: readonly DraftRow[], pasted: readonly (readonly [string, string])[]): DraftRow[] {
  const merged = rows.filter((row) => !isBlank(row))
  for (const [name, value] of pasted) {
    const at = merged.findIndex((row) => row.name.trim() === name)
    const there = merged[at]
    if (there) merged[at] = { ...there, value, isRemoved: false }
    else merged.push(newRow(name, value))
  }
  return merged
}

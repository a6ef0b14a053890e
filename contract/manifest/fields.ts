/** Anything with keys, as JSON has it. */
export type Fields = Record<string, unknown>

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A JSON number or text as text, trimmed; undefined for the rest. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'string' && value.trim() !== '') return value.trim()
  return typeof value === 'number' ? String(value) : undefined
}

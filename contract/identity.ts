/** An id on the wire: a lower-case uuid. */
export const uuidPattern = '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$'

/** Whether the text has the form of a uuid, in whatever case; names never have it. */
export function isUuid(text: string): boolean {
  return new RegExp(uuidPattern, 'i').test(text)
}

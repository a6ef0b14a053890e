/** An id on the wire: a lower-case uuid. */
export const uuidPattern = '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$'
const uuid = new RegExp(uuidPattern, 'i')

/** Whether the text has the form of a uuid, in whatever case; no name of ours ever has it. */
export function isUuid(text: string): boolean {
  return uuid.test(text)
}

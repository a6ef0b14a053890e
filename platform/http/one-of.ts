import { invalid } from '@mortise/contract/errors'

/** A word of a query that has to be one of those that there are; nothing when it is left out. @throws WireError 422 */
export function oneOf<const T extends string>(
  given: string | undefined,
  known: readonly T[],
  name: string,
): T | undefined {
  if (given === undefined) return undefined
  const found = known.find((one) => one === given)
  if (!found) throw invalid(`${name} is one of ${known.join(', ')}.`)
  return found
}

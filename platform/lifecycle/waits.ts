import { type GateLimits, standardGate } from '../partner/gate.js'
import { type Patience, standardPatience } from './patience.js'

/** Single waits and counts that an operator sets otherwise than the standard, after the factor on all of them. */
export interface Waits {
  patience: Partial<Patience>
  gate: Partial<GateLimits>
}

/** A day, or ten times the standard where that is longer: more is a slip of the pen. */
const waitMsMax = 86_400_000
const countMax = 1_000

/** What may be set, for messages: every name of the two. */
export const waitNames = [...Object.keys(standardPatience), ...Object.keys(standardGate)]

/**
 * Reads `answerMs=15000` and, for a row of waits, `doubtDelaysMs=5000/30000`, which may have another length.
 * @returns a sentence when one can't be
 */
export function readWaits(words: readonly string[]): Waits | { problem: string } {
  const waits: { patience: Record<string, unknown>; gate: Record<string, unknown> } = { patience: {}, gate: {} }
  for (const word of words) {
    const [name = '', text = ''] = word.split('=')
    const numbers = text.split('/').map(Number)
    const where = Object.hasOwn(standardPatience, name) ? 'patience' : Object.hasOwn(standardGate, name) ? 'gate' : null
    if (!where) return { problem: `knows ${waitNames.join(', ')}; it does not know "${name}"` }
    const standard: unknown = { ...standardPatience, ...standardGate }[name as keyof Patience]
    const isRow = Array.isArray(standard)
    const most =
      name.endsWith('Max') && !name.includes('Ms')
        ? countMax
        : Math.max(waitMsMax, ...[standard].flat().map((ms) => 10 * Number(ms)))
    const isFine = numbers.every((one) => Number.isInteger(one) && one >= 1 && one <= most)
    if (text === '' || !isFine || (!isRow && numbers.length > 1) || numbers.length > 20)
      return { problem: `takes ${name}=N${isRow ? '/N/…' : ''} with whole numbers from 1 to ${most}, not "${word}"` }
    waits[where][name] = isRow ? numbers : numbers[0]
  }
  return waits as Waits
}

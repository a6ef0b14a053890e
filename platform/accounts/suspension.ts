import { WireError } from '@mortise/contract/errors'

/** What a suspended person hears, wherever they come: why, and who can change it. */
export function suspension(reason: string): WireError {
  const why = reason.trim().replace(/[.\s]+$/, '')
  return new WireError(
    'suspended',
    `Your account is suspended: ${why}. Your apps and add-ons run on. Ask the operator of this installation to lift it.`,
  )
}

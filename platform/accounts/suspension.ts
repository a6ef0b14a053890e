import { invalid, WireError } from '@mortise/contract/errors'
import type { Account } from './account.js'

/** What a suspended person hears, wherever they come: why, and who can change it. */
export function suspension(reason: string): WireError {
  const why = reason.trim().replace(/[.\s]+$/, '')
  return new WireError(
    'suspended',
    `Your account is suspended: ${why}. Your apps and add-ons run on. Ask the operator of this installation to lift it.`,
  )
}

/** No link leads around a suspension. @throws WireError 422 */
export function requireLetIn({ email, suspendedAt }: Pick<Account, 'email' | 'suspendedAt'>): void {
  if (suspendedAt) throw invalid(`${email} is suspended, and can not sign in. Unsuspend the account first.`)
}

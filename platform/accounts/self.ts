import { WireError } from '@mortise/contract/errors'
import type { Db } from '../db/db.js'
import type { Asker, Context } from '../http/handle.js'
import type { Account } from './account.js'
import type { PasswordTries } from './password-tries.js'
import { findAccount, findAccountByEmail } from './store.js'
import { suspension } from './suspension.js'

/** The account behind a token. @throws WireError 403 for the token of a grant */
export async function accountOf(db: Db, asker: Asker): Promise<Account> {
  const account = asker.account && (await findAccount(db, asker.account.id))
  if (!account)
    throw new WireError('forbidden', 'This needs an account, not the token of a grant. Send the token of a person.')
  return account
}

/** How clients spell "me". */
export function isSelf(account: { id: string; email: string }, identity: string): boolean {
  return (
    identity === '~' || identity.toLowerCase() === account.id || identity.toLowerCase() === account.email.toLowerCase()
  )
}

/** The account that e-mail and password prove. @throws WireError 401, or 429 after too many tries */
export async function byPassword(
  { db, tries }: { db: Db; tries: PasswordTries },
  context: Context,
  given: { user: string; password: string } | null,
): Promise<Account> {
  const refused = new WireError('unauthorized', 'The e-mail or the password is wrong.')
  if (!given || given.user === '' || given.password === '') throw refused
  const account = await findAccountByEmail(db, given.user)
  const isRight = await tries.check(
    given.user,
    context.request.caller.address,
    given.password,
    account?.passwordHash ?? null,
  )
  if (!account || !isRight) throw refused
  // Only to whoever proved to be the one.
  if (account.suspendedAt) throw suspension(account.suspendedReason ?? '')
  return account
}

import { invalid, notFound } from '@mortise/contract/errors'
import { routes } from '@mortise/contract/platform-api/routes'
import { timestamp } from '@mortise/contract/platform-api/shared'
import { transact } from '../db/db.js'
import { type Handler, handle } from '../http/handle.js'
import { passwordHash, tokenHash } from '../secrets/tokens.js'
import { derivedId } from '../world/derived-id.js'
import { isEmail, passwordProblem } from './account.js'
import { useLink } from './invite-page.js'
import { findInvite } from './invite-store.js'
import { makeLink } from './invites.js'
import { listPasswordRequests, putPasswordRequest } from './password-request-store.js'
import type { AccountDeps } from './routes.js'
import { findPerson } from './store.js'
import { requireLetIn } from './suspension.js'

/**
 * Somebody forgot their password. Heroku would send a mail; here the operator hands on a link, as with invites, so what
 * can be done without signing in is to be put on the operator's list.
 */
export function passwordResetRoutes({ db, world }: Pick<AccountDeps, 'db' | 'world'>): Handler[] {
  return [
    handle(routes.passwordResets.create, async ({ body, maybeAsker, origin, request }) => {
      const email = body.email.trim()
      if (!isEmail(email)) throw invalid(`"${email.slice(0, 100)}" is no e-mail address.`)
      const account = await findPerson(db, email)
      const at = world.now()
      if (maybeAsker?.account?.isOperator) {
        if (!account) throw notFound('account')
        requireLetIn({ ...account, email })
        const order = {
          email: account.email,
          accountId: account.id,
          invitedBy: { id: maybeAsker.account.id, email: maybeAsker.account.email },
        }
        const { url } = await makeLink({ db, world }, { ...order, purpose: 'password', origin })
        return { created_at: timestamp(at), url, user: { id: account.id, email: account.email } }
      }
      if (account && !account.suspendedAt)
        await putPasswordRequest(db, { accountId: account.id, address: request.caller.address, at })
      // The same answer whether there is such an account or not.
      const id = derivedId('password reset', email.toLowerCase())
      return { created_at: timestamp(at), user: { id, email } }
    }),

    handle(routes.passwordResets.list, async () =>
      (await listPasswordRequests(db)).map((one) => ({
        created_at: timestamp(one.createdAt),
        user: { id: one.accountId, email: one.email },
      })),
    ),

    handle(routes.passwordResets.finalize, async ({ params, body }) => {
      const link = await findInvite(db, tokenHash(params.reset), world.now())
      if (!link || link.purpose !== 'password') throw over
      const problem = passwordProblem(body.password)
      if (problem) throw invalid(problem)
      if (body.password !== body.password_confirmation) throw invalid('The two passwords differ. Send it twice alike.')
      const hash = await passwordHash(body.password)
      const id = await transact(db, (tx) => useLink(tx, world, link, hash))
      if (id === null) throw over
      return { created_at: timestamp(link.createdAt), user: { id, email: link.email } }
    }),
  ]
}

const over = notFound('password_reset', 'Its link was used, replaced by a newer one, or is too old. Ask for another.')

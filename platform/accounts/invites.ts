import { invalid, notFound } from '@mortise/contract/errors'
import type { Invite as WireInvite } from '@mortise/contract/platform-api/invites'
import { routes } from '@mortise/contract/platform-api/routes'
import { timestamp } from '@mortise/contract/platform-api/shared'
import { transact } from '../db/db.js'
import { type Handler, handle } from '../http/handle.js'
import type { Actor } from '../saga/saga.js'
import { newToken, tokenHash } from '../secrets/tokens.js'
import { later } from '../world/world.js'
import { isEmail, isTeamEmail } from './account.js'
import { type Invite, insertInvite, listInvites, revokeInvite } from './invite-store.js'
import { dropPasswordRequest } from './password-request-store.js'
import type { AccountDeps } from './routes.js'
import { findAccountByEmail } from './store.js'
import { requireLetIn } from './suspension.js'
import { recordFact } from './trail.js'

export const inviteDays = 7
/** A new password's link leads into an account that is there, so it is short-lived. */
export const passwordLinkHours = 24
const hourMs = 60 * 60_000

export const invitePath = '/invite'

/** Links that the operator hands on: no mail is needed. Source: RULES.md, section 7. */
export function inviteRoutes({ db, world }: Pick<AccountDeps, 'db' | 'world'>): Handler[] {
  return [
    handle(routes.invites.create, async ({ actor, body, origin }) => {
      const email = body.email.trim()
      const purpose = body.purpose ?? 'account'
      if (!isEmail(email) || isTeamEmail(email))
        throw invalid(`"${email}" is no e-mail address that a person can have.`)
      const account = await findAccountByEmail(db, email)
      if (purpose === 'account' && account) {
        throw invalid(`${email} has an account already. To let them choose a new password, pass "purpose": "password".`)
      }
      if (purpose === 'password' && !account) throw notFound('account', 'To make one, leave "purpose" out.')
      if (account) requireLetIn({ ...account, email })
      const order = { email, accountId: account?.id ?? null, invitedBy: actor }
      const { invite, url } = await makeLink({ db, world }, { ...order, purpose, origin })
      return inviteView(invite, url)
    }),
    handle(routes.invites.list, async () => (await listInvites(db, world.now())).map((one) => inviteView(one))),
    handle(routes.invites.revoke, async ({ params, actor }) => {
      const at = world.now()
      const revoked = await transact(db, async (tx) => {
        const ended = await revokeInvite(tx, params.invite, at)
        if (ended) {
          const { id: subject, email, purpose, accountId } = ended
          await recordFact(tx, world, {
            ...{ at, actor, action: 'destroy', resource: 'invite', subject, accountId, data: { email, purpose } },
          })
        }
        return ended
      })
      if (!revoked) throw notFound('invite')
      return inviteView(revoked)
    }),
  ]
}

/** Makes the link that is handed on; whoever asked for a new password has it now. */
export async function makeLink(
  { db, world }: Pick<AccountDeps, 'db' | 'world'>,
  order: {
    purpose: Invite['purpose']
    email: string
    accountId: string | null
    invitedBy: Actor
    origin: string
  },
): Promise<{ invite: Invite; url: string }> {
  const { origin, ...rest } = order
  const secret = newToken()
  const at = world.now()
  const lifeMs = order.purpose === 'account' ? inviteDays * 24 * hourMs : passwordLinkHours * hourMs
  const invite = await transact(db, async (tx) => {
    if (order.accountId !== null) await dropPasswordRequest(tx, order.accountId)
    const row = { ...rest, invitedBy: order.invitedBy.id, id: world.id(), hash: tokenHash(secret), at }
    const made = await insertInvite(tx, { ...row, expiresAt: later(at, lifeMs) })
    const { id: subject, email, purpose, accountId } = made
    await recordFact(tx, world, {
      ...{ at, actor: order.invitedBy, action: 'create', resource: 'invite', subject, accountId },
      data: { email, purpose },
    })
    return made
  })
  return { invite, url: `${origin}${invitePath}/${secret}` }
}

/** @param url the link, only in the answer that makes it */
function inviteView(invite: Invite, url: string | null = null): WireInvite {
  return {
    created_at: timestamp(invite.createdAt),
    email: invite.email,
    expires_at: timestamp(invite.expiresAt),
    id: invite.id,
    invited_by: invite.invitedBy,
    purpose: invite.purpose,
    url,
  }
}

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { isDuplicate, type Tx, transact } from '../db/db.js'
import { html, sendPage } from '../http/page.js'
import { originOf } from '../http/server.js'
import { passwordHash, tokenHash } from '../secrets/tokens.js'
import type { World } from '../world/world.js'
import { passwordCharsMin, passwordProblem } from './account.js'
import { canKeepSession } from './cookie.js'
import { findInvite, type Invite, useInvite } from './invite-store.js'
import { invitePath } from './invites.js'
import { dropPasswordRequest } from './password-request-store.js'
import type { AccountDeps } from './routes.js'
import { insertAccount, setPasswordHash } from './store.js'
import { revokeWebSessions } from './token-store.js'
import { recordFact, recordPassword } from './trail.js'
import { beginSession, browserOf } from './web-session.js'

type Deps = Pick<AccountDeps, 'db' | 'world'>

/** Where a link leads: choose a password and be signed in. Whoever has the link may, so the page needs nothing else. */
export function invitePages(deps: Deps): (server: FastifyInstance) => void {
  return (server) => {
    server.get(`${invitePath}/:secret`, async (request, reply) => {
      const invite = await inviteOf(deps, request)
      return invite ? sendForm(reply, request, invite, null) : sendOver(reply)
    })
    server.post(`${invitePath}/:secret`, (request, reply) => accept(deps, request, reply))
  }
}

async function accept(deps: Deps, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { db, world } = deps
  const invite = await inviteOf(deps, request)
  if (!invite) return sendOver(reply)
  const { password, again } = (request.body ?? {}) as Record<string, unknown>
  const wanted = typeof password === 'string' ? password : ''
  const problem =
    passwordProblem(wanted) ?? (wanted === again ? null : 'The two passwords differ. Type it twice alike.')
  if (problem) return sendForm(reply, request, invite, problem)
  const hash = await passwordHash(wanted)
  const origin = originOf(request)
  let cookie: string | null
  try {
    cookie = await transact(db, async (tx) => {
      const accountId = await useLink(tx, world, invite, hash)
      if (accountId === null) return null
      return beginSession(tx, world, { id: accountId, email: invite.email }, browserOf(request), origin)
    })
  } catch (error) {
    // Somebody made an account for this address in another way meanwhile.
    if (!isDuplicate(error, 'accounts_email')) throw error
    cookie = null
  }
  if (cookie === null) return sendOver(reply)
  reply.header('Cache-Control', 'no-store').header('Referrer-Policy', 'no-referrer')
  if (!canKeepSession(origin)) return reply.redirect('/sign-in', 303)
  return reply.header('Set-Cookie', cookie).redirect('/dashboard', 303)
}

/** Once. @returns whose password it is now; null when the link was used, revoked or ran out meanwhile */
export async function useLink(tx: Tx, world: World, link: Invite, hash: string): Promise<string | null> {
  const at = world.now()
  const invite = await useInvite(tx, link.id, at)
  if (!invite) return null
  if (invite.accountId === null) {
    const account = { id: world.id(), email: invite.email, passwordHash: hash, isOperator: false, at }
    const made = await insertAccount(tx, account)
    await recordFact(tx, world, {
      ...{ at, actor: { id: made.id, email: made.email }, action: 'create', resource: 'account' },
      ...{ subject: made.id, accountId: made.id, data: { email: made.email, invited_by: invite.invitedBy.email } },
    })
    return made.id
  }
  await setPasswordHash(tx, invite.accountId, hash, at)
  await dropPasswordRequest(tx, invite.accountId)
  // Whoever knew the old password is out.
  await revokeWebSessions(tx, invite.accountId, at)
  await recordPassword(tx, world, { account: { id: invite.accountId, email: invite.email }, by: 'link', at })
  return invite.accountId
}

async function inviteOf(deps: Deps, request: FastifyRequest): Promise<Invite | undefined> {
  const { secret } = request.params as { secret: string }
  return findInvite(deps.db, tokenHash(secret), deps.world.now())
}

function sendForm(reply: FastifyReply, request: FastifyRequest, invite: Invite, problem: string | null): FastifyReply {
  const isNew = invite.purpose === 'account'
  return sendPage(reply, {
    status: problem ? 422 : 200,
    title: isNew ? 'Choose a password' : 'Choose a new password',
    allow: ["form-action 'self'"],
    body: html`<p>${isNew ? `${invite.invitedBy.email} invites you to this Mortise.` : 'It replaces the old one.'} You sign in as <strong>${invite.email}</strong>.</p>
${problem ? html`<p role="alert"><strong>${problem}</strong></p>` : ''}
<form method="post" action="${request.url.split('?')[0] ?? ''}">
<input type="hidden" name="email" value="${invite.email}" autocomplete="username">
<label>Password <input type="password" name="password" autocomplete="new-password" minlength="${passwordCharsMin}" required autofocus></label>
<label>The same again <input type="password" name="again" autocomplete="new-password" required></label>
<button type="submit">${isNew ? 'Make my account' : 'Change my password'}</button>
</form>`,
  })
}

function sendOver(reply: FastifyReply): FastifyReply {
  return sendPage(reply, {
    status: 410,
    title: 'This link is over',
    body: html`<p>It was used already, replaced by a newer one, or it is too old. Ask whoever gave it to you for another.</p>
<p><a href="/sign-in">Sign in</a></p>`,
  })
}

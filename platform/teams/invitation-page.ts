import { createHmac } from 'node:crypto'
import { WireError } from '@mortise/contract/errors'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { sessionCookieIn } from '../accounts/cookie.js'
import type { Asker } from '../http/handle.js'
import { html, sendPage } from '../http/page.js'
import { sameSecret, tokenHash } from '../secrets/tokens.js'
import { findInvitation, type TeamInvitation } from './invitation-store.js'
import { invitationPath, joinTeam } from './invitations.js'
import type { TeamDeps } from './routes.js'

export interface InvitationPageDeps extends Pick<TeamDeps, 'db' | 'world'> {
  authenticate(request: FastifyRequest): Promise<Asker | null>
}

/** Where the link of an invitation leads: whoever is invited, once signed in, joins with one button. */
export function invitationPages(deps: InvitationPageDeps): (server: FastifyInstance) => void {
  return (server) => {
    server.get(`${invitationPath}/:token`, (request, reply) => show(deps, request, reply))
    server.post(`${invitationPath}/:token`, (request, reply) => accept(deps, request, reply))
  }
}

async function show(deps: InvitationPageDeps, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const person = await signedIn(deps, request)
  if (!person) {
    reply.header('Cache-Control', 'no-store')
    return reply.redirect(`/sign-in?return_to=${encodeURIComponent(pathOf(request))}`, 302)
  }
  const invitation = await invitationOf(deps, request)
  if (!invitation) return sendOver(reply)
  const { team, role, invitedBy, email } = invitation
  const isTheirs = email.toLowerCase() === person.email.toLowerCase()
  return sendPage(reply, {
    status: 200,
    title: `Join ${team.name}?`,
    allow: ["form-action 'self'"],
    body: html`<p><strong>${invitedBy.email}</strong> invites <strong>${email}</strong> into the team <strong>${team.name}</strong> as ${role}.</p>
${
  isTheirs
    ? html`<form method="post" action="${pathOf(request)}">
<input type="hidden" name="csrf" value="${csrfOf(request, invitation)}">
<button type="submit">Join ${team.name}</button>
</form>`
    : html`<p role="alert">You are signed in as ${person.email}. Sign in as ${email} to join.</p>`
}`,
  })
}

async function accept(deps: InvitationPageDeps, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const person = await signedIn(deps, request)
  const invitation = person && (await invitationOf(deps, request))
  if (!person || !invitation) return sendOver(reply)
  const { csrf } = (request.body ?? {}) as Record<string, unknown>
  const site = request.headers['sec-fetch-site']
  // As on the page that lets a terminal in: older browsers do not say where the form was, and the token has to do.
  const isOwnForm =
    (site === undefined || site === 'same-origin') && sameSecret(String(csrf), csrfOf(request, invitation))
  if (!isOwnForm) {
    return sendPage(reply, {
      status: 403,
      title: 'Nothing was accepted',
      body: html`<p>The answer did not come from our own page. Open the link of the invitation again.</p>`,
    })
  }
  try {
    await joinTeam(deps, invitation, person)
  } catch (error) {
    if (!(error instanceof WireError)) throw error
    return sendPage(reply, { status: error.status, title: 'Nothing was accepted', body: html`<p>${error.message}</p>` })
  }
  return reply.header('Cache-Control', 'no-store').redirect('/dashboard', 303)
}

/** Only a browser's own session joins here; a token uses the API. */
async function signedIn(deps: InvitationPageDeps, request: FastifyRequest) {
  const asker = await deps.authenticate(request)
  request.asker = asker
  return asker?.via === 'cookie' ? asker.account : null
}

function invitationOf({ db, world }: InvitationPageDeps, request: FastifyRequest) {
  const { token } = request.params as { token: string }
  return findInvitation(db, tokenHash(token), world.now())
}

function sendOver(reply: FastifyReply): FastifyReply {
  return sendPage(reply, {
    status: 410,
    title: 'This invitation is over',
    body: html`<p>It was accepted or revoked, or it is too old. Ask whoever gave it to you for another.</p>`,
  })
}

/** Bound to the session and the invitation: another site can know neither. */
function csrfOf(request: FastifyRequest, invitation: TeamInvitation): string {
  const session = sessionCookieIn(request.headers.cookie) ?? ''
  return createHmac('sha256', session).update(`team invitation ${invitation.id}`).digest('base64url')
}

const pathOf = (request: FastifyRequest): string => request.url.split('?')[0] ?? ''

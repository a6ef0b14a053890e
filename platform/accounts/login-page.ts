import { createHmac } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { transact } from '../db/db.js'
import type { Asker } from '../http/handle.js'
import { html, sendPage } from '../http/page.js'
import { sameSecret, tokenHash } from '../secrets/tokens.js'
import { sessionCookieIn } from './cookie.js'
import { decideLogin, findLoginByBrowser, type Login } from './login-store.js'
import { browserPath, loginMinutes } from './logins.js'
import type { AccountDeps } from './routes.js'

export interface LoginPageDeps extends Pick<AccountDeps, 'db' | 'world'> {
  authenticate(request: FastifyRequest): Promise<Asker | null>
}

/** The page on which a signed-in person lets a terminal in, or does not. It shows who asks. */
export function loginPages(deps: LoginPageDeps): (server: FastifyInstance) => void {
  return (server) => {
    server.get(`${browserPath}/:code`, (request, reply) => show(deps, request, reply))
    server.post(`${browserPath}/:code`, (request, reply) => decide(deps, request, reply))
  }
}

async function show(deps: LoginPageDeps, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const person = await signedIn(deps, request)
  if (!person) {
    reply.header('Cache-Control', 'no-store')
    return reply.redirect(`/sign-in?return_to=${encodeURIComponent(request.url)}`, 302)
  }
  const login = await pending(deps, request)
  if (!login) return sendOver(reply)
  const { description, address, createdAt } = login
  return sendPage(reply, {
    status: 200,
    title: 'Let this terminal in?',
    allow: ["form-action 'self'"],
    body: html`<p><strong>${description}</strong> asks to act as <strong>${person.email}</strong>.</p>
<p>Asked from ${address} at ${utc(createdAt)}. It will be able to do everything that you can.</p>
<p>Approve only if you began this yourself, just now.</p>
<form method="post" action="${pathOf(request)}">
<input type="hidden" name="csrf" value="${csrfOf(request, login)}">
<button type="submit" name="decision" value="approve">Approve</button>
<button type="submit" name="decision" value="deny" class="quiet">Deny</button>
</form>`,
  })
}

async function decide(deps: LoginPageDeps, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const person = await signedIn(deps, request)
  const login = person && (await pending(deps, request))
  if (!person || !login) return sendOver(reply)
  const { csrf, decision } = (request.body ?? {}) as Record<string, unknown>
  const site = request.headers['sec-fetch-site']
  // The browser says where the form was; older ones do not, and for them the token has to do. Origin says nothing
  // here, because pages without a referrer send "null".
  const isOwnForm = (site === undefined || site === 'same-origin') && sameSecret(String(csrf), csrfOf(request, login))
  const state = decision === 'approve' ? 'approved' : decision === 'deny' ? 'denied' : null
  if (!isOwnForm || !state) {
    return sendPage(reply, {
      status: 403,
      title: 'Nothing was approved',
      body: html`<p>The answer did not come from our own page. Open the link from the terminal again.</p>`,
    })
  }
  const at = deps.world.now()
  const counts = await transact(deps.db, (tx) => decideLogin(tx, login.id, { state, accountId: person.id, at }))
  if (!counts) return sendOver(reply)
  return sendPage(reply, {
    status: 200,
    title: state === 'approved' ? 'Signed in' : 'Denied',
    body:
      state === 'approved'
        ? html`<p>The terminal goes on by itself. You can close this page.</p>`
        : html`<p>The terminal was not let in. If you did not begin this, somebody may be after your account: tell your operator.</p>`,
  })
}

/** Only a browser's own session decides; a token must not make more of itself this way. */
async function signedIn(deps: LoginPageDeps, request: FastifyRequest) {
  const asker = await deps.authenticate(request)
  request.asker = asker
  return asker?.via === 'cookie' ? asker.account : null
}

async function pending(deps: LoginPageDeps, request: FastifyRequest): Promise<Login | undefined> {
  const { code } = request.params as { code: string }
  const login = await findLoginByBrowser(deps.db, tokenHash(code))
  return login?.state === 'pending' && login.expiresAt > deps.world.now() ? login : undefined
}

function sendOver(reply: FastifyReply): FastifyReply {
  return sendPage(reply, {
    status: 410,
    title: 'This login is over',
    body: html`<p>It was decided already, or it is older than ${loginMinutes} minutes. Log in from the terminal again.</p>`,
  })
}

/** Bound to the session and the login: another site can know neither. */
function csrfOf(request: FastifyRequest, login: Login): string {
  const session = sessionCookieIn(request.headers.cookie) ?? ''
  return createHmac('sha256', session).update(`login ${login.id}`).digest('base64url')
}

const pathOf = (request: FastifyRequest): string => request.url.split('?')[0] ?? ''

function utc(at: Date): string {
  return `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`
}

import { createHmac } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { transact } from '../db/db.js'
import type { Asker } from '../http/handle.js'
import { html, sendPage } from '../http/page.js'
import { newToken, sameSecret, tokenHash } from '../secrets/tokens.js'
import { later } from '../world/world.js'
import { sessionCookieIn } from './cookie.js'
import { findClient, type OauthClient } from './oauth-client-store.js'
import { insertCode } from './oauth-code-store.js'
import type { AccountDeps } from './routes.js'

/** How long a program may take to trade its code. Source: RFC 6749, section 4.1.2. */
export const codeMinutes = 10
const dayMs = 24 * 60 * 60_000
/** What a program gives to know its own request by; it comes back as it was. */
const stateCharsMax = 2000
const path = '/oauth/authorize'

/** What each scope lets a program do, for people. */
const scopeWords: Readonly<Record<string, string>> = {
  global: 'Everything that you can do: your account, your apps, their config and their add-ons.',
  identity: 'See who you are: your name and e-mail address.',
  read: 'See your apps, their add-ons and releases, but not their config.',
  write: 'Change your apps and their add-ons, but not see or change their config.',
  'read-protected': 'See your apps and their config vars, with the secrets in them.',
  'write-protected': 'Change your apps, their add-ons and their config vars.',
}

export interface ConsentPageDeps extends Pick<AccountDeps, 'db' | 'world'> {
  authenticate(request: FastifyRequest): Promise<Asker | null>
}

/** A program's request to act for somebody, as far as it is in order. */
interface Wish {
  client: OauthClient
  scopes: string[]
  state: string
}

/**
 * Where a third party's program sends people to be allowed to act for them, and where they say yes or no. OAuth 2's
 * authorization code flow: the code goes to the address that the client registered, and to no other.
 */
export function consentPages(deps: ConsentPageDeps): (server: FastifyInstance) => void {
  return (server) => {
    server.get(path, (request, reply) => show(deps, request, reply))
    server.post(path, (request, reply) => decide(deps, request, reply))
  }
}

async function show(deps: ConsentPageDeps, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const fields = textsOf(request.query)
  const read = await wishOf(deps, fields)
  if ('refusal' in read) return refuse(reply, read.refusal)
  if ('error' in read) return goBack(reply, read.client, { error: read.error, state: fields['state'] })
  const person = await signedIn(deps, request)
  if (!person) {
    reply.header('Cache-Control', 'no-store')
    return reply.redirect(`/sign-in?return_to=${encodeURIComponent(request.url)}`, 302)
  }
  const { client, scopes, state } = read
  const to = new URL(client.redirectUri)
  return sendPage(reply, {
    status: 200,
    title: `Let ${client.name} act for you?`,
    // Browsers hold the redirect after a form against this, too.
    allow: [`form-action 'self' ${to.origin}`],
    body: html`<p><strong>${client.name}</strong>, a program at <strong>${to.host}</strong> that is not part of this platform,
asks to act as <strong>${person.email}</strong>. It asks for this:</p>
<ul>${scopes.map((scope) => html`<li><strong>${scope}</strong>: ${scopeWords[scope] ?? ''}</li>`)}</ul>
<p>You can take it back at any time, with your authorizations.</p>
<form method="post" action="${path}">
<input type="hidden" name="client_id" value="${client.id}">
<input type="hidden" name="scope" value="${scopes.join(' ')}">
<input type="hidden" name="state" value="${state}">
<input type="hidden" name="response_type" value="code">
<input type="hidden" name="csrf" value="${csrfOf(request, read)}">
<button type="submit" name="decision" value="allow">Allow</button>
<button type="submit" name="decision" value="deny" class="quiet">Deny</button>
</form>`,
  })
}

async function decide(deps: ConsentPageDeps, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const fields = textsOf(request.body)
  const read = await wishOf(deps, fields)
  const person = await signedIn(deps, request)
  const site = request.headers['sec-fetch-site']
  const { decision } = fields
  const isOwnForm =
    person &&
    'scopes' in read &&
    (site === undefined || site === 'same-origin') &&
    sameSecret(fields['csrf'] ?? '', csrfOf(request, read)) &&
    (decision === 'allow' || decision === 'deny')
  if (!isOwnForm) {
    return sendPage(reply, {
      status: 403,
      title: 'Nothing was allowed',
      body: html`<p>The answer did not come from our own page. Begin again where the program asked you to.</p>`,
    })
  }
  const { client, scopes, state } = read
  if (decision === 'deny') return goBack(reply, client, { error: 'access_denied', state })
  const { db, world } = deps
  const code = newToken()
  const at = world.now()
  await transact(db, (tx) =>
    insertCode(tx, {
      hash: tokenHash(code),
      clientId: client.id,
      accountId: person.id,
      redirectUri: client.redirectUri,
      scopes,
      at,
      expiresAt: later(at, codeMinutes * 60_000),
      forgetBefore: later(at, -dayMs),
    }),
  )
  return goBack(reply, client, { code, state })
}

/**
 * What the program wishes. Whoever is not known, or wants the answer elsewhere than where it registered, is told on the
 * page and sent nowhere: the address may be anybody's. All other faults are the program's to hear.
 */
async function wishOf(
  { db }: ConsentPageDeps,
  fields: Record<string, string>,
): Promise<Wish | { refusal: string } | { error: string; client: OauthClient }> {
  const client = await findClient(db, fields['client_id'] ?? '')
  if (!client) return { refusal: 'The program is not known here. It has to name itself by its client_id.' }
  const wanted = fields['redirect_uri']
  if (wanted !== undefined && wanted !== client.redirectUri)
    return { refusal: 'The program wants the answer at another address than the one that it registered.' }
  const state = fields['state'] ?? ''
  if (state.length > stateCharsMax) return { error: 'invalid_request', client }
  if (fields['response_type'] !== 'code') return { error: 'unsupported_response_type', client }
  const scopes = [...new Set((fields['scope'] ?? 'global').split(/[\s,]+/).filter(Boolean))]
  if (scopes.length === 0 || scopes.some((scope) => !Object.hasOwn(scopeWords, scope)))
    return { error: 'invalid_scope', client }
  return { client, scopes, state }
}

function refuse(reply: FastifyReply, why: string): FastifyReply {
  return sendPage(reply, {
    status: 400,
    title: 'This request can not be shown',
    body: html`<p>${why}</p><p>Nothing was allowed. Whoever runs the program can mend it.</p>`,
  })
}

/** To the registered address, with what is to be told in its query. */
function goBack(
  reply: FastifyReply,
  client: OauthClient,
  told: { code?: string; error?: string; state?: string | undefined },
): FastifyReply {
  const to = new URL(client.redirectUri)
  for (const [name, value] of Object.entries(told)) if (value) to.searchParams.set(name, value.slice(0, stateCharsMax))
  reply.header('Cache-Control', 'no-store').header('Referrer-Policy', 'no-referrer')
  return reply.redirect(to.href, 303)
}

/** Only a browser's own session allows anything; a token must not make more of itself this way. */
async function signedIn(deps: ConsentPageDeps, request: FastifyRequest) {
  const asker = await deps.authenticate(request)
  request.asker = asker
  return asker?.via === 'cookie' ? asker.account : null
}

/** Bound to the session and to all that was shown: another site knows no session, and can't change what is allowed. */
function csrfOf(request: FastifyRequest, { client, scopes, state }: Wish): string {
  const session = sessionCookieIn(request.headers.cookie) ?? ''
  const shown = JSON.stringify([client.id, client.name, client.redirectUri, scopes, state])
  return createHmac('sha256', session).update(`consent ${shown}`).digest('base64url')
}

/** A field that comes twice says nothing certain, so it says nothing. */
function textsOf(given: unknown): Record<string, string> {
  const pairs = Object.entries((given ?? {}) as Record<string, unknown>)
  return Object.fromEntries(pairs.filter((pair): pair is [string, string] => typeof pair[1] === 'string'))
}

import { notFound, WireError } from '@mortise/contract/errors'
import { routes } from '@mortise/contract/platform-api/routes'
import type { FastifyRequest } from 'fastify'
import { type Tx, transact } from '../db/db.js'
import { type Context, type Handler, handle } from '../http/handle.js'
import { isOwnOrigin } from '../http/server.js'
import { newToken, tokenHash } from '../secrets/tokens.js'
import { later, type World } from '../world/world.js'
import { canKeepSession, sessionCookie } from './cookie.js'
import type { AccountDeps } from './routes.js'
import { byPassword } from './self.js'
import { setLastLogin } from './store.js'
import { type Token, webSessionDays } from './token.js'
import { insertToken, revokeToken } from './token-store.js'
import { recordFact } from './trail.js'

const daySeconds = 24 * 60 * 60

/** Signs browsers in and out by a cookie that no script can read. */
export function webRoutes({ db, world, tries }: AccountDeps): Handler[] {
  return [
    handle(routes.webSession.signIn, async (context) => {
      requireOwnPage(context)
      if (!canKeepSession(context.origin)) {
        throw new WireError('forbidden', 'A browser can sign in over https, or on localhost. Use an https address.')
      }
      const { email, password } = context.body
      const account = await byPassword({ db, tries }, context, { user: email, password })
      // A new id at each sign-in: one that somebody planted in the browser before is worth nothing afterwards.
      const old = context.maybeAsker?.via === 'cookie' ? context.maybeAsker : null
      const cookie = await transact(db, async (tx) => {
        if (old?.account) await endSessionBefore(tx, world, { account: old.account, id: old.tokenId })
        return beginSession(tx, world, account, browserOf(context.request), context.origin)
      })
      context.header('Set-Cookie', cookie)
      return { id: account.id, email: account.email }
    }),
    handle(routes.webSession.signOut, async (context) => {
      const { asker } = context
      const { account } = asker
      if (asker.via !== 'cookie' || !account) throw notFound('session')
      const which = { id: asker.tokenId, accountId: account.id, kind: 'web' } as const
      const at = world.now()
      await transact(db, async (tx) => {
        const ended = await revokeToken(tx, which, at)
        if (ended) await recordSessionEnd(tx, world, { account, session: ended, at })
      })
      context.header('Set-Cookie', sessionCookie(context.origin, '', 0))
      return {}
    }),
  ]
}

/** Which program signs in, and from where: what its owner knows it again by. */
export interface Browser {
  userAgent: string | undefined
  address: string
}

export const browserOf = (request: FastifyRequest): Browser => ({
  userAgent: request.headers['user-agent'],
  address: request.caller.address,
})

/** Whoever signs in anew, or as somebody else, leaves the session that this browser had. */
async function endSessionBefore(
  tx: Tx,
  world: World,
  { account, id }: { account: { id: string; email: string }; id: string },
): Promise<void> {
  const at = world.now()
  const session = await revokeToken(tx, { id, accountId: account.id, kind: 'web' }, at)
  if (session) await recordSessionEnd(tx, world, { account, session, at, because: 'sign-in' })
}

interface SessionEnd {
  account: { id: string; email: string }
  session: Token
  at: Date
  /** Nobody signed out: the same browser was signed in anew. */
  because?: 'sign-in'
}

export async function recordSessionEnd(
  tx: Tx,
  world: World,
  { account, session, at, because }: SessionEnd,
): Promise<void> {
  const { id, email } = account
  await recordFact(tx, world, {
    ...{ at, actor: { id, email }, action: 'destroy', resource: 'session', subject: session.id, accountId: id },
    data: { description: session.description, ...(because ? { because } : {}) },
  })
}

/** @returns the Set-Cookie value that signs this browser in */
export async function beginSession(
  tx: Tx,
  world: World,
  account: { id: string; email: string },
  browser: Browser,
  origin: string,
): Promise<string> {
  const secret = newToken()
  const at = world.now()
  const description = `Browser: ${(browser.userAgent ?? 'unknown').slice(0, 200)}`
  const session = await insertToken(tx, {
    id: world.id(),
    kind: 'web',
    accountId: account.id,
    hash: tokenHash(secret),
    hint: '**********',
    scopes: ['global'],
    description,
    expiresAt: later(at, webSessionDays * daySeconds * 1000),
    at,
  })
  await setLastLogin(tx, account.id, at)
  const { id, email } = account
  await recordFact(tx, world, {
    ...{ at, actor: { id, email }, action: 'create', resource: 'session', subject: session.id, accountId: id },
    data: { description, address: browser.address },
  })
  return sessionCookie(origin, secret, webSessionDays * daySeconds)
}

/** Signing in changes a browser's state too, and no cookie guards it yet: another site must not sign people in as itself. */
function requireOwnPage(context: Context): void {
  const { origin } = context.request.headers
  if (context.request.headers['x-mortise-web'] === undefined || !isOwnOrigin(context.request, origin)) {
    throw new WireError('forbidden', 'A browser signs in from our own page only.')
  }
}

import { notFound, WireError } from '@mortise/contract/errors'
import { routes } from '@mortise/contract/platform-api/routes'
import { type Tx, transact } from '../db/db.js'
import { type Context, type Handler, handle } from '../http/handle.js'
import { isOwnOrigin } from '../http/server.js'
import { newToken, tokenHash } from '../secrets/tokens.js'
import { later, type World } from '../world/world.js'
import { canKeepSession, sessionCookie } from './cookie.js'
import type { AccountDeps } from './routes.js'
import { byPassword } from './self.js'
import { setLastLogin } from './store.js'
import { webSessionDays } from './token.js'
import { insertToken, revokeToken } from './token-store.js'

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
        if (old?.account)
          await revokeToken(tx, { id: old.tokenId, accountId: old.account.id, kind: 'web' }, world.now())
        return beginSession(tx, world, account.id, context.request.headers['user-agent'], context.origin)
      })
      context.header('Set-Cookie', cookie)
      return { id: account.id, email: account.email }
    }),
    handle(routes.webSession.signOut, async (context) => {
      const { asker } = context
      if (asker.via !== 'cookie' || !asker.account) throw notFound('session')
      const which = { id: asker.tokenId, accountId: asker.account.id, kind: 'web' } as const
      await transact(db, (tx) => revokeToken(tx, which, world.now()))
      context.header('Set-Cookie', sessionCookie(context.origin, '', 0))
      return {}
    }),
  ]
}

/** @returns the Set-Cookie value that signs this browser in */
export async function beginSession(
  tx: Tx,
  world: World,
  accountId: string,
  userAgent: string | undefined,
  origin: string,
): Promise<string> {
  const secret = newToken()
  const at = world.now()
  await insertToken(tx, {
    id: world.id(),
    kind: 'web',
    accountId,
    hash: tokenHash(secret),
    hint: '**********',
    scopes: ['global'],
    description: `Browser: ${(userAgent ?? 'unknown').slice(0, 200)}`,
    expiresAt: later(at, webSessionDays * daySeconds * 1000),
    at,
  })
  await setLastLogin(tx, accountId, at)
  return sessionCookie(origin, secret, webSessionDays * daySeconds)
}

/** Signing in changes a browser's state too, and no cookie guards it yet: another site must not sign people in as itself. */
function requireOwnPage(context: Context): void {
  const { origin } = context.request.headers
  if (context.request.headers['x-mortise-web'] === undefined || !isOwnOrigin(context.request, origin)) {
    throw new WireError('forbidden', 'A browser signs in from our own page only.')
  }
}

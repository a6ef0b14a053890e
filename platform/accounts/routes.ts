import { invalid, notFound, WireError } from '@mortise/contract/errors'
import { routes } from '@mortise/contract/platform-api/routes'
import { type Db, transact } from '../db/db.js'
import { type Asker, type Context, type Handler, handle } from '../http/handle.js'
import { newToken, tokenHash } from '../secrets/tokens.js'
import { later, type World } from '../world/world.js'
import { type Account, accountView } from './account.js'
import { readBasic } from './authenticate.js'
import { canKeepSession, sessionCookie } from './cookie.js'
import type { PasswordTries } from './password-tries.js'
import { findAccount, findAccountByEmail, setAccountName, setLastLogin } from './store.js'
import { authorizationView, sessionView, type Token, tokenHint, webSessionDays } from './token.js'
import { insertToken, listTokens, revokeToken } from './token-store.js'

export interface AccountDeps {
  db: Db
  world: World
  tries: PasswordTries
}

/** How many requests an account has left: this installation counts none, so it is always the whole bucket. */
const requestsMax = 4500
const daySeconds = 24 * 60 * 60

export function accountRoutes(deps: AccountDeps): Handler[] {
  return [...ownRoutes(deps), ...authorizationRoutes(deps), ...webRoutes(deps)]
}

function ownRoutes({ db, world }: AccountDeps): Handler[] {
  return [
    handle(routes.account.info, async ({ asker }) => accountView(await accountOf(db, asker))),
    handle(routes.account.user, async ({ asker, params }) => {
      const own = await accountOf(db, asker)
      if (isSelf(own, params.user)) return accountView(own)
      const other = asker.sudo ? await findAccountByEmail(db, params.user) : undefined
      if (!other) throw notFound('account')
      return accountView(other)
    }),
    handle(routes.account.update, async ({ asker, body }) => {
      if (body.allow_tracking || body.beta) {
        throw invalid('This installation tracks nobody and has no beta programme. Leave out allow_tracking and beta.')
      }
      const own = await accountOf(db, asker)
      const { name } = body
      if (name === undefined) return accountView(own)
      return accountView(await transact(db, (tx) => setAccountName(tx, own.id, name, world.now())))
    }),
    handle(routes.account.rateLimits, async () => ({ remaining: requestsMax })),
    handle(routes.account.keys, async () => []),
    handle(routes.account.features, async () => []),
    handle(routes.account.teams, async () => []),
  ]
}

function authorizationRoutes({ db, world, tries }: AccountDeps): Handler[] {
  /** By id, or `~` for the account's API key. */
  async function find(asker: Asker, identity: string): Promise<{ token: Token; account: Account }> {
    const account = await accountOf(db, asker)
    const all = await listTokens(db, account.id, 'authorization', world.now())
    const token = all.find((one) => (identity === '~' ? one.isDefault : one.id === identity.toLowerCase()))
    if (!token) throw notFound('authorization')
    return { token, account }
  }

  return [
    handle(routes.authorizations.create, async (context) => {
      const { body, maybeAsker } = context
      const account = maybeAsker
        ? await accountOf(db, maybeAsker)
        : await byPassword({ db, tries }, context, readBasic(context.request.headers.authorization))
      const held = maybeAsker?.scopes ?? ['global']
      const scopes = body.scope ?? held
      if (!held.includes('global') && scopes.some((scope) => !held.includes(scope))) {
        throw new WireError('forbidden', 'A token can not make one that may do more than itself.')
      }
      const secret = newToken('MORT-')
      const at = world.now()
      const token = await transact(db, (tx) =>
        insertToken(tx, {
          id: world.id(),
          kind: 'authorization',
          accountId: account.id,
          hash: tokenHash(secret),
          hint: tokenHint(secret),
          scopes,
          description: body.description ?? 'Long-lived user authorization',
          expiresAt: body.expires_in ? later(at, body.expires_in * 1000) : null,
          at,
        }),
      )
      return authorizationView(token, account, at, secret)
    }),
    handle(routes.authorizations.list, async ({ asker }) => {
      const account = await accountOf(db, asker)
      const at = world.now()
      const all = await listTokens(db, account.id, 'authorization', at)
      return all.map((token) => authorizationView(token, account, at))
    }),
    handle(routes.authorizations.info, async ({ asker, params }) => {
      const { token, account } = await find(asker, params.authorization)
      return authorizationView(token, account, world.now())
    }),
    handle(routes.authorizations.revoke, async ({ asker, params }) => {
      const { token, account } = await find(asker, params.authorization)
      const at = world.now()
      const which = { id: token.id, accountId: account.id, kind: 'authorization' } as const
      const revoked = await transact(db, (tx) => revokeToken(tx, which, at))
      if (!revoked) throw notFound('authorization')
      return authorizationView(revoked, account, at)
    }),
    handle(routes.authorizations.sessions, async ({ asker }) => {
      const at = world.now()
      const all = await listTokens(db, (await accountOf(db, asker)).id, 'web', at)
      return all.map((token) => sessionView(token, at))
    }),
    handle(routes.authorizations.endSession, async (context) => {
      const { asker, params } = context
      const account = await accountOf(db, asker)
      // `~` is the session that asks; a client with a token has none.
      const id = params.session === '~' ? (asker.via === 'cookie' ? asker.tokenId : null) : params.session
      const at = world.now()
      const all = await listTokens(db, account.id, 'web', at)
      const found = all.find((one) => one.id === id?.toLowerCase())
      if (!found) throw notFound('session')
      await transact(db, (tx) => revokeToken(tx, { id: found.id, accountId: account.id, kind: 'web' }, at))
      if (found.id === asker.tokenId) context.header('Set-Cookie', sessionCookie(context.origin, '', 0))
      return sessionView(found, at)
    }),
  ]
}

function webRoutes({ db, world, tries }: AccountDeps): Handler[] {
  return [
    handle(routes.webSession.signIn, async (context) => {
      requireOwnPage(context)
      if (!canKeepSession(context.origin)) {
        throw new WireError('forbidden', 'A browser can sign in over https, or on localhost. Use an https address.')
      }
      const { email, password } = context.body
      const account = await byPassword({ db, tries }, context, { user: email, password })
      const secret = newToken()
      const at = world.now()
      await transact(db, async (tx) => {
        // A new id at each sign-in: one that somebody planted in the browser before is worth nothing afterwards.
        const old = context.maybeAsker
        if (old?.via === 'cookie' && old.account) {
          await revokeToken(tx, { id: old.tokenId, accountId: old.account.id, kind: 'web' }, at)
        }
        await insertToken(tx, {
          id: world.id(),
          kind: 'web',
          accountId: account.id,
          hash: tokenHash(secret),
          hint: '**********',
          scopes: ['global'],
          description: `Browser: ${String(context.request.headers['user-agent'] ?? 'unknown').slice(0, 200)}`,
          expiresAt: later(at, webSessionDays * daySeconds * 1000),
          at,
        })
        await setLastLogin(tx, account.id, at)
      })
      context.header('Set-Cookie', sessionCookie(context.origin, secret, webSessionDays * daySeconds))
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

/** The account behind a token. @throws WireError 403 for the token of a grant */
export async function accountOf(db: Db, asker: Asker): Promise<Account> {
  const account = asker.account && (await findAccount(db, asker.account.id))
  if (!account) throw new WireError('forbidden', 'This needs an account, not the token of a grant.')
  return account
}

/** How clients spell "me". */
export function isSelf(account: { id: string; email: string }, identity: string): boolean {
  return (
    identity === '~' || identity.toLowerCase() === account.id || identity.toLowerCase() === account.email.toLowerCase()
  )
}

async function byPassword(
  { db, tries }: Pick<AccountDeps, 'db' | 'tries'>,
  context: Context,
  given: { user: string; password: string } | null,
): Promise<Account> {
  const refused = new WireError('unauthorized', 'The e-mail or the password is wrong.')
  if (!given || given.user === '' || given.password === '') throw refused
  const account = await findAccountByEmail(db, given.user)
  const isRight = await tries.check(given.user, context.request.ip, given.password, account?.passwordHash ?? null)
  if (!account || !isRight) throw refused
  return account
}

/** Signing in changes a browser's state too, and no cookie guards it yet: another site must not sign people in as itself. */
function requireOwnPage(context: Context): void {
  const { origin } = context.request.headers
  if (context.request.headers['x-mortise-web'] === undefined || (origin !== undefined && origin !== context.origin)) {
    throw new WireError('forbidden', 'A browser signs in from our own page only.')
  }
}

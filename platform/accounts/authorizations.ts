import { invalid, notFound, WireError } from '@mortise/contract/errors'
import { routes } from '@mortise/contract/platform-api/routes'
import { transact } from '../db/db.js'
import { type Asker, type Handler, handle } from '../http/handle.js'
import { newToken, tokenHash } from '../secrets/tokens.js'
import { later } from '../world/world.js'
import type { Account } from './account.js'
import { readBasic } from './authenticate.js'
import { sessionCookie } from './cookie.js'
import { findClient, isClientSecret } from './oauth-client-store.js'
import { requireRoom } from './quotas.js'
import type { AccountDeps } from './routes.js'
import { accountOf, byPassword } from './self.js'
import { authorizationView, sessionView, type Token, tokenHint } from './token.js'
import { insertToken, listTokens, regenerateToken, revokeToken, updateAuthorization } from './token-store.js'
import { recordAuthorization } from './trail.js'
import { recordSessionEnd } from './web-session.js'

/** Tokens that a person makes for programs, and the browser sessions beside them. */
export function authorizationRoutes({ db, world, tries }: AccountDeps): Handler[] {
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
      const scopes = body.scope ?? maybeAsker?.scopes ?? ['global']
      requireNoMore(maybeAsker, scopes)
      const client = body.client === undefined ? undefined : await findClient(db, body.client)
      if (body.client !== undefined && !client) throw notFound('client')
      const secret = newToken('MORT-')
      const at = world.now()
      const token = await transact(db, async (tx) => {
        await requireRoom(tx, { ownerId: account.id, name: 'authorizations', at })
        const made = await insertToken(tx, {
          id: world.id(),
          kind: 'authorization',
          accountId: account.id,
          hash: tokenHash(secret),
          hint: tokenHint(secret),
          scopes,
          description: body.description ?? 'Long-lived user authorization',
          clientId: client?.id,
          // What a program makes for itself ends when the person takes back what they allowed it.
          authorizationId: maybeAsker?.authorizationId ?? undefined,
          expiresAt: body.expires_in ? later(at, Number(body.expires_in) * 1000) : null,
          at,
        })
        await recordAuthorization(tx, world, { token: made, account, action: 'create', at })
        return made
      })
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
      const revoked = await transact(db, async (tx) => {
        const ended = await revokeToken(tx, which, at)
        if (ended) await recordAuthorization(tx, world, { token: ended, account, action: 'destroy', at })
        return ended
      })
      if (!revoked) throw notFound('authorization')
      return authorizationView(revoked, account, at)
    }),
    handle(routes.authorizations.update, async ({ asker, body, params }) => {
      const { token, account } = await find(asker, params.authorization)
      const client = body.client && (await findClient(db, body.client.id))
      // Whose name stands on an authorization is what people judge it by, so a client proves that it is itself.
      if (body.client && (!client || !isClientSecret(client, body.client.secret ?? ''))) {
        throw invalid('The id or the secret of the client is wrong. Pass both, or leave the client out.')
      }
      const change = { description: body.description, clientId: client?.id, at: world.now() }
      const changed = await transact(db, (tx) => updateAuthorization(tx, token.id, change))
      return authorizationView(changed, account, change.at)
    }),
    handle(routes.authorizations.regenerate, async ({ asker, params }) => {
      const { token, account } = await find(asker, params.authorization)
      requireNoMore(asker, token.scopes)
      if (asker.authorizationId) {
        const sentence = 'A program that somebody let in can not renew their tokens. It can refresh its own.'
        throw new WireError('forbidden', sentence)
      }
      if (token.isOfProgram) {
        const sentence = "This authorization is a program's, which renews its tokens by itself. Revoke it instead."
        throw new WireError('invalid_params', sentence)
      }
      const secret = newToken('MORT-')
      const at = world.now()
      // It is good for as long as it was when it was made.
      const change = {
        hash: tokenHash(secret),
        hint: tokenHint(secret),
        expiresAt: token.lifeSeconds === null ? null : later(at, token.lifeSeconds * 1000),
        at,
      }
      const renewed = await transact(db, async (tx) => {
        const made = await regenerateToken(tx, token.id, change)
        if (made) await recordAuthorization(tx, world, { token: made, account, action: 'update', at })
        return made
      })
      if (!renewed) throw notFound('authorization')
      return authorizationView(renewed, account, at, secret)
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
      await transact(db, async (tx) => {
        const ended = await revokeToken(tx, { id: found.id, accountId: account.id, kind: 'web' }, at)
        if (ended) await recordSessionEnd(tx, world, { account, session: ended, at })
      })
      if (found.id === asker.tokenId) context.header('Set-Cookie', sessionCookie(context.origin, '', 0))
      return sessionView(found, at)
    }),
  ]
}

/** A token makes or renews none that may do more than itself. @throws WireError 403 */
function requireNoMore(asker: Asker | null, scopes: readonly string[]): void {
  const held = asker?.scopes ?? ['global']
  if (!held.includes('global') && scopes.some((scope) => !held.includes(scope))) {
    throw new WireError(
      'forbidden',
      'A token can not make one that may do more than itself. Ask for fewer scopes, or use a token that has them.',
    )
  }
}

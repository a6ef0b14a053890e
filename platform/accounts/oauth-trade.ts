import { accessTokenSeconds } from '@mortise/contract/partner-api/oauth'
import type { Tx } from '../db/db.js'
import { newToken, tokenHash } from '../secrets/tokens.js'
import { later, type World } from '../world/world.js'
import { findClientRefresh, forgetOldAccess, lockCode, markTraded } from './oauth-code-store.js'
import { findAccount } from './store.js'
import { insertToken, revokeToken } from './token-store.js'
import { recordAuthorization } from './trail.js'

/** What a program got for a code or a refresh token. */
export interface ClientTokens {
  accessId: string
  access: string
  refreshId: string
  refresh: string
  authorizationId: string
  accountId: string
  at: Date
}

export interface Traded {
  /** `replayed`: the code was used before. What it was traded for has ended, since one of the two was a thief. */
  outcome: 'traded' | 'replayed' | 'unknown'
  tokens?: ClientTokens
}

const dayMs = 24 * 60 * 60_000

/**
 * Trades a code that somebody's consent made. A refusal is an outcome and no exception, because a replay changes
 * something that has to be committed.
 * @param fields of the question; `redirect_uri` and `client_id` have to fit where they are given
 */
export async function tradeCode(tx: Tx, world: World, fields: Record<string, string>): Promise<Traded> {
  const at = world.now()
  const hash = tokenHash(fields['code'] ?? '')
  const code = await lockCode(tx, hash, tokenHash(fields['client_secret'] ?? ''))
  const isHeard =
    code &&
    (fields['client_id'] ?? code.clientId).toLowerCase() === code.clientId &&
    (fields['redirect_uri'] ?? code.redirectUri) === code.redirectUri
  if (!isHeard) return { outcome: 'unknown' }
  if (code.authorizationId) {
    const which = { id: code.authorizationId, accountId: code.accountId, kind: 'authorization' } as const
    const ended = await revokeToken(tx, which, at)
    const owner = ended && (await findAccount(tx, code.accountId))
    if (ended && owner) {
      const fact = { token: ended, account: owner, action: 'destroy', at, data: { because: 'replay' } } as const
      await recordAuthorization(tx, world, fact)
    }
    return { outcome: 'replayed' }
  }
  if (code.expiresAt <= at) return { outcome: 'unknown' }
  const { accountId, clientId, scopes } = code
  const authorizationId = world.id()
  // The authorization is what its owner sees and revokes. Nobody knows a secret of it: its tokens are the program's.
  const token = await insertToken(tx, {
    id: authorizationId,
    kind: 'authorization',
    accountId,
    clientId,
    hash: tokenHash(newToken()),
    hint: '**********',
    scopes,
    description: `Allowed in the browser: ${code.clientName}`.slice(0, 300),
    expiresAt: null,
    at,
  })
  await markTraded(tx, hash, authorizationId)
  const account = await findAccount(tx, accountId)
  if (account) await recordAuthorization(tx, world, { token, account, action: 'create', at })
  const refresh = newToken('MORT-')
  const refreshId = world.id()
  const more = { accountId, clientId, authorizationId, scopes, at }
  await insertToken(tx, {
    ...more,
    id: refreshId,
    kind: 'client_refresh',
    hash: tokenHash(refresh),
    ...words,
    expiresAt: null,
  })
  const access = await giveAccess(tx, world, more)
  return { outcome: 'traded', tokens: { ...access, refresh, refreshId, authorizationId, accountId, at } }
}

/** A new access token for a refresh token, good for what the person allowed and for no more. */
export async function tradeRefresh(tx: Tx, world: World, fields: Record<string, string>): Promise<Traded> {
  const at = world.now()
  const refresh = fields['refresh_token'] ?? ''
  const found = await findClientRefresh(tx, tokenHash(refresh), tokenHash(fields['client_secret'] ?? ''))
  if (!found || (fields['client_id'] ?? found.clientId).toLowerCase() !== found.clientId) return { outcome: 'unknown' }
  const { accountId, authorizationId } = found
  await forgetOldAccess(tx, authorizationId, later(at, -dayMs))
  const access = await giveAccess(tx, world, { ...found, at })
  return { outcome: 'traded', tokens: { ...access, refresh, refreshId: found.id, authorizationId, accountId, at } }
}

const words = { hint: '**********', description: "a program's" }

async function giveAccess(
  tx: Tx,
  world: World,
  of: { accountId: string; clientId: string; authorizationId: string; scopes: readonly string[]; at: Date },
): Promise<{ access: string; accessId: string }> {
  const access = newToken('MORT-')
  const accessId = world.id()
  const { accountId, clientId, authorizationId, scopes, at } = of
  await insertToken(tx, {
    id: accessId,
    kind: 'client_access',
    accountId,
    clientId,
    authorizationId,
    scopes,
    hash: tokenHash(access),
    ...words,
    expiresAt: later(at, accessTokenSeconds * 1000),
    at,
  })
  return { access, accessId }
}

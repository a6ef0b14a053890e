import { notFound, WireError } from '@mortise/contract/errors'
import { isUuid } from '@mortise/contract/identity'
import { accessTokenSeconds, type TokenAnswer } from '@mortise/contract/partner-api/oauth'
import type { OauthToken } from '@mortise/contract/platform-api/oauth-tokens'
import { routes } from '@mortise/contract/platform-api/routes'
import { timestamp } from '@mortise/contract/platform-api/shared'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { readBasic } from '../accounts/authenticate.js'
import { tradeCode, tradeRefresh } from '../accounts/oauth-trade.js'
import { recordAuthorization } from '../accounts/trail.js'
import { type Db, type Tx, transact } from '../db/db.js'
import { type Handler, handle } from '../http/handle.js'
import { newToken, tokenHash } from '../secrets/tokens.js'
import { derivedId } from '../world/derived-id.js'
import { later, type World } from '../world/world.js'
import * as store from './grant-store.js'

interface Deps {
  db: Db
  world: World
}

/**
 * Where OAuth's own clients trade a grant's code for tokens. Real ones send a form, a query string on the POST, or JSON; all
 * are read. A provider sends no client id: the secret names its service.
 */
export function oauthTokenEndpoint(deps: Deps): (server: FastifyInstance) => void {
  return (server) => {
    server.post('/oauth/token', async (request, reply) => {
      const traded = await exchange(deps, fieldsOf(request))
      request.grantOf = traded.addonId ?? null
      return reply.code(200).header('Cache-Control', 'no-store').send(flat(traded))
    })
  }
}

/** The same under the address and in the shape of the customer API. */
export function oauthTokenRoutes(deps: Deps): Handler[] {
  const { db, world } = deps
  return [
    handle(routes.oauthTokens.create, async ({ request, header }) => {
      const traded = await exchange(deps, fieldsOf(request))
      request.grantOf = traded.addonId ?? null
      header('Cache-Control', 'no-store')
      return isNested(request) ? nested(traded) : flat(traded)
    }),
    handle(routes.oauthTokens.revoke, async ({ asker, params }) => {
      const owner = { accountId: asker.account?.id ?? null, addonId: asker.addonId }
      const id = params.token.toLowerCase()
      const at = world.now()
      const isRevoked =
        isUuid(id) &&
        (await transact(db, async (tx) => {
          const token = await store.revokeOwnToken(tx, id, owner, at)
          if (token?.accountId && asker.account) await recordEnd(tx, world, asker.account, token, at)
          return token !== undefined
        }))
      if (!isRevoked) throw notFound('oauth_token')
      return { id }
    }),
  ]
}

/** An authorization ended, or one of the tokens that a program has by it. */
async function recordEnd(
  tx: Tx,
  world: World,
  account: { id: string; email: string },
  { kind, ...token }: store.RevokedToken,
  at: Date,
): Promise<void> {
  const part = kind === 'client_access' ? 'access' : kind === 'client_refresh' ? 'refresh' : null
  await recordAuthorization(tx, world, { token, account, action: 'destroy', at, data: part ? { part } : {} })
}

interface Traded {
  accessId: string
  access: string
  refreshId: string
  refresh: string
  /** The code that was traded; empty for a refresh. */
  code: string
  type: string
  /** What its owner revokes. A provider's grant has no row of its own among somebody's authorizations. */
  authorizationId: string
  ownerId: string
  at: Date
  /** Of a provider's grant. */
  addonId?: string
}

function flat(traded: Traded): TokenAnswer {
  return {
    access_token: traded.access,
    refresh_token: traded.refresh,
    expires_in: accessTokenSeconds,
    token_type: 'Bearer',
    user_id: traded.ownerId,
    session_nonce: null,
  }
}

function nested(traded: Traded): OauthToken {
  const at = timestamp(traded.at)
  return {
    access_token: { expires_in: accessTokenSeconds, id: traded.accessId, token: traded.access },
    authorization: { id: traded.authorizationId },
    client: { secret: '**********' },
    created_at: at,
    grant: { code: traded.code, type: traded.type },
    id: traded.accessId,
    refresh_token: { expires_in: null, id: traded.refreshId, token: traded.refresh },
    session: { id: traded.accessId },
    updated_at: at,
    user: { id: traded.ownerId },
  }
}

function isNested(request: FastifyRequest): boolean {
  const body = (request.body ?? {}) as Record<string, unknown>
  return ['grant', 'client', 'refresh_token'].some((name) => typeof body[name] === 'object' && body[name] !== null)
}

/** `grant_type`, `code` and so on, or the customer API's nested spelling of the same. */
function fieldsOf(request: FastifyRequest): Record<string, string> {
  const body = (request.body ?? {}) as Record<string, unknown>
  const nested = (name: string) =>
    body[name] && typeof body[name] === 'object' ? (body[name] as Record<string, unknown>) : {}
  const texts = (all: object) =>
    Object.entries(all).filter((pair): pair is [string, string] => typeof pair[1] === 'string')
  const fromNested = {
    grant_type: nested('grant')['type'],
    code: nested('grant')['code'],
    client_secret: nested('client')['secret'],
    refresh_token: nested('refresh_token')['token'],
  }
  // Libraries may send a client's secret as a password. Source: RFC 6749, section 2.3.1.
  const basic = readBasic(request.headers.authorization)
  const fromBasic = basic ? { client_id: basic.user || undefined, client_secret: basic.password } : {}
  // Only texts: the nested `refresh_token` must not take the place of the one in it.
  const all = [...texts(fromBasic), ...texts(fromNested), ...texts(request.query as object), ...texts(body)]
  return Object.fromEntries(all)
}

/** Codes and refresh tokens of both kinds: what a third party's program got from a person, and what a provider was sent. */
async function exchange(deps: Deps, fields: Record<string, string>): Promise<Traded> {
  const type = fields['grant_type'] ?? (fields['code'] ? 'authorization_code' : 'refresh_token')
  const isCode = type === 'authorization_code'
  if (!isCode && type !== 'refresh_token')
    throw new WireError('bad_request', 'grant_type must be authorization_code or refresh_token.')
  const { db, world } = deps
  const trade = isCode ? tradeCode : tradeRefresh
  const { outcome, tokens } = await transact(db, (tx) => trade(tx, world, fields))
  if (outcome === 'replayed')
    throw new WireError(
      'unauthorized',
      'The code was used before. What it was traded for has ended: ask the person again.',
    )
  if (!tokens) return exchangeOfProvider(deps, fields, type)
  return { ...tokens, type, code: isCode ? (fields['code'] ?? '') : '', ownerId: tokens.accountId }
}

async function exchangeOfProvider(deps: Deps, fields: Record<string, string>, type: string): Promise<Traded> {
  const { db, world } = deps
  const secret = tokenHash(fields['client_secret'] ?? '')
  return transact(db, async (tx) => {
    const at = world.now()
    const isCode = type === 'authorization_code'
    const presented = tokenHash((isCode ? fields['code'] : fields['refresh_token']) ?? '')
    const granted = isCode
      ? await store.useGrant(tx, presented, secret, at)
      : await store.findRefreshToken(tx, presented, secret)
    if (!granted) {
      throw new WireError(
        'unauthorized',
        isCode
          ? 'The code is unknown, used or too old, or the client secret is not that of its client or service.'
          : 'The refresh token is unknown or revoked, or the client secret is not that of its client or service.',
      )
    }
    const access = newToken('HRKU-')
    const accessId = world.id()
    const expiresAt = later(at, accessTokenSeconds * 1000)
    await store.insertGrantToken(tx, {
      id: accessId,
      kind: 'grant_access',
      addonId: granted.addonId,
      hash: tokenHash(access),
      expiresAt,
      at,
    })
    let refresh = fields['refresh_token'] ?? ''
    let refreshId: string = 'tokenId' in granted ? String(granted.tokenId) : ''
    if (isCode) {
      refresh = newToken('HRKU-')
      refreshId = world.id()
      await store.insertGrantToken(tx, {
        id: refreshId,
        kind: 'grant_refresh',
        addonId: granted.addonId,
        hash: tokenHash(refresh),
        expiresAt: null,
        at,
      })
    }
    return {
      accessId,
      access,
      refreshId,
      refresh,
      code: isCode ? (fields['code'] ?? '') : '',
      type,
      authorizationId: derivedId('grant', granted.addonId),
      ownerId: granted.ownerId,
      at,
      addonId: granted.addonId,
    }
  })
}

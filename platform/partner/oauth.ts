import { WireError } from '@mortise/contract/errors'
import { accessTokenSeconds, type TokenAnswer } from '@mortise/contract/partner-api/oauth'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type Db, transact } from '../db/db.js'
import { newToken, tokenHash } from '../secrets/tokens.js'
import { later, type World } from '../world/world.js'
import * as store from './grant-store.js'

/**
 * Trades a grant's code for tokens. Real clients send a form, a query string on the POST, or JSON; all are
 * read. There is no client id: the secret names the service.
 */
export function oauthTokenEndpoint(deps: { db: Db; world: World }): (server: FastifyInstance) => void {
  return (server) => {
    for (const url of ['/oauth/token', '/oauth/tokens']) {
      server.post(url, async (request, reply) => {
        const answer = await exchange(deps, fieldsOf(request))
        return reply
          .code(url === '/oauth/token' ? 200 : 201)
          .header('Cache-Control', 'no-store')
          .send(answer)
      })
    }
  }
}

/** `grant_type`, `code` and so on, or the customer API's nested spelling of the same. */
function fieldsOf(request: FastifyRequest): Record<string, string> {
  const body = (request.body ?? {}) as Record<string, unknown>
  const nested = (name: string) =>
    body[name] && typeof body[name] === 'object' ? (body[name] as Record<string, unknown>) : {}
  const flat: Record<string, unknown> = {
    grant_type: nested('grant')['type'],
    code: nested('grant')['code'],
    client_secret: nested('client')['secret'],
    refresh_token: nested('refresh_token')['token'],
    ...(request.query as Record<string, unknown>),
    ...body,
  }
  return Object.fromEntries(
    Object.entries(flat).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
  )
}

async function exchange(deps: { db: Db; world: World }, fields: Record<string, string>): Promise<TokenAnswer> {
  const { db, world } = deps
  const type = fields['grant_type'] ?? (fields['code'] ? 'authorization_code' : 'refresh_token')
  const secret = tokenHash(fields['client_secret'] ?? '')
  return transact(db, async (tx) => {
    const at = world.now()
    const isCode = type === 'authorization_code'
    if (!isCode && type !== 'refresh_token')
      throw new WireError('bad_request', 'grant_type must be authorization_code or refresh_token.')
    const presented = tokenHash((isCode ? fields['code'] : fields['refresh_token']) ?? '')
    const granted = isCode
      ? await store.useGrant(tx, presented, secret, at)
      : await store.findRefreshToken(tx, presented, secret)
    if (!granted) {
      throw new WireError(
        'unauthorized',
        isCode
          ? 'The code is unknown, used or older than 5 minutes, or the client secret is not that of its service.'
          : 'The refresh token is unknown or revoked, or the client secret is not that of its service.',
      )
    }
    const access = newToken('HRKU-')
    const expiresAt = later(at, accessTokenSeconds * 1000)
    await store.insertGrantToken(tx, {
      id: world.id(),
      kind: 'grant_access',
      addonId: granted.addonId,
      hash: tokenHash(access),
      expiresAt,
      at,
    })
    let refresh = fields['refresh_token'] ?? ''
    if (isCode) {
      refresh = newToken('HRKU-')
      await store.insertGrantToken(tx, {
        id: world.id(),
        kind: 'grant_refresh',
        addonId: granted.addonId,
        hash: tokenHash(refresh),
        expiresAt: null,
        at,
      })
    }
    return {
      access_token: access,
      refresh_token: refresh,
      expires_in: accessTokenSeconds,
      token_type: 'Bearer',
      user_id: granted.ownerId,
      session_nonce: null,
    }
  })
}

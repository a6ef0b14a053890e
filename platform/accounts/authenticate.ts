import type { FastifyRequest } from 'fastify'
import type { Db } from '../db/db.js'
import type { Asker } from '../http/handle.js'
import { tokenHash } from '../secrets/tokens.js'
import type { World } from '../world/world.js'
import { sessionCookieIn } from './cookie.js'
import { suspension } from './suspension.js'
import { findBearer } from './token-store.js'

/** Real tokens are far shorter; nothing longer is worth a hash. */
const tokenCharsMax = 1024

/**
 * Who asks: by Bearer, by Basic with the token as password (any user name), or by a browser's session cookie.
 * Null for everything that is not a live token, whatever its form: "Bearer undefined" is what some clients send
 * when nobody is logged in. A header that fails is not made good by a cookie beside it.
 */
export function authenticator(db: Db, world: World): (request: FastifyRequest) => Promise<Asker | null> {
  return async (request) => {
    const found = secretIn(request)
    if (!found || found.secret === '' || found.secret.length > tokenCharsMax) return null
    const bearer = await findBearer(db, tokenHash(found.secret), world.now())
    if (!bearer) return null
    // A session's secret is good in its cookie only, and a token in no cookie: each has its own protections.
    const fits =
      bearer.kind === 'web'
        ? found.via === 'cookie'
        : found.via !== 'cookie' && ['authorization', 'grant_access', 'client_access'].includes(bearer.kind)
    if (!fits) return null
    // Nobody, wherever it is asked; a route that needs somebody says why.
    if (bearer.suspended) {
      request.refusal = suspension(bearer.suspended.reason)
      return null
    }
    return {
      account: bearer.account,
      addonId: bearer.addonId,
      tokenId: bearer.id,
      tokenDigest: bearer.digest,
      authorizationId: bearer.authorizationId,
      scopes: bearer.scopes,
      via: found.via,
      retired: bearer.retired,
      sudo: bearer.account?.isOperator === true && isSudo(request.headers['x-heroku-sudo']),
    }
  }
}

function secretIn(request: FastifyRequest): { via: Asker['via']; secret: string } | null {
  const header = request.headers.authorization
  if (header === undefined) {
    const secret = sessionCookieIn(request.headers.cookie)
    return secret === null ? null : { via: 'cookie', secret }
  }
  const [, scheme, value] = /^(bearer|basic)\s+(\S+)\s*$/i.exec(header) ?? []
  if (!scheme || !value) return null
  if (scheme.toLowerCase() === 'bearer') return { via: 'bearer', secret: value }
  return { via: 'basic', secret: readBasic(header)?.password ?? '' }
}

/** User and password of a Basic header, or null. A password may hold colons, a user name may not. Source: RFC 7617. */
export function readBasic(header: string | undefined): { user: string; password: string } | null {
  const encoded = /^basic\s+([a-z0-9+/=_-]+)\s*$/i.exec(header ?? '')?.[1]
  if (!encoded) return null
  const text = Buffer.from(encoded, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  return colon < 0 ? null : { user: text.slice(0, colon), password: text.slice(colon + 1) }
}

function isSudo(header: string | string[] | undefined): boolean {
  return header !== undefined && !['', '0', 'false'].includes(String(header).trim().toLowerCase())
}

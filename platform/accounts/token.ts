import type { Authorization } from '@mortise/contract/platform-api/accounts'
import { timestamp } from '@mortise/contract/platform-api/shared'

/** A bearer of rights: an authorization, a browser's session, or a provider's grant. Only its hash is stored. */
export interface Token {
  id: string
  /** `client_…`: what a third party's program was given for somebody's consent; it hangs on their authorization. */
  kind: 'authorization' | 'web' | 'grant_access' | 'grant_refresh' | 'client_access' | 'client_refresh'
  accountId: string | null
  addonId: string | null
  /** Enough to tell which one it is, never enough to use it: `MORT-abc**********wxyz`. */
  hint: string
  isDefault: boolean
  scopes: string[]
  description: string
  createdAt: Date
  updatedAt: Date
  expiresAt: Date | null
  /** For how long it was made; null when it never expires. */
  lifeSeconds: number | null
  /** The program that it was made for, when one is named. */
  client: { id: string; name: string; redirect_uri: string } | null
  /** An authorization that a program was given on the page for that, and that its own tokens hang on. */
  isOfProgram: boolean
}

/** A browser stays signed in this long. */
export const webSessionDays = 30
const shownFrom = 24

/**
 * What lists show of a token. Clients look for their own one by this form, `prefix**********suffix`, when they log out.
 * Source: platform-api, "auth:logout". A short key of the operator's own choice is not shown in part.
 */
export function tokenHint(token: string): string {
  return token.length < shownFrom ? '**********' : `${token.slice(0, 8)}**********${token.slice(-4)}`
}

/** @param secret the whole token, only in the answer that makes it */
export function authorizationView(
  token: Token,
  user: { id: string; email: string; name: string | null },
  at: Date,
  secret?: string,
): Authorization {
  const left = token.expiresAt && Math.max(0, Math.round((token.expiresAt.getTime() - at.getTime()) / 1000))
  return {
    access_token: { expires_in: left, id: token.id, token: secret ?? token.hint },
    client: token.client,
    created_at: timestamp(token.createdAt),
    description: token.description,
    grant: null,
    id: token.id,
    refresh_token: null,
    scope: token.scopes,
    session: null,
    updated_at: timestamp(token.updatedAt),
    user: { id: user.id, email: user.email, full_name: user.name },
  }
}

export function sessionView(token: Token, at: Date) {
  const left = token.expiresAt && Math.max(0, Math.round((token.expiresAt.getTime() - at.getTime()) / 1000))
  return {
    created_at: timestamp(token.createdAt),
    description: token.description,
    expires_in: left,
    id: token.id,
    updated_at: timestamp(token.updatedAt),
  }
}

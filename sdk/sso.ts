import {
  resourceToken,
  type SsoForm,
  ssoFreshnessSeconds,
  ssoToken,
  userScopedResourceToken,
} from '@mortise/contract/partner-api/sso'
import { isSame } from './authentic.js'

/** The three generations of tokens, best first. Only the first covers the person. */
export type TokenKind = 'user_scoped' | 'resource' | 'legacy'

/** Seconds that the platform's clock may be ahead of ours. */
export const clockSkewSeconds = 60

/** A person whom the platform vouches for, in front of one resource. */
export interface SignOn {
  resourceId: string
  /** Null when the token did not cover the person. */
  userId: string | null
  email: string | null
  /** Name of the app that pays for the add-on, and of the one the person came from. Names change: do not key on them. */
  app: string
  contextApp: string
  action: string | null
  navData: string | null
  /** The token that was accepted, to be used once. */
  token: string
  expiresAt: Date
}

/**
 * Whether the form was made by the platform, for this resource, lately. Says neither whether the resource exists
 * nor whether the form was used before. Every salt is tried, so that a salt can be changed while both are in use.
 * @returns null for anything forged, stale or from the future; there is deliberately no reason
 */
export function verifySignOn(
  form: Partial<SsoForm>,
  options: { salts: readonly string[]; accept: readonly TokenKind[]; now: Date },
): SignOn | null {
  const timestamp = form.timestamp ?? ''
  if (!/^\d{1,12}$/.test(timestamp)) return null
  const ageSeconds = options.now.getTime() / 1000 - Number(timestamp)
  if (ageSeconds > ssoFreshnessSeconds || ageSeconds < -clockSkewSeconds) return null
  const kind = options.accept.find((each) => isSigned(form, each, options.salts))
  if (!kind) return null
  const isPersonKnown = kind === 'user_scoped'
  return {
    resourceId: (kind === 'legacy' ? form.id : form.resource_id) ?? '',
    userId: isPersonKnown ? (form.user_id ?? null) : null,
    email: isPersonKnown ? (form.email ?? null) : null,
    app: form.app ?? '',
    contextApp: form.context_app ?? form.app ?? '',
    action: form.action ?? null,
    navData: isCookieValue(form['nav-data']) ? form['nav-data'] : null,
    token: tokenOf(form, kind) ?? '',
    expiresAt: new Date((Number(timestamp) + ssoFreshnessSeconds) * 1000),
  }
}

function isSigned(form: Partial<SsoForm>, kind: TokenKind, salts: readonly string[]): boolean {
  const given = tokenOf(form, kind)
  if (!given) return false
  let found = false
  for (const salt of salts) {
    const expected = expectedToken(form, kind, salt)
    found = (expected !== null && isSame(given, expected)) || found
  }
  return found
}

function tokenOf(form: Partial<SsoForm>, kind: TokenKind): string | undefined {
  if (kind === 'user_scoped') return form.user_scoped_resource_token
  return kind === 'resource' ? form.resource_token : form.token
}

function expectedToken(form: Partial<SsoForm>, kind: TokenKind, salt: string): string | null {
  const { resource_id: resourceId, timestamp = '', user_id: userId, email, id } = form
  // The parts are joined by colons, so a part that holds one could be cut elsewhere and mean another person.
  if ([resourceId, userId, id].some((part) => part?.includes(':'))) return null
  if (kind === 'legacy') return id ? ssoToken({ id, salt, timestamp }) : null
  if (!resourceId) return null
  if (kind === 'resource') return resourceToken({ resourceId, salt, timestamp })
  return userId && email ? userScopedResourceToken({ resourceId, salt, timestamp, userId, email }) : null
}

/** nav-data is not signed: only what cannot break out of a cookie is passed on. */
function isCookieValue(text: string | undefined): text is string {
  return text !== undefined && /^[A-Za-z0-9_=-]{1,3900}$/.test(text)
}

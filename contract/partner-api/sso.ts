import { createHash } from 'node:crypto'
import { type Static, Type } from '@sinclair/typebox'

/** Seconds for which a signed form is good. Source: Dev Center, Add-on Single Sign-on (2014, 2026). */
export const ssoFreshnessSeconds = 300

/** Keys a customer's deep link may add to the form, and the bytes of each value. */
export const ssoExtraKeysMax = 20
export const ssoExtraValueBytesMax = 1024

/**
 * The fields of the sign-on form, POSTed by the customer's browser to `sso_url`. The platform sends the union of
 * all generations: real providers refuse when one that they look for is absent.
 * A service whose manifest says `sso: "user_scoped"` gets no `token` and no `resource_token`.
 */
export const SsoForm = Type.Object({
  resource_id: Type.String({ description: 'uuid' }),
  timestamp: Type.String({ description: 'unix seconds' }),
  user_scoped_resource_token: Type.Optional(Type.String()),
  resource_token: Type.Optional(Type.String()),
  token: Type.Optional(Type.String({ description: 'deprecated' })),
  id: Type.Optional(Type.String({ description: "the provider's own id; deprecated" })),
  user_id: Type.Optional(Type.String({ description: 'uuid; the name of the person, where e-mails change' })),
  email: Type.Optional(Type.String()),
  app: Type.Optional(Type.String({ description: 'name of the billing app' })),
  context_app: Type.Optional(Type.String({ description: 'name of the app the person came from' })),
  'nav-data': Type.Optional(Type.String()),
  action: Type.Optional(Type.String()),
})
export type SsoForm = Static<typeof SsoForm>

const reservedKeys = new Set(['id', 'token', 'timestamp', 'email', 'app', 'context_app', 'nav-data', 'action'])

/** Whether a deep link may not set this key: it would stand in for something that the platform vouches for. */
export function isReservedSsoKey(key: string): boolean {
  const name = key.toLowerCase()
  return reservedKeys.has(name) || /^(resource|user)_/.test(name)
}

/** v1: sha1(id:salt:timestamp), where id is the provider's own. Deprecated: it covers neither resource nor person. */
export function ssoToken(of: { id: string; salt: string; timestamp: number | string }): string {
  return createHash('sha1').update(`${of.id}:${of.salt}:${of.timestamp}`).digest('hex')
}

/** v3: sha1(resource uuid:salt:timestamp). It does not cover the person: whoever holds the form can edit the e-mail. */
export function resourceToken(of: { resourceId: string; salt: string; timestamp: number | string }): string {
  return createHash('sha1').update(`${of.resourceId}:${of.salt}:${of.timestamp}`).digest('hex')
}

/** Since February 2026: sha256(resource uuid:salt:timestamp:user uuid:e-mail). The one to use. */
export function userScopedResourceToken(of: {
  resourceId: string
  salt: string
  timestamp: number | string
  userId: string
  email: string
}): string {
  const text = `${of.resourceId}:${of.salt}:${of.timestamp}:${of.userId}:${of.email}`
  return createHash('sha256').update(text).digest('hex')
}

import { createHmac, hkdfSync } from 'node:crypto'
import { navDataCookie } from '@mortise/contract/partner-api/nav-data'
import { isOneOf } from './authentic.js'
import type { Service } from './service.js'
import type { SignOn } from './sso.js'

/** Hours a session lasts; after that the person comes through the platform again. */
export const sessionHours = 8

/**
 * A person who came through single sign-on, at one resource. `sso` is always true: pages under it leave out
 * what does not belong to such a person (password, billing, log out).
 */
export interface Session {
  sso: true
  resourceId: string
  userId: string | null
  email: string | null
  app: string
  /** Name of the add-on. */
  addon: string
  /** Milliseconds since 1970. */
  expiresAt: number
}

/** The name of the cookie. By slug, because cookies of different ports of one host share a jar. */
export function sessionCookie(slug: string): string {
  return `${slug.replace(/[^A-Za-z0-9_-]/g, '_')}_session`
}

/** The Set-Cookie lines that open a session: ours, signed, and the nav header's, which its script must read. */
export function openSession(service: Service, signOn: SignOn, addon: string, now: Date): string[] {
  const session: Session = {
    sso: true,
    resourceId: signOn.resourceId,
    userId: signOn.userId,
    email: signOn.email,
    app: signOn.contextApp || signOn.app,
    addon,
    expiresAt: now.getTime() + sessionHours * 3_600_000,
  }
  const payload = Buffer.from(JSON.stringify(session)).toString('base64url')
  const flags = `Path=/; SameSite=Lax${service.isSecure ? '; Secure' : ''}`
  const value = `${payload}.${signatures(service, payload)[0] ?? ''}`
  const lines = [`${sessionCookie(service.id)}=${value}; ${flags}; HttpOnly; Max-Age=${sessionHours * 3600}`]
  if (signOn.navData) lines.push(`${navDataCookie}=${signOn.navData}; ${flags}`)
  return lines
}

/** The session a request carries, or null when there is none, it ran out, or someone made it up. */
export function readSession(service: Service, cookies: string | undefined, now: Date): Session | null {
  const value = cookieOf(cookies, sessionCookie(service.id))
  const [payload, signature] = value?.split('.') ?? []
  if (!payload || !signature || !isOneOf(signature, signatures(service, payload))) return null
  const session = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as Session
  return session.sso === true && session.expiresAt > now.getTime() ? session : null
}

function cookieOf(cookies: string | undefined, name: string): string | undefined {
  for (const part of (cookies ?? '').split(';')) {
    const equals = part.indexOf('=')
    if (equals > 0 && part.slice(0, equals).trim() === name) return part.slice(equals + 1).trim()
  }
  return undefined
}

/**
 * One signature for each salt. The key is derived from the salt: the platform, which knows it, can sign people in
 * anyway, and sessions survive a restart without another secret to keep.
 */
function signatures(service: Service, payload: string): string[] {
  return service.ssoSalts.map((salt) => {
    const key = Buffer.from(hkdfSync('sha256', salt, service.id, 'provider session', 32))
    return createHmac('sha256', key).update(payload).digest('base64url')
  })
}

/** Off localhost the name itself binds the cookie to this host, https and path. Source: RFC 6265bis, "__Host-". */
const nameAtHome = 'mortise_session'
const nameElsewhere = '__Host-mortise_session'

/** The browser session's secret, or null. Cookies ignore ports, so another server on localhost may have set others. */
export function sessionCookieIn(header: string | undefined): string | null {
  for (const wanted of [nameElsewhere, nameAtHome]) {
    for (const part of (header ?? '').split(';')) {
      const equals = part.indexOf('=')
      if (part.slice(0, equals).trim() === wanted) return part.slice(equals + 1).trim()
    }
  }
  return null
}

/** Whether a browser at this address can keep a session at all: over https, or at home. */
export function canKeepSession(origin: string): boolean {
  return origin.startsWith('https:') || isHome(origin)
}

/** The Set-Cookie value that keeps a session; an empty secret ends it. */
export function sessionCookie(origin: string, secret: string, seconds: number): string {
  const isSecure = origin.startsWith('https:')
  const name = isSecure ? nameElsewhere : nameAtHome
  const parts = [`${name}=${secret}`, 'Path=/', 'HttpOnly', 'SameSite=Lax', `Max-Age=${secret ? seconds : 0}`]
  if (isSecure) parts.push('Secure')
  return parts.join('; ')
}

function isHome(origin: string): boolean {
  return /^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/.test(origin)
}

export const home = '/dashboard'

/**
 * Where to go after signing in: a path on this very origin, or the dashboard.
 * An address that could lead elsewhere (`//host`, `/\host`, `https:…`, control characters) is not followed.
 */
export function returnPath(given: unknown, origin: string): string {
  if (typeof given !== 'string' || !given.startsWith('/')) return home
  try {
    const url = new URL(given, origin)
    const path = url.pathname + url.search + url.hash
    // The path is read a second time, because `/.//host` only becomes `//host` once its dots are resolved.
    const isOurs = url.origin === origin && new URL(path, origin).origin === origin
    return isOurs && !path.startsWith('/sign-in') ? path : home
  } catch {
    return home
  }
}

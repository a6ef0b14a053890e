/** What the token of an add-on's log input on an app is sealed under. */
export const logInputContext = (addonId: string, appId: string) => `log_inputs:${addonId}:${appId}:1`

/** Where an add-on writes into an app's log; the name in front is always "token". Source: Dev Center, log integration. */
export function logInputUrl(origin: string, token: string): string {
  const url = new URL('/logs', origin)
  url.username = 'token'
  url.password = token
  return url.href
}

export interface DeepLink {
  /** The platform's address for people; `https://addons-sso.heroku.com` for Heroku's. */
  platform: string
  /** Name or id of the app. */
  app: string
  /** Name or uuid of the add-on. */
  addon: string
  /** Passed on into the sign-on form: where to go, what to show. At most 20 keys and 1 KiB; none of the form's own. */
  with?: Record<string, string>
}

/**
 * An address for an e-mail: whoever opens it signs in at the platform if need be, is checked there, and arrives signed
 * on at the resource. Nothing in it is secret, and nothing in it is proof.
 *
 * @example
 * deepLink({ platform: 'http://localhost:5055', app: 'example-app', addon: 'fast-db-curved-12345', with: { report: '7' } })
 * // 'http://localhost:5055/sso/apps/example-app/addons/fast-db-curved-12345?report=7'
 */
export function deepLink({ platform, app, addon, with: keys = {} }: DeepLink): string {
  const root = new URL(platform)
  const isHeroku = root.hostname === 'addons-sso.heroku.com'
  const path = `apps/${encodeURIComponent(app)}/addons/${encodeURIComponent(addon)}`
  const link = new URL(isHeroku ? `/${path}` : `/sso/${path}`, root)
  for (const [key, value] of Object.entries(keys)) link.searchParams.set(key, value)
  return link.href
}

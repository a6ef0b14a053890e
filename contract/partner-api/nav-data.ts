import { type Static, Type } from '@sinclair/typebox'

/** What the nav header needs to draw itself: where the person is, and the app's other add-ons. */
export const NavData = Type.Object({
  addon: Type.String({ description: 'display name of the add-on service' }),
  appname: Type.String(),
  addons: Type.Array(
    Type.Object({
      slug: Type.String({ description: 'the add-on service' }),
      name: Type.String({ description: 'the name of the add-on, which its links use' }),
      current: Type.Optional(Type.Boolean()),
      icon: Type.Optional(Type.String()),
      state: Type.Optional(Type.String({ description: '"notconfigured" or absent' })),
    }),
  ),
})
export type NavData = Static<typeof NavData>

/** Name of the cookie a provider sets with the form's nav-data, byte for byte. Source: Dev Center, Add-on Single Sign-on (2014). */
export const navDataCookie = 'heroku-nav-data'

/** base64url of JSON without padding or line breaks, so that it needs no escaping in a cookie. Source: kensa, sso.rb. */
export function encodeNavData(data: NavData): string {
  return Buffer.from(JSON.stringify(data), 'utf8').toString('base64url')
}

/** The inverse, or null for anything else: cookies are written by whoever likes to. */
export function decodeNavData(text: string): NavData | null {
  try {
    const data: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))
    return isNavData(data) ? data : null
  } catch {
    return null
  }
}

function isNavData(data: unknown): data is NavData {
  if (typeof data !== 'object' || data === null) return false
  const { addon, appname, addons } = data as Record<string, unknown>
  return (
    typeof addon === 'string' &&
    typeof appname === 'string' &&
    Array.isArray(addons) &&
    addons.every((each) => typeof each?.slug === 'string' && typeof each?.name === 'string')
  )
}

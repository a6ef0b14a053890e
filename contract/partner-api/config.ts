import { type Static, Type } from '@sinclair/typebox'

/** GET /addons/:id/config, with the service's own names (FAST_DB_URL), not those of any attachment. */
export const AddonConfig = Type.Array(Type.Object({ name: Type.String(), value: Type.String() }))
export type AddonConfig = Static<typeof AddonConfig>

/**
 * PATCH /addons/:id/config; answers the whole list. Null deletes. Names must be declared in the manifest.
 * While the add-on is provisioning nothing restarts; later every attached app gets a release.
 */
export const AddonConfigChange = Type.Object({
  config: Type.Array(Type.Object({ name: Type.String(), value: Type.Union([Type.String(), Type.Null()]) })),
})
export type AddonConfigChange = Static<typeof AddonConfigChange>

/** Hours a provider should keep old credentials working after it changed config. Source: Dev Center, partner best practices (2024). */
export const oldCredentialHours = 2

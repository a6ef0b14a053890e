import { type Static, Type } from '@sinclair/typebox'

/**
 * What a provider may say about its resource with the grant's Bearer token: POST /addons/:id/actions/<action>,
 * empty body. `provision` ends a 202, `deprovision` reports failure before that or the end of a slow removal.
 */
export const AddonAction = Type.Union([Type.Literal('provision'), Type.Literal('deprovision')])
export type AddonAction = Static<typeof AddonAction>

/** The part of an add-on's record that a provider needs. The full shape is in platform-api. */
export const PartnerAddon = Type.Object({
  id: Type.String(),
  name: Type.String(),
  state: Type.String(),
  app: Type.Object({ id: Type.String(), name: Type.String() }),
  addon_service: Type.Object({ id: Type.String(), name: Type.String() }),
  plan: Type.Object({ id: Type.String(), name: Type.String({ description: 'service:plan' }) }),
  config_vars: Type.Array(Type.String()),
})
export type PartnerAddon = Static<typeof PartnerAddon>

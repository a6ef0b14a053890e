import { type Static, Type } from '@sinclair/typebox'

/**
 * Our extension, for services whose manifest requires "credentials": named logins to one resource.
 * POST <base_url>/<uuid>/credentials/<name> answers the config of that credential, and marks repeats by `version`;
 * DELETE of the same path with `?version=N` takes that version away (204, or 410 when it was gone).
 */
export const CredentialQuestion = Type.Object({
  version: Type.Integer({ minimum: 1, description: 'the same name and version again gives the same values' }),
})
export type CredentialQuestion = Static<typeof CredentialQuestion>

export const CredentialAnswer = Type.Object({ config: Type.Record(Type.String(), Type.String()) })
export type CredentialAnswer = Static<typeof CredentialAnswer>

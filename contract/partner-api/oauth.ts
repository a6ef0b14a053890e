import { type Static, Type } from '@sinclair/typebox'

/** Minutes in which a grant's code can be traded. Source: Partner MCP notes of Dev Center (2026). */
export const grantMinutes = 5

/** Seconds an access token lives: 8 hours. Source: sudo-sandwich, mylogger-addon. */
export const accessTokenSeconds = 28_800

/**
 * POST /oauth/token. There is no client_id: the secret is per add-on service and names it.
 * Real clients send this as a form, as a query string on the POST, or as JSON; the platform reads all three.
 */
export const TokenQuestion = Type.Union([
  Type.Object({
    grant_type: Type.Literal('authorization_code'),
    code: Type.String({ minLength: 1 }),
    client_secret: Type.String({ minLength: 1 }),
  }),
  Type.Object({
    grant_type: Type.Literal('refresh_token'),
    refresh_token: Type.String({ minLength: 1 }),
    client_secret: Type.String({ minLength: 1 }),
  }),
])
export type TokenQuestion = Static<typeof TokenQuestion>

/** The tokens of one add-on. The refresh token lives as long as the resource; keep a new one if it is returned. */
export const TokenAnswer = Type.Object({
  access_token: Type.String(),
  refresh_token: Type.String(),
  expires_in: Type.Integer({ description: 'seconds' }),
  token_type: Type.Literal('Bearer'),
  user_id: Type.String(),
  session_nonce: Type.Null(),
})
export type TokenAnswer = Static<typeof TokenAnswer>

/** How the token endpoint refuses. */
export const TokenRefusal = Type.Object({ id: Type.String(), message: Type.String() })
export type TokenRefusal = Static<typeof TokenRefusal>

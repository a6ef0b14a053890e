import { type Static, Type } from '@sinclair/typebox'
import { TokenAnswer } from '../partner-api/oauth.js'
import { route } from '../route.js'
import { Nullable, Timestamp, Uuid } from './shared.js'

const Secret = Type.Object({ expires_in: Nullable(Type.Integer()), id: Uuid, token: Type.String() })

/** What a grant's code or a refresh token was traded for. Of the client's secret only stars are shown. */
export const OauthToken = Type.Object({
  access_token: Secret,
  authorization: Type.Object({ id: Uuid }),
  client: Nullable(Type.Object({ secret: Type.String() })),
  created_at: Timestamp,
  grant: Type.Object({ code: Type.String(), type: Type.String() }),
  id: Uuid,
  refresh_token: Secret,
  session: Type.Object({ id: Uuid }),
  updated_at: Timestamp,
  user: Type.Object({ id: Uuid }),
})
export type OauthToken = Static<typeof OauthToken>

export const oauthTokenRoutes = {
  // The body is read as it comes: the API's nested JSON, or OAuth's own flat fields as JSON, a form or a query. Who asks
  // flat is answered flat.
  create: route({
    method: 'POST',
    path: '/oauth/tokens',
    title: 'OAuth token create: trades a code or a refresh token',
    permission: 'anyone',
    scope: 'identity',
    answer: Type.Union([OauthToken, TokenAnswer]),
    status: 201,
  }),
  revoke: route({
    method: 'DELETE',
    path: '/oauth/tokens/:token',
    title: 'OAuth token revoke, by its id; the own ones',
    permission: 'bearer',
    scope: 'write-protected',
    answer: Type.Object({ id: Uuid }),
    status: 200,
  }),
}

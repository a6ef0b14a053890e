import { Type } from '@sinclair/typebox'
import { route } from '../route.js'
import { Uuid } from './shared.js'

/**
 * Signing a terminal in through the browser. The terminal opens `browser_url`, where a signed-in person approves, and
 * holds `cli_url` open with `token` as Bearer until then. Source: platform-api, "auth:login (browser)".
 */
export const loginRoutes = {
  begin: route({
    method: 'POST',
    path: '/auth',
    title: 'Browser login begin',
    permission: 'anyone',
    scope: 'identity',
    body: Type.Object({ description: Type.Optional(Type.String({ maxLength: 1000 })) }),
    answer: Type.Object({ browser_url: Type.String(), cli_url: Type.String(), token: Type.String() }),
    status: 201,
  }),
  // The access token is in the first answer after the approval, and in no other.
  await: route({
    method: 'GET',
    path: '/auth/cli/:login',
    title: 'Browser login await: held open up to 50 s, then 503 and again',
    permission: 'anyone',
    scope: 'identity',
    answer: Type.Object({
      access_token: Type.Optional(Type.String()),
      /** Ours: the id under which the token is listed and revoked. */
      authorization: Type.Optional(Uuid),
      error: Type.Optional(Type.String()),
    }),
    status: 200,
  }),
}

import { type Static, Type } from '@sinclair/typebox'
import { route } from '../route.js'
import { Nullable, Timestamp, UserRef, Uuid } from './shared.js'

export const Account = Type.Object({
  allow_tracking: Type.Boolean(),
  beta: Type.Boolean(),
  country_of_residence: Nullable(Type.String()),
  created_at: Timestamp,
  default_organization: Type.Null(),
  default_team: Type.Null(),
  delinquent_at: Type.Null(),
  email: Type.String(),
  federated: Type.Boolean(),
  id: Uuid,
  identity_provider: Type.Null(),
  last_login: Nullable(Timestamp),
  name: Nullable(Type.String()),
  sms_number: Type.Null(),
  suspended_at: Nullable(Timestamp),
  two_factor_authentication: Type.Boolean(),
  updated_at: Timestamp,
  verified: Type.Boolean(),
})
export type Account = Static<typeof Account>

export const Authorization = Type.Object({
  access_token: Nullable(Type.Object({ expires_in: Nullable(Type.Integer()), id: Uuid, token: Type.String() })),
  client: Nullable(Type.Object({ id: Uuid, name: Type.String(), redirect_uri: Type.String() })),
  created_at: Timestamp,
  description: Type.String(),
  grant: Type.Null(),
  id: Uuid,
  refresh_token: Type.Null(),
  scope: Type.Array(Type.String()),
  session: Nullable(Type.Object({ id: Uuid })),
  updated_at: Timestamp,
  user: Type.Object({ id: Uuid, email: Type.String(), full_name: Nullable(Type.String()) }),
})
export type Authorization = Static<typeof Authorization>

/** A third party's program that may ask people for authorizations. `secret` is whole only in the answer that makes it. */
export const OauthClient = Type.Object({
  created_at: Timestamp,
  id: Uuid,
  ignores_delinquent: Nullable(Type.Boolean()),
  name: Type.String(),
  redirect_uri: Type.String(),
  secret: Type.String(),
  updated_at: Timestamp,
})
export type OauthClient = Static<typeof OauthClient>

/** Something that people may switch on early. There are none yet, but clients ask. */
export const Feature = Type.Object({
  created_at: Timestamp,
  description: Type.String(),
  display_name: Type.String(),
  doc_url: Type.String(),
  enabled: Type.Boolean(),
  feedback_email: Type.String(),
  id: Uuid,
  name: Type.String(),
  state: Type.String(),
  updated_at: Timestamp,
})
export type Feature = Static<typeof Feature>

export const Key = Type.Object({
  comment: Type.String(),
  created_at: Timestamp,
  email: Type.String(),
  fingerprint: Type.String(),
  id: Uuid,
  public_key: Type.String(),
  updated_at: Timestamp,
})

export const Session = Type.Object({
  created_at: Timestamp,
  description: Type.String(),
  expires_in: Nullable(Type.Integer()),
  id: Uuid,
  updated_at: Timestamp,
})

const AccountBody = Type.Object({
  allow_tracking: Type.Optional(Type.Boolean()),
  beta: Type.Optional(Type.Boolean()),
  name: Type.Optional(Nullable(Type.String({ maxLength: 200 }))),
  /** The one in force, which `new_password` replaces. */
  password: Type.Optional(Type.String({ maxLength: 1024 })),
  new_password: Type.Optional(Type.String({ maxLength: 1024 })),
})

const Scopes = Type.Array(
  Type.Union(
    ['global', 'identity', 'read', 'write', 'read-protected', 'write-protected'].map((name) => Type.Literal(name)),
  ),
  { minItems: 1, maxItems: 6 },
)

export const accountRoutes = {
  info: route({
    method: 'GET',
    path: '/account',
    title: 'Account info',
    permission: 'account',
    scope: 'identity',
    answer: Account,
    status: 200,
  }),
  user: route({
    method: 'GET',
    path: '/users/:user',
    title: 'Account info by id, e-mail or ~',
    permission: 'account',
    scope: 'identity',
    answer: Account,
    status: 200,
  }),
  update: route({
    method: 'PATCH',
    path: '/account',
    title: 'Account update',
    permission: 'account',
    scope: 'write',
    body: AccountBody,
    answer: Account,
    status: 200,
  }),
  updateUser: route({
    method: 'PATCH',
    path: '/users/:user',
    title: 'Account update by id, e-mail or ~; only the own one',
    permission: 'account',
    scope: 'write',
    body: AccountBody,
    answer: Account,
    status: 200,
  }),
  remove: route({
    method: 'DELETE',
    path: '/account',
    title: 'Account delete, once it owns nothing',
    permission: 'account',
    scope: 'write-protected',
    answer: Account,
    status: 200,
  }),
  removeUser: route({
    method: 'DELETE',
    path: '/users/:user',
    title: 'Account delete by id, e-mail or ~; only the own one',
    permission: 'account',
    scope: 'write-protected',
    answer: Account,
    status: 200,
  }),
  rateLimits: route({
    method: 'GET',
    path: '/account/rate-limits',
    title: 'Requests left in this hour',
    permission: 'account',
    scope: 'identity',
    answer: Type.Object({ remaining: Type.Integer() }),
    status: 200,
  }),
  // Nouns that this platform does not have yet: clients list them, and an empty list is the truth.
  keys: route({
    method: 'GET',
    path: '/account/keys',
    title: 'SSH key list; there are none, since sources come as archives',
    permission: 'account',
    scope: 'read',
    answer: Type.Array(Key),
    status: 200,
    list: { fields: ['id'] },
  }),
  key: route({
    method: 'GET',
    path: '/account/keys/:key',
    title: 'SSH key info; always 404',
    permission: 'account',
    scope: 'read',
    answer: Key,
    status: 200,
  }),
  addKey: route({
    method: 'POST',
    path: '/account/keys',
    title: 'SSH key create; always refused',
    permission: 'account',
    scope: 'write',
    body: Type.Object({ public_key: Type.Optional(Type.String()) }),
    answer: Key,
    status: 201,
  }),
  removeKey: route({
    method: 'DELETE',
    path: '/account/keys/:key',
    title: 'SSH key delete; always 404',
    permission: 'account',
    scope: 'write',
    answer: Key,
    status: 200,
  }),
  features: route({
    method: 'GET',
    path: '/account/features',
    title: 'Account feature list',
    permission: 'account',
    scope: 'read',
    answer: Type.Array(Feature),
    status: 200,
    list: { fields: ['id', 'name'] },
  }),
  feature: route({
    method: 'GET',
    path: '/account/features/:feature',
    title: 'Account feature info',
    permission: 'account',
    scope: 'read',
    answer: Feature,
    status: 200,
  }),
  updateFeature: route({
    method: 'PATCH',
    path: '/account/features/:feature',
    title: 'Account feature update',
    permission: 'account',
    scope: 'write',
    body: Type.Object({ enabled: Type.Boolean() }),
    answer: Feature,
    status: 200,
  }),
}

export const authorizationRoutes = {
  // The one route that takes an e-mail and a password by Basic auth; its own code checks them.
  create: route({
    method: 'POST',
    path: '/oauth/authorizations',
    title: 'Authorization create',
    permission: 'anyone',
    scope: 'write',
    body: Type.Object({
      client: Type.Optional(Type.String()),
      description: Type.Optional(Type.String({ maxLength: 300 })),
      // The heroku CLI sends what was typed, as text.
      expires_in: Type.Optional(
        Nullable(
          Type.Union([Type.Integer({ minimum: 1, maximum: 315_360_000 }), Type.String({ pattern: '^[1-9]\\d{0,8}$' })]),
        ),
      ),
      scope: Type.Optional(Scopes),
    }),
    answer: Authorization,
    status: 201,
  }),
  list: route({
    method: 'GET',
    path: '/oauth/authorizations',
    title: 'Authorization list',
    permission: 'account',
    scope: 'read-protected',
    answer: Type.Array(Authorization),
    status: 200,
    list: { fields: ['id', 'created_at'] },
  }),
  info: route({
    method: 'GET',
    path: '/oauth/authorizations/:authorization',
    title: 'Authorization info',
    permission: 'account',
    scope: 'read-protected',
    answer: Authorization,
    status: 200,
  }),
  revoke: route({
    method: 'DELETE',
    path: '/oauth/authorizations/:authorization',
    title: 'Authorization revoke',
    permission: 'account',
    scope: 'write-protected',
    answer: Authorization,
    status: 200,
  }),
  update: route({
    method: 'PATCH',
    path: '/oauth/authorizations/:authorization',
    title: 'Authorization update',
    permission: 'account',
    scope: 'write-protected',
    body: Type.Object({
      // Only a client that proves itself is put on an authorization.
      client: Type.Optional(Type.Object({ id: Type.String(), secret: Type.Optional(Type.String()) })),
      description: Type.Optional(Type.String({ maxLength: 300 })),
    }),
    answer: Authorization,
    status: 200,
  }),
  regenerate: route({
    method: 'POST',
    path: '/oauth/authorizations/:authorization/actions/regenerate-tokens',
    title: 'Authorization regenerate tokens: a new token, and the old one ends at once',
    permission: 'account',
    scope: 'write-protected',
    answer: Authorization,
    status: 200,
  }),
  sessions: route({
    method: 'GET',
    path: '/oauth/sessions',
    title: 'Session list',
    permission: 'account',
    scope: 'read-protected',
    answer: Type.Array(Session),
    status: 200,
    list: { fields: ['id', 'created_at'] },
  }),
  endSession: route({
    method: 'DELETE',
    path: '/oauth/sessions/:session',
    title: 'Session end',
    permission: 'account',
    scope: 'identity',
    answer: Session,
    status: 200,
  }),
}

const ClientBody = {
  name: Type.String({ minLength: 1, maxLength: 100 }),
  redirect_uri: Type.String({ minLength: 1, maxLength: 1000 }),
}

export const oauthClientRoutes = {
  list: route({
    method: 'GET',
    path: '/oauth/clients',
    title: 'OAuth client list',
    permission: 'account',
    scope: 'read-protected',
    answer: Type.Array(OauthClient),
    status: 200,
    list: { fields: ['id', 'name', 'created_at'] },
  }),
  create: route({
    method: 'POST',
    path: '/oauth/clients',
    title: 'OAuth client create',
    permission: 'account',
    scope: 'write-protected',
    body: Type.Object(ClientBody),
    answer: OauthClient,
    status: 201,
  }),
  info: route({
    method: 'GET',
    path: '/oauth/clients/:client',
    title: 'OAuth client info',
    permission: 'account',
    scope: 'read-protected',
    answer: OauthClient,
    status: 200,
  }),
  update: route({
    method: 'PATCH',
    path: '/oauth/clients/:client',
    title: 'OAuth client update',
    permission: 'account',
    scope: 'write-protected',
    body: Type.Partial(Type.Object(ClientBody)),
    answer: OauthClient,
    status: 200,
  }),
  remove: route({
    method: 'DELETE',
    path: '/oauth/clients/:client',
    title: 'OAuth client delete',
    permission: 'account',
    scope: 'write-protected',
    answer: OauthClient,
    status: 200,
  }),
  rotate: route({
    method: 'POST',
    path: '/oauth/clients/:client/actions/rotate-credentials',
    title: 'OAuth client rotate credentials',
    permission: 'account',
    scope: 'write-protected',
    answer: OauthClient,
    status: 200,
  }),
}

/** People's pages sign in here: the answer sets an HttpOnly cookie, so no token reaches the page's scripts. */
export const webSessionRoutes = {
  signIn: route({
    method: 'POST',
    path: '/web/session',
    title: 'Sign in a browser',
    permission: 'anyone',
    scope: 'identity',
    body: Type.Object({
      email: Type.String({ minLength: 1, maxLength: 320 }),
      password: Type.String({ minLength: 1, maxLength: 1024 }),
    }),
    answer: UserRef,
    status: 201,
  }),
  signOut: route({
    method: 'DELETE',
    path: '/web/session',
    title: 'Sign out a browser',
    permission: 'account',
    scope: 'identity',
    answer: Type.Object({}),
    status: 200,
    // Who asks with a token has no session of a browser.
    errors: ['not_found'],
  }),
}

import { type Static, Type } from '@sinclair/typebox'

/** Milliseconds a provider may take to answer before the call is in doubt. Source: Dev Center, legacy Partner API reference (6 Feb 2024). */
export const provisionAnswerMs = 25_000

/** Milliseconds a provider should take. Source: the same page. */
export const provisionAnswerMsWanted = 3_000

/** Hours a provider may take after 202. Source: Dev Center, "Asynchronous Provisioning of Add-ons" (2 May 2024). */
export const provisioningHoursMax = 12

/**
 * The Accept header of every v3 call, to the byte: real providers compare it literally, space included.
 * Source: Dev Center, Add-on Partner API reference (2024).
 */
export const acceptV3 = 'application/vnd.heroku-addons+json; version=3'

/** The Accept header of every v1 call. Source: kensa 3.1.0. */
export const acceptV1 = 'application/json'

/** The code a provider trades for its Bearer token; see oauth.ts. */
export const OauthGrant = Type.Object({
  code: Type.String(),
  type: Type.Literal('authorization_code'),
  expires_at: Type.String({ description: 'RFC 3339, in whole seconds and UTC; grantMinutes after it was made' }),
})
export type OauthGrant = Static<typeof OauthGrant>

/**
 * What the platform asks: POST <base_url>. One body holds the fields of v1 and v3, because real providers of
 * either generation read some of the other's, and all must accept fields they do not know.
 */
export const ProvisionQuestion = Type.Object({
  uuid: Type.String({ description: 'marks repeats: same uuid, same resource, same answer' }),
  heroku_id: Type.Optional(Type.String({ description: 'v1: app123@heroku.com; names the app, not the resource' })),
  name: Type.Optional(Type.String({ description: 'v3: the globally unique name of the add-on' })),
  plan: Type.String({ description: 'without the service: "mini"' }),
  region: Type.String({ description: 'amazon-web-services::us-east-1 and the like' }),
  callback_url: Type.String(),
  // Strings only: a typed provider in the wild answers 400 to true and 1, and 200 to "true".
  options: Type.Record(Type.String(), Type.String()),
  oauth_grant: Type.Optional(OauthGrant),
  logplex_token: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  log_input_url: Type.Optional(Type.String({ description: 'only for services that require log_input' })),
  log_drain_token: Type.Optional(Type.String({ description: 'only for services that require syslog_drain' })),
})
export type ProvisionQuestion = Static<typeof ProvisionQuestion>

/** What a readable 200, 201 or 202 holds. Fields that are not named here are ignored. */
export const ProvisionAnswer = Type.Object({
  // Old providers answer numbers. The platform stores text and keys on its own uuid.
  id: Type.Union([Type.String({ minLength: 1 }), Type.Integer()]),
  config: Type.Optional(Type.Union([Type.Record(Type.String(), Type.String()), Type.Null()])),
  message: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  log_drain_url: Type.Optional(Type.Union([Type.String(), Type.Null()])),
})
export type ProvisionAnswer = Static<typeof ProvisionAnswer>

/** What a refusal holds, if the provider has words for the customer. Shown for 422 and 503. */
export const Refusal = Type.Object({ message: Type.String({ minLength: 1 }) })
export type Refusal = Static<typeof Refusal>

import { type Static, Type } from '@sinclair/typebox'

/** PUT <base_url>/<id>: the provider's id for v1, the uuid for v3. The same plan again is a no-op and answers 200. */
export const ChangePlanQuestion = Type.Object({
  plan: Type.String(),
  uuid: Type.Optional(Type.String()),
  heroku_id: Type.Optional(Type.String()),
})
export type ChangePlanQuestion = Static<typeof ChangePlanQuestion>

/**
 * What a 2xx may hold; real providers also answer `ok`, `{}` or nothing, and all of these mean "changed".
 * `config` replaces the named values and makes a release. Source: Dev Center, provider API (2014).
 */
export const ChangePlanAnswer = Type.Object({
  config: Type.Optional(Type.Union([Type.Record(Type.String(), Type.String()), Type.Null()])),
  message: Type.Optional(Type.Union([Type.String(), Type.Null()])),
})
export type ChangePlanAnswer = Static<typeof ChangePlanAnswer>

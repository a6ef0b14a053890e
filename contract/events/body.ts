import { type Static, Type } from '@sinclair/typebox'
import { Nullable, Timestamp, UserRef, Uuid } from '../platform-api/shared.js'
import { eventActions, eventResources } from './names.js'

const fields = {
  action: Type.Union(eventActions.map((action) => Type.Literal(action))),
  actor: UserRef,
  created_at: Timestamp,
  id: Uuid,
  /** The resource as the API shows it, but for what leads to more: no values of config vars, no address of an output. */
  data: Type.Object({}, { additionalProperties: true }),
  /** What those fields were before that changed. */
  previous_data: Type.Object({}, { additionalProperties: true }),
  published_at: Nullable(Timestamp),
  resource: Type.Union(eventResources.map((resource) => Type.Literal(resource))),
  /** Rises over the whole installation; what happened to one thing is ordered by it. */
  sequence: Nullable(Type.Integer()),
  updated_at: Timestamp,
  version: Type.Literal('application/vnd.heroku+json; version=3'),
}

/** What happened, as `webhook-events` shows it. Source: the published examples of webhook events. */
export const EventPayload = Type.Object(fields)
export type EventPayload = Static<typeof EventPayload>

/** The body that a webhook receives: the event, and which attempt at which delivery this is. */
export const WebhookBody = Type.Object({
  ...fields,
  webhook_metadata: Type.Object({
    attempt: Type.Object({ id: Uuid }),
    /** The same for every attempt: receivers know repeats by it. */
    delivery: Type.Object({ id: Uuid }),
    event: Type.Object({ id: Uuid, include: Type.String() }),
    webhook: Type.Object({ id: Uuid }),
  }),
})
export type WebhookBody = Static<typeof WebhookBody>

/** Base64 of HMAC-SHA256 over the raw body, keyed by the webhook's secret. */
export const signatureHeader = 'Heroku-Webhook-Hmac-SHA256'
/** On the answer to a webhook that was made without a secret: the one that was made for it, told this once. */
export const secretHeader = 'Heroku-Webhook-Secret'

import { type Static, Type } from '@sinclair/typebox'
import { route } from '../route.js'
import { AddonService } from './catalog.js'
import { Nullable, Ref, Timestamp, Uuid } from './shared.js'
import { AddonWebhook, WebhookDelivery } from './webhooks.js'

/** Checks of one report; `mortise inspect` has about ninety. */
export const inspectionChecksMax = 400
/** Passes of one service: a trial with friends, not a market. */
export const passesMax = 500
/** How many reports of a service are kept. */
export const inspectionsKept = 20

const count = Type.Integer({ minimum: 0 })
const words = (maxLength: number) => Type.String({ maxLength })

export const InspectedCheck = Type.Object({
  advice: words(2_000),
  id: words(100),
  reason: words(4_000),
  status: Type.Union(['pass', 'fail', 'warn', 'skip'].map((status) => Type.Literal(status))),
  title: words(400),
})
export type InspectedCheck = Static<typeof InspectedCheck>

/** Days for which an inspection speaks for a service. Source: RULES.md, section 9. */
export const inspectionDaysMax = 30

export const Inspection = Type.Object({
  checks: Type.Array(InspectedCheck),
  created_at: Timestamp,
  failed: count,
  id: Uuid,
  /** The number of the manifest that was in force when the report came. */
  manifest_revision: Type.Integer(),
  passed: count,
  warned: count,
})
export type Inspection = Static<typeof Inspection>

export const ProviderInstall = Type.Object({
  app: Nullable(Ref),
  created_at: Timestamp,
  id: Uuid,
  name: Type.String(),
  plan: Ref,
  provider_id: Type.String(),
  state: Type.String(),
})
export type ProviderInstall = Static<typeof ProviderInstall>

/**
 * A body that passed between platform and provider, without what is or may be a secret in it. Of a value that is not known to be
 * harmless its type and length are told, in brackets.
 */
export const MaskedBody = Type.Object({
  /** As it went over the wire. */
  bytes: count,
  /** Of JSON and of forms; null for the rest. At most 4 KiB. */
  content: Type.Unknown(),
  /** `other` for one that is rarely seen. */
  content_type: Nullable(Type.String()),
  /** The first 16 digits of its SHA-256, of what is neither JSON nor a form and not very short. */
  digest: Nullable(Type.String()),
  kind: Type.Union(['json', 'form', 'other', 'empty'].map((kind) => Type.Literal(kind))),
  /** Parts were left out, or the platform did not read on. */
  shortened: Type.Boolean(),
})
export type MaskedBody = Static<typeof MaskedBody>

/** One request between platform and provider. */
export const ProviderRequest = Type.Object({
  addon: Nullable(Ref),
  /** The platform's whole wait, or our own; null while there is no answer. */
  ms: Nullable(Type.Integer()),
  at: Timestamp,
  /** What the answer came to, a word of the table of answers; null for calls of the provider. */
  class: Nullable(Type.String()),
  direction: Type.Union([Type.Literal('to_provider'), Type.Literal('from_provider')]),
  /** By which its bodies are asked for. */
  id: Type.String(),
  /** The provider's words to the customer. */
  message: Nullable(Type.String()),
  method: Type.String(),
  /** The first time a question is asked is 1. */
  number: Nullable(Type.Integer()),
  /** With names in place of ids. */
  route: Type.String(),
  status: Nullable(Type.Integer()),
})
export type ProviderRequest = Static<typeof ProviderRequest>

/** The same with what was sent and received; null where nothing is kept of it. */
export const ProviderExchange = Type.Object({
  ...ProviderRequest.properties,
  received: Nullable(MaskedBody),
  sent: Nullable(MaskedBody),
})
export type ProviderExchange = Static<typeof ProviderExchange>

/**
 * Lets whoever has this e-mail see and order what is not for all: a service in alpha, a plan for invited people, a plan
 * that is deprecated. Source: Dev Center, "Add-on Plans and Pricing" (2024), which calls them plan passes.
 */
export const PlanPass = Type.Object({
  created_at: Timestamp,
  email: Type.String(),
  id: Uuid,
  /** Null: the service while it is in alpha, with the plans that are for all there. */
  plan: Nullable(Ref),
})
export type PlanPass = Static<typeof PlanPass>

/** A webhook that the provider made on one of its add-ons; never its secret and never its authorization. */
export const ProviderWebhook = Type.Object({
  ...AddonWebhook.properties,
  /** Since when no delivery was taken; null while all is well. */
  failing_since: Nullable(Timestamp),
})
export type ProviderWebhook = Static<typeof ProviderWebhook>

/** How many attempts of one delivery are told. */
export const attemptsShownMax = 10

/** A delivery with what the receiver answered: it is the provider's own. */
export const ProviderDelivery = Type.Object({
  ...WebhookDelivery.properties,
  addon: Ref,
  /** The newest first, 10 at most. */
  attempts: Type.Array(
    Type.Object({
      /** The beginning of what the receiver answered. */
      answer: Nullable(Type.String()),
      at: Timestamp,
      code: Nullable(Type.Integer()),
      error_class: Nullable(Type.String()),
      number: Type.Integer({ minimum: 0 }),
    }),
  ),
  url: Type.String(),
})
export type ProviderDelivery = Static<typeof ProviderDelivery>

const ofService = { permission: 'service.owner', scope: 'read', status: 200 } as const

/** What a provider looks at. Newest first, 200 at most. */
export const providerPortalRoutes = {
  services: route({
    method: 'GET',
    path: '/api/v3/addons',
    title: 'Provider services',
    permission: 'account',
    scope: 'read',
    answer: Type.Array(AddonService),
    status: 200,
  }),
  installs: route({
    ...ofService,
    method: 'GET',
    path: '/api/v3/addons/:slug/installs',
    title: 'Provider installs',
    answer: Type.Array(ProviderInstall),
  }),
  requests: route({
    ...ofService,
    method: 'GET',
    path: '/api/v3/addons/:slug/requests',
    title: 'Provider requests',
    answer: Type.Array(ProviderRequest),
  }),
  exchange: route({
    ...ofService,
    method: 'GET',
    path: '/api/v3/addons/:slug/requests/:request',
    title: 'Provider request info; with both bodies, without what may be a secret',
    answer: ProviderExchange,
  }),
  inspections: route({
    ...ofService,
    method: 'GET',
    path: '/api/v3/addons/:slug/inspections',
    title: 'Provider inspections',
    answer: Type.Array(Inspection),
  }),
  report: route({
    method: 'POST',
    path: '/api/v3/addons/:slug/inspections',
    title: 'Provider inspection report',
    permission: 'service.owner',
    scope: 'write',
    body: Type.Object({ checks: Type.Array(InspectedCheck, { minItems: 1, maxItems: inspectionChecksMax }) }),
    answer: Inspection,
    status: 201,
  }),
  webhooks: route({
    ...ofService,
    method: 'GET',
    path: '/api/v3/addons/:slug/webhooks',
    title: 'Provider webhook list',
    answer: Type.Array(ProviderWebhook),
  }),
  deliveries: route({
    ...ofService,
    method: 'GET',
    path: '/api/v3/addons/:slug/webhook-deliveries',
    title: 'Provider webhook delivery list',
    answer: Type.Array(ProviderDelivery),
  }),
  retryDelivery: route({
    method: 'POST',
    path: '/api/v3/addons/:slug/webhook-deliveries/:delivery/actions/retry',
    title: 'Provider webhook delivery retry',
    permission: 'service.owner',
    scope: 'write',
    answer: WebhookDelivery,
    status: 202,
  }),
  passes: route({
    ...ofService,
    method: 'GET',
    path: '/api/v3/addons/:slug/passes',
    title: 'Plan pass list',
    answer: Type.Array(PlanPass),
  }),
  givePass: route({
    method: 'POST',
    path: '/api/v3/addons/:slug/passes',
    title: 'Plan pass create',
    permission: 'service.owner',
    scope: 'write',
    body: Type.Object({
      email: Type.String({ minLength: 3, maxLength: 320 }),
      plan: Type.Optional(Nullable(Type.String({ minLength: 1, maxLength: 200 }))),
    }),
    answer: PlanPass,
    status: 201,
  }),
  withdrawPass: route({
    method: 'DELETE',
    path: '/api/v3/addons/:slug/passes/:pass',
    title: 'Plan pass delete',
    permission: 'service.owner',
    scope: 'write',
    answer: PlanPass,
    status: 200,
  }),
}

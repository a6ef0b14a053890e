import { type Static, Type } from '@sinclair/typebox'
import { EventPayload } from '../events/body.js'
import { type Permission, route } from '../route.js'
import { Nullable, Ref, Timestamp, Uuid } from './shared.js'

/** notify: one try. sync: in order, tried again until it is taken or the patience ends. */
export const webhookLevels = ['notify', 'sync'] as const
export type WebhookLevel = (typeof webhookLevels)[number]

/**
 * pending: not tried yet · retrying: tried in vain, and will be again · succeeded · failed: given up ·
 * skipped: too late for more than one try, or never tried because too many waited before it.
 */
export const deliveryStatuses = ['failed', 'pending', 'retrying', 'skipped', 'succeeded'] as const
export type DeliveryStatus = (typeof deliveryStatuses)[number]

const Level = Type.Union(webhookLevels.map((level) => Type.Literal(level)))
/** Never its secret and never its authorization: those are only ever given to us. */
const fields = {
  created_at: Timestamp,
  id: Uuid,
  include: Type.Array(Type.String()),
  level: Level,
  updated_at: Timestamp,
  url: Type.String(),
}
export const AppWebhook = Type.Object({ app: Ref, ...fields })
export const AddonWebhook = Type.Object({ addon: Ref, ...fields })
export type Webhook = Static<typeof AppWebhook> | Static<typeof AddonWebhook>

const Attempt = Type.Object({
  /** The receiver's HTTP status. */
  code: Nullable(Type.Integer()),
  created_at: Timestamp,
  /** Why there was none, or why it was no success: `timeout`, `http_status`, … */
  error_class: Nullable(Type.String()),
  id: Uuid,
  status: Type.Union([Type.Literal('scheduled'), Type.Literal('succeeded'), Type.Literal('failed')]),
  updated_at: Timestamp,
})

export const WebhookDelivery = Type.Object({
  created_at: Timestamp,
  event: Type.Object({ id: Uuid, include: Type.String() }),
  id: Uuid,
  last_attempt: Nullable(Attempt),
  next_attempt_at: Nullable(Timestamp),
  num_attempts: Type.Integer({ minimum: 0 }),
  /** Ours: lists are ordered by it, as clients ask. */
  seq: Type.Integer(),
  status: Type.Union(deliveryStatuses.map((status) => Type.Literal(status))),
  updated_at: Timestamp,
  webhook: Type.Object({ id: Uuid, level: Level }),
})
export type WebhookDelivery = Static<typeof WebhookDelivery>

export const WebhookEvent = Type.Object({
  created_at: Timestamp,
  id: Uuid,
  include: Type.String(),
  payload: EventPayload,
  updated_at: Timestamp,
})
export type WebhookEvent = Static<typeof WebhookEvent>

const Text = (most: number) => Type.String({ minLength: 1, maxLength: most })
const settings = {
  /** Sent as the Authorization header. Null takes it away. */
  authorization: Type.Optional(Nullable(Text(4096))),
  /** What bodies are signed with. Null or absent: one is made, and told once in a header. */
  secret: Type.Optional(Nullable(Text(1024))),
}
const Includes = Type.Array(Text(100), { minItems: 1, maxItems: 50 })
const Create = Type.Object({ include: Includes, level: Level, url: Text(2048), ...settings })
const Update = Type.Object({
  include: Type.Optional(Includes),
  level: Type.Optional(Level),
  url: Type.Optional(Text(2048)),
  ...settings,
})
const Filter = Type.Object({ 'eq[status]': Type.Optional(Type.String()) })

const common = <const Path extends string>(path: Path, title: string, permission: Permission) =>
  ({ path, title, permission, scope: 'read', status: 200 }) as const

// Addresses may hold what only those who work on the app should know, so even reading takes more than seeing it.
export const webhookRoutes = {
  list: route({
    ...common('/apps/:app/webhooks', 'App webhook list', 'app.operate'),
    method: 'GET',
    answer: Type.Array(AppWebhook),
    list: { fields: ['id', 'created_at', 'updated_at'] },
  }),
  create: route({
    ...common('/apps/:app/webhooks', 'App webhook create', 'app.operate'),
    method: 'POST',
    scope: 'write',
    body: Create,
    answer: AppWebhook,
    status: 201,
  }),
  info: route({
    ...common('/apps/:app/webhooks/:webhook', 'App webhook info', 'app.operate'),
    method: 'GET',
    answer: AppWebhook,
  }),
  update: route({
    ...common('/apps/:app/webhooks/:webhook', 'App webhook update', 'app.operate'),
    method: 'PATCH',
    scope: 'write',
    body: Update,
    answer: AppWebhook,
  }),
  delete: route({
    ...common('/apps/:app/webhooks/:webhook', 'App webhook delete', 'app.operate'),
    method: 'DELETE',
    scope: 'write',
    answer: AppWebhook,
  }),
  deliveries: route({
    ...common('/apps/:app/webhook-deliveries', 'App webhook delivery list', 'app.operate'),
    method: 'GET',
    query: Filter,
    answer: Type.Array(WebhookDelivery),
    list: { fields: ['seq', 'id', 'created_at', 'updated_at'] },
  }),
  delivery: route({
    ...common('/apps/:app/webhook-deliveries/:delivery', 'App webhook delivery info', 'app.operate'),
    method: 'GET',
    answer: WebhookDelivery,
  }),
  retry: route({
    ...common('/apps/:app/webhook-deliveries/:delivery/actions/retry', 'App webhook delivery retry', 'app.operate'),
    method: 'POST',
    scope: 'write',
    answer: WebhookDelivery,
    status: 202,
  }),
  events: route({
    ...common('/apps/:app/webhook-events', 'App webhook event list', 'app.operate'),
    method: 'GET',
    answer: Type.Array(WebhookEvent),
    list: { fields: ['created_at', 'id', 'updated_at'] },
  }),
  event: route({
    ...common('/apps/:app/webhook-events/:event', 'App webhook event info', 'app.operate'),
    method: 'GET',
    answer: WebhookEvent,
  }),
}

/** The same of an add-on, for its provider (token of its grant) or for whoever manages it; each sees only its own. */
export const addonWebhookRoutes = {
  list: route({
    ...common('/addons/:addon/webhooks', 'Add-on webhook list', 'addon.partner'),
    method: 'GET',
    answer: Type.Array(AddonWebhook),
    list: { fields: ['id', 'created_at', 'updated_at'] },
  }),
  create: route({
    ...common('/addons/:addon/webhooks', 'Add-on webhook create', 'addon.partner'),
    method: 'POST',
    scope: 'write',
    body: Create,
    answer: AddonWebhook,
    status: 201,
  }),
  info: route({
    ...common('/addons/:addon/webhooks/:webhook', 'Add-on webhook info', 'addon.partner'),
    method: 'GET',
    answer: AddonWebhook,
  }),
  update: route({
    ...common('/addons/:addon/webhooks/:webhook', 'Add-on webhook update', 'addon.partner'),
    method: 'PATCH',
    scope: 'write',
    body: Update,
    answer: AddonWebhook,
  }),
  delete: route({
    ...common('/addons/:addon/webhooks/:webhook', 'Add-on webhook delete', 'addon.partner'),
    method: 'DELETE',
    scope: 'write',
    answer: AddonWebhook,
  }),
  deliveries: route({
    ...common('/addons/:addon/webhook-deliveries', 'Add-on webhook delivery list', 'addon.partner'),
    method: 'GET',
    query: Filter,
    answer: Type.Array(WebhookDelivery),
    list: { fields: ['seq', 'id', 'created_at', 'updated_at'] },
  }),
  delivery: route({
    ...common('/addons/:addon/webhook-deliveries/:delivery', 'Add-on webhook delivery info', 'addon.partner'),
    method: 'GET',
    answer: WebhookDelivery,
  }),
  retry: route({
    ...common(
      '/addons/:addon/webhook-deliveries/:delivery/actions/retry',
      'Add-on webhook delivery retry',
      'addon.partner',
    ),
    method: 'POST',
    scope: 'write',
    answer: WebhookDelivery,
    status: 202,
  }),
  events: route({
    ...common('/addons/:addon/webhook-events', 'Add-on webhook event list', 'addon.partner'),
    method: 'GET',
    answer: Type.Array(WebhookEvent),
    list: { fields: ['created_at', 'id', 'updated_at'] },
  }),
  event: route({
    ...common('/addons/:addon/webhook-events/:event', 'Add-on webhook event info', 'addon.partner'),
    method: 'GET',
    answer: WebhookEvent,
  }),
}

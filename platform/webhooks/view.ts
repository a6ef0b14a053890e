import { timestamp } from '@mortise/contract/platform-api/shared'
import type {
  WebhookDelivery as WireDelivery,
  WebhookEvent as WireEvent,
  Webhook as WireWebhook,
} from '@mortise/contract/platform-api/webhooks'
import type { Delivery } from './delivery-store.js'
import type { WebhookEvent } from './event-store.js'
import type { Webhook, WebhookOwner } from './webhook.js'

/** Never secret nor authorization. */
export function webhookView(webhook: Webhook, owner: WebhookOwner): WireWebhook {
  return {
    ...('app' in owner ? { app: owner.app } : { addon: owner.addon }),
    created_at: timestamp(webhook.createdAt),
    id: webhook.id,
    include: webhook.include,
    level: webhook.level,
    updated_at: timestamp(webhook.updatedAt),
    url: webhook.url,
  }
}

export function deliveryView(delivery: Delivery): WireDelivery {
  const last = delivery.lastAttempt
  return {
    created_at: timestamp(delivery.createdAt),
    event: { id: delivery.eventId, include: delivery.include },
    id: delivery.id,
    last_attempt: last && {
      code: last.code,
      created_at: timestamp(new Date(last.created_at)),
      error_class: last.error_class,
      id: last.id,
      status: last.status,
      updated_at: timestamp(new Date(last.updated_at)),
    },
    next_attempt_at: delivery.nextAttemptAt && timestamp(delivery.nextAttemptAt),
    num_attempts: delivery.numAttempts,
    seq: delivery.seq,
    status: delivery.status,
    updated_at: timestamp(delivery.updatedAt),
    webhook: { id: delivery.webhookId, level: delivery.level },
  }
}

export function eventView(event: WebhookEvent): WireEvent {
  return {
    created_at: timestamp(event.createdAt),
    id: event.id,
    include: event.include,
    payload: event.payload,
    updated_at: timestamp(event.createdAt),
  }
}

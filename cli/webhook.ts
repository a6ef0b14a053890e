import type { Webhook, WebhookEvent } from '@mortise/contract/platform-api/webhooks'

export const webhookPairs = (one: Webhook) => ({
  To: one.url,
  Events: one.include.join(', '),
  Level: one.level,
  Created: one.created_at,
})

/** `api:release create`, as far as the event says so. */
export function eventTitle({ include, payload }: WebhookEvent): string {
  return `${include} ${payload.action}`
}

import type { WebhookLevel } from '@mortise/contract/platform-api/webhooks'

/** Somebody wants to hear what happens to an app or an add-on. */
export interface Webhook {
  id: string
  /** Exactly one of the two is there. */
  appId: string | null
  addonId: string | null
  /** An add-on's customer and its provider each have their own, and see only those. */
  side: WebhookSide
  include: string[]
  level: WebhookLevel
  url: string
  /** Secret and authorization. */
  sealed: Buffer
  createdAt: Date
  updatedAt: Date
}

export type WebhookSide = 'customer' | 'provider'

/** Whose webhooks are meant: those of an app, or one side's of an add-on. */
export type WebhookOwner =
  | { app: { id: string; name: string }; side: 'customer' }
  | { addon: { id: string; name: string }; side: WebhookSide }

/** Or those that a provider made on any add-on of its service: it looks at them together. */
export type WebhookReader = WebhookOwner | { service: { id: string } }

/** What only we know of a webhook, besides whoever made it. */
export interface WebhookKeys {
  secret: string
  authorization: string | null
}

export const keysContext = (webhookId: string) => `webhooks:${webhookId}:1`

/** Webhooks of one app, and of each side of one add-on. Each costs a delivery for every event. */
export const webhooksMax = 20
/** Deliveries that may wait for one webhook; what comes on top is skipped, so that a dead receiver costs so much and no more. */
export const waitingMax = 1_000
/** From the connection until the whole answer was read. Source: receivers are told to answer at once. */
export const answerMsMax = 10_000
/** What is kept of a receiver's answer. */
export const answerBytesMax = 2 * 1024
/** How long a claimed webhook is ours without a word from us; longer than one delivery may take. */
export const leaseMs = 60_000
/** How long a `sync` delivery is tried. Source: changelog item 2525 of 31 January 2023, "Changes in retry policy for webhooks". */
export const syncHoursMax = 72
/** Waits between two tries: doubling from the first to the longest. Source: "until it reaches an hour", docs of webhooks. */
export const retryFirstMs = 10_000
export const retryMostMs = 3_600_000
/** Deliveries that ended are kept so long, for those who look for what went wrong … */
export const keptDays = 7
/** … and so many of one webhook at most. */
export const keptMax = 5_000

import { createHmac } from 'node:crypto'
import { signatureHeader, type WebhookBody } from '@mortise/contract/events/body'
import { type Db, transact } from '../db/db.js'
import type { Outbound } from '../http/outbound.js'
import type { Secrets } from '../secrets/seal.js'
import { backOffMs, type World } from '../world/world.js'
import { type Claimed, claimDelivery, recordAttempt } from './delivery-store.js'
import { outcomeOf } from './outcome.js'
import { afterFailure } from './schedule.js'
import { answerBytesMax, answerMsMax, keysContext, retryFirstMs, retryMostMs, type WebhookKeys } from './webhook.js'

export interface DeliverDeps {
  db: Db
  world: World
  secrets: Secrets
  outbound: Outbound
  /** How long a receiver may take. */
  answerMs?: number
}

/** What goes into the signature header. Source: docs of webhooks, "the HMAC-SHA256 of the body using this secret". */
export function signatureOf(body: string, secret: string): string {
  return createHmac('sha256', secret).update(body, 'utf8').digest('base64')
}

/**
 * Makes one attempt at one delivery. The attempt is on record before it is sent, so after a crash of ours the
 * delivery is sent again rather than lost: a receiver knows the repeat by the delivery's id.
 * @param failing whether to take from those whose receiver failed last, or from the others
 * @returns whether there was one to make
 */
export async function deliverOne(deps: DeliverDeps, failing: boolean): Promise<boolean> {
  const { db, world } = deps
  const claimed = await transact(db, (tx) => claimDelivery(tx, { failing, attemptId: world.id(), at: world.now() }))
  if (!claimed) return false
  const outcome = outcomeOf(await send(deps, claimed))
  const at = world.now()
  if (outcome.taken) {
    const { code, answer } = outcome
    const result = { status: 'succeeded', nextAt: null, code, errorClass: null, answer, at } as const
    await transact(db, (tx) => recordAttempt(tx, claimed, result))
    return true
  }
  const { code, errorClass, answer, retryAfterMs } = outcome
  const backOff = backOffMs(world, claimed.tries - 1, retryFirstMs, retryMostMs)
  const next = afterFailure(claimed, at, Math.max(backOff, Math.min(retryAfterMs ?? 0, retryMostMs)))
  const nextAt = next.status === 'retrying' ? next.nextAt : null
  const result = { status: next.status, nextAt, code, errorClass, answer, at }
  await transact(db, (tx) => recordAttempt(tx, claimed, result))
  return true
}

async function send({ secrets, outbound, answerMs = answerMsMax }: DeliverDeps, claimed: Claimed) {
  const { secret, authorization } = JSON.parse(
    secrets.open(claimed.sealed, keysContext(claimed.webhookId)),
  ) as WebhookKeys
  const { event } = claimed
  const content: WebhookBody = {
    ...event.payload,
    webhook_metadata: {
      attempt: { id: claimed.attemptId },
      delivery: { id: claimed.deliveryId },
      event: { id: event.id, include: event.include },
      webhook: { id: claimed.webhookId },
    },
  }
  const body = JSON.stringify(content)
  return outbound.send({
    method: 'POST',
    url: claimed.url,
    headers: {
      'Content-Type': 'application/json',
      [signatureHeader]: signatureOf(body, secret),
      ...(authorization === null ? {} : { Authorization: authorization }),
    },
    body,
    timeoutMs: answerMs,
    answerBytesMax,
  })
}

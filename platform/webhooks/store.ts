import type { WebhookLevel } from '@mortise/contract/platform-api/webhooks'
import { changed, type Db, maybeOne, one, rows, sql, type Tx } from '../db/db.js'
import type { Webhook, WebhookOwner, WebhookReader } from './webhook.js'

const columns = sql`w.id, w.app_id as "appId", w.addon_id as "addonId", w.side, w.include, w.level, w.url, w.sealed,
  w.created_at as "createdAt", w.updated_at as "updatedAt"`

/** Which webhooks are an owner's. */
export function isOf(owner: WebhookReader) {
  if ('app' in owner) return sql`w.app_id = ${owner.app.id}`
  if ('addon' in owner) return sql`(w.addon_id = ${owner.addon.id} and w.side = ${owner.side})`
  return sql`(w.side = 'provider' and w.addon_id in (select id from addons where service_id = ${owner.service.id}))`
}

export async function listWebhooks(db: Db, owner: WebhookOwner): Promise<Webhook[]> {
  return rows(db, sql`select ${columns} from webhooks w where ${isOf(owner)} order by w.created_at, w.id`)
}

/** By id, which the caller has checked to be one. */
export async function findWebhook(db: Db, owner: WebhookOwner, id: string): Promise<Webhook | undefined> {
  return maybeOne(db, sql`select ${columns} from webhooks w where ${isOf(owner)} and w.id = ${id}`)
}

/** The same, locked until the transaction ends. */
export async function lockWebhook(tx: Tx, owner: WebhookOwner, id: string): Promise<Webhook | undefined> {
  return maybeOne(tx, sql`select ${columns} from webhooks w where ${isOf(owner)} and w.id = ${id} for update of w`)
}

/** How many the owner has. Taken under a lock on what owns them, two that are made at once are both counted. */
export async function countWebhooks(tx: Tx, owner: WebhookOwner): Promise<number> {
  if ('app' in owner) await sql`select 1 from apps where id = ${owner.app.id} for no key update`.execute(tx)
  else await sql`select 1 from addons where id = ${owner.addon.id} for no key update`.execute(tx)
  return (await one<{ count: number }>(tx, sql`select count(*) from webhooks w where ${isOf(owner)}`)).count
}

export interface WebhookFields {
  include: readonly string[]
  level: WebhookLevel
  url: string
  sealed: Buffer
}

export async function insertWebhook(
  tx: Tx,
  webhook: WebhookFields & { id: string; owner: WebhookOwner; at: Date },
): Promise<Webhook> {
  const { owner, at } = webhook
  const appId = 'app' in owner ? owner.app.id : null
  const addonId = 'addon' in owner ? owner.addon.id : null
  return one(
    tx,
    sql`insert into webhooks as w (id, app_id, addon_id, side, include, level, url, sealed, created_at, updated_at)
    values (${webhook.id}, ${appId}, ${addonId}, ${owner.side}, ${[...webhook.include]}, ${webhook.level},
      ${webhook.url}, ${webhook.sealed}, ${at}, ${at}) returning ${columns}`,
  )
}

/** Whoever changes a webhook has perhaps mended its receiver, so what waits for that is tried now. */
export async function updateWebhook(tx: Tx, webhook: WebhookFields & { id: string; at: Date }): Promise<Webhook> {
  await sql`update webhook_deliveries set next_attempt_at = ${webhook.at}
    where webhook_id = ${webhook.id} and next_attempt_at > ${webhook.at}`.execute(tx)
  return one(
    tx,
    sql`update webhooks w set include = ${[...webhook.include]}, level = ${webhook.level}, url = ${webhook.url},
      sealed = ${webhook.sealed}, failing_since = null, updated_at = ${webhook.at}
    where w.id = ${webhook.id} returning ${columns}`,
  )
}

/** With its deliveries. One that is under way ends, and is not written down. */
export async function deleteWebhook(tx: Tx, id: string): Promise<boolean> {
  return (await changed(tx, sql`delete from webhooks where id = ${id}`)) > 0
}

/** Ours is the only process on this database, so whoever held a webhook is gone: it need not wait for the lease. */
export async function dropWebhookLeases(db: Db): Promise<void> {
  await sql`update webhooks set lease_until = null where lease_until is not null`.execute(db)
}

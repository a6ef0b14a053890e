import { type Db, rows, sql } from '../db/db.js'
import { type Delivery, deliveryColumns, deliveryTables } from './delivery-store.js'
import { isOf } from './store.js'
import type { Webhook } from './webhook.js'

type OfAddon = { addon: { id: string; name: string } }

/** What a provider made on the add-ons of its service, the newest first. */
export async function listServiceWebhooks(
  db: Db,
  serviceId: string,
  most: number,
): Promise<(Omit<Webhook, 'sealed'> & OfAddon & { failingSince: Date | null })[]> {
  return rows(
    db,
    sql`select w.id, w.app_id as "appId", w.addon_id as "addonId", w.side, w.include, w.level, w.url,
      w.created_at as "createdAt", w.updated_at as "updatedAt", w.failing_since as "failingSince",
      json_build_object('id', o.id, 'name', o.name) as addon
    from webhooks w join addons o on o.id = w.addon_id
    where w.side = 'provider' and o.service_id = ${serviceId} order by w.created_at desc, w.id limit ${most}`,
  )
}

/** One try, with the beginning of what the receiver said. Times as PostgreSQL writes them into JSON. */
export interface AttemptRow {
  number: number
  code: number | null
  errorClass: string | null
  answer: string | null
  at: string
}

/** The newest first, each with its newest attempts. */
export async function listServiceDeliveries(
  db: Db,
  serviceId: string,
  most: { deliveries: number; attempts: number; answerChars: number },
): Promise<(Delivery & OfAddon & { url: string; attempts: AttemptRow[] })[]> {
  return rows(
    db,
    sql`select ${deliveryColumns}, w.url,
      (select json_build_object('id', o.id, 'name', o.name) from addons o where o.id = w.addon_id) as addon,
      coalesce((select jsonb_agg(jsonb_build_object('number', n.number, 'code', n.code, 'errorClass', n.error_class,
          'answer', left(n.answer, ${most.answerChars}), 'at', n.created_at) order by n.number desc)
        from (select * from webhook_attempts a where a.delivery_id = d.id
          order by a.number desc limit ${most.attempts}) n), '[]') as attempts
    from ${deliveryTables} where ${isOf({ service: { id: serviceId } })} order by d.seq desc limit ${most.deliveries}`,
  )
}

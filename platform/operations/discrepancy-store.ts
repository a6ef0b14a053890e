import { changed, type Db, maybeOne, rows, sql, type Tx } from '../db/db.js'
import type { DiscrepancyKind } from '../lifecycle/compare-store.js'

interface Named {
  id: string
  name: string
}

/** One thing about which the ledger and a provider's list do not agree. */
export interface Discrepant {
  id: string
  kind: DiscrepancyKind
  service: Named
  protocol: 'heroku-v1' | 'heroku-v3'
  addon: Named | null
  uuid: string | null
  providerId: string | null
  state: 'open' | 'adopted' | 'forgotten'
  reason: string
  foundAt: Date
  seenAt: Date
  updatedAt: Date
}

const all = sql`select c.id, c.kind, json_build_object('id', s.id, 'name', s.name) as service, s.protocol,
  case when d.id is null then null else json_build_object('id', d.id, 'name', d.name) end as addon,
  c.uuid, c.provider_id as "providerId", c.state, c.reason, c.found_at as "foundAt", c.seen_at as "seenAt",
  c.updated_at as "updatedAt"
  from discrepancies c join addon_services s on s.id = c.service_id left join addons d on d.id = c.addon_id
  where c.ended_at is null`

/** @param most rows; what nobody looked at first, then the newest */
export async function listDiscrepancies(
  db: Db,
  filter: { state?: Discrepant['state']; provider?: string },
  most: number,
): Promise<Discrepant[]> {
  const { state = null, provider = null } = filter
  return rows(
    db,
    sql`${all} and (${state}::text is null or c.state = ${state})
      and (${provider}::text is null or s.name = ${provider} or s.id::text = ${provider})
    order by (c.state = 'open') desc, c.found_at desc, c.id limit ${most}`,
  )
}

export async function findDiscrepancy(db: Db, id: string): Promise<Discrepant | undefined> {
  return maybeOne(db, sql`${all} and c.id = ${id}`)
}

/** Locked until the transaction ends. */
export async function lockDiscrepancy(tx: Tx, id: string): Promise<void> {
  await sql`select 1 from discrepancies where id = ${id} for update`.execute(tx)
}

export async function moveDiscrepancy(
  tx: Tx,
  id: string,
  to: { state: Discrepant['state']; reason: string; addonId?: string; at: Date },
): Promise<void> {
  await sql`update discrepancies set state = ${to.state}, reason = ${to.reason},
      addon_id = coalesce(${to.addonId ?? null}::uuid, addon_id), updated_at = ${to.at} where id = ${id}`.execute(tx)
}

/**
 * A row for a resource that nobody ordered, dead from the start: by it the provider is told to remove the resource.
 * @returns false when the uuid is that of an add-on already
 */
export async function insertAdopted(
  tx: Tx,
  adopted: { id: string; name: string; serviceId: string; ownerId: string; providerId: string | null; at: Date },
): Promise<boolean> {
  const inserted = await changed(
    tx,
    sql`insert into addons (id, name, service_id, plan_id, price_id, owner_id, region, state, provider_id,
        provision_message, created_at, updated_at, deprovisioned_at)
      select ${adopted.id}::uuid, ${adopted.name}, p.service_id, p.id, p.price_id, ${adopted.ownerId}, '', 'deprovisioned',
        ${adopted.providerId}, '', ${adopted.at}::timestamptz, ${adopted.at}::timestamptz, ${adopted.at}::timestamptz
      from plans p where p.service_id = ${adopted.serviceId} order by p.is_default desc, p.created_at limit 1
      on conflict do nothing`,
  )
  return inserted > 0
}

/** The add-on in use that has this id at the provider, or undefined. */
export async function inUseUnder(db: Db, serviceId: string, providerId: string): Promise<string | undefined> {
  const found = await maybeOne<{ name: string }>(
    db,
    sql`select name from addons where service_id = ${serviceId} and provider_id = ${providerId}
      and state in ('provisioning', 'provisioned') limit 1`,
  )
  return found?.name
}

import { changed, type Db, maybeOne, one, rows, sql, type Tx } from '../db/db.js'
import type { ListClass } from '../partner/answers.js'
import type { DebtState } from '../partner/ledger-store.js'

/** unknown: listed, and never asked for · gone: listed, and known gone here · missing: in use here, not listed · twice: one uuid, two ids. */
export type DiscrepancyKind = 'unknown' | 'gone' | 'missing' | 'twice'

/** Rung when a comparison is due at once. */
export const compareBell = 'compare'

export interface Comparison {
  serviceId: string
  serviceName: string
  epoch: number
  failures: number
}

/** Services that list and were never compared are due now. */
export async function recordListing(db: Db, at: Date): Promise<void> {
  await sql`insert into comparisons (service_id, next_at, updated_at)
    select s.id, ${at}::timestamptz, ${at}::timestamptz from addon_services s join manifests m on m.id = s.manifest_id
    where m.contents -> 'api' ->> 'lists_resources' = 'true' on conflict do nothing`.execute(db)
}

export async function claimComparison(db: Db, at: Date, leaseMs: number): Promise<Comparison | undefined> {
  return maybeOne(
    db,
    sql`update comparisons c set epoch = c.epoch + 1, begun_at = ${at}, updated_at = ${at},
      lease_until = now() + make_interval(secs => ${leaseMs / 1000})
    from addon_services s where s.id = c.service_id and c.service_id = (
      select d.service_id from comparisons d join addon_services o on o.id = d.service_id join manifests m on m.id = o.manifest_id
      where d.next_at <= ${at} and (d.lease_until is null or d.lease_until < now())
        and m.contents -> 'api' ->> 'lists_resources' = 'true'
      order by d.next_at limit 1 for update of d skip locked)
    returning c.service_id as "serviceId", s.name as "serviceName", c.epoch, c.failures`,
  )
}

/** @returns false when another process has taken it over */
export async function holdComparison(db: Db, it: Comparison, leaseMs: number): Promise<boolean> {
  const held = await changed(
    db,
    sql`update comparisons set lease_until = now() + make_interval(secs => ${leaseMs / 1000})
    where service_id = ${it.serviceId} and epoch = ${it.epoch}`,
  )
  return held > 0
}

/** The same, locked until the transaction ends: what is written in it is written by whoever compares now. */
export async function lockComparison(tx: Tx, it: Comparison): Promise<boolean> {
  const row = await maybeOne(
    tx,
    sql`select 1 from comparisons where service_id = ${it.serviceId} and epoch = ${it.epoch} for update`,
  )
  return row !== undefined
}

export async function endComparison(
  tx: Tx,
  it: Comparison,
  end: {
    outcome: 'whole' | 'partial' | Exclude<ListClass, 'page'>
    note: string
    listed: number
    nextAt: Date
    at: Date
  },
): Promise<void> {
  const isWhole = end.outcome === 'whole'
  await sql`update comparisons set outcome = ${end.outcome}, note = ${end.note}, next_at = ${end.nextAt}, lease_until = null,
      failures = case when ${isWhole}::boolean then 0 else failures + 1 end,
      compared_at = case when ${isWhole}::boolean then ${end.at}::timestamptz else compared_at end,
      listed = case when ${isWhole}::boolean then ${end.listed}::int else listed end, updated_at = ${end.at}
    where service_id = ${it.serviceId} and epoch = ${it.epoch}`.execute(tx)
}

/** Due now. @returns false for a service that does not list */
export async function compareNow(tx: Tx, serviceId: string, at: Date): Promise<boolean> {
  await recordListing(tx, at)
  return (
    (await changed(
      tx,
      sql`update comparisons set next_at = ${at}, updated_at = ${at} where service_id = ${serviceId}`,
    )) > 0
  )
}

/** What the ledger knows of one listed resource. */
export interface KnownResource {
  addonId: string
  name: string
  providerId: string | null
  state: DebtState
  /** Since when it is in this state, or longer. */
  since: Date
  forgottenAt: Date | null
  reason: string | null
  isOpen: boolean
}

const known = sql`d.id as "addonId", d.name, d.provider_id as "providerId", b.state, b.updated_at as since,
  b.forgotten_at as "forgottenAt", b.reason,
  exists (select 1 from operations o where o.subject = d.id and o.ended_at is null) as "isOpen"
  from debts b join addons d on d.id = b.addon_id`

/** Of this service alone: another one's resources are not this provider's to speak of. */
export async function knownResources(
  db: Db,
  serviceId: string,
  named: { uuids: readonly string[]; providerIds: readonly string[] },
): Promise<KnownResource[]> {
  return rows(
    db,
    sql`select ${known} where d.service_id = ${serviceId}
      and (d.id = any(${[...named.uuids]}::uuid[]) or d.provider_id = any(${[...named.providerIds]}::text[]))`,
  )
}

/** Whether a resource of the service is being asked for, whose id is not known yet. */
export async function isAsking(db: Db, serviceId: string): Promise<boolean> {
  const found = await maybeOne(
    db,
    sql`select 1 from debts b join addons d on d.id = b.addon_id where d.service_id = ${serviceId} and b.state = 'asked' limit 1`,
  )
  return found !== undefined
}

/** Live resources by id, so many after this one, that have been held since `before` and that nothing works on. */
export async function heldResources(
  db: Db,
  serviceId: string,
  page: { after: string | null; before: Date; most: number },
): Promise<KnownResource[]> {
  return rows(
    db,
    sql`select ${known} where d.service_id = ${serviceId} and b.state = 'held' and b.updated_at < ${page.before}
      and (${page.after}::uuid is null or d.id > ${page.after}::uuid)
      and not exists (select 1 from operations o where o.subject = d.id and o.ended_at is null)
    order by d.id limit ${page.most}`,
  )
}

export interface Found {
  id: string
  kind: DiscrepancyKind
  key: string
  uuid: string | null
  providerId: string | null
  addonId: string | null
  reason: string
}

/** How many are open of a service. */
export async function countDiscrepancies(db: Db, serviceId: string): Promise<number> {
  const { count } = await one<{ count: number }>(
    db,
    sql`select count(*)::int as count from discrepancies where service_id = ${serviceId} and ended_at is null`,
  )
  return count
}

/** @returns whether it is seen again; then it is on record */
export async function seeAgain(tx: Tx, serviceId: string, found: Found, at: Date): Promise<boolean> {
  const seen = await changed(
    tx,
    sql`update discrepancies set seen_at = ${at}, provider_id = coalesce(${found.providerId}, provider_id),
      reason = case when state = 'open' then ${found.reason} else reason end
    where service_id = ${serviceId} and kind = ${found.kind} and key = ${found.key} and ended_at is null`,
  )
  return seen > 0
}

export async function insertDiscrepancy(tx: Tx, serviceId: string, found: Found, at: Date): Promise<void> {
  await sql`insert into discrepancies (id, service_id, kind, key, uuid, provider_id, addon_id, reason, found_at, seen_at, updated_at)
    values (${found.id}, ${serviceId}, ${found.kind}, ${found.key}, ${found.uuid}, ${found.providerId}, ${found.addonId},
      ${found.reason}, ${at}, ${at}, ${at})
    on conflict (service_id, kind, key) where ended_at is null do nothing`.execute(tx)
}

/** What a whole list that began then did not show any more. @returns how many */
export async function endUnseen(tx: Tx, serviceId: string, begun: Date, at: Date): Promise<number> {
  return changed(
    tx,
    sql`update discrepancies set ended_at = ${at}, updated_at = ${at}
    where service_id = ${serviceId} and ended_at is null and seen_at < ${begun}`,
  )
}

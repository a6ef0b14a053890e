import { changed, type Db, maybeOne, rows, sql, type Tx } from '../db/db.js'
import type { BilledSegment } from './invoice.js'

interface NewCharge {
  id: string
  addonId: string
  ownerId: string
  priceId: string
  at: Date
}

/**
 * Opens an unconfirmed charge, in the stage that the service is in. Safe to repeat: an add-on has at most one open charge.
 * @param stage of the segment before, which goes on
 */
export async function openCharge(tx: Tx, charge: NewCharge, stage: string | null = null): Promise<void> {
  await sql`insert into charges (id, addon_id, owner_id, price_id, opened_at, stage)
    values (${charge.id}, ${charge.addonId}, ${charge.ownerId}, ${charge.priceId}, ${charge.at}, coalesce(${stage},
      (select s.state from addons d join addon_services s on s.id = d.service_id where d.id = ${charge.addonId})))
    on conflict do nothing`.execute(tx)
}

/**
 * Only confirmed charges are billed, from the moment they were opened: every segment since then, since the app may have
 * been given away meanwhile. Safe to repeat.
 */
export async function confirmCharge(tx: Tx, addonId: string, at: Date): Promise<void> {
  await sql`update charges set confirmed_at = coalesce(confirmed_at, ${at})
    where addon_id = ${addonId} and voided_at is null`.execute(tx)
}

/** For what never came to be: nothing is billed, to nobody. Safe to repeat. */
export async function voidCharge(tx: Tx, addonId: string, at: Date): Promise<void> {
  await sql`update charges set voided_at = ${at} where addon_id = ${addonId} and voided_at is null`.execute(tx)
}

/** Ends billing. Safe to repeat. */
export async function closeCharge(tx: Tx, addonId: string, at: Date): Promise<number> {
  return changed(
    tx,
    sql`update charges set closed_at = ${at}
    where addon_id = ${addonId} and closed_at is null and voided_at is null`,
  )
}

/**
 * A plan or owner changed: one segment ends, the next begins at the same moment. What nobody has confirmed yet is not
 * confirmed by this. Whoever gets an add-on that was ordered before the service was billed goes on unbilled; another plan is
 * a new order. Safe to repeat.
 */
export async function splitCharge(tx: Tx, charge: NewCharge): Promise<void> {
  const ended = await maybeOne<{ confirmed: boolean; stage: string | null; isSamePrice: boolean }>(
    tx,
    sql`update charges set closed_at = ${charge.at}
    where addon_id = ${charge.addonId} and closed_at is null and voided_at is null
      and (price_id <> ${charge.priceId} or owner_id <> ${charge.ownerId})
    returning confirmed_at is not null as confirmed, stage, price_id = ${charge.priceId} as "isSamePrice"`,
  )
  if (!ended) return
  await openCharge(tx, charge, ended.isSamePrice ? ended.stage : null)
  if (ended.confirmed) await confirmCharge(tx, charge.addonId, charge.at)
}

export interface Charge {
  id: string
  openedAt: Date
  confirmedAt: Date | null
  closedAt: Date | null
  voidedAt: Date | null
  cents: number
}

export async function chargesOf(db: Db, addonId: string): Promise<Charge[]> {
  return rows(
    db,
    sql`select c.id, c.opened_at as "openedAt", c.confirmed_at as "confirmedAt", c.closed_at as "closedAt",
      c.voided_at as "voidedAt", p.cents
    from charges c join plan_prices p on p.id = c.price_id where c.addon_id = ${addonId} order by c.opened_at, c.id`,
  )
}

/** What an account, or the one that stands for a team, pays for: confirmed charges, the oldest first. */
export async function segmentsOf(db: Db, ownerId: string): Promise<BilledSegment[]> {
  return rows(
    db,
    sql`select c.opened_at as "from", c.closed_at as "to", r.cents, coalesce(c.stage, s.state) as stage, s.name || ':' || p.name as plan,
      json_build_object('id', d.id, 'name', d.name) as addon, json_build_object('id', s.id, 'name', s.name) as service,
      case when a.id is null then null else json_build_object('id', a.id, 'name', a.name) end as app
    from charges c join addons d on d.id = c.addon_id join plan_prices r on r.id = c.price_id join plans p on p.id = r.plan_id
      join addon_services s on s.id = d.service_id left join apps a on a.id = d.app_id
    where c.owner_id = ${ownerId} and c.confirmed_at is not null and c.voided_at is null
    order by c.opened_at, c.id`,
  )
}

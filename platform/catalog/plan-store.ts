import type { ManifestPlan } from '@mortise/contract/manifest/read'
import { rows, sql, type Tx } from '../db/db.js'

export interface KnownPlan {
  id: string
  name: string
  priceId: string
  cents: number
  unit: string
}

/** Deleted ones too: a name that comes back is the same plan. */
export async function listKnownPlans(tx: Tx, serviceId: string): Promise<KnownPlan[]> {
  return rows(
    tx,
    sql`select p.id, p.name, p.price_id as "priceId", r.cents, r.unit
    from plans p join plan_prices r on r.id = p.price_id where p.service_id = ${serviceId}`,
  )
}

type PlanRow = Pick<
  ManifestPlan,
  'human_name' | 'description' | 'features' | 'default' | 'state' | 'visible' | 'actions' | 'regions'
> & {
  id: string
  priceId: string
  at: Date
}

/** The price may follow in the same transaction. */
export async function insertPlan(tx: Tx, plan: PlanRow & { serviceId: string; name: string }): Promise<void> {
  await sql`insert into plans (id, service_id, name, human_name, description, features, is_default, state, visible,
      actions, regions, price_id, created_at, updated_at)
    values (${plan.id}, ${plan.serviceId}, ${plan.name}, ${plan.human_name}, ${plan.description},
      ${JSON.stringify(plan.features)}::jsonb, ${plan.default}, ${plan.state}, ${plan.visible},
      ${JSON.stringify(plan.actions ?? [])}::jsonb, ${regionsOf(plan)}::jsonb, ${plan.priceId}, ${plan.at}, ${plan.at})`.execute(
    tx,
  )
}

/** Leaves `updated_at` alone when nothing differs. A deleted plan lives again. */
export async function updatePlan(tx: Tx, plan: PlanRow): Promise<void> {
  await sql`update plans set human_name = ${plan.human_name}, description = ${plan.description},
      features = ${JSON.stringify(plan.features)}::jsonb, is_default = ${plan.default}, state = ${plan.state},
      visible = ${plan.visible}, actions = ${JSON.stringify(plan.actions ?? [])}::jsonb,
      regions = ${regionsOf(plan)}::jsonb, price_id = ${plan.priceId}, deleted_at = null, updated_at = ${plan.at}
    where id = ${plan.id} and (human_name, description, features, is_default, state, visible, actions, regions, price_id,
        deleted_at)
      is distinct from (${plan.human_name}::text, ${plan.description}::text, ${JSON.stringify(plan.features)}::jsonb,
        ${plan.default}::boolean, ${plan.state}::text, ${plan.visible}::boolean, ${JSON.stringify(plan.actions ?? [])}::jsonb,
        ${regionsOf(plan)}::jsonb, ${plan.priceId}::uuid, null::timestamptz)`.execute(tx)
}

const regionsOf = ({ regions }: PlanRow) => (regions ? JSON.stringify(regions) : null)

export async function insertPrice(
  tx: Tx,
  price: { id: string; planId: string; cents: number; unit: string; at: Date },
): Promise<void> {
  await sql`insert into plan_prices (id, plan_id, cents, unit, created_at)
    values (${price.id}, ${price.planId}, ${price.cents}, ${price.unit}, ${price.at})`.execute(tx)
}

export async function deletePlansExcept(tx: Tx, serviceId: string, names: readonly string[], at: Date): Promise<void> {
  await sql`update plans set deleted_at = ${at}, updated_at = ${at}, is_default = false
    where service_id = ${serviceId} and deleted_at is null and name <> all(${[...names]})`.execute(tx)
}

export async function clearDefaultExcept(tx: Tx, serviceId: string, name: string, at: Date): Promise<void> {
  await sql`update plans set is_default = false, updated_at = ${at}
    where service_id = ${serviceId} and is_default and name <> ${name}`.execute(tx)
}

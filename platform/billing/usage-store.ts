import { type Db, rows, sql, type Tx } from '../db/db.js'

export interface UsageRow {
  id: string
  addonId: string
  unit: string
  quantity: number
}

/** The add-ons of a service among these that were there in that hour. */
export async function meterable(db: Db, serviceId: string, ids: readonly string[], hour: Date): Promise<Set<string>> {
  const found = await rows<{ id: string }>(
    db,
    sql`select id from addons where service_id = ${serviceId} and id = any(${[...ids]}::uuid[])
      and (state <> 'deprovisioned' or deprovisioned_at >= ${hour})`,
  )
  return new Set(found.map(({ id }) => id))
}

/** What was said of the same add-on, hour and unit stays as it was. @returns the ids of those that were new */
export async function insertUsage(
  tx: Tx,
  batch: { id: string; hour: Date; lines: readonly UsageRow[]; at: Date },
): Promise<Set<string>> {
  const made = await rows<{ id: string }>(
    tx,
    sql`insert into usage_reports (id, batch_id, addon_id, hour, unit, quantity, created_at)
    select (l ->> 'id')::uuid, ${batch.id}, (l ->> 'addonId')::uuid, ${batch.hour}, l ->> 'unit', (l ->> 'quantity')::numeric, ${batch.at}
    from jsonb_array_elements(${JSON.stringify(batch.lines)}::jsonb) l
    on conflict do nothing returning id`,
  )
  return new Set(made.map(({ id }) => id))
}

export interface Meter {
  appId: string
  appName: string
  addonId: string
  unit: string
  quantity: number
}

/** Sums since a time, of add-ons that are billed to these apps; removed ones too. */
export async function metersOf(db: Db, appIds: readonly string[], since: Date): Promise<Meter[]> {
  return rows(
    db,
    sql`select a.id as "appId", a.name as "appName", d.id as "addonId", u.unit, sum(u.quantity)::float8 as quantity
    from usage_reports u join addons d on d.id = u.addon_id join apps a on a.id = d.app_id
    where d.app_id = any(${[...appIds]}::uuid[]) and u.hour >= ${since}
    group by a.id, d.id, u.unit order by a.name, d.name, u.unit`,
  )
}

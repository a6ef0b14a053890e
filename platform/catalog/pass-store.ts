import { type Db, maybeOne, one, rows, sql, type Tx } from '../db/db.js'
import { noPasses, type Passes } from './installable.js'

/** Lets whoever has this e-mail see and order what is not for all. */
export interface PassRow {
  id: string
  email: string
  /** Null: the service while it is in alpha. */
  plan: { id: string; name: string } | null
  createdAt: Date
}

const columns = sql`x.id, x.email, x.created_at as "createdAt",
  case when p.id is null then null else json_build_object('id', p.id, 'name', s.name || ':' || p.name) end as plan`
const tables = sql`plan_passes x join addon_services s on s.id = x.service_id left join plans p on p.id = x.plan_id`

/** The newest first. */
export async function listPasses(db: Db, serviceId: string): Promise<PassRow[]> {
  return rows(
    db,
    sql`select ${columns} from ${tables} where x.service_id = ${serviceId} order by x.created_at desc, x.id`,
  )
}

export async function countPasses(tx: Tx, serviceId: string): Promise<number> {
  return (
    await one<{ count: number }>(
      tx,
      sql`select count(*)::int as count from plan_passes where service_id = ${serviceId}`,
    )
  ).count
}

/** The one that is there already, in whatever case its e-mail was written. */
export async function findPass(
  db: Db,
  pass: { serviceId: string; planId: string | null; email: string },
): Promise<PassRow | undefined> {
  return maybeOne(
    db,
    sql`select ${columns} from ${tables} where x.service_id = ${pass.serviceId} and lower(x.email) = lower(${pass.email})
      and x.plan_id is not distinct from ${pass.planId}::uuid`,
  )
}

/** The caller has locked the service and found none. */
export async function insertPass(
  tx: Tx,
  pass: { id: string; serviceId: string; planId: string | null; email: string; at: Date },
): Promise<void> {
  await sql`insert into plan_passes (id, service_id, plan_id, email, created_at)
    values (${pass.id}, ${pass.serviceId}, ${pass.planId}, ${pass.email}, ${pass.at})`.execute(tx)
}

/** @returns what it was, or undefined when there is none */
export async function deletePass(tx: Tx, serviceId: string, id: string): Promise<PassRow | undefined> {
  const pass = await maybeOne<PassRow>(
    tx,
    sql`select ${columns} from ${tables} where x.service_id = ${serviceId} and x.id = ${id} for update of x`,
  )
  if (pass) await sql`delete from plan_passes where id = ${id}`.execute(tx)
  return pass
}

/** What this account was given passes for, by its e-mail of today. */
export async function passesOf(db: Db, accountId: string | null | undefined): Promise<Passes> {
  if (!accountId) return noPasses
  const given = await rows<{ serviceId: string; planId: string | null }>(
    db,
    sql`select x.service_id as "serviceId", x.plan_id as "planId" from plan_passes x
    join accounts a on lower(a.email) = lower(x.email)
    where a.id = ${accountId} and a.deleted_at is null and not a.is_team`,
  )
  if (!given.length) return noPasses
  return {
    touched: new Set(given.map(({ serviceId }) => serviceId)),
    services: new Set(given.filter(({ planId }) => planId === null).map(({ serviceId }) => serviceId)),
    plans: new Set(given.flatMap(({ planId }) => planId ?? [])),
  }
}

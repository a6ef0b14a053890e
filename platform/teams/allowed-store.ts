import { isUuid } from '@mortise/contract/identity'
import { changed, type Db, maybeOne, rows, sql, type Tx } from '../db/db.js'

/** A service that a team's apps may get. */
export interface AllowedService {
  id: string
  service: { id: string; name: string; human_name: string }
  addedBy: { id: string; email: string }
  addedAt: Date
}

const columns = sql`w.id, json_build_object('id', s.id, 'name', s.name, 'human_name', s.human_name) as service,
  json_build_object('id', a.id, 'email', a.email) as "addedBy", w.added_at as "addedAt"`
const tables = sql`allowed_services w join addon_services s on s.id = w.service_id join accounts a on a.id = w.added_by`

export async function listAllowed(db: Db, teamId: string): Promise<AllowedService[]> {
  return rows(db, sql`select ${columns} from ${tables} where w.team_id = ${teamId} order by s.name`)
}

/** By its own id, the service's id, or the service's name. */
export async function findAllowed(db: Db, teamId: string, identity: string): Promise<AllowedService | undefined> {
  const match = isUuid(identity)
    ? sql`(w.id = ${identity.toLowerCase()} or s.id = ${identity.toLowerCase()})`
    : sql`s.name = ${identity}`
  return maybeOne(db, sql`select ${columns} from ${tables} where w.team_id = ${teamId} and ${match}`)
}

/** @returns false when it is allowed already */
export async function allowService(
  tx: Tx,
  allowed: { id: string; teamId: string; serviceId: string; addedBy: string; at: Date },
): Promise<boolean> {
  return (
    (await changed(
      tx,
      sql`insert into allowed_services (id, team_id, service_id, added_by, added_at)
      values (${allowed.id}, ${allowed.teamId}, ${allowed.serviceId}, ${allowed.addedBy}, ${allowed.at})
      on conflict (team_id, service_id) do nothing`,
    )) > 0
  )
}

export async function disallowService(tx: Tx, id: string): Promise<boolean> {
  return (await changed(tx, sql`delete from allowed_services where id = ${id}`)) > 0
}

/**
 * Which of these services the owner's team does not allow. An owner that is no team allows all, and so does a team
 * whose list is empty.
 */
export async function refusedServices(
  db: Db,
  ownerId: string,
  serviceIds: readonly string[],
): Promise<{ team: string; service: string }[]> {
  return rows(
    db,
    sql`select t.name as team, s.name as service from teams t, addon_services s
    where t.account_id = ${ownerId} and t.deleted_at is null and s.id = any(${[...serviceIds]}::uuid[])
      and exists (select 1 from allowed_services w where w.team_id = t.id)
      and not exists (select 1 from allowed_services w where w.team_id = t.id and w.service_id = s.id)
    order by s.name`,
  )
}

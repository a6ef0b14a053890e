import { isUuid } from '@mortise/contract/identity'
import { changed, type Db, rows, sql, type Tx } from '../db/db.js'
import { derivedId } from '../world/derived-id.js'

export interface Collaborator {
  /** Null for the owner, who has no row among the collaborators. */
  id: string | null
  accountId: string
  email: string
  isOwner: boolean
  permissions: string[]
  createdAt: Date
  updatedAt: Date
}

/** The owner first, who has every permission; for a team's app that is the team. */
export async function listCollaborators(db: Db, appId: string): Promise<Collaborator[]> {
  return rows(
    db,
    sql`
    select null::uuid as id, o.id as "accountId", o.email, true as "isOwner",
      array['view', 'deploy', 'operate', 'manage'] as permissions, a.created_at as "createdAt", a.created_at as "updatedAt"
    from apps a join accounts o on o.id = a.owner_id where a.id = ${appId}
    union all
    select c.id, c.account_id, o.email, false, c.permissions, c.created_at, c.updated_at
    from collaborators c join accounts o on o.id = c.account_id where c.app_id = ${appId}
    order by 4 desc, 3`,
  )
}

/** Of several apps at once; owners have no row. */
export async function collaboratorsOf(
  db: Db,
  appIds: readonly string[],
): Promise<{ appId: string; accountId: string; email: string; permissions: string[] }[]> {
  return rows(
    db,
    sql`select c.app_id as "appId", c.account_id as "accountId", o.email, c.permissions
    from collaborators c join accounts o on o.id = c.account_id where c.app_id = any(${[...appIds]}::uuid[])`,
  )
}

/** What a collaborator is known by on the wire. */
export const collaboratorId = (one: Collaborator, appId: string) => one.id ?? derivedId('owner', appId)

/** By id, e-mail or account id; the owner too, who has no row and is known by an id made from the app's. */
export async function findCollaborator(db: Db, appId: string, identity: string): Promise<Collaborator | undefined> {
  const wanted = identity.toLowerCase()
  const all = await listCollaborators(db, appId)
  if (!isUuid(wanted)) return all.find((one) => one.email.toLowerCase() === wanted)
  return all.find((one) => [collaboratorId(one, appId), one.accountId].includes(wanted))
}

/** @returns false when the account is a collaborator already */
export async function insertCollaborator(
  tx: Tx,
  collaborator: { id: string; appId: string; accountId: string; permissions: readonly string[]; at: Date },
): Promise<boolean> {
  return (
    (await changed(
      tx,
      sql`insert into collaborators (id, app_id, account_id, permissions, created_at, updated_at)
      values (${collaborator.id}, ${collaborator.appId}, ${collaborator.accountId}, ${collaborator.permissions},
        ${collaborator.at}, ${collaborator.at})
      on conflict (app_id, account_id) do nothing`,
    )) > 0
  )
}

export async function setPermissions(tx: Tx, id: string, permissions: readonly string[], at: Date): Promise<boolean> {
  return (
    (await changed(
      tx,
      sql`update collaborators set permissions = ${permissions}, updated_at = ${at} where id = ${id}`,
    )) > 0
  )
}

export async function removeCollaborator(tx: Tx, id: string): Promise<boolean> {
  return (await changed(tx, sql`delete from collaborators where id = ${id}`)) > 0
}

/** Nobody of this account on the app any more, or (null) nobody at all. */
export async function removeCollaborators(tx: Tx, appId: string, accountId: string | null): Promise<void> {
  await sql`delete from collaborators where id in (select id from collaborators where app_id = ${appId}
    and (${accountId}::uuid is null or account_id = ${accountId}) order by id for update)`.execute(tx)
}

/** Somebody left a team: what they may do on its apps goes with them. */
export async function removeFromAppsOf(tx: Tx, ownerId: string, accountId: string): Promise<void> {
  await sql`delete from collaborators where id in (select id from collaborators where account_id = ${accountId}
    and app_id in (select id from apps where owner_id = ${ownerId}) order by id for update)`.execute(tx)
}

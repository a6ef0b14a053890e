import { isUuid } from '@mortise/contract/identity'
import { changed, type Db, maybeOne, rows, sql, type Tx } from '../db/db.js'
import type { App } from './app.js'

const columns = sql`a.id, a.name, a.owner_id as "ownerId", o.email as "ownerEmail", a.region, a.stack, a.kind, a.state,
  a.maintenance, a.after_config as "afterConfig", a.snapshot_id as "snapshotId", a.slug_id as "slugId",
  (select bytes from slugs s where s.id = a.slug_id) as "slugBytes", a.last_version as "lastVersion",
  a.created_at as "createdAt", a.updated_at as "updatedAt", a.released_at as "releasedAt"`

const tables = sql`apps a join accounts o on o.id = a.owner_id`

/** By id or by exact name; only live apps have a name that leads to them. */
export async function findApp(db: Db, identity: string): Promise<App | undefined> {
  return isUuid(identity)
    ? maybeOne(
        db,
        sql`select ${columns} from ${tables} where a.id = ${identity.toLowerCase()} and a.state <> 'destroyed'`,
      )
    : maybeOne(db, sql`select ${columns} from ${tables} where a.name = ${identity} and a.state <> 'destroyed'`)
}

/** Whatever its state: for our own machinery. */
export async function appById(db: Db, id: string): Promise<App | undefined> {
  return maybeOne(db, sql`select ${columns} from ${tables} where a.id = ${id}`)
}

/** The app, locked until the transaction ends. Lock order: app, then add-on, then credential. */
export async function lockApp(tx: Tx, id: string): Promise<App | undefined> {
  return maybeOne(
    tx,
    sql`select ${columns} from ${tables} where a.id = ${id} and a.state <> 'destroyed' for update of a`,
  )
}

/** What an account owns or works on, by name. */
export async function listAppsOf(db: Db, accountId: string): Promise<App[]> {
  return rows(
    db,
    sql`select ${columns} from ${tables}
    where a.state = 'live' and (a.owner_id = ${accountId}
      or exists (select 1 from collaborators c where c.app_id = a.id and c.account_id = ${accountId}))
    order by a.name`,
  )
}

/** Every live app of the installation, for an operator who asks to see what is not theirs. */
export async function listAllApps(db: Db): Promise<App[]> {
  return rows(db, sql`select ${columns} from ${tables} where a.state = 'live' order by a.name`)
}

/** @returns undefined when the name is taken by a live app */
export async function insertApp(
  tx: Tx,
  app: { id: string; name: string; ownerId: string; region: string; stack: string; kind: App['kind']; at: Date },
): Promise<App | undefined> {
  const inserted = await changed(
    tx,
    sql`insert into apps (id, name, owner_id, region, stack, kind, created_at, updated_at)
    values (${app.id}, ${app.name}, ${app.ownerId}, ${app.region}, ${app.stack}, ${app.kind}, ${app.at}, ${app.at})
    on conflict (name) where state <> 'destroyed' do nothing`,
  )
  return inserted ? findApp(tx, app.id) : undefined
}

/** @returns false when the new name is taken by a live app */
export async function renameApp(tx: Tx, id: string, name: string, at: Date): Promise<boolean> {
  // Asked first, because a failed update would end the caller's transaction; the index still has the last word.
  const taken = await maybeOne(
    tx,
    sql`select 1 from apps where name = ${name} and id <> ${id} and state <> 'destroyed' for update`,
  )
  if (taken) return false
  await sql`update apps set name = ${name}, updated_at = ${at} where id = ${id}`.execute(tx)
  return true
}

export async function setMaintenance(tx: Tx, id: string, maintenance: boolean, at: Date): Promise<void> {
  await sql`update apps set maintenance = ${maintenance}, updated_at = ${at} where id = ${id}`.execute(tx)
}

/** What the account may do as a collaborator; undefined when it is none. */
export async function collaboratorPermissions(db: Db, appId: string, accountId: string): Promise<string[] | undefined> {
  const row = await maybeOne<{ permissions: string[] }>(
    db,
    sql`select permissions from collaborators where app_id = ${appId} and account_id = ${accountId}`,
  )
  return row?.permissions
}

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

/** The owner first, who has every permission. */
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

/** What the front needs to send a request on: nothing of the owner, nothing secret. */
export interface Addressed {
  id: string
  maintenance: boolean
}

export async function findAddressed(db: Db, name: string): Promise<Addressed | undefined> {
  return maybeOne(db, sql`select id, maintenance from apps where name = ${name} and state = 'live' and kind = 'hosted'`)
}

/** Gone for the customer: no verb reaches it and no dyno starts. Safe to repeat. */
export async function markDestroying(tx: Tx, id: string, at: Date): Promise<void> {
  await sql`update apps set state = 'destroying', updated_at = ${at} where id = ${id} and state = 'live'`.execute(tx)
}

/** Taken apart: the name is free again. Safe to repeat. */
export async function markDestroyed(tx: Tx, id: string, at: Date): Promise<void> {
  await sql`delete from app_config_names where app_id = ${id}`.execute(tx)
  await sql`update apps set state = 'destroyed', destroyed_at = ${at}, updated_at = ${at} where id = ${id} and state = 'destroying'`.execute(
    tx,
  )
}

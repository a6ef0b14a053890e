import { isUuid } from '@mortise/contract/identity'
import type { Stake } from '../accounts/permit.js'
import { changed, type Db, maybeOne, one, rows, sql, type Tx } from '../db/db.js'
import type { App } from './app.js'

const columns = sql`a.id, a.name, a.number, a.owner_id as "ownerId", o.email as "ownerEmail", t.id as "teamId", t.name as "teamName",
  a.locked, a.region, a.stack, a.kind, a.state, a.maintenance, a.after_config as "afterConfig", a.snapshot_id as "snapshotId", a.slug_id as "slugId",
  (select bytes from slugs s where s.id = a.slug_id) as "slugBytes",
  (select buildpack from slugs s where s.id = a.slug_id) as buildpack, a.last_version as "lastVersion",
  a.acknowledged_version as "acknowledgedVersion",
  a.created_at as "createdAt", a.updated_at as "updatedAt", a.released_at as "releasedAt"`

const tables = sql`apps a join accounts o on o.id = a.owner_id left join teams t on t.account_id = a.owner_id`

/** By id or by exact name; only live apps have a name that leads to them. */
export async function findApp(db: Db, identity: string): Promise<App | undefined> {
  return isUuid(identity)
    ? maybeOne(
        db,
        sql`select ${columns} from ${tables} where a.id = ${identity.toLowerCase()} and a.state <> 'destroyed'`,
      )
    : maybeOne(db, sql`select ${columns} from ${tables} where a.name = ${identity} and a.state <> 'destroyed'`)
}

/** `app<N>@heroku.com` without what stands around the number. */
export async function findAppByNumber(db: Db, number: number): Promise<App | undefined> {
  return maybeOne(db, sql`select ${columns} from ${tables} where a.number = ${number} and a.state <> 'destroyed'`)
}

/** Whatever its state: for our own machinery. */
export async function appById(db: Db, id: string): Promise<App | undefined> {
  return maybeOne(db, sql`select ${columns} from ${tables} where a.id = ${id}`)
}

/**
 * The app, locked until the transaction ends. Lock order: app, then add-on, then credential. Not against rows that refer to
 * it: whoever holds an add-on and writes an event of its app would wait for whoever holds the app and wants that add-on.
 */
export async function lockApp(tx: Tx, id: string): Promise<App | undefined> {
  // Read after it is locked, not with the same statement: while that waits, a new owner would make the app seem to be gone,
  // because PostgreSQL looks at the changed row again but still at the old owner's.
  const locked = await maybeOne(tx, sql`select 1 from apps where id = ${id} and state <> 'destroyed' for no key update`)
  return locked ? appById(tx, id) : undefined
}

/** What an account may see: its own, what it works on, and its teams'. By name. */
export async function listAppsOf(db: Db, accountId: string): Promise<App[]> {
  return rows(
    db,
    sql`select ${columns} from ${tables}
    where a.state = 'live' and exists (select 1 from app_viewers v where v.app_id = a.id and v.account_id = ${accountId})
    order by a.name`,
  )
}

/** What an account owns or works on by name, without what it sees through its teams alone. */
export async function listPersonalApps(db: Db, accountId: string): Promise<App[]> {
  return rows(
    db,
    sql`select ${columns} from ${tables}
    where a.state = 'live' and (a.owner_id = ${accountId}
      or exists (select 1 from collaborators c where c.app_id = a.id and c.account_id = ${accountId}))
    order by a.name`,
  )
}

/** Which of the apps an account owns or works on by name. */
export async function listJoined(db: Db, accountId: string, appIds: readonly string[]): Promise<string[]> {
  const found = await rows<{ id: string }>(
    db,
    sql`select a.id from apps a where a.id = any(${appIds}::uuid[]) and (a.owner_id = ${accountId}
      or exists (select 1 from collaborators c where c.app_id = a.id and c.account_id = ${accountId}))`,
  )
  return found.map(({ id }) => id)
}

/** An owner's apps, by name, as far as the viewer may see them (null: all). */
export async function listAppsOfOwner(db: Db, ownerId: string, viewerId: string | null): Promise<App[]> {
  return rows(
    db,
    sql`select ${columns} from ${tables}
    where a.state = 'live' and a.owner_id = ${ownerId} and (${viewerId}::uuid is null
      or exists (select 1 from app_viewers v where v.app_id = a.id and v.account_id = ${viewerId}))
    order by a.name`,
  )
}

/** As the provider of an add-on sees them: the app that pays for it, and those that it is attached to. */
export async function listAppsOfAddon(db: Db, addonId: string): Promise<App[]> {
  return rows(
    db,
    sql`select ${columns} from ${tables}
    where a.state = 'live' and (a.id = (select app_id from addons where id = ${addonId} and state <> 'deprovisioned')
      or exists (select 1 from attachments t where t.addon_id = ${addonId} and t.app_id = a.id and t.detached_at is null))
    order by a.name`,
  )
}

export async function appsByIds(db: Db, ids: readonly string[]): Promise<App[]> {
  return rows(db, sql`select ${columns} from ${tables} where a.id = any(${[...ids]}::uuid[])`)
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
  // Asked first, because a failed update would end the caller's transaction; the index still has the last word. The other
  // app is not locked: two that take each other's names would wait for each other.
  const taken = await maybeOne(
    tx,
    sql`select 1 from apps where name = ${name} and id <> ${id} and state <> 'destroyed'`,
  )
  if (taken) return false
  await sql`update apps set name = ${name}, updated_at = ${at} where id = ${id}`.execute(tx)
  return true
}

export async function setMaintenance(tx: Tx, id: string, maintenance: boolean, at: Date): Promise<void> {
  await sql`update apps set maintenance = ${maintenance}, updated_at = ${at} where id = ${id}`.execute(tx)
}

export async function setLocked(tx: Tx, id: string, locked: boolean, at: Date): Promise<void> {
  await sql`update apps set locked = ${locked}, updated_at = ${at} where id = ${id}`.execute(tx)
}

/** A lock is a team's own affair, so it ends with the owner. */
export async function setOwner(tx: Tx, id: string, ownerId: string, at: Date): Promise<void> {
  await sql`update apps set owner_id = ${ownerId}, locked = false, updated_at = ${at} where id = ${id}`.execute(tx)
}

/** Only forwards: whoever runs with a newer config has left the older one behind. Safe to repeat. */
export async function acknowledgeVersion(tx: Tx, id: string, version: number, at: Date): Promise<void> {
  await sql`update apps set acknowledged_version = ${version}, updated_at = ${at}
    where id = ${id} and coalesce(acknowledged_version, 0) < ${version}`.execute(tx)
}

/** What the account has to do with the app. */
export async function findAppStake(db: Db, appId: string, accountId: string): Promise<Stake> {
  return one(
    db,
    sql`select a.owner_id = ${accountId} as "isOwner", c.permissions, m.role, a.locked as "isLocked"
    from apps a
      left join collaborators c on c.app_id = a.id and c.account_id = ${accountId}
      left join teams t on t.account_id = a.owner_id
      left join team_members m on m.team_id = t.id and m.account_id = ${accountId}
    where a.id = ${appId}`,
  )
}

/** Which of these apps are there for their customers. */
export async function findLiveAppIds(db: Db, ids: readonly string[]): Promise<Set<string>> {
  const found = await rows<{ id: string }>(
    db,
    sql`select id from apps where id = any(${[...ids]}::uuid[]) and state = 'live'`,
  )
  return new Set(found.map(({ id }) => id))
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

import { isUuid } from '@mortise/contract/identity'
import { ring } from '../db/bell.js'
import { changed, type Db, maybeOne, one, rows, sql, type Tx } from '../db/db.js'
import type { Drain } from './drain.js'

/** Rings when a drain began, changed or ended. */
export const drainsBell = 'drains'

const columns = sql`l.id, l.app_id as "appId", a.name as "appName", l.token, l.sealed, l.created_at as "createdAt",
  l.updated_at as "updatedAt",
  case when d.id is null then null else json_build_object('id', d.id, 'name', d.name,
    'app', json_build_object('id', coalesce(b.id, a.id), 'name', coalesce(b.name, a.name))) end as addon`

const tables = sql`log_drains l join apps a on a.id = l.app_id left join addons d on d.id = l.addon_id
  left join apps b on b.id = d.app_id`

/** Those whose address is known, oldest first. */
export async function listDrainsOfApp(db: Db, appId: string): Promise<Drain[]> {
  return rows(
    db,
    sql`select ${columns} from ${tables} where l.app_id = ${appId} and l.sealed is not null order by l.created_at, l.id`,
  )
}

/** One on each app that it is attached to, oldest first; those without an address too. */
export async function listDrainsOfAddon(db: Db, addonId: string): Promise<Drain[]> {
  return rows(db, sql`select ${columns} from ${tables} where l.addon_id = ${addonId} order by l.created_at, l.id`)
}

/** By id or token. An address is found by opening: see `findDrain` of routes.ts. */
export async function drainNamed(db: Db, of: { appId: string } | { addonId: string }, identity: string) {
  const mine = 'appId' in of ? sql`l.app_id = ${of.appId}` : sql`l.addon_id = ${of.addonId}`
  const match = isUuid(identity) ? sql`l.id = ${identity.toLowerCase()}` : sql`l.token = ${identity}`
  return maybeOne<Drain>(db, sql`select ${columns} from ${tables} where ${mine} and ${match}`)
}

/** Everything that lines are sent to now: live apps, known addresses, and add-ons that are there. */
export async function listActiveDrains(db: Db): Promise<Drain[]> {
  return rows(
    db,
    sql`select ${columns} from ${tables}
    where a.state = 'live' and l.sealed is not null and (d.id is null or d.state = 'provisioned') order by l.id`,
  )
}

/** The caller has locked the app, so that two that are made at once are both counted. */
export async function countDrains(tx: Tx, appId: string): Promise<number> {
  return (await one<{ count: number }>(tx, sql`select count(*) from log_drains where app_id = ${appId}`)).count
}

/** Safe to repeat with the same id. */
export async function insertDrain(
  tx: Tx,
  drain: { id: string; appId: string; addonId: string | null; token: string; sealed: Buffer | null; at: Date },
): Promise<void> {
  await sql`insert into log_drains (id, app_id, addon_id, token, sealed, created_at, updated_at)
    values (${drain.id}, ${drain.appId}, ${drain.addonId}, ${drain.token}, ${drain.sealed}, ${drain.at}, ${drain.at})
    on conflict (id) do nothing`.execute(tx)
  await ring(tx, drainsBell)
}

export async function setDrainUrl(tx: Tx, id: string, sealed: Buffer, at: Date): Promise<void> {
  await sql`update log_drains set sealed = ${sealed}, updated_at = ${at} where id = ${id}`.execute(tx)
  await ring(tx, drainsBell)
}

export async function deleteDrain(tx: Tx, id: string): Promise<boolean> {
  const gone = (await changed(tx, sql`delete from log_drains where id = ${id}`)) > 0
  await ring(tx, drainsBell)
  return gone
}

/** The app is gone, and its own event says so. Safe to repeat. */
export async function deleteDrainsOfApp(tx: Tx, appId: string): Promise<void> {
  await sql`delete from log_drains where app_id = ${appId}`.execute(tx)
  await ring(tx, drainsBell)
}

/** An add-on left an app: as often as it was attached there, it has the same drains. Safe to repeat. @returns which */
export async function deleteDrainsOf(tx: Tx, addonId: string, appId: string): Promise<Drain[]> {
  const left = await maybeOne(
    tx,
    sql`select 1 from attachments where addon_id = ${addonId} and app_id = ${appId} and detached_at is null`,
  )
  if (left) return []
  const gone = await rows<Drain>(
    tx,
    sql`select ${columns} from ${tables} where l.addon_id = ${addonId} and l.app_id = ${appId}`,
  )
  if (!gone.length) return []
  await sql`delete from log_drains where addon_id = ${addonId} and app_id = ${appId}`.execute(tx)
  await ring(tx, drainsBell)
  return gone
}

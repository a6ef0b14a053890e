import { isUuid } from '@mortise/contract/identity'
import { type Db, maybeOne, rows, sql, type Tx } from '../db/db.js'
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

import { isUuid } from '@mortise/contract/identity'
import { changed, type Db, maybeOne, rows, sql, type Tx } from '../db/db.js'

/** An app that its owner offers to somebody. */
export interface AppTransfer {
  id: string
  appId: string
  appName: string
  owner: { id: string; email: string }
  recipient: { id: string; email: string }
  state: 'pending' | 'accepted' | 'declined'
  createdAt: Date
  updatedAt: Date
}

const columns = sql`x.id, x.app_id as "appId", a.name as "appName",
  json_build_object('id', o.id, 'email', o.email) as owner, json_build_object('id', r.id, 'email', r.email) as recipient,
  x.state, x.created_at as "createdAt", x.updated_at as "updatedAt"`
const tables = sql`app_transfers x join apps a on a.id = x.app_id join accounts o on o.id = x.owner_id
  join accounts r on r.id = x.recipient_id`

/** Offered by the account or to it, of apps that are still there. */
export async function listTransfers(db: Db, accountId: string): Promise<AppTransfer[]> {
  return rows(
    db,
    sql`select ${columns} from ${tables}
    where (x.owner_id = ${accountId} or x.recipient_id = ${accountId}) and a.state = 'live' order by x.created_at, x.id`,
  )
}

/** By id, or by the app's name or id; among several of one app, the newest. */
export async function findTransfer(db: Db, accountId: string, identity: string): Promise<AppTransfer | undefined> {
  const match = isUuid(identity)
    ? sql`(x.id = ${identity.toLowerCase()} or a.id = ${identity.toLowerCase()})`
    : sql`a.name = ${identity}`
  return maybeOne(
    db,
    sql`select ${columns} from ${tables}
    where (x.owner_id = ${accountId} or x.recipient_id = ${accountId}) and a.state = 'live' and ${match}
    order by (x.state = 'pending') desc, x.created_at desc limit 1`,
  )
}

/** @returns false while the app is offered to somebody already */
export async function insertTransfer(
  tx: Tx,
  transfer: { id: string; appId: string; ownerId: string; recipientId: string; at: Date },
): Promise<boolean> {
  return (
    (await changed(
      tx,
      sql`insert into app_transfers (id, app_id, owner_id, recipient_id, state, created_at, updated_at)
      values (${transfer.id}, ${transfer.appId}, ${transfer.ownerId}, ${transfer.recipientId}, 'pending', ${transfer.at},
        ${transfer.at})
      on conflict (app_id) where state = 'pending' do nothing`,
    )) > 0
  )
}

/** @returns false when it was decided meanwhile */
export async function settleTransfer(tx: Tx, id: string, state: 'accepted' | 'declined', at: Date): Promise<boolean> {
  return (
    (await changed(
      tx,
      sql`update app_transfers set state = ${state}, updated_at = ${at} where id = ${id} and state = 'pending'`,
    )) > 0
  )
}

/** @returns false when it was decided meanwhile */
export async function withdrawTransfer(tx: Tx, id: string): Promise<boolean> {
  return (await changed(tx, sql`delete from app_transfers where id = ${id} and state = 'pending'`)) > 0
}

/** The app went to somebody in another way: nobody can accept it any more. */
export async function declineTransfersOf(tx: Tx, appId: string, at: Date): Promise<void> {
  await sql`update app_transfers set state = 'declined', updated_at = ${at}
    where app_id = ${appId} and state = 'pending'`.execute(tx)
}

import { type Db, rows, sql, type Tx } from '../db/db.js'

/** Somebody who asks for a new password. */
export interface PasswordRequest {
  accountId: string
  email: string
  createdAt: Date
}

/** Asking again counts anew. */
export async function putPasswordRequest(
  db: Db,
  request: { accountId: string; address: string; at: Date },
): Promise<void> {
  await sql`insert into password_requests (account_id, address, created_at)
    values (${request.accountId}, ${request.address}, ${request.at})
    on conflict (account_id) do update set address = excluded.address, created_at = excluded.created_at`.execute(db)
}

export async function listPasswordRequests(db: Db, limit = 1000): Promise<PasswordRequest[]> {
  return rows(
    db,
    sql`select r.account_id as "accountId", a.email, r.created_at as "createdAt"
    from password_requests r join accounts a on a.id = r.account_id order by r.created_at, a.id limit ${limit}`,
  )
}

/** A link was made, or a password chosen. Safe to repeat. */
export async function dropPasswordRequest(tx: Tx, accountId: string): Promise<void> {
  await sql`delete from password_requests where account_id = ${accountId}`.execute(tx)
}

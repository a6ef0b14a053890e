import { type Db, one, rows, sql, type Tx } from '../db/db.js'
import { revokeOfClients } from './token-store.js'

/** What somebody would leave behind. */
export interface Possessions {
  apps: string[]
  addons: string[]
  /** Services whose manifests they pushed. */
  services: string[]
  /** Teams that nobody else could change. */
  teams: string[]
  isLastOperator: boolean
}

export async function possessionsOf(db: Db, accountId: string): Promise<Possessions> {
  return one(
    db,
    sql`select
      array(select name from apps where owner_id = ${accountId} and state <> 'destroyed' order by name) as apps,
      array(select name from addons where owner_id = ${accountId} and state <> 'deprovisioned' order by name) as addons,
      array(select name from addon_services where owner_id = ${accountId} order by name) as services,
      array(select t.name from teams t join team_members m on m.team_id = t.id
        where m.account_id = ${accountId} and m.role in ('owner', 'admin') and not exists (
          select 1 from team_members o where o.team_id = t.id and o.account_id <> ${accountId}
            and o.role in ('owner', 'admin')) order by t.name) as teams,
      (select is_operator from accounts where id = ${accountId}) and not exists (
        select 1 from accounts where is_operator and suspended_at is null and id <> ${accountId}) as "isLastOperator"`,
  )
}

/** The row, until the transaction ends: whoever gives this account something has to wait and then finds it gone. */
export async function lockAccount(tx: Tx, id: string): Promise<boolean> {
  return (await rows(tx, sql`select 1 from accounts where id = ${id} and deleted_at is null for update`)).length > 0
}

/** Takes away all that leads to the account and all that tells who it was. */
export async function endAccount(tx: Tx, id: string, at: Date): Promise<void> {
  const clients = await rows<{ id: string }>(tx, sql`select id from oauth_clients where account_id = ${id}`)
  const clientIds = clients.map((client) => client.id)
  await revokeOfClients(tx, clientIds, at)
  await sql`update tokens set revoked_at = coalesce(revoked_at, ${at}), client_id = null where account_id = ${id}`.execute(
    tx,
  )
  await sql`delete from oauth_clients where account_id = ${id}`.execute(tx)
  await sql`delete from collaborators where id in (
    select id from collaborators where account_id = ${id} order by id for update)`.execute(tx)
  await sql`delete from team_members where account_id = ${id}`.execute(tx)
  await sql`update app_transfers set state = 'declined', updated_at = ${at}
    where (owner_id = ${id} or recipient_id = ${id}) and state = 'pending'`.execute(tx)
  await sql`update invites set revoked_at = ${at}
    where (account_id = ${id} or invited_by = ${id}) and used_at is null and revoked_at is null`.execute(tx)
  await sql`delete from password_requests where account_id = ${id}`.execute(tx)
  await sql`delete from oauth_codes where account_id = ${id}`.execute(tx)
  await sql`delete from logins where account_id = ${id}`.execute(tx)
  await sql`delete from plan_passes where lower(email) = (select lower(email) from accounts where id = ${id})`.execute(
    tx,
  )
  await sql`update accounts set email = ${`${id}@deleted.invalid`}, name = null, password_hash = null,
    is_operator = false, preferences = '{}', deleted_at = ${at}, updated_at = ${at} where id = ${id}`.execute(tx)
}

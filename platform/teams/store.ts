import { isUuid } from '@mortise/contract/identity'
import type { TeamRole } from '@mortise/contract/platform-api/teams'
import { type Db, maybeOne, one, rows, sql, type Tx } from '../db/db.js'
import { type Team, teamEmail } from './team.js'

const columns = sql`t.id, t.name, t.account_id as "accountId", t.created_at as "createdAt", t.updated_at as "updatedAt"`

/** By id or exact name. */
export async function findTeam(db: Db, identity: string): Promise<Team | undefined> {
  const match = isUuid(identity) ? sql`t.id = ${identity.toLowerCase()}` : sql`t.name = ${identity.toLowerCase()}`
  return maybeOne(db, sql`select ${columns} from teams t where ${match} and t.deleted_at is null`)
}

/** Waits for whoever changes it at this moment. */
export async function lockTeam(tx: Tx, id: string): Promise<Team | undefined> {
  return maybeOne(tx, sql`select ${columns} from teams t where t.id = ${id} and t.deleted_at is null for update`)
}

/** The team that an account stands for. */
export async function teamOfAccount(db: Db, accountId: string): Promise<Team | undefined> {
  return maybeOne(db, sql`select ${columns} from teams t where t.account_id = ${accountId} and t.deleted_at is null`)
}

/** Where the account is a member, with its role, by name. */
export async function listTeamsOf(db: Db, accountId: string): Promise<(Team & { role: TeamRole })[]> {
  return rows(
    db,
    sql`select ${columns}, m.role from teams t join team_members m on m.team_id = t.id
    where m.account_id = ${accountId} and t.deleted_at is null order by t.name`,
  )
}

/** With the account that stands for it. @throws a duplicate of `teams_name` or `accounts_email` when the name is taken */
export async function insertTeam(
  tx: Tx,
  team: { id: string; accountId: string; name: string; at: Date },
): Promise<Team> {
  await sql`insert into accounts (id, email, is_team, created_at, updated_at)
    values (${team.accountId}, ${teamEmail(team.name)}, true, ${team.at}, ${team.at})`.execute(tx)
  return one(
    tx,
    sql`insert into teams as t (id, name, account_id, created_at, updated_at)
    values (${team.id}, ${team.name}, ${team.accountId}, ${team.at}, ${team.at}) returning ${columns}`,
  )
}

/** @throws a duplicate, as `insertTeam` */
export async function renameTeam(tx: Tx, team: Team, name: string, at: Date): Promise<Team> {
  await sql`update accounts set email = ${teamEmail(name)}, updated_at = ${at} where id = ${team.accountId}`.execute(tx)
  return one(
    tx,
    sql`update teams as t set name = ${name}, updated_at = ${at} where t.id = ${team.id} returning ${columns}`,
  )
}

/** The rows stay for the audit trail; the name is free again. Its apps are gone by then. */
export async function deleteTeam(tx: Tx, team: Team, at: Date): Promise<void> {
  await sql`delete from team_members where team_id = ${team.id}`.execute(tx)
  await sql`delete from allowed_services where team_id = ${team.id}`.execute(tx)
  await sql`update team_invitations set revoked_at = ${at}, updated_at = ${at}
    where team_id = ${team.id} and accepted_at is null and revoked_at is null`.execute(tx)
  await sql`update teams set deleted_at = ${at}, updated_at = ${at} where id = ${team.id}`.execute(tx)
  await sql`update accounts set email = ${`${team.id}+${teamEmail(team.name)}`}, updated_at = ${at}
    where id = ${team.accountId}`.execute(tx)
}

/** What keeps a team from being deleted: apps, also such as are still being taken apart, and add-ons. */
export async function countPossessions(db: Db, accountId: string): Promise<number> {
  const found = await one<{ count: number }>(
    db,
    sql`select (select count(*) from apps where owner_id = ${accountId} and state <> 'destroyed')
      + (select count(*) from addons where owner_id = ${accountId} and state <> 'deprovisioned') as count`,
  )
  return Number(found.count)
}

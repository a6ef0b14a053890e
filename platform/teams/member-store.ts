import { isUuid } from '@mortise/contract/identity'
import type { TeamRole } from '@mortise/contract/platform-api/teams'
import { changed, type Db, maybeOne, one, rows, sql, type Tx } from '../db/db.js'
import type { TeamMember } from './team.js'

const columns = sql`m.id, m.account_id as "accountId", a.email, a.name, m.role, m.created_at as "createdAt",
  m.updated_at as "updatedAt"`
const tables = sql`team_members m join accounts a on a.id = m.account_id`

export async function listMembers(db: Db, teamId: string): Promise<TeamMember[]> {
  return rows(db, sql`select ${columns} from ${tables} where m.team_id = ${teamId} order by a.email`)
}

/** By e-mail, by the member's id or by the account's. */
export async function findMember(db: Db, teamId: string, identity: string): Promise<TeamMember | undefined> {
  const wanted = identity.toLowerCase()
  const match = isUuid(wanted) ? sql`(m.id = ${wanted} or m.account_id = ${wanted})` : sql`lower(a.email) = ${wanted}`
  return maybeOne(db, sql`select ${columns} from ${tables} where m.team_id = ${teamId} and ${match}`)
}

export async function roleIn(db: Db, teamId: string, accountId: string): Promise<TeamRole | null> {
  const row = await maybeOne<{ role: TeamRole }>(
    db,
    sql`select role from team_members where team_id = ${teamId} and account_id = ${accountId}`,
  )
  return row?.role ?? null
}

/** Makes the account a member, or gives the member this role. */
export async function putMember(
  tx: Tx,
  member: { id: string; teamId: string; accountId: string; role: TeamRole; at: Date },
): Promise<void> {
  await sql`insert into team_members (id, team_id, account_id, role, created_at, updated_at)
    values (${member.id}, ${member.teamId}, ${member.accountId}, ${member.role}, ${member.at}, ${member.at})
    on conflict (team_id, account_id) do update set role = excluded.role, updated_at = excluded.updated_at`.execute(tx)
}

export async function removeMember(tx: Tx, id: string): Promise<boolean> {
  return (await changed(tx, sql`delete from team_members where id = ${id}`)) > 0
}

/** Those who can still change the team. */
export async function countAdmins(tx: Tx, teamId: string): Promise<number> {
  const found = await one<{ count: number }>(
    tx,
    sql`select count(*) as count from team_members where team_id = ${teamId} and role in ('owner', 'admin')`,
  )
  return found.count
}

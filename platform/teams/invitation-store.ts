import { isUuid } from '@mortise/contract/identity'
import type { TeamRole } from '@mortise/contract/platform-api/teams'
import { type Db, maybeOne, one, rows, sql, type Tx } from '../db/db.js'

/** A link through which somebody joins a team. */
export interface TeamInvitation {
  id: string
  team: { id: string; name: string }
  email: string
  role: TeamRole
  /** The account of that address, if there is one by now. */
  account: { id: string; name: string | null } | null
  invitedBy: { id: string; email: string; name: string | null }
  createdAt: Date
  updatedAt: Date
  expiresAt: Date
}

const columns = sql`i.id, json_build_object('id', t.id, 'name', t.name) as team, i.email, i.role,
  (select json_build_object('id', a.id, 'name', a.name) from accounts a
    where lower(a.email) = lower(i.email) and not a.is_team) as account,
  json_build_object('id', b.id, 'email', b.email, 'name', b.name) as "invitedBy",
  i.created_at as "createdAt", i.updated_at as "updatedAt", i.expires_at as "expiresAt"`
const tables = sql`team_invitations i join teams t on t.id = i.team_id join accounts b on b.id = i.invited_by`
const isOpen = (at: Date) =>
  sql`i.accepted_at is null and i.revoked_at is null and i.expires_at > ${at} and t.deleted_at is null`

export async function listInvitations(db: Db, teamId: string, at: Date): Promise<TeamInvitation[]> {
  return rows(
    db,
    sql`select ${columns} from ${tables} where i.team_id = ${teamId} and ${isOpen(at)} order by i.created_at, i.id`,
  )
}

export async function findInvitation(db: Db, hash: Buffer, at: Date): Promise<TeamInvitation | undefined> {
  return maybeOne(db, sql`select ${columns} from ${tables} where i.hash = ${hash} and ${isOpen(at)}`)
}

/** Takes the place of any other for the same address. */
export async function insertInvitation(
  tx: Tx,
  invitation: {
    id: string
    teamId: string
    email: string
    role: TeamRole
    hash: Buffer
    invitedBy: string
    at: Date
    expiresAt: Date
  },
): Promise<TeamInvitation> {
  await sql`update team_invitations set revoked_at = ${invitation.at}, updated_at = ${invitation.at}
    where team_id = ${invitation.teamId} and lower(email) = lower(${invitation.email})
      and accepted_at is null and revoked_at is null`.execute(tx)
  await sql`insert into team_invitations (id, team_id, email, role, hash, invited_by, created_at, updated_at, expires_at)
    values (${invitation.id}, ${invitation.teamId}, ${invitation.email}, ${invitation.role}, ${invitation.hash},
      ${invitation.invitedBy}, ${invitation.at}, ${invitation.at}, ${invitation.expiresAt})`.execute(tx)
  return one(tx, sql`select ${columns} from ${tables} where i.id = ${invitation.id}`)
}

/** Once. @returns false when it was accepted, revoked or ran out meanwhile */
export async function acceptInvitation(tx: Tx, id: string, at: Date): Promise<boolean> {
  const accepted = await maybeOne(
    tx,
    sql`update team_invitations i set accepted_at = ${at}, updated_at = ${at} from teams t
    where t.id = i.team_id and i.id = ${id} and ${isOpen(at)} returning i.id`,
  )
  return accepted !== undefined
}

/** @returns what it was, or undefined when the team has no such open one */
export async function revokeInvitation(
  tx: Tx,
  teamId: string,
  id: string,
  at: Date,
): Promise<TeamInvitation | undefined> {
  if (!isUuid(id)) return undefined
  const found = await maybeOne<TeamInvitation>(
    tx,
    sql`select ${columns} from ${tables} where i.team_id = ${teamId} and i.id = ${id.toLowerCase()} and ${isOpen(at)}
    for update of i`,
  )
  if (found)
    await sql`update team_invitations set revoked_at = ${at}, updated_at = ${at} where id = ${found.id}`.execute(tx)
  return found
}

import { isUuid } from '@mortise/contract/identity'
import { type Db, maybeOne, one, rows, sql, type Tx } from '../db/db.js'

/** A link that makes an account, or chooses a new password for one. */
export interface Invite {
  id: string
  purpose: 'account' | 'password'
  email: string
  accountId: string | null
  invitedBy: { id: string; email: string }
  createdAt: Date
  expiresAt: Date
}

const columns = sql`i.id, i.purpose, i.email, i.account_id as "accountId",
  (select json_build_object('id', a.id, 'email', a.email) from accounts a where a.id = i.invited_by) as "invitedBy",
  i.created_at as "createdAt", i.expires_at as "expiresAt"`
const isOpen = (at: Date) => sql`i.used_at is null and i.revoked_at is null and i.expires_at > ${at}`

/** Ends any other open link for the address. */
export async function insertInvite(
  tx: Tx,
  invite: {
    id: string
    purpose: Invite['purpose']
    hash: Buffer
    email: string
    accountId: string | null
    invitedBy: string
    at: Date
    expiresAt: Date
  },
): Promise<Invite> {
  await sql`update invites set revoked_at = ${invite.at}
    where lower(email) = lower(${invite.email}) and used_at is null and revoked_at is null`.execute(tx)
  return one(
    tx,
    sql`insert into invites as i (id, purpose, hash, email, account_id, invited_by, created_at, expires_at)
    values (${invite.id}, ${invite.purpose}, ${invite.hash}, ${invite.email}, ${invite.accountId}, ${invite.invitedBy},
      ${invite.at}, ${invite.expiresAt}) returning ${columns}`,
  )
}

export async function listInvites(db: Db, at: Date): Promise<Invite[]> {
  return rows(db, sql`select ${columns} from invites i where ${isOpen(at)} order by i.created_at, i.id`)
}

export async function findInvite(db: Db, hash: Buffer, at: Date): Promise<Invite | undefined> {
  return maybeOne(db, sql`select ${columns} from invites i where i.hash = ${hash} and ${isOpen(at)}`)
}

/** Once. @returns undefined when it was used, revoked or ran out meanwhile */
export async function useInvite(tx: Tx, id: string, at: Date): Promise<Invite | undefined> {
  return maybeOne(
    tx,
    sql`update invites as i set used_at = ${at} where i.id = ${id} and ${isOpen(at)} returning ${columns}`,
  )
}

export async function revokeInvite(tx: Tx, id: string, at: Date): Promise<Invite | undefined> {
  if (!isUuid(id)) return undefined
  return maybeOne(
    tx,
    sql`update invites as i set revoked_at = ${at} where i.id = ${id.toLowerCase()} and ${isOpen(at)} returning ${columns}`,
  )
}

import { isUuid } from '@mortise/contract/identity'
import { type Db, maybeOne, one, sql, type Tx } from '../db/db.js'
import type { Account } from './account.js'

const columns = sql`id, email, name, password_hash as "passwordHash", is_operator as "isOperator", is_team as "isTeam",
  last_login_at as "lastLoginAt", created_at as "createdAt", updated_at as "updatedAt",
  deleted_at as "deletedAt", suspended_at as "suspendedAt", suspended_reason as "suspendedReason"`

export async function findAccount(db: Db, id: string): Promise<Account | undefined> {
  return maybeOne(db, sql`select ${columns} from accounts where id = ${id}`)
}

/** Addresses differ by more than case only on paper. */
export async function findAccountByEmail(db: Db, email: string): Promise<Account | undefined> {
  return maybeOne(db, sql`select ${columns} from accounts where lower(email) = lower(${email})`)
}

/** By id or e-mail: a person, never a team, and nobody who left. */
export async function findPerson(db: Db, identity: string): Promise<Account | undefined> {
  const found = isUuid(identity)
    ? await findAccount(db, identity.toLowerCase())
    : await findAccountByEmail(db, identity.trim())
  return found?.isTeam || found?.deletedAt ? undefined : found
}

/** The first operator, by age. */
export async function findOperator(db: Db): Promise<Account | undefined> {
  return maybeOne(db, sql`select ${columns} from accounts where is_operator order by created_at, id limit 1`)
}

export async function insertAccount(
  tx: Tx,
  account: { id: string; email: string; passwordHash: string | null; isOperator: boolean; at: Date },
): Promise<Account> {
  return one(
    tx,
    sql`insert into accounts (id, email, password_hash, is_operator, created_at, updated_at)
    values (${account.id}, ${account.email}, ${account.passwordHash}, ${account.isOperator}, ${account.at}, ${account.at})
    returning ${columns}`,
  )
}

export async function setAccountName(tx: Tx, id: string, name: string | null, at: Date): Promise<Account> {
  return one(tx, sql`update accounts set name = ${name}, updated_at = ${at} where id = ${id} returning ${columns}`)
}

export async function setPasswordHash(tx: Tx, id: string, hash: string, at: Date): Promise<void> {
  await sql`update accounts set password_hash = ${hash}, updated_at = ${at} where id = ${id}`.execute(tx)
}

export async function setLastLogin(tx: Tx, id: string, at: Date): Promise<void> {
  await sql`update accounts set last_login_at = ${at} where id = ${id}`.execute(tx)
}

export async function findPreferences(db: Db, id: string): Promise<Record<string, unknown>> {
  return (
    await one<{ preferences: Record<string, unknown> }>(db, sql`select preferences from accounts where id = ${id}`)
  ).preferences
}

/** Sets what is named and leaves the rest. @returns all of them */
export async function mergePreferences(
  tx: Tx,
  id: string,
  preferences: Record<string, unknown>,
  at: Date,
): Promise<Record<string, unknown>> {
  const set = await one<{ preferences: Record<string, unknown> }>(
    tx,
    sql`update accounts set preferences = preferences || ${JSON.stringify(preferences)}::jsonb, updated_at = ${at}
    where id = ${id} returning preferences`,
  )
  return set.preferences
}

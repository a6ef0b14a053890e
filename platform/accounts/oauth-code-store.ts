import { type Db, maybeOne, sql, type Tx } from '../db/db.js'

/** What a person allowed a program, until the program trades the code that says so. */
export interface OauthCode {
  clientId: string
  clientName: string
  accountId: string
  redirectUri: string
  scopes: string[]
  expiresAt: Date
  /** What it was traded for, once it was. */
  authorizationId: string | null
}

/** Only the code's hash is kept. Codes that nobody can trade any more go with it. */
export async function insertCode(
  tx: Tx,
  code: {
    hash: Buffer
    clientId: string
    accountId: string
    redirectUri: string
    scopes: readonly string[]
    at: Date
    expiresAt: Date
    forgetBefore: Date
  },
): Promise<void> {
  await sql`delete from oauth_codes where expires_at < ${code.forgetBefore}`.execute(tx)
  await sql`insert into oauth_codes (hash, client_id, account_id, redirect_uri, scopes, created_at, expires_at)
    values (${code.hash}, ${code.clientId}, ${code.accountId}, ${code.redirectUri}, ${code.scopes}, ${code.at},
      ${code.expiresAt})`.execute(tx)
}

/** Locked until the transaction ends: of two trades in one moment the second sees the first. */
export async function lockCode(tx: Tx, hash: Buffer, clientSecretHash: Buffer): Promise<OauthCode | undefined> {
  return maybeOne(
    tx,
    sql`select o.client_id as "clientId", c.name as "clientName", o.account_id as "accountId",
      o.redirect_uri as "redirectUri", o.scopes, o.expires_at as "expiresAt", o.authorization_id as "authorizationId"
    from oauth_codes o join oauth_clients c on c.id = o.client_id join accounts a on a.id = o.account_id
    where o.hash = ${hash} and c.secret_hash = ${clientSecretHash} and a.deleted_at is null and a.suspended_at is null for update of o`,
  )
}

export async function markTraded(tx: Tx, hash: Buffer, authorizationId: string): Promise<void> {
  await sql`update oauth_codes set authorization_id = ${authorizationId} where hash = ${hash}`.execute(tx)
}

/** A refresh token in force of the program that has this secret. */
export async function findClientRefresh(
  db: Db,
  hash: Buffer,
  clientSecretHash: Buffer,
): Promise<{ id: string; authorizationId: string; clientId: string; accountId: string; scopes: string[] } | undefined> {
  return maybeOne(
    db,
    sql`select t.id, t.authorization_id as "authorizationId", t.client_id as "clientId", t.account_id as "accountId",
      t.scopes
    from tokens t join tokens p on p.id = t.authorization_id join oauth_clients c on c.id = t.client_id
      join accounts a on a.id = t.account_id and a.suspended_at is null
    where t.hash = ${hash} and t.kind = 'client_refresh' and t.revoked_at is null and p.revoked_at is null
      and c.secret_hash = ${clientSecretHash}`,
  )
}

/** Access tokens that ran out long ago tell nothing any more. */
export async function forgetOldAccess(tx: Tx, authorizationId: string, before: Date): Promise<void> {
  await sql`delete from tokens where authorization_id = ${authorizationId} and kind = 'client_access'
    and expires_at < ${before}`.execute(tx)
}

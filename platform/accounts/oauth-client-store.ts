import { isUuid } from '@mortise/contract/identity'
import { type Db, maybeOne, one, rows, sql, type Tx } from '../db/db.js'
import { tokenHash } from '../secrets/tokens.js'
import { revokeOfClients } from './token-store.js'

/** A program of a third party, registered by an account. */
export interface OauthClient {
  id: string
  accountId: string
  name: string
  redirectUri: string
  secretHash: Buffer
  createdAt: Date
  updatedAt: Date
}

const columns = sql`id, account_id as "accountId", name, redirect_uri as "redirectUri", secret_hash as "secretHash",
  created_at as "createdAt", updated_at as "updatedAt"`

export async function findClient(db: Db, id: string): Promise<OauthClient | undefined> {
  if (!isUuid(id)) return undefined
  return maybeOne(db, sql`select ${columns} from oauth_clients where id = ${id.toLowerCase()}`)
}

export async function listClients(db: Db, accountId: string): Promise<OauthClient[]> {
  return rows(db, sql`select ${columns} from oauth_clients where account_id = ${accountId} order by created_at, id`)
}

export async function insertClient(
  tx: Tx,
  client: { id: string; accountId: string; name: string; redirectUri: string; secretHash: Buffer; at: Date },
): Promise<OauthClient> {
  return one(
    tx,
    sql`insert into oauth_clients (id, account_id, name, redirect_uri, secret_hash, created_at, updated_at)
    values (${client.id}, ${client.accountId}, ${client.name}, ${client.redirectUri}, ${client.secretHash}, ${client.at},
      ${client.at}) returning ${columns}`,
  )
}

/** What is undefined stays as it is. */
export async function updateClient(
  tx: Tx,
  id: string,
  change: { name?: string; redirectUri?: string; secretHash?: Buffer; at: Date },
): Promise<OauthClient> {
  return one(
    tx,
    sql`update oauth_clients set name = coalesce(${change.name ?? null}, name),
      redirect_uri = coalesce(${change.redirectUri ?? null}, redirect_uri),
      secret_hash = coalesce(${change.secretHash ?? null}::bytea, secret_hash), updated_at = ${change.at}
    where id = ${id} returning ${columns}`,
  )
}

/** With it end the authorizations that name it. */
export async function removeClient(tx: Tx, id: string, at: Date): Promise<void> {
  await revokeOfClients(tx, [id], at)
  await sql`delete from oauth_clients where id = ${id}`.execute(tx)
}

export function isClientSecret(client: OauthClient, secret: string): boolean {
  return client.secretHash.equals(tokenHash(secret))
}

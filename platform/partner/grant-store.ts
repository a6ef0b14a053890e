import { revokeWhatHangsOn } from '../accounts/token-store.js'
import { changed, type Db, maybeOne, sql, type Tx } from '../db/db.js'
import { later } from '../world/world.js'

/** After its first use a code can be traded again for so long, by whoever also knows the service's secret. */
export const tradeAgainMs = 60_000

/** The code is told once, in the question; only its hash is kept. */
export async function insertGrant(
  tx: Tx,
  grant: { id: string; addonId: string; hash: Buffer; expiresAt: Date; at: Date },
): Promise<void> {
  await sql`insert into grants (id, addon_id, hash, created_at, expires_at)
    values (${grant.id}, ${grant.addonId}, ${grant.hash}, ${grant.at}, ${grant.expiresAt}) on conflict do nothing`.execute(
    tx,
  )
}

/**
 * Uses up a code that is fresh, unused and of this service. The answer of a trade can be lost, with a connection or with
 * us; a provider without a token could never say that its work is done. So the same trade is open a little longer.
 * @returns the add-on it speaks for
 */
export async function useGrant(
  tx: Tx,
  hash: Buffer,
  clientSecretHash: Buffer,
  at: Date,
): Promise<{ addonId: string; ownerId: string } | undefined> {
  return maybeOne(
    tx,
    sql`update grants g set used_at = ${at} from addons d join addon_services s on s.id = d.service_id
    where g.hash = ${hash} and (g.used_at is null or g.used_at > ${later(at, -tradeAgainMs)}) and g.expires_at > ${at} and d.id = g.addon_id
      and s.client_secret_hash = ${clientSecretHash} and d.state <> 'deprovisioned'
    returning d.id as "addonId", d.owner_id as "ownerId"`,
  )
}

/** A refresh token that is in force and of this service. */
export async function findRefreshToken(
  db: Db,
  hash: Buffer,
  clientSecretHash: Buffer,
): Promise<{ tokenId: string; addonId: string; ownerId: string } | undefined> {
  return maybeOne(
    db,
    sql`select t.id as "tokenId", d.id as "addonId", d.owner_id as "ownerId"
    from tokens t join addons d on d.id = t.addon_id join addon_services s on s.id = d.service_id
    where t.hash = ${hash} and t.kind = 'grant_refresh' and t.revoked_at is null and s.client_secret_hash = ${clientSecretHash}
      and d.state <> 'deprovisioned'`,
  )
}

export async function insertGrantToken(
  tx: Tx,
  token: {
    id: string
    kind: 'grant_access' | 'grant_refresh'
    addonId: string
    hash: Buffer
    expiresAt: Date | null
    at: Date
  },
): Promise<void> {
  await sql`insert into tokens (id, kind, addon_id, hash, scopes, description, created_at, updated_at, expires_at)
    values (${token.id}, ${token.kind}, ${token.addonId}, ${token.hash}, '{global}', 'grant of an add-on', ${token.at},
      ${token.at}, ${token.expiresAt})`.execute(tx)
}

/** What ended, in the words of the authorization that it is or hangs on. */
export interface RevokedToken {
  /** Of the authorization. */
  id: string
  kind: 'authorization' | 'client_access' | 'client_refresh' | 'grant_access' | 'grant_refresh'
  accountId: string | null
  description: string
  scopes: string[]
}

/** A token of the account's own making, or of the add-on's grant. @returns undefined when it is neither, or was revoked */
export async function revokeOwnToken(
  tx: Tx,
  id: string,
  owner: { accountId: string | null; addonId: string | null },
  at: Date,
): Promise<RevokedToken | undefined> {
  const revoked = await maybeOne<RevokedToken>(
    tx,
    sql`update tokens t set revoked_at = ${at}, updated_at = ${at}
    where t.id = ${id} and t.revoked_at is null and t.kind <> 'web'
      and (t.account_id = ${owner.accountId}::uuid or t.addon_id = ${owner.addonId}::uuid)
    returning coalesce(t.authorization_id, t.id) as id, t.kind, t.account_id as "accountId", t.scopes,
      coalesce((select o.description from tokens o where o.id = t.authorization_id), t.description) as description`,
  )
  if (revoked) await revokeWhatHangsOn(tx, id, at)
  return revoked
}

/** The provider can no longer speak for this add-on. Safe to repeat. */
export async function revokeGrants(tx: Tx, addonId: string, at: Date): Promise<number> {
  await sql`update grants set used_at = coalesce(used_at, ${at}) where addon_id = ${addonId}`.execute(tx)
  return changed(tx, sql`update tokens set revoked_at = ${at} where addon_id = ${addonId} and revoked_at is null`)
}

import { changed, type Db, maybeOne, one, rows, sql, type Tx } from '../db/db.js'
import type { Token } from './token.js'

const columns = sql`t.id, t.kind, t.account_id as "accountId", t.addon_id as "addonId", t.hint,
  t.is_default as "isDefault", t.scopes, t.description, t.created_at as "createdAt", t.updated_at as "updatedAt",
  t.expires_at as "expiresAt", t.life_seconds as "lifeSeconds",
  (select json_build_object('id', c.id, 'name', c.name, 'redirect_uri', c.redirect_uri)
    from oauth_clients c where c.id = t.client_id) as client,
  exists (select 1 from tokens h where h.authorization_id = t.id and h.kind = 'client_refresh') as "isOfProgram"`

export interface Bearer {
  id: string
  /** Hash of the secret, in hex: it changes when the token is renewed, and its id does not. */
  digest: string
  kind: Token['kind']
  addonId: string | null
  /** The authorization that it hangs on and ends with. */
  authorizationId: string | null
  scopes: string[]
  /** A grant whose add-on was removed: known for a while, so that a late call hears 410 and not 401. */
  retired: boolean
  account: { id: string; email: string; name: string | null; isOperator: boolean } | null
  /** Why its account is let in nowhere; null for one that is, and for a grant. */
  suspended: { reason: string } | null
}

/** How long the token of a removed add-on is still recognised. Source: RULES.md, section 3. */
export const retiredGrantDays = 30

/** Who holds this token now. A revoked or expired one is nobody's from that moment: nothing is cached. */
export async function findBearer(db: Db, hash: Buffer, at: Date): Promise<Bearer | undefined> {
  return maybeOne(
    db,
    sql`select t.id, encode(t.hash, 'hex') as digest, t.kind, t.addon_id as "addonId", t.authorization_id as "authorizationId",
      t.scopes, t.revoked_at is not null as retired,
      case when a.id is null then null else json_build_object('id', a.id, 'email', a.email, 'name', a.name,
        'isOperator', a.is_operator) end as account,
      case when a.suspended_at is null then null else json_build_object('reason', a.suspended_reason) end as suspended
    from tokens t left join accounts a on a.id = t.account_id
    where t.hash = ${hash} and (t.expires_at is null or t.expires_at > ${at})
      and (t.revoked_at is null or (t.kind = 'grant_access' and t.revoked_at > ${new Date(at.getTime() - retiredGrantDays * 86_400_000)}
        and exists (select 1 from addons d where d.id = t.addon_id and d.state = 'deprovisioned')))`,
  )
}

/** Which of these tokens are neither revoked nor run out nor a suspended account's: by id, the digest that each has now. */
export async function liveTokens(db: Db, ids: readonly string[], at: Date): Promise<Map<string, string>> {
  const found = await rows<{ id: string; digest: string }>(
    db,
    sql`select t.id, encode(t.hash, 'hex') as digest from tokens t left join accounts a on a.id = t.account_id
      where t.id = any(${[...ids]}::uuid[]) and t.revoked_at is null and (t.expires_at is null or t.expires_at > ${at})
        and a.suspended_at is null`,
  )
  return new Map(found.map(({ id, digest }) => [id, digest]))
}

export async function insertToken(
  tx: Tx,
  token: {
    id: string
    kind: Token['kind']
    accountId?: string
    addonId?: string
    hash: Buffer
    hint: string
    isDefault?: boolean
    clientId?: string
    authorizationId?: string
    scopes: readonly string[]
    description: string
    expiresAt: Date | null
    at: Date
  },
): Promise<Token> {
  const life = token.expiresAt && Math.ceil((token.expiresAt.getTime() - token.at.getTime()) / 1000)
  return one(
    tx,
    sql`insert into tokens as t (id, kind, account_id, addon_id, hash, hint, is_default, scopes, description, created_at,
      updated_at, expires_at, client_id, authorization_id, life_seconds)
    values (${token.id}, ${token.kind}, ${token.accountId ?? null}, ${token.addonId ?? null}, ${token.hash}, ${token.hint},
      ${token.isDefault ?? false}, ${token.scopes}, ${token.description}, ${token.at}, ${token.at}, ${token.expiresAt},
      ${token.clientId ?? null}, ${token.authorizationId ?? null}, ${life})
    returning ${columns}`,
  )
}

/** Live ones only, the default first. */
export async function listTokens(db: Db, accountId: string, kind: 'authorization' | 'web', at: Date): Promise<Token[]> {
  return rows(
    db,
    sql`select ${columns} from tokens t
    where t.account_id = ${accountId} and t.kind = ${kind} and t.revoked_at is null
      and (t.expires_at is null or t.expires_at > ${at})
    order by t.is_default desc, t.created_at, t.id`,
  )
}

/** With it ends what hangs on it. @returns what it was, or undefined when it was not this account's or already revoked */
export async function revokeToken(
  tx: Tx,
  token: { id: string; accountId: string; kind: 'authorization' | 'web' },
  at: Date,
): Promise<Token | undefined> {
  const revoked = await maybeOne<Token>(
    tx,
    sql`update tokens as t set revoked_at = ${at}, updated_at = ${at}
    where t.id = ${token.id} and t.account_id = ${token.accountId} and t.kind = ${token.kind} and t.revoked_at is null
    returning ${columns}`,
  )
  if (revoked) await revokeWhatHangsOn(tx, token.id, at)
  return revoked
}

/** The tokens of an authorization, and those that were made with them. Safe to repeat. */
export async function revokeWhatHangsOn(tx: Tx, authorizationId: string, at: Date): Promise<void> {
  await revokeHanging(tx, sql`select id from tokens where authorization_id = ${authorizationId}`, at)
}

/** Live authorizations that name one of these clients, with whose they are. */
export async function authorizationsNaming(
  tx: Tx,
  clientIds: readonly string[],
): Promise<{ id: string; description: string; scopes: string[]; account: { id: string; email: string } }[]> {
  return rows(
    tx,
    sql`select t.id, t.description, t.scopes, json_build_object('id', a.id, 'email', a.email) as account
    from tokens t join accounts a on a.id = t.account_id
    where t.client_id = any(${[...clientIds]}::uuid[]) and t.kind = 'authorization' and t.revoked_at is null order by t.id`,
  )
}

/** All that name a client, those that were made with them, and their name of it. Safe to repeat. */
export async function revokeOfClients(tx: Tx, clientIds: readonly string[], at: Date): Promise<void> {
  await revokeHanging(tx, sql`select id from tokens where client_id = any(${[...clientIds]}::uuid[])`, at)
  await sql`update tokens set client_id = null where client_id = any(${[...clientIds]}::uuid[])`.execute(tx)
}

async function revokeHanging(tx: Tx, first: ReturnType<typeof sql>, at: Date): Promise<void> {
  await sql`with recursive hanging as (
      ${first} union select t.id from tokens t join hanging h on t.authorization_id = h.id)
    update tokens set revoked_at = ${at}, updated_at = ${at}
    where id in (select id from hanging) and revoked_at is null`.execute(tx)
}

/** What is undefined stays as it is. */
export async function updateAuthorization(
  tx: Tx,
  id: string,
  change: { description?: string; clientId?: string; at: Date },
): Promise<Token> {
  return one(
    tx,
    sql`update tokens as t set description = coalesce(${change.description ?? null}, t.description),
      client_id = coalesce(${change.clientId ?? null}, t.client_id), updated_at = ${change.at}
    where t.id = ${id} returning ${columns}`,
  )
}

/** The old token ends in the same moment. @returns undefined when it was revoked meanwhile */
export async function regenerateToken(
  tx: Tx,
  id: string,
  change: { hash: Buffer; hint: string; expiresAt: Date | null; at: Date },
): Promise<Token | undefined> {
  return maybeOne(
    tx,
    sql`update tokens as t set hash = ${change.hash}, hint = ${change.hint}, expires_at = ${change.expiresAt},
      updated_at = ${change.at}
    where t.id = ${id} and t.revoked_at is null returning ${columns}`,
  )
}

/** Ends every browser's session of an account, but for one that stays. @returns how many */
export async function revokeWebSessions(
  tx: Tx,
  accountId: string,
  at: Date,
  keep: string | null = null,
): Promise<number> {
  return changed(
    tx,
    sql`update tokens set revoked_at = ${at}, updated_at = ${at}
    where account_id = ${accountId} and kind = 'web' and revoked_at is null and id is distinct from ${keep}`,
  )
}

/**
 * Makes this the account's API key; the former one ends. Safe to repeat with the same key.
 * @returns false when the key is somebody else's token, which the caller must not take over
 */
export async function putDefaultToken(
  tx: Tx,
  token: { id: string; accountId: string; hash: Buffer; hint: string; description: string; at: Date },
): Promise<boolean> {
  await sql`update tokens set revoked_at = ${token.at}, updated_at = ${token.at}
    where account_id = ${token.accountId} and is_default and revoked_at is null and hash <> ${token.hash}`.execute(tx)
  const put = await changed(
    tx,
    sql`insert into tokens as t (id, kind, account_id, hash, hint, is_default, description, created_at, updated_at)
    values (${token.id}, 'authorization', ${token.accountId}, ${token.hash}, ${token.hint}, true, ${token.description},
      ${token.at}, ${token.at})
    on conflict (hash) do update set revoked_at = null, expires_at = null, is_default = true, scopes = '{global}'
      where t.account_id = ${token.accountId} and t.kind = 'authorization'`,
  )
  return put > 0
}

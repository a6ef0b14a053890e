import { changed, type Db, maybeOne, one, rows, sql, type Tx } from '../db/db.js'
import type { Secrets } from '../secrets/seal.js'

/** One version of a set of values; immutable but for its state, and for being shredded. */
export interface Credential {
  id: string
  addonId: string
  name: string
  version: number
  state: 'staged' | 'active' | 'retiring' | 'revoked'
  /** The provider's names, sorted. */
  names: string[]
  sealed: Buffer | null
}

const columns = sql`id, addon_id as "addonId", name, version, state, names, sealed`
const contextOf = (credential: { id: string; version: number }) => `credentials:${credential.id}:${credential.version}`

export async function findCredential(
  db: Db,
  addonId: string,
  name: string,
  state: Credential['state'],
): Promise<Credential | undefined> {
  return maybeOne(
    db,
    sql`select ${columns} from credentials
    where addon_id = ${addonId} and name = ${name} and state = ${state}`,
  )
}

/** Names of those in force, sorted. */
export async function credentialNames(db: Db, addonId: string): Promise<string[]> {
  const found = await rows<{ name: string }>(
    db,
    sql`select name from credentials where addon_id = ${addonId} and state = 'active' order by name`,
  )
  return found.map(({ name }) => name)
}

export async function credentialById(db: Db, id: string): Promise<Credential | undefined> {
  return maybeOne(db, sql`select ${columns} from credentials where id = ${id}`)
}

/** The values, or null once shredded. */
export function valuesOf(secrets: Secrets, credential: Credential): Record<string, string> | null {
  return credential.sealed ? JSON.parse(secrets.open(credential.sealed, contextOf(credential))) : null
}

/** Adds a version; the caller has seen to it that no other of that state is there. */
export async function insertCredential(
  tx: Tx,
  secrets: Secrets,
  credential: {
    id: string
    addonId: string
    name: string
    state: 'staged' | 'active'
    values: Record<string, string>
    at: Date
  },
): Promise<Credential> {
  const { version } = await one<{ version: number }>(
    tx,
    sql`select coalesce(max(version), 0) + 1 as version
    from credentials where addon_id = ${credential.addonId} and name = ${credential.name}`,
  )
  const sealed = secrets.seal(JSON.stringify(credential.values), contextOf({ id: credential.id, version }))
  return one(
    tx,
    sql`insert into credentials (id, addon_id, name, version, state, names, sealed, created_at)
    values (${credential.id}, ${credential.addonId}, ${credential.name}, ${version}, ${credential.state},
      ${Object.keys(credential.values).sort()}, ${sealed}, ${credential.at})
    returning ${columns}`,
  )
}

/** The version in force becomes a retiring one; old dynos still pin it. */
export async function retireActive(tx: Tx, addonId: string, name: string, at: Date): Promise<void> {
  await sql`update credentials set state = 'retiring', retired_at = ${at}
    where addon_id = ${addonId} and name = ${name} and state = 'active'`.execute(tx)
}

export async function dropStaged(tx: Tx, addonId: string): Promise<void> {
  await sql`delete from credentials where addon_id = ${addonId} and state = 'staged'`.execute(tx)
}

/** No value of the add-on can be read any more. Safe to repeat. */
export async function shredAll(tx: Tx, addonId: string, at: Date): Promise<void> {
  await sql`update credentials set state = 'revoked', sealed = null, retired_at = coalesce(retired_at, ${at})
    where addon_id = ${addonId} and (state <> 'revoked' or sealed is not null)`.execute(tx)
}

export async function credentialsOf(db: Db, addonId: string): Promise<Credential[]> {
  return rows(db, sql`select ${columns} from credentials where addon_id = ${addonId} order by name, version`)
}

/**
 * What was staged comes into force; without anything staged an empty version does, so that each live
 * add-on has one. Safe to repeat: an active version is left as it is.
 */
export async function promoteStaged(
  tx: Tx,
  secrets: Secrets,
  promotion: { addonId: string; emptyId: string; at: Date },
): Promise<void> {
  const { addonId, emptyId, at } = promotion
  if (await findCredential(tx, addonId, 'default', 'active')) return dropStaged(tx, addonId)
  const promoted = await changed(
    tx,
    sql`update credentials set state = 'active' where addon_id = ${addonId} and state = 'staged'`,
  )
  if (promoted === 0)
    await insertCredential(tx, secrets, { id: emptyId, addonId, name: 'default', state: 'active', values: {}, at })
}

import { roomFor } from '../accounts/quotas.js'
import { type Db, maybeOne, rows, sql, type Tx } from '../db/db.js'
import { dynoSizeDefault, type Formation, releaseType } from './formation.js'

const columns = sql`f.id, f.app_id as "appId", f.type, f.command, f.quantity, f.size, f.created_at as "createdAt",
  f.updated_at as "updatedAt"`

/** The process types of the slug in force: of the newest release that did not fail. */
const typesOf = (appId: string) => sql`select jsonb_object_keys(s.process_types) from slugs s where s.id = (
  select r.slug_id from releases r where r.app_id = ${appId}
  order by (r.status in ('succeeded', 'pending')) desc, r.version desc limit 1)`

/** What the app's slug can run; `web` first, then by name. */
export async function listFormation(db: Db, appId: string): Promise<Formation[]> {
  return rows(
    db,
    sql`select ${columns} from formation f where f.app_id = ${appId} and f.type in (${typesOf(appId)})
      order by (f.type <> 'web'), f.type`,
  )
}

export async function findFormation(db: Db, appId: string, identity: string): Promise<Formation | undefined> {
  return maybeOne(
    db,
    sql`select ${columns} from formation f where f.app_id = ${appId} and (f.type = ${identity} or f.id::text = ${identity})
      and f.type in (${typesOf(appId)})`,
  )
}

/** Whatever the slug is now: for our own machinery. */
export async function formationById(db: Db, id: string): Promise<Formation | undefined> {
  return maybeOne(db, sql`select ${columns} from formation f where f.id = ${id}`)
}

/** Every process type that the app ever had, whatever its slug is now: another slug may bring it back. */
export async function listQuantities(db: Db, appId: string): Promise<Formation[]> {
  return rows(db, sql`select ${columns} from formation f where f.app_id = ${appId} order by (f.type <> 'web'), f.type`)
}

export async function setFormation(
  tx: Tx,
  id: string,
  to: { quantity: number; size: string; at: Date },
): Promise<Formation | undefined> {
  return maybeOne(
    tx,
    sql`update formation f set quantity = ${to.quantity}, size = ${to.size}, updated_at = ${to.at}
      where f.id = ${id} returning ${columns}`,
  )
}

/**
 * Gives each process type of a slug its line. What was there keeps its quantity; a type that appears gets one dyno,
 * `release` none, and no type where the owner may have no more of them. Nothing is taken away: if the slug's release fails, the one before still needs its types. See
 * docs/decisions/formation.md. Safe to repeat.
 */
export async function addFormation(
  tx: Tx,
  add: { appId: string; ownerId: string; processTypes: Record<string, string>; newId: () => string; at: Date },
): Promise<void> {
  const { appId, at } = add
  const known = new Set((await listQuantities(tx, appId)).map(({ type }) => type))
  let { left } = await roomFor(tx, { ownerId: add.ownerId, name: 'dynos', at })
  for (const [type, command] of Object.entries(add.processTypes)) {
    const quantity = type === releaseType || left < 1 ? 0 : 1
    if (!known.has(type)) left -= quantity
    await sql`insert into formation (id, app_id, type, command, quantity, size, created_at, updated_at)
      values (${add.newId()}, ${appId}, ${type}, ${command}, ${quantity}, ${dynoSizeDefault}, ${at}, ${at})
      on conflict (app_id, type) do update set command = excluded.command`.execute(tx)
  }
}

import { type Db, maybeOne, rows, sql, type Tx } from '../db/db.js'
import { dynoSizeDefault, type Formation, releaseType } from './formation.js'

const columns = sql`id, app_id as "appId", type, command, quantity, size, created_at as "createdAt",
  updated_at as "updatedAt"`

/** `web` first, then by name. */
export async function listFormation(db: Db, appId: string): Promise<Formation[]> {
  return rows(db, sql`select ${columns} from formation where app_id = ${appId} order by (type <> 'web'), type`)
}

export async function findFormation(db: Db, appId: string, identity: string): Promise<Formation | undefined> {
  return maybeOne(
    db,
    sql`select ${columns} from formation where app_id = ${appId} and (type = ${identity} or id::text = ${identity})`,
  )
}

export async function setFormation(
  tx: Tx,
  id: string,
  to: { quantity: number; size: string; at: Date },
): Promise<Formation | undefined> {
  return maybeOne(
    tx,
    sql`update formation set quantity = ${to.quantity}, size = ${to.size}, updated_at = ${to.at}
      where id = ${id} returning ${columns}`,
  )
}

/**
 * Makes the formation name what a slug can run. What was there keeps its quantity; a type that appears gets one
 * dyno, `release` none (see docs/decisions/formation.md); a type that the slug has not is gone. Safe to repeat.
 */
export async function matchFormation(
  tx: Tx,
  match: { appId: string; processTypes: Record<string, string>; newId: () => string; at: Date },
): Promise<void> {
  const { appId, processTypes, at } = match
  for (const [type, command] of Object.entries(processTypes)) {
    const quantity = type === releaseType ? 0 : 1
    await sql`insert into formation (id, app_id, type, command, quantity, size, created_at, updated_at)
      values (${match.newId()}, ${appId}, ${type}, ${command}, ${quantity}, ${dynoSizeDefault}, ${at}, ${at})
      on conflict (app_id, type) do update set command = excluded.command,
        updated_at = case when formation.command = excluded.command then formation.updated_at else excluded.updated_at end`.execute(
      tx,
    )
  }
  await sql`delete from formation where app_id = ${appId} and type <> all(${Object.keys(processTypes)})`.execute(tx)
}

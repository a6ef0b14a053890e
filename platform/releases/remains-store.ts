import { ring } from '../db/bell.js'
import { type Db, maybeOne, sql, type Tx } from '../db/db.js'

/** Rings when there is something to take apart on the machine that runs apps. */
export const remainsBell = 'remains'

/** Asks whoever runs apps to take this one apart. Safe to repeat. */
export async function leaveRemains(tx: Tx, appId: string, at: Date): Promise<void> {
  await sql`insert into remains (app_id, created_at) values (${appId}, ${at}) on conflict do nothing`.execute(tx)
  await ring(tx, remainsBell)
}

export async function nextRemains(db: Db): Promise<string | null> {
  const next = await maybeOne<{ appId: string }>(
    db,
    sql`select app_id as "appId" from remains order by created_at, app_id limit 1`,
  )
  return next?.appId ?? null
}

export async function remainsCleared(db: Db, appId: string): Promise<void> {
  await sql`delete from remains where app_id = ${appId}`.execute(db)
}

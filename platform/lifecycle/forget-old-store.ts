import { changed, type Db, sql } from '../db/db.js'

/** Codes and tokens of add-ons that ended before. @returns how many went, at most so many of each */
export async function dropGrantsOfRemoved(db: Db, before: Date, most: number): Promise<number> {
  const removed = sql`d.state = 'deprovisioned' and coalesce(d.deprovisioned_at, d.updated_at) < ${before}`
  const tokens = await changed(
    db,
    sql`delete from tokens where id in (
      select t.id from tokens t join addons d on d.id = t.addon_id where ${removed} limit ${most})`,
  )
  const codes = await changed(
    db,
    sql`delete from grants where id in (
      select g.id from grants g join addons d on d.id = g.addon_id where ${removed} limit ${most})`,
  )
  return tokens + codes
}

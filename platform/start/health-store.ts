import { type Db, sql } from '../db/db.js'

/** Whether the database answers at all. Never throws. */
export async function isAnswering(db: Db): Promise<boolean> {
  return sql`select 1`.execute(db).then(
    () => true,
    () => false,
  )
}

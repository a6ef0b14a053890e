import { ring } from '../db/bell.js'
import { changed, type Db, sql } from '../db/db.js'
import { goneMs } from './process.js'

/**
 * Gives back what processes held that are gone: forgotten, or silent for so long that whatever they asked has ended. One
 * that was only paused and comes back is fenced off by the epoch, as after a lease that ran out.
 * @returns how many leases
 */
export async function freeLeases(db: Db): Promise<number> {
  const isAbandoned = sql`lease_until > now() and lease_owner is not null and not exists (
    select 1 from processes p where p.id = lease_owner and p.beat_at >= now() - make_interval(secs => ${goneMs / 1000}))`
  const operations = await changed(
    db,
    sql`update operations set lease_until = null where ended_at is null and ${isAbandoned}`,
  )
  const debts = await changed(db, sql`update debts set lease_until = null where ${isAbandoned}`)
  if (operations) await ring(db, 'operations')
  if (debts) await ring(db, 'sweep')
  return operations + debts
}

import { changed, type Db, maybeOne, sql } from '../db/db.js'

export interface KeyRow {
  id: string
  bodyHash: Buffer
  /** Null until there is an answer. */
  status: number | null
  sealed: Buffer | null
  /** Whoever works on it may still be at work. */
  isUnderWay: boolean
}

/** Takes a key that nobody has used since `usedBefore`. @returns false when somebody has */
export async function takeKey(
  db: Db,
  key: { ownerId: string; hash: Buffer; bodyHash: Buffer; id: string; leaseMs: number; usedBefore: Date; at: Date },
): Promise<boolean> {
  // Old keys go as new ones come, so nobody has to sweep.
  await sql`delete from idempotency_keys where created_at < ${key.usedBefore}`.execute(db)
  return (
    (await changed(
      db,
      sql`insert into idempotency_keys (owner_id, hash, body_hash, id, lease_until, created_at)
      values (${key.ownerId}, ${key.hash}, ${key.bodyHash}, ${key.id},
        now() + make_interval(secs => ${key.leaseMs / 1000}), ${key.at})
      on conflict do nothing`,
    )) === 1
  )
}

export async function findKey(db: Db, ownerId: string, hash: Buffer): Promise<KeyRow | undefined> {
  return maybeOne(
    db,
    sql`select id, body_hash as "bodyHash", status, sealed, lease_until > now() as "isUnderWay"
    from idempotency_keys where owner_id = ${ownerId} and hash = ${hash}`,
  )
}

export async function keepAnswer(db: Db, id: string, status: number, sealed: Buffer): Promise<void> {
  await sql`update idempotency_keys set status = ${status}, sealed = ${sealed} where id = ${id}`.execute(db)
}

export async function freeKey(db: Db, id: string): Promise<void> {
  await sql`delete from idempotency_keys where id = ${id}`.execute(db)
}

/** Nobody works on it any more, and nobody knows how far it came. */
export async function breakOff(db: Db, id: string): Promise<void> {
  await sql`update idempotency_keys set lease_until = now() where id = ${id}`.execute(db)
}

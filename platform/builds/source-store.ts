import { type Db, maybeOne, rows, sql, type Tx } from '../db/db.js'
import type { Source } from './source.js'

const columns = sql`id, account_id as "accountId", hash, bytes, created_at as "createdAt", uploaded_at as "uploadedAt"`

export async function insertSource(
  db: Db,
  source: { id: string; accountId: string; hash: Buffer; at: Date },
): Promise<void> {
  await sql`insert into sources (id, account_id, hash, created_at)
    values (${source.id}, ${source.accountId}, ${source.hash}, ${source.at})`.execute(db)
}

export async function findSource(db: Db, id: string): Promise<Source | undefined> {
  return maybeOne(db, sql`select ${columns} from sources where id = ${id}`)
}

/** An archive that a build was made from is never replaced: slugs are rebuilt from it. */
export async function isSourceInUse(db: Db, id: string): Promise<boolean> {
  return (await maybeOne(db, sql`select 1 from builds where source_id = ${id} limit 1`)) !== undefined
}

export async function markUploaded(db: Db, id: string, bytes: number, at: Date): Promise<void> {
  await sql`update sources set bytes = ${bytes}, uploaded_at = ${at} where id = ${id}`.execute(db)
}

/** The archives that only this app's builds use. */
export async function listSourcesOfApp(db: Db, appId: string): Promise<string[]> {
  const found = await rows<{ id: string }>(
    db,
    sql`select distinct b.source_id as id from builds b where b.app_id = ${appId}
      and not exists (select 1 from builds o where o.source_id = b.source_id and o.app_id <> b.app_id)`,
  )
  return found.map(({ id }) => id)
}

/** Places that nobody built from since then. A build that is asked for meanwhile keeps its source. @returns their ids */
export async function dropUnusedSources(tx: Tx, before: Date): Promise<string[]> {
  const dropped = await rows<{ id: string }>(
    tx,
    sql`delete from sources s where s.created_at < ${before}
      and not exists (select 1 from builds b where b.source_id = s.id)
      and not exists (select 1 from slugs g where g.source_id = s.id) returning s.id`,
  )
  return dropped.map(({ id }) => id)
}

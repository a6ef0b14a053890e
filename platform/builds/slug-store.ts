import { isUuid } from '@mortise/contract/identity'
import { type Db, maybeOne, rows, sql, type Tx } from '../db/db.js'
import type { Slug } from './build.js'

const columns = sql`id, app_id as "appId", build_id as "buildId", source_id as "sourceId", bytes, checksum,
  process_types as "processTypes", buildpack, commit, stack, created_at as "createdAt"`

/** Keeps a slug and makes it the app's newest. Safe to repeat with the same id. */
export async function insertSlug(tx: Tx, slug: Slug): Promise<void> {
  await sql`insert into slugs (id, app_id, build_id, source_id, bytes, checksum, process_types, buildpack, commit, stack,
      created_at)
    values (${slug.id}, ${slug.appId}, ${slug.buildId}, ${slug.sourceId}, ${slug.bytes}, ${slug.checksum},
      ${JSON.stringify(slug.processTypes)}::jsonb, ${slug.buildpack}, ${slug.commit}, ${slug.stack}, ${slug.createdAt})
    on conflict (id) do nothing`.execute(tx)
  await sql`update apps set slug_id = ${slug.id}, updated_at = ${slug.createdAt} where id = ${slug.appId}`.execute(tx)
}

export async function findSlug(db: Db, id: string): Promise<Slug | undefined> {
  return maybeOne(db, sql`select ${columns} from slugs where id = ${id}`)
}

/** Whether a slug of that id was built for the app. */
export async function isSlugOf(db: Db, appId: string, id: string): Promise<boolean> {
  if (!isUuid(id)) return false
  return (await maybeOne(db, sql`select 1 from slugs where id = ${id} and app_id = ${appId}`)) !== undefined
}

export async function listSlugs(db: Db, appId: string): Promise<string[]> {
  const found = await rows<{ id: string }>(db, sql`select id from slugs where app_id = ${appId}`)
  return found.map(({ id }) => id)
}

import { isUuid } from '@mortise/contract/identity'
import { changed, type Db, maybeOne, one, rows, sql, type Tx } from '../db/db.js'
import type { Slug } from './build.js'

const columns = sql`id, app_id as "appId", build_id as "buildId", source_id as "sourceId", bytes, checksum,
  process_types as "processTypes", buildpack, commit, commit_description as "commitDescription", folder, stack, created_at as "createdAt"`

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

/** The app's slug of that id. */
export async function findSlugOf(db: Db, appId: string, id: string): Promise<Slug | undefined> {
  if (!isUuid(id)) return undefined
  return maybeOne(db, sql`select ${columns} from slugs where id = ${id} and app_id = ${appId}`)
}

/** Makes it the app's newest. */
export async function setSlugOfApp(tx: Tx, appId: string, id: string, at: Date): Promise<void> {
  await sql`update apps set slug_id = ${id}, updated_at = ${at} where id = ${appId}`.execute(tx)
}

/** A place for an archive that was built elsewhere. */
export async function insertSlugPlace(
  tx: Tx,
  slug: Pick<Slug, 'id' | 'appId' | 'processTypes' | 'buildpack' | 'commit' | 'commitDescription' | 'stack'> & {
    expectedChecksum: string | null
    at: Date
  },
): Promise<Slug> {
  return one(
    tx,
    sql`insert into slugs (id, app_id, process_types, buildpack, commit, commit_description, stack, expected_checksum,
      created_at)
    values (${slug.id}, ${slug.appId}, ${JSON.stringify(slug.processTypes)}::jsonb, ${slug.buildpack}, ${slug.commit},
      ${slug.commitDescription}, ${slug.stack}, ${slug.expectedChecksum}, ${slug.at})
    returning ${columns}`,
  )
}

/** Slugs of an app that were made to be uploaded and are in no release. */
export async function countUnreleasedSlugs(db: Db, appId: string): Promise<number> {
  const found = await one<{ count: number }>(
    db,
    sql`select count(*) from slugs s where s.app_id = ${appId} and s.build_id is null
      and not exists (select 1 from releases r where r.slug_id = s.id)`,
  )
  return found.count
}

export async function expectedChecksumOf(db: Db, id: string): Promise<string | null> {
  return (
    await one<{ expected: string | null }>(db, sql`select expected_checksum as expected from slugs where id = ${id}`)
  ).expected
}

/** @returns false when it was complete before */
export async function completeSlug(
  db: Db,
  slug: { id: string; bytes: number; checksum: string; folder: string | null },
): Promise<boolean> {
  return (
    (await changed(
      db,
      sql`update slugs set bytes = ${slug.bytes}, checksum = ${slug.checksum}, folder = ${slug.folder}
      where id = ${slug.id} and bytes is null and build_id is null`,
    )) > 0
  )
}

/** Places that nothing was uploaded to since then. */
export async function dropEmptySlugs(tx: Tx, before: Date): Promise<void> {
  await sql`delete from slugs where bytes is null and build_id is null and created_at < ${before}`.execute(tx)
}

/** Ids under which an app may have a file: a build keeps its slug's before the slug is written down. */
export async function listSlugFiles(db: Db, appId: string): Promise<string[]> {
  const found = await rows<{ id: string }>(
    db,
    sql`select id from slugs where app_id = ${appId} union select id from builds where app_id = ${appId}`,
  )
  return found.map(({ id }) => id)
}

import { ring } from '../db/bell.js'
import { changed, type Db, maybeOne, rows, sql, type Tx } from '../db/db.js'
import { type Build, buildLeaseMs, buildsAtOnceMax, outputCharactersMax } from './build.js'

const columns = sql`b.id, b.app_id as "appId", a.name as "appName", b.account_id as "accountId", o.email as "accountEmail",
  b.source_id as "sourceId", b.source_url as "sourceUrl", b.source_checksum as "sourceChecksum",
  b.source_version as "sourceVersion", b.source_description as "sourceDescription", b.purpose, b.status, b.stack,
  b.buildpack, b.buildpacks, b.message, b.sealed, b.slug_id as "slugId",
  (select bytes from slugs s where s.id = b.slug_id) as "slugBytes", b.release_id as "releaseId", b.epoch,
  b.created_at as "createdAt", b.updated_at as "updatedAt"`
const tables = sql`builds b join apps a on a.id = b.app_id join accounts o on o.id = b.account_id`

export interface NewBuild {
  id: string
  appId: string
  accountId: string
  sourceId: string
  sourceUrl: string
  sourceChecksum: string | null
  sourceVersion: string | null
  sourceDescription: string | null
  purpose: 'deploy' | 'config'
  stack: string
  /** Null goes by the app's. */
  buildpacks: readonly string[] | null
  sealed: Buffer
  /** Only for `config`: the release that it is made for. */
  releaseId: string | null
  at: Date
}

/** Writes the build as `pending` and wakes whoever builds. Safe to repeat with the same id. */
export async function insertBuild(tx: Tx, build: NewBuild): Promise<void> {
  await sql`insert into builds (id, app_id, account_id, source_id, source_url, source_checksum, source_version,
      source_description, purpose, status, stack, buildpacks, sealed, release_id, created_at, updated_at)
    values (${build.id}, ${build.appId}, ${build.accountId}, ${build.sourceId}, ${build.sourceUrl},
      ${build.sourceChecksum}, ${build.sourceVersion}, ${build.sourceDescription}, ${build.purpose}, 'pending',
      ${build.stack}, ${build.buildpacks}, ${build.sealed}, ${build.releaseId}, ${build.at}, ${build.at})
    on conflict (id) do nothing`.execute(tx)
  await ring(tx, 'build')
}

export async function findBuild(db: Db, id: string): Promise<Build | undefined> {
  return maybeOne(db, sql`select ${columns} from ${tables} where b.id = ${id}`)
}

/** Newest first. */
export async function listBuilds(db: Db, appId: string, most = 1000): Promise<Build[]> {
  return rows(
    db,
    sql`select ${columns} from ${tables} where b.app_id = ${appId} order by b.created_at desc, b.id limit ${most}`,
  )
}

/** The newest rebuild that was made for a release. */
export async function configBuildOf(db: Db, releaseId: string): Promise<Build | undefined> {
  return maybeOne(
    db,
    sql`select ${columns} from ${tables} where b.release_id = ${releaseId} and b.purpose = 'config'
      order by b.created_at desc limit 1`,
  )
}

/**
 * Takes a build: the one named, or any deploy whose turn it is. Only an app's oldest pending build has a turn, so
 * two never share its cache; and only so many are under way in all.
 */
export async function claimBuild(db: Db, id: string | null): Promise<Build | undefined> {
  const claimed = await maybeOne<{ id: string }>(
    db,
    sql`update builds set epoch = epoch + 1, lease_until = now() + ${buildLeaseMs} * interval '1 millisecond'
    where id = (
      select b.id from builds b
      where b.status = 'pending' and (b.lease_until is null or b.lease_until < now())
        and (b.id = ${id}::uuid or (${id}::uuid is null and b.purpose = 'deploy'))
        and not exists (select 1 from builds o where o.app_id = b.app_id and o.status = 'pending'
          and (o.created_at, o.id) < (b.created_at, b.id))
        and (select count(*) from builds r where r.status = 'pending' and r.lease_until > now()) < ${buildsAtOnceMax}
      order by b.created_at, b.id for update skip locked limit 1)
    returning id`,
  )
  return claimed && findBuild(db, claimed.id)
}

/** @returns false when somebody else has the build now, or it has ended */
export async function renewBuild(db: Db, id: string, epoch: number): Promise<boolean> {
  return (
    (await changed(
      db,
      sql`update builds set lease_until = now() + ${buildLeaseMs} * interval '1 millisecond'
      where id = ${id} and epoch = ${epoch} and status = 'pending'`,
    )) > 0
  )
}

/** Lets another take it at once: we are stopping. */
export async function giveBackBuild(db: Db, id: string, epoch: number): Promise<void> {
  await sql`update builds set lease_until = null
    where id = ${id} and epoch = ${epoch} and status = 'pending'`.execute(db)
}

/** The rest of a longer output is dropped; what is kept only ever grows at its end, so readers count characters. */
export async function appendOutput(db: Db, id: string, epoch: number, text: string): Promise<void> {
  await sql`update builds set output = left(output || ${text}, ${outputCharactersMax})
    where id = ${id} and epoch = ${epoch} and char_length(output) < ${outputCharactersMax}`.execute(db)
}

export interface OutputPart {
  text: string
  length: number
  status: string
}

/** The output from a place on, and whether more will come. */
export async function readOutput(db: Db, id: string, from: number): Promise<OutputPart | undefined> {
  return maybeOne(
    db,
    sql`select substr(output, ${from + 1}::int) as text, char_length(output) as length, status from builds where id = ${id}`,
  )
}

/** Ends a pending build. @returns false when it is no longer ours to end */
export async function endBuild(
  tx: Tx,
  end: {
    id: string
    epoch: number
    status: 'succeeded' | 'failed'
    slugId: string | null
    buildpack: string | null
    message: string | null
    at: Date
  },
): Promise<boolean> {
  return (
    (await changed(
      tx,
      sql`update builds set status = ${end.status}, slug_id = ${end.slugId}, buildpack = ${end.buildpack},
        message = ${end.message}, lease_until = null, updated_at = ${end.at}
      where id = ${end.id} and epoch = ${end.epoch} and status = 'pending'`,
    )) > 0
  )
}

/** Ends one pending build, whoever works on it. @returns undefined when it was over */
export async function cancelBuild(tx: Tx, id: string, message: string, at: Date): Promise<Build | undefined> {
  const ended = await changed(
    tx,
    sql`update builds set status = 'failed', message = ${message}, epoch = epoch + 1, lease_until = null,
      updated_at = ${at}
    where id = ${id} and status = 'pending'`,
  )
  return ended ? findBuild(tx, id) : undefined
}

/** What the owner of an app chose to build it with. */
export async function buildpacksOf(db: Db, appId: string): Promise<string[]> {
  const app = await maybeOne<{ buildpacks: string[] }>(db, sql`select buildpacks from apps where id = ${appId}`)
  return app?.buildpacks ?? []
}

export async function putBuildpacks(tx: Tx, appId: string, buildpacks: readonly string[], at: Date): Promise<void> {
  await sql`update apps set buildpacks = ${buildpacks}, updated_at = ${at} where id = ${appId}`.execute(tx)
}

export async function setBuildRelease(tx: Tx, id: string, releaseId: string): Promise<void> {
  await sql`update builds set release_id = ${releaseId} where id = ${id}`.execute(tx)
}

/** Ends an app's pending builds, whoever works on them; but for one. @returns those that ended now */
export async function cancelBuilds(
  tx: Tx,
  cancel: { appId: string; purpose: 'config' | null; exceptReleaseId: string | null; message: string; at: Date },
): Promise<Build[]> {
  const ended = await rows<{ id: string }>(
    tx,
    sql`update builds set status = 'failed', message = ${cancel.message}, epoch = epoch + 1, lease_until = null,
      updated_at = ${cancel.at}
    where app_id = ${cancel.appId} and status = 'pending'
      and (${cancel.purpose}::text is null or purpose = ${cancel.purpose})
      and (${cancel.exceptReleaseId}::uuid is null or release_id is distinct from ${cancel.exceptReleaseId}::uuid)
    returning id`,
  )
  return rows(tx, sql`select ${columns} from ${tables} where b.id = any(${ended.map((one) => one.id)}::uuid[])`)
}

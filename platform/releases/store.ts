import { isUuid } from '@mortise/contract/identity'
import type { ReleaseStatus } from '@mortise/contract/platform-api/releases'
import { ring } from '../db/bell.js'
import { type Db, maybeOne, one, rows, sql, type Tx } from '../db/db.js'
import type { Pin, Release } from './release.js'

const columns = sql`r.id, r.app_id as "appId", a.name as "appName", r.version, r.description,
  r.account_id as "accountId", r.actor_email as "actorEmail", r.slug_id as "slugId", r.snapshot_id as "snapshotId",
  coalesce((select s.process_types ? 'release' from slugs s where s.id = r.slug_id), false) as "hasCommand",
  r.status, r.message, r.operation_id as "operationId", r.addon_plan_names as "addonPlanNames",
  r.created_at as "createdAt", r.updated_at as "updatedAt"`
const tables = sql`releases r join apps a on a.id = r.app_id`

/** By id, by number, or by `v` and number. */
export async function findRelease(db: Db, appId: string, identity: string): Promise<Release | undefined> {
  if (isUuid(identity))
    return maybeOne(db, sql`select ${columns} from ${tables} where r.app_id = ${appId} and r.id = ${identity}`)
  const version = Number(/^v?(\d{1,9})$/i.exec(identity)?.[1] ?? 0)
  return maybeOne(db, sql`select ${columns} from ${tables} where r.app_id = ${appId} and r.version = ${version}`)
}

export async function releaseById(db: Db, id: string): Promise<Release | undefined> {
  return maybeOne(db, sql`select ${columns} from ${tables} where r.id = ${id}`)
}

/** What is kept of a release command's output. */
export const releaseOutputCharactersMax = 1024 * 1024

/** The rest of a longer output is dropped; what is kept only ever grows at its end, so readers count characters. */
export async function appendReleaseOutput(db: Db, id: string, text: string): Promise<void> {
  await sql`update releases set output = left(output || ${text}, ${releaseOutputCharactersMax})
    where id = ${id} and status = 'pending' and char_length(output) < ${releaseOutputCharactersMax}`.execute(db)
}

/** The output from a place on, and whether more will come. */
export async function readReleaseOutput(
  db: Db,
  id: string,
  from: number,
): Promise<{ text: string; length: number; isOver: boolean } | undefined> {
  return maybeOne(
    db,
    sql`select substr(output, ${from + 1}::int) as text, char_length(output) as length, status <> 'pending' as "isOver"
    from releases where id = ${id}`,
  )
}

/** The newest, whatever became of it. */
export async function latestRelease(db: Db, appId: string): Promise<Release | undefined> {
  return maybeOne(db, sql`select ${columns} from ${tables} where r.app_id = ${appId} order by r.version desc limit 1`)
}

/** The newest that did not fail: what the next release builds upon, and what is called current. */
export async function currentRelease(db: Db, appId: string): Promise<Release | undefined> {
  return maybeOne(
    db,
    sql`select ${columns} from ${tables} where r.app_id = ${appId}
    order by (r.status in ('succeeded', 'pending')) desc, r.version desc limit 1`,
  )
}

export async function releaseOfOperation(db: Db, operationId: string, appId: string): Promise<Release | undefined> {
  return maybeOne(
    db,
    sql`select ${columns} from ${tables} where r.operation_id = ${operationId} and r.app_id = ${appId}`,
  )
}

/** Newest first. */
export async function listReleases(db: Db, appId: string, most = 1000): Promise<Release[]> {
  return rows(db, sql`select ${columns} from ${tables} where r.app_id = ${appId} order by r.version desc limit ${most}`)
}

export async function insertRelease(
  tx: Tx,
  release: {
    id: string
    appId: string
    description: string
    accountId: string | null
    actorEmail: string
    slugId: string | null
    snapshotId: string
    status: ReleaseStatus
    operationId: string | null
    addonPlanNames: string[]
    at: Date
  },
  pins: readonly Pin[],
): Promise<Release> {
  const { version } = await one<{ version: number }>(
    tx,
    sql`update apps set last_version = last_version + 1,
      snapshot_id = ${release.snapshotId}, updated_at = ${release.at}, released_at = ${release.at}
    where id = ${release.appId} returning last_version as version`,
  )
  // The actor may be a provider, which has no account.
  await sql`insert into releases (id, app_id, version, description, account_id, actor_email, slug_id, snapshot_id, status,
      operation_id, addon_plan_names, created_at, updated_at)
    values (${release.id}, ${release.appId}, ${version}, ${release.description}, ${release.accountId},
      ${release.actorEmail}, ${release.slugId}, ${release.snapshotId}, ${release.status}, ${release.operationId},
      ${release.addonPlanNames}, ${release.at}, ${release.at})`.execute(tx)
  for (const pin of pins) {
    await sql`insert into release_pins (release_id, attachment_id, credential_id, names)
      values (${release.id}, ${pin.attachmentId}, ${pin.credentialId}, ${JSON.stringify(pin.names)}::jsonb)`.execute(tx)
  }
  return one(tx, sql`select ${columns} from ${tables} where r.id = ${release.id}`)
}

/** Zero rows (already so) is fine: safe to repeat. */
export async function setReleaseStatus(
  db: Db,
  id: string,
  status: ReleaseStatus,
  message: string | null,
  at: Date,
): Promise<void> {
  await sql`update releases set status = ${status}, message = coalesce(${message}, message), updated_at = ${at}
    where id = ${id}`.execute(db)
}

export async function setReleaseSlug(db: Db, id: string, slugId: string, at: Date): Promise<void> {
  await sql`update releases set slug_id = ${slugId}, updated_at = ${at} where id = ${id}`.execute(db)
}

export interface PinnedCredential extends Pin {
  addonId: string
  addonName: string
  credentialName: string
  version: number
  state: string
  /** The provider's names that this version has values for. */
  valueNames: string[]
  sealed: Buffer | null
}

export async function pinsOf(db: Db, releaseId: string): Promise<PinnedCredential[]> {
  return rows(
    db,
    sql`select p.attachment_id as "attachmentId", p.credential_id as "credentialId", p.names,
      c.addon_id as "addonId", d.name as "addonName", c.name as "credentialName", c.version, c.state,
      c.names as "valueNames", c.sealed
    from release_pins p join credentials c on c.id = p.credential_id join addons d on d.id = c.addon_id
    where p.release_id = ${releaseId}`,
  )
}

export interface PinnedAttachment {
  id: string
  name: string
  addonId: string
  addonName: string
  credentialId: string
}

/** What was attached with a release, by the names that it has or had in the app. */
export async function pinnedAttachments(db: Db, releaseId: string): Promise<PinnedAttachment[]> {
  return rows(
    db,
    sql`select t.id, t.name, d.id as "addonId", d.name as "addonName", p.credential_id as "credentialId"
    from release_pins p join attachments t on t.id = p.attachment_id join addons d on d.id = t.addon_id
    where p.release_id = ${releaseId} order by t.name`,
  )
}

export interface LivePin extends PinnedCredential {
  attachmentName: string
  planName: string
}

/** What a release made now would pin: each live attachment with the version in force. */
export async function livePins(db: Db, appId: string): Promise<LivePin[]> {
  return rows(
    db,
    sql`select t.id as "attachmentId", t.name as "attachmentName", c.id as "credentialId",
      t.config_names as names, c.addon_id as "addonId", d.name as "addonName", c.name as "credentialName", c.version,
      c.state, c.names as "valueNames", c.sealed, s.name || ':' || p.name as "planName"
    from attachments t join addons d on d.id = t.addon_id
      join addon_services s on s.id = d.service_id join plans p on p.id = d.plan_id
      join credentials c on c.addon_id = d.id and c.name = t.credential and c.state = 'active'
    where t.app_id = ${appId} and t.detached_at is null and d.state = 'provisioned'
    order by t.created_at, t.id`,
  )
}

export interface Snapshot {
  id: string
  names: string[]
  sealed: Buffer
}

export async function insertSnapshot(
  tx: Tx,
  snapshot: { id: string; appId: string; names: string[]; sealed: Buffer; at: Date },
): Promise<void> {
  await sql`insert into config_snapshots (id, app_id, names, sealed, created_at)
    values (${snapshot.id}, ${snapshot.appId}, ${snapshot.names}, ${snapshot.sealed}, ${snapshot.at})`.execute(tx)
}

export async function findSnapshot(db: Db, id: string): Promise<Snapshot | undefined> {
  return maybeOne(db, sql`select id, names, sealed from config_snapshots where id = ${id}`)
}

/**
 * Asks for what runs to become this release. A request during a roll sets the state back to `wanted`, so
 * that whoever rolls must make another pass when it finishes. Requests close together become one roll.
 * @param rebuild a customer's change rebuilds the slug; a provider's or a deploy's only restarts
 */
export async function requestRoll(
  tx: Tx,
  roll: { appId: string; releaseId: string; rebuild: boolean; notBefore: Date; at: Date },
): Promise<void> {
  await sql`insert into rolls (app_id, release_id, rebuild, state, not_before, requested_at, updated_at)
    values (${roll.appId}, ${roll.releaseId}, ${roll.rebuild}, 'wanted', ${roll.notBefore}, ${roll.at}, ${roll.at})
    on conflict (app_id) do update set release_id = excluded.release_id,
      rebuild = excluded.rebuild or (rolls.rebuild and rolls.state <> 'idle'),
      not_before = case when rolls.state = 'wanted' then least(rolls.not_before, excluded.not_before) else excluded.not_before end,
      tries = 0, state = 'wanted', requested_at = excluded.requested_at, updated_at = excluded.updated_at`.execute(tx)
  await ring(tx, 'roll')
}

import { ring } from '../db/bell.js'
import { changed, type Db, maybeOne, rows, sql, type Tx } from '../db/db.js'
import type { Roll } from './rolling.js'

/** How long a claimed roll is ours without a word from us. */
export const rollLeaseMs = 30_000
/** Several changes of the formation in one breath become one scaling. */
const scaleCoalesceMs = 50

const columns = sql`app_id as "appId", rebuild, state, running_release_id as "runningReleaseId", tries, epoch, message`

/** Asks for what runs to match the formation, without a new release. Safe to repeat. */
export async function requestScale(tx: Tx, scale: { appId: string; at: Date }): Promise<void> {
  const notBefore = new Date(scale.at.getTime() + scaleCoalesceMs)
  await sql`insert into rolls (app_id, state, not_before, requested_at, updated_at)
    values (${scale.appId}, 'wanted', ${notBefore}, ${scale.at}, ${scale.at})
    on conflict (app_id) do update set rebuild = rolls.rebuild and rolls.state <> 'idle',
      not_before = case when rolls.state = 'wanted' then least(rolls.not_before, excluded.not_before) else excluded.not_before end,
      tries = 0, state = 'wanted', requested_at = excluded.requested_at, updated_at = excluded.updated_at`.execute(tx)
  await ring(tx, 'roll')
}

/**
 * Asks for every app that has been deployed to run, without a new release. For a platform that has just started:
 * nothing runs yet, and whatever held a roll or a build before it is gone.
 */
export async function requestAllRolls(db: Db, at: Date): Promise<number> {
  await sql`update builds set lease_until = null where status = 'pending'`.execute(db)
  const wanted = await changed(
    db,
    sql`insert into rolls (app_id, state, not_before, requested_at, updated_at)
    select id, 'wanted', ${at}, ${at}, ${at} from apps
      where state = 'live' and kind = 'hosted' and slug_id is not null
    on conflict (app_id) do update set rebuild = rolls.rebuild and rolls.state <> 'idle', state = 'wanted',
      not_before = excluded.not_before, tries = 0, lease_until = null, epoch = rolls.epoch + 1,
      requested_at = excluded.requested_at, updated_at = excluded.updated_at`,
  )
  await ring(db, 'roll')
  await ring(db, 'build')
  return wanted
}

/** Takes a roll that is due. From here on a request during the roll sets its state back to `wanted`. */
export async function claimRoll(db: Db, at: Date): Promise<Roll | undefined> {
  return maybeOne(
    db,
    sql`update rolls set state = 'rolling', epoch = epoch + 1, updated_at = ${at}, message = null,
      lease_until = now() + ${rollLeaseMs} * interval '1 millisecond'
    where app_id = (select app_id from rolls
      where state <> 'idle' and not_before <= ${at} and (lease_until is null or lease_until < now())
      order by not_before for update skip locked limit 1)
    returning ${columns}`,
  )
}

/** When the next roll that nobody holds is due. */
export async function nextRollAt(db: Db): Promise<Date | null> {
  const next = await maybeOne<{ at: Date | null }>(
    db,
    sql`select min(not_before) as at from rolls where state <> 'idle' and (lease_until is null or lease_until < now())`,
  )
  return next?.at ?? null
}

/** @returns false when somebody else has it now, or the app is gone */
export async function renewRoll(db: Db, appId: string, epoch: number): Promise<boolean> {
  return (
    (await changed(
      db,
      sql`update rolls set lease_until = now() + ${rollLeaseMs} * interval '1 millisecond'
      where app_id = ${appId} and epoch = ${epoch}`,
    )) > 0
  )
}

/** Says where the roll is. A request that came meanwhile keeps its `wanted`. */
export async function tellProgress(
  db: Db,
  progress: { appId: string; epoch: number; state: Roll['state']; message: string | null; at: Date },
): Promise<void> {
  await sql`update rolls set state = case when state = 'wanted' then state else ${progress.state} end,
      message = ${progress.message}, updated_at = ${progress.at}
    where app_id = ${progress.appId} and epoch = ${progress.epoch}`.execute(db)
}

/**
 * Ends a pass. Who asked during it gets another one, with the rebuild that it may still need.
 * @returns false when the roll is no longer ours: then nothing of the pass may be written
 */
export async function finishRoll(
  tx: Tx,
  end: {
    appId: string
    epoch: number
    runningReleaseId: string | null
    again: boolean
    message: string | null
    at: Date
  },
): Promise<boolean> {
  const ended = await changed(
    tx,
    sql`update rolls set rebuild = rebuild and state = 'wanted',
      state = case when state = 'wanted' or ${end.again} then 'wanted' else 'idle' end,
      running_release_id = coalesce(${end.runningReleaseId}, running_release_id), tries = 0, lease_until = null,
      message = ${end.message}, finished_at = ${end.at}, updated_at = ${end.at}
    where app_id = ${end.appId} and epoch = ${end.epoch}`,
  )
  if (ended) await ring(tx, 'roll')
  return ended > 0
}

/** Lets the roll be taken again, not before a time. */
export async function postponeRoll(
  db: Db,
  delay: { appId: string; epoch: number; notBefore: Date; tries: number; message: string | null; at: Date },
): Promise<void> {
  await sql`update rolls set state = 'wanted', not_before = ${delay.notBefore}, tries = ${delay.tries},
      lease_until = null, message = ${delay.message}, updated_at = ${delay.at}
    where app_id = ${delay.appId} and epoch = ${delay.epoch}`.execute(db)
}

/** Older releases that never went out by themselves. @returns their ids and numbers */
export async function expireOlder(
  tx: Tx,
  older: { appId: string; version: number; message: string; at: Date },
): Promise<{ id: string; version: number }[]> {
  return rows(
    tx,
    sql`update releases set status = 'expired', message = ${older.message}, updated_at = ${older.at}
    where app_id = ${older.appId} and version < ${older.version} and status = 'pending' returning id, version`,
  )
}

export async function findRoll(db: Db, appId: string): Promise<Roll | undefined> {
  return maybeOne(db, sql`select ${columns} from rolls where app_id = ${appId}`)
}

export async function forgetRoll(tx: Tx, appId: string): Promise<void> {
  await sql`delete from rolls where app_id = ${appId}`.execute(tx)
}

/** The ids of an app's releases by number: drivers know releases by their numbers only. */
export async function releaseIds(db: Db, appId: string, versions: readonly number[]): Promise<Map<number, string>> {
  const found = await rows<{ id: string; version: number }>(
    db,
    sql`select id, version from releases where app_id = ${appId} and version = any(${[...new Set(versions)]}::int[])`,
  )
  return new Map(found.map(({ id, version }) => [version, id]))
}

import { changed, type Db, maybeOne, rows, sql, type Tx } from '../db/db.js'

/** Facts that were handed out, and that no delivery speaks of. @returns how many went, as below */
export async function dropEvents(tx: Tx, before: Date, most: number): Promise<number> {
  return changed(
    tx,
    sql`delete from events where seq in (select e.seq from events e
      where e.at < ${before} and e.published_at is not null
        and not exists (select 1 from webhook_events w where w.event_id = e.id)
      order by e.at limit ${most} for update skip locked)`,
  )
}

/**
 * Stories that ended, children before the story that they are part of. As long as a resource is not known to be gone, how
 * it came about is what an operator needs. What an operation made stays, and forgets which one it was.
 */
export async function dropOperations(tx: Tx, before: Date, most: number): Promise<number> {
  const found = await rows<{ id: string }>(
    tx,
    sql`select o.id from operations o where o.ended_at < ${before}
      and not exists (select 1 from operations c where c.parent_id = o.id)
      and not exists (select 1 from debts d where d.addon_id = o.subject
        and d.state in ('asked', 'owed', 'watching', 'stuck'))
      order by o.ended_at limit ${most} for update of o skip locked`,
  )
  const ids = found.map(({ id }) => id)
  if (ids.length === 0) return 0
  await sql`update events set operation_id = null where operation_id = any(${ids}::uuid[])`.execute(tx)
  await sql`update releases set operation_id = null where operation_id = any(${ids}::uuid[])`.execute(tx)
  await sql`update questions set operation_id = null where operation_id = any(${ids}::uuid[])`.execute(tx)
  await sql`delete from operation_log where operation_id = any(${ids}::uuid[])`.execute(tx)
  return changed(tx, sql`delete from operations where id = any(${ids}::uuid[])`)
}

/** The newest builds of an app are kept, and each whose slug is. Its source goes with the last that used it. */
export async function dropBuilds(tx: Tx, before: Date, most: number, newest: number): Promise<number> {
  return changed(
    tx,
    sql`delete from builds where id in (select b.id from builds b
      where b.status <> 'pending' and b.updated_at < ${before}
        and not exists (select 1 from slugs s where s.build_id = b.id or s.id = b.slug_id)
        and (select count(*) from builds n where n.app_id = b.app_id and n.created_at > b.created_at) >= ${newest}
      order by b.updated_at limit ${most} for update skip locked)`,
  )
}

/**
 * Of people: what a provider's grant leaves behind tells a late call that its add-on is gone. What hangs on an authorization
 * goes first, and the authorization in a later pass.
 */
export async function dropTokens(tx: Tx, before: Date, most: number): Promise<number> {
  return changed(
    tx,
    sql`delete from tokens where id in (select t.id from tokens t
      where t.account_id is not null and t.kind in ('web', 'authorization', 'client_access', 'client_refresh')
        and least(t.revoked_at, t.expires_at) < ${before}
        and not exists (select 1 from tokens h where h.authorization_id = t.id)
        and not exists (select 1 from oauth_codes c where c.authorization_id = t.id)
      limit ${most} for update skip locked)`,
  )
}

/** Links to a password or into a team, logins in the browser, and codes of programs, which point to tokens. */
export async function dropLinks(tx: Tx, before: Date, most: number): Promise<number> {
  const invites = await changed(
    tx,
    sql`delete from invites where id in (select id from invites
      where least(used_at, revoked_at, expires_at) < ${before} limit ${most} for update skip locked)`,
  )
  const teams = await changed(
    tx,
    sql`delete from team_invitations where id in (select id from team_invitations
      where least(accepted_at, revoked_at, expires_at) < ${before} limit ${most} for update skip locked)`,
  )
  const logins = await changed(
    tx,
    sql`delete from logins where id in (select id from logins where expires_at < ${before}
      limit ${most} for update skip locked)`,
  )
  const codes = await changed(
    tx,
    sql`delete from oauth_codes where hash in (select hash from oauth_codes where expires_at < ${before}
      limit ${most} for update skip locked)`,
  )
  return Math.max(invites, teams, logins, codes)
}

/** Not those that somebody works on, however long that takes. */
export async function dropIdempotencyKeys(tx: Tx, before: Date, most: number): Promise<number> {
  return changed(
    tx,
    sql`delete from idempotency_keys where (owner_id, hash) in (select owner_id, hash from idempotency_keys
      where created_at < ${before} and lease_until < now() limit ${most} for update skip locked)`,
  )
}

export async function dropProviderCalls(tx: Tx, before: Date, most: number): Promise<number> {
  return changed(
    tx,
    sql`delete from provider_calls where id in (select id from provider_calls where created_at < ${before}
      limit ${most} for update skip locked)`,
  )
}

/** The attempt itself stays, as the ledger does. */
export async function dropBodies(tx: Tx, before: Date, most: number): Promise<number> {
  return changed(
    tx,
    sql`update attempts set sent = null, received = null where (question_id, number) in (
      select question_id, number from attempts where sent_at < ${before} and (sent is not null or received is not null)
      limit ${most} for update skip locked)`,
  )
}

export interface Reach {
  /** What is younger is in reach. */
  before: Date
  /** So many of an app's newest releases are, whatever their age. */
  releases: number
}

/** Slugs that nothing in reach needs: no release that is new enough, or young enough, or on its way; no build; not the app. */
const beyond = ({ before, releases }: Reach) => sql`s.created_at < ${before}
  and not exists (select 1 from apps a where a.slug_id = s.id and a.state <> 'destroyed')
  and not exists (select 1 from builds b where b.slug_id = s.id and b.status = 'pending')
  and not exists (select 1 from releases r where r.slug_id = s.id and (
    r.status = 'pending' or r.created_at >= ${before}
    or r.id in (select release_id from rolls where app_id = r.app_id and release_id is not null
      union select running_release_id from rolls where app_id = r.app_id and running_release_id is not null)
    or (select count(*) from releases n where n.app_id = r.app_id and n.version > r.version) < ${releases}))`

/** An app of which some may go; those of a destroyed one are taken apart by another. */
export async function appWithOldSlugs(db: Db, reach: Reach): Promise<string | null> {
  const found = await maybeOne<{ appId: string }>(
    db,
    sql`select s.app_id as "appId" from slugs s join apps l on l.id = s.app_id and l.state = 'live'
      where ${beyond(reach)} order by s.created_at limit 1`,
  )
  return found?.appId ?? null
}

/**
 * @param less versions that run now: their slug is needed whatever is written down
 * @returns which went
 */
export async function dropSlugs(
  tx: Tx,
  appId: string,
  less: Reach & { running: readonly number[]; most: number; at: Date },
): Promise<string[]> {
  const found = await rows<{ id: string }>(
    tx,
    sql`select s.id from slugs s where s.app_id = ${appId} and ${beyond(less)}
      and not exists (select 1 from releases r where r.slug_id = s.id and r.version = any(${[...less.running]}::int[]))
      order by s.created_at limit ${less.most}`,
  )
  const ids = found.map(({ id }) => id)
  if (ids.length === 0) return []
  await sql`update releases set slug_id = null, updated_at = ${less.at},
      status = case when status = 'succeeded' then 'expired' else status end,
      message = case when status = 'succeeded' then 'Its slug was removed because of its age.' else message end
    where slug_id = any(${ids}::uuid[])`.execute(tx)
  await sql`update builds set slug_id = null where slug_id = any(${ids}::uuid[])`.execute(tx)
  await sql`delete from slugs where id = any(${ids}::uuid[])`.execute(tx)
  return ids
}

export async function knownSlugs(db: Db, ids: readonly string[]): Promise<Set<string>> {
  const found = await rows<{ id: string }>(db, sql`select id from slugs where id = any(${[...ids]}::uuid[])`)
  return new Set(found.map(({ id }) => id))
}

import type { Credential } from '../addons/credential-store.js'
import { changed, type Db, rows, sql } from '../db/db.js'

export interface StaleHead {
  appId: string
  addonId: string
  attachmentNames: string[]
  /** When a provider last made this app roll, or will. */
  lastProviderRollAt: Date | null
}

/** Apps whose newest release does not pin the version in force of an add-on that is attached to them. */
export async function staleHeads(db: Db, addonId: string | null): Promise<StaleHead[]> {
  return rows(
    db,
    sql`
    select t.app_id as "appId", t.addon_id as "addonId", array_agg(t.name order by t.name) as "attachmentNames",
      greatest(
        (select max(r.created_at) from releases r where r.app_id = t.app_id and r.account_id is null),
        (select w.not_before from rolls w join releases r on r.id = w.release_id and r.account_id is null
          where w.app_id = t.app_id)) as "lastProviderRollAt"
    from attachments t
      join addons d on d.id = t.addon_id and d.state = 'provisioned'
      join apps a on a.id = t.app_id and a.state = 'live'
      join credentials c on c.addon_id = d.id and c.name = t.credential and c.state = 'active'
      join lateral (select r.id from releases r where r.app_id = t.app_id order by r.version desc limit 1) newest on true
    where t.detached_at is null and (${addonId}::uuid is null or t.addon_id = ${addonId})
      and not exists (select 1 from release_pins p where p.release_id = newest.id and p.attachment_id = t.id and p.credential_id = c.id)
    group by t.app_id, t.addon_id`,
  )
}

/** One version of an add-on's values, and the apps that are on it. */
export interface KnownCredential extends Pick<Credential, 'id' | 'name' | 'version' | 'state' | 'names'> {
  createdAt: Date
  retiredAt: Date | null
  usedBy: { app: { id: string; name: string }; release: number }[]
}

/**
 * The versions of an add-on's values, newest first. An app uses one while its newest release pins it, or the one that
 * runs: the roll's, or what an external app pulled last.
 */
export async function listKnownCredentials(db: Db, addonId: string, most: number): Promise<KnownCredential[]> {
  return rows(
    db,
    sql`select c.id, c.name, c.version, c.state, c.names, c.created_at as "createdAt", c.retired_at as "retiredAt",
      coalesce(used.by, '[]') as "usedBy"
    from credentials c left join lateral (
      select jsonb_agg(jsonb_build_object('app', jsonb_build_object('id', one.id, 'name', one.name), 'release', one.version)
        order by one.name) as by
      from (
        select a.id, a.name, max(r.version) as version
        from release_pins p join releases r on r.id = p.release_id join apps a on a.id = r.app_id and a.state = 'live'
          left join rolls w on w.app_id = a.id
        where p.credential_id = c.id and (r.id = w.running_release_id or r.version = a.acknowledged_version
          or r.version = (select max(newest.version) from releases newest where newest.app_id = a.id))
        group by a.id) one
    ) used on true
    where c.addon_id = ${addonId} order by c.created_at desc, c.version desc limit ${most}`,
  )
}

/** A release that something runs on, by its app and number. */
export interface Running {
  appId: string
  version: number
}

/**
 * Old versions that nothing runs on any more, two hours after they were replaced, are shredded. Kept are those that
 * a roll needs, that dynos were started with, and that an external app may still run on: one that it pulled and did not
 * yet say to have left.
 * @param running what the driver runs, one-offs too
 * @returns how many
 */
export async function revokeRetired(
  db: Db,
  retiredBefore: Date,
  running: readonly Running[],
  at: Date,
): Promise<number> {
  return changed(
    db,
    sql`update credentials c set state = 'revoked', sealed = null, retired_at = ${at}
    where c.state = 'retiring' and c.retired_at < ${retiredBefore}
      and not exists (select 1 from release_pins p join rolls w on p.release_id in (w.running_release_id, w.release_id)
        where p.credential_id = c.id)
      and not exists (select 1 from release_pins p join releases r on r.id = p.release_id join apps a on a.id = r.app_id
        where p.credential_id = c.id and a.state = 'live'
          and (a.kind = 'external' and r.version >= coalesce(a.acknowledged_version, 0)
            or (r.app_id, r.version) in (select * from unnest(${running.map((one) => one.appId)}::uuid[],
              ${running.map((one) => one.version)}::int[]))))`,
  )
}

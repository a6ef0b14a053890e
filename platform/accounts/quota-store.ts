import type { QuotaName } from '@mortise/contract/platform-api/quotas'
import { type Db, one, rows, sql, type Tx } from '../db/db.js'

/** The setting that says how much each account may have, by name. */
export const quotasSetting = 'quotas'

export interface Limit {
  name: QuotaName
  most: number | null
  isOwn: boolean
}

const liveAppsOf = (accountId: string) => sql`select id from apps where owner_id = ${accountId} and state = 'live'`

/** What counts, while it is there. A dyno is one of the process types of the slug in force, whether it is up or not. */
const counts: Record<QuotaName, (accountId: string, at: Date) => ReturnType<typeof sql>> = {
  apps: (id) => sql`select count(*) from apps where owner_id = ${id} and state = 'live'`,
  'add-ons': (id) =>
    sql`select count(*) from addons where owner_id = ${id} and state in ('provisioning', 'provisioned')`,
  dynos: (id) => sql`select coalesce(sum(f.quantity), 0) as count from formation f
    join apps a on a.id = f.app_id and a.owner_id = ${id} and a.state = 'live'
    left join slugs s on s.id = a.slug_id where s.id is null or s.process_types ? f.type`,
  authorizations: (id, at) => sql`select count(*) from tokens where account_id = ${id} and kind = 'authorization'
    and revoked_at is null and (expires_at is null or expires_at > ${at})`,
  webhooks: (id) => sql`select count(*) from webhooks where app_id in (${liveAppsOf(id)})
    or addon_id in (select a.id from addons a where a.owner_id = ${id} and a.state <> 'deprovisioned') and side = 'customer'`,
  domains: (id) => sql`select count(*) from domains where app_id in (${liveAppsOf(id)})`,
  // The set-up of an app counts as its build from the order on, or all that are ordered at once would come to be built.
  builds: (
    id,
  ) => sql`select (select count(*) from builds where status = 'pending' and purpose = 'deploy' and app_id in (${liveAppsOf(id)}))
    + (select count(*) from operations o where o.saga = 'app.setup' and o.ended_at is null and o.app_id in (${liveAppsOf(id)})
      and not exists (select 1 from builds b where b.id = o.id)) as count`,
}

export async function usedBy(db: Db, accountId: string, name: QuotaName, at: Date): Promise<number> {
  return Number((await one<{ count: number | string }>(db, counts[name](accountId, at))).count)
}

/** The account's limits where there are any: its own first, else everybody's. */
export async function limitsOf(db: Db, accountId: string): Promise<Limit[]> {
  return rows(
    db,
    sql`select coalesce(o.name, d.key) as name, case when o.name is null then d.value::int else o.most end as most,
        o.name is not null as "isOwn"
      from (select * from account_quotas where account_id = ${accountId}) o
      full join (select e.key, e.value from settings s, jsonb_each_text(s.value) e where s.name = ${quotasSetting}) d
        on d.key = o.name`,
  )
}

/**
 * Until the transaction ends, so that two that are made at once are both counted. Taken after an app's lock and before an
 * add-on's, never otherwise: see ARCHITECTURE.md.
 */
export async function lockQuotas(tx: Tx, accountId: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`quotas:${accountId}`}, 0))`.execute(tx)
}

export async function putLimit(
  tx: Tx,
  accountId: string,
  name: QuotaName,
  most: number | null,
  at: Date,
): Promise<void> {
  await sql`insert into account_quotas (account_id, name, most, updated_at) values (${accountId}, ${name}, ${most}, ${at})
    on conflict (account_id, name) do update set most = excluded.most, updated_at = excluded.updated_at`.execute(tx)
}

export async function dropLimit(tx: Tx, accountId: string, name: QuotaName): Promise<void> {
  await sql`delete from account_quotas where account_id = ${accountId} and name = ${name}`.execute(tx)
}

/** A person or a team, by whatever names it. */
export async function findOwner(db: Db, identity: string): Promise<{ id: string; name: string } | undefined> {
  const [found] = await rows<{ id: string; name: string }>(
    db,
    sql`select a.id, coalesce(t.name, a.email) as name from accounts a
      left join teams t on t.account_id = a.id and t.deleted_at is null
      where a.deleted_at is null and (a.id::text = lower(${identity}) or lower(a.email) = lower(${identity}) or t.name = ${identity})
      limit 1`,
  )
  return found
}

/** Everybody's limits, as this start was told. */
export async function writeQuotas(db: Db, quotas: Partial<Record<QuotaName, number>>): Promise<void> {
  await sql`insert into settings (name, value) values (${quotasSetting}, ${JSON.stringify(quotas)}::jsonb)
    on conflict (name) do update set value = excluded.value`.execute(db)
}

import type { TeamRole } from '@mortise/contract/platform-api/teams'
import { type Db, maybeOne, rows, sql, type Tx } from '../db/db.js'
import type { Page } from './page.js'

/** A person or a team, with what the operator wants to see of each in a list. */
export interface Known {
  id: string
  kind: 'person' | 'team'
  email: string
  name: string | null
  isOperator: boolean
  createdAt: Date
  lastLoginAt: Date | null
  suspendedAt: Date | null
  suspendedReason: string | null
  apps: number
  addons: number
  cents: number
}

export interface KnownQuestion extends Page {
  kind: 'person' | 'team' | null
  state: 'active' | 'suspended' | 'operator' | null
  /** A part of the e-mail or of the name. */
  text: string
}

const columns = sql`a.id, case when a.is_team then 'team' else 'person' end as kind, a.email, coalesce(t.name, a.name) as name,
  a.is_operator as "isOperator", a.created_at as "createdAt", a.last_login_at as "lastLoginAt",
  a.suspended_at as "suspendedAt", a.suspended_reason as "suspendedReason"`
const tables = sql`accounts a left join teams t on t.account_id = a.id`
/** Nobody who left, no team that was deleted. */
const isThere = sql`a.deleted_at is null and (not a.is_team or t.deleted_at is null)`

/** As the list spells each field, so that a page begins where the one before ended. */
const keys: Record<string, ReturnType<typeof sql>> = {
  email: sql`a.email collate "C"`,
  created_at: sql`to_char(a.created_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') collate "C"`,
  id: sql`a.id::text collate "C"`,
}

/** One page. What each has is counted for the accounts of the page only, and for all of them at once. */
export async function listKnownAccounts(db: Db, { kind, state, text, ...page }: KnownQuestion): Promise<Known[]> {
  const key = keys[page.field] ?? keys['email']
  const pattern = `%${text.replace(/[\\%_]/g, '\\$&')}%`
  const [after, until] = page.descending ? [sql`<`, sql`>`] : [sql`>`, sql`<`]
  const bound = (at: Page['start'], direction: ReturnType<typeof sql>) => {
    if (!at) return sql`true`
    const sign = at.isOpen ? direction : sql`${direction}=`
    return at.id === null
      ? sql`${key} ${sign} ${at.value}`
      : sql`(${key}, a.id::text collate "C") ${sign} (${at.value}, ${at.id})`
  }
  const order = page.descending ? sql`desc` : sql`asc`
  return rows(
    db,
    sql`with page as (
        select ${columns}, ${key} as key from ${tables} where ${isThere}
          and (${kind}::text is null or a.is_team = (${kind} = 'team'))
          and ${state === 'suspended' ? sql`a.suspended_at is not null` : state === 'active' ? sql`a.suspended_at is null` : state === 'operator' ? sql`a.is_operator` : sql`true`}
          and ${text ? sql`(a.email ilike ${pattern} or coalesce(t.name, a.name) ilike ${pattern})` : sql`true`}
          and ${bound(page.start, after)} and ${bound(page.end, until)}
        order by ${key} ${order}, a.id::text collate "C" ${order} limit ${page.most}),
      ${counted(sql`select id from page`)}
    ${withCounts(sql`page`)} order by p.key ${order}, p.id::text collate "C" ${order}`,
  )
}

/** By id, e-mail, or a team's name. */
export async function findKnownAccount(db: Db, identity: string): Promise<Known | undefined> {
  return maybeOne(
    db,
    sql`with page as (select ${columns} from ${tables} where ${isThere}
        and (a.id::text = lower(${identity}) or lower(a.email) = lower(${identity}) or t.name = lower(${identity})) limit 1),
      ${counted(sql`select id from page`)}
    ${withCounts(sql`page`)}`,
  )
}

/** Apps, add-ons and what these cost a month at the price that each has now: what will be billed, as invoices count it. */
const counted = (ids: ReturnType<typeof sql>) => sql`
  app_counts as (select owner_id, count(*)::int as many from apps
    where owner_id in (${ids}) and state = 'live' group by owner_id),
  addon_counts as (select owner_id, count(*)::int as many from addons
    where owner_id in (${ids}) and state <> 'deprovisioned' group by owner_id),
  costs as (select c.owner_id, sum(r.cents)::int as cents from charges c join plan_prices r on r.id = c.price_id
      join addons d on d.id = c.addon_id join addon_services s on s.id = d.service_id
    where c.owner_id in (${ids}) and c.closed_at is null and c.voided_at is null and c.confirmed_at is not null
      and coalesce(c.stage, s.state) not in ('alpha', 'beta') group by c.owner_id)`

const withCounts = (page: ReturnType<typeof sql>) => sql`
  select p.*, coalesce(ac.many, 0) as apps, coalesce(dc.many, 0) as addons, coalesce(co.cents, 0) as cents
  from ${page} p left join app_counts ac on ac.owner_id = p.id left join addon_counts dc on dc.owner_id = p.id
    left join costs co on co.owner_id = p.id`

/** What hangs on one account: of a person tokens and teams, of a team members and services. */
export async function findBelongings(
  db: Db,
  accountId: string,
  at: Date,
): Promise<{
  authorizations: number
  sessions: number
  teams: { id: string; name: string; role: TeamRole }[]
  members: { id: string; email: string; role: TeamRole }[]
  allowed_services: { id: string; name: string }[]
}> {
  const isGood = sql`account_id = ${accountId} and revoked_at is null and (expires_at is null or expires_at > ${at})`
  const [found] = await rows<Awaited<ReturnType<typeof findBelongings>>>(
    db,
    sql`select (select count(*)::int from tokens where ${isGood} and kind = 'authorization') as authorizations,
      (select count(*)::int from tokens where ${isGood} and kind = 'web') as sessions,
      coalesce((select json_agg(json_build_object('id', t.id, 'name', t.name, 'role', m.role) order by t.name)
        from team_members m join teams t on t.id = m.team_id
        where m.account_id = ${accountId} and t.deleted_at is null), '[]') as teams,
      coalesce((select json_agg(json_build_object('id', b.id, 'email', b.email, 'role', m.role) order by b.email)
        from teams t join team_members m on m.team_id = t.id join accounts b on b.id = m.account_id
        where t.account_id = ${accountId} and t.deleted_at is null), '[]') as members,
      coalesce((select json_agg(json_build_object('id', s.id, 'name', s.name) order by s.name)
        from teams t join allowed_services l on l.team_id = t.id join addon_services s on s.id = l.service_id
        where t.account_id = ${accountId} and t.deleted_at is null), '[]') as allowed_services`,
  )
  if (!found) throw new Error('a select without a from answers one row')
  return found
}

export interface OwnedApp {
  id: string
  name: string
  isMaintenance: boolean
  createdAt: Date
  releasedAt: Date | null
  addons: number
}

export async function listAppsOf(db: Db, ownerId: string): Promise<OwnedApp[]> {
  return rows(
    db,
    sql`select a.id, a.name, a.maintenance as "isMaintenance", a.created_at as "createdAt", a.released_at as "releasedAt",
      coalesce(d.many, 0) as addons
    from apps a left join (select app_id, count(*)::int as many from addons
      where app_id in (select id from apps where owner_id = ${ownerId}) and state <> 'deprovisioned' group by app_id) d
      on d.app_id = a.id
    where a.owner_id = ${ownerId} and a.state = 'live' order by a.name`,
  )
}

/** Those who can still let somebody in. Locked in one order until the transaction ends, so that of two who go at once one stays. */
export async function lockOperators(tx: Tx): Promise<string[]> {
  const found = await rows<{ id: string }>(
    tx,
    sql`select id from accounts where is_operator and suspended_at is null and deleted_at is null order by id for update`,
  )
  return found.map(({ id }) => id)
}

/** With it end the links that lead to the account. @returns false when it was suspended already */
export async function suspendAccount(tx: Tx, id: string, reason: string, at: Date): Promise<boolean> {
  const suspended = await rows(
    tx,
    sql`update accounts set suspended_at = ${at}, suspended_reason = ${reason}, updated_at = ${at}
    where id = ${id} and suspended_at is null and deleted_at is null and not is_team returning id`,
  )
  if (suspended.length === 0) return false
  await sql`update invites set revoked_at = ${at}
    where account_id = ${id} and used_at is null and revoked_at is null`.execute(tx)
  await sql`delete from password_requests where account_id = ${id}`.execute(tx)
  return true
}

/** @returns false when it was not suspended */
export async function unsuspendAccount(tx: Tx, id: string, at: Date): Promise<boolean> {
  const freed = await rows(
    tx,
    sql`update accounts set suspended_at = null, suspended_reason = null, updated_at = ${at}
    where id = ${id} and suspended_at is not null and deleted_at is null returning id`,
  )
  return freed.length > 0
}

/** @returns false when it is so already */
export async function setOperator(tx: Tx, id: string, isOperator: boolean, at: Date): Promise<boolean> {
  const set = await rows(
    tx,
    sql`update accounts set is_operator = ${isOperator}, updated_at = ${at}
    where id = ${id} and is_operator <> ${isOperator} and deleted_at is null and not is_team returning id`,
  )
  return set.length > 0
}

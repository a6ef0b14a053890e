import { isUuid } from '@mortise/contract/identity'
import { changed, type Db, maybeOne, one, rows, sql, type Tx } from '../db/db.js'
import { type Addon, failedReadableHours } from './addon.js'
import type { AddonStake } from './permit.js'

const columns = sql`d.id, d.name, d.service_id as "serviceId", s.name as "serviceName", d.plan_id as "planId",
  s.name || ':' || p.name as "planName", p.actions as "planActions", d.price_id as "priceId", r.cents, r.contract, r.metered, r.unit,
  d.owner_id as "ownerId", d.app_id as "appId", a.name as "appName", d.region, d.state, d.provider_id as "providerId",
  d.provision_message as "provisionMessage", d.failed_at as "failedAt", d.created_at as "createdAt",
  d.updated_at as "updatedAt", d.deprovisioned_at as "deprovisionedAt"`

const tables = sql`addons d join addon_services s on s.id = d.service_id join plans p on p.id = d.plan_id
  join plan_prices r on r.id = d.price_id left join apps a on a.id = d.app_id`

/** Live ones, and failed ones for as long as their reason is kept readable. */
const readable = (at: Date) =>
  sql`(d.state <> 'deprovisioned' or d.failed_at > ${new Date(at.getTime() - failedReadableHours * 3_600_000)})`

/** By id or exact name. A live add-on wins over a failed one of the same name. */
export async function findAddon(db: Db, identity: string, at: Date): Promise<Addon | undefined> {
  const match = isUuid(identity) ? sql`d.id = ${identity.toLowerCase()}` : sql`d.name = ${identity}`
  return maybeOne(
    db,
    sql`select ${columns} from ${tables} where ${match} and ${readable(at)}
    order by (d.state = 'deprovisioned'), d.created_at desc limit 1`,
  )
}

/**
 * Billed to the app or attached to it: by id, by exact name, or by its attachment's name there. The add-on's own
 * name wins, then a live add-on over a failed one.
 */
export async function findAddonIn(db: Db, appId: string, identity: string, at: Date): Promise<Addon | undefined> {
  const attached = (name: string | null) => sql`exists (select 1 from attachments t where t.addon_id = d.id
    and t.app_id = ${appId} and t.detached_at is null
    and (${name}::text is null or (t.name = ${name} and t.replaces is null)))`
  const match = isUuid(identity)
    ? sql`d.id = ${identity.toLowerCase()}`
    : sql`(d.name = ${identity} or ${attached(identity.toUpperCase())})`
  return maybeOne(
    db,
    sql`select ${columns} from ${tables} where ${readable(at)} and (d.app_id = ${appId} or ${attached(null)}) and ${match}
    order by (d.name = ${identity}) desc, (d.state = 'deprovisioned'), d.created_at desc limit 1`,
  )
}

/** Whatever its state: for our own machinery. */
export async function addonById(db: Db, id: string): Promise<Addon | undefined> {
  return maybeOne(db, sql`select ${columns} from ${tables} where d.id = ${id}`)
}

/** Locked until the transaction ends, but not against rows that refer to it. Lock order: app, then add-on, then credential. */
export async function lockAddon(tx: Tx, id: string): Promise<Addon | undefined> {
  // Read after it is locked, as an app is: while one statement waited, a new plan would make the add-on seem to be gone.
  const locked = await maybeOne(tx, sql`select 1 from addons where id = ${id} for no key update`)
  return locked ? addonById(tx, id) : undefined
}

/** Several of them, in the one order in which everybody does: by id. */
export async function lockAddons(tx: Tx, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return
  await sql`select id from addons where id = any(${[...ids]}::uuid[]) order by id for no key update`.execute(tx)
}

/** What the account has to do with the add-on, through any app. */
export async function findStake(db: Db, addon: Addon, accountId: string): Promise<AddonStake> {
  const found = await one<AddonStake['billing'] & { isAttached: boolean }>(
    db,
    sql`select coalesce(a.owner_id = ${accountId}, false) as "isOwner", c.permissions, m.role,
      coalesce(a.locked, false) as "isLocked",
      exists (select 1 from attachments t where t.addon_id = d.id and t.detached_at is null
        and t.app_id in (${seenApps(accountId)})) as "isAttached"
    from addons d left join apps a on a.id = d.app_id
      left join collaborators c on c.app_id = a.id and c.account_id = ${accountId}
      left join teams e on e.account_id = a.owner_id
      left join team_members m on m.team_id = e.id and m.account_id = ${accountId}
    where d.id = ${addon.id}`,
  )
  const { isAttached, ...billing } = found
  return { isOwner: addon.ownerId === accountId, billing, isAttached }
}

/** Owned by the account, or billed to an app that it may see. */
export async function listAddonsOf(db: Db, accountId: string): Promise<Addon[]> {
  return rows(
    db,
    sql`select ${columns} from ${tables}
    where d.state <> 'deprovisioned' and (d.owner_id = ${accountId}
      or exists (select 1 from app_viewers v where v.app_id = d.app_id and v.account_id = ${accountId}))
    order by d.name`,
  )
}

/** Of one owner, as far as the viewer may see them (null: all). */
export async function listAddonsOfOwner(db: Db, ownerId: string, viewerId: string | null): Promise<Addon[]> {
  return rows(
    db,
    sql`select ${columns} from ${tables}
    where d.state <> 'deprovisioned' and d.owner_id = ${ownerId} and (${viewerId}::uuid is null
      or exists (select 1 from app_viewers v where v.app_id = d.app_id and v.account_id = ${viewerId}))
    order by d.name`,
  )
}

/** Every live add-on, for an operator who asks to see what is not theirs. */
export async function listAllAddons(db: Db): Promise<Addon[]> {
  return rows(db, sql`select ${columns} from ${tables} where d.state <> 'deprovisioned' order by d.name`)
}

const seenApps = (accountId: string) => sql`select o.id from apps o where o.state = 'live'
  and exists (select 1 from app_viewers v where v.app_id = o.id and v.account_id = ${accountId})`

/** Owned by the account, or billed or attached to an app that it may see. */
export async function listAddonsSeenBy(db: Db, accountId: string): Promise<Addon[]> {
  return rows(
    db,
    sql`select ${columns} from ${tables}
    where d.state <> 'deprovisioned' and (d.owner_id = ${accountId} or d.app_id in (${seenApps(accountId)})
      or exists (select 1 from attachments t where t.addon_id = d.id and t.detached_at is null
        and t.app_id in (${seenApps(accountId)})))
    order by d.name`,
  )
}

/** Attached by this exact name to any app that the account may see. */
export async function listAddonsAttachedAs(db: Db, accountId: string, name: string): Promise<Addon[]> {
  return rows(
    db,
    sql`select ${columns} from ${tables}
    where d.state <> 'deprovisioned' and exists (select 1 from attachments t where t.addon_id = d.id
      and t.name = ${name} and t.detached_at is null and t.app_id in (${seenApps(accountId)}))
    order by d.name`,
  )
}

/** Billed to the app, and those of other apps that are attached to it. */
export async function listAddonsOfApp(db: Db, appId: string): Promise<Addon[]> {
  return rows(
    db,
    sql`select ${columns} from ${tables}
    where d.state <> 'deprovisioned' and (d.app_id = ${appId}
      or exists (select 1 from attachments t where t.addon_id = d.id and t.app_id = ${appId} and t.detached_at is null))
    order by d.name`,
  )
}

export async function listBilledTo(db: Db, appId: string): Promise<Addon[]> {
  return rows(
    db,
    sql`select ${columns} from ${tables} where d.state <> 'deprovisioned' and d.app_id = ${appId} order by d.id`,
  )
}

/** For the provider of a service: its own resources and no others. */
export async function listAddonsOfService(db: Db, serviceId: string): Promise<Addon[]> {
  return rows(
    db,
    sql`select ${columns} from ${tables} where d.state <> 'deprovisioned' and d.service_id = ${serviceId} order by d.id`,
  )
}

/**
 * The names that each add-on sets on its billing app, the oldest attachment's first: what its active credentials
 * hold, as the attachments map it. Nothing while it is provisioning.
 */
export async function configNamesOnBillingApps(db: Db, addonIds: readonly string[]): Promise<Map<string, string[]>> {
  const found = await rows<{ addonId: string; configNames: Record<string, string>; names: string[] }>(
    db,
    sql`select t.addon_id as "addonId", t.config_names as "configNames", c.names
    from attachments t join addons d on d.id = t.addon_id and d.app_id = t.app_id
      join credentials c on c.addon_id = t.addon_id and c.name = t.credential and c.state = 'active'
    where t.addon_id = any(${[...addonIds]}) and t.detached_at is null
    order by t.created_at, t.id`,
  )
  const names = new Map<string, string[]>()
  for (const { addonId, configNames, names: given } of found) {
    const mapped = given.map((name) => configNames[name]).filter((name) => name !== undefined)
    names.set(addonId, [...new Set([...(names.get(addonId) ?? []), ...mapped])])
  }
  return names
}

/** Live add-ons that are billed to the app of this number, which is how older providers name it. */
export async function addonsOfHerokuId(db: Db, number: number): Promise<Addon[]> {
  return rows(
    db,
    sql`select ${columns} from ${tables} where d.state <> 'deprovisioned' and a.number = ${number}
    order by d.created_at, d.id`,
  )
}

/** @returns false when the name is in use; safe to repeat with the same id */
export async function insertAddon(
  tx: Tx,
  addon: {
    id: string
    name: string
    serviceId: string
    planId: string
    priceId: string
    ownerId: string
    appId: string
    region: string
    options: Buffer
    at: Date
  },
): Promise<boolean> {
  const inserted = await changed(
    tx,
    sql`insert into addons (id, name, service_id, plan_id, price_id, owner_id, app_id,
      region, state, options, created_at, updated_at)
    values (${addon.id}, ${addon.name}, ${addon.serviceId}, ${addon.planId}, ${addon.priceId}, ${addon.ownerId},
      ${addon.appId}, ${addon.region}, 'provisioning', ${addon.options}, ${addon.at}, ${addon.at})
    on conflict do nothing`,
  )
  if (inserted === 1) return true
  return (await addonById(tx, addon.id)) !== undefined
}

export async function addonOptions(db: Db, id: string): Promise<Buffer | null> {
  const row = await maybeOne<{ options: Buffer | null }>(db, sql`select options from addons where id = ${id}`)
  return row?.options ?? null
}

/** Names the state that is left; zero rows is an outcome. */
export async function moveAddon(
  tx: Tx,
  id: string,
  from: readonly Addon['state'][],
  to: Addon['state'],
  fields: { message?: string; providerId?: string | null; failed?: boolean; at: Date },
): Promise<boolean> {
  return (
    (await changed(
      tx,
      sql`update addons set state = ${to},
      provision_message = coalesce(${fields.message ?? null}, provision_message),
      provider_id = coalesce(${fields.providerId ?? null}, provider_id),
      failed_at = case when ${fields.failed ?? false} then ${fields.at}::timestamptz else failed_at end,
      deprovisioned_at = case when ${to} = 'deprovisioned' then ${fields.at}::timestamptz else null end,
      options = case when ${to} in ('provisioned', 'deprovisioned') then null else options end,
      updated_at = ${fields.at}
    where id = ${id} and state = any(${[...from]})`,
    )) > 0
  )
}

/** What a provider told about a resource that is still ours to know; kept whatever becomes of the add-on. */
export async function noteProviderId(db: Db, id: string, providerId: string): Promise<void> {
  await sql`update addons set provider_id = ${providerId} where id = ${id}`.execute(db)
}

/**
 * The name of another add-on in use whose provider told the same id, or undefined. Old providers answer one id for
 * several resources: whoever removes by id would remove that one too.
 */
export async function sharesProviderId(db: Db, id: string): Promise<string | undefined> {
  const found = await maybeOne<{ name: string }>(
    db,
    sql`select o.name from addons d join addons o
      on o.service_id = d.service_id and o.provider_id = d.provider_id and o.id <> d.id
    where d.id = ${id} and o.state in ('provisioning', 'provisioned') order by o.created_at limit 1`,
  )
  return found?.name
}

export async function setProvisionMessage(db: Db, id: string, message: string, at: Date): Promise<void> {
  await sql`update addons set provision_message = ${message}, updated_at = ${at} where id = ${id}`.execute(db)
}

export async function setPlan(tx: Tx, id: string, plan: { planId: string; priceId: string; at: Date }): Promise<void> {
  await sql`update addons set plan_id = ${plan.planId}, price_id = ${plan.priceId}, updated_at = ${plan.at} where id = ${id}`.execute(
    tx,
  )
}

/** @throws the database's duplicate error when the name is in use */
export async function renameAddon(tx: Tx, id: string, name: string, at: Date): Promise<void> {
  await sql`update addons set name = ${name}, updated_at = ${at} where id = ${id}`.execute(tx)
}

/** Its app got another owner. */
export async function setAddonOwner(tx: Tx, id: string, ownerId: string, at: Date): Promise<void> {
  await sql`update addons set owner_id = ${ownerId}, updated_at = ${at} where id = ${id}`.execute(tx)
}

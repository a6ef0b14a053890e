import { isUuid } from '@mortise/contract/identity'
import { changed, type Db, maybeOne, one, rows, sql, type Tx } from '../db/db.js'
import type { Secrets } from '../secrets/seal.js'
import type { Plan, Service } from './service.js'

const columns = sql`s.id, s.name, s.human_name as "humanName", s.state, s.protocol, s.owner_id as "ownerId",
  s.manifest_id as "manifestId", m.contents as manifest, s.client_secret_hash as "clientSecretHash",
  s.created_at as "createdAt", s.updated_at as "updatedAt"`

const tables = sql`addon_services s join manifests m on m.id = s.manifest_id`

/** By id or by exact name. */
export async function findService(db: Db, identity: string): Promise<Service | undefined> {
  return isUuid(identity)
    ? serviceById(db, identity.toLowerCase())
    : maybeOne(db, sql`select ${columns} from ${tables} where s.name = ${identity}`)
}

export async function serviceById(db: Db, id: string): Promise<Service | undefined> {
  return maybeOne(db, sql`select ${columns} from ${tables} where s.id = ${id}`)
}

export async function servicesByIds(db: Db, ids: readonly string[]): Promise<Service[]> {
  return rows(db, sql`select ${columns} from ${tables} where s.id = any(${[...ids]})`)
}

export async function listServices(db: Db): Promise<Service[]> {
  return rows(db, sql`select ${columns} from ${tables} order by s.name`)
}

/** The service, locked until the transaction ends: pushes of one slug go one after the other. */
export async function lockService(tx: Tx, name: string): Promise<Service | undefined> {
  return maybeOne(tx, sql`select ${columns} from ${tables} where s.name = ${name} for update of s`)
}

/** @returns false when the name is taken, also by a push that commits in this moment */
export async function insertService(
  tx: Tx,
  service: Omit<Service, 'manifest' | 'createdAt' | 'updatedAt'> & { at: Date },
): Promise<boolean> {
  const row = await maybeOne(
    tx,
    sql`insert into addon_services (id, name, human_name, state, protocol, owner_id, manifest_id, client_secret_hash,
      created_at, updated_at)
    values (${service.id}, ${service.name}, ${service.humanName}, ${service.state}, ${service.protocol},
      ${service.ownerId}, ${service.manifestId}, ${service.clientSecretHash}, ${service.at}, ${service.at})
    on conflict (name) do nothing returning id`,
  )
  return row !== undefined
}

export async function setManifest(
  tx: Tx,
  id: string,
  to: { manifestId: string; humanName: string; protocol: Service['protocol']; at: Date },
): Promise<void> {
  await sql`update addon_services set manifest_id = ${to.manifestId}, human_name = ${to.humanName},
    protocol = ${to.protocol}, updated_at = ${to.at} where id = ${id}`.execute(tx)
}

/** @returns the state that it left, or undefined when it was there already */
export async function setServiceState(
  tx: Tx,
  id: string,
  state: Service['state'],
  at: Date,
): Promise<Service['state'] | undefined> {
  const left = await maybeOne<{ state: Service['state'] }>(
    tx,
    sql`update addon_services s set state = ${state}, updated_at = ${at} from (select id, state from addon_services
      where id = ${id} for update) was where s.id = was.id and was.state <> ${state} returning was.state`,
  )
  return left?.state
}

export async function setClientSecret(tx: Tx, id: string, hash: Buffer, at: Date): Promise<void> {
  await sql`update addon_services set client_secret_hash = ${hash}, updated_at = ${at} where id = ${id}`.execute(tx)
}

/**
 * Every access token of every add-on of the service ends at once. Refresh tokens stay: they are worth nothing without
 * the service's new secret, and without them the provider would lose its add-ons for good.
 * @returns how many
 */
export async function revokeAccessTokensOfService(tx: Tx, serviceId: string, at: Date): Promise<number> {
  return changed(
    tx,
    sql`update tokens set revoked_at = ${at}, updated_at = ${at}
    where revoked_at is null and kind = 'grant_access'
      and addon_id in (select id from addons where service_id = ${serviceId})`,
  )
}

const planColumns = sql`p.id, p.service_id as "serviceId", s.name as "serviceName", p.name,
  s.name || ':' || p.name as "fullName", p.human_name as "humanName", p.description, p.features,
  p.is_default as "isDefault", p.state, p.visible, p.regions, p.price_id as "priceId", r.cents, r.unit, r.contract, r.metered,
  p.created_at as "createdAt", p.updated_at as "updatedAt", p.deleted_at as "deletedAt"`

const planTables = sql`plans p join addon_services s on s.id = p.service_id join plan_prices r on r.id = p.price_id`

/** By id or as `service:plan`; not deleted ones. */
export async function findPlan(db: Db, identity: string): Promise<Plan | undefined> {
  if (isUuid(identity)) {
    return maybeOne(
      db,
      sql`select ${planColumns} from ${planTables} where p.id = ${identity.toLowerCase()} and p.deleted_at is null`,
    )
  }
  const [service, plan, ...rest] = identity.split(':')
  if (!service || !plan || rest.length) return undefined
  return maybeOne(
    db,
    sql`select ${planColumns} from ${planTables} where s.name = ${service} and p.name = ${plan} and p.deleted_at is null`,
  )
}

/** By id, as `mini` or as `service:mini`; not deleted ones. */
export async function findPlanOf(db: Db, serviceId: string, identity: string): Promise<Plan | undefined> {
  const plan = isUuid(identity) || identity.includes(':') ? await findPlan(db, identity) : undefined
  if (plan) return plan.serviceId === serviceId ? plan : undefined
  return maybeOne(
    db,
    sql`select ${planColumns} from ${planTables}
    where p.service_id = ${serviceId} and p.name = ${identity} and p.deleted_at is null`,
  )
}

/** Deleted ones too. */
export async function planById(db: Db, id: string): Promise<Plan | undefined> {
  return maybeOne(db, sql`select ${planColumns} from ${planTables} where p.id = ${id}`)
}

/** Deleted ones too. */
export async function plansByIds(db: Db, ids: readonly string[]): Promise<Plan[]> {
  return rows(db, sql`select ${planColumns} from ${planTables} where p.id = any(${[...ids]})`)
}

export async function defaultPlan(db: Db, serviceId: string): Promise<Plan | undefined> {
  return maybeOne(
    db,
    sql`select ${planColumns} from ${planTables}
    where p.service_id = ${serviceId} and p.is_default and p.deleted_at is null`,
  )
}

/** The cheapest first; not deleted ones. */
export async function listPlans(db: Db, serviceId: string): Promise<Plan[]> {
  return rows(
    db,
    sql`select ${planColumns} from ${planTables}
    where p.service_id = ${serviceId} and p.deleted_at is null order by r.contract, r.cents, p.name`,
  )
}

/** What signs calls to the provider, and what signs its customers in. */
export interface ManifestSecrets {
  password: string
  ssoSalt: string
}

/** The secrets of the manifest that is in force. @throws when they were sealed under another master key */
export async function manifestSecrets(db: Db, secrets: Secrets, service: Service): Promise<ManifestSecrets> {
  const { sealed } = await one<{ sealed: Buffer }>(
    db,
    sql`select sealed from manifests where id = ${service.manifestId}`,
  )
  return openManifestSecrets(secrets, service.manifestId, sealed)
}

export function sealManifestSecrets(secrets: Secrets, manifestId: string, values: ManifestSecrets): Buffer {
  return secrets.seal(JSON.stringify(values), contextOf(manifestId))
}

export function openManifestSecrets(secrets: Secrets, manifestId: string, sealed: Buffer): ManifestSecrets {
  return JSON.parse(secrets.open(sealed, contextOf(manifestId)))
}

const contextOf = (manifestId: string) => `manifests:${manifestId}:1`

/** What a list of services says of their plans. */
export interface Offer {
  plans: number
  /** Of the cheapest plan that is listed; one by contract comes last. */
  lowest: Pick<Plan, 'cents' | 'unit' | 'contract' | 'metered'>
}

/** What each service (or this one) has on offer for everybody; those without a listed plan are absent. */
export async function offers(db: Db, serviceId: string | null = null): Promise<Map<string, Offer>> {
  const all = await rows<{ serviceId: string; plans: number } & Offer['lowest']>(
    db,
    sql`select distinct on (p.service_id) p.service_id as "serviceId",
      count(*) over (partition by p.service_id)::int as plans, r.cents, r.unit, r.contract, r.metered
    from plans p join plan_prices r on r.id = p.price_id
    where p.deleted_at is null and p.visible and p.state not in ('hidden', 'deprecated', 'invite_only')
      and (${serviceId}::uuid is null or p.service_id = ${serviceId}::uuid)
    order by p.service_id, r.contract, r.cents, p.name`,
  )
  return new Map(all.map(({ serviceId, plans, ...lowest }) => [serviceId, { plans, lowest }]))
}

/** Another text whenever something changed that the marketplace shows. Costs one look at small tables. */
export async function catalogStamp(db: Db): Promise<string> {
  const { stamp } = await one<{ stamp: string }>(
    db,
    sql`select concat_ws(' ',
      (select concat(count(*), ' ', extract(epoch from max(updated_at)), ' ', md5(string_agg(manifest_id::text || state, '' order by id)))
        from addon_services),
      (select concat(count(*), ' ', extract(epoch from max(updated_at)), ' ', md5(string_agg(price_id::text, '' order by id)))
        from plans),
      (select concat(count(*), ' ', extract(epoch from max(created_at))) from inspections),
      (select md5(string_agg(concat(a.id, a.name), '' order by a.id)) from accounts a
        where a.id in (select owner_id from addon_services))) as stamp`,
  )
  return stamp
}

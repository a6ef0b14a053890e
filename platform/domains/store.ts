import { isUuid } from '@mortise/contract/identity'
import { changed, type Db, maybeOne, one, rows, sql, type Tx } from '../db/db.js'
import type { CustomDomain } from './domain.js'

const columns = sql`d.id, d.app_id as "appId", d.hostname, d.created_at as "createdAt", d.updated_at as "updatedAt",
  (select json_build_object('id', e.id, 'name', e.name) from sni_endpoints e where e.id = d.sni_endpoint_id)
    as "sniEndpoint"`

export async function listDomains(db: Db, appId: string): Promise<CustomDomain[]> {
  return rows(db, sql`select ${columns} from domains d where d.app_id = ${appId} order by d.hostname`)
}

/** By id or by hostname as it is kept. */
export async function findDomain(db: Db, appId: string, identity: string): Promise<CustomDomain | undefined> {
  const which = isUuid(identity) ? sql`d.id = ${identity.toLowerCase()}` : sql`d.hostname = ${identity}`
  return maybeOne(db, sql`select ${columns} from domains d where d.app_id = ${appId} and ${which}`)
}

/** @returns undefined when the hostname leads to an app already */
export async function insertDomain(
  tx: Tx,
  domain: { id: string; appId: string; hostname: string; sniEndpointId: string | null; at: Date },
): Promise<CustomDomain | undefined> {
  const made = await changed(
    tx,
    sql`insert into domains (id, app_id, hostname, sni_endpoint_id, created_at, updated_at)
    values (${domain.id}, ${domain.appId}, ${domain.hostname}, ${domain.sniEndpointId}, ${domain.at}, ${domain.at})
    on conflict (hostname) do nothing`,
  )
  return made ? findDomain(tx, domain.appId, domain.id) : undefined
}

export async function setSniEndpoint(
  tx: Tx,
  id: string,
  sniEndpointId: string | null,
  at: Date,
): Promise<CustomDomain> {
  return one(
    tx,
    sql`update domains as d set sni_endpoint_id = ${sniEndpointId}, updated_at = ${at} where d.id = ${id}
    returning ${columns}`,
  )
}

export async function removeDomain(tx: Tx, id: string): Promise<boolean> {
  return (await changed(tx, sql`delete from domains where id = ${id}`)) > 0
}

export async function countDomains(db: Db, appId: string): Promise<number> {
  return (await one<{ count: number }>(db, sql`select count(*) from domains where app_id = ${appId}`)).count
}

/**
 * Whether somebody else's app is served under a name that this one would reach over or fall under. Two apps of one
 * owner may share a domain in this way; the longer name then wins.
 */
export async function isClaimedByOthers(
  db: Db,
  claim: { hostname: string; wildcard: string; ownerId: string },
): Promise<boolean> {
  const under = claim.hostname.startsWith('*.') ? `%${claim.hostname.slice(1)}` : null
  return (
    (await maybeOne(
      db,
      sql`select 1 from domains d join apps a on a.id = d.app_id
      where a.owner_id <> ${claim.ownerId} and (d.hostname = ${claim.wildcard} or d.hostname like ${under}) limit 1`,
    )) !== undefined
  )
}

/** All of an app's: it is being destroyed, and the names are free for others. Safe to repeat. */
export async function removeDomainsOf(tx: Tx, appId: string): Promise<void> {
  await sql`delete from domains where app_id = ${appId}`.execute(tx)
  await sql`delete from sni_endpoints where app_id = ${appId}`.execute(tx)
}

/** What the front needs to send a request on. */
export interface Served {
  id: string
  maintenance: boolean
}

/** The live app behind a hostname; the exact name before the wildcard. */
export async function findServed(db: Db, hostname: string, wildcard: string): Promise<Served | undefined> {
  return maybeOne(
    db,
    sql`select a.id, a.maintenance from domains d join apps a on a.id = d.app_id
    where d.hostname in (${hostname}, ${wildcard}) and a.state = 'live'
    order by d.hostname = ${hostname} desc limit 1`,
  )
}

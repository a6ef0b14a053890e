import { isUuid } from '@mortise/contract/identity'
import { changed, type Db, maybeOne, one, rows, sql, type Tx } from '../db/db.js'

/** A certificate and its key, for the domains that name it. */
export interface SniEndpoint {
  id: string
  appId: string
  name: string
  certificateChain: string
  isCaSigned: boolean
  sealed: Buffer
  version: number
  domainIds: string[]
  createdAt: Date
  updatedAt: Date
}

/** What a private key is sealed to. */
export const keyContext = (id: string, version: number) => `sni_endpoints:${id}:${version}`

const columns = sql`e.id, e.app_id as "appId", e.name, e.certificate_chain as "certificateChain",
  e.ca_signed as "isCaSigned", e.sealed, e.version, e.created_at as "createdAt", e.updated_at as "updatedAt",
  array(select d.id from domains d where d.sni_endpoint_id = e.id order by d.hostname) as "domainIds"`

export async function listSniEndpoints(db: Db, appId: string): Promise<SniEndpoint[]> {
  return rows(db, sql`select ${columns} from sni_endpoints e where e.app_id = ${appId} order by e.created_at, e.id`)
}

/** By id or name. */
export async function findSniEndpoint(db: Db, appId: string, identity: string): Promise<SniEndpoint | undefined> {
  const which = isUuid(identity) ? sql`e.id = ${identity.toLowerCase()}` : sql`e.name = ${identity}`
  return maybeOne(db, sql`select ${columns} from sni_endpoints e where e.app_id = ${appId} and ${which}`)
}

/** @throws when the app has one of that name */
export async function insertSniEndpoint(
  tx: Tx,
  row: Pick<SniEndpoint, 'id' | 'appId' | 'name' | 'certificateChain' | 'isCaSigned' | 'sealed'> & { at: Date },
): Promise<SniEndpoint> {
  return one(
    tx,
    sql`insert into sni_endpoints as e (id, app_id, name, certificate_chain, ca_signed, sealed, created_at, updated_at)
    values (${row.id}, ${row.appId}, ${row.name}, ${row.certificateChain}, ${row.isCaSigned}, ${row.sealed}, ${row.at},
      ${row.at}) returning ${columns}`,
  )
}

/** @returns undefined when it was replaced meanwhile: `version` is the one that the new key is sealed to */
export async function replacePair(
  tx: Tx,
  row: Pick<SniEndpoint, 'id' | 'certificateChain' | 'isCaSigned' | 'sealed' | 'version'> & { at: Date },
): Promise<SniEndpoint | undefined> {
  return maybeOne(
    tx,
    sql`update sni_endpoints as e set certificate_chain = ${row.certificateChain}, ca_signed = ${row.isCaSigned},
      sealed = ${row.sealed}, version = ${row.version}, updated_at = ${row.at}
    where e.id = ${row.id} and e.version = ${row.version - 1} returning ${columns}`,
  )
}

/** @returns false when it was removed meanwhile */
export async function removeSniEndpoint(tx: Tx, id: string): Promise<boolean> {
  return (await changed(tx, sql`delete from sni_endpoints where id = ${id}`)) > 0
}

/** The pair for a TLS client that asks for this name; the exact name before the wildcard. */
export async function findPairFor(
  db: Db,
  hostname: string,
  wildcard: string,
): Promise<Pick<SniEndpoint, 'id' | 'version' | 'certificateChain' | 'sealed'> | undefined> {
  return maybeOne(
    db,
    sql`select e.id, e.version, e.certificate_chain as "certificateChain", e.sealed
    from domains d join sni_endpoints e on e.id = d.sni_endpoint_id join apps a on a.id = d.app_id
    where d.hostname in (${hostname}, ${wildcard}) and a.state = 'live'
    order by d.hostname = ${hostname} desc limit 1`,
  )
}

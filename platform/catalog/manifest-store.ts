import type { Manifest } from '@mortise/contract/manifest/read'
import { type Db, maybeOne, one, rows, sql, type Tx } from '../db/db.js'
import type { Secrets } from '../secrets/seal.js'
import { withoutSecrets, withSecrets } from './approval.js'
import type { PublicManifest, Service } from './service.js'
import { openManifestSecrets, sealManifestSecrets } from './store.js'

/** One version of a service's manifest. */
export interface ManifestVersion {
  id: string
  revision: number
  contents: PublicManifest
  createdAt: Date
}

const columns = sql`id, revision, contents, created_at as "createdAt"`

/** The caller has locked the service, or just made it. @returns the revision */
export async function insertManifest(
  tx: Tx,
  secrets: Secrets,
  version: { id: string; serviceId: string; accountId: string; manifest: Manifest; at: Date },
): Promise<number> {
  const { api } = version.manifest
  const sealed = sealManifestSecrets(secrets, version.id, { password: api.password, ssoSalt: api.sso_salt })
  const { revision } = await one<{ revision: number }>(
    tx,
    sql`insert into manifests (id, service_id, account_id, revision, contents, sealed, created_at)
    select ${version.id}, ${version.serviceId}, ${version.accountId}, coalesce(max(revision), 0) + 1,
      ${JSON.stringify(withoutSecrets(version.manifest))}::json, ${sealed}, ${version.at}
    from manifests where service_id = ${version.serviceId}
    returning revision`,
  )
  return revision
}

/** What is in force, with its secrets. */
export async function currentManifest(
  db: Db,
  secrets: Secrets,
  service: Service,
): Promise<{ manifest: Manifest; revision: number }> {
  const found = await one<ManifestVersion & { sealed: Buffer }>(
    db,
    sql`select ${columns}, sealed from manifests where id = ${service.manifestId}`,
  )
  return {
    manifest: withSecrets(found.contents, openManifestSecrets(secrets, found.id, found.sealed)),
    revision: found.revision,
  }
}

/** The newest first. */
export async function listManifests(db: Db, serviceId: string): Promise<ManifestVersion[]> {
  return rows(db, sql`select ${columns} from manifests where service_id = ${serviceId} order by revision desc`)
}

export async function findManifest(db: Db, serviceId: string, id: string): Promise<ManifestVersion | undefined> {
  return maybeOne(db, sql`select ${columns} from manifests where service_id = ${serviceId} and id = ${id}`)
}

/** The secrets of any version. */
export async function secretsOf(db: Db, secrets: Secrets, manifestId: string) {
  const { sealed } = await one<{ sealed: Buffer }>(db, sql`select sealed from manifests where id = ${manifestId}`)
  return openManifestSecrets(secrets, manifestId, sealed)
}

import { type Db, rows, sql } from '../db/db.js'
import type { Secrets } from '../secrets/seal.js'
import type { Service } from './service.js'
import { type ManifestSecrets, openManifestSecrets } from './store.js'

/**
 * After a push of new secrets the old ones are good for so long, in both directions: a provider's instances are not all
 * changed in one moment. Sign-ons are signed with the newest from the push on.
 */
export const rotationHours = 24
/** Versions that are looked at: whoever pushes more often within a day has the last ones. */
const versionsMax = 20

/** Passwords and salts that are good at this time, the one in force first, no password twice. */
export async function secretsInForce(db: Db, secrets: Secrets, service: Service, at: Date): Promise<ManifestSecrets[]> {
  const since = new Date(at.getTime() - rotationHours * 3_600_000)
  const versions = await rows<{ id: string; sealed: Buffer }>(
    db,
    sql`select m.id, m.sealed from manifests m
      left join manifests n on n.service_id = m.service_id and n.revision = m.revision + 1
    where m.service_id = ${service.id} and (m.id = ${service.manifestId} or n.created_at > ${since})
    order by m.revision desc limit ${versionsMax}`,
  )
  const all = versions.map(({ id, sealed }) => openManifestSecrets(secrets, id, sealed))
  return all.filter((one, index) => all.findIndex(({ password }) => password === one.password) === index)
}

import { type InspectedCheck, inspectionsKept } from '@mortise/contract/platform-api/provider-portal'
import { type Db, maybeOne, one, rows, sql, type Tx } from '../db/db.js'

export interface InspectionRow {
  id: string
  serviceId: string
  manifestId: string
  revision: number
  passed: number
  failed: number
  warned: number
  checks: InspectedCheck[]
  createdAt: Date
}

const columns = sql`i.id, i.service_id as "serviceId", i.manifest_id as "manifestId", m.revision, i.passed, i.failed, i.warned, i.checks,
  i.created_at as "createdAt"`
const tables = sql`inspections i join manifests m on m.id = i.manifest_id`

/** Keeps a report beside the version in force, and forgets what is older than the newest few. */
export async function insertInspection(
  tx: Tx,
  report: {
    id: string
    serviceId: string
    manifestId: string
    accountId: string
    passed: number
    failed: number
    warned: number
    checks: readonly InspectedCheck[]
    at: Date
  },
): Promise<InspectionRow> {
  await sql`insert into inspections (id, service_id, manifest_id, account_id, passed, failed, warned, checks, created_at)
    values (${report.id}, ${report.serviceId}, ${report.manifestId}, ${report.accountId}, ${report.passed},
      ${report.failed}, ${report.warned}, ${JSON.stringify(report.checks)}::jsonb, ${report.at})`.execute(tx)
  // The newest that passed stays: it is what the badge speaks of.
  await sql`delete from inspections where service_id = ${report.serviceId}
    and id not in (select id from inspections where service_id = ${report.serviceId} order by created_at desc, id limit ${inspectionsKept})
    and id not in (select id from inspections where service_id = ${report.serviceId} and failed = 0
      order by created_at desc, id limit 1)`.execute(tx)
  return one(tx, sql`select ${columns} from ${tables} where i.id = ${report.id}`)
}

/** Newest first. */
export async function listInspections(db: Db, serviceId: string): Promise<InspectionRow[]> {
  return rows(
    db,
    sql`select ${columns} from ${tables} where i.service_id = ${serviceId} order by i.created_at desc, i.id`,
  )
}

export async function newestInspection(db: Db, serviceId: string): Promise<InspectionRow | undefined> {
  return maybeOne(
    db,
    sql`select ${columns} from ${tables} where i.service_id = ${serviceId} order by i.created_at desc, i.id limit 1`,
  )
}

/** Whether the service's newest inspection was of the manifest in force, and this check passed in it. */
export async function passedCheck(
  db: Db,
  service: { id: string; manifestId: string },
  checkId: string,
): Promise<boolean> {
  const found = await maybeOne<{ passed: boolean }>(
    db,
    sql`select i.manifest_id = ${service.manifestId} and i.checks @> ${JSON.stringify([{ id: checkId, status: 'pass' }])}::jsonb as passed
    from inspections i where i.service_id = ${service.id} order by i.created_at desc, i.id limit 1`,
  )
  return found?.passed === true
}

/** When each service (or this one) last passed, and at which number of its manifest; those that never did are absent. */
export async function lastPassed(
  db: Db,
  serviceId: string | null = null,
): Promise<Map<string, { at: Date; revision: number }>> {
  const all = await rows<{ serviceId: string; at: Date; revision: number }>(
    db,
    sql`select distinct on (i.service_id) i.service_id as "serviceId", i.created_at as at, m.revision
    from ${tables} where i.failed = 0 and (${serviceId}::uuid is null or i.service_id = ${serviceId}::uuid)
    order by i.service_id, i.created_at desc`,
  )
  return new Map(all.map(({ serviceId, at, revision }) => [serviceId, { at, revision }]))
}

import type { stageRequestStates } from '@mortise/contract/platform-api/stage-requests'
import { type Db, maybeOne, rows, sql, type Tx } from '../db/db.js'

export interface StageRequestRow {
  id: string
  service: { id: string; name: string }
  ownerId: string
  stage: 'beta' | 'ga'
  state: (typeof stageRequestStates)[number]
  askedBy: string | null
  note: string | null
  reason: string | null
  createdAt: Date
  endedAt: Date | null
}

/** How many of a service are told, the newest first. */
const toldMax = 50

const columns = sql`r.id, json_build_object('id', s.id, 'name', s.name) as service, s.owner_id as "ownerId", r.stage, r.state,
  a.email as "askedBy", r.note, r.reason, r.created_at as "createdAt", r.ended_at as "endedAt"`
const tables = sql`stage_requests r join addon_services s on s.id = r.service_id
  left join accounts a on a.id = r.account_id and a.deleted_at is null`

export async function stageRequestsOf(db: Db, serviceId: string): Promise<StageRequestRow[]> {
  return rows(
    db,
    sql`select ${columns} from ${tables} where r.service_id = ${serviceId} order by r.created_at desc, r.id limit ${toldMax}`,
  )
}

export async function findStageRequest(db: Db, id: string): Promise<StageRequestRow | undefined> {
  return maybeOne(db, sql`select ${columns} from ${tables} where r.id = ${id}`)
}

/** The one of a service that nobody answered yet. */
export async function openStageRequest(db: Db, serviceId: string): Promise<StageRequestRow | undefined> {
  return maybeOne(db, sql`select ${columns} from ${tables} where r.service_id = ${serviceId} and r.state = 'open'`)
}

export interface OpenStageRequest extends StageRequestRow {
  currentStage: string
  /** Of the manifest that is in force. */
  revision: number
  newest: { createdAt: Date; failed: number; revision: number } | null
}

/** All that are open, with where each service stands and its newest inspection: one question however many they are. */
export async function openStageRequests(db: Db): Promise<OpenStageRequest[]> {
  const found = await rows<
    OpenStageRequest & { inspectedAt: Date | null; failed: number | null; inspectedRevision: number | null }
  >(
    db,
    sql`select ${columns}, s.state as "currentStage", m.revision, i.created_at as "inspectedAt", i.failed,
      i.revision as "inspectedRevision"
    from ${tables} join manifests m on m.id = s.manifest_id
      left join lateral (select i.created_at, i.failed, n.revision from inspections i join manifests n on n.id = i.manifest_id
        where i.service_id = s.id order by i.created_at desc, i.id limit 1) i on true
    where r.state = 'open' order by r.created_at, r.id`,
  )
  return found.map(({ inspectedAt, failed, inspectedRevision, ...one }) => ({
    ...one,
    newest: inspectedAt && { createdAt: inspectedAt, failed: failed ?? 0, revision: inspectedRevision ?? 0 },
  }))
}

/** The caller has locked the service and found none that is open. */
export async function insertStageRequest(
  tx: Tx,
  asked: { id: string; serviceId: string; accountId: string; stage: 'beta' | 'ga'; note: string | null; at: Date },
): Promise<void> {
  await sql`insert into stage_requests (id, service_id, account_id, stage, state, note, created_at)
    values (${asked.id}, ${asked.serviceId}, ${asked.accountId}, ${asked.stage}, 'open', ${asked.note}, ${asked.at})`.execute(
    tx,
  )
}

/** @returns whether it was open until now */
export async function endStageRequest(
  tx: Tx,
  id: string,
  end: { state: 'granted' | 'declined' | 'withdrawn'; reason?: string; at: Date },
): Promise<boolean> {
  const ended = await maybeOne(
    tx,
    sql`update stage_requests set state = ${end.state}, reason = ${end.reason ?? null}, ended_at = ${end.at}
    where id = ${id} and state = 'open' returning id`,
  )
  return ended !== undefined
}

import { type Db, rows, sql } from '../db/db.js'
import type { RecordedEvent } from './store.js'

export interface ActivityQuestion {
  appId: string
  action?: string
  /** E-mail of who did it. */
  actor?: string
  resource?: string
  /** Bounds of `seq`, both included. */
  from: number | null
  to: number | null
  descending: boolean
  most: number
}

/** What happened on an app. Dynos come and go by themselves all day, so they are told only when asked for by name. */
export async function listActivity(db: Db, question: ActivityQuestion): Promise<RecordedEvent[]> {
  const { appId, action = null, actor = null, resource = null, from, to, descending, most } = question
  return rows(
    db,
    sql`select seq, id, at, actor, action, resource, subject, data, previous_data as "previousData"
    from events where app_id = ${appId}
      and (${action}::text is null or action = ${action}) and (${actor}::text is null or lower(actor ->> 'email') = lower(${actor}))
      and (resource = ${resource} or ${resource}::text is null and resource <> 'dyno')
      and (${from}::bigint is null or seq >= ${from}) and (${to}::bigint is null or seq <= ${to})
    order by case when ${descending} then -seq else seq end limit ${most}`,
  )
}

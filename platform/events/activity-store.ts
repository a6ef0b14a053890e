import { type Db, rows, sql } from '../db/db.js'
import type { RecordedEvent } from './store.js'

export interface ActivityQuestion {
  /** Null: of the whole installation. */
  appId: string | null
  /** What happened to a person or in a team; of a person also what happened to them in teams. */
  accountId?: string
  since?: Date | null
  until?: Date | null
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

/** What happened on an app, or anywhere. Dynos come and go by themselves all day, so they are told only when asked for by name. */
export async function listActivity(
  db: Db,
  question: ActivityQuestion,
): Promise<(RecordedEvent & { appId: string | null })[]> {
  const {
    appId,
    accountId = null,
    since = null,
    until = null,
    action = null,
    actor = null,
    resource = null,
    from,
    to,
    descending,
    most,
  } = question
  return rows(
    db,
    sql`select seq, id, at, actor, action, resource, subject, data, previous_data as "previousData", app_id as "appId"
    from events where (${appId}::uuid is null or app_id = ${appId})
      and ${accountId === null ? sql`true` : sql`account_id is not null and (account_id = ${accountId} or subject = ${accountId})`}
      and (${since}::timestamptz is null or at >= ${since}) and (${until}::timestamptz is null or at <= ${until})
      and (${action}::text is null or action = ${action}) and (${actor}::text is null or lower(actor ->> 'email') = lower(${actor}))
      and (resource = ${resource} or ${resource}::text is null and resource <> 'dyno')
      and (${from}::bigint is null or seq >= ${from}) and (${to}::bigint is null or seq <= ${to})
    order by ${descending ? sql`seq desc` : sql`seq`} limit ${most}`,
  )
}

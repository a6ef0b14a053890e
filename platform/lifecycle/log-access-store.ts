import { type Db, rows, sql } from '../db/db.js'

/** Add-ons on apps whose service's manifest asks for something of the log that they do not have yet. */
export async function addonsWithoutLogAccess(db: Db): Promise<{ addonId: string; appId: string }[]> {
  const wants = (word: string) => sql`(m.contents -> 'api' -> 'requires')::jsonb ? ${word}`
  return rows(
    db,
    sql`select distinct d.id as "addonId", t.app_id as "appId"
    from addons d join addon_services s on s.id = d.service_id join manifests m on m.id = s.manifest_id
      join attachments t on t.addon_id = d.id and t.detached_at is null
    where d.state = 'provisioned'
      and ((${wants('log_input')} and not exists (select 1 from log_inputs i where i.addon_id = d.id and i.app_id = t.app_id))
        or (${wants('syslog_drain')} and not exists (select 1 from log_drains l where l.addon_id = d.id and l.app_id = t.app_id)))
    limit 200`,
  )
}

import { logInputContext } from '../addons/log-input.js'
import { changed, type Db, maybeOne, sql, type Tx } from '../db/db.js'
import type { Secrets } from '../secrets/seal.js'
import { newUuidToken, tokenHash } from '../secrets/tokens.js'

/** Lets an add-on write into an app's log. Safe to repeat: what is there stays. @returns its token */
export async function ensureLogInput(
  tx: Tx,
  secrets: Secrets,
  input: { addonId: string; appId: string; at: Date },
): Promise<string> {
  const { addonId, appId, at } = input
  const context = logInputContext(addonId, appId)
  const token = newUuidToken('t.')
  const made = await changed(
    tx,
    sql`insert into log_inputs (addon_id, app_id, hash, sealed, created_at)
    values (${addonId}, ${appId}, ${tokenHash(token)}, ${secrets.seal(token, context)}, ${at}) on conflict do nothing`,
  )
  return made ? token : ((await findLogInput(tx, secrets, addonId, appId)) ?? token)
}

export async function findLogInput(db: Db, secrets: Secrets, addonId: string, appId: string): Promise<string | null> {
  const row = await maybeOne<{ sealed: Buffer }>(
    db,
    sql`select sealed from log_inputs where addon_id = ${addonId} and app_id = ${appId}`,
  )
  return row ? secrets.open(row.sealed, logInputContext(addonId, appId)) : null
}

/** Who writes where, by the hash of the token: as long as the add-on is there, and on the app or billed to it. */
export interface LogWriter {
  addonId: string
  addonName: string
  serviceName: string
  appId: string
}

export async function logWriterBy(db: Db, hash: Buffer): Promise<LogWriter | undefined> {
  return maybeOne(
    db,
    sql`select d.id as "addonId", d.name as "addonName", s.name as "serviceName", i.app_id as "appId"
    from log_inputs i join addons d on d.id = i.addon_id join addon_services s on s.id = d.service_id
      join apps a on a.id = i.app_id
    where i.hash = ${hash} and d.state <> 'deprovisioned' and a.state = 'live'
      and (d.app_id = a.id or exists (select 1 from attachments t
        where t.addon_id = d.id and t.app_id = a.id and t.detached_at is null))`,
  )
}

/** It left an app, unless it is there by another attachment. Safe to repeat. */
export async function endLogInput(tx: Tx, addonId: string, appId: string): Promise<void> {
  await sql`delete from log_inputs i where addon_id = ${addonId} and app_id = ${appId} and not exists (
    select 1 from attachments t where t.addon_id = i.addon_id and t.app_id = i.app_id and t.detached_at is null)`.execute(
    tx,
  )
}

/** It is gone. Safe to repeat. */
export async function endLogInputs(tx: Tx, addonId: string): Promise<void> {
  await sql`delete from log_inputs where addon_id = ${addonId}`.execute(tx)
}

import { type Db, rows, sql } from '../db/db.js'

/** In which apps these add-ons are attached. */
export async function appsOfAddons(db: Db, addonIds: readonly string[]): Promise<{ addonId: string; appId: string }[]> {
  return rows(
    db,
    sql`select distinct addon_id as "addonId", app_id as "appId" from attachments
      where addon_id = any(${[...addonIds]}::uuid[]) and detached_at is null`,
  )
}

/** Who of these accounts may see which of these apps; an app that was destroyed is its owner's still. */
export async function viewersOf(
  db: Db,
  accountIds: readonly string[],
  appIds: readonly string[],
): Promise<{ accountId: string; appId: string }[]> {
  return rows(
    db,
    sql`select distinct account_id as "accountId", app_id as "appId" from app_viewers
      where account_id = any(${[...accountIds]}::uuid[]) and app_id = any(${[...appIds]}::uuid[])`,
  )
}

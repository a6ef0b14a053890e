import { isUuid } from '@mortise/contract/identity'
import { changed, type Db, maybeOne, rows, sql, type Tx } from '../db/db.js'
import type { Attachment } from './attachment.js'

const columns = sql`t.id, t.name, t.namespace, t.credential, t.app_id as "appId", a.name as "appName",
  t.addon_id as "addonId", d.name as "addonName", d.state as "addonState", d.app_id as "billingAppId",
  b.name as "billingAppName", d.plan_id as "planId", s.name || ':' || p.name as "planName", s.name as "serviceName",
  t.config_names as "configNames", i.sealed as "sealedLogInput", t.created_at as "createdAt", t.updated_at as "updatedAt"`

const tables = sql`attachments t join apps a on a.id = t.app_id join addons d on d.id = t.addon_id
  join addon_services s on s.id = d.service_id join plans p on p.id = d.plan_id left join apps b on b.id = d.app_id
  left join log_inputs i on i.addon_id = t.addon_id and i.app_id = t.app_id`

export async function listAttachmentsOfApp(db: Db, appId: string): Promise<Attachment[]> {
  return rows(
    db,
    sql`select ${columns} from ${tables} where t.app_id = ${appId} and t.detached_at is null order by t.created_at, t.id`,
  )
}

export async function listAttachmentsOfAddon(db: Db, addonId: string): Promise<Attachment[]> {
  return rows(
    db,
    sql`select ${columns} from ${tables} where t.addon_id = ${addonId} and t.detached_at is null order by t.created_at, t.id`,
  )
}

/** In apps that the account may see. */
export async function listAttachmentsFor(db: Db, accountId: string): Promise<Attachment[]> {
  return rows(
    db,
    sql`select ${columns} from ${tables}
    where t.detached_at is null and a.state = 'live'
      and exists (select 1 from app_viewers v where v.app_id = a.id and v.account_id = ${accountId})
    order by t.created_at, t.id`,
  )
}

/** By id, or by exact name within an app. */
export async function findAttachment(db: Db, identity: string, appId?: string): Promise<Attachment | undefined> {
  if (isUuid(identity)) {
    return maybeOne(
      db,
      sql`select ${columns} from ${tables} where t.id = ${identity.toLowerCase()}
      and t.detached_at is null and (${appId ?? null}::uuid is null or t.app_id = ${appId ?? null})`,
    )
  }
  if (appId === undefined) return undefined
  return maybeOne(
    db,
    sql`select ${columns} from ${tables}
    where t.app_id = ${appId} and t.name = ${identity.toUpperCase()} and t.detached_at is null
    order by (t.replaces is not null) limit 1`,
  )
}

/** Detached ones too: for our own machinery. */
export async function attachmentById(db: Db, id: string): Promise<Attachment | undefined> {
  return maybeOne(db, sql`select ${columns} from ${tables} where t.id = ${id}`)
}

/** The config var names that each attachment sets in its app now. Nothing while its add-on is provisioning. */
export async function configNamesOf(db: Db, attachments: readonly Attachment[]): Promise<Map<string, string[]>> {
  const found = await rows<{ id: string; names: string[] }>(
    db,
    sql`select t.id, c.names from attachments t
      join credentials c on c.addon_id = t.addon_id and c.name = t.credential and c.state = 'active'
    where t.id = any(${attachments.map((attachment) => attachment.id)})`,
  )
  const given = new Map(found.map(({ id, names }) => [id, names]))
  return new Map(
    attachments.map(({ id, configNames }) => [
      id,
      (given.get(id) ?? []).map((name) => configNames[name]).filter((name) => name !== undefined),
    ]),
  )
}

/** @returns false when the name is in use in the app; safe to repeat with the same id */
export async function insertAttachment(
  tx: Tx,
  attachment: {
    id: string
    appId: string
    addonId: string
    name: string
    namespace: string | null
    credential: string
    configNames: Record<string, string>
    /** Takes over this attachment's name once its add-on is provisioned. */
    replaces?: string | null
    at: Date
  },
): Promise<boolean> {
  const inserted = await changed(
    tx,
    sql`insert into attachments (id, app_id, addon_id, name, namespace, credential,
      config_names, replaces, created_at, updated_at)
    values (${attachment.id}, ${attachment.appId}, ${attachment.addonId}, ${attachment.name}, ${attachment.namespace},
      ${attachment.credential}, ${JSON.stringify(attachment.configNames)}::jsonb, ${attachment.replaces ?? null}, ${attachment.at}, ${attachment.at})
    on conflict do nothing`,
  )
  return inserted === 1 || (await findAttachment(tx, attachment.id)) !== undefined
}

/** The row stays for the audit trail; its name and its config names are free. Safe to repeat. */
export async function detachAttachment(tx: Tx, id: string, at: Date): Promise<boolean> {
  // Its row first: of two who want to, one waits here, and neither has names that the other wants.
  const ended = await changed(
    tx,
    sql`update attachments set detached_at = ${at}, updated_at = ${at}
    where id = ${id} and detached_at is null`,
  )
  await sql`delete from app_config_names where attachment_id = ${id}`.execute(tx)
  return ended > 0
}

export interface ConfigName {
  name: string
  /** Null: the customer's own. */
  attachmentId: string | null
}

export async function listConfigNames(db: Db, appId: string): Promise<ConfigName[]> {
  return rows(
    db,
    sql`select name, attachment_id as "attachmentId" from app_config_names where app_id = ${appId} order by name`,
  )
}

/** Takes names for an owner; names that somebody else has are left alone and returned. Safe to repeat. */
export async function takeConfigNames(
  tx: Tx,
  appId: string,
  names: readonly string[],
  attachmentId: string | null,
): Promise<ConfigName[]> {
  if (names.length === 0) return []
  await sql`insert into app_config_names (app_id, name, attachment_id)
    select ${appId}, unnest(${[...names]}::text[]), ${attachmentId}::uuid on conflict do nothing`.execute(tx)
  return rows(
    tx,
    sql`select name, attachment_id as "attachmentId" from app_config_names
    where app_id = ${appId} and name = any(${[...names]}) and attachment_id is distinct from ${attachmentId}::uuid`,
  )
}

export async function freeCustomerNames(tx: Tx, appId: string, names: readonly string[]): Promise<void> {
  await sql`delete from app_config_names where app_id = ${appId} and attachment_id is null and name = any(${[...names]})`.execute(
    tx,
  )
}

/** Takes names whoever has them: only after the customer has confirmed. `giveBackConfigNames` is its undo. */
export async function seizeConfigNames(
  tx: Tx,
  appId: string,
  names: readonly string[],
  attachmentId: string,
): Promise<void> {
  await sql`insert into app_config_names (app_id, name, attachment_id)
    select ${appId}, unnest(${[...names]}::text[]), ${attachmentId}::uuid
    on conflict (app_id, name) do update set attachment_id = excluded.attachment_id`.execute(tx)
}

/** Names go back to the attachment that still maps to them, else to the customer who still has a var of that name. Safe to repeat. */
export async function giveBackConfigNames(tx: Tx, appId: string, attachmentId: string): Promise<void> {
  await sql`update app_config_names n set attachment_id = t.id from attachments t
    where n.app_id = ${appId} and n.attachment_id = ${attachmentId} and t.app_id = n.app_id and t.id <> ${attachmentId}
      and t.detached_at is null
      and exists (select 1 from jsonb_each_text(t.config_names) c where c.value = n.name)`.execute(tx)
  await sql`update app_config_names n set attachment_id = null from apps a join config_snapshots s on s.id = a.snapshot_id
    where n.app_id = ${appId} and n.attachment_id = ${attachmentId} and a.id = n.app_id and n.name = any(s.names)`.execute(
    tx,
  )
  await sql`delete from app_config_names where app_id = ${appId} and attachment_id = ${attachmentId}`.execute(tx)
}

/** The attachment whose name this one takes over, if it does. */
export async function replacedBy(db: Db, attachmentId: string): Promise<string | null> {
  const row = await maybeOne<{ replaces: string | null }>(
    db,
    sql`select replaces from attachments where id = ${attachmentId}`,
  )
  return row?.replaces ?? null
}

export async function finishReplacing(tx: Tx, attachmentId: string): Promise<void> {
  await sql`update attachments set replaces = null where id = ${attachmentId}`.execute(tx)
}

import { changed, type Db, maybeOne, rows, sql, type Tx } from '../db/db.js'
import type { DebtState } from '../partner/ledger-store.js'

interface Named {
  id: string
  name: string
}

/** One resource that a provider was ever asked for, with what is known of it. */
export interface Entry {
  addon: Named
  service: Named
  protocol: 'heroku-v1' | 'heroku-v3'
  app: Named | null
  addonState: string
  providerId: string | null
  state: DebtState
  wasDoubtful: boolean
  tries: number
  reason: string | null
  owedAt: Date | null
  nextAt: Date | null
  forgottenAt: Date | null
  createdAt: Date
  updatedAt: Date
  /** Whether an operation of the add-on is open: then it pays, and not the sweeper. */
  isOpen: boolean
  lastAnswer: { at: string; class: string; status: number | null; note: string | null } | null
}

const entries = sql`select json_build_object('id', d.id, 'name', d.name) as addon,
  json_build_object('id', s.id, 'name', s.name) as service, s.protocol,
  case when a.id is null then null else json_build_object('id', a.id, 'name', a.name) end as app,
  d.state as "addonState", d.provider_id as "providerId", b.state, b.was_doubtful as "wasDoubtful", b.tries, b.reason,
  b.owed_at as "owedAt", b.next_at as "nextAt", b.forgotten_at as "forgottenAt", d.created_at as "createdAt",
  b.updated_at as "updatedAt",
  exists (select 1 from operations o where o.subject = d.id and o.ended_at is null) as "isOpen",
  (select json_build_object('at', t.answered_at, 'class', t.class, 'status', t.status, 'note', t.note)
    from questions q join attempts t on t.question_id = q.id
    where q.addon_id = d.id and t.answered_at is not null order by t.answered_at desc limit 1) as "lastAnswer"
  from debts b join addons d on d.id = b.addon_id join addon_services s on s.id = d.service_id left join apps a on a.id = d.app_id`

/** By the add-on's id, or by its name: what is not known gone first, then the newest. */
export async function findEntry(db: Db, identity: string): Promise<Entry | undefined> {
  return maybeOne(
    db,
    sql`${entries} where d.id::text = ${identity.toLowerCase()} or d.name = ${identity}
    order by (b.state = 'clear'), d.created_at desc limit 1`,
  )
}

/** @param most rows; the oldest debts first */
export async function listEntries(
  db: Db,
  filter: { states: readonly DebtState[]; provider?: string },
  most: number,
): Promise<Entry[]> {
  const { provider } = filter
  return rows(
    db,
    sql`${entries} where b.state = any(${[...filter.states]}) and (${provider ?? null}::text is null
      or s.name = ${provider ?? null} or s.id::text = ${provider ?? null})
    order by (b.state = 'stuck') desc, (b.state in ('owed', 'watching')) desc, d.created_at, d.id limit ${most}`,
  )
}

/** Locked until the transaction ends. */
export async function lockDebt(tx: Tx, addonId: string): Promise<void> {
  await sql`select 1 from debts where addon_id = ${addonId} for update`.execute(tx)
}

/** Due now, with patience anew. Fences off whoever pays it at this moment. @returns whether the state allowed it */
export async function dueNow(tx: Tx, addonId: string, at: Date): Promise<boolean> {
  const moved = await changed(
    tx,
    sql`update debts set state = case when state = 'watching' then 'watching' else 'owed' end, next_at = ${at},
      owed_at = case when state = 'stuck' then ${at}::timestamptz else owed_at end, tries = 0, epoch = epoch + 1,
      lease_until = null, forgotten_at = null, updated_at = ${at}
    where addon_id = ${addonId} and state in ('owed', 'watching', 'stuck')`,
  )
  return moved > 0
}

export async function forgetDebt(tx: Tx, addonId: string, reason: string, at: Date): Promise<boolean> {
  const moved = await changed(
    tx,
    sql`update debts set state = 'clear', reason = ${reason}, next_at = null, epoch = epoch + 1, lease_until = null,
      forgotten_at = ${at}, updated_at = ${at}
    where addon_id = ${addonId} and state in ('owed', 'watching', 'stuck')`,
  )
  return moved > 0
}

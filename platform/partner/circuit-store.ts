import { ring } from '../db/bell.js'
import { changed, type Db, maybeOne, rows, sql, type Tx } from '../db/db.js'

export interface CircuitRow {
  state: 'closed' | 'open'
  failures: number
  opens: number
  retryAt: Date | null
  probingUntil: Date | null
  lastReason: string | null
}

const columns = sql`state, failures, opens, retry_at as "retryAt", probing_until as "probingUntil", last_reason as "lastReason"`

export async function findCircuit(db: Db, serviceId: string): Promise<CircuitRow | undefined> {
  return maybeOne(db, sql`select ${columns} from provider_circuits where service_id = ${serviceId}`)
}

/** Of all processes, one gets the right to try. @returns whether it is this one */
export async function claimProbe(db: Db, serviceId: string, at: Date, until: Date): Promise<boolean> {
  return (
    (await changed(
      db,
      sql`update provider_circuits set probing_until = ${until}, updated_at = ${at}
      where service_id = ${serviceId} and state = 'open' and retry_at <= ${at}
        and (probing_until is null or probing_until <= ${at})`,
    )) > 0
  )
}

/** Counts a failure; one that is about the same resource as the last says nothing new of the provider. */
export async function recordFailure(
  db: Db,
  failure: { serviceId: string; addonId: string; reason: string; at: Date },
): Promise<CircuitRow | undefined> {
  const { serviceId, addonId, reason, at } = failure
  return maybeOne(
    db,
    sql`insert into provider_circuits as c (service_id, state, failures, last_failed_addon, last_reason, updated_at)
    values (${serviceId}, 'closed', 1, ${addonId}, ${reason}, ${at})
    on conflict (service_id) do update set
      failures = c.failures + (c.last_failed_addon is distinct from excluded.last_failed_addon)::int,
      last_failed_addon = excluded.last_failed_addon, last_reason = excluded.last_reason, updated_at = excluded.updated_at
    returning ${columns}`,
  )
}

/** From now on nothing is sent until `retryAt`. Whoever opened it first decides until when. */
export async function openCircuit(
  db: Db,
  circuit: { serviceId: string; opens: number; retryAt: Date; at: Date },
): Promise<void> {
  await sql`update provider_circuits set state = 'open', opens = ${circuit.opens + 1}, retry_at = ${circuit.retryAt},
      probing_until = null, updated_at = ${circuit.at}
    where service_id = ${circuit.serviceId} and opens = ${circuit.opens}`.execute(db)
}

/** It answers. @returns whether it was open until now */
export async function closeCircuit(db: Db, serviceId: string, at: Date): Promise<boolean> {
  const was = await maybeOne<{ state: string }>(
    db,
    sql`update provider_circuits c set state = 'closed', failures = 0, last_failed_addon = null, opens = 0,
      retry_at = null, probing_until = null, updated_at = ${at}
    from (select service_id, state from provider_circuits where service_id = ${serviceId} for update) was
    where c.service_id = was.service_id and (c.failures > 0 or c.state = 'open') returning was.state`,
  )
  return was?.state === 'open'
}

/** Services whose circuit is open and may be tried again. */
export async function circuitsToProbe(db: Db, at: Date): Promise<string[]> {
  const found = await rows<{ id: string }>(
    db,
    sql`select service_id as id from provider_circuits where state = 'open' and retry_at <= ${at}
      and (probing_until is null or probing_until <= ${at}) order by retry_at`,
  )
  return found.map(({ id }) => id)
}

/**
 * What waits for a provider because of its failures is due now. What the provider itself asked to be late with (429),
 * what it is watched for and what it said not to know keeps its own pace; so does an order in doubt, which has four tries
 * within minutes and none to spend on a provider that is still down.
 * @param most how many of each; the newest first, since an old one may be what the provider fails on
 */
export async function hurry(tx: Tx, serviceId: string, at: Date, most: number): Promise<number> {
  const debts = await changed(
    tx,
    sql`update debts set next_at = ${at} where addon_id in (
      select b.addon_id from debts b join addons d on d.id = b.addon_id
      where d.service_id = ${serviceId} and b.state = 'owed' and b.next_at > ${at} and b.not_founds = 0
        and not exists (select 1 from operations o where o.subject = d.id and o.ended_at is null)
      order by b.owed_at desc nulls last limit ${most} for update of b skip locked)`,
  )
  const operations = await changed(
    tx,
    sql`update operations set next_at = ${at} where id in (
      select o.id from operations o join addons d on d.id = o.subject
      where d.service_id = ${serviceId} and o.state = 'waiting' and o.next_at > ${at}
        and coalesce((select t.class from questions q join attempts t on t.question_id = q.id
          where q.operation_id = o.id and q.kind <> 'provision' order by t.sent_at desc limit 1), '') in ('doubt', 'not sent', 'not yet')
      order by o.created_at desc limit ${most} for update of o skip locked)`,
  )
  if (debts) await ring(tx, 'sweep')
  if (operations) await ring(tx, 'operations')
  return debts + operations
}

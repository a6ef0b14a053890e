import { type Db, one, rows, sql } from '../db/db.js'

export interface Depths {
  at: Date
  operations: number
  rolls: number
  deliveries: number
  debts: number
}

/**
 * How much had begun and not ended at each step, read off the rows' own times: nothing is sampled, so nothing is missing
 * when no process ran. Of rolls only each app's newest is known.
 */
export async function listDepths(
  db: Db,
  { from, step, steps }: { from: Date; step: number; steps: number },
): Promise<Depths[]> {
  return rows(
    db,
    sql`
    with points as (select ${from}::timestamptz + make_interval(secs => n * ${step}::int) as at from generate_series(1, ${steps}::int) n),
    o as materialized (select created_at as a, ended_at as z from operations where ended_at is null or ended_at >= ${from}),
    r as materialized (select requested_at as a, case when state = 'idle' then coalesce(finished_at, updated_at) end as z from rolls
      where state <> 'idle' or coalesce(finished_at, updated_at) >= ${from}),
    d as materialized (select created_at as a, case when status not in ('pending', 'retrying') then updated_at end as z
      from webhook_deliveries where status in ('pending', 'retrying') or updated_at >= ${from}),
    b as materialized (select coalesce(owed_at, updated_at) as a, case when state not in ('owed', 'watching', 'stuck') then updated_at end as z
      from debts where state in ('owed', 'watching', 'stuck') or (owed_at is not null and updated_at >= ${from}))
    select p.at,
      (select count(*)::int from o where a <= p.at and (z is null or z > p.at)) as operations,
      (select count(*)::int from r where a <= p.at and (z is null or z > p.at)) as rolls,
      (select count(*)::int from d where a <= p.at and (z is null or z > p.at)) as deliveries,
      (select count(*)::int from b where a <= p.at and (z is null or z > p.at)) as debts
    from points p order by p.at`,
  )
}

export interface Answers {
  id: string
  name: string
  /** From 0: which step of the window. */
  step: number
  questions: number
  unclear: number
  p50: number | null
}

/** What providers were asked in each step, and how they answered. What is unclear is that of their health. */
export async function listAnswers(
  db: Db,
  { from, step, steps }: { from: Date; step: number; steps: number },
): Promise<Answers[]> {
  return rows(
    db,
    sql`
    select s.id, s.name, least(floor(extract(epoch from t.sent_at - ${from}) / ${step}::int)::int, ${steps}::int - 1) as step,
      count(*)::int as questions,
      (count(*) filter (where t.class in ('doubt', 'not sent') or (t.class = 'not yet' and (t.status is null or t.status >= 500))))::int as unclear,
      percentile_cont(0.5) within group (order by extract(epoch from t.answered_at - t.sent_at) * 1000) filter (where t.status is not null) as p50
    from attempts t join questions q on q.id = t.question_id join addons d on d.id = q.addon_id
      join addon_services s on s.id = d.service_id
    where t.sent_at >= ${from} group by 1, 2, 3 order by 2, 3`,
  )
}

export interface Standing {
  running: number
  waiting: number
  parked: number
  stuck: number
  overdueSince: Date | null
  stuckEntries: number
  discrepancies: number
  openCircuits: number
}

/** @param patience what is due since before this is overdue */
export async function standing(db: Db, patience: Date): Promise<Standing> {
  return one(
    db,
    sql`
    select (count(*) filter (where state not in ('waiting', 'parked', 'stuck')))::int as running,
      (count(*) filter (where state = 'waiting'))::int as waiting,
      (count(*) filter (where state = 'parked'))::int as parked,
      (count(*) filter (where state = 'stuck'))::int as stuck,
      min(next_at) filter (where state in ('waiting', 'running') and lease_until is null and next_at < ${patience}) as "overdueSince",
      (select count(*)::int from debts where state = 'stuck') as "stuckEntries",
      (select count(*)::int from discrepancies where ended_at is null and state = 'open') as discrepancies,
      (select count(*)::int from provider_circuits where state = 'open') as "openCircuits"
    from operations where ended_at is null`,
  )
}

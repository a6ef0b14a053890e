import { type Db, rows, sql } from '../db/db.js'

export interface Health {
  id: string
  name: string
  circuit: 'closed' | 'open'
  failures: number
  lastReason: string | null
  retryAt: Date | null
  questions: number
  unclear: number
  inFlight: number
  p50: number | null
  p95: number | null
  p99: number | null
  waiting: number
  parked: number
  held: number
  owed: number
  stuck: number
  comparedAt: Date | null
  listed: number | null
  /** Null where it does not list. */
  nextComparisonAt: Date | null
  comparisonNote: string | null
  comparisonOutcome: string | null
  discrepancies: number
  fault: { at: string; note: string | null; status: number | null } | null
}

/** Every service (or the one of this name or id) with the figures of its questions since `since`. Latency is that of what was answered. */
export async function listHealth(db: Db, since: Date, name: string | null = null): Promise<Health[]> {
  return rows(
    db,
    sql`
    with asked as (
      select d.service_id, t.class, t.status, t.note, extract(epoch from t.answered_at - t.sent_at) * 1000 as ms, t.answered_at
      from attempts t join questions q on q.id = t.question_id join addons d on d.id = q.addon_id
      where t.sent_at >= ${since}),
    figures as (
      select service_id, count(*)::int as questions,
        (count(*) filter (where class in ('doubt', 'not sent') or (class = 'not yet' and (status is null or status >= 500))))::int as unclear,
        (count(*) filter (where answered_at is null))::int as "inFlight",
        percentile_cont(array[0.5, 0.95, 0.99]) within group (order by ms) filter (where status is not null) as latency
      from asked group by service_id),
    stories as (
      select d.service_id, (count(*) filter (where o.state = 'waiting'))::int as waiting,
        (count(*) filter (where o.state = 'parked'))::int as parked,
        (count(*) filter (where o.state = 'stuck'))::int as stuck
      from operations o join addons d on d.id = o.subject where o.ended_at is null group by d.service_id),
    ledger as (
      select d.service_id, (count(*) filter (where b.state = 'held'))::int as held,
        (count(*) filter (where b.state in ('owed', 'watching')))::int as owed,
        (count(*) filter (where b.state = 'stuck'))::int as stuck
      from debts b join addons d on d.id = b.addon_id where b.state <> 'clear' group by d.service_id)
    select s.id, s.name, coalesce(c.state, 'closed') as circuit, coalesce(c.failures, 0) as failures,
      c.last_reason as "lastReason", c.retry_at as "retryAt", coalesce(f.questions, 0) as questions,
      coalesce(f.unclear, 0) as unclear, coalesce(f."inFlight", 0) as "inFlight",
      f.latency[1] as p50, f.latency[2] as p95, f.latency[3] as p99, coalesce(o.waiting, 0) as waiting,
      coalesce(o.parked, 0) as parked, coalesce(l.held, 0) as held, coalesce(l.owed, 0) as owed,
      coalesce(l.stuck, 0) + coalesce(o.stuck, 0) as stuck, p.compared_at as "comparedAt", p.listed,
      p.next_at as "nextComparisonAt", p.note as "comparisonNote", p.outcome as "comparisonOutcome",
      (select count(*)::int from discrepancies e where e.service_id = s.id and e.ended_at is null and e.state = 'open') as discrepancies,
      (select json_build_object('at', q.answered_at, 'note', q.note, 'status', q.status) from asked q
        where q.service_id = s.id and (q.class = 'set-up fault' or q.status in (401, 403))
        order by q.answered_at desc limit 1) as fault
    from addon_services s left join provider_circuits c on c.service_id = s.id left join figures f on f.service_id = s.id
      left join stories o on o.service_id = s.id left join ledger l on l.service_id = s.id
      left join comparisons p on p.service_id = s.id
    where ${name}::text is null or s.name = ${name} or s.id::text = ${name}
    order by s.name`,
  )
}

/** For each of our reconcilers, when it has something to do. */
export const dueQuestions: Record<string, string> = {
  operations: `select min(greatest(next_at, coalesce(lease_until, next_at))) from operations where ended_at is null and state <> 'stuck'`,
  sweep: `select min(greatest(d.next_at, coalesce(d.lease_until, d.next_at))) from debts d where d.state in ('owed', 'watching')
    and not exists (select 1 from operations o where o.subject = d.addon_id and o.ended_at is null)`,
  build: `select min(coalesce(lease_until, created_at)) from builds where status = 'pending' and purpose = 'deploy'`,
  roll: `select min(greatest(not_before, coalesce(lease_until, not_before))) from rolls where state <> 'idle'`,
  circuits: `select min(greatest(c.retry_at, coalesce(c.probing_until, c.retry_at))) from provider_circuits c where c.state = 'open'
    and (exists (select 1 from operations where state = 'waiting') or exists (select 1 from debts where state = 'owed'))`,
  compare: `select min(greatest(next_at, coalesce(lease_until, next_at))) from comparisons`,
  remains: `select min(created_at) from remains`,
  pins: `select min(t.created_at) from attachments t join addons d on d.id = t.addon_id and d.state = 'provisioned'
    join apps a on a.id = t.app_id and a.state = 'live'
    join credentials c on c.addon_id = d.id and c.name = t.credential and c.state = 'active'
    where t.detached_at is null and not exists (select 1 from release_pins p where p.attachment_id = t.id and p.credential_id = c.id
      and p.release_id = (select r.id from releases r where r.app_id = a.id order by r.version desc limit 1))`,
  publish: `select min(at) from events where published_at is null`,
  deliver: delivery('w.failing_since is null'),
  'deliver again': delivery('w.failing_since is not null'),
}

/** Under `sync` only the oldest that is open has its turn. */
function delivery(which: string): string {
  return `select min(greatest(d.next_attempt_at, coalesce(w.lease_until, d.next_attempt_at)))
    from webhook_deliveries d join webhooks w on w.id = d.webhook_id
    where d.next_attempt_at is not null and ${which} and (w.level = 'notify' or d.once or not exists (select 1 from webhook_deliveries b
      where b.webhook_id = w.id and b.next_attempt_at is not null and not b.once and b.seq < d.seq))`
}

export const dueNames = Object.keys(dueQuestions)

/** What has something to do, and since when or from when on. Whatever is not named here is looked at now and then. */
export function dueOf(answer: (name: string) => unknown): { name: string; at: Date }[] {
  return dueNames.flatMap((name) => {
    const at = answer(name)
    return at instanceof Date ? [{ name, at }] : []
  })
}

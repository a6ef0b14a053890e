import { type Db, rows, sql } from '../platform/db/db.js'
import type { Story } from './story.js'

/** Rare stories that the worlds must come to, and how the rows show that one did. */
const rare: Record<string, ReturnType<typeof sql>> = {
  'an order in doubt is cancelled': sql`select 1 from operations o join questions q on q.operation_id = o.id and q.may_exist
    where o.saga = 'addon.provision' and o.state = 'unwound' and o.reason like '%was removed while it was being created%'`,
  'an order under way ends with its app': sql`select 1 from operations o join operations d on d.saga = 'app.destroy' and d.app_id = o.app_id
    where o.saga = 'addon.provision' and o.state = 'unwound' and o.reason like '%was removed while%' and o.ended_at = d.created_at`,
  'a newer plan supersedes a doubtful one': sql`select 1 from operations where saga = 'addon.change-plan' and reason like 'superseded%'`,
  'a removal supersedes a doubtful plan': sql`select 1 from operations where saga = 'addon.change-plan' and reason like '%was removed meanwhile%'`,
  'a provider proves that something lives': sql`select 1 from debts where reason like 'the provider spoke of it%'`,
  'an order runs out after 12 hours': sql`select 1 from operations where saga = 'addon.provision' and found -> 'ask' ->> 'class' = 'expired'`,
  'a removal runs out after 12 hours': sql`select 1 from operations where saga = 'addon.deprovision' and found -> 'ask' ->> 'how' = 'given up'`,
  'a call-back ends an order': sql`select 1 from operations where saga = 'addon.provision' and found -> 'ask' ->> 'class' = 'call-back'`,
  'a call-back fails an order': sql`select 1 from operations where saga = 'addon.provision' and found -> 'ask' ->> 'class' = 'failed'`,
  'a call-back ends a removal': sql`select 1 from operations where saga = 'addon.deprovision' and found -> 'ask' ->> 'how' = 'call-back'`,
  'an operation is taken over': sql`select 1 from operations where epoch > 2`,
  'an app with add-ons is destroyed': sql`select 1 from operations where saga = 'app.destroy' and jsonb_array_length(found -> 'intend' -> 'children') > 1`,
  'an add-on changes its owner': sql`select 1 from charges c join charges n on n.addon_id = c.addon_id and n.owner_id <> c.owner_id`,
  'a debt is watched': sql`select 1 from debts where watches > 0`,
  'a 404 is believed': sql`select 1 from debts where not_founds >= 3 and state = 'clear'`,
  'a stranger on a list is told': sql`select 1 from discrepancies where kind = 'unknown'`,
  'what is in use and not on a list is told': sql`select 1 from discrepancies where kind = 'missing'`,
  'what is listed after its end is removed again': sql`select 1 from debts where reason like 'the provider lists it after%'`,
  'a list tells the id by which a resource can be removed': sql`select 1 from debts where reason like '%with that told its id'`,
  'an operator adopts a discrepancy': sql`select 1 from discrepancies where state = 'adopted'`,
  'a resource of the older protocol is left to a person': sql`select 1 from debts where reason like 'may exist, id unknown%'`,
  'a release fails': sql`select 1 from releases where status = 'failed'`,
  'a release goes out with a newer one': sql`select 1 from releases where status = 'expired'`,
  'a slug that could not be rebuilt is kept': sql`select 1 from releases where message like 'The slug could not be rebuilt%'`,
  'an attachment replaces another': sql`select 1 from operations where saga = 'addon.provision' and state = 'done' and params -> 'attachment' ->> 'replaces' is not null`,
  'an add-on is taken away from other apps': sql`select 1 from operations where saga = 'addon.deprovision' and jsonb_array_length(found -> 'intend' -> 'elsewhere') > 0`,
  'a credential is revoked while its add-on lives': sql`select 1 from credentials c join addons d on d.id = c.addon_id and d.state = 'provisioned' where c.state = 'revoked'`,
  'an app with add-ons is set up': sql`select 1 from operations s join operations c on c.parent_id = s.id and c.saga = 'app.change'
    join operations p on p.parent_id = c.id where s.saga = 'app.setup' and s.state = 'done'`,
  'a set-up with add-ons comes to nothing': sql`select 1 from operations s join operations c on c.parent_id = s.id and c.saga = 'app.change' and c.state = 'done'
    join operations p on p.parent_id = c.id where s.saga = 'app.setup' and s.state = 'unwound'`,
  'a set-up ends with an order that was refused': sql`select 1 from operations s join operations c on c.parent_id = s.id and c.saga = 'app.change' and c.state = 'unwound'
    where s.saga = 'app.setup' and s.state = 'unwound'`,
  'a set-up ends with its build': sql`select 1 from operations where saga = 'app.setup' and state = 'unwound' and reason like 'The build failed%'`,
  'a set-up ends with its command': sql`select 1 from operations where saga = 'app.setup' and state = 'unwound' and reason like 'The postdeploy command%'`,
  'a set-up ends with its formation': sql`select 1 from operations where saga = 'app.setup' and state = 'unwound' and reason like 'formation.%'`,
  'an app is destroyed while it is set up': sql`select 1 from operations where saga = 'app.setup' and state = 'unwound' and reason like 'The app was destroyed%'`,
  'an archive can not be fetched': sql`select 1 from operations where saga = 'app.setup' and state = 'unwound' and reason like 'The source could not be fetched%'`,
  'a webhook delivery is tried again': sql`select 1 from webhook_deliveries where num_attempts > 1`,
}

export const rareStories = Object.keys(rare)

/** Says which rare stories a world came to. */
export async function reachedStories(db: Db, story: Story): Promise<void> {
  for (const [name, question] of Object.entries(rare)) {
    const found = await rows(db, sql`select count(*) as n from (${question}) found having count(*) > 0`)
    if (found.length) story.reached('story', name)
  }
}

/** Steps that ask a provider; the others only ever meet crashes. */
const kinds = ['fault', 'crash', 'story'] as const

/** What the worlds came to, as a table: what goes wrong by the step that it hits, and the rare stories. */
export function printCoverage(coverage: ReadonlyMap<string, number>, line: (text: string) => void): void {
  for (const kind of kinds) {
    const found = [...coverage].filter(([what]) => what.startsWith(`${kind}: `)).sort(([a], [b]) => (a < b ? -1 : 1))
    line(`${kind}: ${found.length} combinations`)
    for (const [what, times] of found) line(`  ${String(times).padStart(6)}  ${what.slice(kind.length + 2)}`)
  }
  const never = rareStories.filter((name) => !coverage.has(`story: ${name}`))
  line(`never reached: ${never.length ? never.join(' · ') : 'none of the rare stories'}`)
}

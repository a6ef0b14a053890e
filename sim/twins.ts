import { type Db, sql } from '../platform/db/db.js'
import type { View } from './checkers/checker.js'
import type { Break } from './process.js'
import type { SimulationOptions } from './simulation.js'

/**
 * For each checker a way to break the code that it must notice: a statement that is left out or carried out otherwise, as
 * if somebody had forgotten it, or (where no statement of ours can do it) a party that does what it never does.
 */
export interface Twin {
  checker: string
  how: string
  broken?: Break
  sabotage?(view: View & { at: 'always' | 'settled' }): Promise<void>
  seed?: number
  hours?: number
  /** What makes a world come to what this breaks. */
  sure?: SimulationOptions['sure']
}

const leaveOut =
  (pattern: RegExp): Break =>
  (statement) =>
    pattern.test(statement) ? 'nothing' : undefined

const replace =
  (pattern: RegExp, from: RegExp | string, to: string): Break =>
  (statement) =>
    pattern.test(statement) ? statement.replace(from, to) : undefined

const either =
  (...breaks: Break[]): Break =>
  (statement, values) =>
    breaks.map((one) => one(statement, values)).find((one) => one !== undefined)

/** As if the platform had asked for it. */
async function putOnLedger(db: Db, uuid: string): Promise<void> {
  await sql`insert into addons select (jsonb_populate_record(a, jsonb_build_object('id', ${uuid}::text, 'name', 'found-' || ${uuid}::text,
      'state', 'deprovisioned', 'app_id', null))).* from addons a order by a.id limit 1 on conflict do nothing`.execute(
    db,
  )
  await sql`insert into debts (addon_id, state, next_at, updated_at) select id, 'owed', updated_at, updated_at from addons
    where id = ${uuid} on conflict do nothing`.execute(db)
}

export const twins: readonly Twin[] = [
  {
    checker: 'no resource at a provider is unknown to us',
    how: 'the ledger is not written before the question is sent',
    broken: leaveOut(/^insert into debts/),
  },
  {
    checker: 'exactly one open charge for a live add-on, none for a dead one',
    how: 'a removal closes no charge',
    broken: leaveOut(/^update charges set closed_at/),
  },
  {
    checker: 'exactly one open charge for a live add-on, none for a dead one',
    how: 'a failed order keeps its charge',
    broken: leaveOut(/^update charges set voided_at/),
  },
  {
    checker: 'no moment of an add-on is billed twice, and none of its life is left out',
    how: 'the old price ends a minute before the new one begins',
    broken: replace(
      /^update charges set closed_at/,
      /closed_at = (\$\d+)/,
      "closed_at = $1::timestamptz - interval '1 second'",
    ),
  },
  {
    checker: 'events match state',
    how: 'the end of a release is not told',
    broken: (statement, values) =>
      /^insert into events/.test(statement) && values.includes('release') && values.includes('update')
        ? 'nothing'
        : undefined,
  },
  {
    checker: 'an add-on between states has an operation that moves it',
    how: 'an operation ends and the add-on stays as it was',
    broken: (statement, values) =>
      /^update addons set state/.test(statement.trim()) && values.includes('deprovisioned') ? 'nothing' : undefined,
  },
  {
    checker: 'a config var name has one owner, and it is alive',
    how: 'names of a detached attachment are kept',
    broken: leaveOut(/^delete from app_config_names/),
  },
  {
    checker: 'every change of config has a release',
    how: 'a release pins nothing',
    broken: leaveOut(/^insert into release_pins/),
  },
  {
    checker: "an app's releases are v1, v2, v3 … without a gap",
    how: 'a number is left out',
    broken: replace(/^update apps set last_version/, /\+ 1\b/, '+ 2'),
  },
  {
    checker: "an add-on's values are its own provider's, for that very resource",
    how: "the provider answers with another customer's values",
    async sabotage({ provider }) {
      for (const value of provider.given.keys()) provider.given.set(value, 'somebody else')
    },
  },
  {
    checker: 'exactly one active credential for each live add-on, none for a dead one',
    how: 'a removed add-on keeps its values',
    broken: leaveOut(/^update credentials set state = 'revoked', sealed = null, retired_at = coalesce/),
  },
  {
    checker: 'no dyno runs on a revoked version',
    how: 'an old version is shredded when the new one comes, whatever runs on it',
    broken: replace(
      /^update credentials set state = 'retiring'/,
      "state = 'retiring'",
      "state = 'revoked', sealed = null",
    ),
  },
  {
    checker: 'sync webhooks get their events in order',
    how: 'whatever is due goes, whatever is older',
    sure: { receiversLie: 0.5 },
    broken: replace(/b\.seq < d\.seq/, /b\.seq < d\.seq/g, 'b.seq < 0'),
  },
  {
    checker: 'what is provisioned is at the provider',
    how: 'the provider loses everything and says nothing',
    async sabotage({ at, provider }) {
      if (at === 'settled') provider.resources.clear()
    },
  },
  {
    checker: 'what is gone here is gone there',
    how: 'a debt is written down as a live resource',
    broken: replace(/^update debts set state = 'owed', was_doubtful = was_doubtful/, "'owed'", "'held'"),
  },
  {
    checker: 'every debt is paid, held or stuck',
    how: 'a debt is written down as a live resource',
    broken: replace(/^update debts set state = 'owed', was_doubtful = was_doubtful/, "'owed'", "'held'"),
  },
  {
    checker: 'the plan that is billed is the plan at the provider',
    how: 'a change of plan is not written down',
    broken: either(leaveOut(/^update addons set plan_id/), leaveOut(/^update charges set closed_at .*price_id <>/s)),
  },
  {
    checker: 'every operation ends, or is stuck with a reason',
    how: 'what waits is never taken up',
    broken: replace(/update operations set epoch = epoch \+ 1/, "state <> 'stuck'", "state = 'running'"),
  },
  {
    checker: 'after ordinary faults every story ends within two minutes',
    how: 'what waits waits ten minutes longer',
    broken: replace(
      /update operations set\s+step/,
      /coalesce\((\$\d+)::timestamptz, next_at\)/,
      "coalesce($1::timestamptz + interval '10 minutes', next_at)",
    ),
  },
  {
    checker: "an app's config is its vars and its attachments' credentials",
    how: "a provider's new values are never released",
    sure: { rotates: 10 },
    broken: (statement) => (/from attachments t[\s\S]*join lateral/.test(statement) ? 'nothing' : undefined),
  },
  {
    checker: 'what runs is the newest release that did not fail',
    how: 'a release asks for no roll',
    broken: leaveOut(/^insert into rolls/),
  },
  {
    checker: 'an app whose release went out has dynos',
    how: 'a start does not bring back what ran',
    sure: { dies: 0.02 },
    broken: (statement) =>
      /^\s*insert into rolls/.test(statement) && statement.includes('from apps') ? 'nothing' : undefined,
  },
  {
    checker: 'every event was handed to each webhook that wants it, and was taken or given up by rule',
    how: 'deliveries are not written',
    broken: leaveOut(/^insert into webhook_deliveries/),
  },
  {
    checker: 'nothing is removed at a provider that was neither asked for nor adopted',
    how: 'what is on a list and not on the ledger is removed as if it were ours',
    async sabotage({ provider, db }) {
      for (const [uuid, { isV1 }] of provider.strangers) {
        if (isV1) continue
        await putOnLedger(db, uuid)
      }
    },
  },
  {
    checker: 'what a provider lists and the ledger knows otherwise is told, and nothing else is',
    how: 'what is not known is not written down',
    broken: leaveOut(/^insert into discrepancies/),
  },
  {
    checker: 'what a provider lists and the ledger knows otherwise is told, and nothing else is',
    how: 'what a list shows no more stays',
    broken: leaveOut(/^update discrepancies set ended_at/),
  },
  {
    checker: 'a set-up that is done has its add-ons, its build and a release of it',
    how: 'whoever waits for a change believes it done',
    sure: { setsUp: 10 },
    broken: replace(
      /^select id, saga, subject.* from operations where id = \$1$/s,
      /\bstate, reason\b/,
      "case when saga = 'app.change' then 'done' else state end as state, reason",
    ),
  },
  {
    checker: 'a set-up that failed leaves no app behind',
    how: 'its app is not taken away',
    sure: { setsUp: 10 },
    broken: leaveOut(/^update apps set state = 'destroying'/),
  },
  {
    checker: 'what a failed set-up ordered is gone, and nothing of it is billed',
    how: 'the add-ons of an app that ends are overlooked',
    sure: { setsUp: 10 },
    broken: leaveOut(/d\.state <> 'deprovisioned' and d\.app_id = \$1 order by d\.id/),
  },
  {
    checker: 'what a receiver took is not said to have failed, and what is said to be taken it took',
    how: 'every attempt counts as a success',
    sure: { receiversLie: 0.5 },
    broken: replace(
      /^update webhook_deliveries set status = \$1, next_attempt_at = \$2/,
      'status = $1, next_attempt_at = $2',
      "status = coalesce('succeeded', $1), next_attempt_at = nullif($2::timestamptz, $2::timestamptz)",
    ),
  },
]

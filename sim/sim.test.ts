import { afterAll, describe, expect, test } from 'vitest'
import { sql } from '../platform/db/db.js'
import { endTestDatabases } from '../platform/db/test-database.js'
import type { View } from './checkers.js'
import { simulate } from './simulation.js'

/** Worlds in the everyday run; `.ci/run` and `bin/sim` run more. */
const seeds = Number(process.env['MORTISE_SIM_SEEDS'] ?? 50)
const hours = 0.4

afterAll(endTestDatabases)

test(
  `${seeds} seeded worlds that lie and crash keep every invariant`,
  async () => {
    const failed: string[] = []
    for (let seed = 1; seed <= seeds; seed++) {
      const { wrong } = await simulate({ seed, hours })
      if (wrong.length) failed.push(`bin/sim --seed ${seed} --hours ${hours}: ${wrong[0]}`)
    }
    expect(failed).toEqual([])
  },
  seeds * 10_000,
)

test('the same seed is the same world', async () => {
  const story = async () => {
    const lines: string[] = []
    await simulate({ seed: 7, hours: 1, tell: (line) => void lines.push(line) })
    return lines
  }
  const [one, two] = [await story(), await story()]
  expect(two.findIndex((line, at) => line !== one[at])).toBe(-1)
  expect(two.length).toBe(one.length)
}, 60_000)

// Each checker's twin: the world is broken on purpose, and it is that checker that says so.
describe('a broken world is noticed:', () => {
  const newest = sql`(select id from addons order by created_at desc, id limit 1)`
  const provisioned = sql`(select id from addons where state = 'provisioned' order by created_at, id limit 1)`
  const twins: [checker: string, sabotage: (view: View) => Promise<unknown>][] = [
    [
      'no resource at a provider is unknown to us',
      async ({ provider }) =>
        (provider.resources as Map<string, string>).set('11111111-2222-4333-8444-555555555555', 'small'),
    ],
    [
      'no resource at a provider is unknown to us',
      async ({ db }) => sql`update debts set state = 'clear' where state = 'held'`.execute(db),
    ],
    [
      'exactly one open charge for a live add-on, none for a dead one',
      async ({ db }) => sql`update charges set closed_at = opened_at where addon_id = ${provisioned}`.execute(db),
    ],
    [
      'events match state',
      async ({ db }) =>
        sql`delete from events where subject = ${newest} and seq = (select max(seq) from events where subject = ${newest})`.execute(
          db,
        ),
    ],
    [
      'an add-on between states has an operation that moves it',
      async ({ db }) => sql`update addons set state = 'deprovisioning' where id = ${provisioned}`.execute(db),
    ],
    [
      'a config var name has one owner, and it is alive',
      async ({ db }) =>
        sql`update attachments set detached_at = created_at where addon_id = ${provisioned}`.execute(db),
    ],
    ['every change of config has a release', async ({ db }) => sql`delete from release_pins`.execute(db)],
    [
      'what is provisioned is at the provider',
      async ({ provider }) => (provider.resources as Map<string, string>).clear(),
    ],
    [
      'every debt is paid, held or stuck',
      async ({ db }) => sql`update debts set state = 'owed', next_at = '2100-01-01' where state = 'held'`.execute(db),
    ],
    [
      "an app's config is its vars and its attachments' credentials",
      async ({ db }) => sql`delete from app_config_names`.execute(db),
    ],
    [
      'every operation ends, or is stuck with a reason',
      async ({ db }) =>
        sql`update operations set ended_at = null, state = 'waiting', next_at = '2100-01-01', reason = null where id = (select id from operations order by created_at desc, id limit 1)`.execute(
          db,
        ),
    ],
    [
      'what is gone here is gone there',
      async ({ db, provider }) => {
        ;(provider.resources as Map<string, string>).set(
          (await sql<{ id: string }>`select id from addons where state = 'deprovisioned' limit 1`.execute(db)).rows[0]
            ?.id ?? '',
          'small',
        )
        await sql`update debts set state = 'held' where addon_id in (select id from addons where state = 'deprovisioned')`.execute(
          db,
        )
      },
    ],
  ]
  for (const [checker, sabotage] of twins) {
    test(checker, async () => {
      // At the end, when this world holds add-ons of every fate.
      const { wrong } = await simulate({
        seed: 21,
        hours: 1,
        sabotage: async (view) => void (view.at === 'settled' && (await sabotage(view))),
      })
      expect(
        wrong.some((sentence) => sentence.includes(`, ${checker}: `)),
        wrong.join('\n'),
      ).toBe(true)
    }, 60_000)
  }
})

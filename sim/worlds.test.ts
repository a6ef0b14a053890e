import { afterAll, expect, test } from 'vitest'
import { endTestDatabases } from '../platform/db/test-database.js'
import { simulate } from './simulation.js'

/** Worlds in the everyday run; `bin/test-sim` and `bin/sim` run more. */
const seeds = Number(process.env['MORTISE_SIM_SEEDS'] ?? 50)
const hours = 0.25

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
  seeds * 60_000,
)

test('the same seed is the same world', async () => {
  const once = await simulate({ seed: 7, hours: 0.2 })
  const again = await simulate({ seed: 7, hours: 0.2 })
  const other = await simulate({ seed: 8, hours: 0.2 })
  expect(again.last).toEqual(once.last)
  expect(again.hash).toBe(once.hash)
  expect(other.hash).not.toBe(once.hash)
}, 600_000)

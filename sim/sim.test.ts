import { afterAll, describe, expect, test } from 'vitest'
import { endTestDatabases } from '../platform/db/test-database.js'
import { checkers } from './checkers/all.js'
import { simulate } from './simulation.js'
import { twins } from './twins.js'

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

describe('broken code is noticed:', () => {
  for (const { checker, how, broken, sabotage, seed = 12, hours: long = 0.4, sure } of twins) {
    test(`${how} (${checker})`, async () => {
      // A world that does not come to what was broken tells nothing: the next ones are tried.
      const heard: string[] = []
      for (let next = seed; next < seed + 8; next++) {
        const { wrong } = await simulate({
          seed: next,
          hours: long,
          onlyOrdinary: checker.startsWith('after ordinary'),
          ...(broken ? { broken } : {}),
          ...(sure ? { sure } : {}),
          ...(sabotage ? { sabotage } : {}),
        })
        if (wrong.some((sentence) => sentence.startsWith(`${checker}: `))) return
        heard.push(...wrong.map((sentence) => `seed ${next}: ${sentence}`))
      }
      expect.fail(`never noticed; heard instead:\n${heard.join('\n')}`)
    }, 900_000)
  }

  test('each checker has a twin', () => {
    expect(checkers.map(({ name }) => name).filter((name) => !twins.some(({ checker }) => checker === name))).toEqual(
      [],
    )
  })
})

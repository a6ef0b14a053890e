import { afterAll, describe, expect, test } from 'vitest'
import { endTestDatabases } from '../platform/db/test-database.js'
import { checkers } from './checkers/all.js'
import { simulate } from './simulation.js'
import { twins } from './twins.js'

afterAll(endTestDatabases)

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

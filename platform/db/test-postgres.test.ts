import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { removeLeftovers } from './test-postgres.js'

/** Above the highest that Linux ever gives. */
const nobody = 2 ** 22 + 7
const left = join(tmpdir(), `mortise-test-db-${nobody}-gone`)
const used = join(tmpdir(), `mortise-test-db-${process.pid}-used`)
const others = join(tmpdir(), `mortise-test-${nobody}-other`)
afterAll(() => {
  for (const folder of [left, used, others]) rmSync(folder, { recursive: true, force: true })
})

test("the database of a run that was killed goes with the next run, and nobody else's does", () => {
  for (const folder of [left, used, others]) {
    mkdirSync(join(folder, 'data'), { recursive: true })
    writeFileSync(join(folder, 'data', 'file'), 'x')
  }
  removeLeftovers()
  expect([left, used, others].map((folder) => existsSync(folder))).toEqual([false, true, true])
})

import { afterEach, expect, test } from 'vitest'
import { type Breakage, breakages } from './breakages.js'
import { type BrokenProvider, brokenProvider, manifestOf } from './broken-provider.js'
import type { PhaseId } from './check.js'
import { cleanCheck, inspect } from './inspect.js'
import { phases } from './phases.js'

// Every check must be seen to notice what it is for.

/** Short, so that what never comes is not waited for. */
const quick = { slowMs: 5_000, answerMs: 8_000, asyncMs: 400, graceMs: 60, cleanupMs: 500 }
const open: BrokenProvider[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()))
})

async function statusOf({ id, habits = {}, version = '3', limits = {}, production = false, edit }: Breakage) {
  const provider = await brokenProvider(habits)
  open.push(provider)
  const manifest = manifestOf(provider.url, version)
  if (production) Object.assign(manifest.api, { production: manifest.api.test, test: undefined })
  edit?.(manifest)
  const phase = (id === cleanCheck.id ? 'deprovision' : id.split('.')[0]) as PhaseId
  // Calls are waited for by their ends: a silence of 60 ms means nothing on a machine that has other things to do.
  const atRest = phase === 'callbacks' ? provider.atRest : undefined
  const report = await inspect({ manifest, only: [phase], limits: { ...quick, ...limits }, production, atRest })
  const check = report.checks.find((each) => each.id === id)
  return { status: check?.status, check, provider }
}

const count = new Map<string, number>()
for (const breakage of breakages) {
  const { id, status } = breakage
  const nth = (count.get(id) ?? 0) + 1
  count.set(id, nth)
  test(`${id} notices a provider that is broken so (${nth}): ${status}`, async () => {
    const seen = await statusOf(breakage)
    expect(seen.status, JSON.stringify(seen.check, null, 2)).toBe(status)
    expect(seen.check?.reason).not.toBe('')
    expect(seen.check?.advice).not.toBe('')
  })
}

test('a provider that knows the uuid alone, and whose manifest does not say its version, is told to say "3"', async () => {
  const habits = { knowsIds: false, idOf: (uuid: string) => `own-${uuid.slice(0, 8)}` }
  const limits = { cleanupMs: 50 }
  const unsaid = await statusOf({
    id: 'plan.same',
    status: 'fail',
    habits,
    limits,
    edit: ({ api }) => void delete api.version,
  })
  expect(unsaid.check?.reason).toContain('it speaks version 3. Write "version": "3" into api.')
  // Said, it is right.
  expect((await statusOf({ id: 'plan.same', status: 'fail', habits, limits })).status).toBe('pass')
})

test('there is no check that was never seen to notice anything', () => {
  const ids = [...phases.flatMap(({ checks }) => checks.map(({ id }) => id)), cleanCheck.id]
  expect(ids.filter((id) => !count.has(id))).toEqual([])
  expect(new Set(ids).size).toBe(ids.length)
})

import { afterEach, expect, test } from 'vitest'
import { type BrokenProvider, brokenProvider, type Habits, manifestOf } from './broken-provider.js'
import { type InspectOptions, inspect } from './inspect.js'

/** Short, so that what never comes is not waited for. */
export const quick = { slowMs: 1_000, answerMs: 4_000, asyncMs: 400, graceMs: 30, cleanupMs: 1_000 }
const open: BrokenProvider[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()))
})

async function inspected(
  habits: Partial<Habits> = {},
  options: Partial<InspectOptions> = {},
  version: '1' | '3' = '3',
) {
  const provider = await brokenProvider(habits)
  open.push(provider)
  const manifest = manifestOf(provider.url, version)
  return { provider, report: await inspect({ manifest, limits: quick, ...options }) }
}

const told = (report: Awaited<ReturnType<typeof inspect>>) =>
  report.checks
    .filter(({ status }) => status === 'fail' || status === 'warn')
    .map(({ id, status, reason }) => `${status} ${id}: ${reason}`)

test('a sound provider that never trades its grant passes everything', async () => {
  const { provider, report } = await inspected()
  expect(told(report)).toEqual([])
  expect(report).toMatchObject({ failed: 0, warned: 0, error: null })
  expect(report.passed).toBeGreaterThan(60)
  expect(provider.resources).toEqual([])
})

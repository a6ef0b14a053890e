import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { unusedPort } from '@mortise/provider/fixture'
import { afterEach, expect, test } from 'vitest'
import { inspect } from '../conformance/inspect.js'
import { startExceptions } from '../providers/exceptions/provider.js'
import { startProvider } from '../providers/postgresql/provider.js'

// Our own add-ons, under the inspection that we ask of others.

const platform = 'http://localhost:5055'
const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'mortise-inspected-'))
  chmodSync(dir, 0o711)
  closing.push(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

async function inspected(dir: string) {
  const manifest = JSON.parse(readFileSync(join(dir, 'addon-manifest.json'), 'utf8'))
  // On one's own machine the two are one.
  manifest.api.test = manifest.api.production
  const limits = { slowMs: 20_000, answerMs: 25_000, asyncMs: 2_000, graceMs: 50, cleanupMs: 5_000 }
  const report = await inspect({ manifest, limits })
  const told = report.checks.filter(({ status }) => status === 'fail' || status === 'warn')
  // A warning that plain http is for one machine is right, and how this is meant.
  return { report, told: told.filter(({ id }) => id !== 'manifest.https') }
}

test('mortise-exceptions passes its inspection and keeps nothing of it', async () => {
  const dir = folder()
  closing.push((await startExceptions({ dir, platform, port: await unusedPort() })).close)
  const { report, told } = await inspected(dir)
  expect(told.map(({ id, status, reason }) => `${status} ${id}: ${reason}`)).toEqual([])
  expect(report).toMatchObject({ error: null, cleanUp: { left: [] } })
  expect(report.passed).toBeGreaterThan(60)
}, 120_000)

test('mortise-postgresql passes its inspection and keeps nothing of it', async () => {
  const dir = folder()
  closing.push((await startProvider({ dir, platform, port: await unusedPort(), log: () => undefined })).stop)
  const { report, told } = await inspected(dir)
  expect(told.map(({ id, status, reason }) => `${status} ${id}: ${reason}`)).toEqual([])
  expect(report).toMatchObject({ error: null, cleanUp: { left: [] } })
  expect(report.passed).toBeGreaterThan(60)
}, 240_000)

import { spawn } from 'node:child_process'
import fs from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { driverPromises } from '../conformance.js'
import { createLogs } from '../logs/logs.js'
import { type LocalDriverOptions, localDriver } from './driver.js'

const dirs: string[] = []
async function newDir() {
  const dir = await fs.mkdtemp(path.join(os.tmpdir(), 'mortise-local-'))
  dirs.push(dir)
  return dir
}
afterAll(async () => {
  for (const dir of dirs) await fs.rm(dir, { recursive: true, force: true })
})

const quick = { aliveMs: 150, termMs: 2_000, restartFirstMs: 50 }
async function newDriver(options: Partial<LocalDriverOptions> = {}) {
  const logs = createLogs()
  const driver = await localDriver({ dir: await newDir(), logs, ...quick, ...options })
  return { driver, logs }
}

driverPromises('the local driver', () => newDriver())
void spawn
void expect
void test

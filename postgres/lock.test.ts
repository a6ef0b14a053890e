import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { takeLock } from './lock.js'
import { processStart } from './process-start.js'

let dir: string
const lockFile = () => path.join(dir, 'supervisor.lock')

beforeEach(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'mortise-lock-'))
})
afterEach(() => fs.rmSync(dir, { recursive: true, force: true }))

test('a folder has one supervisor at a time', () => {
  const release = takeLock(dir)
  expect(() => takeLock(dir)).toThrow(`is in use by process ${process.pid}. Stop that one first.`)
  release()
  release()
  takeLock(dir)()
  expect(fs.readdirSync(dir)).toEqual([])
})

test('a dead holder holds nothing', () => {
  const { pid } = spawnSync('true')
  fs.writeFileSync(lockFile(), JSON.stringify({ pid, start: 'long ago' }))
  takeLock(dir)()
})

test("a dead holder's number that another process has now holds nothing", () => {
  fs.writeFileSync(lockFile(), JSON.stringify({ pid: process.pid, start: 'another boot:1' }))
  takeLock(dir)()
  // The twin: with its true start the same number holds.
  fs.writeFileSync(lockFile(), JSON.stringify({ pid: process.pid, start: processStart(process.pid) }))
  expect(() => takeLock(dir)).toThrow('in use')
})

test('a lock that a power cut left empty holds nothing', () => {
  fs.writeFileSync(lockFile(), '')
  takeLock(dir)()
})

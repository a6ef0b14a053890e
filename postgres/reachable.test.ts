import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { isTraversable, reachableFolder, systemFolder } from './reachable.js'

let top: string
const made: string[] = []

beforeEach(() => {
  top = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), 'mortise-reachable-'))
})

afterEach(() => {
  for (const folder of [top, ...made.splice(0)]) fs.rmSync(folder, { recursive: true, force: true })
})

test('a folder is traversable only when all above it are', () => {
  const inner = path.join(top, 'a/b')
  fs.mkdirSync(inner, { recursive: true })
  expect(isTraversable(inner)).toBe(false)
  fs.chmodSync(top, 0o711)
  expect(isTraversable(inner)).toBe(true)
  fs.chmodSync(path.dirname(inner), 0o700)
  expect(isTraversable(inner)).toBe(false)
  expect(isTraversable(path.join(top, 'none'))).toBe(false)
})

describe.runIf(process.getuid?.() === 0)('as root', () => {
  afterAll(() => {
    for (const purpose of ['test', 'test-other']) {
      fs.rmSync(path.join(systemFolder, purpose), { recursive: true, force: true })
    }
  })

  test('a closed folder of ours in an open place is opened and used', () => {
    fs.chmodSync(top, 0o755)
    const dir = path.join(top, 'data')
    fs.mkdirSync(dir, { mode: 0o700 })
    expect(reachableFolder(dir, 'test')).toBe(dir)
    expect(fs.statSync(dir).mode & 0o777).toBe(0o711)
  })

  test('a folder in a closed place gets one elsewhere, always the same, also after it moved', () => {
    const dir = path.join(top, 'data')
    const folder = reachableFolder(dir, 'test')
    made.push(folder)
    expect(folder).toMatch(/^\/var\/lib\/mortise\/test\//)
    expect(isTraversable(folder)).toBe(true)
    expect(reachableFolder(dir, 'test')).toBe(folder)
    fs.renameSync(dir, path.join(top, 'moved'))
    expect(reachableFolder(path.join(top, 'moved'), 'test')).toBe(folder)
  })

  test('a deleted folder that was made anew does not get the old data back', () => {
    const dir = path.join(top, 'data')
    const before = reachableFolder(dir, 'test')
    fs.rmSync(dir, { recursive: true })
    const after = reachableFolder(dir, 'test')
    made.push(before, after)
    expect(after).not.toBe(before)
  })

  test('two purposes get two folders', () => {
    const folders = ['test', 'test-other'].map((purpose) => reachableFolder(path.join(top, 'data'), purpose))
    made.push(...folders)
    expect(new Set(folders).size).toBe(2)
  })
})

import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { insertAccount } from '../accounts/store.js'
import { transact } from '../db/db.js'
import { type TestDatabase, testDatabase } from '../db/test-database.js'
import { later, realWorld } from '../world/world.js'
import { keepStream, ownSource, SourceTooLarge, sourceFile, sourceUrl } from './source.js'
import { findSource, insertSource } from './source-store.js'
import { sourceHoursMax, sourceSweeper } from './sweep.js'

let dir: string
let database: TestDatabase
beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'mortise-sources-'))
  database = await testDatabase()
})
afterAll(async () => {
  await database.drop()
  await rm(dir, { recursive: true })
})

test('a stream is kept whole', async () => {
  const file = sourceFile(dir, randomUUID())
  expect(await keepStream(Readable.from([Buffer.from('one '), Buffer.from('two')]), file)).toBe(7)
  expect(await readFile(file, 'utf8')).toBe('one two')
})

test('a stream that is too large, or breaks, leaves nothing', async () => {
  const file = sourceFile(dir, randomUUID())
  const parts = Array.from({ length: 20 }, () => Buffer.alloc(1000))
  await expect(keepStream(Readable.from(parts), file, 10_000)).rejects.toThrow(SourceTooLarge)
  const broken = new Readable({
    read() {
      this.push('some')
      this.destroy(new Error('gone'))
    },
  })
  await expect(keepStream(broken, file)).rejects.toThrow('gone')
  expect((await readdir(path.dirname(file))).filter((name) => name.startsWith(path.basename(file, '.tgz')))).toEqual([])
})

test('an address of ours is known by its path and token, whatever name we go by', () => {
  const id = randomUUID()
  expect(ownSource(sourceUrl('https://addons.example.com', id, 'secret'))).toEqual({ id, token: 'secret' })
  expect(ownSource(sourceUrl('http://localhost:5055', id))).toBeNull()
  expect(ownSource('https://example.com/app.tgz')).toBeNull()
  expect(ownSource('no address')).toBeNull()
})

test('what was uploaded and never built goes after a day, with its file and the halves of others', async () => {
  const { db } = database
  const now = realWorld.now()
  const accountId = randomUUID()
  await transact(db, (tx) =>
    insertAccount(tx, { id: accountId, email: 'dev@example.com', passwordHash: null, isOperator: false, at: now }),
  )
  const [old, fresh] = [randomUUID(), randomUUID()]
  const longAgo = later(now, -(sourceHoursMax + 1) * 3_600_000)
  await insertSource(db, { id: old, accountId, hash: Buffer.from('a'), at: longAgo })
  await insertSource(db, { id: fresh, accountId, hash: Buffer.from('b'), at: now })
  await mkdir(path.join(dir, 'sources'), { recursive: true })
  const half = `${sourceFile(dir, randomUUID())}.0a1b2c`
  for (const file of [sourceFile(dir, old), sourceFile(dir, fresh), half]) await writeFile(file, 'x')
  await utimes(half, longAgo, longAgo)
  expect(await sourceSweeper({ db, world: realWorld, dir }).pass()).toBe(false)
  expect(await findSource(db, old)).toBeUndefined()
  expect(await findSource(db, fresh)).toBeDefined()
  expect([old, fresh].map((id) => existsSync(sourceFile(dir, id)))).toEqual([false, true])
  expect(existsSync(half)).toBe(false)
})

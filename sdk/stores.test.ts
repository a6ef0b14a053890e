import { randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, describe, expect, test } from 'vitest'
import { fileStore } from './file-store.js'
import { uuids } from './fixture.js'
import { memoryStore } from './memory-store.js'
import { postgresStore } from './postgres-store.js'
import type { Resource, ResourceStore } from './resource.js'
import { createSeal } from './seal.js'

// One suite for every store: what the SDK promises rests on these.

const closing: (() => unknown)[] = []
afterAll(async () => {
  await admin?.query(`drop schema if exists ${schema} cascade`)
  for (const close of closing.reverse()) await close()
})

const dir = mkdtempSync(join(tmpdir(), 'mortise-stores-'))
closing.push(() => rmSync(dir, { recursive: true }))
let folders = 0
const schema = `stores_${randomBytes(4).toString('hex')}`

function pool(max: number): pg.Pool {
  const opened = new pg.Pool({ ...JSON.parse(process.env.MORTISE_TEST_POSTGRES ?? '{}'), max })
  closing.push(() => opened.end())
  return opened
}

let admin: pg.Pool | undefined
async function onPostgres(): Promise<ResourceStore> {
  admin ??= pool(3)
  const seal = createSeal('07'.repeat(32))
  await admin.query(`drop schema if exists ${schema} cascade`)
  return postgresStore({ pool: admin, claims: pool(5), seal, schema })
}
const stores: [string, () => Promise<ResourceStore>][] = [
  ['in memory', async () => memoryStore()],
  ['in files', async () => fileStore(join(dir, String(folders++)))],
  ['in PostgreSQL', onPostgres],
]

const resource = (uuid: string, change: Partial<Resource> = {}): Resource => ({
  uuid,
  name: 'fast-db-curved-12345',
  plan: 'mini',
  region: 'amazon-web-services::us-east-1',
  options: { size: '3' },
  state: 'provisioned',
  config: { FAST_DB_URL: 'fast://secret-of-the-customer@host' },
  message: 'Ready.',
  logDrainUrl: null,
  callbackUrl: 'http://localhost/addons/1',
  logInputUrl: null,
  logDrainToken: 'd.secret-of-the-drain',
  planAnswer: { message: 'Now mini.' },
  ...change,
})
const tokens = { accessToken: 'secret-access', refreshToken: 'secret-refresh', expiresAt: 4_102_444_800_000 }

describe.each(stores)('a store %s', (_name, open) => {
  test('gives back what was saved, and the newest of it', async () => {
    const store = await open()
    expect(await store.get(uuids[0])).toBeNull()
    await store.save(resource(uuids[0], { state: 'provisioning', config: null }))
    await store.save(resource(uuids[0]))
    await store.save(resource(uuids[1], { name: null, callbackUrl: null, logDrainToken: null, planAnswer: null }))
    expect(await store.get(uuids[0])).toEqual(resource(uuids[0]))
    expect((await store.list()).map(({ uuid, name }) => [uuid, name])).toEqual([
      [uuids[0], 'fast-db-curved-12345'],
      [uuids[1], null],
    ])
  })

  test('gives pages by uuid, without what was removed, if it can', async () => {
    const store = await open()
    for (const uuid of [...uuids].reverse()) await store.save(resource(uuid))
    await store.remove(uuids[1])
    if (!store.page) return expect(_name).toBe('in memory')
    const page = async (after: string | null) => (await store.page?.(after, 3))?.map(({ uuid }) => uuid)
    const [first, removed, ...others]: string[] = uuids
    expect(await page(null)).toEqual([first, ...others.slice(0, 2)])
    expect(await page(others.at(-2) ?? null)).toEqual([others.at(-1)])
    expect(await page(removed ?? null)).toEqual(others.slice(0, 3))
  })

  test('keeps a tombstone without secrets, also of what it never saw, and no tokens come after it', async () => {
    const store = await open()
    await store.save(resource(uuids[0]))
    await store.saveTokens(uuids[0], tokens)
    await store.remove(uuids[0])
    await store.remove(uuids[1])
    await store.saveTokens(uuids[0], tokens)
    for (const uuid of [uuids[0], uuids[1]]) {
      expect(await store.get(uuid)).toMatchObject({
        state: 'removed',
        config: null,
        logDrainToken: null,
        planAnswer: null,
      })
      expect(await store.tokens(uuid)).toBeNull()
    }
  })

  test('keeps tokens while the resource changes', async () => {
    const store = await open()
    await store.save(resource(uuids[0]))
    await store.saveTokens(uuids[0], tokens)
    await store.save(resource(uuids[0], { plan: 'big' }))
    expect(await store.tokens(uuids[0])).toEqual(tokens)
  })

  test('lets one at a time work on a uuid, others on other uuids, and the next one after a failure', async () => {
    const store = await open()
    const seen: string[] = []
    const work = (uuid: string, name: string) =>
      store.claim(uuid, async () => {
        seen.push(`${name} in`)
        await pause(30)
        seen.push(`${name} out`)
        if (name === 'a') throw new Error('a failed')
      })
    const other = store.claim(uuids[1], async () => seen.push('other'))
    const both = await Promise.allSettled([work(uuids[0], 'a'), work(uuids[0], 'b'), other])
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled'])
    expect(seen).toContain('other')
    const one = seen.filter((line) => line !== 'other')
    expect([one.join(), one.join()]).toContain(one[0] === 'a in' ? 'a in,a out,b in,b out' : 'b in,b out,a in,a out')
  })

  test('takes a sign-on token once, until it has run out', async () => {
    const store = await open()
    const now = new Date('2026-01-01T00:00:00Z')
    const until = new Date('2026-01-01T00:05:00Z')
    const uses = await Promise.all(Array.from({ length: 5 }, () => store.useOnce('token', until, now)))
    expect(uses.filter(Boolean)).toHaveLength(1)
    expect(await store.useOnce('other', until, now)).toBe(true)
    expect(await store.useOnce('token', until, new Date('2026-01-01T00:10:00Z'))).toBe(true)
  })
})

test('files are for the owner alone and are whole after each write', async () => {
  const folder = join(dir, 'private')
  const store = fileStore(folder)
  await store.save(resource(uuids[0]))
  const files = readdirSync(join(folder, 'resources'))
  expect(files).toEqual([`${uuids[0]}.json`])
  expect(statSync(join(folder, 'resources', files[0] as string)).mode & 0o077).toBe(0)
  // Another process, later.
  expect(await fileStore(folder).get(uuids[0])).toEqual(resource(uuids[0]))
  await expect(store.get('../../etc/passwd')).rejects.toThrow('uuid')
})

test('in PostgreSQL nothing secret is readable, and the tables may be made again and at the same time', async () => {
  const store = await onPostgres()
  await store.save(resource(uuids[0]))
  await store.saveTokens(uuids[0], tokens)
  const seal = createSeal('07'.repeat(32))
  const again = { pool: admin as pg.Pool, claims: admin as pg.Pool, seal, schema }
  await postgresStore(again)
  const row = JSON.stringify((await (admin as pg.Pool).query(`select * from ${schema}.resources`)).rows)
  expect(row).toContain('fast-db-curved-12345')
  expect(row).not.toContain('secret')
  await expect(postgresStore({ ...again, schema: 'x; drop' })).rejects.toThrow('plain name')
})

test('the work of the SDK in files survives its process', async () => {
  const folder = join(dir, 'survives')
  await fileStore(folder).save(resource(uuids[0]))
  const text = readFileSync(join(folder, 'resources', `${uuids[0]}.json`), 'utf8')
  expect(JSON.parse(text).resource.uuid).toBe(uuids[0])
})

test.each(['', 'short', 'g'.repeat(64)])('a key of the seal that is none (%j) is refused at the start', (key) => {
  expect(() => createSeal(key)).toThrow('32 bytes in hex')
})

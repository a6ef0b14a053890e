import { randomUUID } from 'node:crypto'
import fs from 'node:fs'
import http from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { selfSigned } from '@mortise/certificates/certificate'
import { exitCodeOf, type Finding, findingLines } from '@mortise/contract/finding'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type TestDatabase, testDatabase } from '../db/test-database.js'
import { parseMasterKeys } from '../secrets/keys.js'
import { createSecrets } from '../secrets/seal.js'
import { later, realWorld, type World } from '../world/world.js'
import { backupDaysMax, lastBackupSetting, lookAtDatabase, skewMsMax } from './database.js'
import { examine } from './doctor.js'
import { freeBytesMin, lookAtFolder } from './folder.js'
import { certificateDaysMin, lookAtPort, lookAtUrl } from './reach.js'
import { lookAtWork } from './work.js'

const secrets = createSecrets(parseMasterKeys(`1:${Buffer.alloc(32, 7).toString('base64')}`))
const otherSecrets = createSecrets(parseMasterKeys(`1:${Buffer.alloc(32, 8).toString('base64')}`))
const context = 'settings:master_key_check'
const openCheck = (with_: typeof secrets, sealed: string) => void with_.open(Buffer.from(sealed, 'base64'), context)
let aheadMs = 0
const world: World = { ...realWorld, now: () => later(new Date(), aheadMs) }
let database: TestDatabase
const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'mortise-doctor-'))
const servers: (http.Server | https.Server)[] = []

beforeAll(async () => {
  database = await testDatabase()
  const sealed = secrets.seal('mortise', context).toString('base64')
  await database.pool.query(`insert into settings values ('master_key_check', $1::jsonb)`, [JSON.stringify(sealed)])
})
afterAll(async () => {
  for (const server of servers) server.close()
  fs.rmSync(scratch, { recursive: true, force: true })
  await database.drop()
})
beforeEach(() => {
  aheadMs = 0
})

const of = (findings: Finding[], check: string) => findings.find((one) => one.check === check)
/** Every bad finding says what to do. */
function expectBad(findings: Finding[], check: string, state: 'warning' | 'problem', message: RegExp, next: RegExp) {
  const found = of(findings, check)
  expect(found, JSON.stringify(findings)).toMatchObject({ check, state })
  expect(found?.message).toMatch(message)
  expect(found?.next).toMatch(next)
}

describe('the data folder', () => {
  let dir: string
  beforeEach(() => {
    dir = fs.mkdtempSync(path.join(scratch, 'data-'))
    fs.writeFileSync(path.join(dir, 'version'), '1\n')
    fs.writeFileSync(path.join(dir, 'master.key'), 'a key', { mode: 0o600 })
  })
  const look = (given: Partial<Parameters<typeof lookAtFolder>[1]> = {}) =>
    lookAtFolder(dir, { masterKeys: false, ...given })
  const disk = (free: number, part: number) =>
    ({ statfs: () => ({ bsize: 1, bavail: free, blocks: free / part }) }) as never

  test('as the server makes it, it is fine', () => {
    expect(look(disk(100 * freeBytesMin, 0.5)).every(({ state }) => state === 'ok')).toBe(true)
  })
  test('none is there', () => {
    expectBad(
      lookAtFolder(path.join(scratch, 'nothing'), { masterKeys: false }),
      'data folder',
      'problem',
      /no installation/,
      /--data-dir/,
    )
  })
  test('others may write or list', () => {
    fs.chmodSync(dir, 0o777)
    expectBad(look(), 'data folder', 'problem', /may write/, /chmod go-w/)
    fs.chmodSync(dir, 0o755)
    expectBad(look(), 'data folder', 'warning', /may list/, /chmod go-r/)
  })
  test('the key is gone, or others may read it; one that is given needs no file', () => {
    fs.chmodSync(path.join(dir, 'master.key'), 0o644)
    expectBad(look(), 'master key file', 'problem', /may read/, /chmod 600 .* keys:rotate/)
    fs.rmSync(path.join(dir, 'master.key'))
    expectBad(look(), 'master key file', 'problem', /not there/, /Put back your copy/)
    expect(of(look({ masterKeys: true }), 'master key file')?.state).toBe('ok')
  })
  test('the first password still lies there, or is open to others', () => {
    const file = path.join(dir, 'credentials.json')
    fs.writeFileSync(file, '{}', { mode: 0o600 })
    expectBad(look(), 'credentials file', 'warning', /password and API key/, /Delete it/)
    fs.chmodSync(file, 0o644)
    expectBad(look(), 'credentials file', 'problem', /Others may read/, /Delete it/)
  })
  test('the disk is nearly full', () => {
    expectBad(look(disk(freeBytesMin / 2, 0.5)), 'disk', 'problem', /Only 0\.5 GB \(50 %\)/, /Make room/)
    expectBad(look(disk(50 * freeBytesMin, 0.05)), 'disk', 'warning', /\(5 %\)/, /Make room/)
  })
})

describe('the database', () => {
  const look = (with_: typeof secrets | null = secrets) => lookAtDatabase(database.db, world, with_, openCheck)

  test('as the server keeps it, only the backup is missing', async () => {
    const findings = await look()
    expect(findings.filter(({ state }) => state !== 'ok').map(({ check }) => check)).toEqual(['backup'])
  })
  test('the key is another, or there is none', async () => {
    expectBad(await look(otherSecrets), 'master key', 'problem', /does not open/, /MORTISE_MASTER_KEYS/)
    expectBad(await look(null), 'master key', 'problem', /no master key/, /MORTISE_MASTER_KEYS/)
  })
  test('the clocks differ', async () => {
    aheadMs = skewMsMax + 60_000
    expectBad(await look(), 'clock', 'problem', /6\d s behind/, /time server/)
    aheadMs = -skewMsMax - 60_000
    expectBad(await look(), 'clock', 'problem', /6\d s ahead of/, /time server/)
  })
  test('the last backup is old', async () => {
    const put = (days: number) =>
      database.pool.query(
        `insert into settings values ($1, $2::jsonb) on conflict (name) do update set value = excluded.value`,
        [lastBackupSetting, JSON.stringify(later(new Date(), -days * 86_400_000).toISOString())],
      )
    await put(backupDaysMax + 2)
    expectBad(await look(), 'backup', 'warning', /9 days old/, /mortise backup FILE/)
    await put(0)
    expect(of(await look(), 'backup')?.state).toBe('ok')
  })
  test('the tables wait for a change, are too new, or are not ours', async () => {
    const { rows } = await database.pool.query(
      'delete from schema_migrations where number = (select max(number) from schema_migrations) returning *',
    )
    expectBad(await look(), 'schema', 'warning', /1 changes of the tables/, /Restart/)
    const put = (number: number) =>
      database.pool.query('insert into schema_migrations values ($1, $2, $3, $4)', [
        number,
        rows[0].name,
        rows[0].digest,
        rows[0].applied_at,
      ])
    await put(rows[0].number)
    await put(9_999)
    expectBad(await look(), 'schema', 'problem', /newer Mortise \(schema 9999\)/, /program that the server runs/)
    await database.pool.query('delete from schema_migrations where number = 9999')
    const empty = await testDatabase()
    await empty.pool.query('alter table schema_migrations rename to theirs')
    expectBad(
      await lookAtDatabase(empty.db, world, secrets, openCheck),
      'schema',
      'problem',
      /never used/,
      /Check the address/,
    )
    await empty.drop()
  })
  test('it is away', async () => {
    const dir = fs.mkdtempSync(path.join(scratch, 'away-'))
    fs.writeFileSync(path.join(dir, 'version'), '1\n')
    const findings = await examine({
      world,
      version: '1.0.0',
      dataDir: dir,
      hasOwnKeys: true,
      secrets,
      reach: () => Promise.reject(new Error('connect ECONNREFUSED')),
      openCheck,
      urlOf: async () => null,
    })
    expectBad(findings, 'database', 'problem', /ECONNREFUSED/, /check its address/)
    expect(exitCodeOf(findings)).toBe(1)
  })
})

describe('the work', () => {
  const look = () => lookAtWork(database.db, world, '1.0.0')
  const process_ = (role: string, version: string, ageSeconds: number) =>
    database.pool.query(
      `insert into processes (id, role, host, pid, pid_start, version, started_at, beat_at)
       values ($1, $2, 'box', 42, '', $3, now(), now() - make_interval(secs => $4))`,
      [randomUUID(), role, version, ageSeconds],
    )
  const operation = (state: string, minutesAgo: number) =>
    database.pool.query(
      `insert into operations (id, saga, subject, actor, params, step, state, next_at, created_at, updated_at, ended_at)
       values ($1, 's', $2, '{}', '{}', 'x', $3, now() - make_interval(mins => $4), now(), now(), null)`,
      [randomUUID(), randomUUID(), state, minutesAgo],
    )
  beforeEach(async () => {
    await database.pool.query('delete from processes; delete from operations; delete from events')
    await process_('all', '1.0.0', 0)
  })

  test('a quiet installation is well', async () => {
    expect((await look()).every(({ state }) => state === 'ok')).toBe(true)
  })
  test('nothing runs apps', async () => {
    await database.pool.query('delete from processes')
    expectBad(await look(), 'processes', 'problem', /No process runs apps/, /without --role/)
  })
  test('a worker fell silent; another is of an older version', async () => {
    await process_('worker', '1.0.0', 60)
    await process_('api', '0.9.0', 0)
    expectBad(await look(), 'silent processes', 'warning', /worker \(process 42 on box\)/, /dead, paused/)
    expectBad(await look(), 'versions', 'warning', /0\.9\.0 work beside this program's 1\.0\.0/, /Restart them/)
  })
  test('a story is stuck', async () => {
    await operation('stuck', 0)
    expectBad(await look(), 'operations', 'problem', /1 operations are stuck/, /mortise operations -s stuck/)
  })
  test('what is due is not taken up', async () => {
    await operation('waiting', 10)
    expectBad(await look(), 'background work', 'problem', /1 operations/, /restart the process/)
    await database.pool.query('delete from operations')
    await database.pool.query(
      `insert into events (id, at, actor, action, resource, subject, data) values ($1, now() - interval '1 hour', '{}', 'update', 'app', $1, '{}')`,
      [randomUUID()],
    )
    expectBad(await look(), 'background work', 'problem', /events are not handed/, /restart the process/)
  })
  test('a resource is stuck on the ledger, a circuit is open, a webhook has had no answer', async () => {
    const { pool } = database
    const [account, service, plan, price, addon] = [1, 2, 3, 4, 5].map(() => randomUUID())
    const client = await pool.connect()
    await client.query('begin')
    await client.query(
      `insert into accounts (id, email, created_at, updated_at) values ($1, 'p@example.com', now(), now())`,
      [account],
    )
    await client.query(
      `insert into addon_services (id, name, human_name, state, protocol, owner_id, created_at, updated_at) values ($1, 'fast-db', 'F', 'ga', 'heroku-v3', $2, now(), now())`,
      [service, account],
    )
    await client.query(
      `insert into plan_prices (id, plan_id, cents, unit, created_at) values ($1, $2, 0, 'month', now())`,
      [price, plan],
    )
    await client.query(
      `insert into plans (id, service_id, name, human_name, description, price_id, created_at, updated_at) values ($1, $2, 'mini', 'M', '', $3, now(), now())`,
      [plan, service, price],
    )
    await client.query(
      `insert into addons (id, name, service_id, plan_id, price_id, owner_id, region, state, created_at, updated_at) values ($1, 'a-1', $2, $3, $4, $5, 'us', 'provisioned', now(), now())`,
      [addon, service, plan, price, account],
    )
    await client.query(`insert into debts (addon_id, state, updated_at) values ($1, 'stuck', now())`, [addon])
    await client.query(`insert into provider_circuits (service_id, state, updated_at) values ($1, 'open', now())`, [
      service,
    ])
    await client.query(
      `insert into webhooks (id, addon_id, side, include, level, url, sealed, failing_since, created_at, updated_at) values ($1, $2, 'customer', '{}', 'notify', '', '', now() - interval '2 days', now(), now())`,
      [randomUUID(), addon],
    )
    await client.query('commit')
    client.release()
    expectBad(await look(), 'ledger', 'problem', /1 resources/, /mortise ledger -s stuck/)
    expectBad(await look(), 'providers', 'warning', /fast-db failed several times/, /mortise providers/)
    expectBad(await look(), 'webhooks', 'warning', /1 webhooks have had no answer/, /webhooks:deliveries/)
  })
})

describe('the way in', () => {
  const pair = (days: number) =>
    selfSigned(['localhost', '127.0.0.1'], later(new Date(), -86_400_000), later(new Date(), days * 86_400_000))

  /** What stands in front, and how it passes things on. */
  async function front(caller: object | null, given: { hsts?: boolean; days?: number } = {}) {
    const tls = given.days === undefined ? null : pair(given.days)
    const answer: http.RequestListener = (req, res) => {
      const host = req.headers.host ?? ''
      const said = caller && {
        address: '198.51.100.1',
        host,
        proto: tls ? 'https' : 'http',
        is_passed_on: true,
        is_trusted: true,
        ...caller,
      }
      const body = said && 'echo' in said ? { ...said, address: req.headers['x-forwarded-for'] } : said
      if (given.hsts) res.setHeader('strict-transport-security', 'max-age=1')
      res.writeHead(caller ? 200 : 404).end(caller ? JSON.stringify(body) : '<h1>Welcome to nginx!</h1>')
    }
    const server = tls ? https.createServer({ key: tls.key, cert: tls.certificate }, answer) : http.createServer(answer)
    servers.push(server)
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    const { port } = server.address() as AddressInfo
    return { url: `${tls ? 'https' : 'http'}://localhost:${port}`, ca: tls?.certificate }
  }
  const look = async (...given: Parameters<typeof front>) => {
    const { url, ca } = await front(...given)
    return lookAtUrl(url, new Date(), ca)
  }
  const good = { hsts: true, days: 90 }

  test('a proxy that does all of it is well', async () => {
    const findings = await look({}, good)
    expect(findings.map(({ check, state }) => [check, state])).toEqual([
      ['public address', 'ok'],
      ['certificate', 'ok'],
      ['proxy headers', 'ok'],
      ['HSTS', 'ok'],
    ])
  })
  test('nothing is there, or something else', async () => {
    expectBad(await lookAtUrl('http://127.0.0.1:9', new Date()), 'public address', 'problem', /can't be reached/, /DNS/)
    expectBad(await look(null), 'public address', 'problem', /Something else than Mortise/, /pass everything/)
  })
  test('the certificate is not trusted, or runs out soon', async () => {
    const { url } = await front({}, good)
    expectBad(await lookAtUrl(url, new Date()), 'public address', 'problem', /SELF_SIGNED|CERT/, /tls\.md/)
    expectBad(
      await look({}, { ...good, days: certificateDaysMin - 2 }),
      'certificate',
      'warning',
      /runs out in 1\d days/,
      /Renew/,
    )
  })
  test('anybody can say who they are', async () => {
    expectBad(
      await look({ echo: true }, good),
      'proxy headers',
      'problem',
      /believed an X-Forwarded-For/,
      /set X-Forwarded-For itself/,
    )
  })
  test('the proxy is not trusted', async () => {
    expectBad(
      await look({ is_trusted: false, address: '10.0.0.7' }, good),
      'proxy headers',
      'warning',
      /everybody seems/,
      /--trusted-proxy 10\.0\.0\.7/,
    )
  })
  test('the proxy asks for another host, or hides the scheme', async () => {
    expectBad(
      await look({ host: '127.0.0.1:5055' }, good),
      'proxy headers',
      'problem',
      /asks for 127\.0\.0\.1:5055/,
      /pass on Host/,
    )
    expectBad(await look({ proto: 'http' }, good), 'proxy headers', 'problem', /takes requests .* for http/, /\$scheme/)
  })
  test('browsers are not told to come by https', async () => {
    expectBad(await look({}, { days: 90 }), 'HSTS', 'warning', /not told/, /--url/)
  })
  test('no process answers on its port', async () => {
    expect(await lookAtPort(null)).toMatchObject({ state: 'problem', next: 'Start the server.' })
    expect(await lookAtPort('127.0.0.1:9')).toMatchObject({
      state: 'problem',
      message: expect.stringContaining('ECONNREFUSED'),
    })
    const { url } = await front(null)
    expect(await lookAtPort(new URL(url).host)).toMatchObject({
      state: 'problem',
      message: expect.stringContaining('404'),
    })
  })
})

test('people read a line for each, what to do beneath, and the sum', () => {
  const findings: Finding[] = [
    { check: 'disk', state: 'ok', message: 'Room.', next: '' },
    { check: 'clock', state: 'problem', message: 'Wrong.', next: 'Set it.' },
  ]
  expect(findingLines(findings)).toEqual([
    'ok       disk: Room.',
    'PROBLEM  clock: Wrong.',
    '         Set it.',
    '2 checks: 1 problems, 0 warnings.',
  ])
})

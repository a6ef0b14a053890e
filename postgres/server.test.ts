import { spawn } from 'node:child_process'
import fs from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { ensureAccount } from './account.js'
import { findBinaries } from './binaries.js'
import { createDatabase, type PostgresOptions, type PostgresServer, startPostgres } from './server.js'

const isRoot = process.getuid?.() === 0
let top: string
const running = new Set<PostgresServer>()

beforeAll(() => {
  top = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), 'mortise-pg-'))
  fs.chmodSync(top, 0o755)
})
afterEach(async () => {
  for (const server of running) await server.stop()
  running.clear()
})
afterAll(() => fs.rmSync(top, { recursive: true, force: true }))

async function start(options: PostgresOptions): Promise<PostgresServer> {
  const server = await startPostgres(options)
  running.add(server)
  return server
}

async function ask(connection: string | pg.ClientConfig, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(typeof connection === 'string' ? { connectionString: connection } : connection)
  // A server that is shut down says so on every open connection; here that is no news.
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

async function freePort(): Promise<number> {
  const listener = net.createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => listener.once('listening', resolve))
  const { port } = listener.address() as net.AddressInfo
  await new Promise((resolve) => listener.close(resolve))
  return port
}

// One cluster for these, in this order: making one takes most of a second.
describe('one folder, start after start', () => {
  const dir = () => path.join(top, 'one')

  test('the first start makes a cluster that is durable, in UTF-8 and UTC, with the settings asked for', async () => {
    const server = await start({ dir: dir(), settings: { max_connections: '42' } })
    expect(server.firstStart).toBe(true)
    const shown = async (name: string) => Object.values((await ask(server.url(), `show ${name}`))[0]!)[0]
    expect(await shown('fsync')).toBe('on')
    expect(await shown('synchronous_commit')).toBe('on')
    expect(await shown('data_checksums')).toBe('on')
    expect(await shown('server_encoding')).toBe('UTF8')
    expect(await shown('timezone')).toBe('UTC')
    expect(await shown('max_connections')).toBe('42')
    expect(await ask(server.url(), `select lower('ÄÖ') as lower`)).toEqual([{ lower: 'äö' }])
    await ask(server.url(), 'create table kept as select 7 as seven')
  })

  test('a later start finds its data', async () => {
    const server = await start({ dir: dir() })
    expect(server.firstStart).toBe(false)
    expect(await ask(server.connection(), 'select seven from kept')).toEqual([{ seven: 7 }])
  })

  test('a database is made once, whatever its name', async () => {
    const server = await start({ dir: dir() })
    expect(await createDatabase(server, 'Gäste "buch"')).toBe(true)
    expect(await createDatabase(server, 'Gäste "buch"')).toBe(false)
    const both = await Promise.all([createDatabase(server, 'racy'), createDatabase(server, 'racy')])
    expect(both.sort()).toEqual([false, true])
    const name = await ask(server.url('Gäste "buch"'), 'select current_database() as name')
    expect(name).toEqual([{ name: 'Gäste "buch"' }])
  })

  test('the only way in is a socket in a closed folder, and it asks for the password', async () => {
    const server = await start({ dir: dir() })
    const { host, password } = server.connection()
    expect(await ask(server.url(), 'show listen_addresses')).toEqual([{ listen_addresses: '' }])
    expect(fs.statSync(host).mode & 0o777).toBe(0o700)
    await expect(ask({ ...server.connection(), password: 'guess' }, 'select 1')).rejects.toThrow('password')
    const file = path.join(dir(), 'superuser.password')
    expect(fs.readFileSync(file, 'utf8').trim()).toBe(password)
    expect(fs.statSync(file).mode & 0o777).toBe(0o600)
  })

  test.runIf(isRoot && process.platform === 'linux')(
    'as root the server runs as an account of its own and sees nothing of our environment',
    async () => {
      const server = await start({ dir: dir() })
      const status = fs.readFileSync(`/proc/${server.pid}/status`, 'utf8')
      const { uid } = ensureAccount('mortise-postgres')!
      expect(status).toMatch(new RegExp(`^Uid:\\t${uid}\\t${uid}\\t${uid}\\t${uid}$`, 'm'))
      expect(status).toMatch(/^Groups:\s*$/m)
      const environment = fs.readFileSync(`/proc/${server.pid}/environ`, 'utf8').split('\0').filter(Boolean)
      expect(environment.sort()).toEqual(['LC_ALL=C', 'PATH=/usr/bin:/bin', 'TZ=UTC'])
      expect(fs.statSync(path.join(dir(), 'superuser.password')).uid).toBe(0)
    },
  )

  test('a failed statement leaves nothing of itself in the log', async () => {
    const server = await start({ dir: dir() })
    await expect(ask(server.url(), `create role "mortise" password 'hush-hush'`)).rejects.toThrow('exists')
    expect(fs.readFileSync(path.join(dir(), 'postgres.log'), 'utf8')).not.toContain('hush-hush')
  })

  test('a second start on a folder in use is refused, and the first goes on', async () => {
    const server = await start({ dir: dir() })
    await expect(start({ dir: dir() })).rejects.toThrow(`${dir()} is in use by process ${process.pid}`)
    expect(await ask(server.url(), 'select 1 as one')).toEqual([{ one: 1 }])
  })

  test('a stopped server is gone, and stopping again is no error', async () => {
    const server = await start({ dir: dir() })
    await Promise.all([server.stop(), server.stop()])
    await server.stop()
    expect(await server.exited).toEqual({ code: 0, signal: null })
    expect(() => process.kill(server.pid, 0)).toThrow('ESRCH')
  })

  test('a server that dies by itself is noticed, and the next start finds what was committed', async () => {
    const server = await start({ dir: dir() })
    await ask(server.url(), 'insert into kept values (8)')
    process.kill(server.pid, 'SIGKILL')
    expect(await server.exited).toEqual({ code: null, signal: 'SIGKILL' })
    const next = await start({ dir: dir() })
    expect(await ask(next.url(), 'select seven from kept order by 1')).toEqual([{ seven: 7 }, { seven: 8 }])
  })

  test('a server that nobody minds any more is ended before a new start', async () => {
    const account = ensureAccount('mortise-postgres')
    const { postgres } = findBinaries({ dir: dir(), forOthers: account !== null, log: () => {} })
    const conf = ['config_file=postgresql.conf', 'hba_file=pg_hba.conf'].flatMap((name) => {
      const [key, file] = name.split('=')
      return ['-c', `${key}=${path.join(dir(), file!)}`]
    })
    const orphan = spawn(postgres, ['-D', path.join(dir(), 'data'), ...conf], {
      ...account,
      stdio: 'ignore',
      cwd: dir(),
      env: { LC_ALL: 'C' },
    })
    const ended = new Promise((resolve) => orphan.once('exit', resolve))
    for (let i = 0; i < 200 && !fs.existsSync(path.join(dir(), 'socket/.s.PGSQL.5432')); i++) await sleep(20)
    const said: string[] = []
    const server = await start({ dir: dir(), log: (line) => said.push(line) })
    expect(await ended).toBe(0)
    expect(said.join()).toMatch(/Ended \d+ PostgreSQL processes/)
    expect(await ask(server.url(), 'select count(*)::int as n from kept')).toEqual([{ n: 2 }])
  })

  test("a pid file whose number is somebody else's now does not keep the server from starting", async () => {
    const file = path.join(dir(), 'data/postmaster.pid')
    // Of the server's own account: PostgreSQL would find it alive and refuse for good, as after a container's restart.
    const stranger = spawn('sleep', ['60'], { stdio: 'ignore', cwd: '/', ...ensureAccount('mortise-postgres') })
    fs.writeFileSync(file, `${stranger.pid}\n${path.join(dir(), 'data')}\n1\n5432\n\n\n0 0\nready\n`)
    try {
      const server = await start({ dir: dir() })
      expect(server.firstStart).toBe(false)
      expect(stranger.exitCode ?? stranger.signalCode).toBeNull()
    } finally {
      stranger.kill('SIGKILL')
    }
  })

  test('what was left of a half-made cluster is thrown away', async () => {
    const half = path.join(dir(), 'data.half-0a1b2c3d')
    fs.mkdirSync(path.join(half, 'base'), { recursive: true })
    fs.writeFileSync(path.join(dir(), 'initdb.half-0a1b2c3d'), 'password')
    await start({ dir: dir() })
    expect(fs.readdirSync(dir()).filter((name) => name.includes('half'))).toEqual([])
  })

  test('with TCP it takes connections on 127.0.0.1, and says in a sentence when the port is taken', async () => {
    const port = await freePort()
    const server = await start({ dir: dir(), tcp: { host: '127.0.0.1', port } })
    expect(server.url('x')).toMatch(new RegExp(`^postgres://mortise:[^@]+@127\\.0\\.0\\.1:${port}/x$`))
    expect(await ask(server.url(), 'select inet_server_addr()::text as at')).toEqual([{ at: '127.0.0.1/32' }])
    await expect(ask({ ...server.connection(), password: 'guess' }, 'select 1')).rejects.toThrow('password')
    await server.stop()

    const listener = net.createServer().listen(port, '127.0.0.1')
    await new Promise((resolve) => listener.once('listening', resolve))
    const refused = start({ dir: dir(), tcp: { host: '127.0.0.1', port } })
    await expect(refused).rejects.toThrow(`Port ${port} on 127.0.0.1 is in use.`)
    await new Promise((resolve) => listener.close(resolve))
    await start({ dir: dir(), tcp: { host: '127.0.0.1', port } })
  })

  test('a setting that PostgreSQL refuses is named', async () => {
    await expect(start({ dir: dir(), settings: { shared_buffers: 'lots' } })).rejects.toThrow(/did not start/)
    await expect(start({ dir: dir(), settings: { no_such: '1' } })).rejects.toThrow(/did not start/)
  })

  test('a cluster of another major version is left alone', async () => {
    const file = path.join(dir(), 'data/PG_VERSION')
    fs.writeFileSync(file, '17\n')
    await expect(start({ dir: dir() })).rejects.toThrow(/made by PostgreSQL 17, and these binaries are PostgreSQL 18/)
    fs.writeFileSync(file, '18\n')
    await start({ dir: dir() })
  })

  test('a cluster whose password is gone is not given a new one', async () => {
    const file = path.join(dir(), 'superuser.password')
    fs.renameSync(file, `${file}.away`)
    await expect(start({ dir: dir() })).rejects.toThrow('superuser.password is missing')
    fs.renameSync(`${file}.away`, file)
    await start({ dir: dir() })
  })
})

test('a path too long for a socket works all the same', async () => {
  const dir = path.join(top, 'a'.repeat(60), 'b'.repeat(60), 'with a space')
  const server = await start({ dir })
  expect(server.connection().host.length).toBeLessThan(60)
  expect(await ask(server.url(), 'select 1 as one')).toEqual([{ one: 1 }])
  await server.stop()
  fs.rmSync(server.connection().host, { recursive: true })
})

test('a folder with something else in it is not touched', async () => {
  const dir = path.join(top, 'other')
  fs.mkdirSync(path.join(dir, 'data'), { recursive: true })
  fs.writeFileSync(path.join(dir, 'data/diary.txt'), 'mine')
  await expect(start({ dir })).rejects.toThrow('holds files but no PostgreSQL cluster')
  expect(fs.readFileSync(path.join(dir, 'data/diary.txt'), 'utf8')).toBe('mine')
})

test('what can not work is said before anything is made', async () => {
  const dir = path.join(top, 'never')
  await expect(start({ dir, tcp: { host: '127.0.0.1', port: 0 } })).rejects.toThrow('not a port')
  await expect(start({ dir, superuser: 'a b' })).rejects.toThrow("can't be the superuser")
  expect(fs.existsSync(dir)).toBe(false)
  await expect(start({ dir, binaries: '/nowhere' })).rejects.toThrow('There is no /nowhere/bin/postgres')
  fs.writeFileSync(path.join(top, 'file'), '')
  await expect(start({ dir: path.join(top, 'file') })).rejects.toThrow("can't be used")
})

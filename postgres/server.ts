import fs from 'node:fs'
import path from 'node:path'
import pg from 'pg'
import { ensureAccount } from './account.js'
import { findBinaries } from './binaries.js'
import { ensureCluster } from './cluster.js'
import { PostgresFailed } from './failed.js'
import { launch, type Postmaster } from './launch.js'
import { endLeftover } from './leftover.js'
import { takeLock } from './lock.js'
import { openLog } from './log-file.js'
import { superuserPassword } from './password.js'
import { reachableFolder } from './reachable.js'
import { configuration, hostAuthentication } from './settings.js'
import { socketFolder } from './socket.js'

export { PostgresFailed }

export interface PostgresOptions {
  /** Folder for this cluster, made when missing. The cluster is in `dir/data`, or where `dir/reachable-postgresql` points. */
  dir: string
  /** Account to run as when we are root, which PostgreSQL refuses; made when missing. Default 'mortise-postgres'. */
  account?: string
  /** Default 'mortise'. Fixed when the cluster is made. */
  superuser?: string
  /** Absent: the socket is the only way in. */
  tcp?: { host: '127.0.0.1'; port: number }
  /** Settings of postgresql.conf to add or to change. */
  settings?: Record<string, string>
  /** A folder with bin/postgres and bin/initdb to use instead of those that came with npm. */
  binaries?: string
  /** Told what the supervisor does, a line each. The server's own words are in `dir/postgres.log`. */
  log?: (line: string) => void
}

export interface PostgresServer {
  /** A connection string for `pg`, as superuser, with the password in it: never log it. Default database 'postgres'. */
  url(database?: string): string
  /** The same in parts. Without TCP `host` is the socket's folder, which `pg` takes for a host. */
  connection(database?: string): { host: string; port: number; user: string; password: string; database: string }
  pid: number
  port: number
  /** Whether this start made the cluster. */
  firstStart: boolean
  /** Resolves when the server has ended, wanted or not. Never rejects. */
  exited: Promise<{ code: number | null; signal: string | null }>
  /** Ends it within 10 s: sessions are cut, what was committed is kept. Safe to repeat. */
  stop(): Promise<void>
}

// A socket needs a number in its name too. Ours lies in a folder of its own, so the usual one is free.
const socketPort = 5432

/**
 * Starts a PostgreSQL server on the cluster in `dir`, made there when missing, and resolves when it takes connections.
 * What an earlier run left behind (a server without a supervisor, half a cluster, a stale lock) is cleared first. The
 * server ends with this process, however that ends; it does not keep this process alive. Call it from the main thread.
 * @throws PostgresFailed with one sentence for people: folder in use, port taken, other version, no binaries, …
 */
export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  const tell = options.log ?? (() => {})
  checkOptions(options)
  const dir = openedFolder(path.resolve(options.dir))
  const unlock = takeLock(dir)
  try {
    const server = await startLocked(options, dir, tell)
    server.exited.then(unlock)
    return server
  } catch (error) {
    unlock()
    throw error
  }
}

/**
 * Makes a database. Safe to repeat, and at the same time from several places.
 * @returns true when it was made just now, false when it was there
 */
export async function createDatabase(server: PostgresServer, name: string): Promise<boolean> {
  const client = new pg.Client(server.connection())
  await client.connect()
  try {
    // Asked first, only so that every later start doesn't leave an error in the server's log.
    const known = await client.query('select from pg_database where datname = $1', [name])
    if (known.rowCount) return false
    await client.query(`create database ${pg.escapeIdentifier(name)}`)
    return true
  } catch (error) {
    // duplicate_database; or unique_violation, when two make it in the same moment.
    if (['42P04', '23505'].includes((error as pg.DatabaseError).code ?? '')) return false
    throw error
  } finally {
    await client.end()
  }
}

async function startLocked(
  options: PostgresOptions,
  dir: string,
  tell: (line: string) => void,
): Promise<PostgresServer> {
  const { account: accountName = 'mortise-postgres', superuser = 'mortise', tcp } = options
  const account = ensureAccount(accountName)
  const binaries = findBinaries({ binaries: options.binaries, dir, forOthers: account !== null, log: tell })
  const home = reachableFolder(dir, 'postgresql')
  const data = path.join(home, 'data')

  const ended = await endLeftover(data)
  if (ended) tell(`Ended ${ended} PostgreSQL processes that an earlier run left on ${data}.`)
  const password = superuserPassword(dir, fs.existsSync(path.join(data, 'PG_VERSION')))
  const firstStart = await ensureCluster({ home, binaries, account, accountName, superuser, password })
  if (firstStart) tell(`Made a PostgreSQL ${binaries.major} cluster in ${data}.`)

  const port = tcp?.port ?? socketPort
  const socketDir = socketFolder(home, port, account)
  const tcpHost = tcp?.host ?? null
  const files = { config: path.join(home, 'postgresql.conf'), hba: path.join(home, 'pg_hba.conf') }
  writeFor(account, files.config, configuration(options.settings ?? {}, { port, socketDir, tcpHost }))
  writeFor(account, files.hba, hostAuthentication(tcpHost))

  const log = openLog(path.join(dir, 'postgres.log'), tell)
  let postmaster: Postmaster
  try {
    postmaster = await launch({ binaries, home, data, files, account, log, tcp })
  } catch (error) {
    log.close()
    throw error
  }
  postmaster.exited.then(() => log.close())
  const connection = (database = 'postgres') => ({
    host: tcpHost ?? socketDir,
    port,
    user: superuser,
    password,
    database,
  })
  try {
    await prove(connection(), dir)
  } catch (error) {
    await postmaster.stop()
    throw error
  }
  return { ...postmaster, connection, url: (database) => urlOf(connection(database)), port, firstStart }
}

// The pid file says "ready" before anyone has tried the password.
async function prove(connection: pg.ClientConfig, dir: string): Promise<void> {
  const client = new pg.Client({ ...connection, connectionTimeoutMillis: 10_000 })
  try {
    await client.connect()
    await client.query('select 1')
  } catch (cause) {
    throw new PostgresFailed(`The database in ${dir} started but refused its superuser: ${(cause as Error).message}.`, {
      cause,
    })
  } finally {
    await client.end()
  }
}

function urlOf({ host, port, user, password, database }: ReturnType<PostgresServer['connection']>): string {
  const [name, login] = [encodeURIComponent(database), `${encodeURIComponent(user)}:${encodeURIComponent(password)}`]
  if (host.startsWith('/')) return `postgres://${login}@/${name}?host=${encodeURIComponent(host)}&port=${port}`
  return `postgres://${login}@${host}:${port}/${name}`
}

function checkOptions({ tcp, superuser = 'mortise' }: PostgresOptions): void {
  if (tcp && !(Number.isInteger(tcp.port) && tcp.port > 0 && tcp.port < 65_536)) {
    throw new PostgresFailed(`${tcp.port} is not a port. Choose one from 1 to 65535.`)
  }
  if (tcp && tcp.host !== '127.0.0.1') throw new PostgresFailed('The embedded PostgreSQL listens on 127.0.0.1 only.')
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(superuser) || superuser.startsWith('pg_')) {
    throw new PostgresFailed(
      `"${superuser}" can't be the superuser's name: use lower-case letters, digits and underscores.`,
    )
  }
}

function openedFolder(dir: string): string {
  try {
    fs.mkdirSync(dir, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 })
    fs.accessSync(dir, fs.constants.R_OK | fs.constants.W_OK | fs.constants.X_OK)
    return fs.realpathSync(dir)
  } catch (cause) {
    throw new PostgresFailed(`The database folder ${dir} can't be used (${(cause as Error).message}).`, { cause })
  }
}

// Root's file, which the server may read and not change. Written anew and renamed, so never half and never through a link.
function writeFor(account: { gid: number } | null, file: string, content: string): void {
  const half = `${file}.half`
  fs.rmSync(half, { force: true })
  fs.writeFileSync(half, content, { mode: account ? 0o640 : 0o600, flag: 'wx' })
  if (account) fs.chownSync(half, 0, account.gid)
  fs.renameSync(half, file)
}

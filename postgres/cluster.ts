import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import type { Account } from './account.js'
import type { Binaries } from './binaries.js'
import { diesWithUs, environment } from './death-signal.js'
import { syncFolder } from './durable.js'
import { PostgresFailed } from './failed.js'
import { endLeftover } from './leftover.js'

interface ClusterOptions {
  /** Where `data` is or will be; the account can enter it. */
  home: string
  binaries: Binaries
  account: Account | null
  accountName: string
  superuser: string
  password: string
}

/**
 * Sees to it that `home/data` is a cluster these binaries can run. A cluster appears whole or not at all: it is made
 * beside its place and renamed, so what a crash left half made is thrown away here.
 * @returns true when the cluster was made just now
 * @throws PostgresFailed when what is there is of another major version, somebody else's, or no cluster
 */
export async function ensureCluster(options: ClusterOptions): Promise<boolean> {
  const data = path.join(options.home, 'data')
  await removeHalves(options.home)
  if (fs.existsSync(path.join(data, 'PG_VERSION'))) {
    check(data, options)
    return false
  }
  if (fs.existsSync(data) && fs.readdirSync(data).length > 0) {
    throw new PostgresFailed(`${data} holds files but no PostgreSQL cluster. Move them away, or choose another folder.`)
  }
  await makeCluster(data, options)
  return true
}

function check(data: string, { binaries, account, accountName }: ClusterOptions): void {
  const major = Number.parseInt(fs.readFileSync(path.join(data, 'PG_VERSION'), 'utf8'), 10)
  if (major !== binaries.major) {
    throw new PostgresFailed(
      `The database in ${data} was made by PostgreSQL ${major}, and these binaries are PostgreSQL ${binaries.major}. ` +
        `Start it with binaries of version ${major}, or dump it there and restore it into a new folder.`,
    )
  }
  const owner = fs.statSync(data).uid
  const runner = account?.uid ?? process.getuid?.() ?? owner
  if (owner !== runner) {
    const cure = account ? `Run "chown -R ${accountName} ${data}", or start as that user.` : 'Start as that user.'
    throw new PostgresFailed(`The database in ${data} belongs to the user with id ${owner}. ${cure}`)
  }
}

async function removeHalves(home: string): Promise<void> {
  for (const name of fs.readdirSync(home)) {
    if (!/^(data|initdb)\.half-[0-9a-f]+$/.test(name)) continue
    const half = path.join(home, name)
    // initdb runs a server of its own in there, which may outlive it by a moment and write while we remove.
    if (name.startsWith('data.')) await endLeftover(half)
    fs.rmSync(half, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
  }
}

async function makeCluster(data: string, options: ClusterOptions): Promise<void> {
  const { home, account } = options
  const mark = randomBytes(4).toString('hex')
  const half = path.join(home, `data.half-${mark}`)
  const passwordFile = path.join(home, `initdb.half-${mark}`)
  try {
    fs.mkdirSync(half, { mode: 0o700 })
    fs.writeFileSync(passwordFile, `${options.password}\n`, { mode: 0o600, flag: 'wx' })
    if (account) {
      fs.chownSync(half, account.uid, account.gid)
      // initdb reads it as the account; it lives for a second.
      fs.chownSync(passwordFile, account.uid, account.gid)
    }
    await runInitdb(half, passwordFile, options)
    // An empty folder may stand in its place; rename replaces it.
    fs.renameSync(half, data)
    syncFolder(home)
  } finally {
    fs.rmSync(passwordFile, { force: true })
    fs.rmSync(half, { recursive: true, force: true })
  }
}

async function runInitdb(half: string, passwordFile: string, options: ClusterOptions): Promise<void> {
  const { binaries, account, superuser, home } = options
  const args = ['--pgdata', half, '--username', superuser, '--auth', 'scram-sha-256', '--pwfile', passwordFile]
  args.push('--encoding', 'UTF8', ...locale(binaries.major), '--data-checksums', '--no-instructions')
  const [command, ...before] = [...diesWithUs('KILL'), binaries.initdb]
  const initdb = spawn(command!, [...before, ...args], {
    cwd: home,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(account ? { uid: account.uid, gid: account.gid } : {}),
  })
  let said = ''
  initdb.stdout.on('data', (chunk) => (said += chunk))
  initdb.stderr.on('data', (chunk) => (said += chunk))
  const code = await new Promise<number | string>((resolve) => {
    initdb.once('error', (error) => resolve(error.message))
    initdb.once('close', (code, signal) => resolve(code ?? String(signal)))
  })
  if (code === 0) return
  const why = said.split('\n').find((line) => /error|fatal|could not/i.test(line)) ?? `it ended with ${code}`
  throw new PostgresFailed(`The database in ${home} could not be made: ${why.trim()}`)
}

// PostgreSQL's own C.UTF-8 (from 17 on) sorts the same on every machine and needs nothing installed there.
function locale(major: number): string[] {
  return major >= 17
    ? ['--locale', 'C', '--locale-provider', 'builtin', '--builtin-locale', 'C.UTF-8']
    : ['--locale', 'C.UTF-8']
}

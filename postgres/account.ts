import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { PostgresFailed } from './failed.js'

export interface Account {
  uid: number
  gid: number
}

// Shared by other software on the same machine: whoever runs as one of them could read our data or signal our server.
const sharedAccounts = ['root', 'nobody', 'postgres', 'daemon', 'bin']
const lockWaitMs = 10_000
// The tools live in sbin, which a service's PATH often lacks. Nothing else of our environment is handed on.
const environment = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' }

/**
 * The system account of that name, made when it is missing: no login shell, no home, a group of its own.
 * Safe to repeat, and safe to run in several processes at the same time.
 * @returns null when we are not root, since we could not become that account anyway
 * @throws PostgresFailed for an account that is shared with other software, or when none can be made here
 */
export function ensureAccount(name: string): Account | null {
  if (process.getuid?.() !== 0) return null
  if (!/^[a-z_][a-z0-9_-]{0,31}$/.test(name)) {
    throw new PostgresFailed(`"${name}" is not a name for a system account: use lower-case letters, digits and dashes.`)
  }
  if (sharedAccounts.includes(name)) {
    throw new PostgresFailed(`The account "${name}" is shared with other software. Name one that is only for this.`)
  }
  const known = lookUp(name)
  if (known) return known
  return create(name)
}

function create(name: string): Account {
  const until = Date.now() + lockWaitMs
  for (;;) {
    const said = runCreate(name)
    // Looked up whatever useradd said: another process may have been quicker by a moment.
    const account = lookUp(name)
    if (account) return account
    // Other software's useradd may hold /etc/passwd's own lock; the one that loses must try again, not give up.
    if (!/lock|try again/i.test(said) || Date.now() > until) {
      throw new PostgresFailed(
        `The system account "${name}" could not be made (${said}). Make it yourself, or start as another user than root.`,
      )
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100)
  }
}

/** Runs the machine's own tool and returns what it complained about. */
function runCreate(name: string): string {
  const shell = ['/usr/sbin/nologin', '/sbin/nologin', '/bin/false'].find((path) => existsSync(path)) ?? '/bin/false'
  const commands: string[][] = hasCommand('useradd')
    ? [
        [
          'useradd',
          '--system',
          '--user-group',
          '--no-create-home',
          '--home-dir',
          '/nonexistent',
          '--shell',
          shell,
          name,
        ],
      ]
    : [
        // busybox, as in Alpine
        ['addgroup', '-S', name],
        ['adduser', '-S', '-D', '-H', '-h', '/nonexistent', '-s', shell, '-G', name, name],
      ]
  const complaints: string[] = []
  for (const command of commands) {
    const [program, ...args] = [...alone(), ...command]
    const run = spawnSync(program!, args, { env: environment, encoding: 'utf8' })
    if (run.error) complaints.push(`no ${program} here`)
    else if (run.status !== 0)
      complaints.push(run.stderr.trim().split('\n')[0] || `${program} ended with ${run.status}`)
  }
  return complaints.join('; ')
}

// useradd looks whether the name is free *before* it takes its own lock: three at once all succeed, with three user ids
// for one name, of which the last one stays. One after the other, the later ones see the first one's. The lock is held
// on the folder, because the files in it are replaced by every change.
function alone(): string[] {
  return hasCommand('flock') ? ['flock', '-w', String(lockWaitMs / 1000), '/etc'] : []
}

function hasCommand(command: string): boolean {
  return environment.PATH.split(':').some((folder) => existsSync(`${folder}/${command}`))
}

function lookUp(name: string): Account | null {
  const uid = numberFrom('-u', name)
  if (uid === null) return null
  const gid = numberFrom('-g', name)
  if (uid === 0 || gid === null || gid === 0) {
    throw new PostgresFailed(`The account "${name}" has root's rights. Name one that has none.`)
  }
  return { uid, gid }
}

// By `id`, not by reading /etc/passwd: accounts may come from LDAP or from a container's own source.
function numberFrom(flag: '-u' | '-g', name: string): number | null {
  const run = spawnSync('id', [flag, name], { env: environment, encoding: 'utf8' })
  if (run.status !== 0) return null
  return Number(run.stdout.trim())
}

import { type ChildProcess, spawn } from 'node:child_process'
import fs from 'node:fs'
import type { Readable, Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Account } from './account.js'
import type { Keeper } from './keeper.js'
import { membersOf, withHome } from './proc.js'

export interface Exit {
  code: number | null
  signal: string | null
}

/** A process and all its children, in a process group and session of their own. */
export interface Group {
  pid: number
  stdin: Writable | null
  stdout: Readable
  stderr: Readable
  /** When the first process ends. */
  exited: Promise<Exit>
  /** When the first process ended and all output was read. */
  closed: Promise<Exit>
  /**
   * SIGTERM to all of them, SIGKILL after `termMs` (at once when 0); also reaches children that left the group.
   * Resolves when nothing runs. May be repeated.
   * @returns whether SIGKILL was needed
   */
  end(termMs: number): Promise<boolean>
}

export interface GroupOptions {
  /** Program and arguments; the program by its full path, since the PATH is the app's. */
  command: [string, ...string[]]
  cwd: string
  /** The whole environment; nothing of ours is added. Its HOME must be a folder of this group alone. */
  env: Record<string, string> & { HOME: string }
  account?: Account | null
  stdin?: boolean
  keeper: Keeper
}

export const bash =
  ['/bin/bash', '/usr/bin/bash', '/usr/local/bin/bash'].find((file) => fs.existsSync(file)) ?? '/bin/bash'
export const setpriv = ['/usr/bin/setpriv', '/bin/setpriv'].find((file) => fs.existsSync(file))

/** @throws Error when the process can't be started (no such program, the account can't enter the folder) */
export async function startGroup({ command, cwd, env, account, stdin, keeper }: GroupOptions): Promise<Group> {
  // With no-new-privs not even a set-uid program such as su gives a dyno more rights than its account has.
  const [file, ...args] = account && setpriv ? [setpriv, '--no-new-privs', '--', ...command] : command
  const child = spawn(file, args, {
    cwd,
    env,
    detached: true,
    stdio: [stdin ? 'pipe' : 'ignore', 'pipe', 'pipe'],
    ...(account ? { uid: account.uid, gid: account.gid } : {}),
  })
  const pid = await started(child)
  keeper.add(pid, env.HOME)
  const exited = new Promise<Exit>((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })))
  const closed = new Promise<Exit>((resolve) => child.once('close', (code, signal) => resolve({ code, signal })))
  child.stdin?.on('error', () => undefined)
  let ending: Promise<boolean> | undefined
  return {
    pid,
    stdin: child.stdin,
    stdout: child.stdout as Readable,
    stderr: child.stderr as Readable,
    exited,
    closed,
    end(termMs) {
      // A second caller who is in more of a hurry gets its SIGKILL; both wait for the same end.
      if (termMs === 0) signal(-pid, 'SIGKILL')
      ending ??= endGroup(pid, env.HOME, termMs, exited).finally(() => keeper.remove(pid))
      return ending
    },
  }
}

/** Resolves with the pid; `spawn` tells of a failure only later, by an event. */
function started(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', (error) =>
      reject(new Error(`The process could not be started: ${error.message}`, { cause: error })),
    )
    child.once('spawn', () => resolve(child.pid as number))
  })
}

/** SIGKILL can't be refused; what has not gone by then hangs in the kernel, and waiting longer helps nobody. */
const killedMsMax = 2_000

/** Ends a group's processes, then whatever left it. @returns whether SIGKILL was needed */
export async function endGroup(pid: number, home: string, termMs: number, exited: Promise<Exit>): Promise<boolean> {
  let isExited = false
  exited.then(() => (isExited = true))
  const isGone = () => isExited && !isRunning(pid)
  const waitGone = async (limitMs: number) => {
    for (const until = Date.now() + limitMs; Date.now() < until; ) {
      if (isGone()) return true
      await Promise.race([sleep(20), isExited ? sleep(20) : exited])
    }
    return isGone()
  }
  let isKilled = false
  if (termMs > 0) {
    signal(-pid, 'SIGTERM')
    isKilled = !(await waitGone(termMs))
  }
  if (!isGone()) {
    signal(-pid, 'SIGKILL')
    await waitGone(killedMsMax)
  }
  for (const stray of withHome(home)) signal(stray, 'SIGKILL')
  return isKilled
}

function isRunning(group: number): boolean {
  try {
    process.kill(-group, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
  return process.platform !== 'linux' || membersOf(group).length > 0
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch {
    // It ended in between, which is what was asked for.
  }
}

import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import { PassThrough, Readable, Writable } from 'node:stream'
import type { TerminalSize } from '../driver.js'
import type { Account } from './account.js'
import { type Exit, endGroup, type Group, type GroupOptions, setpriv } from './group.js'

/** A group whose first process has a terminal of its own: one stream out, and a size that may change. */
export interface TerminalGroup extends Group {
  resize(size: TerminalSize): void
}

/**
 * Whether processes of this account can get a terminal. The library that opens one leaves root's other groups to the
 * process, so an account of its own is taken on by setpriv, and by one that knows how (BusyBox's does not).
 */
export function canHaveTerminal(account: Account | null | undefined): boolean {
  if (process.platform === 'win32') return false
  return !account || takesOnAccounts()
}

let isAble: boolean | undefined
function takesOnAccounts(): boolean {
  if (isAble === undefined) {
    try {
      isAble = setpriv !== undefined && execFileSync(setpriv, ['--help'], { encoding: 'utf8' }).includes('--reuid')
    } catch {
      isAble = false
    }
  }
  return isAble
}

const aheadBytesMax = 1024 * 1024

/**
 * Like `startGroup`, on a new terminal. The first process leads the session, so hanging up reaches all of its jobs.
 * @throws Error when the process can't be started, or this machine can't open terminals
 */
export async function startTerminalGroup(
  options: Omit<GroupOptions, 'stdin'>,
  size: TerminalSize,
): Promise<TerminalGroup> {
  const { command, cwd, env, account, keeper } = options
  // Loaded when the first terminal is asked for: the server also starts on machines that the library has no build for.
  const { spawn } = await import('@lydell/node-pty')
  const who = account ? ['--reuid', `${account.uid}`, '--regid', `${account.gid}`, '--clear-groups'] : []
  const [file, ...args] = account && setpriv ? [setpriv, ...who, '--no-new-privs', '--', ...command] : command
  const pty = spawn(file, args, { cwd, env, name: env['TERM'] ?? 'xterm', encoding: null, ...within(size) })
  const { pid } = pty
  keeper.add(pid, env.HOME)
  if (account) giveTo(account, pty)

  // Once its process has exited, the library cuts a terminal that is not read for 200 ms: it is paused only when it is far
  // ahead of its reader.
  const stdout = new PassThrough({ highWaterMark: aheadBytesMax })
  // Without an encoding these are bytes, whatever the library's types say.
  pty.onData((data) => {
    if (stdout.write(data)) return
    pty.pause()
    stdout.once('drain', () => pty.resume())
  })
  const exited = new Promise<Exit>((resolve) => {
    // Told when all output was read. The signal is a number here and 0 for none.
    pty.onExit(({ exitCode, signal }) => {
      stdout.end()
      resolve(signal ? { code: null, signal: nameOf(signal) } : { code: exitCode, signal: null })
    })
  })
  const stdin = new Writable({
    write(chunk, _encoding, written) {
      pty.write(chunk)
      written()
    },
    // A terminal has no end of file but the character for it.
    final(ended) {
      pty.write('\u0004')
      ended()
    },
  })
  let ending: Promise<boolean> | undefined
  return {
    pid,
    stdin,
    stdout,
    stderr: Readable.from([]),
    exited,
    closed: exited,
    resize(next) {
      const { cols, rows } = within(next)
      try {
        pty.resize(cols, rows)
      } catch {
        // It ended in between: nobody looks at that terminal any more.
      }
    },
    end(termMs) {
      if (termMs === 0) signalGroup(pid, 'SIGKILL')
      // A shell on a terminal ignores SIGTERM; that its terminal is gone it does not ignore.
      else signalGroup(pid, 'SIGHUP')
      ending ??= endGroup(pid, env.HOME, termMs, exited).finally(() => keeper.remove(pid))
      return ending
    },
  }
}

function signalGroup(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(-pid, name)
  } catch {
    // It ended in between, which is what was asked for.
  }
}

const within = ({ columns, rows }: TerminalSize) => ({ cols: sane(columns, 80), rows: sane(rows, 24) })
const sane = (given: number, otherwise: number) =>
  Number.isInteger(given) && given > 0 && given <= 1_000 ? given : otherwise

const nameOf = (number: number) =>
  Object.entries(os.constants.signals).find(([, value]) => value === number)?.[0] ?? `SIG${number}`

/** Programs that open the terminal by its name (gpg, screen) may, like on any login. */
function giveTo(account: Account, pty: object): void {
  const { ptsName } = pty as { ptsName?: string }
  try {
    if (ptsName) fs.chownSync(ptsName, account.uid, fs.statSync(ptsName).gid)
  } catch {
    // The streams work all the same.
  }
}

import { type ChildProcess, spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Account } from './account.js'
import type { Binaries } from './binaries.js'
import { diesWithUs, environment } from './death-signal.js'
import { PostgresFailed } from './failed.js'
import { pidFileLines } from './leftover.js'
import type { LogFile } from './log-file.js'

interface LaunchOptions {
  binaries: Binaries
  home: string
  data: string
  files: { config: string; hba: string }
  account: Account | null
  log: LogFile
  tcp?: { host: string; port: number }
}

export interface Postmaster {
  pid: number
  exited: Promise<{ code: number | null; signal: string | null }>
  stop(): Promise<void>
}

// A killed server's last process may hold the shared memory for some seconds, and until then a new one refuses.
const heldMs = 10_000
// Replaying the log after a crash takes its time; at our max_wal_size this is far more than it needs.
const readyMs = 120_000
const fastMs = 6_000
const immediateMs = 2_000

/** Starts the server and resolves when it takes connections. @throws PostgresFailed with the server's own reason */
export async function launch(options: LaunchOptions): Promise<Postmaster> {
  const until = Date.now() + heldMs
  for (;;) {
    options.log.mark()
    const child = spawnPostgres(options)
    const postmaster = watched(child)
    if (await isReady(postmaster, options.data)) return postmaster
    const said = options.log.sinceMark()
    const isHeld = /already exists|still in use/.test(said) && /FATAL/.test(said)
    if (!isHeld || Date.now() > until) throw new PostgresFailed(sentence(said, options))
    await sleep(250)
  }
}

// SIGINT, which the kernel sends when we die, is PostgreSQL's fast shutdown. The server has a session of its own, so that
// Ctrl-C in the terminal reaches us alone and we decide the order of things.
function spawnPostgres({ binaries, home, data, files, account, log }: LaunchOptions): ChildProcess {
  const args = ['-D', data, '-c', `config_file=${files.config}`, '-c', `hba_file=${files.hba}`]
  const [command, ...before] = [...diesWithUs('INT'), binaries.postgres]
  const child = spawn(command!, [...before, ...args], {
    cwd: home,
    env: environment,
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
    ...(account ? { uid: account.uid, gid: account.gid } : {}),
  })
  child.unref()
  return child
}

function watched(child: ChildProcess): Postmaster {
  const exited = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.once('error', () => resolve({ code: null, signal: null }))
    child.once('exit', (code, signal) => resolve({ code, signal }))
  })
  // For platforms without a death signal: a plain end of ours is still noticed.
  const endWithUs = () => void child.kill('SIGINT')
  process.once('exit', endWithUs)
  exited.then(() => process.off('exit', endWithUs))

  let stopping: Promise<void> | undefined
  return { pid: child.pid ?? 0, exited, stop: () => (stopping ??= stop(child, exited)) }
}

async function stop(child: ChildProcess, exited: Promise<unknown>): Promise<void> {
  if (child.pid === undefined) return
  // Waiting for the end must keep us alive, which the server alone does not.
  child.ref()
  const steps: [NodeJS.Signals, number][] = [
    ['SIGINT', fastMs],
    // Without a checkpoint; the next start replays the log and finds every commit.
    ['SIGQUIT', immediateMs],
    ['SIGKILL', immediateMs],
  ]
  for (const [signal, waitMs] of steps) {
    child.kill(signal)
    const patience = new AbortController()
    const isGone = await Promise.race([
      exited.then(() => true),
      sleep(waitMs, false, { signal: patience.signal }).catch(() => false),
    ])
    patience.abort()
    if (isGone) return
  }
}

/** False when it ended instead. @throws PostgresFailed when it does neither */
async function isReady(postmaster: Postmaster, data: string): Promise<boolean> {
  let isGone = false
  postmaster.exited.then(() => {
    isGone = true
  })
  for (const until = Date.now() + readyMs; Date.now() < until; await sleep(15)) {
    if (isGone) return false
    const lines = pidFileLines(data)
    if (Number(lines[0]) === postmaster.pid && lines[7]?.trim() === 'ready') return true
  }
  await postmaster.stop()
  throw new PostgresFailed(`PostgreSQL on ${data} was not ready after ${readyMs / 1000} s. Its log says why.`)
}

function sentence(said: string, { tcp, binaries, home }: LaunchOptions): string {
  if (tcp && /could not bind|could not create any TCP\/IP sockets/.test(said)) {
    return /Permission denied/.test(said)
      ? `PostgreSQL may not listen on port ${tcp.port} of ${tcp.host}. Choose one above 1023.`
      : `Port ${tcp.port} on ${tcp.host} is in use. Stop what listens there, or choose another port.`
  }
  const line = said.split('\n').find((line) => /FATAL|PANIC/.test(line)) ?? said.trim().split('\n').at(-1)
  const why = line?.replace(/^.*?(FATAL|PANIC):\s*/, '').trim()
  return `PostgreSQL did not start on ${home}: ${why || `${binaries.postgres} could not be run`}.`
}

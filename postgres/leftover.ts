import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { PostgresFailed } from './failed.js'
import { processStart } from './process-start.js'

const fastMs = 8_000
const immediateMs = 2_000

/**
 * Ends what an earlier server left running on this cluster, and removes its pid file when the number in it has gone to
 * somebody else's process. The caller holds the folder's lock, so no living supervisor minds these processes.
 * @param data the cluster's real path
 * @returns how many processes it ended; 0 is the usual day
 * @throws PostgresFailed when one can't be ended
 */
export async function endLeftover(data: string): Promise<number> {
  const found = leftovers(data)
  if (found.length) {
    const postmaster = postmasterPid(data)
    // The fast shutdown: sessions are cut, what they had committed is kept. Without its head the rest ends by itself.
    if (postmaster && found.includes(postmaster)) signal(postmaster, 'SIGINT')
    if (!(await areGone(data, fastMs))) {
      for (const pid of leftovers(data)) signal(pid, 'SIGQUIT')
      if (!(await areGone(data, immediateMs))) {
        for (const pid of leftovers(data)) signal(pid, 'SIGKILL')
        if (!(await areGone(data, immediateMs))) {
          throw new PostgresFailed(
            `An earlier PostgreSQL (pid ${leftovers(data).join(', ')}) still runs on ${data}. End it first.`,
          )
        }
      }
    }
  }
  // PostgreSQL refuses to start while the number in the file is alive, whoever that is now. Nothing of ours works on this
  // cluster any more, so it is somebody else. A dead number stays: PostgreSQL then looks at the shared memory too.
  const taken = postmasterPid(data)
  if (taken && processStart(taken) !== null) fs.rmSync(path.join(data, 'postmaster.pid'), { force: true })
  return found.length
}

/** The lines of postmaster.pid, or none. Source: src/include/utils/pidfile.h in PostgreSQL. */
export function pidFileLines(data: string): string[] {
  try {
    return fs.readFileSync(path.join(data, 'postmaster.pid'), 'utf8').split('\n')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

function postmasterPid(data: string): number | null {
  const pid = Number(pidFileLines(data)[0])
  return Number.isInteger(pid) && pid > 0 ? pid : null
}

function leftovers(data: string): number[] {
  return process.platform === 'linux' ? postgresProcessesIn(data) : postmasterFromPs(data)
}

// Every PostgreSQL process works in its cluster's folder, its sessions included, and this says so even when the pid
// file is gone or its number was used again.
function postgresProcessesIn(data: string): number[] {
  return fs
    .readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && isPostgresIn(pid, data))
}

function isPostgresIn(pid: number, data: string): boolean {
  try {
    return (
      fs.readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'postgres' && fs.readlinkSync(`/proc/${pid}/cwd`) === data
    )
  } catch (error) {
    // Gone meanwhile, or another user's: then it can't be on a cluster that we may start.
    if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) return false
    throw error
  }
}

function postmasterFromPs(data: string): number[] {
  const pid = postmasterPid(data)
  if (!pid) return []
  const said = spawnSync('ps', ['-o', 'command=', '-p', String(pid)], {
    env: { PATH: '/usr/bin:/bin' },
    encoding: 'utf8',
  })
  return said.stdout?.includes(`-D ${data}`) ? [pid] : []
}

async function areGone(data: string, withinMs: number): Promise<boolean> {
  for (const until = Date.now() + withinMs; Date.now() < until; await sleep(25)) {
    if (leftovers(data).length === 0) return true
  }
  return leftovers(data).length === 0
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

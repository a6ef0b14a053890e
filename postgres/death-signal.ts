import { spawnSync } from 'node:child_process'
import { isMainThread } from 'node:worker_threads'

/** All that a PostgreSQL program of ours sees of our environment. */
export const environment = { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' }

/**
 * What to put before a command so that the kernel signals it when we die, however we die. Empty where that can't be
 * had; then the next start ends what is left. Change the account before it runs, never by it: the kernel forgets the
 * signal when a process changes its user. Source: prctl(2), PR_SET_PDEATHSIG.
 */
export function diesWithUs(signal: 'INT' | 'KILL'): string[] {
  // It is sent when the *thread* that started the program ends: in a worker thread it would come too early.
  if (process.platform !== 'linux' || !isMainThread) return []
  const wrap = ['setpriv', '--pdeathsig', signal, '--']
  // Tried, not looked up: busybox has a setpriv that doesn't know this.
  const isThere = spawnSync(wrap[0]!, [...wrap.slice(1), 'true'], { env: environment, stdio: 'ignore' }).status === 0
  return isThere ? wrap : []
}

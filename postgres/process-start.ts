import { spawnSync } from 'node:child_process'
import fs from 'node:fs'

/**
 * When the process of that number started, as a word to compare for equality only. Numbers are used again, most of all
 * in containers, where the same few come back at every start; a number and its start are one process.
 * @returns null when there is no such process, or when it has ended and only waits to be collected
 */
export function processStart(pid: number): string | null {
  return process.platform === 'linux' ? startOnLinux(pid) : startFromPs(pid)
}

function startOnLinux(pid: number): string | null {
  try {
    // The name in brackets may hold spaces and brackets of its own: count from the last bracket. Source: proc(5).
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (fields[0] === 'Z' || fields[0] === 'X') return null
    // Counted in ticks since boot, so it needs the boot's own name beside it.
    return `${fs.readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}:${fields[19]}`
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return null
    throw error
  }
}

function startFromPs(pid: number): string | null {
  const said = spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], {
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' },
    encoding: 'utf8',
  })
  return said.stdout?.trim() || null
}

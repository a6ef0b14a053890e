import fs from 'node:fs'

// What Linux tells about processes under /proc. Elsewhere there is no such folder and every answer is empty.

export interface ProcessStat {
  pid: number
  state: string
  group: number
  /** In clock ticks since boot: with the pid it names one process for good. */
  startTime: string
}

/** @returns undefined when there is no such process (or no /proc) */
export function statOf(pid: number): ProcessStat | undefined {
  try {
    const text = fs.readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The second field is the program's name in brackets and may hold anything, so fields count from the last bracket.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return { pid, state: fields[0] ?? '', group: Number(fields[2]), startTime: fields[19] ?? '' }
  } catch {
    return undefined
  }
}

/** The processes of a group that still run. A zombie has ended: where nothing reaps orphans it would stay for ever. */
export function membersOf(group: number): number[] {
  return pids().filter((pid) => {
    const stat = statOf(pid)
    return stat?.group === group && stat.state !== 'Z' && stat.state !== 'X'
  })
}

/** Processes that were started with this very HOME: children that left their group still carry it. */
export function withHome(home: string): number[] {
  const wanted = Buffer.from(`\0HOME=${home}\0`)
  return pids().filter((pid) => {
    try {
      return Buffer.concat([Buffer.from('\0'), fs.readFileSync(`/proc/${pid}/environ`)]).includes(wanted)
    } catch {
      // Gone by now, or somebody else's, which can't be ours.
      return false
    }
  })
}

/** Differs after each boot; start times begin anew there. */
export function bootId(): string {
  try {
    return fs.readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  } catch {
    return ''
  }
}

function pids(): number[] {
  try {
    return fs.readdirSync('/proc').map(Number).filter(Boolean)
  } catch {
    return []
  }
}

import { type ChildProcess, spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { bash } from './group.js'
import { bootId, statOf, withHome } from './proc.js'

/** Knows every process group we started, so that none outlives us, even after SIGKILL. */
export interface Keeper {
  add(pid: number, home: string): void
  remove(pid: number): void
  /** Forgets all and ends the guardian. */
  close(): void
}

interface Record {
  pid: number
  startTime: string
  bootId: string
  home: string
}

/**
 * Two nets, since each has a hole. A *guardian*, a small shell in a session of its own, reads our pipe: when we die, however
 * it happens, the pipe ends and it kills every group that is left. If it was killed too (the machine's memory ran out), the
 * *records* remain: the next start ends what still runs with the recorded pid and start time.
 * `setpriv --pdeathsig` was tried and left out: it reaches only the first process, and `npm start` is three.
 */
export function openKeeper(dir: string): Keeper {
  fs.mkdirSync(dir, { recursive: true, mode: 0o700 })
  endLeftovers(dir)
  const groups = new Set<number>()
  let guardian: ChildProcess | undefined

  const tell = (line: string) => guardian?.stdin?.write(`${line}\n`)
  const startGuardian = () => {
    const child = spawn(bash, ['-c', guardianScript], {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
      env: {},
      cwd: '/',
    })
    guardian = child
    child.on('error', () => undefined)
    child.stdin?.on('error', () => undefined)
    child.on('exit', () => {
      if (guardian === child) guardian = undefined
    })
    // It must not keep us running; that it outlives us by a moment is its purpose.
    child.unref()
    ;(child.stdin as unknown as { unref?(): void })?.unref?.()
    for (const group of groups) tell(`+ ${group}`)
  }

  return {
    add(pid, home) {
      groups.add(pid)
      if (guardian) tell(`+ ${pid}`)
      else startGuardian()
      const record: Record = { pid, startTime: statOf(pid)?.startTime ?? '', bootId: bootId(), home }
      fs.writeFileSync(path.join(dir, `${pid}.json`), JSON.stringify(record))
    },
    remove(pid) {
      groups.delete(pid)
      tell(`- ${pid}`)
      fs.rmSync(path.join(dir, `${pid}.json`), { force: true })
    },
    close() {
      groups.clear()
      guardian?.stdin?.end('quit\n')
      guardian = undefined
    },
  }
}

// Plain enough for the bash 3.2 that macOS brings: the groups are a string of words.
const guardianScript = `
groups=" "
while read -r verb group; do
  case $verb in
    +) groups="$groups$group " ;;
    -) groups="\${groups/ $group / }" ;;
    quit) exit 0 ;;
  esac
done
for group in $groups; do kill -KILL -- "-$group"; done
`

/** Ends what an earlier life of the platform left running. A pid that another process has by now is left alone. */
export function endLeftovers(dir: string): void {
  for (const name of fs.readdirSync(dir)) {
    if (!name.endsWith('.json')) continue
    const file = path.join(dir, name)
    const record = readRecord(file)
    if (record && record.bootId === bootId()) {
      if (record.startTime && statOf(record.pid)?.startTime === record.startTime) killGroup(record.pid)
      // The first process may be gone while its children run. Their HOME was made for this dyno alone.
      for (const pid of withHome(record.home)) kill(pid)
    }
    fs.rmSync(file, { force: true })
  }
}

function readRecord(file: string): Record | undefined {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8')) as Record
  } catch {
    // Half written when the power went: there is nothing in it to act on.
    return undefined
  }
}

const killGroup = (pid: number) => kill(-pid)

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It ended in between, which is what we want.
  }
}

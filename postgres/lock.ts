import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { PostgresFailed } from './failed.js'
import { processStart } from './process-start.js'

interface Holder {
  pid: number
  start: string | null
}

/**
 * Takes the folder for this process, so that two supervisors never mind one cluster: the second would take the first
 * one's server for a leftover and end it. A holder that died holds nothing.
 * @returns gives it back; safe to repeat
 * @throws PostgresFailed when a living process holds it, this one included
 */
export function takeLock(dir: string): () => void {
  const file = path.join(dir, 'supervisor.lock')
  const mine = `${file}.${randomBytes(4).toString('hex')}`
  const content = JSON.stringify({ pid: process.pid, start: processStart(process.pid) })
  fs.writeFileSync(mine, content, { mode: 0o600, flag: 'wx' })
  try {
    // A hard link appears with its whole content or not at all, and never over an existing one.
    for (let tries = 0; !isLinked(mine, file); tries++) {
      const holder = read(file)
      if (holder && (isAlive(holder) || tries > 20)) {
        throw new PostgresFailed(`The database folder ${dir} is in use by process ${holder.pid}. Stop that one first.`)
      }
      if (holder) putAside(file, holder)
    }
  } finally {
    fs.rmSync(mine, { force: true })
  }
  let isHeld = true
  return () => {
    if (!isHeld) return
    isHeld = false
    fs.rmSync(file, { force: true })
  }
}

function isLinked(mine: string, file: string): boolean {
  try {
    fs.linkSync(mine, file)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

// By renaming, so that of two processes that saw the same dead holder only one removes it. The loser may have caught
// the winner's fresh lock instead: then it goes back where it was.
function putAside(file: string, dead: Holder): void {
  const aside = `${file}.${randomBytes(4).toString('hex')}`
  try {
    fs.renameSync(file, aside)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw error
  }
  const caught = read(aside)
  if (caught && (caught.pid !== dead.pid || caught.start !== dead.start)) isLinked(aside, file)
  fs.rmSync(aside, { force: true })
}

function read(file: string): Holder | null {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    // A machine that lost power may leave the file empty; no living process wrote that.
    if (error instanceof SyntaxError) return { pid: 0, start: null }
    throw error
  }
}

function isAlive(holder: Holder): boolean {
  if (holder.pid <= 0) return false
  const start = processStart(holder.pid)
  return start !== null && start === holder.start
}

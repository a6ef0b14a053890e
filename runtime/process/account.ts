import { execFile } from 'node:child_process'
import fs from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'

/** An unprivileged account of the operating system that builds or dynos run as. Only root can choose one. */
export interface Account {
  uid: number
  gid: number
}

/** Gives a folder and all in it to the account; links themselves, never what they point at. May be repeated. */
export async function handOver(dir: string, account: Account | null | undefined): Promise<void> {
  if (account) await promisify(execFile)('chown', ['-R', '-h', `${account.uid}:${account.gid}`, dir])
}

/** Makes a folder that others may pass through but not list; what lies below decides for itself who may read it. */
export async function makePassage(dir: string): Promise<void> {
  await fs.mkdir(dir, { recursive: true })
  await fs.chmod(dir, 0o711)
}

/**
 * The first folder above `file` (or the file itself) that the account may not pass or read; undefined when it can reach it.
 * As root this asks about somebody else, so it reads modes instead of trying.
 */
export async function obstacle(file: string, account: Account | null | undefined): Promise<string | undefined> {
  if (!account) return
  const real = await fs.realpath(file)
  const parts = real.split(path.sep)
  for (let length = 1; length <= parts.length; length++) {
    const here = parts.slice(0, length).join(path.sep) || path.sep
    const stat = await fs.stat(here)
    const bits = stat.uid === account.uid ? stat.mode >> 6 : stat.gid === account.gid ? stat.mode >> 3 : stat.mode
    if (!(bits & 1) && (stat.isDirectory() || length === parts.length)) return here
  }
}

/** @throws Error that names the folder to open up, when the account can't enter `dir` */
export async function mustReach(dir: string, account: Account | null | undefined, who: string): Promise<void> {
  const at = await obstacle(dir, account)
  if (at) {
    throw new Error(
      `The ${who} account (uid ${account?.uid}) can't pass through ${at}. Use a data folder that others may pass through, or run: chmod o+x ${at}`,
    )
  }
}

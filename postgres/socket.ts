import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import type { Account } from './account.js'
import { PostgresFailed } from './failed.js'

// The kernel takes 107 bytes on Linux and 103 on macOS, and cuts or refuses what is longer.
const socketPathBytesMax = 100

/**
 * The folder for the server's socket, 0700 and owned by the account it runs as (root may enter all the same). It lies
 * in `home` unless its path would be too long for a socket, or has characters that connection strings treat specially.
 * @throws PostgresFailed when the short folder's name is taken by somebody else's
 */
export function socketFolder(home: string, port: number, account: Account | null): string {
  const near = path.join(home, 'socket')
  const folder = isFit(near, port) ? near : path.join(shortRoot(), `mortise-${digest(home)}`)
  try {
    fs.mkdirSync(folder, { mode: 0o700 })
    if (account) fs.chownSync(folder, account.uid, account.gid)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  // In /tmp anybody may have made it first, as a link or as a folder of theirs. lstat, so that a link is seen as one.
  const stat = fs.lstatSync(folder)
  if (account && stat.uid === 0 && stat.isDirectory()) fs.chownSync(folder, account.uid, account.gid)
  else if (!stat.isDirectory() || stat.uid !== (account?.uid ?? process.getuid?.())) {
    throw new PostgresFailed(`${folder} belongs to somebody else, and the database's socket must go there. Remove it.`)
  }
  fs.chmodSync(folder, 0o700)
  return folder
}

function isFit(folder: string, port: number): boolean {
  return Buffer.byteLength(path.join(folder, `.s.PGSQL.${port}`)) < socketPathBytesMax && /^[\w./-]+$/.test(folder)
}

// Root's own, where there is one: nobody else can make names there. macOS's $TMPDIR is already long, hence the literal.
function shortRoot(): string {
  return process.getuid?.() === 0 && fs.existsSync('/run') ? '/run' : '/tmp'
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}

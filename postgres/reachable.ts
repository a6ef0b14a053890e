import { createHash, randomBytes } from 'node:crypto'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'

/** Where root keeps what other accounts must be able to enter. */
export const systemFolder = '/var/lib/mortise'

/** Whether every account may pass through `dir` and all folders above it. False when there is no such folder. */
export function isTraversable(dir: string): boolean {
  try {
    return foldersDownTo(fs.realpathSync(dir)).every(letsOthersThrough)
  } catch (error) {
    if (isMissing(error)) return false
    throw error
  }
}

/**
 * The folder that other accounts can enter for `dir`. That is `dir` itself when every folder above lets others through
 * (`dir` is made if missing, and opened to 0711 when it is ours), and whenever we are not root, because then nothing
 * runs as another account. Otherwise it is a folder under /var/lib/mortise, and the link `dir/reachable-<purpose>` says
 * which. Repeatable: the same `dir` gives the same folder, also after it was moved; a `dir` that was deleted and made
 * anew gets a new one, because old data must not come back under new keys.
 * @param purpose part of the folder's name: lower-case letters, digits and dashes
 */
export function reachableFolder(dir: string, purpose: string): string {
  fs.mkdirSync(dir, { recursive: true, mode: 0o711 })
  const real = fs.realpathSync(dir)
  if (process.getuid?.() !== 0 || isOpened(real)) return real
  return linkedFolder(real, purpose)
}

function isOpened(real: string): boolean {
  if (!isTraversable(path.dirname(real))) return false
  const stat = fs.statSync(real)
  if (stat.mode & 0o001) return true
  // A home folder is closed for reasons that have nothing to do with us.
  if (stat.uid !== process.getuid?.() || real === os.homedir()) return false
  fs.chmodSync(real, (stat.mode & 0o7777) | 0o011)
  return true
}

function linkedFolder(real: string, purpose: string): string {
  const link = path.join(real, `reachable-${purpose}`)
  const linked = readLink(link)
  if (linked) {
    makeOpen(linked)
    return linked
  }
  // The hash says where it came from; the random part keeps a deleted folder's data from being taken for a new one's.
  const from = createHash('sha256').update(real).digest('hex').slice(0, 12)
  const folder = path.join(systemFolder, purpose, `${from}-${randomBytes(4).toString('hex')}`)
  for (const each of [systemFolder, path.dirname(folder), folder]) makeOpen(each)
  try {
    fs.symlinkSync(folder, link)
    return folder
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    // Another process made the link first; its folder is the one.
    fs.rmdirSync(folder)
    return fs.readlinkSync(link)
  }
}

function readLink(link: string): string | null {
  try {
    return fs.readlinkSync(link)
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
}

// mkdir's mode is cut by the umask, hence the chmod.
function makeOpen(folder: string): void {
  fs.mkdirSync(folder, { recursive: true })
  if (!letsOthersThrough(folder)) fs.chmodSync(folder, 0o711)
}

function letsOthersThrough(folder: string): boolean {
  return (fs.statSync(folder).mode & 0o001) !== 0
}

function foldersDownTo(folder: string): string[] {
  const parent = path.dirname(folder)
  return parent === folder ? [folder] : [...foldersDownTo(parent), folder]
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT'
}

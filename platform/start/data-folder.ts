import fs from 'node:fs'
import path from 'node:path'
import { takeLock } from '@mortise/postgres/lock'
import { reachableFolder } from '@mortise/postgres/reachable'
import { PostgresFailed } from '@mortise/postgres/server'
import { type MasterKeys, masterKeysIn, parseMasterKeys } from '../secrets/keys.js'
import { StartFailed } from './failure.js'

/** What a data folder looks like inside. Raised when a newer program could not share it with an older one. */
export const layout = 1

/** Everything one installation keeps on disk. */
export interface DataFolder {
  dir: string
  /** The embedded database's. */
  postgres: string
  /** What customers uploaded; only the platform itself reads it. */
  sources: string
  /** Dynos' files; other accounts pass through. */
  runtime: string
  /** Build cache, slugs and scratch; other accounts pass through. */
  build: string
  log: string
  credentials: string
  masterKeys: MasterKeys
  /** Gives the folder back. May be repeated. */
  release(): void
}

/**
 * Opens the folder for this process alone, and makes it when it is missing.
 * @param masterKeys the keys to use instead of the file `master.key`
 * @throws StartFailed when it can't be used, another process has it, or a newer Mortise wrote it
 */
export function openDataFolder(dir: string, masterKeys: string | null = null): DataFolder {
  const real = makeFolder(dir)
  const release = lock(real)
  try {
    checkLayout(real)
    // Dynos and builds run as other accounts, which must reach their files even when the folder itself is closed to them.
    const shared = reachableFolder(real, 'runtime')
    return {
      dir: real,
      postgres: path.join(real, 'postgres'),
      sources: privateFolder(path.join(real, 'sources')),
      runtime: path.join(shared, 'runtime'),
      build: path.join(shared, 'build'),
      log: path.join(real, 'mortise.log'),
      credentials: path.join(real, 'credentials.json'),
      masterKeys: readMasterKeys(real, masterKeys),
      release,
    }
  } catch (error) {
    release()
    throw error
  }
}

/**
 * The folder for a process that keeps nothing in it but a log: one that runs no apps. Another may have it at the same
 * time, such as the one that does.
 * @throws StartFailed when there is no master key: it must be the one that the others have
 */
export function joinDataFolder(dir: string, masterKeys: string | null, role: string): DataFolder {
  const real = makeFolder(dir)
  if (masterKeys === null && !fs.existsSync(path.join(real, 'master.key'))) {
    throw new StartFailed(
      `There is no master key in ${real}. A process of role ${role} needs the one of the others: give it in MORTISE_MASTER_KEYS, or use their --data-dir.`,
    )
  }
  if (fs.existsSync(path.join(real, 'version'))) checkLayout(real)
  return {
    dir: real,
    postgres: path.join(real, 'postgres'),
    sources: path.join(real, 'sources'),
    runtime: path.join(real, 'runtime'),
    build: path.join(real, 'build'),
    log: path.join(real, `mortise-${role}.log`),
    credentials: path.join(real, 'credentials.json'),
    masterKeys: readMasterKeys(real, masterKeys),
    release: () => undefined,
  }
}

function makeFolder(dir: string): string {
  try {
    fs.mkdirSync(dir, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 })
    fs.accessSync(dir, fs.constants.R_OK | fs.constants.W_OK | fs.constants.X_OK)
    return fs.realpathSync(dir)
  } catch (cause) {
    throw new StartFailed(`The data folder ${dir} can't be used (${(cause as Error).message}).`, 1, { cause })
  }
}

function lock(dir: string): () => void {
  try {
    return takeLock(dir)
  } catch (cause) {
    if (!(cause instanceof PostgresFailed)) throw cause
    const pid = /process (\d+)/.exec(cause.message)?.[1]
    throw new StartFailed(
      `The data folder ${dir} is in use by another Mortise${pid ? ` (process ${pid})` : ''}. Stop that one first, or use another --data-dir.`,
      1,
      { cause },
    )
  }
}

function checkLayout(dir: string): void {
  const file = path.join(dir, 'version')
  if (!fs.existsSync(file)) {
    fs.writeFileSync(file, `${layout}\n`, { mode: 0o600 })
    return
  }
  const found = Number(fs.readFileSync(file, 'utf8').trim())
  if (!(found <= layout)) {
    throw new StartFailed(
      `The data folder ${dir} was written by a newer Mortise (layout ${found}; this one knows ${layout}). Start the newer version, or use another --data-dir.`,
    )
  }
}

function readMasterKeys(dir: string, given: string | null): MasterKeys {
  try {
    return given === null ? masterKeysIn(path.join(dir, 'master.key')) : parseMasterKeys(given)
  } catch (cause) {
    const where = given === null ? path.join(dir, 'master.key') : 'MORTISE_MASTER_KEYS'
    throw new StartFailed(`The master keys in ${where} can't be read: ${(cause as Error).message}`, 1, { cause })
  }
}

function privateFolder(dir: string): string {
  fs.mkdirSync(dir, { recursive: true, mode: 0o700 })
  return dir
}

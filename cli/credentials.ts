import { randomBytes } from 'node:crypto'
import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { Failure } from './failure.js'

/** How one signed in at one server. */
export interface Credential {
  email: string
  token: string
  /** The authorization that login made and logout revokes; absent for a key that was made elsewhere. */
  authorization?: string
}

interface Stored {
  hosts: Record<string, Credential>
}

/** `$XDG_CONFIG_HOME/mortise/credentials.json`, else below `~/.config`. */
export function credentialsFile(env: Record<string, string | undefined>): string {
  // The specification of the XDG folders: a relative path is to be ignored.
  const given = env['XDG_CONFIG_HOME']
  const base = given && path.isAbsolute(given) ? given : path.join(env['HOME'] || os.homedir(), '.config')
  return path.join(base, 'mortise', 'credentials.json')
}

export async function readCredential(file: string, host: string): Promise<Credential | undefined> {
  return (await readAll(file)).hosts[host]
}

/** Keeps the credential for this host, or forgets it. Only the owner can read the file. */
export async function writeCredential(file: string, host: string, credential: Credential | undefined): Promise<void> {
  const stored = await readAll(file)
  if (credential) stored.hosts[host] = credential
  else delete stored.hosts[host]
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 })
  // Written beside and renamed: a crash leaves the old file or the new one, never half of one.
  const beside = `${file}.${randomBytes(6).toString('hex')}`
  try {
    await writeFile(beside, `${JSON.stringify(stored, null, 2)}\n`, { mode: 0o600, flag: 'wx' })
    await chmod(beside, 0o600)
    await rename(beside, file)
  } catch (error) {
    await rm(beside, { force: true })
    throw new Failure(`Could not write ${file}: ${(error as Error).message}`, { cause: error })
  }
}

async function readAll(file: string): Promise<Stored> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { hosts: {} }
    throw new Failure(`Could not read ${file}: ${(error as Error).message}`, { cause: error })
  }
  try {
    const read = JSON.parse(text) as Partial<Stored> | null
    if (read && typeof read.hosts === 'object' && read.hosts !== null) return { hosts: { ...read.hosts } }
  } catch {
    // Falls through to the sentence below: which character was wrong helps nobody.
  }
  throw new Failure(`${file} is damaged.`, { next: 'Delete it, then run `mortise login` again.' })
}

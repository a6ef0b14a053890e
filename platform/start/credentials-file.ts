import fs from 'node:fs'
import type { Credentials } from '../accounts/operator.js'

/** What scripts and people read to sign in for the first time: `{email, password, api_key, url}`. */
interface Written {
  email: string
  password: string
  api_key: string
  url: string
}

/** Writes the file whole or not at all, readable by its owner only. */
export function writeCredentials(file: string, { email, password, apiKey }: Credentials, url: string): void {
  write(file, { email, password, api_key: apiKey, url })
}

/** Keeps the file true when a later start listens elsewhere or puts another key in force. No file: nothing to do. */
export function updateCredentials(file: string, changed: Partial<Credentials>, url: string): void {
  let written: Written
  try {
    written = JSON.parse(fs.readFileSync(file, 'utf8'))
  } catch {
    // Deleted, as a careful operator does after the first sign-in; it is not made again.
    return
  }
  const next = {
    ...written,
    password: changed.password ?? written.password,
    api_key: changed.apiKey ?? written.api_key,
    url,
  }
  if (JSON.stringify(next) !== JSON.stringify(written)) write(file, next)
}

function write(file: string, content: Written): void {
  const half = `${file}.half`
  fs.rmSync(half, { force: true })
  const handle = fs.openSync(half, 'wx', 0o600)
  fs.writeSync(handle, `${JSON.stringify(content, null, 2)}\n`)
  fs.fsyncSync(handle)
  fs.closeSync(handle)
  fs.renameSync(half, file)
}

import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { Failure } from '../failure.js'

export interface LocalServer {
  url: string
  apiKey: string
  /** Ends it as Ctrl-C would, and waits. Its data stays for the next time. */
  close(): Promise<void>
}

/** Long enough for a first start on a slow machine, which makes a database. */
const readyMs = 120_000

/**
 * Starts a server of one's own, on a free port, which ends with us.
 * @param program bin/mortise
 * @param dir where its data is; made when absent
 */
export async function startLocalServer(
  program: string,
  dir: string,
  env: Record<string, string | undefined>,
): Promise<LocalServer> {
  // Root's folder lets the account of the database pass through.
  mkdirSync(dir, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 })
  const apiKey = keptKey(path.join(dir, 'api-key'))
  const child = spawn(process.execPath, [program, 'server', '--port', '0', '--data-dir', path.join(dir, 'server')], {
    env: { ...env, MORTISE_EMAIL: 'provider@localhost.example', MORTISE_API_KEY: apiKey, MORTISE_HOST: undefined },
    stdio: ['ignore', 'pipe', 'pipe'],
    // Ctrl-C in the terminal is ours: add-ons are asked about first.
    detached: true,
  })
  const ended = new Promise<void>((done) => child.once('close', () => done()))
  const close = async () => {
    child.kill('SIGTERM')
    await ended
  }
  let said = ''
  const url = await new Promise<string>((resolve, reject) => {
    const late = setTimeout(() => reject(new Failure(`The server was not ready within ${readyMs / 1000} s.`)), readyMs)
    const read = (part: string) => {
      said = (said + part).slice(-8_000)
      const found = /ready at (http:\S+)/.exec(said)?.[1]
      if (!found) return
      clearTimeout(late)
      resolve(found)
    }
    child.stdout.setEncoding('utf8').on('data', read)
    child.stderr.setEncoding('utf8').on('data', read)
    child.once('error', reject)
    void ended.then(() => {
      clearTimeout(late)
      reject(new Failure(`The server ended before it was ready:\n${said.trim().slice(-2_000)}`))
    })
  }).catch(async (error) => {
    child.kill('SIGTERM')
    throw error
  })
  return { url, apiKey, close }
}

/** The operator's key of this folder, made on the first start. */
function keptKey(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    const key = randomBytes(24).toString('base64url')
    writeFileSync(file, `${key}\n`, { mode: 0o600 })
    return key
  }
}

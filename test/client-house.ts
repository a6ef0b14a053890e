import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Answer, ask, endPrograms, freePort, type Program, startProgram } from './server-process.js'
import { openWire, type Wire } from './wire.js'

const root = fileURLToPath(new URL('..', import.meta.url))

/** A platform for real clients, and what looks at each answer on its way to them. */
export interface ClientHouse {
  dir: string
  dataDir: string
  /** Where clients find the platform, and the port in it. */
  url: string
  port: number
  wire: Wire
  apiKey: string
  email: string
  password: string
  headers: { authorization: string; accept: string }
  api(method: string, address: string, body?: unknown): Promise<Answer>
  stop(): Promise<void>
}

/**
 * @param withPostgresql also starts the reference add-on's provider and publishes its service
 * @param more environment variables of the platform besides
 */
export async function clientHouse(
  name: string,
  withPostgresql = false,
  more: Record<string, string> = {},
): Promise<ClientHouse> {
  const dir = mkdtempSync(path.join(tmpdir(), `mortise-${name}-`))
  // Root starts dynos and databases as other users, who must be able to pass through.
  chmodSync(dir, 0o711)
  const dataDir = path.join(dir, 'platform')
  const apiKey = `${name}-key-0123456789`
  const email = 'operator@example.com'
  const password = 'a-password-for-clients'
  const env = { HOME: dir, MORTISE_EMAIL: email, MORTISE_PASSWORD: password, MORTISE_API_KEY: apiKey, ...more }
  const wire = await openWire()
  const url = `http://localhost:${wire.port}`
  const programs: Program[] = []
  const start = async (file: string, args: string[]) => {
    const program = await startProgram(process.execPath, [path.join(root, file), ...args], env, /ready at (\S+)/)
    programs.push(program)
  }
  const port = await freePort()
  wire.pointTo(port)
  await start('bin/mortise', ['server', '--port', String(port), '--url', url, '--data-dir', dataDir])
  if (withPostgresql) {
    const where = ['--data-dir', path.join(dir, 'provider'), '--platform', url]
    const program = 'providers/postgresql/dist/main.js'
    await start(program, where)
    // Not spawnSync: what it asks goes through the wire in this very process.
    const pushed = await startProgram(process.execPath, [path.join(root, program), '--push', ...where], env, /\n/)
    const code = await pushed.exited
    if (code !== 0) throw new Error(`the manifest could not be pushed: ${pushed.said()}`)
  }
  const headers = { authorization: `Bearer ${apiKey}`, accept: 'application/vnd.heroku+json; version=3' }
  return {
    dir,
    dataDir,
    url,
    port: wire.port,
    wire,
    apiKey,
    email,
    password,
    headers,
    api: (method, address, body) => ask(wire.port, method, address, { headers, body }),
    async stop() {
      for (const program of programs.reverse()) {
        program.kill('SIGTERM')
        await Promise.race([program.exited, new Promise((done) => setTimeout(done, 12_000))])
      }
      await wire.stop()
      await endPrograms()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

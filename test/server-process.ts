import { type ChildProcess, spawn } from 'node:child_process'
import fs from 'node:fs'
import http from 'node:http'
import net, { type AddressInfo } from 'node:net'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))

/** A program of ours in a process group of its own. */
export interface Program {
  pid: number
  /** Everything it printed. */
  said(): string
  /** Resolves when it ended: exit code or signal. */
  exited: Promise<number | string | null>
  /** Sends the signal to this process alone, as `kill` does. */
  kill(signal: NodeJS.Signals): void
}

const running = new Set<ChildProcess>()

/** Ends every program that a test left running. */
export async function endPrograms(): Promise<void> {
  const ending = [...running].map((child) => new Promise((done) => child.once('close', done)))
  for (const child of running) child.kill('SIGKILL')
  await Promise.all(ending)
}

/** Starts a program and resolves with the first group of `ready` in what it prints. @throws when it ends before */
export async function startProgram(
  command: string,
  args: readonly string[],
  env: Record<string, string>,
  ready: RegExp,
): Promise<Program & { readyWith: string }> {
  const child = spawn(command, args, {
    env: { PATH: process.env['PATH'], MORTISE_CHECK_ANSWERS: process.env['MORTISE_CHECK_ANSWERS'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  running.add(child)
  let text = ''
  const exited = new Promise<number | string | null>((done) =>
    child.once('close', (code, signal) => {
      running.delete(child)
      done(code ?? signal)
    }),
  )
  const found = new Promise<string>((done) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (part) => {
        text += part
        const match = ready.exec(text)
        if (match) done(match[1] ?? '')
      })
    }
  })
  const readyWith = await Promise.race([found, exited.then(() => null)])
  if (readyWith === null) throw new Error(`${path.basename(command)} ended: ${text}`)
  return { pid: child.pid ?? 0, said: () => text, exited, kill: (signal) => void child.kill(signal), readyWith }
}

/** `bin/mortise server` as an operator starts it. */
export function startServer(options: {
  dir: string
  port: number
  apiKey: string
  /** Factor on every wait for a provider. */
  patience?: number
  env?: Record<string, string>
  args?: readonly string[]
}): Promise<Program & { readyWith: string }> {
  const args = ['server', '--port', String(options.port), '--data-dir', options.dir, ...(options.args ?? [])]
  const env = {
    HOME: path.dirname(options.dir),
    MORTISE_API_KEY: options.apiKey,
    MORTISE_PATIENCE: String(options.patience ?? 1),
    ...options.env,
  }
  return startProgram(path.join(root, 'bin/mortise'), args, env, /^Mortise is ready at (http:\S+)$/m)
}

/** The provider of provider-process.mjs; what it made is in `dir` and outlives it. */
export function startProvider(options: {
  dir: string
  port?: number
  password: string
  seed?: number
}): Promise<Program & { readyWith: string }> {
  fs.mkdirSync(options.dir, { recursive: true })
  const file = path.join(root, 'test/provider-process.mjs')
  const args = [file, options.dir, String(options.port ?? 0), options.password, String(options.seed ?? 1)]
  return startProgram(process.execPath, args, {}, /^ready at (http:\S+)$/m)
}

// biome-ignore lint/suspicious/noExplicitAny: a test looks at what came, and says so when it looks different.
export interface Answer<T = any> {
  status: number
  body: T
  headers: http.IncomingHttpHeaders
}

/** Asks the platform over HTTP. A text as body goes as it is. @throws when no whole answer comes */
// biome-ignore lint/suspicious/noExplicitAny: as above.
export function ask<T = any>(
  port: number,
  method: string,
  address: string,
  given: { body?: unknown; headers?: Record<string, string>; timeoutMs?: number } = {},
): Promise<Answer<T>> {
  const sends = given.body === undefined ? '' : typeof given.body === 'string' ? given.body : JSON.stringify(given.body)
  const headers = {
    ...(sends ? { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(sends)) } : {}),
    ...given.headers,
  }
  return new Promise((done, failed) => {
    const sent = http.request({ host: '127.0.0.1', port, path: address, method, headers, agent: false }, (answer) => {
      let text = ''
      answer.setEncoding('utf8').on('data', (part) => {
        text += part
      })
      answer.on('end', () => done({ status: answer.statusCode ?? 0, body: parsed(text) as T, headers: answer.headers }))
      answer.on('error', failed)
    })
    sent.setTimeout(given.timeoutMs ?? 40_000, () => sent.destroy(new Error('no answer')))
    sent.on('error', failed)
    sent.end(sends)
  })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** A port that is free now. */
export async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1')
  await new Promise((done) => server.once('listening', done))
  const { port } = server.address() as AddressInfo
  await new Promise((done) => server.close(done))
  return port
}

/** The postmaster of a server's embedded database. */
export function postgresPid(dir: string): number {
  return Number(pidFile(dir)[0])
}

/** A look into a server's embedded database, for questions that the API does not answer. Reads only. */
export function lookInto<T>(dir: string, question: string): Promise<T[]> {
  return query(dir, `set default_transaction_read_only = on; ${question}`)
}

/** Puts something into a server's embedded database that no verb of ours would ever put there. */
export async function plant(dir: string, statement: string): Promise<void> {
  await query(dir, statement)
}

async function query<T>(dir: string, question: string): Promise<T[]> {
  const client = new pg.Client({
    host: pidFile(dir)[4],
    port: Number(pidFile(dir)[3]),
    user: 'mortise',
    password: fs.readFileSync(path.join(dir, 'postgres/superuser.password'), 'utf8').trim(),
    database: 'mortise',
  })
  client.on('error', () => undefined)
  await client.connect()
  try {
    // Of several statements the last one's rows count.
    const results = [await client.query(question)].flat()
    return results.at(-1)?.rows ?? []
  } finally {
    await client.end()
  }
}

// The cluster is in the folder, or where a link leads: other accounts can't pass through every folder.
function pidFile(dir: string): string[] {
  const places = ['data', 'reachable-postgresql/data'].map((place) =>
    path.join(dir, 'postgres', place, 'postmaster.pid'),
  )
  const file = places.find((place) => fs.existsSync(place))
  if (!file) throw new Error(`no database runs in ${dir}`)
  return fs.readFileSync(file, 'utf8').split('\n')
}

/** The manifest of provider-process.mjs and of lying-provider.ts. */
export function manifestOf(url: string, password: string): object {
  const plan = (name: string, isDefault: boolean) => ({
    name,
    human_name: name,
    description: '',
    price: { cents: 500, unit: 'month' },
    default: isDefault,
    features: [],
  })
  return {
    id: 'fast-db',
    name: 'Fast DB',
    api: {
      version: '3',
      password,
      sso_salt: 'salt-of-the-provider-0123456789',
      regions: ['us'],
      config_vars: ['FAST_DB_URL'],
      requires: ['attachable', 'many_per_app'],
      production: { base_url: `${url}/heroku/resources`, sso_url: `${url}/sso` },
    },
    plans: [plan('small', true), plan('slow', false)],
  }
}

import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { manifest } from '../sdk/fixture.js'
import { endPrograms, freePort, startServer } from '../test/server-process.js'

// `provider dev --host`: at a platform that goes on without us, and whose service has its own addresses and secret.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 120_000 })
const root = fileURLToPath(new URL('..', import.meta.url))
const apiKey = 'key-of-the-provider-0123456789'
const example = ['--', process.execPath, path.join(root, 'sdk/dist/example.js')]
let dir: string
let host: string
let kept: string
let origin: string
let clientSecret = ''
let provider: ChildProcess | undefined
const portal = '/api/v3/addons/fast-db'
const own = (test?: object) => ({
  ...manifest,
  api: {
    ...manifest.api,
    production: { base_url: 'http://127.0.0.1:9/heroku/resources', sso_url: 'http://127.0.0.1:9/heroku/sso' },
    ...(test ? { test } : {}),
  },
})

beforeAll(async () => {
  dir = mkdtempSync(path.join(tmpdir(), 'mortise-dev-host-'))
  const port = await freePort()
  host = `http://127.0.0.1:${port}`
  kept = path.join(dir, '.mortise/provider-dev', `127-0-0-1-${port}`)
  await startServer({ dir: path.join(dir, 'server'), port, apiKey, patience: 0.1 })
  origin = `http://127.0.0.1:${await freePort()}`
  const test = { base_url: `${origin}/heroku/resources`, sso_url: `${origin}/heroku/sso` }
  writeFileSync(path.join(dir, 'addon-manifest.json'), JSON.stringify(own(test)))
  const pushed = await ask('POST', `${portal}/manifests`, { contents: own() })
  clientSecret = pushed.client_secret
})
afterAll(async () => {
  provider?.kill('SIGKILL')
  await endPrograms()
  rmSync(dir, { recursive: true, force: true })
})

// biome-ignore lint/suspicious/noExplicitAny: answers of several shapes.
async function ask(method: string, at: string, body?: unknown): Promise<any> {
  const answer = await fetch(host + at, {
    method,
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
  return answer.json()
}
async function inForce() {
  const { contents } = await ask('GET', `${portal}/current_manifest`)
  const { $base: _, ...rest } = contents
  return rest
}

function dev(
  args: string[],
  env: Record<string, string> = {},
): ChildProcess & { said(): string; ended: Promise<number | null> } {
  const child = spawn(path.join(root, 'bin/mortise'), ['provider', 'dev', ...args], {
    cwd: dir,
    env: { PATH: process.env['PATH'], HOME: dir, MORTISE_API_KEY: apiKey, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let out = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (part) => (out += part))
  const ended = new Promise<number | null>((done) => child.once('close', (code) => done(code)))
  return Object.assign(child, { said: () => out, ended })
}

it('without the OAuth secret nothing is touched, and it says what to do', async () => {
  const before = await inForce()
  const tried = dev(['--host', host, '--once', ...example])
  expect(await tried.ended).toBe(1)
  expect(tried.said()).toMatch(/its OAuth secret was told only once[\s\S]*CLIENT_SECRET[\s\S]*--reset-secret/)
  expect(await inForce()).toEqual(before)
  expect(existsSync(path.join(kept, 'fast-db-before.json'))).toBe(false)
})

it('a whole life there: its own secret works, and its own addresses are back afterwards', async () => {
  const before = await inForce()
  const run = dev(['--host', host, '--once', ...example], { CLIENT_SECRET: clientSecret })
  expect(await run.ended, run.said()).toBe(0)
  // The example trades its grant with it, so it was not replaced.
  expect(run.said()).toMatch(/provider → platform POST \/oauth\/token 200/)
  expect(run.said()).toContain(`fast-db at ${host} has its own manifest again.`)
  expect(await inForce()).toEqual(before)
  expect(before.api.production.base_url).toBe('http://127.0.0.1:9/heroku/resources')
  expect(run.said()).not.toContain(clientSecret)
  expect(run.said()).not.toContain(apiKey)
  // Whoever started their provider by themselves is told of files that are there, and nobody else can read them.
  for (const name of ['addon-manifest.json', 'client-secret']) {
    expect(statSync(path.join(kept, name)).mode & 0o077, name).toBe(0)
  }
  expect(readFileSync(path.join(kept, 'client-secret'), 'utf8').trim()).toBe(clientSecret)
})

it('what a killed run left is put back by the next one', async () => {
  const before = await inForce()
  // A provider that was started by hand, and goes on whatever becomes of the command.
  const { port } = new URL(origin)
  const env = { ADDON_MANIFEST: path.join(dir, 'addon-manifest.json'), PORT: port, CLIENT_SECRET: clientSecret }
  provider = spawn(process.execPath, [path.join(root, 'sdk/dist/example.js')], { env, stdio: 'ignore' })
  await vi.waitFor(() => fetch(origin), { timeout: 30_000, interval: 50 })
  const killed = dev(['--host', host])
  await vi.waitFor(() => expect(killed.said()).toContain('is registered at'), { timeout: 60_000, interval: 100 })
  const meanwhile = await inForce()
  expect(meanwhile.api.production.base_url).not.toBe(before.api.production.base_url)
  killed.kill('SIGKILL')
  await killed.ended
  expect(await inForce()).toEqual(meanwhile)
  const next = dev(['--host', host])
  next.stdin?.end('quit\n')
  expect(await next.ended, next.said()).toBe(0)
  expect(next.said()).toContain(path.join(kept, 'client-secret'))
  expect(await inForce()).toEqual(before)
})

it('a new secret is made only when asked for, and is in the file', async () => {
  rmSync(path.join(kept, 'client-secret'))
  const run = dev(['--host', host, '--reset-secret'])
  run.stdin?.end('quit\n')
  expect(await run.ended, run.said()).toBe(0)
  const fresh = readFileSync(path.join(kept, 'client-secret'), 'utf8').trim()
  expect(fresh).not.toBe(clientSecret)
  expect(run.said()).not.toContain(fresh)
})

it('a platform that is not on this machine is refused before anything is asked of it', async () => {
  const run = dev(['--host', 'https://mortise.example.com', '--once'])
  expect(await run.ended).toBe(1)
  expect(run.said()).toMatch(/mortise\.example\.com is not on this machine[\s\S]*Leave --host out/)
})

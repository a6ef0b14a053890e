import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'

// The command line against the real server: one story, told in order. Only the provider is pretended.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })
const mortise = fileURLToPath(new URL('../bin/mortise', import.meta.url))

let dir: string
let server: ChildProcess
let host: string
const resources = new Map<string, { plan: string }>()

/** A provider that makes a resource of anything, and remembers what it has. */
const provider = http.createServer(async (req, res) => {
  let text = ''
  for await (const chunk of req) text += chunk
  const body = (text ? JSON.parse(text) : {}) as { uuid?: string; plan?: string }
  const id = req.url!.split('/').at(-1)!
  const say = (status: number, answer: unknown) =>
    res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
  if (req.method === 'POST') {
    if (body.plan === 'full') return say(422, { message: 'There is no room left.' })
    resources.set(body.uuid!, { plan: body.plan! })
    return say(201, { id: body.uuid, config: { ACME_URL: `acme://${body.uuid}` }, message: 'Enjoy.' })
  }
  if (req.method === 'PUT') {
    resources.get(id)!.plan = body.plan!
    return say(200, { message: 'Changed.' })
  }
  resources.delete(id)
  return res.writeHead(204).end()
})

async function run(...args: string[]) {
  const child = spawn(process.execPath, [mortise, ...args], {
    cwd: dir,
    env: {
      PATH: process.env['PATH'],
      HOME: dir,
      MORTISE_HOST: host,
      MORTISE_API_KEY: 'acceptance-key-0123456789',
      MORTISE_APP: 'guests',
    },
    timeout: 60_000,
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  child.stdin.end()
  const code = await new Promise<number | null>((closed) => child.once('close', closed))
  return { code, stdout, stderr }
}

/** Runs what must succeed. */
async function ok(...args: string[]) {
  const { code, stdout, stderr } = await run(...args)
  expect(code, `${args.join(' ')}: ${stderr}`).toBe(0)
  return stdout
}

async function startServer(): Promise<string> {
  server = spawn(process.execPath, [mortise, 'server', '--port', '0', '--data-dir', path.join(dir, 'data')], {
    env: {
      PATH: process.env['PATH'],
      HOME: dir,
      MORTISE_EMAIL: 'ada@example.com',
      MORTISE_PASSWORD: 'correct-horse-battery',
      MORTISE_API_KEY: 'acceptance-key-0123456789',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  return await new Promise((ready, failed) => {
    let said = ''
    const listen = (text: string) => {
      said += text
      const found = /Mortise is ready at (\S+)/.exec(said)?.[1]
      if (found) ready(found)
    }
    server.stdout!.setEncoding('utf8').on('data', listen)
    server.stderr!.setEncoding('utf8').on('data', listen)
    server.once('exit', (code) => failed(new Error(`The server ended with ${code}: ${said.slice(-2000)}`)))
  })
}

beforeAll(async () => {
  dir = mkdtempSync(path.join(tmpdir(), 'mortise-acceptance-'))
  await new Promise<void>((listening) => provider.listen(0, '127.0.0.1', listening))
  host = await startServer()
})
afterAll(async () => {
  provider.closeAllConnections()
  provider.close()
  if (server.exitCode === null) {
    const ended = new Promise((exited) => server.once('exit', exited))
    server.kill('SIGTERM')
    await ended
  }
  rmSync(dir, { recursive: true, force: true })
})

it('a folder becomes a running app', async () => {
  expect(await ok('whoami')).toBe('ada@example.com\n')
  expect(await ok('apps:create', 'guests')).toContain('guests.localhost')
  expect(await run('apps:create', 'guests')).toMatchObject({ code: 1, stderr: expect.stringContaining('guests') })
  const source = path.join(dir, 'source')
  mkdirSync(source)
  writeFileSync(path.join(source, 'Procfile'), 'web: node server.js\n')
  const code =
    "require('http').createServer((_, res) => res.end(String(process.env.ACME_URL))).listen(process.env.PORT)"
  writeFileSync(path.join(source, 'server.js'), `console.log('hello from the app')\n${code}\n`)
  const out = await ok('deploy', 'source')
  expect(out).toContain('----->')
  expect(out).toContain('guests is at http://guests.localhost')
  expect(await ok('ps')).toMatch(/web\.1 +up/)
  expect(await ok('ps:scale')).toMatch(/web +1 +\S+ +node server\.js/)
  expect(await ok('logs', '-s', 'app')).toContain('app[web.1]: hello from the app')
  expect(await ok('open', '--show-url')).toContain('http://guests.localhost')
})

it('config vars are set, read and removed, each with a release', async () => {
  expect(await ok('config:set', 'COLOUR=blue', 'SIZE=3')).toContain('COLOUR: blue')
  expect(await ok('config:get', 'SIZE')).toBe('3\n')
  await ok('config:unset', 'SIZE')
  expect((await run('config:get', 'SIZE')).code).toBe(1)
  expect(JSON.parse(await ok('config', '--json'))).toEqual({ COLOUR: 'blue' })
  expect(await ok('releases')).toMatch(/^v4/m)
  expect(await ok('releases:info', 'v3')).toContain('SIZE:')
})

it('a service is published, and an add-on of it created, looked at, changed and destroyed', async () => {
  const base = `http://127.0.0.1:${(provider.address() as AddressInfo).port}`
  const plan = (name: string, cents: number, isDefault = false) => ({
    name,
    human_name: name,
    description: name,
    price: { cents, unit: 'month' },
    default: isDefault,
    features: [],
  })
  const manifest = {
    id: 'acme',
    name: 'Acme',
    api: {
      config_vars: ['ACME_URL'],
      config_vars_prefix: 'ACME',
      password: 'a-password-of-the-provider',
      sso_salt: 'a-salt-of-the-provider',
      regions: ['*'],
      requires: ['attachable', 'many_per_app'],
      version: '3',
      production: { base_url: `${base}/heroku/resources`, sso_url: `${base}/heroku/sso` },
    },
    plans: [plan('basic', 500, true), plan('large', 5000), plan('full', 0)],
  }
  writeFileSync(path.join(dir, 'addon-manifest.json'), JSON.stringify(manifest))
  await ok('manifest:push')
  expect(await ok('addons:services')).toContain('acme')
  expect(await ok('addons:plans', 'acme')).toMatch(/acme:basic \(default\) .*~\$0\.007\/hour \(max \$5\/month\)/)

  const created = await ok('addons:create', 'acme', '--name', 'acme-one', '--wait', '--', '--size=3')
  expect(created).toContain('Created acme-one as ACME_URL')
  expect(resources.size).toBe(1)
  expect(await ok('addons')).toMatch(/acme-one +acme +basic +~\$0\.007\/hour \(max \$5\/month\) +created +ACME/)
  expect(await ok('config:get', 'ACME_URL')).toContain('acme://')
  expect(await ok('addons:info', 'ACME')).toContain('guests::ACME')
  expect(await ok('addons:open', 'ACME', '--show-url')).toContain('/sso')
  expect(await ok('apps:info')).toContain('acme-one (acme:basic)')

  await ok('addons:upgrade', 'ACME', 'large')
  expect([...resources.values()]).toEqual([{ plan: 'large' }])
  await ok('apps:create', 'reports')
  await ok('addons:attach', 'acme-one', '-a', 'reports', '--as', 'GUESTS')
  expect(await ok('config:get', 'GUESTS_URL', '-a', 'reports')).toContain('acme://')
  expect(await run('addons:destroy', 'acme-one', '--confirm', 'guests')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('reports'),
  })
  await ok('addons:detach', 'GUESTS', '-a', 'reports')
  await ok('addons:destroy', 'acme-one', '--confirm', 'guests', '--wait')
  expect(resources.size).toBe(0)
  expect((await run('addons:info', 'acme-one')).code).toBe(1)
})

it('a provider that refuses is quoted, and nothing is left behind', async () => {
  expect(await run('addons:create', 'acme:full')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('There is no room left.'),
  })
  expect(await run('addons:create', 'acme:nope')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("Couldn't find either"),
  })
  expect(JSON.parse(await ok('addons', '--json'))).toEqual([])
  expect(resources.size).toBe(0)
})

it('an app is rolled back, and destroyed only by its name', async () => {
  const versions = JSON.parse(await ok('releases', '--json')) as { version: number }[]
  await ok('rollback', 'v3')
  expect(await ok('config:get', 'SIZE')).toBe('3\n')
  expect(await ok('releases', '-n', '1')).toContain(`v${versions[0]!.version + 1}`)
  expect((await run('apps:destroy')).code).toBe(1)
  await ok('apps:destroy', '--confirm', 'guests')
  expect((await run('apps:info')).code).toBe(1)
})

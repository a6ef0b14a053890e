import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
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
      MORTISE_CHECK_ANSWERS: '1',
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
    plans: [plan('basic', 500, true), plan('large', 5000), plan('full', 0), { ...plan('island', 0), regions: ['eu'] }],
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
  expect(await run('addons:create', 'acme:island')).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/The plan acme:island is not sold in region us; it is in eu\./),
  })
  expect(JSON.parse(await ok('addons', '--json'))).toEqual([])
  expect(resources.size).toBe(0)
})

it('keys, clients and sessions are made, seen and ended', async () => {
  const key = (await ok('authorizations:create', '-d', 'nightly', '-s', 'read', '-e', '3600', '--short')).trim()
  expect((await run('apps', '--json')).code).toBe(0)
  const [made] = (JSON.parse(await ok('authorizations', '--json')) as { id: string; description: string }[]).filter(
    (one) => one.description === 'nightly',
  )
  expect(await ok('authorizations:info', made!.id)).toMatch(/Scope: +read/)
  expect(await ok('authorizations:update', made!.id, '-d', 'weekly')).toContain('weekly')
  const rotated = JSON.parse(await ok('authorizations:rotate', made!.id, '--json')) as {
    access_token: { token: string }
  }
  expect(rotated.access_token.token).not.toBe(key)
  await ok('authorizations:revoke', made!.id)
  expect(await ok('authorizations')).not.toContain('weekly')
  const client = JSON.parse(await ok('clients:create', 'Board', 'http://localhost/cb', '--json')) as { id: string }
  expect(await ok('clients:update', client.id, '-n', 'Panel')).toContain('Panel')
  await ok('clients:rotate', client.id)
  expect(await ok('clients:info', client.id)).toContain('http://localhost/cb')
  await ok('clients:destroy', client.id)
  expect(await run('clients')).toMatchObject({ code: 0, stderr: expect.stringContaining('no OAuth clients') })
  expect((await run('sessions')).code).toBe(0)
  expect(await ok('auth:token')).toBe('acceptance-key-0123456789\n')
})

it('apps are put into maintenance, scaled, stopped, waited for and looked at', async () => {
  await ok('maintenance:on')
  expect(await ok('maintenance')).toBe('on\n')
  await ok('maintenance:off')
  expect(await ok('maintenance')).toBe('off\n')
  await ok('ps:wait')
  expect(await ok('ps:type')).toMatch(/web +\S+ +1/)
  await ok('ps:stop', 'web.1')
  expect(await run('ps:wait', '--wait-timeout', '1')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('Not all'),
  })
  await ok('ps:restart', 'web.1')
  await ok('ps:wait')
  expect(await ok('builds')).toMatch(/succeeded/)
  expect(await ok('builds:info')).toMatch(/Status: +succeeded/)
  expect(await ok('builds:output')).toContain('----->')
  expect(await run('releases:output')).toMatchObject({ code: 1, stderr: expect.stringContaining('no release command') })
  expect(JSON.parse(await ok('releases:retry', '--json'))).toMatchObject({
    description: expect.stringContaining('Retry'),
  })
  expect(await ok('apps:stacks')).toMatch(/\*/)
  expect(await ok('regions')).toContain('us')
  for (const word of ['features', 'labs', 'keys']) expect((await run(word)).code).toBe(0)
  expect(await run('labs:enable', 'nothing-of-this-name')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('feature'),
  })
})

it('buildpacks, drains and domains are added, seen and removed', async () => {
  await ok('buildpacks:add', 'heroku/procfile')
  expect(await run('buildpacks:add', 'heroku/procfile')).toMatchObject({ code: 1 })
  await ok('buildpacks:add', 'heroku/nodejs', '--index', '1')
  expect(JSON.parse(await ok('buildpacks', '--json'))).toEqual([
    { index: 1, buildpack: 'nodejs' },
    { index: 2, buildpack: 'procfile' },
  ])
  await ok('buildpacks:remove', '--index', '1')
  await ok('buildpacks:set', 'heroku/nodejs')
  expect(await ok('buildpacks')).toMatch(/1 +nodejs/)
  await ok('buildpacks:clear')
  await ok('drains:add', 'https://logs.example.com/in')
  expect(await ok('drains')).toContain('https://logs.example.com/in')
  await ok('drains:remove', 'https://logs.example.com/in')
  expect(await ok('domains:add', 'www.example.com')).toContain('Point the DNS entry')
  expect(await ok('domains')).toContain('www.example.com')
  await ok('domains:wait', 'www.example.com')
  await ok('domains:remove', 'www.example.com')
  expect(await run('builds:cancel')).toMatchObject({ code: 1 })
})

it('teams share apps, and say which add-on services they allow', async () => {
  await ok('teams:create', 'acme-team')
  expect(await ok('members', '-t', 'acme-team')).toMatch(/ada@example\.com +admin/)
  await ok('teams:services:allow', 'acme', '-t', 'acme-team')
  expect(await ok('teams:services', '-t', 'acme-team')).toContain('acme')
  await ok('teams:services:disallow', 'acme', '-t', 'acme-team')
  expect((await run('members:add', 'nobody@example.com', '-r', 'member', '-t', 'acme-team')).code).toBe(1)
  await ok('apps:create', 'shared')
  await ok('apps:transfer', 'acme-team', '-a', 'shared')
  expect(await ok('apps', '-t', 'acme-team')).toMatch(/^shared /m)
  await ok('apps:lock', '-a', 'shared')
  await ok('apps:join', '-a', 'shared')
  expect(await ok('access', '-a', 'shared')).toMatch(/ada@example\.com +collaborator/)
  await ok('apps:leave', '-a', 'shared')
  await ok('apps:rename', 'common', '-a', 'shared')
  expect(await ok('teams:info', '-t', 'acme-team')).toContain('common')
  await ok('apps:destroy', '-a', 'common', '--confirm', 'common')
  await ok('teams:rename', 'acme-two', '-t', 'acme-team')
  await ok('teams:destroy', '-t', 'acme-two', '--confirm', 'acme-two')
})

it("a provider's manifest is made, pulled, compared and listed", async () => {
  await ok('manifest:generate', 'fast-db', '-o', 'fast.json')
  expect(statSync(path.join(dir, 'fast.json')).mode & 0o777).toBe(0o600)
  expect((await run('manifest:generate', 'fast-db', '-o', 'fast.json')).stderr).toContain('--force')
  await ok('manifest:push', 'fast.json')
  await ok('manifest:pull', 'fast-db', '-o', 'pulled.json')
  const none = await run('manifest:diff', 'pulled.json')
  expect(none).toMatchObject({ code: 0, stdout: '', stderr: expect.stringContaining('what is in force') })
  const pulled = readFileSync(path.join(dir, 'pulled.json'), 'utf8')
  writeFileSync(path.join(dir, 'pulled.json'), pulled.replace('"name": "fast-db"', '"name": "Faster DB"'))
  expect(await ok('manifest:diff', 'pulled.json')).toMatch(/^-\s+"name": "fast-db",\n\+\s+"name": "Faster DB",$/m)
  await ok('manifest:generate', 'fast-db', '--annotated', '-o', 'annotated.jsonc')
  expect(readFileSync(path.join(dir, 'annotated.jsonc'), 'utf8')).toContain('// What customers type')
  expect(await ok('manifest:diff', 'annotated.jsonc')).toMatch(/^\+.*"password"/m)
  const [version] = JSON.parse(await ok('manifests', 'fast-db', '--json')) as { id: string }[]
  expect(JSON.parse(await ok('manifests:info', 'fast-db', '-m', version!.id))).toMatchObject({ id: 'fast-db' })
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

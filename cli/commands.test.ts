import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest'

// Each line starts a process: on a busy machine that takes its time.
vi.setConfig({ testTimeout: 60_000 })

// A pretend server says what each test wants; the command line runs as its users run it, in a process of its own.
const mortise = fileURLToPath(new URL('../bin/mortise', import.meta.url))

interface Asked {
  method: string
  path: string
  headers: http.IncomingHttpHeaders
  body: string
}
type Answer = (asked: Asked, res: http.ServerResponse) => unknown
const answers = new Map<string, Answer>()
const asked: Asked[] = []
const bodyOf = (question: string) =>
  JSON.parse(asked.find(({ method, path }) => `${method} ${path}` === question)!.body) as unknown

const server = http.createServer(async (req, res) => {
  const chunks: Buffer[] = []
  for await (const chunk of req) chunks.push(chunk as Buffer)
  const question = { method: req.method!, path: req.url!, headers: req.headers, body: Buffer.concat(chunks).toString() }
  asked.push(question)
  const answer = answers.get(`${question.method} ${question.path}`)
  if (!answer) return json(res, 404, { id: 'not_found', message: "Couldn't find that app.", resource: 'app' })
  const said = await answer(question, res)
  if (!res.headersSent && !res.destroyed) json(res, 200, said)
})

function json(res: http.ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}) {
  res.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
}

let host: string
let dir: string
beforeAll(async () => {
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  host = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  dir = mkdtempSync(path.join(tmpdir(), 'mortise-cli-'))
  // Builds what is not built yet, so that no test below sees the note about it.
  await run(['--version'])
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
  rmSync(dir, { recursive: true })
})
beforeEach(() => {
  answers.clear()
  asked.length = 0
})

async function run(args: string[], options: { stdin?: string; env?: Record<string, string>; command?: string } = {}) {
  const child = spawn(process.execPath, [options.command ?? mortise, ...args], {
    cwd: dir,
    env: { PATH: process.env['PATH'], HOME: dir, MORTISE_HOST: host, MORTISE_API_KEY: 'key', ...options.env },
    timeout: 45_000,
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  child.stdin.end(options.stdin ?? '')
  const code = await new Promise<number | null>((exited) => child.once('close', exited))
  return { code, stdout, stderr }
}

const app = {
  id: '11111111-1111-4111-8111-111111111111',
  name: 'guestbook',
  web_url: 'http://guestbook.localhost:5055/',
  owner: { email: 'ada@example.com' },
  released_at: null,
}
const addon = {
  id: '22222222-2222-4222-8222-222222222222',
  name: 'postgresql-curved-1',
  app,
  addon_service: { name: 'mortise-postgresql' },
  plan: { name: 'mortise-postgresql:mini', price: { cents: 500, contract: false, unit: 'month' } },
  billed_price: { cents: 500, contract: false, unit: 'month' },
  config_vars: ['DATABASE_URL'],
  provision_message: '',
  state: 'provisioned',
}

it('starts from any folder, through a link', async () => {
  const link = path.join(dir, 'linked-mortise')
  symlinkSync(mortise, link)
  const { code, stdout } = await run(['--version'], { command: link })
  expect(code).toBe(0)
  expect(stdout).toContain('0.1.0')
})

it('results go to stdout as a table, or as JSON for scripts, without any colour', async () => {
  answers.set('GET /apps', () => [app])
  const plain = await run(['apps'])
  expect(plain).toMatchObject({ code: 0, stderr: '' })
  expect(plain.stdout).toContain('guestbook')
  expect(plain.stdout).not.toContain('\u001b')
  const scripted = await run(['apps', '--json'])
  expect(JSON.parse(scripted.stdout)).toEqual([app])
  expect(asked[0]!.headers['authorization']).toBe('Bearer key')
})

it('exit codes tell refused, wrong usage and unreachable apart, with --json too', async () => {
  expect(await run(['apps:info', '-a', 'nope'])).toMatchObject({
    code: 1,
    stdout: '',
    stderr: "Error: Couldn't find that app.\nRun `mortise apps` to see your apps.\n",
  })
  expect((await run(['apps', '--nope'])).code).toBe(2)
  expect(await run(['adons:create'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('Did you mean addons:create'),
  })
  expect(await run(['addons', 'create'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('Did you mean addons:create'),
  })
  const nobody = http.createServer()
  await new Promise<void>((listening) => nobody.listen(0, '127.0.0.1', listening))
  const { port } = nobody.address() as AddressInfo
  await new Promise((closed) => nobody.close(closed))
  const silent = await run(['apps', '--json', '--host', `127.0.0.1:${port}`])
  expect(silent.code).toBe(3)
  expect(JSON.parse(silent.stdout)).toMatchObject({
    error: { id: 'unreachable', message: expect.stringContaining('nothing listens') },
  })
})

it('a space for a colon is understood where no command has the first word, else asked about', async () => {
  answers.set('GET /account', () => ({ email: 'ada@example.com' }))
  expect(await run(['auth', 'whoami'])).toMatchObject({ code: 0, stdout: 'ada@example.com\n' })
  expect(await run(['apps', 'info', '-a', 'guestbook'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('Did you mean apps:info'),
  })
  expect((await run(['help', 'adons'])).stderr).toContain('Did you mean addons')
  expect((await run(['apps', '--jsn'])).stderr).toContain('Did you mean --json?')
})

it('login waits for the browser, as long as the server says to ask again, and tells a denial', async () => {
  const home = { XDG_CONFIG_HOME: path.join(dir, 'browser-login'), MORTISE_API_KEY: '', BROWSER: '', DISPLAY: '' }
  answers.set('POST /auth', () => ({ browser_url: '/auth/browser/code', cli_url: '/auth/cli/7', token: 'cli-token' }))
  let tries = 0
  answers.set('GET /auth/cli/7', (_, res) => {
    if (++tries < 3) return json(res, 503, { id: 'maintenance', message: 'Nobody has decided yet. Ask again.' })
    return { access_token: 'made-in-the-browser', authorization: addon.id }
  })
  answers.set('GET /account', () => ({ email: 'ada@example.com' }))
  const signedIn = await run(['login', '--browser'], { env: home })
  expect(signedIn).toMatchObject({ code: 0, stdout: `Signed in to ${host} as ada@example.com\n` })
  expect(signedIn.stderr).toContain(`${host}/auth/browser/code`)
  expect(tries).toBe(3)
  expect(asked.find((one) => one.path === '/auth/cli/7')?.headers.authorization).toBe('Bearer cli-token')
  const kept = readFileSync(path.join(dir, 'browser-login', 'mortise', 'credentials.json'), 'utf8')
  expect(kept).toContain('made-in-the-browser')
  answers.set('GET /auth/cli/7', () => ({ error: 'The login was denied in the browser.' }))
  const denied = await run(['login', '--browser'], { env: home })
  expect([denied.code, denied.stderr]).toEqual([1, expect.stringContaining('denied in the browser')])
  // Where people would sign in at somebody else's page, nobody is sent.
  answers.set('POST /auth', () => ({ browser_url: '//evil.example/', cli_url: '/auth/cli/7', token: 'x' }))
  expect((await run(['login', '--browser'], { env: home })).stderr).toContain('not its own')
})

it('login keeps a key for this server, readable by its owner only, and logout revokes it', async () => {
  const home = { XDG_CONFIG_HOME: path.join(dir, 'login'), MORTISE_API_KEY: '' }
  answers.set('POST /oauth/authorizations', (_, res) =>
    json(res, 201, { id: 'auth-1', access_token: { token: 'made' }, user: { email: 'ada@example.com' } }),
  )
  const signedIn = await run(['login', '--email', 'ada@example.com', '--password-stdin'], {
    stdin: 'pass word\n',
    env: home,
  })
  expect(signedIn).toMatchObject({ code: 0, stdout: `Signed in to ${host} as ada@example.com\n` })
  expect(asked[0]!.headers['authorization']).toBe(
    `Basic ${Buffer.from('ada@example.com:pass word').toString('base64')}`,
  )
  const file = path.join(dir, 'login', 'mortise', 'credentials.json')
  expect(statSync(file).mode & 0o777).toBe(0o600)
  answers.set('GET /account', () => ({ email: 'ada@example.com' }))
  expect(await run(['whoami'], { env: home })).toMatchObject({ code: 0, stdout: 'ada@example.com\n' })
  expect(asked.at(-1)!.headers['authorization']).toBe('Bearer made')
  answers.set('DELETE /oauth/authorizations/auth-1', () => ({}))
  expect((await run(['logout'], { env: home })).code).toBe(0)
  expect(asked.at(-1)!.headers['authorization']).toBe('Bearer made')
  expect(readFileSync(file, 'utf8')).not.toContain('made')
})

it('addons:create sends the plan, the names and the options, and says what came of it', async () => {
  answers.set('POST /apps/guestbook/addons', (_, res) => json(res, 201, addon))
  const args = ['addons:create', 'mortise-postgresql:mini', '-a', 'guestbook', '--as', 'PRIMARY', '--name', 'my-db']
  const { code, stdout, stderr } = await run([...args, '--', '--foo=bar', '--flag'])
  expect(code).toBe(0)
  expect(stdout).toBe('Created postgresql-curved-1 as DATABASE_URL\n')
  expect(stderr).toContain('~$0.007/hour (max $5/month)')
  expect(bodyOf('POST /apps/guestbook/addons')).toEqual({
    plan: { name: 'mortise-postgresql:mini' },
    attachment: { name: 'PRIMARY' },
    config: { foo: 'bar', flag: true },
    name: 'my-db',
  })
})

it('a taken config var is confirmed by --confirm, and without it nothing is repeated', async () => {
  answers.set('POST /apps/guestbook/addons', ({ body }, res) =>
    (JSON.parse(body) as { confirm?: string }).confirm === 'guestbook'
      ? json(res, 201, addon)
      : json(res, 423, { id: 'confirmation_required', message: 'DATABASE_URL would be replaced.' }),
  )
  const create = ['addons:create', 'mortise-postgresql', '-a', 'guestbook']
  expect(await run(create)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('DATABASE_URL would be replaced.\nPass --confirm guestbook'),
  })
  expect(asked).toHaveLength(1)
  expect((await run([...create, '--confirm', 'guestbook'])).code).toBe(0)
})

it('--wait looks until the provider is done, and fails in its words when it refuses', async () => {
  answers.set('POST /apps/guestbook/addons', (_, res) =>
    json(res, 202, { ...addon, state: 'provisioning', config_vars: [] }),
  )
  let looks = 0
  answers.set(`GET /apps/guestbook/addons/${addon.id}`, () =>
    ++looks > 1 ? addon : { ...addon, state: 'provisioning' },
  )
  const create = ['addons:create', 'mortise-postgresql', '-a', 'guestbook', '--wait', '--wait-interval', '1']
  expect(await run(create)).toMatchObject({ code: 0, stdout: 'Created postgresql-curved-1 as DATABASE_URL\n' })
  expect(looks).toBe(2)
  answers.set(`GET /apps/guestbook/addons/${addon.id}`, () => ({
    ...addon,
    state: 'deprovisioned',
    provision_message: 'No room.',
  }))
  expect(await run(create)).toMatchObject({ code: 1, stderr: expect.stringContaining('was not created. No room.') })
})

it('nothing is destroyed before all names are known and confirmed', async () => {
  answers.set('POST /actions/addons/resolve', ({ body }, res) =>
    body.includes('typo')
      ? json(res, 404, { id: 'not_found', message: "Couldn't find that add-on.", resource: 'add_on' })
      : [addon],
  )
  answers.set(`DELETE /apps/${app.id}/addons/${addon.id}`, () => ({ ...addon, state: 'deprovisioned' }))
  expect((await run(['addons:destroy', addon.name, 'typo', '--confirm', 'guestbook'])).code).toBe(1)
  expect((await run(['addons:destroy', addon.name])).code).toBe(1)
  expect((await run(['addons:destroy', addon.name, '-a', 'other', '--confirm', 'other'])).code).toBe(1)
  expect(asked.filter(({ method }) => method === 'DELETE')).toEqual([])
  expect((await run(['addons:destroy', addon.name, '--confirm', 'guestbook'])).code).toBe(0)
  expect(bodyOf(`DELETE /apps/${app.id}/addons/${addon.id}`)).toEqual({ force: false })
})

/** A server that takes a source and builds it; `outcome` is what its build and its release end as. */
function deployable(outcome: { build: 'succeeded' | 'failed'; release: 'succeeded' | 'failed' }) {
  const build = { id: 'b-1', output_stream_url: `${host}/output/b-1`, status: 'pending', release: null }
  const release = { id: 'r-1', version: 3, status: 'pending', output_stream_url: null, app, message: 'web.1 crashed' }
  let releaseLooks = 0
  answers.set('GET /apps/guestbook', () => app)
  answers.set('POST /sources', (_, res) =>
    json(res, 201, { source_blob: { put_url: `${host}/blobs/1?s=x`, get_url: `${host}/blobs/1` } }),
  )
  answers.set('PUT /blobs/1?s=x', (_, res) => res.writeHead(200).end())
  answers.set(`POST /apps/${app.id}/builds`, (_, res) => json(res, 201, build))
  answers.set('GET /output/b-1', (_, res) => {
    res.writeHead(200, { 'content-type': 'text/plain' }).write('-----> Building\n       np')
    setTimeout(() => res.end('m ci\n'), 50)
  })
  answers.set(`GET /apps/${app.id}/builds/b-1`, () => ({
    ...build,
    status: outcome.build,
    release: { id: 'r-1' },
    message: 'npm ci failed',
  }))
  answers.set(`GET /apps/${app.id}/releases/r-1`, () => ({
    ...release,
    status: ++releaseLooks > 2 ? outcome.release : 'pending',
  }))
}

it('deploy sends the folder, shows the build as it runs and waits until the release is out', async () => {
  deployable({ build: 'succeeded', release: 'succeeded' })
  const source = path.join(dir, 'source')
  mkdirSync(source, { recursive: true })
  writeFileSync(path.join(source, 'Procfile'), 'web: node server.js\n')
  const { code, stdout, stderr } = await run(['deploy', 'source', '-a', 'guestbook'])
  expect(stdout).toBe('-----> Building\n       npm ci\nguestbook is at http://guestbook.localhost:5055/\n')
  expect(stderr).toContain('Releasing v3... done')
  expect(code).toBe(0)
  const sent = asked.find(({ method }) => method === 'PUT')!
  expect(Number(sent.headers['content-length'])).toBeGreaterThan(50)
  // The address is the permission: a storage service must never see the user's key.
  expect(sent.headers['authorization']).toBeUndefined()
  expect(bodyOf(`POST /apps/${app.id}/builds`)).toMatchObject({
    source_blob: { checksum: expect.stringMatching(/^SHA256:/) },
  })
})

it('a failed build and a failed release end with 1 and say why', async () => {
  const source = path.join(dir, 'failing')
  mkdirSync(source, { recursive: true })
  writeFileSync(path.join(source, 'Procfile'), 'web: false\n')
  deployable({ build: 'failed', release: 'failed' })
  expect(await run(['deploy', 'failing', '-a', 'guestbook'])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('npm ci failed'),
  })
  deployable({ build: 'succeeded', release: 'failed' })
  expect(await run(['deploy', 'failing', '-a', 'guestbook'])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('v3 is failed. web.1 crashed'),
  })
})

it('an unknown app is found out before anything is sent', async () => {
  expect((await run(['deploy', '.', '-a', 'guestbook'])).code).toBe(1)
  expect(asked.map(({ method }) => method)).toEqual(['GET'])
})

it('logs end with the stream, and a tail that breaks goes on after the last line seen', async () => {
  answers.set('POST /apps/guestbook/log-sessions', (_, res) => json(res, 201, { logplex_url: `${host}/logs/secret` }))
  answers.set('GET /logs/secret', ({ headers }, res) => {
    res.writeHead(200, { 'content-type': 'text/event-stream' })
    if (headers['last-event-id'] === '1') res.end('id: 2\ndata: 2026-11-23T22:43:16.000000+00:00 app[web.1]: two\n\n')
    else res.end('id: 1\ndata: 2026-11-23T22:43:15.000000+00:00 app[web.1]: one\n\n')
  })
  expect(await run(['logs', '-a', 'guestbook', '-n', '5'])).toMatchObject({
    code: 0,
    stdout: '2026-11-23T22:43:15.000000+00:00 app[web.1]: one\n',
  })
  expect(bodyOf('POST /apps/guestbook/log-sessions')).toEqual({ lines: 5, tail: false })
  const child = spawn(process.execPath, [mortise, 'logs', '-t', '--json', '-a', 'guestbook'], {
    env: { PATH: process.env['PATH'], HOME: dir, MORTISE_HOST: host, MORTISE_API_KEY: 'key' },
  })
  const lines: string[] = []
  for await (const chunk of child.stdout.setEncoding('utf8')) {
    lines.push(...(chunk as string).split('\n').filter(Boolean))
    if (lines.length >= 2) child.kill()
  }
  expect(lines.map((line) => (JSON.parse(line) as { text: string }).text)).toEqual(['one', 'two'])
})

it('config:get prints the exact value, and says when there is none', async () => {
  answers.set('GET /apps/guestbook/config-vars', () => ({ A: "it's 5 o'clock" }))
  expect(await run(['config:get', 'A', '-a', 'guestbook'])).toMatchObject({ code: 0, stdout: "it's 5 o'clock\n" })
  expect((await run(['config', '--shell'], { env: { MORTISE_APP: 'guestbook' } })).stdout).toBe(
    "A='it'\\''s 5 o'\\''clock'\n",
  )
  expect((await run(['config:get', 'B', '-a', 'guestbook'])).code).toBe(1)
})

it('config:set asks for one release only, however many there are', async () => {
  answers.set('PATCH /apps/guestbook/config-vars', () => ({ A: '1=2', B: '' }))
  answers.set('GET /apps/guestbook/releases', (_, res) =>
    json(res, 206, [{ version: 9 }], { 'next-range': 'version ]9..; max=1' }),
  )
  const { stdout, stderr } = await run(['config:set', 'A=1=2', 'B=', '-a', 'guestbook'])
  expect(stdout).toBe('A: 1=2\nB: ""\n')
  expect(stderr).toContain('done, v9')
  expect(bodyOf('PATCH /apps/guestbook/config-vars')).toEqual({ A: '1=2', B: '' })
  expect(asked.filter(({ method }) => method === 'GET')).toHaveLength(1)
})

it("manifest:push shows the portal's complaints, and the client secret once", async () => {
  const file = path.join(dir, 'addon-manifest.json')
  writeFileSync(file, JSON.stringify({ id: 'acme' }))
  answers.set('POST /api/v3/addons/acme/manifests', (_, res) =>
    json(res, 422, { error: { base: ['no plans', 'no password'] } }),
  )
  expect(await run(['manifest:push'])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('no plans\nno password'),
  })
  answers.set('POST /api/v3/addons/acme/manifests', (_, res) => json(res, 201, { contents: {}, client_secret: 'sh' }))
  expect((await run(['addons:admin:manifest:push', file])).stdout).toContain('sh\n')
})

it('passes are given for a service or one plan, listed, and withdrawn by e-mail, however it is written', async () => {
  const pass = (id: string, plan: string | null) => ({
    ...{ id, email: 'Grace@example.com', created_at: '2026-11-26T08:00:00Z' },
    plan: plan && { id: app.id, name: plan },
  })
  answers.set('POST /api/v3/addons/acme/passes', (_, res) => json(res, 201, pass('p1', null)))
  const at = ['--service', 'acme']
  expect((await run(['addons:admin:passes:add', 'grace@example.com', ...at])).code).toBe(0)
  expect(bodyOf('POST /api/v3/addons/acme/passes')).toEqual({ email: 'grace@example.com' })
  answers.set('GET /api/v3/addons/acme/passes', () => [pass('p1', null), pass('p2', 'acme:old')])
  const { stdout } = await run(['addons:admin:passes', 'acme'])
  expect(stdout).toMatch(/Grace@example\.com\s+acme, while it is in alpha/)
  expect(stdout).toMatch(/Grace@example\.com\s+acme:old/)
  answers.set('DELETE /api/v3/addons/acme/passes/p1', () => pass('p1', null))
  answers.set('DELETE /api/v3/addons/acme/passes/p2', () => pass('p2', 'acme:old'))
  const gone = () => asked.filter(({ method }) => method === 'DELETE').map(({ path: at }) => at)
  await run(['addons:admin:passes:remove', 'grace@example.com', ...at, '--plan', 'old'])
  expect(gone()).toEqual(['/api/v3/addons/acme/passes/p2'])
  await run(['addons:admin:passes:remove', 'grace@example.com', ...at])
  expect(gone().slice(1).sort()).toEqual(['/api/v3/addons/acme/passes/p1', '/api/v3/addons/acme/passes/p2'])
  const none = await run(['addons:admin:passes:remove', 'ada@example.com', ...at])
  expect([none.code, none.stderr]).toEqual([1, expect.stringContaining('ada@example.com has no such pass for acme')])
})

it('a provider asks to be moved on and takes it back; the operator reads what is missing, and declines', async () => {
  const id = '01234567-89ab-cdef-0123-456789abcdef'
  const asked = (state: string, reason: string | null = null) => ({
    ...{ id, addon_service: { id, name: 'acme' }, asked_by: 'ann@example.com', created_at: '2026-11-26T08:00:00Z' },
    ...{ ended_at: state === 'open' ? null : '2026-11-26T09:00:00Z', note: 'Please', reason, stage: 'ga', state },
  })
  const at = '/api/v3/addons/acme/stage-requests'
  answers.set(`POST ${at}`, (_, res) => json(res, 201, asked('open')))
  const made = await run(['addons:admin:stage:ask', 'acme', '--stage', 'ga', '--note', 'Please'])
  expect(made).toMatchObject({ code: 0, stdout: expect.stringContaining('acme asks for ga.') })
  expect(bodyOf(`POST ${at}`)).toEqual({ stage: 'ga', note: 'Please' })
  answers.set(`GET ${at}`, () => [asked('open'), asked('declined', 'No support address.')])
  answers.set('GET /api/v3/addons', () => [{ name: 'acme', state: 'beta' }])
  const { stdout } = await run(['addons:admin:stage', 'acme'])
  expect(stdout).toMatch(/Stage:\s+beta\nNext:\s+ga/)
  expect(stdout).toMatch(/declined\s+Please\s+No support address\./)
  expect(JSON.parse((await run(['provider:stage', 'acme', '--json'])).stdout)).toMatchObject({
    stage: 'beta',
    next: 'ga',
  })
  answers.set(`DELETE ${at}/${id}`, () => asked('withdrawn'))
  expect((await run(['addons:admin:stage:withdraw', 'acme'])).code).toBe(0)
  answers.set(`GET ${at}`, () => [asked('withdrawn')])
  const none = await run(['addons:admin:stage:withdraw', 'acme'])
  expect([none.code, none.stderr]).toEqual([1, expect.stringContaining('acme has no open request.')])

  const checks = [
    { title: 'It passed', holds: false, advice: 'x' },
    { title: 'An inspection is reported', holds: true, advice: 'x' },
  ]
  answers.set('GET /stage-requests', () => [{ ...asked('open'), checks, current_stage: 'beta' }])
  expect((await run(['stage-requests'])).stdout).toMatch(
    /acme\s+beta\s+ga\s+ann@example\.com\s+.*\s+It passed\s+Please/,
  )
  answers.set(`POST /stage-requests/${id}/actions/decline`, () => asked('declined', 'No.'))
  expect((await run(['stage-requests:decline', 'acme', '-r', 'No.'])).code).toBe(0)
  expect(bodyOf(`POST /stage-requests/${id}/actions/decline`)).toEqual({ reason: 'No.' })
  const other = await run(['stage-requests:decline', 'other', '-r', 'No.'])
  expect([other.code, other.stderr]).toEqual([1, expect.stringContaining('other has no open request.')])
})

it('what passed between platform and provider is listed by way, and told with both bodies', async () => {
  const id = '01234567-89ab-cdef-0123-456789abcdef'
  const asked = (of: string, direction: string, more: object = {}) => ({
    ...{ addon: { id, name: 'acme-1' }, at: '2026-11-26T08:00:00Z', class: null, direction, id: of, message: null },
    ...{ method: 'POST', ms: 12, number: null, route: 'base_url', status: 201, ...more },
  })
  const requests = [
    asked(`${id}.1`, 'to_provider', { class: 'ok' }),
    asked(id, 'from_provider', { route: '/oauth/token' }),
  ]
  answers.set('GET /api/v3/addons/acme/requests', () => requests)
  expect((await run(['addons:admin:requests', 'acme'])).stdout).toMatch(/to it[\s\S]*from it/)
  const { stdout } = await run(['provider:requests', 'acme', '--way', 'from'])
  expect(stdout).toContain('POST /oauth/token')
  expect(stdout).not.toContain('base_url')
  const json = { bytes: 612, content: { plan: 'mini', oauth_grant: { code: '[text, 40 characters]' } }, kind: 'json' }
  const sent = { ...json, content_type: 'application/json', digest: null, shortened: false }
  const received = { ...sent, content: null, content_type: 'text/html', digest: '4b13abb2d73f4ac0', kind: 'other' }
  answers.set(`GET /api/v3/addons/acme/requests/${id}.1`, () => ({ ...requests[0], sent, received }))
  const info = ['addons:admin:requests:info', `${id}.1`, '--service', 'acme']
  const told = (await run(info)).stdout
  expect(told).toContain('Sent (application/json, 612 bytes)\n{\n  "plan": "mini"')
  expect(told).toContain('Not JSON: text/html, 612 bytes, SHA-256 4b13abb2d73f4ac0…')
  expect(JSON.parse((await run([...info, '--json'])).stdout)).toMatchObject({ id: `${id}.1`, sent })
  answers.set(`GET /api/v3/addons/acme/requests/${id}.2`, () => ({
    ...{ ...requests[0], id: `${id}.2`, status: null },
    ...{ sent: { ...sent, bytes: 0, content: null, kind: 'empty' }, received: null },
  }))
  const silent = (await run([...info.slice(0, 1), `${id}.2`, '--service', 'acme'])).stdout
  expect(silent).toMatch(/no answer[\s\S]*Sent\nNo body\.\n$/)
})

it("a server's warning is shown, and its text cannot steer the terminal", async () => {
  answers.set('GET /account', (_, res) =>
    json(res, 200, { email: 'a\u001b[2Jb' }, { 'X-Heroku-Warning': 'warning: this plan ends' }),
  )
  expect(await run(['whoami'])).toMatchObject({ stdout: 'a[2Jb\n', stderr: 'Warning: this plan ends\n' })
})

it('webhooks:add makes a secret, shows it once and signs with no other', async () => {
  const webhook = { id: app.id, url: 'https://example.com/hooks', include: ['api:release'], level: 'sync' }
  answers.set('POST /apps/guestbook/webhooks', () => webhook)
  const flags = ['-a', 'guestbook', '-i', 'api:release, api:app', '-l', 'sync', '-u', 'https://example.com/hooks']
  const made = await run(['webhooks:add', ...flags])
  const sent = bodyOf('POST /apps/guestbook/webhooks') as { secret: string; include: string[] }
  expect(made).toMatchObject({ code: 0, stdout: `Webhook ${app.id}\nSecret  ${sent.secret}\n` })
  expect(sent.secret).toMatch(/^[\w-]{43}$/)
  expect(sent.include).toEqual(['api:release', 'api:app'])
  const given = await run(['webhooks:add', ...flags, '-s', 'mine'])
  expect(given.stdout).not.toContain('Secret')
  const often = flags.map((word) => (word === 'sync' ? 'often' : word))
  expect((await run(['webhooks:add', ...often])).code).toBe(2)
})

it('webhooks:deliveries asks for the newest, and retry for one more try', async () => {
  const delivery = {
    id: addon.id,
    event: { id: app.id, include: 'api:release' },
    status: 'failed',
    num_attempts: 1,
    next_attempt_at: null,
    last_attempt: { code: null, error_class: 'timeout' },
    created_at: new Date().toISOString(),
  }
  answers.set('GET /apps/guestbook/webhook-deliveries?eq%5Bstatus%5D=failed', () => [delivery])
  const listed = await run(['webhooks:deliveries', '-s', 'failed', '-n', '5', '-a', 'guestbook'])
  expect(listed.stdout).toMatch(/api:release +failed +1 +timeout/)
  expect(asked[0]!.headers['range']).toBe('seq ..; order=desc,max=5')
  answers.set(`POST /apps/guestbook/webhook-deliveries/${addon.id}/actions/retry`, () => delivery)
  expect((await run(['webhooks:deliveries:retry', addon.id, '-a', 'guestbook'])).code).toBe(0)
})

it('operations tells what waits for whom, and the story of one line by line', async () => {
  const operation = {
    id: addon.id,
    kind: 'addon.provision',
    addon: { id: addon.id, name: addon.name },
    addon_service: { id: app.id, name: 'fast-db' },
    app: { id: app.id, name: 'guestbook' },
    actor: { id: app.id, email: 'ada@example.com' },
    state: 'parked',
    reason: 'the provider works on it',
    created_at: '2026-11-25T10:00:00Z',
    ended_at: null,
    verbs: ['cancel'],
    waits: { for: 'fast-db', until: '2026-11-25T22:00:00Z' },
    story: [
      {
        at: '2026-11-25T10:00:00Z',
        step: 'ask',
        who: 'provider',
        text: 'fast-db works on it\u001b[2J.',
        answer: { class: 'accepted', status: 202, message: null, note: 'answered 202' },
      },
    ],
  }
  answers.set('GET /operations?eq%5Bstate%5D=open&eq%5Bprovider%5D=fast-db', () => [operation])
  const listed = await run(['operations', '--provider', 'fast-db'])
  expect(listed.stdout).toMatch(/addon.provision +postgresql-curved-1 +parked +fast-db, until 2026-11-25 22:00:00/)
  answers.set(`GET /operations/${addon.id}`, () => operation)
  const told = await run(['operations:info', addon.id])
  expect(told.stdout).toContain('2026-11-25 10:00:00  provider  fast-db works on it[2J.')
  expect(told.stdout).toContain('(answered 202)')
  answers.set(`POST /operations/${addon.id}/actions/settle`, () => operation)
  expect((await run(['operations:settle', addon.id])).code).toBe(2)
  expect((await run(['operations:settle', addon.id, '--unchanged', '-r', 'they say so'])).code).toBe(0)
  expect(bodyOf(`POST /operations/${addon.id}/actions/settle`)).toEqual({ outcome: 'unchanged', reason: 'they say so' })
})

it('ledger:forget wants a reason', async () => {
  const entry = {
    id: addon.id,
    addon: { id: addon.id, name: addon.name },
    addon_service: { id: app.id, name: 'fast-db' },
    addon_state: 'deprovisioned',
    app: null,
    attempts: 40,
    doubtful: true,
    state: 'clear',
    reason: 'forgotten by the operator: gone for good',
    last_answer: { at: '2026-11-25T10:00:00Z', class: 'not yet', note: 'answered 500', status: 500 },
    next_try_at: null,
    provider_id: null,
    verbs: ['adopt'],
  }
  answers.set(`POST /ledger/${addon.name}/actions/forget`, () => entry)
  expect((await run(['ledger:forget', addon.name])).code).toBe(2)
  const forgotten = await run(['ledger:forget', addon.name, '-r', 'gone for good'])
  expect(forgotten).toMatchObject({ code: 0, stdout: expect.stringContaining('not yet: answered 500') })
})

/** An external app whose config and newest release a test changes. */
function externalApp(state: { version: number; vars: Record<string, string> }) {
  answers.set('GET /apps/warehouse', () => ({ ...app, name: 'warehouse', kind: 'external' }))
  answers.set('GET /apps/warehouse/releases', () => [{ version: state.version }])
  answers.set('GET /apps/warehouse/config-vars', () => state.vars)
  for (const version of [1, 2, 3, 4]) {
    answers.set(`POST /apps/warehouse/releases/${version}/actions/acknowledge`, () => ({ version }))
  }
}
const acknowledged = () => asked.flatMap(({ path }) => /releases\/(\d+)\/actions/.exec(path)?.[1] ?? [])

it('run, for an app that runs elsewhere, runs the command here with its config, and ends as it does', async () => {
  externalApp({ version: 1, vars: { DATABASE_URL: 'postgres://db' } })
  const here = await run(['run', '-a', 'warehouse', '-e', 'MORE=x', 'echo "$DATABASE_URL $MORE"; exit 7'])
  expect(here).toMatchObject({ code: 7, stdout: 'postgres://db x\n' })
  expect(await run(['run', '-a', 'warehouse', '--', 'printenv', 'DATABASE_URL'])).toMatchObject({
    code: 0,
    stdout: 'postgres://db\n',
  })
  expect(asked.filter(({ path }) => path.includes('dynos'))).toEqual([])
  expect((await run(['run', '-a', 'warehouse', '--', 'no-such-program-anywhere'])).code).toBe(127)
})

it('exec --restart starts anew when the config changes, not when it does not, and says with which it runs', async () => {
  const state = { version: 1, vars: { COLOUR: 'blue' } }
  externalApp(state)
  const program =
    "console.log(process.env.COLOUR); process.on('SIGTERM', () => process.exit(0)); setInterval(() => {}, 1000)"
  const flags = ['exec', '-a', 'warehouse', '--restart', '--restart-interval', '1', '--acknowledge']
  const child = spawn(process.execPath, [mortise, ...flags, '--', process.execPath, '-e', program], {
    env: { PATH: process.env['PATH'], HOME: dir, MORTISE_HOST: host, MORTISE_API_KEY: 'key' },
  })
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  const ended = new Promise((exited) => child.once('close', exited))
  await vi.waitFor(() => expect(acknowledged()).toEqual(['1']), 20_000)
  // A release that changes nothing here: acknowledged, and the command runs on.
  state.version = 2
  await vi.waitFor(() => expect(acknowledged()).toEqual(['1', '2']), 20_000)
  expect(said).toBe('blue\n')
  // The server is away for a moment: the command runs on.
  answers.set('GET /apps/warehouse/releases', (_, res) => void res.destroy())
  const before = asked.length
  await vi.waitFor(() => expect(asked.length).toBeGreaterThan(before + 1), 20_000)
  expect(said).toBe('blue\n')
  state.vars = { COLOUR: 'red' }
  state.version = 3
  externalApp(state)
  await vi.waitFor(() => expect(acknowledged()).toEqual(['1', '2', '3']), 20_000)
  await vi.waitFor(() => expect(said).toBe('blue\nred\n'), 20_000)
  child.kill('SIGTERM')
  expect(await ended).toBe(0)
})

it('what fails at once is not said to run', async () => {
  externalApp({ version: 1, vars: {} })
  expect((await run(['exec', '-a', 'warehouse', '--acknowledge', '--', 'false'])).code).toBe(1)
  expect(acknowledged()).toEqual([])
})

it('what is piped in is no argument that was left out', async () => {
  rmSync(path.join(dir, 'addon-manifest.json'), { force: true })
  const { code, stderr } = await run(['manifest:push'], { stdin: 'next-line-of-a-script\n' })
  expect(code).toBe(2)
  expect(stderr).toContain('Could not read addon-manifest.json: it is not there.\nName the add-on service')
})

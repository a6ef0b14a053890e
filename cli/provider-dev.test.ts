import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { manifest, password, salt } from '../sdk/fixture.js'
import { freePort } from '../test/server-process.js'

// The command as a provider's author types it, with the SDK's example as the provider and a real server behind it.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 60_000 })
const root = fileURLToPath(new URL('..', import.meta.url))
const example = ['--', process.execPath, path.join(root, 'sdk/dist/example.js')]
let dir: string
let origin: string

beforeAll(async () => {
  dir = mkdtempSync(path.join(tmpdir(), 'mortise-dev-'))
  origin = `http://127.0.0.1:${await freePort()}`
  const test = { base_url: `${origin}/heroku/resources`, sso_url: `${origin}/heroku/sso` }
  const production = {
    base_url: 'https://fast-db.example.com/heroku/resources',
    sso_url: 'https://fast-db.example.com/sso',
  }
  const own = { ...manifest, api: { ...manifest.api, production, test } }
  writeFileSync(path.join(dir, 'addon-manifest.json'), JSON.stringify(own))
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

function dev(args: string[], stdin = ''): Promise<{ code: number | null; out: string }> {
  const child = spawn(path.join(root, 'bin/mortise'), ['provider', 'dev', ...args], {
    cwd: dir,
    // Waits for providers are a tenth of what they are, so that a lost answer is not waited for.
    env: { PATH: process.env['PATH'], HOME: dir, MORTISE_PATIENCE: '0.1' },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let out = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (part) => (out += part))
  child.stdin.end(stdin)
  return new Promise((done) => child.once('close', (code) => done({ code, out })))
}

it('one command lives a whole life of an add-on, with repeats and a lost answer, and shows no secret', async () => {
  const { code, out } = await dev(['--once', ...example])
  expect(code, out).toBe(0)
  expect(out.match(/^ok .*$/gm)?.map((line) => line.slice(5))).toEqual([
    'provision',
    'change the plan',
    'sign on',
    'deprovision',
    'provision, and say it twice',
    'deprovision',
    'provision, and lose the answer',
    'deprovision',
    'nothing is left',
  ])
  expect(out).toContain('sent again: the same answer')
  expect(out).toContain('the answer was lost on its way back')
  expect(out).toMatch(/provider → platform POST \/oauth\/token 200/)
  const files = ['api-key', 'client-secret'].map((name) =>
    readFileSync(path.join(dir, '.mortise/provider-dev', name), 'utf8').trim(),
  )
  for (const secret of [password, salt, ...files]) expect(out).not.toContain(secret)
  expect(out).toContain('"FAST_DB_URL":"[hidden]"')
})

it('commands come one a line: what passes is shown, mistakes are told, and the next line goes on', async () => {
  const lines = [
    'change',
    'provision big',
    'change',
    'sign-on',
    'delay 0.2',
    'repeat',
    'deprovision',
    'list',
    'dance',
    'quit',
    'provision',
  ]
  const { code, out } = await dev(example, lines.join('\n'))
  expect(code, out).toBe(0)
  expect(out).toContain('There is no add-on yet. Provision one first.')
  expect(out).toMatch(/fast-db-\S+ is there; the app has FAST_DB_URL\./)
  expect(out).toMatch(/has the plan fast-db:mini\./)
  expect(out).toMatch(/Answered 303, then 200.*In your browser: http/)
  expect(out).toMatch(
    /DELETE \/heroku\/resources\/\S+ 204[\s\S]*held back for 0\.2 s[\s\S]*DELETE \/heroku\/resources\/\S+ 410[\s\S]*sent again: ANOTHER/,
  )
  expect(out).toMatch(/fast-db-\S+ is gone\.\nThere is no add-on\./)
  expect(out).toContain('There is no command "dance"')
  expect(out.match(/platform → provider POST \/heroku\/resources 200/g)).toHaveLength(1)
})

it('a provider that makes another resource of a repeat is found out', async () => {
  const file = path.join(dir, 'forgetful.mjs')
  // A party: it does what many first providers do.
  writeFileSync(
    file,
    `import http from 'node:http'
let n = 0
http.createServer(async (req, res) => {
  for await (const _ of req);
  const made = req.method === 'POST' && req.url === '/heroku/resources'
  if (req.method === 'PUT') return void res.writeHead(500).end()
  const body = made ? { id: 'r' + ++n, config: { FAST_DB_URL: 'https://db.example.com/' + n } } : {}
  res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}).listen(process.env.PORT, '127.0.0.1')`,
  )
  const { code, out } = await dev(['--once', '--', process.execPath, file])
  expect(code, out).toBe(1)
  expect(out).toContain('FAIL provision, and say it twice: the same request was answered differently')
  expect(out).toMatch(/FAIL change the plan: The provider did not say clearly/)
  expect(out).toContain('ok   nothing is left')
})

it('a provider that is not there, or ends, is told at once and nothing stays running', async () => {
  const missing = await dev(['--once'])
  expect(missing).toMatchObject({ code: 1, out: expect.stringContaining(`Nothing listens at ${origin}.`) })
  const ending = await dev(['--once', '--', process.execPath, '-e', 'process.exit(7)'])
  expect(ending).toMatchObject({ code: 1, out: expect.stringContaining('it ended with 7') })
})

it('a provider that is not on this machine is refused before anything starts', async () => {
  const file = path.join(dir, 'remote.json')
  const own = JSON.parse(readFileSync(path.join(dir, 'addon-manifest.json'), 'utf8'))
  delete own.api.test
  writeFileSync(file, JSON.stringify(own))
  const { code, out } = await dev([file, '--once'])
  expect(code).toBe(1)
  expect(out).toContain('https://fast-db.example.com is not on this machine.')
})

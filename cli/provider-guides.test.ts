import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { endPrograms, freePort, startProgram } from '../test/server-process.js'

// The guides for providers, line by line, in one shell each, as somebody who follows them types it.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 120_000 })
const root = fileURLToPath(new URL('..', import.meta.url))
const mortise = path.join(root, 'bin/mortise')
const key = 'provider-guides-key-0123456789'
let dir: string
let host: string
/** The guides say 4567, which may be taken here. */
let port: number

beforeAll(async () => {
  dir = mkdtempSync(path.join(tmpdir(), 'mortise-guides-'))
  symlinkSync(mortise, path.join(dir, 'mortise'))
  port = await freePort()
  const args = [mortise, 'server', '--port', '0', '--data-dir', path.join(dir, 'data')]
  const env = { HOME: dir, MORTISE_EMAIL: 'ada@example.com', MORTISE_API_KEY: key }
  host = (await startProgram(process.execPath, args, env, /ready at (http:\S+)/)).readyWith
})
afterAll(async () => {
  await endPrograms()
  rmSync(dir, { recursive: true, force: true })
})

function linesOf(guide: string): string[] {
  const text = readFileSync(path.join(root, 'docs/guides', guide), 'utf8').replace(/```[\s\S]*?```/g, '')
  return text.split('\n').flatMap((line) => /^ {4}(\S.*)$/.exec(line)?.[1] ?? [])
}

/** All lines in one shell, which ends at the first that fails and says which. */
function follow(
  lines: string[],
  cwd: string,
  env: Record<string, string> = {},
): Promise<{ code: number | null; out: string }> {
  const typed = lines
    .map((line) => line.replaceAll('4567', String(port)))
    .flatMap((line) => [`echo ${JSON.stringify(`$ ${line}`).replaceAll('$', '\\$').replaceAll('`', '\\`')}`, line])
  // Manifests that `init` and `generate` write say 4567 too.
  const adapted = typed.map((line) =>
    /^mortise (inspect|provider dev)|^(DATA_DIR|PORT)=/.test(line)
      ? `sed -i s/4567/${port}/g addon-manifest.json; ${line}`
      : line,
  )
  const child = spawn('bash', ['-e'], {
    cwd,
    env: {
      PATH: `${dir}:${process.env['PATH']}`,
      HOME: dir,
      npm_config_cache: cacheOf(),
      PORT: String(port),
      MORTISE_PATIENCE: '0.1',
      ...env,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  })
  let out = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (part) => (out += part))
  child.stdin.end(`${adapted.join('\n')}\n`)
  return new Promise((done) =>
    child.once('close', (code) => {
      // A provider that a failed line left in the background.
      try {
        process.kill(-(child.pid ?? 0), 'SIGKILL')
      } catch {
        // Nothing was left.
      }
      done({ code, out })
    }),
  )
}

/** What bin/setup filled, so that nothing is fetched twice. */
function cacheOf(): string {
  return process.env['npm_config_cache'] ?? path.join(process.env['HOME'] ?? '', '.npm')
}

it('"Build an add-on in an hour" leads from nothing to a listed, inspected add-on', async () => {
  const lines = linesOf('build-an-add-on.md')
  expect(lines).toHaveLength(15)
  // Its own platform for `provider dev`, the installation from the push on.
  const push = lines.findIndex((line) => line.includes('manifest:push'))
  const { code, out } = await follow(lines.slice(0, push), dir)
  expect(code, out).toBe(0)
  expect(out).toContain('# pass 3')
  expect(out).toContain('ok   nothing is left')
  expect(out).toMatch(/(?<!\d)0 failed/)
  const installation = { MORTISE_HOST: host, MORTISE_API_KEY: key }
  const pushed = await follow(lines.slice(push), path.join(dir, 'fast-db'), installation)
  expect(pushed.code, pushed.out).toBe(0)
  expect(pushed.out).toContain('OAuth client secret')
  const listed = await follow(['mortise addons:services'], dir, installation)
  expect(listed.out).toContain('fast-db')
  const answer = await fetch(`${host}/addon-services/fast-db`)
  const { inspection } = (await answer.json()) as { inspection: object }
  expect(inspection).toEqual({ manifest_revision: 1, passed_at: expect.any(String) })
})

it('"Test your add-on in CI" makes a manifest, inspects, and runs a consumer', async () => {
  const lines = linesOf('test-in-ci.md')
  expect(lines).toHaveLength(11)
  const { code, out } = await follow(lines, path.join(dir, 'fast-db'))
  expect(code, out).toBe(0)
  expect(out).toMatch(/\bhello\b/)
  expect(readFileSync(path.join(dir, 'fast-db/inspection.xml'), 'utf8')).toMatch(/<testsuites[\s\S]*failures="0"/)
})

// Said aloud: a run without Python has not tried that guide.
const hasPython = spawnSync('python3', ['-c', '']).status === 0
if (!hasPython) console.warn('NOT RUN: docs/guides/without-the-sdk.md, because there is no python3 on this machine.')
const without = `"Without the SDK" holds line by line on the wire${hasPython ? '' : ' (NOT RUN: no python3 here)'}`
it.skipIf(!hasPython)(without, async () => {
  const own = path.join(dir, 'counters')
  mkdirSync(own)
  const lines = linesOf('without-the-sdk.md')
  expect(lines).toHaveLength(25)
  const { code, out } = await follow(lines, own, { MORTISE_ROOT: root })
  expect(code, out).toBe(0)
  expect(out).toMatch(/"message": "The plan is standard-0 now\."} 200/)
  expect(out).toMatch(/(?<!\d)0 failed/)
})

it('"Move your Heroku add-on" takes a provider of the first generation as it is', async () => {
  const own = path.join(dir, 'old')
  mkdirSync(own)
  const at = `http://127.0.0.1:${port}/`
  // kensa's own manifest: addresses as texts, no version, no plans.
  const api = { config_vars: ['OLD_DB_URL'], password: 'p'.repeat(32), sso_salt: 's'.repeat(32), regions: ['us'] }
  const manifest = { id: 'old-db', api: { ...api, version: '1', production: at, test: at } }
  writeFileSync(path.join(own, 'addon-manifest.json'), JSON.stringify(manifest))
  const file = path.join(root, 'test/first-generation-provider.mjs')
  await startProgram(process.execPath, [file, path.join(own, 'addon-manifest.json'), String(port)], {}, /^(ready)/m)
  const lines = linesOf('move-your-heroku-add-on.md')
  expect(lines).toHaveLength(5)
  const { code, out } = await follow(lines, own, { MORTISE_HOST: host, MORTISE_API_KEY: key })
  expect(code, out).toBe(0)
  expect(out).toContain('ok   nothing is left')
})

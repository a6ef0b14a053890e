import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { endPrograms, freePort, startProgram } from '../test/server-process.js'

// A provider's first quarter of an hour, as it is typed: nothing of this checkout is in the folder but what `init` laid there.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 })
const root = fileURLToPath(new URL('..', import.meta.url))
const mortise = path.join(root, 'bin/mortise')
let above: string
let dir: string
let said: Said

interface Said {
  code: number | null
  out: string
  /** With what it said on stderr. */
  all: string
}

function run(command: string, args: string[], cwd: string, env: Record<string, string> = {}): Promise<Said> {
  return new Promise((done) =>
    execFile(command, args, { cwd, env: { ...process.env, ...env }, timeout: 200_000 }, (error, out, err) =>
      done({ code: error ? Number(error.code) : 0, out, all: out + err }),
    ),
  )
}

beforeAll(async () => {
  above = mkdtempSync(path.join(tmpdir(), 'mortise-init-'))
  dir = path.join(above, 'swift-cache')
  said = await run(mortise, ['provider', 'init', 'swift-cache'], above)
})
afterAll(async () => {
  await endPrograms()
  rmSync(above, { recursive: true, force: true })
})

it('a new provider bears its own name everywhere, and secrets that only its owner may read', () => {
  expect(said, said.all).toMatchObject({ code: 0 })
  const text = ['package.json', 'README.md', 'Dockerfile', 'src/provider.ts', 'src/page.ts', 'src/provider.test.ts']
    .map((file) => readFileSync(path.join(dir, file), 'utf8'))
    .join('\n')
  expect(text).not.toMatch(/fast.?db/i)
  expect(text).toContain('SWIFT_CACHE_URL')
  const manifest = JSON.parse(readFileSync(path.join(dir, 'addon-manifest.json'), 'utf8'))
  expect(manifest).toMatchObject({ id: 'swift-cache', name: 'Swift Cache', api: { config_vars: ['SWIFT_CACHE_URL'] } })
  expect(manifest.api.password).toMatch(/^[\w-]{32}$/)
  expect(statSync(path.join(dir, 'addon-manifest.json')).mode & 0o777).toBe(0o600)
  expect(readFileSync(path.join(dir, '.gitignore'), 'utf8')).toContain('addon-manifest.json')
})

it('it takes the versions of this checkout, so that an installation has them at hand', () => {
  const read = (file: string) => JSON.parse(readFileSync(file, 'utf8'))
  const own = read(path.join(root, 'package.json')).devDependencies
  expect(read(path.join(dir, 'package.json')).devDependencies).toEqual({
    '@types/node': own['@types/node'],
    typescript: own.typescript,
  })
})

it('it installs, its types hold, its tests pass, and it passes inspection', async () => {
  const flags = ['--prefer-offline', '--no-audit', '--no-fund']
  const installed = await run('npm', ['install', ...flags], dir)
  expect(installed.code, installed.all).toBe(0)
  const tested = await run('npm', ['test'], dir)
  expect(tested.code, tested.all).toBe(0)
  expect(tested.out).toMatch(/# pass 3\n# fail 0/)

  // The manifest says port 4567, which may be taken here.
  const port = await freePort()
  const file = path.join(dir, 'addon-manifest.json')
  writeFileSync(file, readFileSync(file, 'utf8').replaceAll('127.0.0.1:4567', `127.0.0.1:${port}`))
  // As `npm start` does, without npm between us and the process.
  const env = { HOME: above, PORT: String(port), ADDON_MANIFEST: file, DATA_DIR: path.join(dir, 'data') }
  await startProgram(process.execPath, [path.join(dir, 'dist/main.js')], env, /ready at (http:\S+)/)
  const inspected = await run(mortise, ['inspect', file, '--json'], dir)
  const report = JSON.parse(inspected.out)
  const wrong = report.checks.filter((each: { status: string }) => ['fail', 'warn'].includes(each.status))
  expect(wrong).toEqual([])
  expect(inspected.code).toBe(0)
  expect(report.passed).toBeGreaterThan(50)
})

it('a folder in use is left as it is, and a newer SDK can be laid into it', async () => {
  mkdirSync(path.join(above, 'taken'))
  writeFileSync(path.join(above, 'taken/package.json'), '{}')
  const refused = await run(mortise, ['provider', 'init', 'taken'], above)
  expect(refused).toMatchObject({ code: 1, all: expect.stringContaining('has package.json already') })
  expect(readFileSync(path.join(above, 'taken/package.json'), 'utf8')).toBe('{}')
  const laid = await run(mortise, ['provider', 'init', '--sdk-only', 'taken'], above)
  expect(laid.code, laid.all).toBe(0)
  expect(statSync(path.join(above, 'taken/vendor/mortise-provider-0.1.0.tgz')).size).toBeGreaterThan(10_000)
})

it.each([['Bad_Name'], ['fast--db'], ['x']])('%s is no name for a service', async (name) => {
  expect((await run(mortise, ['provider', 'init', name], above)).code).toBe(2)
})

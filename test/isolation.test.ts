import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { membersOf, statOf } from '../runtime/process/proc.js'
import { deploy, until, visit } from './deploy.js'
import { ask, endPrograms, freePort, type Program, startServer } from './server-process.js'

// What an app and its build can see of the machine, and what is left of them when the server is killed or stopped.
const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'mortise-isolation-'))
fs.chmodSync(scratch, 0o711)
const dir = path.join(scratch, 'data')
const apiKey = randomBytes(16).toString('hex')
const headers = { authorization: `Bearer ${apiKey}` }
const isRoot = process.getuid?.() === 0
let port: number
let server: Program

/** Tries to read files and to list folders; says for each the error's code, or that it could. */
const tryAll = `
const fs = require('fs')
exports.tryAll = (paths) => Object.fromEntries(paths.map((path) => {
  try {
    fs.statSync(path).isDirectory() ? fs.readdirSync(path) : fs.readFileSync(path)
    return [path, 'could']
  } catch (error) {
    return [path, error.code]
  }
}))
`

const web = `
const fs = require('fs')
const { tryAll } = require('./try-all.js')
require('http').createServer((req, res) => {
  const paths = new URL(req.url, 'http://app').searchParams.getAll('path')
  const built = JSON.parse(fs.readFileSync('seen-by-build.json', 'utf8'))
  res.end(JSON.stringify({ pid: process.pid, uid: process.getuid(), env: process.env, tried: tryAll(paths), built }))
}).listen(process.env.PORT)
// A dyno that will not go by itself, with a child of its own.
process.on('SIGTERM', () => {})
require('child_process').spawn('sleep', ['1000'])
`

const build = `
const { tryAll } = require('./try-all.js')
const tried = tryAll(require('./paths.json'))
require('fs').writeFileSync('seen-by-build.json', JSON.stringify({ uid: process.getuid(), env: process.env, tried }))
`

/** Everything of the platform's that nobody else has any business with. */
function privatePaths(): string[] {
  return [
    ...['.', 'master.key', 'credentials.json', 'mortise.log', 'version', 'sources'].map((name) => path.join(dir, name)),
    ...['postgres', 'postgres/superuser.password', 'postgres/data', 'postgres/data/PG_VERSION'].map((name) =>
      path.join(dir, name),
    ),
    ...['environ', 'mem', 'fd', 'maps'].map((name) => `/proc/${server.pid}/${name}`),
    '/etc/shadow',
    '/root',
  ]
}

const startIt = () => startServer({ dir, port, apiKey, env: { PRIVATE_OF_THE_SERVER: 'nobody-else-sees-this' } })

beforeAll(async () => {
  port = await freePort()
  server = await startIt()
  await ask(port, 'POST', '/apps', { headers, body: { name: 'curious' } })
  await ask(port, 'PATCH', '/apps/curious/config-vars', { headers, body: { MINE: 'of the customer' } })
  await deploy(port, headers, 'curious', scratch, {
    'package.json': JSON.stringify({ scripts: { build: 'node build.js', start: 'node web.js' } }),
    'paths.json': JSON.stringify(privatePaths()),
    'try-all.js': tryAll,
    'build.js': build,
    'web.js': web,
  })
}, 180_000)

afterAll(async () => {
  await endPrograms()
  fs.rmSync(scratch, { recursive: true, force: true })
})

async function look(paths: readonly string[] = []) {
  const query = paths.map((one) => `path=${encodeURIComponent(one)}`).join('&')
  return (await visit(port, 'curious', `/?${query}`)).body as {
    pid: number
    uid: number
    env: Record<string, string>
    tried: Record<string, string>
    built: { uid: number; env: Record<string, string>; tried: Record<string, string> }
  }
}

/** A dyno is a process group. */
const groupOf = (pid: number) => statOf(pid)?.group ?? 0

test.runIf(isRoot)("neither a dyno nor a build can read the platform's files", async () => {
  const paths = privatePaths()
  const { tried, built, uid } = await look(paths)
  expect(Object.keys(tried)).toEqual(paths)
  for (const [where, came] of [...Object.entries(tried), ...Object.entries(built.tried)]) {
    expect(came, where).toMatch(/^(EACCES|EPERM|ENOENT)$/)
  }
  // What is not there can't be read by anybody: these are there.
  for (const name of ['master.key', 'credentials.json', 'postgres'])
    expect(fs.existsSync(path.join(dir, name))).toBe(true)
  expect(new Set([0, uid, built.uid]).size).toBe(3)
})

test.runIf(isRoot)('what may be read would be seen as read', async () => {
  expect((await look(['/etc/hostname'])).tried).toEqual({ '/etc/hostname': 'could' })
})

test('the environment of a dyno and of a build holds what it should, and nothing of ours', async () => {
  const { env, built } = await look()
  const shells = ['PWD', 'OLDPWD', 'SHLVL', '_']
  const own = Object.keys(env).filter((name) => !shells.includes(name))
  expect(own.sort()).toEqual(expect.arrayContaining(['DYNO', 'HOME', 'MINE', 'PATH', 'PORT']))
  expect(env['MINE']).toBe('of the customer')
  for (const [name, value] of [...Object.entries(env), ...Object.entries(built.env)]) {
    expect(name).not.toMatch(/^(MORTISE|PRIVATE|PG|DATABASE)/)
    for (const secret of [apiKey, 'nobody-else-sees-this', path.join(dir, 'master.key')]) {
      expect(value, name).not.toContain(secret)
    }
  }
})

test('after SIGKILL of the server nothing of the old dynos is left, and the app serves again', async () => {
  const before = await look()
  const group = groupOf(before.pid)
  expect(membersOf(group).length).toBeGreaterThan(1)
  server.kill('SIGKILL')
  await server.exited
  server = await startIt()
  const after = await until(60, async () => {
    const answer = await visit(port, 'curious')
    return answer.status === 200 && (answer.body as { pid: number })
  })
  expect(after.pid).not.toBe(before.pid)
  expect(membersOf(group)).toEqual([])
}, 90_000)

test('SIGTERM ends the server within 10 s; an app behind npm has its time, and then nothing of it is left', async () => {
  const group = groupOf((await look()).pid)
  expect(membersOf(group).length).toBeGreaterThan(1)
  const from = Date.now()
  server.kill('SIGTERM')
  expect(await server.exited).toBe(0)
  const tookMs = Date.now() - from
  expect(tookMs).toBeGreaterThan(4_000)
  expect(tookMs).toBeLessThan(10_000)
  expect(membersOf(group)).toEqual([])
}, 30_000)

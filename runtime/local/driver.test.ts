import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs/promises'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { build } from 'esbuild'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { driverPromises, until } from '../conformance.js'
import type { Driver, ReleaseSpec } from '../driver.js'
import { archiveOf } from '../fixtures/slug.js'
import { createLogs, type Logs } from '../logs/logs.js'
import { reachableNode } from '../process/node.js'
import { statOf, withHome } from '../process/proc.js'
import { type LocalDriverOptions, localDriver } from './driver.js'

const isLinux = process.platform === 'linux'
const isRoot = process.getuid?.() === 0
// Accounts are numbers to the kernel: this one needs no entry in any list.
const account = { uid: 64_202, gid: 64_202 }

let dir: string
let slug: ReleaseSpec['slug']
beforeAll(async () => {
  dir = await fs.mkdtemp(path.join(os.tmpdir(), 'mortise-local-'))
  await fs.chmod(dir, 0o711)
  slug = { id: 'slug', file: await archiveOf(dir, { 'note.txt': 'note' }) }
})
const drivers: Driver[] = []
afterAll(async () => {
  await Promise.all(drivers.map((driver) => driver.stop()))
  await fs.rm(dir, { recursive: true, force: true })
})

const quick = { aliveMs: 100, termMs: 2_000, restartFirstMs: 50 }
let folders = 0
async function newDriver(options: Partial<LocalDriverOptions> = {}) {
  const logs = createLogs()
  const driver = await localDriver({ dir: path.join(dir, `driver-${++folders}`), logs, ...quick, ...options })
  drivers.push(driver)
  return { driver, logs }
}

driverPromises('the local driver', () => newDriver())
if (isRoot) driverPromises('the local driver with an account for dynos', () => newDriver({ account }))

const spec = (command: string, config: Record<string, string> = {}, type = 'worker'): ReleaseSpec => ({
  app: { id: 'app', name: 'example' },
  version: 1,
  slug,
  config,
  formation: [{ type, command, quantity: 1, size: 'basic' }],
})
const texts = (logs: Logs) =>
  logs.recent('app', {}, 1_000).map(({ source, dyno, text }) => `${source}[${dyno}]: ${text}`)

async function outputOf(driver: Driver, command: string, config: Record<string, string> = {}): Promise<string> {
  const oneOff = await driver.run(spec('true', config), command, { attach: true })
  let output = ''
  for await (const chunk of oneOff.output ?? []) output += chunk
  return output
}

test('a dyno sees what it was given and nothing of ours', async () => {
  process.env.PLATFORM_SECRET = 'secret'
  const { driver } = await newDriver()
  const env = Object.fromEntries(
    (await outputOf(driver, 'env', { GREETING: 'hi', PATH: '/opt/own:/usr/bin:/bin' }))
      .trim()
      .split('\n')
      .map((line) => line.split(/=(.*)/s).slice(0, 2)),
  )
  process.env.PLATFORM_SECRET = undefined
  expect(env).toMatchObject({
    GREETING: 'hi',
    PATH: '/opt/own:/usr/bin:/bin',
    DYNO: expect.stringMatching(/^run\./),
    HOME: env.PWD,
  })
  // The last four are made by bash itself.
  expect(Object.keys(env).sort()).toEqual(
    ['DYNO', 'GREETING', 'HOME', 'OLDPWD', 'PATH', 'PWD', 'SHLVL', '_'].filter((name) => name in env),
  )
})

test('config is never read as shell text, and profile scripts of a buildpack run first', async () => {
  const { driver } = await newDriver()
  expect(await outputOf(driver, 'printf %s "$ODD"', { ODD: '$(id) `id` ; "\'\n$HOME' })).toBe('$(id) `id` ; "\'\n$HOME')
  slug = { id: 'other', file: await archiveOf(dir, { '.profile.d/a.sh': 'export FROM_PROFILE=yes' }) }
  expect(await outputOf(driver, 'printf %s "$FROM_PROFILE"')).toBe('yes')
})

test.runIf(isRoot)("a dyno can't read the platform's files, nor gain rights", async () => {
  const { driver } = await newDriver({ account })
  const secret = path.join(dir, 'master.key')
  await fs.writeFile(secret, 'secret', { mode: 0o600 })
  const answer = await outputOf(
    driver,
    `cat ${secret}; ls ${dir}; cat /proc/${process.pid}/environ; kill -0 ${process.pid}; id -u; id -G; grep NoNewPrivs /proc/self/status; touch own && echo own files`,
  )
  expect(answer).not.toContain('secret\n')
  expect(answer.match(/Permission denied|not permitted/g)).toHaveLength(4)
  expect(answer).toMatch(/64202\n64202\n/)
  expect(answer).toContain('own files')
})

test.runIf(isRoot)('a folder that the dyno account cannot reach is refused at the start, by name', async () => {
  const closed = path.join(dir, 'closed')
  await fs.mkdir(closed, { mode: 0o700 })
  await expect(newDriver({ dir: path.join(closed, 'driver'), account })).rejects.toThrow(`chmod o+x ${closed}`)
})

test.runIf(isRoot)('a node where the account cannot go is copied to where it can', async () => {
  const closed = path.join(dir, 'node-closed')
  await fs.mkdir(closed, { mode: 0o700 })
  await fs.writeFile(path.join(closed, 'node'), '#!/bin/sh\necho copied', { mode: 0o755 })
  const { driver } = await newDriver({ account, node: path.join(closed, 'node') })
  expect(await outputOf(driver, 'node')).toBe('copied\n')
  expect(await reachableNode(dir, process.execPath, null)).toBe(path.dirname(process.execPath))
})

test('a story of a dyno reads as on Heroku', async () => {
  const { driver, logs } = await newDriver()
  const worker = spec("trap 'exit 0' TERM; echo working; sleep 60 & wait")
  await driver.roll(worker)
  await until(() => texts(logs).includes('app[worker.1]: working'))
  await driver.scale({ ...worker, formation: [] })
  expect(texts(logs)).toEqual([
    `heroku[worker.1]: Starting process with command \`${worker.formation[0]?.command}\``,
    'app[worker.1]: working',
    'heroku[worker.1]: State changed from starting to up',
    'heroku[worker.1]: Stopping all processes with SIGTERM',
    'heroku[worker.1]: Process exited with status 0',
    'heroku[worker.1]: State changed from up to down',
  ])
})

test.runIf(isLinux)(
  'a dyno that ignores SIGTERM is killed after its time, children and those that left the group too',
  async () => {
    const { driver, logs } = await newDriver({ termMs: 300 })
    await driver.roll(spec("trap '' TERM; (setsid sleep 301 &); sleep 302 & while :; do sleep 0.1; done"))
    const [dyno] = driver.list('app')
    const home = path.join(dir, `driver-${folders}`, 'apps', 'app', dyno?.id ?? '')
    expect(withHome(home).length).toBeGreaterThan(2)
    await driver.remove('app')
    expect(withHome(home)).toEqual([])
    expect(texts(logs)).toContain('heroku[worker.1]: Stopping remaining processes with SIGKILL')
  },
)

test('a dyno that keeps crashing is restarted with longer and longer pauses', async () => {
  const { driver } = await newDriver({ restartFirstMs: 100 })
  let crashedAt = 0
  const pauses: number[] = []
  driver.onChange(({ state }) => {
    if (state === 'crashed') crashedAt = performance.now()
    if (state === 'starting' && crashedAt) pauses.push(performance.now() - crashedAt)
  })
  await driver.roll(spec('sleep 0.15; exit 1'))
  await until(() => pauses.length >= 3)
  await driver.remove('app')
  // A timer may be late on a busy machine, never early (but for its rounding).
  for (const [index, wanted] of [100, 200, 400].entries()) expect(pauses[index]).toBeGreaterThan(wanted - 5)
})

test.runIf(isLinux)('a port that something else takes is no reason to fail', async () => {
  const { driver, logs } = await newDriver()
  // The first start finds its port taken by a process that the app itself left behind, out of our reach; the second doesn't.
  const server = net.createServer()
  const web = spec(
    'if [ -e "$MARK" ]; then exec node -e \'require("net").createServer().listen(process.env.PORT)\'; fi; echo "$PORT" > "$MARK"; sleep 0.3; exit 1',
    { MARK: path.join(dir, 'mark') },
    'web',
  )
  const rolled = driver.roll(web)
  let port = 0
  for (; !port; await new Promise((resolve) => setTimeout(resolve, 5)))
    port = Number(await fs.readFile(path.join(dir, 'mark'), 'utf8').catch(() => 0))
  // Held on an address that the health probe doesn't ask.
  server.listen(port, '127.0.0.2')
  await once(server, 'listening')
  expect(await rolled).toEqual({ outcome: 'rolled' })
  server.close()
  expect(texts(logs).some((text) => text.includes('Its port was taken'))).toBe(true)
})

test('an app that listens on IPv6 loopback only is reached there', async () => {
  const { driver } = await newDriver()
  await driver.roll(spec('node -e \'require("net").createServer().listen(process.env.PORT, "::1")\'', {}, 'web'))
  expect(driver.webTargets('app')).toMatchObject([{ host: '::1' }])
})

/** A platform in a process of its own, whose dyno writes its pids and then waits. */
async function startPlatform(name: string): Promise<{ platform: ChildProcess; dynoPids: number[]; folder: string }> {
  const script = path.join(dir, 'platform.mjs')
  await build({
    entryPoints: [path.join(import.meta.dirname, '../fixtures/platform.ts')],
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile: script,
    logLevel: 'error',
  })
  const pidFile = path.join(dir, `${name}.pids`)
  const folder = path.join(dir, name)
  const command = `sleep 303 & echo "$$ $!" > ${pidFile}; wait`
  const platform = spawn(process.execPath, [script, JSON.stringify({ dir: folder, slug: slug.file, command })], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(platform.stdout as NodeJS.ReadableStream, 'data')
  const dynoPids = (await fs.readFile(pidFile, 'utf8')).trim().split(' ').map(Number)
  return { platform, dynoPids, folder }
}
const isRunning = (pid: number) => !['Z', undefined].includes(statOf(pid)?.state)

test.runIf(isLinux)('after SIGKILL of the platform its dynos end by themselves', async () => {
  const { platform, dynoPids } = await startPlatform('killed')
  expect(dynoPids.map(isRunning)).toEqual([true, true])
  platform.kill('SIGKILL')
  await until(() => !dynoPids.some(isRunning), 2_000)
})

test.runIf(isLinux)(
  'when the guardian was killed as well, the next start ends what is left, and nothing else',
  async () => {
    const { platform, dynoPids, folder } = await startPlatform('killed-twice')
    const guardians = (await fs.readFile(`/proc/${platform.pid}/task/${platform.pid}/children`, 'utf8'))
      .trim()
      .split(' ')
      .map(Number)
    for (const pid of guardians) if (!dynoPids.includes(pid)) process.kill(pid, 'SIGKILL')
    platform.kill('SIGKILL')
    await once(platform, 'exit')
    expect(dynoPids.some(isRunning)).toBe(true)
    // The same pid with another start time is another process: ours, which must live on.
    await fs.writeFile(
      path.join(folder, 'pids', `${process.pid}.json`),
      JSON.stringify({
        pid: process.pid,
        startTime: '1',
        bootId: (await fs.readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim(),
        home: '/nowhere',
      }),
    )
    await newDriver({ dir: folder })
    await until(() => !dynoPids.some(isRunning), 2_000)
    expect(await fs.readdir(path.join(folder, 'pids'))).toEqual([])
  },
)

test.runIf(isRoot && isLinux)(
  'on a terminal, too, a dyno has the groups of its own account and no new rights',
  async () => {
    const { driver } = await newDriver({ account })
    const talk = await driver.run(spec('true'), 'id -u; id -G; grep NoNewPrivs /proc/self/status', {
      attach: true,
      terminal: { columns: 80, rows: 24 },
    })
    let said = ''
    for await (const chunk of talk.output ?? []) said += chunk
    expect(said.split(/\s+/).filter(Boolean)).toEqual(['64202', '64202', 'NoNewPrivs:', '1'])
  },
)

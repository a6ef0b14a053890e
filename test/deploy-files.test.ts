import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { readOptions, type ServerOptions } from '../platform/start/options.js'
import { refuseUnsafe } from '../platform/start/unsafe.js'
import { deploy, visit } from './deploy.js'
import { ask, endPrograms, freePort, startProgram } from './server-process.js'

// What deploy/ hands to other programs, which are not here or not of this machine: everything of it that can be tried.
const root = path.dirname(import.meta.dirname)
const read = (file: string) => fs.readFileSync(path.join(root, file), 'utf8')
const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'mortise-deploy-'))
fs.chmodSync(scratch, 0o711)
afterAll(async () => {
  await endPrograms()
  fs.rmSync(scratch, { recursive: true, force: true })
})
const has = (program: string) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0

describe('the Dockerfile', () => {
  /** Instructions, with continued lines joined. */
  const steps = read('deploy/Dockerfile')
    .replace(/^#.*\n/gm, '')
    .replace(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [, word = '', rest = ''] = /^([A-Z]+) (.*)$/.exec(line) ?? []
      return { word, rest }
    })
  const last = (word: string) => steps.filter((step) => step.word === word).at(-1)?.rest ?? ''
  const environment = Object.fromEntries(
    last('ENV')
      .split(' ')
      .map((pair) => pair.split('=') as [string, string]),
  )

  test('is instructions that Docker knows, in two stages of one Debian image', () => {
    const known = [
      'FROM',
      'WORKDIR',
      'COPY',
      'RUN',
      'ENV',
      'USER',
      'VOLUME',
      'EXPOSE',
      'STOPSIGNAL',
      'HEALTHCHECK',
      'ENTRYPOINT',
      'CMD',
    ]
    expect(steps.filter(({ word }) => !known.includes(word))).toEqual([])
    const images = steps.filter(({ word }) => word === 'FROM').map(({ rest }) => rest)
    expect(images).toEqual(['node:24-bookworm-slim AS build', 'node:24-bookworm-slim'])
  })
  test('what it runs and copies of ours is there and may be run', () => {
    const named = steps.flatMap(
      ({ rest }) => rest.match(/(?<=^|[\s"])(?:\/opt\/mortise\/)?(?:bin|deploy)\/[\w.-]+/g) ?? [],
    )
    const ours = named.map((one) => one.replace('/opt/mortise/', ''))
    expect(new Set(ours)).toEqual(new Set(['bin/setup', 'bin/mortise', 'deploy/is-healthy.mjs']))
    for (const file of ours) expect(fs.existsSync(path.join(root, file)), file).toBe(true)
    for (const file of ['bin/setup', 'bin/mortise']) fs.accessSync(path.join(root, file), fs.constants.X_OK)
  })
  test('runs as nobody special, from a volume, and takes SIGTERM', () => {
    expect(last('USER')).toBe('mortise')
    expect(steps.findIndex(({ word }) => word === 'USER')).toBeGreaterThan(
      steps.findLastIndex(({ word }) => word === 'RUN'),
    )
    expect(environment['MORTISE_DATA_DIR']?.startsWith(`${last('VOLUME')}/`)).toBe(true)
    expect(last('STOPSIGNAL')).toBe('SIGTERM')
    expect(last('EXPOSE')).toBe(environment['MORTISE_PORT'])
  })
  test('holds no secret, and leaves out what might', () => {
    expect(read('deploy/Dockerfile')).not.toMatch(/(PASSWORD|API_KEY|MASTER_KEYS|TOKEN)=/)
    const left = read('.dockerignore').split('\n')
    for (const folder of ['.git', '**/node_modules', '.mortise', '**/*.log']) expect(left).toContain(folder)
  })
  test('its settings are ours; alone they are refused as unsafe, and with the lines of its head they are not', () => {
    const options = (env: Record<string, string>) =>
      readOptions(JSON.parse(last('CMD')), { ...environment, ...env }) as ServerOptions
    expect(options({})).toMatchObject({ host: '0.0.0.0', port: 5055, dataDir: '/var/lib/mortise/data' })
    expect(() => refuseUnsafe(options({}))).toThrow('--trust-all-apps')
    const head = Object.fromEntries(
      [...read('deploy/Dockerfile').matchAll(/-e (\w+)=(\S+)/g)].map(([, name, value]) => [name ?? '', value ?? '']),
    )
    expect(Object.keys(head)).toHaveLength(3)
    expect(() => refuseUnsafe(options(head))).not.toThrow()
  })
  test('the check of its health tells a server that answers from none', async () => {
    const check = (port: number) =>
      spawnSync(process.execPath, [path.join(root, 'deploy/is-healthy.mjs')], { env: { MORTISE_PORT: String(port) } })
        .status
    expect(check(await freePort())).toBe(1)
    const answers = `require('http').createServer((q, r) => { r.statusCode = q.url === '/health' ? 200 : 404; r.end() }).listen(0, '127.0.0.1', function () { console.log('at ' + this.address().port) })`
    const server = await startProgram(process.execPath, ['-e', answers], {}, /^at (\d+)$/m)
    expect(check(Number(server.readyWith))).toBe(0)
  })
})

describe('the systemd unit', () => {
  const unit = read('deploy/mortise.service')
  const settingOf = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(unit)?.[1] ?? ''
  /** With this checkout in the place of the one it is made for. */
  const here = path.join(scratch, 'mortise.service')
  fs.writeFileSync(here, unit.replaceAll('/opt/mortise', root))

  test.skipIf(!has('systemd-analyze'))('systemd finds nothing wrong with it', () => {
    const said = spawnSync('systemd-analyze', ['verify', '--man=no', here], { encoding: 'utf8' })
    expect(`${said.stdout}${said.stderr}`.split('\n').filter((line) => line.includes('mortise.service'))).toEqual([])
    expect(said.status).toBe(0)
    // It would have found something.
    fs.writeFileSync(here, unit.replaceAll('/opt/mortise', root).replace('KillMode=mixed', 'KilMode=mixed'))
    const wrong = spawnSync('systemd-analyze', ['verify', '--man=no', here], { encoding: 'utf8' })
    expect(wrong.stderr).toContain('KilMode')
  })
  test.skipIf(!has('systemd-analyze'))('little of the machine is open to it', () => {
    fs.writeFileSync(here, unit.replaceAll('/opt/mortise', root))
    const said = spawnSync('systemd-analyze', ['security', '--offline=true', '--no-pager', here], { encoding: 'utf8' })
    const score = Number(/Overall exposure level for mortise\.service: ([\d.]+)/.exec(said.stdout)?.[1])
    // 9.6 without a line of it, as for any service of root's; below 5 is "ok" in systemd's words.
    expect(score).toBeLessThan(5)
  })
  test('it starts what is there, where the server may write', () => {
    const [program = '', ...args] = settingOf('ExecStart').split(' ')
    expect(fs.existsSync(program.replace('/opt/mortise', root))).toBe(true)
    const { dataDir } = readOptions(args, {}) as ServerOptions
    expect(dataDir).toBe(`/var/lib/${settingOf('StateDirectory')}/data`)
    expect(Number(settingOf('TimeoutStopSec'))).toBeGreaterThan(10)
  })
  test('the accounts that it makes are those that the server changes to', () => {
    const made = [...read('deploy/mortise.sysusers').matchAll(/^u (\S+)/gm)].map(([, name]) => name)
    const used = ['platform/start/platform.ts', 'postgres/server.ts', 'postgres/launch.ts']
      .flatMap((file) => [...read(file).matchAll(/'(mortise-(?:dyno|build|postgres))'/g)])
      .map(([, name]) => name)
    expect(new Set(made)).toEqual(new Set(used))
  })
  test.skipIf(process.getuid?.() !== 0 || !has('setpriv'))(
    'with the powers that it leaves, database, builds and dynos run',
    async () => {
      const powers = settingOf('CapabilityBoundingSet')
        .split(' ')
        .map((name) => `+${name.replace('CAP_', '').toLowerCase()}`)
      const port = await freePort()
      const apiKey = randomBytes(16).toString('hex')
      const headers = { authorization: `Bearer ${apiKey}` }
      const args = [
        `--bounding-set=-all,${powers.join(',')}`,
        '--inh-caps=-all',
        '--no-new-privs',
        path.join(root, 'bin/mortise'),
      ]
      const env = { HOME: scratch, MORTISE_API_KEY: apiKey }
      const server = ['server', '--port', String(port), '--data-dir', path.join(scratch, 'data')]
      const program = await startProgram('setpriv', [...args, ...server], env, /^Mortise is ready at (http:\S+)$/m)
      await ask(port, 'POST', '/apps', { headers, body: { name: 'bounded' } })
      const web = `require('http').createServer((q, r) => r.end(JSON.stringify({ uid: process.getuid() }))).listen(process.env.PORT)`
      await deploy(port, headers, 'bounded', scratch, {
        'package.json': '{"scripts":{"start":"node web.js"}}',
        'web.js': web,
      })
      const uid = Number(spawnSync('id', ['-u', 'mortise-dyno'], { encoding: 'utf8' }).stdout)
      expect((await visit(port, 'bounded')).body).toEqual({ uid })
      process.kill(program.pid, 'SIGTERM')
      expect(await program.exited).toBe(0)
    },
    120_000,
  )
})

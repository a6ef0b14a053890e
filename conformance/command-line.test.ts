import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type BrokenProvider, brokenProvider, type Habits, manifestOf } from './broken-provider.js'
import { main } from './main.js'

// `mortise inspect` as a person or a CI system meets it: what it prints, writes, and ends with.

let dir: string
const open: BrokenProvider[] = []
beforeAll(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'inspect-command-'))
})
afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()))
})
afterAll(() => rmSync(dir, { recursive: true }))

// biome-ignore lint/suspicious/noExplicitAny: manifests are changed in every way.
async function inspecting(habits: Partial<Habits>, argv: string[], edit: (manifest: any) => void = () => undefined) {
  const provider = await brokenProvider(habits)
  open.push(provider)
  const file = path.join(dir, 'addon-manifest.json')
  const manifest = manifestOf(provider.url)
  edit(manifest)
  writeFileSync(file, JSON.stringify(manifest))
  const said = { out: '', err: '' }
  const to = (where: 'out' | 'err') => ({
    write(text: string) {
      said[where] += text
      return true
    },
  })
  const around = { stdout: to('out'), stderr: to('err'), env: process.env, signal: new AbortController().signal }
  const words = argv.map((each) => (each === 'FILE' ? file : each))
  return { code: await main(words, around as never), ...said, provider }
}
const quickly = ['--wait', '1', '--platform-port', '0']
const oops: Partial<Habits> = { provisioned: () => ({ status: 500, body: { message: 'a < b & "c"\u0007' } }) }

test('it ends with 0 when nothing failed, with 1 when something did, and with 2 when it could not run', async () => {
  const provision = ['FILE', '--only', 'provision', ...quickly]
  expect((await inspecting({}, provision)).code).toBe(0)
  const failed = await inspecting(oops, provision)
  expect(failed.code).toBe(1)
  expect(failed.out).toContain('provision.answer')
  // A port of this machine's that nobody listens at: nothing was inspected, which is not a failure of the provider.
  const nobody = await inspecting({}, provision, ({ api }) => {
    api.test = { base_url: 'http://127.0.0.1:9/heroku/resources', sso_url: 'http://127.0.0.1:9/sso' }
  })
  expect(nobody.code).toBe(2)
  for (const [argv, words] of [
    [['/nowhere/addon-manifest.json'], /Could not read \/nowhere/],
    [['FILE', '--only', 'everything'], /There is no phase "everything"/],
    [['FILE', '--wait', 'long'], /--wait must be a whole number/],
    [['FILE', '--colour'], /--colour/],
    [['run', 'FILE'], /Say what to run: mortise inspect run -- CMD/],
  ] as const) {
    const wrong = await inspecting({}, [...argv])
    expect([wrong.code, wrong.err]).toEqual([2, expect.stringMatching(words)])
  }
})

test('--json prints one report, also of what could not run', async () => {
  const { out, code } = await inspecting({}, ['FILE', '--only', 'provision', '--json', ...quickly])
  const report = JSON.parse(out)
  expect([code, report.failed, report.passed > 0, typeof report.warned]).toEqual([0, 0, true, 'number'])
  for (const check of report.checks) {
    expect(Object.keys(check)).toEqual(
      expect.arrayContaining(['id', 'title', 'status', 'rule', 'sent', 'received', 'advice']),
    )
    expect(['pass', 'fail', 'warn', 'skip']).toContain(check.status)
  }
  const nothing = await inspecting({}, ['/nowhere.json', '--json'])
  expect([nothing.code, JSON.parse(nothing.out).error]).toEqual([2, expect.stringContaining('/nowhere.json')])
})

test('--junit writes what a CI system draws: a case for each check, escaped, and never green without a run', async () => {
  const file = path.join(dir, 'report.xml')
  const junit = ['--only', 'provision', '--junit', file, '--json', ...quickly]
  const { out } = await inspecting(oops, ['FILE', ...junit])
  const { checks, failed, skipped } = JSON.parse(out)
  const text = readFileSync(file, 'utf8')
  expect(text.match(/<testcase /g)).toHaveLength(checks.length)
  expect(text.match(/<failure /g)).toHaveLength(failed)
  expect(text).toContain(
    `<testsuites name="mortise inspect" tests="${checks.length}" failures="${failed}" skipped="${skipped}" errors="0">`,
  )
  // Well formed: every tag that opens closes, and nothing of the provider's is markup.
  const stack: string[] = []
  for (const [, close, name, self] of text.replace(/^<\?.*\?>/, '').matchAll(/<(\/?)([\w-]+)[^<>]*?(\/?)>/g)) {
    if (close) expect(stack.pop()).toBe(name)
    else if (!self) stack.push(String(name))
  }
  expect(stack).toEqual([])
  expect(text).toContain('a &lt; b &amp;')
  expect(text).not.toContain('\u0007')

  await inspecting({}, ['FILE', ...junit], ({ api }) => {
    api.test = { base_url: 'http://127.0.0.1:9/heroku/resources' }
  })
  expect(readFileSync(file, 'utf8')).toMatch(/errors="1"[\s\S]*<error message="[^"]*127\.0\.0\.1:9/)
})

test('api.test is asked when it is there, api.production with --production or without it', async () => {
  const only = ['FILE', '--only', 'provision', ...quickly]
  // Only one of the two addresses is somebody's.
  const elsewhere = { base_url: 'http://127.0.0.1:9/heroku/resources', sso_url: 'http://127.0.0.1:9/sso' }
  const swapped = ({ api }: { api: { test: unknown; production: unknown } }) => {
    api.production = api.test
    api.test = elsewhere
  }
  expect((await inspecting({}, only, ({ api }) => Object.assign(api, { production: elsewhere }))).code).toBe(0)
  expect((await inspecting({}, only, swapped)).code).toBe(2)
  expect((await inspecting({}, [...only, '--production'], swapped)).provider.asked.length).toBeGreaterThan(0)
  const alone = await inspecting({}, only, (manifest) => {
    swapped(manifest)
    delete manifest.api.test
  })
  expect(alone.provider.asked.length).toBeGreaterThan(0)
})

test('run -- CMD runs it with the config of a fresh resource, hands on how it ended, and removes the resource', async () => {
  const seen = path.join(dir, 'seen.json')
  const script = `require('fs').writeFileSync(${JSON.stringify(seen)}, JSON.stringify(process.env.FAST_DB_URL)); process.exit(Number(process.argv[1]))`
  const run = (exit: string) => ['run', 'FILE', ...quickly, '--', process.execPath, '-e', script, exit]
  const good = await inspecting({}, run('0'))
  expect([good.code, good.err]).toEqual([0, ''])
  expect(JSON.parse(readFileSync(seen, 'utf8'))).toMatch(/^fast:\/\/user:secret-1-of-the-customer@/)
  expect(good.provider.asked).toHaveLength(1)
  expect(good.provider.resources).toEqual([])

  const bad = await inspecting({}, run('3'))
  expect([bad.code, bad.err, bad.provider.resources]).toEqual([1, 'The command ended with 3; expected 0.\n', []])
  const none = await inspecting({}, ['run', 'FILE', ...quickly, '--', '/nowhere/command'])
  expect([none.code, none.provider.resources]).toEqual([2, []])
  expect(none.err).toContain('Could not run /nowhere/command')
  // A provider may not run code in this shell by a config var.
  const evil = await inspecting({ configOf: () => ({ LD_PRELOAD: '/tmp/evil.so' }) }, run('0'))
  expect([evil.code, evil.provider.resources]).toEqual([2, []])
  expect(evil.err).toContain('LD_PRELOAD')
})

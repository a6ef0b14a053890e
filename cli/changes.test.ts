import { spawn } from 'node:child_process'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import type { Change } from '@mortise/contract/platform-api/changes'
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest'

vi.setConfig({ testTimeout: 60_000 })
// A pretend server says what each test wants; the command line runs in a process of its own.
const mortise = fileURLToPath(new URL('../bin/mortise', import.meta.url))
const asked: { method: string; url: string; body: Record<string, unknown> | null }[] = []
let answer: (url: string, body: Record<string, unknown> | null) => [number, object]
const server = http.createServer(async (req, res) => {
  let text = ''
  for await (const chunk of req) text += chunk
  const body = text ? JSON.parse(text) : null
  asked.push({ method: req.method ?? '', url: req.url ?? '', body })
  const [status, said] = answer(req.url ?? '', body)
  res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(said))
})
let host = ''
beforeAll(async () => {
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  host = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  await run(['--version'])
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})
beforeEach(() => {
  asked.length = 0
})

async function run(args: string[]) {
  const child = spawn(process.execPath, [mortise, ...args], {
    cwd: tmpdir(),
    env: { PATH: process.env['PATH'], HOME: tmpdir(), MORTISE_HOST: host, MORTISE_API_KEY: 'key' },
    timeout: 45_000,
  })
  const text = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (part: string) => {
      text[stream] += part
    })
  }
  child.stdin.end()
  const code = await new Promise<number | null>((exited) => child.once('close', exited))
  return { code, ...text }
}

const id = '01234567-89ab-4def-8123-456789abcdef'
const ref = { id, name: 'guestbook' }
const change = (more: Partial<Change> = {}): Change =>
  ({
    add_ons: [
      {
        id,
        name: 'postgresql-curved-1',
        plan: 'mortise-postgresql:mini',
        price: { cents: 500, contract: false, unit: 'month' },
        attachment: 'DB',
        config_vars: ['DB_URL'],
      },
    ],
    app: ref,
    attachments: [{ name: 'REPORTS', addon: { id, name: 'other-db' }, config_vars: ['REPORTS_URL'] }],
    config_vars: { added: ['A', 'DB_URL'], changed: ['REPORTS_URL'], removed: ['B'] },
    created_at: '2026-11-25T20:00:00Z',
    description: 'Attach DB',
    detached: [{ name: 'OLD', addon: { id, name: 'old-db' } }],
    id,
    message: null,
    overwrites: [],
    price: { cents: 500, unit: 'month' },
    release: { version: 7 },
    state: 'done',
    ...more,
  }) as Change

const line =
  'change -a guestbook --set A=1 --unset B --create mortise-postgresql:mini --as DB --attach other-db --as REPORTS --detach OLD'.split(
    ' ',
  )
const body = {
  config: { A: '1', B: null },
  create: [{ plan: 'mortise-postgresql:mini', attachment: { name: 'DB' } }],
  attach: [{ addon: 'other-db', name: 'REPORTS' }],
  detach: ['OLD'],
}

it('one line is one call, and says all that changed', async () => {
  answer = () => [201, change()]
  const { code, stdout, stderr } = await run(line)
  expect([code, asked]).toEqual([0, [{ method: 'POST', url: '/apps/guestbook/changes', body }]])
  expect(stderr).toContain('Changing guestbook... done, v7')
  expect(stdout.trimEnd().split('\n')).toEqual([
    'Create:       postgresql-curved-1 mortise-postgresql:mini as DB (DB_URL), ~$0.007/hour (max $5/month)',
    'Attach:       other-db as REPORTS (REPORTS_URL)',
    'Detach:       OLD of old-db',
    'New vars:     A, DB_URL',
    'Changed vars: REPORTS_URL',
    'Removed vars: B',
    'Costs more:   ~$0.007/hour (max $5/month)',
  ])
  const scripted = await run(['changes:apply', ...line.slice(1), '--json'])
  expect(JSON.parse(scripted.stdout)).toEqual(change())
})

it('--dry-run says what would happen, asks for nothing, and sends no confirmation', async () => {
  answer = () => [200, change({ state: 'preview', id: null, release: null, overwrites: ['the config var DB_URL'] })]
  const { code, stdout, stderr } = await run([...line, '--dry-run', '--confirm', 'guestbook'])
  expect([code, asked]).toEqual([0, [{ method: 'POST', url: '/apps/guestbook/changes?dry_run=true', body }]])
  expect(stdout).toContain('Overwrites:   the config var DB_URL\n')
  expect(stderr).toBe('Nothing was done. It will want --confirm guestbook.\n')
})

it('what would be overwritten is confirmed by --confirm, and without it nothing is repeated', async () => {
  answer = (_, sent) =>
    sent?.['confirm'] === 'guestbook'
      ? [201, change()]
      : [423, { id: 'confirmation_required', message: 'This would overwrite the config var DB_URL on guestbook.' }]
  expect(await run(line)).toMatchObject({ code: 1, stderr: expect.stringContaining('Pass --confirm guestbook') })
  expect(asked.length).toBe(1)
  expect((await run([...line, '--confirm', 'guestbook'])).code).toBe(0)
})

it('slow providers: it says how to look, or waits; what came to nothing ends with 1', async () => {
  const pending = change({
    state: 'pending',
    release: null,
    message: 'Waits for the providers of postgresql-curved-1.',
  })
  answer = () => [202, pending]
  const begun = await run(line)
  expect(begun.code).toBe(0)
  expect(begun.stdout).toContain(`mortise changes:info ${id} -a guestbook`)
  let looks = 0
  answer = (url) => (url === `/apps/guestbook/changes/${id}` ? [200, ++looks > 1 ? change() : pending] : [202, pending])
  expect(await run([...line, '--wait', '--wait-interval', '1'])).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('New vars:     A, DB_URL'),
  })
  expect(looks).toBe(2)
  answer = () => [200, change({ state: 'failed', release: null, message: 'mortise-postgresql: No room.' })]
  expect(await run(['changes:info', id, '-a', 'guestbook'])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('mortise-postgresql: No room. Nothing of this change was made.'),
  })
})

it('wrong usage is told before anything is sent', async () => {
  for (const args of [
    ['change', '--set', 'A=1'],
    ['change', '-a', 'guestbook'],
    [...line, '--as', 'X'],
  ]) {
    expect((await run(args)).code).toBe(2)
  }
  expect(asked).toEqual([])
})

import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ask, endPrograms, freePort, startServer } from './server-process.js'

// People come, forget their password and work in teams: our own command line against a real server, line by line.
const root = path.dirname(import.meta.dirname)
const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'mortise-people-'))
fs.chmodSync(scratch, 0o711)
const apiKey = randomBytes(16).toString('hex')
let port: number
let ada = ''

const spawnMortise = (words: string[], key: string, cwd = scratch) =>
  spawnSync(path.join(root, 'bin/mortise'), words, {
    encoding: 'utf8',
    cwd,
    env: { PATH: process.env['PATH'], HOME: scratch, MORTISE_HOST: `http://localhost:${port}`, MORTISE_API_KEY: key },
  })
/** Its stdout. @throws with what it said when it did not end well */
function mortise(line: string, key = apiKey, cwd = scratch): string {
  const ran = spawnMortise(line.split(' '), key, cwd)
  if (ran.status !== 0) throw new Error(`${line}: ${ran.status} ${ran.stdout}${ran.stderr}`)
  return ran.stdout.trim()
}
const json = (line: string, key = apiKey) => JSON.parse(mortise(`${line} --json`, key))
const refused = (line: string, key = apiKey) => {
  const ran = spawnMortise(line.split(' '), key)
  expect(ran.status).toBeGreaterThan(0)
  return ran.stderr
}
async function follow(link: string, password: string) {
  const { pathname } = new URL(link)
  const page = await ask(port, 'GET', pathname, { headers: { accept: 'text/html' } })
  const body = new URLSearchParams({ password, again: password }).toString()
  const sent = await fetch(`http://127.0.0.1:${port}${pathname}`, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body,
  })
  return { page: page.status, sent: sent.status, location: sent.headers.get('location') }
}
async function keyOf(email: string, password: string): Promise<string> {
  const basic = Buffer.from(`${email}:${password}`).toString('base64')
  const { body } = await ask(port, 'POST', '/oauth/authorizations', {
    headers: { authorization: `Basic ${basic}` },
    body: {},
  })
  return body.access_token?.token ?? ''
}

beforeAll(async () => {
  port = await freePort()
  await startServer({ dir: path.join(scratch, 'data'), port, apiKey })
}, 120_000)
afterAll(async () => {
  await endPrograms()
  fs.rmSync(scratch, { recursive: true, force: true })
})

test('somebody is invited by a link, makes an account, and the link is over', async () => {
  const link = mortise('invites:create ada@example.com')
  expect(link).toMatch(/^http:\/\/localhost:\d+\//)
  expect(mortise('invites')).toContain('ada@example.com')
  expect(await follow(link, 'a password of ada')).toEqual({ page: 200, sent: 303, location: '/dashboard' })
  expect((await follow(link, 'another password')).page).toBe(410)
  ada = await keyOf('ada@example.com', 'a password of ada')
  expect(mortise('whoami', ada)).toBe('ada@example.com')
  expect(refused('invites', ada)).toContain('for the operator')
})

test('an invitation can be taken back', async () => {
  const link = mortise('invites:create bob@example.com')
  mortise('invites:revoke bob@example.com')
  expect((await follow(link, 'a password of bob')).page).toBe(410)
  expect(refused('invites:revoke bob@example.com')).toContain('no open link')
})

test('a forgotten password: asked for, seen by the operator, and replaced once', async () => {
  expect(mortise('password-resets:create ada@example.com', 'no key')).toBe('')
  expect(mortise('password-resets')).toContain('ada@example.com')
  const link = mortise('password-resets:create ada@example.com')
  expect((await follow(link, 'a new password of ada')).sent).toBe(303)
  expect(mortise('password-resets')).not.toContain('ada@example.com')
  expect(await keyOf('ada@example.com', 'a password of ada')).toBe('')
  expect(await keyOf('ada@example.com', 'a new password of ada')).not.toBe('')
})

test('a password is changed by whoever knows it, and by nobody else', async () => {
  const change = (lines: string) =>
    spawnSync(path.join(root, 'bin/mortise'), ['auth:password', '--stdin'], {
      encoding: 'utf8',
      cwd: scratch,
      input: lines,
      env: { PATH: process.env['PATH'], HOME: scratch, MORTISE_HOST: `http://localhost:${port}`, MORTISE_API_KEY: ada },
    })
  expect(change('not the password\nthe third password of ada\n')).toMatchObject({ status: 1, stdout: '' })
  expect(change('a new password of ada\n').stderr).toContain('two lines')
  expect(change('a new password of ada\nshort\n').stderr).toContain('at least')
  const changed = change('a new password of ada\nthe third password of ada\n')
  expect([changed.status, changed.stdout.trim()]).toEqual([0, 'The password of ada@example.com is changed'])
  expect(await keyOf('ada@example.com', 'a new password of ada')).toBe('')
  expect(await keyOf('ada@example.com', 'the third password of ada')).not.toBe('')
})

test('into a team by a link that only the invited account can accept', async () => {
  mortise('teams:create crew')
  const link = mortise('members:invite ada@example.com --role viewer -t crew')
  expect(json('members:invitations -t crew')).toMatchObject([{ user: { email: 'ada@example.com' }, role: 'viewer' }])
  const token = link.split('/').at(-1)
  const by = (key: string) =>
    ask(port, 'POST', `/teams/invitations/${token}/accept`, { headers: { authorization: `Bearer ${key}` }, body: {} })
  expect((await by(apiKey)).status).toBeGreaterThan(400)
  expect((await by(ada)).status).toBe(200)
  expect(mortise('members -t crew')).toContain('ada@example.com')
  mortise('members:invite eve@example.com -t crew')
  mortise('members:uninvite eve@example.com -t crew')
  expect(json('members:invitations -t crew')).toEqual([])
  expect(refused('members:uninvite eve@example.com -t crew')).toContain('not invited')
})

test('quotas are shown, set for one account, and set back', () => {
  mortise('quotas:set ada@example.com apps=0 dynos=none')
  expect(json('quotas', ada)).toContainEqual({ name: 'apps', limit: 0, used: 0, is_own: true })
  expect(refused('apps:create too-many', ada)).toContain('ask the operator for more')
  mortise('quotas:set ada@example.com apps=usual')
  mortise('apps:create hers', ada)
  expect(json('quotas ada@example.com').find(({ name }: { name: string }) => name === 'apps')).toMatchObject({
    limit: null,
    used: 1,
  })
  expect(refused('quotas:set ada@example.com apps=many')).toContain('says no quota')
  expect(refused('quotas:set ada@example.com')).toContain('How much of what')
})

test('an operator sees who is there, suspends somebody, and takes it back; everybody reads their own trail', () => {
  expect(mortise('accounts')).toMatch(/ada@example\.com/)
  expect(json('accounts --search ADA@')).toMatchObject([{ email: 'ada@example.com', apps: 1, price: { cents: 0 } }])
  expect(mortise('accounts --teams')).toContain('crew')
  expect(mortise('accounts:info ada@example.com')).toMatch(/crew \(viewer\)/)
  expect(json('accounts:info crew').members).toMatchObject([
    { email: 'ada@example.com', role: 'viewer' },
    { email: 'operator@localhost', role: 'admin' },
  ])
  // Nobody can be asked here, so the name has to be passed.
  expect(refused('accounts:suspend ada@example.com -r mining')).toContain('--confirm ada@example.com')
  mortise('accounts:suspend ada@example.com -r mining -c ada@example.com')
  expect(refused('whoami', ada)).toContain('Your account is suspended: mining.')
  expect(json('accounts --suspended')).toMatchObject([{ email: 'ada@example.com', suspended_reason: 'mining' }])
  mortise('accounts:unsuspend ada@example.com -r stopped')
  expect(mortise('whoami', ada)).toBe('ada@example.com')
  mortise('accounts:make-operator ada@example.com -r holidays -c ada@example.com')
  expect(json('accounts --operators')).toHaveLength(2)
  mortise('accounts:unmake-operator ada@example.com -r back -c ada@example.com')
  expect(refused('accounts', ada)).toContain('for the operator')
  const trail: { resource: string; data: { reason?: string } }[] = json('activity -k account', ada)
  expect(trail.slice(0, 4).map(({ data }) => data.reason)).toEqual(['back', 'holidays', 'stopped', 'mining'])
  expect(mortise('activity -t crew')).toContain('team-invitation created')
})

test('two apps are compared, and no value is shown', () => {
  mortise('apps:create one')
  mortise('apps:create other')
  expect(json('apps:diff one other')).toEqual([])
  mortise('config:set SAME=x SECRET=very-secret -a one')
  mortise('config:set SAME=x SECRET=another-secret EXTRA=1 -a other')
  const said = mortise('apps:diff one other')
  expect(said).toMatch(/config SECRET/)
  expect(said).toMatch(/config EXTRA/)
  expect(said).not.toMatch(/SAME|very-secret|another-secret/)
})

test('a repository learns the address of its app', () => {
  const repository = path.join(scratch, 'repository')
  fs.mkdirSync(repository)
  expect(refused('git:remote -a one')).toContain('could not be set')
  spawnSync('git', ['init', '-q', repository])
  for (const app of ['one', 'other']) {
    mortise(`git:remote -a ${app}`, apiKey, repository)
    const { stdout } = spawnSync('git', ['remote', 'get-url', 'mortise'], { cwd: repository, encoding: 'utf8' })
    expect(stdout.trim()).toMatch(new RegExp(`/${app}\\.git$`))
  }
})

test('build cache, usage, processes and the doctor', () => {
  expect(json('builds:cache:purge -a one')).toEqual({})
  expect(json('usage:addons -a one')).toEqual([])
  expect(json('usage:addons -t crew')).toEqual([])
  expect(refused('usage:addons')).toContain('Of which app, or which team?')
  expect(json('workers')).toMatchObject([{ role: 'all', state: 'alive' }])
  expect(json('doctor').every(({ state }: { state: string }) => state === 'ok')).toBe(true)
})

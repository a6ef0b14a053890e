import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { checkForPush, readManifest } from '@mortise/contract/manifest/read'
import {
  ask,
  cookiesOf,
  type FakePlatform,
  fakePlatform,
  freshTokens,
  signOn,
  signOnForm,
  until,
} from '@mortise/provider/fixture'
import { pushManifest } from '@mortise/provider/push'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sql, startForTest, testFolder, uuidOf } from './fixture.js'

const folder = testFolder()
const { dir } = folder
let platform: FakePlatform
let provider: Awaited<ReturnType<typeof startForTest>>
let count = 100
const fresh = () => uuidOf(++count)

beforeAll(async () => {
  platform = await fakePlatform()
  provider = await startForTest({ dir, platform: platform.url })
})

afterAll(async () => {
  await provider?.stop()
  await platform?.close()
  folder.remove()
})

test('the manifest may be pushed as it is, and its file is private', () => {
  const file = join(dir, 'addon-manifest.json')
  const read = readManifest(JSON.parse(readFileSync(file, 'utf8')))
  if ('problems' in read) throw new Error(read.problems.join(' '))
  expect(read.warnings).toEqual([])
  expect(checkForPush(read.manifest)).toEqual([])
  expect(read.manifest.api.config_vars_prefix).toBe('DATABASE')
  for (const name of ['addon-manifest.json', 'settings.json'])
    expect(statSync(join(dir, name)).mode & 0o777, name).toBe(0o600)
})

test('the platform may compare its books with the list of databases', async () => {
  const uuids = [fresh(), fresh(), fresh()]
  for (const uuid of uuids) await provider.provision(uuid)
  await provider.deprovision(uuids[1] as string)
  const list = async (query: string) =>
    (await ask('GET', `${provider.url}/heroku/resources${query}`, { auth: provider.auth })).json
  const first = await list('?limit=1')
  expect(first).toEqual({ resources: [{ uuid: uuids[0], id: uuids[0] }], next: uuids[0] })
  expect(await list(`?after=${first.next}`)).toEqual({ resources: [{ uuid: uuids[2], id: uuids[2] }], next: null })
  expect((await ask('GET', `${provider.url}/heroku/resources`)).status).toBe(401)
  for (const uuid of uuids) await provider.deprovision(uuid)
})

test('a provisioned database works; the plan can be changed; removed, nothing is left', async () => {
  const uuid = fresh()
  const made = await provider.provision(uuid)
  expect(made).toMatchObject({ status: 200, json: { id: uuid, message: 'Your database has 1 GB and 20 connections.' } })
  const url = made.json.config.DATABASE_URL
  expect(url).toMatch(/^postgres:\/\/u[0-9a-f]{16}:[\w-]{43}@127\.0\.0\.1:\d+\/d[0-9a-f]{16}$/)
  await sql(url, 'create table t (id int)')
  expect(await provider.changePlan(uuid, 'standard-0')).toMatchObject({
    status: 200,
    json: { message: 'Now 64 GB and 120 connections.' },
  })
  const [role] = await sql(url, 'select rolconnlimit as n from pg_roles where rolname = current_user')
  expect(role.n).toBe(120)
  expect((await provider.changePlan(uuid, 'huge')).status).toBe(422)
  expect((await provider.deprovision(uuid)).status).toBe(204)
  expect((await provider.deprovision(uuid)).status).toBe(410)
  expect((await provider.provision(uuid)).status).toBe(410)
  await expect(sql(url, 'select 1')).rejects.toMatchObject({ code: '28P01' })
  const rest = (await provider.list()).find((each: { uuid: string }) => each.uuid === uuid)
  expect(rest).toMatchObject({ state: 'removed', exists: false })
})

test('the same uuid eight times at once is one database and one answer', async () => {
  const uuid = fresh()
  const answers = await Promise.all(Array.from({ length: 8 }, () => provider.provision(uuid)))
  expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1)
  expect(answers[0]?.status).toBe(200)
  const all = await provider.list()
  expect(all.filter((each: { uuid: string }) => each.uuid === uuid)).toHaveLength(1)
})

test('many resources at once are made, and a removal that crosses its provision wins', async () => {
  const uuids = Array.from({ length: 6 }, fresh)
  const pairs = await Promise.all(
    uuids.map((uuid) => Promise.all([provider.provision(uuid), provider.deprovision(uuid)])),
  )
  for (const [made, removed] of pairs) {
    // Whichever came first: never a database that nobody knows.
    expect([`${made.status} ${removed.status}`]).toEqual([expect.stringMatching(/^(200 204|410 410)$/)])
  }
  const all: { uuid: string; exists: boolean }[] = await provider.list()
  expect(all.filter((each) => uuids.includes(each.uuid) && each.exists)).toEqual([])
})

test('sign-on leads to a page about this database, under the platform, with nothing of an account on it', async () => {
  const uuid = fresh()
  const made = await provider.provision(uuid)
  await sql(made.json.config.DATABASE_URL, 'create table "<b>entries" (id int)')
  const form = signOnForm(uuid, { context_app: 'guestbook' }, provider.settings.ssoSalt)
  const reply = await signOn(`${provider.url}/heroku/sso`, form)
  expect([reply.status, reply.headers.location]).toEqual([303, `/dashboard/${uuid}`])
  expect(cookiesOf(reply)).toContain(`heroku-nav-data=${form['nav-data']}`)
  const page = await ask('GET', `${provider.url}/dashboard/${uuid}`, { headers: { cookie: cookiesOf(reply) } })
  expect(page.status).toBe(200)
  expect(page.text).toContain('guestbook')
  expect(page.text).toContain(uuid)
  expect(page.text).toMatch(/Mini[\s\S]*of 1 GB[\s\S]*of 20[\s\S]*&#60;b&#62;entries/)
  expect(page.text).toContain(`<script src="${platform.url}/nav/v1/header.js" data-app="guestbook"`)
  expect(page.text).not.toMatch(/password|billing|log ?out|sign ?out|<script>|style=|DATABASE_URL|postgres:\/\//i)
  expect(page.headers['content-security-policy']).toContain(`script-src ${platform.url}`)
  expect((await ask('GET', `${provider.url}/dashboard.css`)).headers['content-type']).toContain('text/css')
})

test('the page is closed to everyone else: no session, another database, stale, forged or used forms', async () => {
  const [uuid, other] = [fresh(), fresh()]
  await Promise.all([provider.provision(uuid), provider.provision(other)])
  const sso = `${provider.url}/heroku/sso`
  const salt = provider.settings.ssoSalt
  const form = signOnForm(uuid, {}, salt)
  const cookie = cookiesOf(await signOn(sso, form))
  const visit = (id: string, headers = {}) => ask('GET', `${provider.url}/dashboard/${id}`, { headers })
  expect((await visit(uuid, { cookie })).status).toBe(200)
  expect((await visit(uuid)).status).toBe(403)
  expect((await visit(other, { cookie })).status).toBe(403)
  expect((await visit(fresh(), { cookie })).status).toBe(403)
  const stale = signOnForm(uuid, { timestamp: String(Math.floor(Date.now() / 1000) - 360) }, salt)
  const bad = [
    form,
    stale,
    signOnForm(uuid, {}, 'wrong-salt'),
    { ...signOnForm(other, {}, salt), email: 'boss@example.com' },
  ]
  for (const each of bad) expect((await signOn(sso, each)).status).toBe(403)
  expect((await signOn(sso, signOnForm(fresh(), {}, salt))).status).toBe(404)
  await provider.deprovision(uuid)
  expect((await visit(uuid, { cookie })).status).toBe(403)
})

test('the list for the ledger needs the password', async () => {
  expect((await ask('GET', `${provider.url}/admin/resources`)).status).toBe(401)
  expect((await ask('GET', `${provider.url}/admin/resources`, { auth: 'mortise-postgresql:x' })).status).toBe(401)
  expect((await ask('GET', `${provider.url}/nothing`)).status).toBe(404)
  expect((await ask('GET', `${provider.url}/dashboard/%00`)).status).toBe(403)
})

test('pushing keeps the secret of the first answer; with it a grant is traded and kept sealed', async () => {
  platform.answer = ({ path }) =>
    path === '/oauth/token'
      ? { status: 200, body: freshTokens(1) }
      : { status: 200, body: { contents: {}, client_secret: 'shh' } }
  const push = () => pushManifest({ dir, platform: platform.url, apiKey: 'key' })
  expect(await push()).toContain('client-secret')
  expect(platform.calls.at(-1)).toMatchObject({
    method: 'POST',
    path: '/api/v3/addons/mortise-postgresql/manifests',
    authorization: 'Bearer key',
  })
  expect(statSync(join(dir, 'client-secret')).mode & 0o777).toBe(0o600)
  const uuid = fresh()
  const body = { uuid, plan: 'mini', oauth_grant: { code: 'the-code', type: 'authorization_code', expires_at: '' } }
  await ask('POST', `${provider.url}/heroku/resources`, { auth: provider.auth, body })
  await until(() => platform.calls.some((call) => call.body.includes('code=the-code&client_secret=shh')))
  platform.answer = () => ({ status: 422, body: { error: { base: ['"id" is taken.'] } } })
  await expect(push()).rejects.toThrow('The platform refused the manifest (422): "id" is taken.')
  await expect(pushManifest({ dir, platform: 'http://127.0.0.1:1', apiKey: 'key' })).rejects.toThrow('was not reached')
})

test('a restart finds everything where it was: address, password, databases, answers', async () => {
  const uuid = fresh()
  const before = await provider.provision(uuid)
  const { url } = provider
  await provider.stop()
  provider = await startForTest({ dir, platform: platform.url, port: undefined })
  expect(provider.url).toBe(url)
  expect((await provider.provision(uuid)).text).toBe(before.text)
  await sql(before.json.config.DATABASE_URL, 'create table after_restart (id int)')
})

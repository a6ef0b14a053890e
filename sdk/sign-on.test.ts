import { resourceToken, ssoToken } from '@mortise/contract/partner-api/sso'
import { afterEach, expect, test } from 'vitest'
import { ask, cookiesOf, manifest, password, person, type Reply, salt, signOn, signOnForm, uuids } from './fixture.js'
import { createProvider, type Listening, type ProviderOptions } from './serve.js'

const [uuid, otherUuid] = uuids
const open: Listening[] = []
afterEach(async () => void (await Promise.all(open.splice(0).map((each) => each.close()))))

async function start(change: Partial<ProviderOptions> = {}) {
  const provider = createProvider({
    manifest,
    log: () => {},
    provision: async () => ({ config: {} }),
    deprovision: async () => {},
    session: ({ resourceId }) => `/dashboard/${resourceId}`,
    ...change,
  })
  const listening = await provider.listen(0, '127.0.0.1', (req, res) => {
    const session = provider.sessionOf(req)
    res.writeHead(session ? 200 : 403, { 'content-type': 'application/json' }).end(JSON.stringify(session))
    return true
  })
  open.push(listening)
  const auth = `fast-db:${password}`
  const body = { uuid, plan: 'mini', name: 'fast-db-curved-12345' }
  await ask('POST', `${listening.url}/heroku/resources`, { auth, body })
  return { url: listening.url, sso: `${listening.url}/heroku/sso`, auth }
}

const secondsAgo = (seconds: number) => ({ timestamp: String(Math.floor(Date.now() / 1000) - seconds) })

test('a signed form opens a session and sets the nav cookie byte for byte', async () => {
  const { sso, url } = await start()
  const form = signOnForm(uuid)
  const reply = await signOn(sso, form)
  expect([reply.status, reply.headers.location]).toEqual([303, `/dashboard/${uuid}`])
  const [session = '', nav = ''] = reply.headers['set-cookie'] ?? []
  expect(session).toMatch(/^fast-db_session=\S+; Path=\/; SameSite=Lax; HttpOnly/)
  expect(nav).toBe(`heroku-nav-data=${form['nav-data']}; Path=/; SameSite=Lax`)
  const page = await ask('GET', `${url}/`, { headers: { cookie: cookiesOf(reply) } })
  expect(page.json).toMatchObject({
    sso: true,
    resourceId: uuid,
    app: 'example-app',
    addon: 'fast-db-curved-12345',
    userId: person.user_id,
    email: person.email,
  })
})

const forged: [string, Record<string, string>][] = [
  ['an invalid token', { user_scoped_resource_token: 'invalid' }],
  ['an empty token', { user_scoped_resource_token: '' }],
  ['another e-mail', { email: 'boss@example.com' }],
  ['another person', { user_id: '99999999-2222-3333-4444-555555555555' }],
  ['a person cut elsewhere', { user_id: `${person.user_id}:user@example`, email: 'com' }],
  ['no timestamp', { timestamp: '' }],
]

test.each(forged)('a form with %s is answered 403', async (_, fields) => {
  const { sso } = await start()
  const reply = await signOn(sso, { ...signOnForm(uuid), ...fields })
  expect(reply.status).toBe(403)
  expect(reply.headers['set-cookie']).toBeUndefined()
})

test('a form for one resource does not open another', async () => {
  const { sso, url, auth } = await start()
  await ask('POST', `${url}/heroku/resources`, { auth, body: { uuid: otherUuid, plan: 'mini' } })
  expect((await signOn(sso, { ...signOnForm(uuid), resource_id: otherUuid })).status).toBe(403)
})

test('a form is good for five minutes, and for one minute ahead of our clock', async () => {
  const { sso } = await start()
  const statuses = []
  for (const seconds of [290, 360, -50, -90])
    statuses.push((await signOn(sso, signOnForm(uuid, secondsAgo(seconds)))).status)
  expect(statuses).toEqual([303, 403, 303, 403])
})

test('a form opens a session once; in the browser that has it, a second click does no harm', async () => {
  const { sso } = await start()
  const form = signOnForm(uuid)
  const first = await signOn(sso, form)
  expect((await signOn(sso, form)).status).toBe(403)
  expect((await signOn(sso, form, { cookie: cookiesOf(first) })).status).toBe(303)
})

test('an unknown or removed resource is answered 404, a forged form for it 403', async () => {
  const { sso, url, auth } = await start()
  expect((await signOn(sso, signOnForm(otherUuid))).status).toBe(404)
  expect((await signOn(sso, { ...signOnForm(otherUuid), user_scoped_resource_token: 'x' })).status).toBe(403)
  await ask('DELETE', `${url}/heroku/resources/${uuid}`, { auth })
  expect((await signOn(sso, signOnForm(uuid))).status).toBe(404)
})

test('the older tokens open nothing unless asked for, and then do not vouch for the person', async () => {
  const { timestamp } = secondsAgo(1)
  const older = {
    ...signOnForm(uuid, { timestamp }),
    user_scoped_resource_token: '',
    id: uuid,
    token: ssoToken({ id: uuid, salt, timestamp }),
    resource_token: resourceToken({ resourceId: uuid, salt, timestamp }),
  }
  expect((await signOn((await start()).sso, older)).status).toBe(403)
  const lenient = await start({ tokens: ['user_scoped', 'resource'] })
  const reply = await signOn(lenient.sso, older)
  expect(reply.status).toBe(303)
  const page = await ask('GET', `${lenient.url}/`, { headers: { cookie: cookiesOf(reply) } })
  expect(page.json).toMatchObject({ resourceId: uuid, userId: null, email: null })
  const { url } = await start({ tokens: ['legacy'] })
  const query = new URLSearchParams({ token: older.token, timestamp, app: 'example-app' })
  expect((await ask('GET', `${url}/heroku/resources/${uuid}?${query}`)).status).toBe(303)
})

test('old and new salt are both good while the salt changes', async () => {
  const next = 'n'.repeat(32)
  const { sso } = await start({ otherSsoSalts: [next] })
  expect((await signOn(sso, signOnForm(uuid))).status).toBe(303)
  expect((await signOn(sso, signOnForm(uuid, {}, next))).status).toBe(303)
  expect((await signOn(sso, signOnForm(uuid, {}, 'x'.repeat(32)))).status).toBe(403)
})

test('nav-data cannot bring cookies or headers of its own', async () => {
  const { sso } = await start()
  const reply = await signOn(sso, { ...signOnForm(uuid), 'nav-data': 'x; Domain=evil\r\nset-cookie: a=b' })
  expect(reply.status).toBe(303)
  expect(reply.headers['set-cookie']).toHaveLength(1)
})

test('a session that was made up, altered or ran out is none', async () => {
  let now = new Date()
  const { sso, url } = await start({ now: () => now })
  const reply = await signOn(sso, signOnForm(uuid))
  const visit = (cookie: string): Promise<Reply> => ask('GET', `${url}/`, { headers: { cookie } })
  const cookie = cookiesOf(reply)
  expect((await visit(`other=1; ${cookie}`)).status).toBe(200)
  expect((await visit(cookie.replace(/\.\S{4}/, '.AAAA'))).status).toBe(403)
  const [payload = ''] = cookie.split('=')[1]?.split('.') ?? []
  const altered = Buffer.from(Buffer.from(payload, 'base64url').toString().replace(uuid, otherUuid)).toString(
    'base64url',
  )
  expect((await visit(cookie.replace(payload, altered))).status).toBe(403)
  expect((await visit('fast-db_session=.; x')).status).toBe(403)
  now = new Date(now.getTime() + 8 * 3_600_000 + 1)
  expect((await visit(cookie)).status).toBe(403)
})

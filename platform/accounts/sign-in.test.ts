import type { FastifyInstance, InjectOptions } from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestDatabase, testDatabase } from '../db/test-database.js'
import { createHttpServer } from '../http/server.js'
import { later, realWorld, type World } from '../world/world.js'
import { authenticator } from './authenticate.js'
import { invitePages } from './invite-page.js'
import { loginPages } from './login-page.js'
import { loginsMax } from './logins.js'
import { ensureOperator } from './operator.js'
import { passwordTries } from './password-tries.js'
import { accountRoutes } from './routes.js'
import { quickHash } from './test-password.js'

// Ways in without a password at hand: a terminal that a browser approves, and links.
const email = 'op@example.com'
const password = 'correct horse'
const apiKey = 'key-of-the-operator-0001'
const host = 'localhost:5055'
let database: TestDatabase
let server: FastifyInstance
let cookie: string
let ahead = 0
// Waiting costs a test nothing: the clock goes on instead.
const world: World = {
  ...realWorld,
  now: () => later(new Date(), ahead),
  sleep: async (ms) => {
    ahead += ms
    await new Promise((go) => setImmediate(go))
  },
}

beforeAll(async () => {
  database = await testDatabase()
  const { db } = database
  await ensureOperator(db, world, { email, password, apiKey }, () => undefined)
  await quicken(email, password)
  const authenticate = authenticator(db, world)
  server = await createHttpServer({
    world,
    handlers: accountRoutes({ db, world, tries: passwordTries(world) }),
    authenticate,
    guard: async () => ({}),
    log: () => undefined,
    onFault: (error) => console.error(error),
    checkAnswers: true,
    extra(instance) {
      loginPages({ db, world, authenticate })(instance)
      invitePages({ db, world })(instance)
    },
  })
  cookie = await signIn(email, password)
})
afterAll(async () => {
  await server.close()
  await database.drop()
})

/** Puts a cheap hash of the same password in place: what is tried often must not cost half a second each time. */
const quicken = (who: string, text: string) =>
  database.pool.query('update accounts set password_hash = $1 where email = $2', [quickHash(text), who])

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const ask = (options: InjectOptions) => server.inject(options)

async function signIn(as: string, by: string, before = ''): Promise<string> {
  const headers = { host, 'x-mortise-web': '1', ...(before ? { cookie: before } : {}) }
  const answer = await ask({ method: 'POST', url: '/web/session', headers, payload: { email: as, password: by } })
  return String(answer.headers['set-cookie'] ?? '').split(';')[0] ?? ''
}

interface Begun {
  browser_url: string
  cli_url: string
  token: string
}
let asked = 0
async function begin(description = 'Heroku CLI login from workbench'): Promise<Begun> {
  // Each from an address of its own, but where a test is about that.
  const remoteAddress = `192.0.2.${++asked}`
  const answer = await ask({ method: 'POST', url: '/auth', payload: { description }, remoteAddress })
  expect(answer.statusCode).toBe(201)
  return answer.json()
}
const wait = (begun: Begun, token = begun.token) => ask({ url: begun.cli_url, headers: bearer(token) })
const page = (begun: Begun) => ask({ url: begun.browser_url, headers: { host, cookie } })
const csrfIn = (text: string) => /name="csrf" value="([^"]+)"/.exec(text)?.[1] ?? ''
const form = (fields: Record<string, string>) => new URLSearchParams(fields).toString()

async function decide(begun: Begun, decision: string, change: { csrf?: string; headers?: object } = {}) {
  const csrf = change.csrf ?? csrfIn((await page(begun)).body)
  const headers = { host, cookie, 'content-type': 'application/x-www-form-urlencoded', ...change.headers }
  return ask({ method: 'POST', url: begun.browser_url, headers, payload: form({ csrf, decision }) })
}

test('a terminal is let in by whoever is signed in to the browser, once', async () => {
  const begun = await begin()
  const shown = await page(begun)
  expect(shown.statusCode).toBe(200)
  expect(shown.body).toContain('Heroku CLI login from workbench')
  expect(shown.body).toContain('192.0.2.')
  expect(shown.body).toContain(email)
  expect(shown.headers['cache-control']).toBe('no-store')
  const waiting = wait(begun)
  expect((await decide(begun, 'approve')).body).toContain('Signed in')
  const { access_token } = (await waiting).json()
  const account = await ask({ url: '/account', headers: bearer(access_token) })
  expect(account.json().email).toBe(email)
  expect((await wait(begun)).statusCode).toBe(410)
  expect((await page(begun)).statusCode).toBe(410)
})

test('a denied terminal hears so, and nothing can change it afterwards', async () => {
  const begun = await begin()
  const csrf = csrfIn((await page(begun)).body)
  await decide(begun, 'deny')
  expect((await decide(begun, 'approve', { csrf })).statusCode).toBe(410)
  expect((await wait(begun)).json()).toEqual({ error: 'The login was denied in the browser.' })
})

test('without a decision the terminal is told to ask again, and after ten minutes that it is over', async () => {
  const begun = await begin()
  const first = await wait(begun)
  expect(first.statusCode).toBe(503)
  expect(first.headers['retry-after']).toBe('1')
  ahead += 10 * 60_000
  expect((await wait(begun)).json().error).toMatch(/within 10 minutes/)
  expect((await page(begun)).statusCode).toBe(410)
})

test('the terminal needs its own token, and the page needs a sign-in in this browser', async () => {
  const begun = await begin()
  for (const token of ['undefined', apiKey, begun.browser_url.split('/').at(-1) ?? '']) {
    expect((await wait(begun, token)).statusCode).toBe(404)
  }
  const signedOut = await ask({ url: begun.browser_url, headers: { host } })
  expect(signedOut.statusCode).toBe(302)
  expect(signedOut.headers.location).toBe(`/sign-in?return_to=${encodeURIComponent(begun.browser_url)}`)
  // An API key must not be able to make more tokens this way.
  expect((await ask({ url: begun.browser_url, headers: { host, ...bearer(apiKey) } })).statusCode).toBe(302)
})

test('another site can not approve for somebody', async () => {
  const begun = await begin()
  expect((await decide(begun, 'approve', { csrf: 'guessed' })).statusCode).toBe(403)
  expect((await decide(begun, 'approve', { headers: { 'sec-fetch-site': 'cross-site' } })).statusCode).toBe(403)
  expect((await decide(begun, 'perhaps')).statusCode).toBe(403)
  const other = await begin()
  const csrf = csrfIn((await page(other)).body)
  expect((await decide(begun, 'approve', { csrf })).statusCode).toBe(403)
  expect((await decide(begun, 'approve')).statusCode).toBe(200)
})

test("a stranger's description is text, and one address can not begin without end", async () => {
  const begun = await begin('<script>alert(1)</script>\u202e\n\u001b[31mhello')
  const shown = (await page(begun)).body
  expect(shown).toContain('&#60;script&#62;')
  expect(shown).not.toContain('<script>alert')
  expect(shown).not.toContain('\u202e')
  const remoteAddress = '198.51.100.7'
  const more = () => ask({ method: 'POST', url: '/auth', payload: {}, remoteAddress })
  for (let tries = 0; tries < loginsMax; tries++) expect((await more()).statusCode).toBe(201)
  expect((await more()).statusCode).toBe(429)
})

const invite = (payload: object) =>
  ask({ method: 'POST', url: '/invites', headers: { host, ...bearer(apiKey) }, payload })
const accept = (url: string, fields: Record<string, string>) =>
  ask({
    method: 'POST',
    url: new URL(url).pathname,
    headers: { host, 'content-type': 'application/x-www-form-urlencoded' },
    payload: form(fields),
  })

test('an invited person chooses a password and is signed in; the link works once', async () => {
  const made = await invite({ email: 'new@example.com' })
  expect(made.statusCode).toBe(201)
  const { url } = made.json()
  expect(url).toMatch(/^http:\/\/localhost:5055\/invite\/[\w-]+$/)
  const list = await ask({ url: '/invites', headers: bearer(apiKey) })
  expect(list.json()).toMatchObject([{ email: 'new@example.com', url: null, invited_by: { email } }])
  expect((await ask({ url: new URL(url).pathname })).body).toContain('new@example.com')
  expect((await accept(url, { password: 'short', again: 'short' })).statusCode).toBe(422)
  expect((await accept(url, { password: 'long enough', again: 'not the same' })).body).toContain('differ')
  const done = await accept(url, { password: 'long enough', again: 'long enough' })
  expect(done.statusCode).toBe(303)
  const session = String(done.headers['set-cookie']).split(';')[0] ?? ''
  expect((await ask({ url: '/account', headers: { cookie: session } })).json().email).toBe('new@example.com')
  expect((await accept(url, { password: 'another one', again: 'another one' })).statusCode).toBe(410)
  expect((await invite({ email: 'NEW@example.com' })).json()).toMatchObject({ id: 'invalid_params' })
  expect((await invite({ email: 'team@herokumanager.com' })).statusCode).toBe(422)
})

test('a newer link ends the older one, and a revoked or old one leads nowhere', async () => {
  const first = (await invite({ email: 'late@example.com' })).json()
  const second = (await invite({ email: 'late@example.com' })).json()
  const status = async (url: string) => (await ask({ url: new URL(url).pathname })).statusCode
  expect([await status(first.url), await status(second.url)]).toEqual([410, 200])
  const revoked = await ask({ method: 'DELETE', url: `/invites/${second.id}`, headers: bearer(apiKey) })
  expect(revoked.statusCode).toBe(200)
  expect(await status(second.url)).toBe(410)
  const third = (await invite({ email: 'late@example.com' })).json()
  ahead += 7 * 24 * 60 * 60_000 + 1000
  expect(await status(third.url)).toBe(410)
})

test('whoever signs in while signed in leaves the session before, and the trail of its owner says so', async () => {
  const [who, guest] = ['pia@example.com', 'gus@example.com']
  for (const one of [who, guest]) {
    await accept((await invite({ email: one })).json().url, { password: 'first password', again: 'first password' })
    await quicken(one, 'first password')
  }
  const mine = await signIn(who, 'first password')
  const theirs = await signIn(guest, 'first password', mine)
  expect((await ask({ url: '/account', headers: { cookie: mine } })).statusCode).toBe(401)
  type Told = { action: string; subject: { id: string }; data: { because?: string } }
  const trailOf = async (session: string) => {
    const told = await ask({ url: '/account/activity?eq[resource]=session', headers: { cookie: session } })
    return (told.json() as Told[]).map(({ action, subject, data }) => [action, subject.id, data.because] as const)
  }
  const again = await signIn(who, 'first password')
  const hers = await trailOf(again)
  // With the link she was signed in too; that browser stays so.
  expect(hers.map(([action, , because]) => [action, because])).toEqual([
    ['create', undefined],
    ['create', undefined],
    ['destroy', 'sign-in'],
    ['create', undefined],
  ])
  expect(hers[2]?.[1]).toBe(hers[1]?.[1])
  // Nothing of it is told to whoever came after her.
  expect((await trailOf(theirs)).map(([action]) => action)).toEqual(['create', 'create'])
})

test('a new password signs other browsers out, by link or by knowing the old one', async () => {
  const who = 'pat@example.com'
  await accept((await invite({ email: who })).json().url, { password: 'first password', again: 'first password' })
  await quicken(who, 'first password')
  const [mine, other] = [await signIn(who, 'first password'), await signIn(who, 'first password')]
  const change = (payload: object) =>
    ask({ method: 'PATCH', url: '/account', headers: { host, cookie: mine, 'x-mortise-web': '1' }, payload })
  expect((await change({ new_password: 'second password' })).statusCode).toBe(422)
  expect((await change({ password: 'wrong one', new_password: 'second password' })).statusCode).toBe(401)
  expect((await change({ password: 'first password', new_password: 'short' })).statusCode).toBe(422)
  expect((await change({ password: 'first password', new_password: 'second password' })).statusCode).toBe(200)
  await quicken(who, 'second password')
  const status = async (session: string) => (await ask({ url: '/account', headers: { cookie: session } })).statusCode
  expect([await status(mine), await status(other)]).toEqual([200, 401])
  const link = (await invite({ email: who, purpose: 'password' })).json().url
  await accept(link, { password: 'third password', again: 'third password' })
  await quicken(who, 'third password')
  expect(await status(mine)).toBe(401)
  expect(await signIn(who, 'second password')).toBe('')
  expect(await signIn(who, 'third password')).not.toBe('')
})

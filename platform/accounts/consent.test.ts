import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { transact } from '../db/db.js'
import { tokenHash } from '../secrets/tokens.js'
import { type House, testHouse } from '../start/test-house.js'
import { insertToken } from './token-store.js'

// A third party's program is let in by a person, in their browser, as far as the person says and no further.
let house: House<'ann' | 'bob' | 'maker'>
let client: { id: string; secret: string }
const callback = 'https://program.example/back?tenant=7'

beforeAll(async () => {
  house = await testHouse(['ann', 'bob', 'maker'])
  for (const who of ['ann', 'bob'] as const) {
    const row = { accountId: house.people[who].id, hint: '', scopes: ['global'], description: 'test', expiresAt: null }
    const web = { ...row, id: randomUUID(), kind: 'web' as const, hash: tokenHash(`cookie-of-${who}`) }
    await transact(house.db, (tx) => insertToken(tx, { ...web, at: house.world.now() }))
  }
})
beforeEach(async () => {
  const made = await house.ask('maker', 'POST', '/oauth/clients', { name: 'A <b>Program</b>', redirect_uri: callback })
  client = made.body
})
afterAll(async () => {
  expect(house.faults).toEqual([])
  await house.end()
})

const cookieOf = (who: string) => ({ cookie: `mortise_session=cookie-of-${who}` })
const address = (more: object = {}) =>
  `/oauth/authorize?${new URLSearchParams({ client_id: client.id, response_type: 'code', scope: 'identity', state: 's&1', ...more })}`
const open = (url: string, headers: Record<string, string> = cookieOf('ann')) =>
  house.ask(null, 'GET', url, undefined, headers)

/** The page's form, filled in as a browser does. */
function formOf(page: string): Record<string, string> {
  const fields = [...page.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)">/g)]
  const plain = (text = '') => text.replaceAll(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)))
  return Object.fromEntries(fields.map(([, name, value]) => [name, plain(value)]))
}
async function decide(fields: Record<string, string>, headers: Record<string, string> = cookieOf('ann')) {
  const answer = await house.server.inject({
    method: 'POST',
    url: '/oauth/authorize',
    headers: { host: 'localhost:5055', 'content-type': 'application/x-www-form-urlencoded', ...headers },
    payload: new URLSearchParams(fields).toString(),
  })
  const to = answer.headers.location === undefined ? null : new URL(String(answer.headers.location))
  return { status: answer.statusCode, to, told: Object.fromEntries(to?.searchParams ?? []), text: answer.body }
}
async function allowed(more: object = {}, who = 'ann'): Promise<string> {
  const page = await open(address(more), cookieOf(who))
  const { told } = await decide({ ...formOf(page.text), decision: 'allow' }, cookieOf(who))
  return told['code'] ?? ''
}
const trade = (fields: object, headers: Record<string, string> = {}) =>
  house.ask(
    null,
    'POST',
    '/oauth/token',
    { grant_type: 'authorization_code', client_secret: client.secret, ...fields },
    headers,
  )
const refresh = (token: string, fields: object = {}) =>
  trade({ grant_type: 'refresh_token', refresh_token: token, ...fields })
const as = (token: string, method: 'GET' | 'POST' | 'PATCH', url: string, body?: object) =>
  house.ask(null, method, url, body, { authorization: `Bearer ${token}` })

describe('the page', () => {
  test('shows who asks, for whom, from where and for what, and nothing of it as HTML', async () => {
    const page = await open(address({ scope: 'identity read-protected' }))
    expect(page.status).toBe(200)
    for (const text of [
      'A &#60;b&#62;Program',
      'program.example',
      'ann@example.com',
      'read-protected',
      'with the secrets',
    ]) {
      expect(page.text).toContain(text)
    }
    expect(page.headers['cache-control']).toBe('no-store')
    expect(page.headers['content-security-policy']).toContain("form-action 'self' https://program.example")
    expect(page.headers['content-security-policy']).toContain("frame-ancestors 'none'")
  })

  test('is for whoever is signed in in a browser: others sign in first, and a token is not enough', async () => {
    const signIn = await open(address(), {})
    expect([signIn.status, signIn.headers.location]).toEqual([
      302,
      `/sign-in?return_to=${encodeURIComponent(address())}`,
    ])
    const byToken = await open(address(), { authorization: 'Bearer token-of-ann' })
    expect(byToken.status).toBe(302)
  })

  test('is not shown to a program that is unknown or wants the answer elsewhere, and nobody is sent there', async () => {
    const elsewhere = ['https://evil.example/', `${callback}/x`, 'https://program.example/back', `${callback}#x`, '']
    for (const redirect_uri of elsewhere) {
      const refused = await open(address({ redirect_uri }))
      expect([redirect_uri, refused.status, refused.headers.location]).toEqual([redirect_uri, 400, undefined])
    }
    expect((await open(address({ client_id: randomUUID() }))).status).toBe(400)
    expect((await open('/oauth/authorize')).status).toBe(400)
    expect((await open(address({ redirect_uri: callback }))).status).toBe(200)
  })

  test.each([
    [{ response_type: 'token' }, 'unsupported_response_type'],
    [{ scope: 'everything' }, 'invalid_scope'],
    [{ scope: 'constructor' }, 'invalid_scope'],
    [{ scope: ' ' }, 'invalid_scope'],
    [{ state: 'x'.repeat(2001) }, 'invalid_request'],
  ])('sends %j back to the program as %s, with its state', async (more, error) => {
    const { status, headers } = await open(address(more))
    const to = new URL(String(headers.location))
    expect([status, to.origin, to.searchParams.get('tenant'), to.searchParams.get('error')]).toEqual([
      303,
      'https://program.example',
      '7',
      error,
    ])
    expect(to.searchParams.get('state')).toBe(('state' in more ? String(more.state) : 's&1').slice(0, 2000))
  })

  test('takes only its own answer: not that of another site, person, scope or state', async () => {
    const form = { ...formOf((await open(address())).text), decision: 'allow' }
    const forged: [Record<string, string>, Record<string, string>][] = [
      [{ ...form, csrf: 'x' }, cookieOf('ann')],
      [{ ...form, scope: 'global' }, cookieOf('ann')],
      [{ ...form, state: 'other' }, cookieOf('ann')],
      [form, cookieOf('bob')],
      [form, {}],
      [form, { ...cookieOf('ann'), 'sec-fetch-site': 'cross-site' }],
      [{ ...form, decision: 'perhaps' }, cookieOf('ann')],
      [form, { authorization: 'Bearer token-of-ann' }],
    ]
    for (const [fields, headers] of forged) {
      const { status, to } = await decide(fields, headers)
      expect([fields, status, to]).toEqual([fields, 403, null])
    }
  })

  test('sends a no back as one, and nothing with it', async () => {
    const form = formOf((await open(address())).text)
    const { status, to, told } = await decide({ ...form, decision: 'deny' })
    expect([status, to?.origin, told]).toEqual([
      303,
      'https://program.example',
      { tenant: '7', error: 'access_denied', state: 's&1' },
    ])
  })
})

describe('a code', () => {
  test('is traded for tokens that may do what was allowed, which the person sees among their authorizations', async () => {
    const page = await open(address({ scope: 'read' }))
    const { told } = await decide({ ...formOf(page.text), decision: 'allow' })
    expect(told).toMatchObject({ tenant: '7', state: 's&1', code: expect.stringMatching(/^\S{20,}$/) })
    const traded = await trade({ code: told['code'], redirect_uri: callback, client_id: client.id })
    expect(traded).toMatchObject({
      status: 200,
      body: { token_type: 'Bearer', expires_in: 28_800, user_id: house.people.ann.id, session_nonce: null },
    })
    expect(traded.headers['cache-control']).toBe('no-store')
    const { access_token } = traded.body
    expect((await as(access_token, 'GET', '/account')).body.email).toBe('ann@example.com')
    expect((await as(access_token, 'POST', '/apps', {})).status).toBe(403)
    const { body: all } = await house.ask('ann', 'GET', '/oauth/authorizations')
    const mine = all.find((one: { client: { id: string } | null }) => one.client?.id === client.id)
    expect(mine).toMatchObject({
      scope: ['read'],
      client: { name: 'A <b>Program</b>' },
      access_token: { expires_in: null },
    })
    for (const text of [access_token, traded.body.refresh_token]) expect(JSON.stringify(all)).not.toContain(text)
  })

  test("is traded in the API's own nested shape, and with the secret as a password", async () => {
    const nested = await house.ask(null, 'POST', '/oauth/tokens', {
      grant: { type: 'authorization_code', code: await allowed() },
      client: { secret: client.secret },
    })
    expect(nested).toMatchObject({ status: 201, body: { user: { id: house.people.ann.id } } })
    const { body: all } = await house.ask('ann', 'GET', '/oauth/authorizations')
    expect(all.map(({ id }: { id: string }) => id)).toContain(nested.body.authorization.id)
    const authorization = `Basic ${Buffer.from(`${client.id}:${client.secret}`).toString('base64')}`
    const asked = { grant_type: 'authorization_code', code: await allowed() }
    expect((await house.ask(null, 'POST', '/oauth/token', asked, { authorization })).status).toBe(200)
  })

  test('is good for ten minutes', async () => {
    const [late, inTime] = [await allowed(), await allowed()]
    house.clock.aheadMs += 9.9 * 60_000
    expect((await trade({ code: inTime })).status).toBe(200)
    house.clock.aheadMs += 0.2 * 60_000
    expect((await trade({ code: late })).status).toBe(401)
  })

  test('is not traded by anybody else, nor for another address', async () => {
    const other = (await house.ask('bob', 'POST', '/oauth/clients', { name: 'other', redirect_uri: callback })).body
    const code = await allowed()
    for (const fields of [
      { client_secret: 'wrong' },
      { client_secret: other.secret },
      { client_secret: '' },
      { client_id: other.id },
      { redirect_uri: 'https://evil.example/' },
      { code: `${code}x` },
    ]) {
      const refused = await trade({ code, ...fields })
      expect([fields, refused.status, refused.body.id]).toEqual([fields, 401, 'unauthorized'])
      expect(refused.text).not.toContain(code)
    }
    // Whoever knows no secret uses up nothing.
    expect((await trade({ code })).status).toBe(200)
  })

  test('that comes twice ends what it was traded for', async () => {
    const code = await allowed()
    const first = (await trade({ code })).body
    expect((await as(first.access_token, 'GET', '/account')).status).toBe(200)
    expect((await trade({ code })).status).toBe(401)
    expect((await as(first.access_token, 'GET', '/account')).status).toBe(401)
    expect((await refresh(first.refresh_token)).status).toBe(401)
  })

  test('that two ask for in the same moment is traded at most once', async () => {
    const code = await allowed()
    const both = await Promise.all([trade({ code }), trade({ code })])
    expect(both.map(({ status }) => status).sort()).toEqual([200, 401])
  })
})

describe('a refresh token', () => {
  test('gives new access when the old has run out, and never more than was allowed', async () => {
    const { access_token, refresh_token } = (await trade({ code: await allowed({ scope: 'identity' }) })).body
    house.clock.aheadMs += 8 * 3_600_000
    expect((await as(access_token, 'GET', '/account')).status).toBe(401)
    const again = await refresh(refresh_token, { scope: 'global' })
    expect(again).toMatchObject({ status: 200, body: { refresh_token } })
    expect((await as(again.body.access_token, 'GET', '/account')).status).toBe(200)
    expect((await as(again.body.access_token, 'GET', '/apps')).status).toBe(403)
    // The refresh token itself opens nothing.
    expect((await as(refresh_token, 'GET', '/account')).status).toBe(401)
  })

  test('is good with the secret of its own client only, the newest one', async () => {
    const { refresh_token } = (await trade({ code: await allowed() })).body
    const other = (await house.ask('bob', 'POST', '/oauth/clients', { name: 'other', redirect_uri: callback })).body
    expect((await refresh(refresh_token, { client_secret: other.secret })).status).toBe(401)
    const url = `/oauth/clients/${client.id}/actions/rotate-credentials`
    const { secret } = (await house.ask('maker', 'POST', url)).body
    expect((await refresh(refresh_token)).status).toBe(401)
    expect((await refresh(refresh_token, { client_secret: secret })).status).toBe(200)
  })
})

describe('everything ends', () => {
  const ends: Record<string, (id: string) => Promise<{ status: number }>> = {
    'the person revokes the authorization': (id) => house.ask('ann', 'DELETE', `/oauth/authorizations/${id}`),
    'the person revokes it by its token': (id) => house.ask('ann', 'DELETE', `/oauth/tokens/${id}`),
    'the client is removed': () => house.ask('maker', 'DELETE', `/oauth/clients/${client.id}`),
  }
  test.each(Object.keys(ends))('when %s: also what the program has made for itself', async (name) => {
    const traded = (await trade({ code: await allowed({ scope: 'global' }) })).body
    const unused = await allowed()
    const { body: own } = await as(traded.access_token, 'POST', '/oauth/authorizations', { description: 'for ever' })
    const { body: all } = await house.ask('ann', 'GET', '/oauth/authorizations')
    const id = all.find((one: { client: { id: string } | null }) => one.client?.id === client.id).id
    const tokens = [traded.access_token, own.access_token.token]
    for (const token of tokens) expect((await as(token, 'GET', '/account')).status).toBe(200)
    expect((await ends[name]?.(id))?.status).toBe(200)
    for (const token of tokens) expect((await as(token, 'GET', '/account')).status).toBe(401)
    expect((await refresh(traded.refresh_token)).status).toBe(401)
    if (name === 'the client is removed') expect((await trade({ code: unused })).status).toBe(401)
  })

  test('and the trail of the person tells which way, that of the maker what became of the program', async () => {
    const trail = async (who: 'ann' | 'maker', resource: string) => {
      const path = `/account/activity?eq[resource]=${resource}`
      return (await house.ask(who, 'GET', path, undefined, { range: 'seq ..; order=desc, max=50' })).body
    }
    const short = (all: { action: string; data: Record<string, string> }[]) =>
      all.map(({ action, data }) => [action, data['because'] ?? data['part'] ?? data['changed'] ?? null])
    await house.ask('maker', 'PATCH', `/oauth/clients/${client.id}`, { name: 'Other', redirect_uri: callback })
    await house.ask('maker', 'PATCH', `/oauth/clients/${client.id}`, { name: 'Other' })
    client.secret = (
      await house.ask('maker', 'POST', `/oauth/clients/${client.id}/actions/rotate-credentials`)
    ).body.secret

    const first = (await trade({ code: await allowed() })).body
    const made = (await trail('ann', 'authorization'))[0]
    await house.ask('ann', 'DELETE', `/oauth/tokens/${made.subject.id}`)
    const code = await allowed()
    await trade({ code })
    await trade({ code })
    const nested = { grant: { type: 'authorization_code', code: await allowed() }, client: { secret: client.secret } }
    const second = (await house.ask(null, 'POST', '/oauth/tokens', nested)).body
    await house.ask('ann', 'DELETE', `/oauth/tokens/${second.access_token.id}`)
    await house.ask('maker', 'DELETE', `/oauth/clients/${client.id}`)

    const hers = (await trail('ann', 'authorization')).slice(0, 7)
    expect(short(hers)).toEqual([
      ['destroy', 'client'],
      ['destroy', 'access'],
      ['create', null],
      ['destroy', 'replay'],
      ['create', null],
      ['destroy', null],
      ['create', null],
    ])
    expect(hers[0].actor.email).toBe('maker@example.com')
    expect(new Set(hers.map((one: { data: { description: string } }) => one.data.description)).size).toBe(1)
    const his = (await trail('maker', 'oauth-client')).filter(
      (one: { subject: { id: string } }) => one.subject.id === client.id,
    )
    expect(short(his)).toEqual([
      ['destroy', null],
      ['update', 'secret'],
      ['update', null],
      ['create', null],
    ])
    expect(his[2]).toMatchObject({ data: { name: 'Other' }, previous_data: { name: 'A <b>Program</b>' } })
    for (const secret of [client.secret, first.access_token, first.refresh_token, code])
      expect(JSON.stringify([hers, his])).not.toContain(secret)
  })

  test("a program gets no hold of its person's own tokens", async () => {
    const { access_token } = (await trade({ code: await allowed({ scope: 'global' }) })).body
    const { body: mine } = await house.ask('ann', 'POST', '/oauth/authorizations', { description: 'mine' })
    const renew = (id: string) => `/oauth/authorizations/${id}/actions/regenerate-tokens`
    expect((await as(access_token, 'POST', renew(mine.id))).status).toBe(403)
    const { body: all } = await house.ask('ann', 'GET', '/oauth/authorizations')
    const id = all.find((one: { client: { id: string } | null }) => one.client?.id === client.id).id
    // The person can't make a token of it either, which the program's name would stand on.
    expect((await house.ask('ann', 'POST', renew(id))).status).toBe(422)
  })
})

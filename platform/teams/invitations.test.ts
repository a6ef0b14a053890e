import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { insertToken } from '../accounts/token-store.js'
import { transact } from '../db/db.js'
import { tokenHash } from '../secrets/tokens.js'
import { type House, testHouse } from '../start/test-house.js'

type Person = 'ann' | 'bob' | 'cat' | 'eve'
let house: House<Person>
let number = 0
let team = ''
beforeAll(async () => {
  house = await testHouse<Person>(['ann', 'bob', 'cat', 'eve'])
  for (const name of ['ann', 'bob', 'cat', 'eve'] as const) {
    const at = house.world.now()
    const row = {
      accountId: house.people[name].id,
      hint: '',
      scopes: ['global'],
      description: 'test',
      expiresAt: null,
      at,
    }
    const hash = tokenHash(`cookie-of-${name}`)
    await transact(house.db, (tx) => insertToken(tx, { ...row, id: randomUUID(), kind: 'web', hash }))
  }
})
afterAll(async () => {
  expect(house.faults).toEqual([])
  await house.end()
})
beforeEach(async () => {
  team = `crew-${++number}`
  await must('ann', 'POST', '/teams', { name: team })
})

const must = async (...asked: Parameters<typeof house.ask>) => {
  const answer = await house.ask(...asked)
  if (answer.status >= 300) throw new Error(`${asked[1]} ${asked[2]}: ${answer.status} ${answer.text}`)
  return answer.body
}
const mail = (who: string) => `${who}@example.com`
const invite = (who: string, role = 'member', by: Person = 'ann') =>
  house.ask(by, 'PUT', `/teams/${team}/invitations`, { email: mail(who), role })
const accept = (who: Person | null, token: string) => house.ask(who, 'POST', `/teams/invitations/${token}/accept`)
const list = async () => must('ann', 'GET', `/teams/${team}/invitations`)
const roleOf = async (who: string) =>
  (await must('ann', 'GET', `/teams/${team}/members`)).find((one: { email: string }) => one.email === mail(who))?.role

describe('an invitation', () => {
  test('is a link for its inviter, told once, and makes who is invited a member', async () => {
    const made = await invite('bob', 'admin')
    expect(made.status).toBe(200)
    expect(made.body).toMatchObject({
      role: 'admin',
      team: { name: team },
      invited_by: { email: mail('ann') },
      user: { email: mail('bob'), id: house.people.bob.id },
    })
    const { token, url } = made.body
    expect(url).toBe(`http://localhost:5055/team-invitations/${token}`)
    expect(await list()).toEqual([{ ...made.body, token: null, url: null }])
    expect((await house.ask('bob', 'GET', `/teams/invitations/${token}`)).body).toMatchObject({ team: { name: team } })
    expect(await roleOf('bob')).toBeUndefined()

    const joined = await accept('bob', token)
    expect([joined.status, joined.body.role, joined.body.email]).toEqual([200, 'admin', mail('bob')])
    expect(await roleOf('bob')).toBe('admin')
    expect(await list()).toEqual([])
    expect((await accept('bob', token)).status).toBe(404)
    const kept = await house.pool.query('select t.* from team_invitations t')
    expect(JSON.stringify(kept.rows)).not.toContain(token)
  })

  test('is good for the invited address only, and tells others nothing but that', async () => {
    const { token } = (await invite('bob')).body
    const refused = await accept('eve', token)
    expect([refused.status, refused.body.message]).toEqual([403, expect.stringContaining(`for ${mail('bob')}`)])
    expect((await accept(null, token)).status).toBe(401)
    expect((await accept('eve', 'not-a-token')).body.resource).toBe('team_invitation')
    expect(await roleOf('eve')).toBeUndefined()
  })

  test('of somebody without an account waits for it', async () => {
    const made = await invite('newcomer', 'viewer')
    expect(made.body.user).toEqual({ email: mail('newcomer'), id: expect.stringMatching(/^0{8}-/), name: null })
  })

  test('takes the place of the former one for the same address; revoked, replaced and old ones are over', async () => {
    const first = (await invite('bob', 'viewer')).body
    const second = (await invite('bob', 'member')).body
    expect((await list()).map((one: { role: string }) => one.role)).toEqual(['member'])
    expect((await accept('bob', first.token)).status).toBe(404)
    const gone = await house.ask('ann', 'DELETE', `/teams/${team}/invitations/${second.id}`)
    expect([gone.status, gone.body.token]).toEqual([200, null])
    expect((await accept('bob', second.token)).body.message).toContain('Ask for a new one')
    expect((await house.ask('ann', 'DELETE', `/teams/${team}/invitations/${second.id}`)).status).toBe(404)

    const third = (await invite('bob')).body
    house.clock.aheadMs += 7 * 86_400_000 + 1
    expect((await accept('bob', third.token)).status).toBe(404)
    expect(await list()).toEqual([])
  })

  test('whoever was let in by hand meanwhile keeps that role; a deleted team has none', async () => {
    const { token } = (await invite('bob', 'viewer')).body
    await must('ann', 'PUT', `/teams/${team}/members`, { email: mail('bob'), role: 'admin' })
    expect((await accept('bob', token)).body.role).toBe('admin')
    const again = await invite('bob')
    expect([again.status, again.body.message]).toEqual([422, expect.stringContaining('is a member')])
    const late = (await invite('cat')).body
    await must('ann', 'DELETE', `/teams/${team}`)
    expect((await accept('cat', late.token)).status).toBe(404)
  })

  test('is made and revoked by admins, seen by members, and for a person with a role', async () => {
    await must('ann', 'PUT', `/teams/${team}/members`, { email: mail('bob'), role: 'member' })
    expect((await invite('cat', 'member', 'bob')).status).toBe(403)
    expect((await invite('cat', 'member', 'eve')).status).toBe(404)
    const { id } = (await invite('cat')).body
    expect((await house.ask('bob', 'DELETE', `/teams/${team}/invitations/${id}`)).status).toBe(403)
    expect((await house.ask('bob', 'GET', `/teams/${team}/invitations`)).body).toHaveLength(1)
    for (const role of ['owner', 'collaborator']) expect((await invite('cat', role)).status).toBe(422)
    const noPerson = await house.ask('ann', 'PUT', `/teams/${team}/invitations`, {
      email: 'no address',
      role: 'member',
    })
    expect(noPerson.status).toBe(422)
  })
})

describe('the page of a link', () => {
  const open = (who: Person | null, token: string, more: object = {}) =>
    house.server.inject({
      url: `/team-invitations/${token}`,
      headers: { host: 'localhost:5055', ...(who ? { cookie: `mortise_session=cookie-of-${who}` } : {}) },
      ...more,
    })
  const send = (who: Person, token: string, csrf: string, site = 'same-origin') =>
    open(who, token, {
      method: 'POST',
      payload: new URLSearchParams({ csrf }).toString(),
      headers: {
        host: 'localhost:5055',
        cookie: `mortise_session=cookie-of-${who}`,
        'content-type': 'application/x-www-form-urlencoded',
        'sec-fetch-site': site,
      },
    })

  test('asks who is not signed in to sign in, and lets who is invited join with one button', async () => {
    const { token } = (await invite('bob')).body
    const away = await open(null, token)
    expect([away.statusCode, away.headers.location]).toEqual([
      302,
      `/sign-in?return_to=${encodeURIComponent(`/team-invitations/${token}`)}`,
    ])
    const others = await open('eve', token)
    expect([others.statusCode, others.body.includes('<form')]).toEqual([200, false])
    expect(others.body).toContain(`Sign in as ${mail('bob')} to join.`)
    const page = await open('bob', token)
    const csrf = /name="csrf" value="([^"]+)"/.exec(page.body)?.[1] ?? ''
    // From elsewhere, with another's form, and by somebody else.
    expect((await send('bob', token, csrf, 'cross-site')).statusCode).toBe(403)
    expect((await send('bob', token, 'guessed')).statusCode).toBe(403)
    expect((await send('eve', token, csrf)).statusCode).toBe(403)
    expect(await roleOf('bob')).toBeUndefined()
    const joined = await send('bob', token, csrf)
    expect([joined.statusCode, joined.headers.location]).toEqual([303, '/dashboard'])
    expect(await roleOf('bob')).toBe('member')
    expect((await open('bob', token)).statusCode).toBe(410)
  })
})

test('the permissions of a team say what the rule that lets people in says, for each app that the asker sees', async () => {
  await must('ann', 'PUT', `/teams/${team}/members`, { email: mail('bob'), role: 'member' })
  await must('ann', 'POST', '/teams/apps', { name: `open-${number}`, team })
  await must('ann', 'POST', '/teams/apps', { name: `shut-${number}`, team, locked: true })
  await must('ann', 'POST', `/apps/open-${number}/collaborators`, { user: mail('cat'), permissions: ['deploy'] })
  await must('ann', 'POST', `/apps/open-${number}/collaborators`, { user: mail('bob'), permissions: ['operate'] })
  const all = ['view', 'deploy', 'operate', 'manage']
  const entities = await must('ann', 'GET', `/teams/${team}/permissions`)
  const open = entities.find((one: { name: string }) => one.name === `open-${number}`)
  expect([
    open.type,
    open.users.map((one: { email: string; permissions: string[] }) => [one.email, one.permissions]),
  ]).toEqual([
    'app',
    [
      [mail('ann'), all],
      [mail('bob'), ['view', 'operate']],
      [mail('cat'), ['view', 'deploy']],
    ],
  ])
  const shut = entities.find((one: { name: string }) => one.name === `shut-${number}`)
  expect(shut.users.map((one: { email: string }) => one.email)).toEqual([mail('ann')])
  const seen = await must('bob', 'GET', `/teams/${team}/permissions`)
  expect(seen.map((one: { name: string }) => one.name)).toEqual([`open-${number}`])
  expect((await house.ask('eve', 'GET', `/teams/${team}/permissions`)).status).toBe(404)
})

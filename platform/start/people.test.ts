import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { insertAccount } from '../accounts/store.js'
import { insertToken } from '../accounts/token-store.js'
import { sql, transact } from '../db/db.js'
import { tokenHash } from '../secrets/tokens.js'
import { type House, testHouse } from './test-house.js'

// Who is here, what each has, and what an operator may do about it.
let house: House<'ann' | 'bob' | 'eve' | 'operator'>
beforeAll(async () => {
  house = await testHouse(['ann', 'bob', 'eve', 'operator'])
})
afterAll(async () => {
  expect(house.faults).toEqual([])
  await house.end()
})
const must = async (...asked: Parameters<typeof house.ask>) => {
  const answer = await house.ask(...asked)
  expect(answer.status, answer.text).toBeLessThan(300)
  return answer.body
}
const verb = (name: string, account: string, reason = 'because of a test') =>
  house.ask('operator', 'POST', `/accounts/${account}/actions/${name}`, { reason })

describe('the list', () => {
  test('tells what each has: apps, add-ons and what these cost a month, of a team as of a person', async () => {
    await house.push('fast-db', 'operator')
    const app = await must('ann', 'POST', '/apps', { name: 'shop' })
    await house.addon('fast-db:mini', { id: app.id, ownerId: house.people.ann.id }, 'fast-db-1')
    await must('ann', 'POST', '/teams', { name: 'crew' })
    await must('ann', 'POST', '/teams/apps', { name: 'crew-app', team: 'crew' })
    await must('ann', 'POST', '/teams/crew/members', { email: 'bob@example.com', role: 'viewer' })
    const all = await must('operator', 'GET', '/accounts')
    expect(all.map((one: { email: string }) => one.email)).toEqual([
      'ann@example.com',
      'bob@example.com',
      'crew@herokumanager.com',
      'eve@example.com',
      'operator@example.com',
    ])
    const [{ price }] = await sql<{ price: number }>`select r.cents as price from charges c
      join plan_prices r on r.id = c.price_id`
      .execute(house.db)
      .then(({ rows }) => rows as [{ price: number }])
    // A service in alpha is on nobody's invoice.
    expect(all[0]).toMatchObject({ apps: 1, add_ons: 1, kind: 'person', price: { cents: 0, unit: 'month' } })
    await sql`update charges set stage = 'ga'`.execute(house.db)
    expect((await must('operator', 'GET', '/accounts/ann@example.com')).price.cents).toBe(price)
    expect(price).toBeGreaterThan(0)
    expect(all[2]).toMatchObject({ kind: 'team', name: 'crew', apps: 1, add_ons: 0, is_operator: false })
    expect(await must('operator', 'GET', '/accounts/crew')).toMatchObject({
      members: [
        { email: 'ann@example.com', role: 'admin' },
        { email: 'bob@example.com', role: 'viewer' },
      ],
      allowed_services: [],
    })
    expect(await must('operator', 'GET', '/accounts/bob@example.com')).toMatchObject({
      authorizations: 1,
      sessions: 0,
      teams: [{ name: 'crew', role: 'viewer' }],
    })
    expect(await must('operator', 'GET', '/accounts/ann@example.com/apps')).toMatchObject([
      { name: 'shop', add_ons: 1, maintenance: false },
    ])
  })

  test('is searched in by a part of the e-mail or the name, and narrowed', async () => {
    const found = async (query: string) =>
      (await must('operator', 'GET', `/accounts?${query}`)).map((one: { email: string }) => one.email)
    expect(await found('q=NN%40EX')).toEqual(['ann@example.com'])
    expect(await found('q=crew')).toEqual(['crew@herokumanager.com'])
    // What stands for anything in SQL is a letter here.
    expect(await found('q=%25')).toEqual([])
    expect(await found('q=_')).toEqual([])
    expect(await found('eq[kind]=team')).toEqual(['crew@herokumanager.com'])
    expect(await found('eq[state]=operator')).toEqual(['operator@example.com'])
    expect(await found('eq[state]=suspended')).toEqual([])
    expect((await house.ask('operator', 'GET', '/accounts?eq[state]=sleepy')).status).toBe(422)
    expect((await house.ask('ann', 'GET', '/accounts')).status).toBe(403)
  })

  test('comes page by page whole and once, though a hundred were made in one second', async () => {
    const at = new Date('2026-03-04T05:06:07Z')
    await transact(house.db, async (tx) => {
      for (let n = 0; n < 100; n++) {
        const email = `Many${n % 3}-${n}@Example.org`
        await insertAccount(tx, { id: randomUUID(), email, passwordHash: null, isOperator: false, at })
      }
    })
    for (const order of ['email', 'created_at', 'id'].flatMap((field) => [
      `${field} ..; max=7`,
      `${field} ..; max=7, order=desc`,
    ])) {
      const got: string[] = []
      let range: string | undefined = order
      let pages = 0
      while (range !== undefined && pages++ < 40) {
        const answer = await house.ask('operator', 'GET', '/accounts', undefined, { range })
        got.push(...answer.body.map((one: { id: string }) => one.id))
        range = answer.headers['next-range'] as string | undefined
      }
      expect([order, got.length, new Set(got).size]).toEqual([order, 105, 105])
    }
    await sql`delete from accounts where email like 'Many%'`.execute(house.db)
  })
})

describe('a suspended person', () => {
  test('gets nowhere with tokens and sessions and is told why, while the apps run on; then all is good again', async () => {
    const stream = await house.ask('bob', 'GET', '/account')
    expect(stream.status).toBe(200)
    const cookie = `${'s'.repeat(40)}`
    await transact(house.db, (tx) =>
      insertToken(tx, {
        ...{ id: randomUUID(), kind: 'web', accountId: house.people.bob.id, hash: tokenHash(cookie), hint: '' },
        ...{ scopes: ['global'], description: 'Browser', expiresAt: null, at: new Date() },
      }),
    )
    const byCookie = () =>
      house.server.inject({ url: '/account', headers: { cookie: `mortise_session=${cookie}`, host: 'localhost:5055' } })
    const before = (await byCookie()).statusCode
    expect(await verb('suspend', 'bob@example.com', 'Mined coins.')).toMatchObject({
      status: 200,
      body: { suspended_reason: 'Mined coins.', suspended_at: expect.any(String) },
    })
    const refused = await house.ask('bob', 'GET', '/account')
    expect([refused.status, refused.body]).toEqual([
      403,
      {
        id: 'suspended',
        message:
          'Your account is suspended: Mined coins. Your apps and add-ons run on. Ask the operator of this installation to lift it.',
      },
    ])
    expect(before).toBe(200)
    expect((await byCookie()).json().id).toBe('suspended')
    // What is open to anybody stays open.
    expect((await house.ask('bob', 'GET', '/addon-services')).status).toBe(200)
    expect((await verb('suspend', 'bob@example.com')).status).toBe(422)
    expect(await must('operator', 'GET', '/accounts?eq[state]=suspended')).toMatchObject([{ email: 'bob@example.com' }])
    // No link leads around it.
    const link = { email: 'bob@example.com', purpose: 'password' }
    expect((await house.ask('operator', 'POST', '/invites', link)).status).toBe(422)
    expect((await house.ask('operator', 'POST', '/password-resets', { email: link.email })).status).toBe(422)
    await must(null, 'POST', '/password-resets', { email: link.email })
    expect(await must('operator', 'GET', '/password-resets')).toEqual([])
    expect((await verb('unsuspend', 'bob@example.com', 'He stopped.')).body).toMatchObject({ suspended_at: null })
    expect((await house.ask('bob', 'GET', '/account')).status).toBe(200)
    expect((await byCookie()).statusCode).toBe(200)
  })

  test('may have been an operator: nobody stops or demotes themselves, and one always stays', async () => {
    expect((await verb('suspend', 'operator@example.com')).body.message).toContain('can not suspend yourself')
    expect((await verb('unmake-operator', 'operator@example.com')).body.message).toContain(
      'nobody could give them back',
    )
    expect((await verb('make-operator', 'eve@example.com')).body.is_operator).toBe(true)
    // Each stops the other at once.
    const each = await Promise.all([
      house.ask('operator', 'POST', '/accounts/eve@example.com/actions/unmake-operator', { reason: 'first' }),
      house.ask('eve', 'POST', '/accounts/operator@example.com/actions/suspend', { reason: 'second' }),
    ])
    expect(each.map(({ status }) => status).sort()).toEqual([200, 403])
    const left = await sql<{ email: string }>`select email from accounts
      where is_operator and suspended_at is null`.execute(house.db)
    expect(left.rows.length).toBe(1)
    await sql`update accounts set suspended_at = null, suspended_reason = null,
      is_operator = email = 'operator@example.com'`.execute(house.db)
  })

  test('is a person: a team is not suspended, a stranger is not found, and a reason is asked for', async () => {
    expect((await verb('suspend', 'crew')).status).toBe(422)
    expect((await verb('suspend', 'nobody@example.com')).status).toBe(404)
    expect((await verb('suspend', 'eve@example.com', '  ')).status).toBe(422)
    expect((await house.ask('ann', 'POST', '/accounts/eve@example.com/actions/suspend', { reason: 'x' })).status).toBe(
      403,
    )
  })
})

describe('the trail', () => {
  const told = async (who: 'ann' | 'bob' | 'operator', path: string) =>
    (await must(who, 'GET', path, undefined, { range: 'seq ..; order=desc, max=50' })).map(
      ({ actor, action, resource, subject }: never) =>
        `${(actor as { email: string }).email.split('@')[0]} ${action} ${resource} ${(subject as { name: string }).name}`,
    )

  test('of an account tells its owner of tokens, teams and what the operator did, and nobody else', async () => {
    const made = await must('bob', 'POST', '/oauth/authorizations', { description: 'a laptop' })
    await must('bob', 'DELETE', `/oauth/authorizations/${made.id}`)
    await must('operator', 'PATCH', '/users/bob@example.com/quotas', { updates: [{ name: 'apps', limit: 3 }] })
    const list = await must('bob', 'GET', '/account/activity', undefined, { range: 'seq ..; order=desc' })
    const words = list.map((one: { action: string; resource: string }) => `${one.resource} ${one.action}`)
    expect(words).toEqual([
      'quota update',
      'authorization destroy',
      'authorization create',
      'account update',
      'account update',
      'team-member create',
    ])
    expect(list[0]).toMatchObject({ data: { apps: 3 }, previous_data: { apps: 'as everybody' } })
    expect(list[4]).toMatchObject({
      data: { state: 'suspended', reason: 'Mined coins.' },
      actor: { email: 'operator@example.com' },
    })
    expect(JSON.stringify(list)).not.toContain(made.access_token.token)
    const hers = await must('ann', 'GET', '/account/activity')
    expect(JSON.stringify(hers)).not.toContain('bob')
    const byOperator = await must('operator', 'GET', '/activity?eq[account]=bob@example.com')
    expect(byOperator.map((one: { id: string }) => one.id).sort()).toEqual(
      list.map((one: { id: string }) => one.id).sort(),
    )
    const some = await must('bob', 'GET', '/account/activity?eq[resource]=quota')
    expect(some.length).toBe(1)
  })

  test('of a team tells its admins who invited whom and who changed which role', async () => {
    await must('ann', 'PATCH', '/teams/crew/members', { email: 'bob@example.com', role: 'member' })
    await must('ann', 'PATCH', '/teams/crew/members', { email: 'bob@example.com', role: 'member' })
    const invitation = await must('ann', 'PUT', '/teams/crew/invitations', { email: 'eve@example.com', role: 'viewer' })
    await must('eve', 'POST', `/teams/invitations/${invitation.token}/accept`)
    await must('ann', 'POST', '/teams/crew/allowed-addon-services', { addon_service: 'fast-db' })
    await must('ann', 'DELETE', '/teams/crew/allowed-addon-services/fast-db')
    await must('eve', 'DELETE', '/teams/crew/members/eve@example.com')
    await must('ann', 'PATCH', '/teams/crew', { name: 'band' })
    expect(await told('ann', '/teams/band/activity')).toEqual([
      'ann update team band',
      'eve destroy team-member eve@example.com',
      'ann destroy allowed-service fast-db',
      'ann create allowed-service fast-db',
      'eve create team-member eve@example.com',
      'ann create team-invitation eve@example.com',
      'ann update team-member bob@example.com',
      'ann create team-member bob@example.com',
      'ann create owned-app crew-app',
      'ann create team crew',
    ])
    expect((await house.ask('bob', 'GET', '/teams/band/activity')).status).toBe(403)
    expect((await house.ask('eve', 'GET', '/teams/band/activity')).status).toBe(404)
    const all = await must('ann', 'GET', '/teams/band/activity')
    expect(JSON.stringify(all)).not.toContain(invitation.token)
  })

  test('of a team tells which apps were made in it, came into it and left it; of a person what was given and taken', async () => {
    await must('ann', 'POST', '/teams', { name: 'guild' })
    await must('ann', 'POST', '/teams/guild/members', { email: 'eve@example.com', role: 'member' })
    await must('eve', 'POST', '/teams/apps', { name: 'made-here', team: 'guild' })
    await must('ann', 'POST', '/apps', { name: 'wanders' })
    await must('ann', 'PATCH', '/teams/apps/wanders', { owner: 'guild' })
    await must('ann', 'PATCH', '/teams/apps/wanders', { owner: 'eve@example.com' })
    const offer = await must('eve', 'POST', '/account/app-transfers', { app: 'wanders', recipient: 'ann@example.com' })
    await must('ann', 'PATCH', `/account/app-transfers/${offer.id}`, { state: 'accepted' })
    await must('ann', 'DELETE', '/apps/made-here')
    const owned = async (who: 'ann' | 'eve', path: string) =>
      (await must(who, 'GET', `${path}/activity?eq[resource]=owned-app`)).map(
        ({ actor, action, data }: { actor: { email: string }; action: string; data: Record<string, string> }) =>
          [actor.email, action, data['name'], data['from'] ?? data['to'] ?? null]
            .join(' ')
            .replaceAll('@example.com', ''),
      )
    expect(await owned('ann', '/teams/guild')).toEqual([
      'eve create made-here ',
      'ann create wanders ann',
      'ann destroy wanders eve',
      'ann destroy made-here ',
    ])
    expect(await owned('ann', '/account')).toEqual(['ann destroy wanders guild', 'ann create wanders eve'])
    expect(await owned('eve', '/account')).toEqual(['ann create wanders guild', 'ann destroy wanders ann'])
  })
})

import { afterAll, beforeAll, expect, test } from 'vitest'
import { type House, testHouse } from '../start/test-house.js'

type Person = 'operator' | 'leaver' | 'owner' | 'mate'
let house: House<Person>
beforeAll(async () => {
  house = await testHouse(['operator', 'leaver', 'owner', 'mate'])
})
afterAll(async () => {
  expect(house.faults).toEqual([])
  await house.end()
})
const refusal = async (who: Person, url = '/account') => {
  const { status, body } = await house.ask(who, 'DELETE', url)
  return [status, body.message]
}

test('an account that owns something stays, and is told what to do first', async () => {
  await house.ask('owner', 'POST', '/apps', { name: 'owned' })
  expect(await refusal('owner')).toEqual([422, expect.stringContaining('owned. Destroy them or transfer them')])
  await house.ask('owner', 'DELETE', '/apps/owned')
  await house.ask('owner', 'POST', '/teams', { name: 'crew' })
  expect(await refusal('owner', '/users/~')).toEqual([422, expect.stringContaining('only admin of crew')])
  await house.push('their-db', 'mate')
  expect(await refusal('mate')).toEqual([422, expect.stringContaining('provider of their-db')])
  expect(await refusal('operator')).toEqual([422, expect.stringContaining('only operator')])
  expect(await refusal('owner', '/users/mate@example.com')).toEqual([404, expect.anything()])
  expect((await house.ask('owner', 'GET', '/account')).status).toBe(200)
})

test('an account that leaves is out at once, everywhere, and its address is free', async () => {
  await house.ask('owner', 'POST', '/apps', { name: 'shared' })
  await house.ask('owner', 'POST', '/apps/shared/collaborators', { user: 'leaver@example.com' })
  await house.ask('owner', 'POST', '/teams/crew/members', { email: 'leaver@example.com', role: 'member' })
  await house.ask('owner', 'POST', '/account/app-transfers', { app: 'shared', recipient: 'leaver@example.com' })
  const { id } = house.people.leaver
  const left = await house.ask('leaver', 'DELETE', '/users/leaver@example.com')
  expect(left).toMatchObject({ status: 200, body: { id, email: 'leaver@example.com' } })

  expect((await house.ask('leaver', 'GET', '/account')).status).toBe(401)
  const emails = async (url: string) =>
    (await house.ask('owner', 'GET', url)).body.map((one: { user: { email: string } }) => one.user.email)
  expect(await emails('/apps/shared/collaborators')).toEqual(['owner@example.com'])
  expect(await emails('/teams/crew/members')).toEqual(['owner@example.com'])
  expect((await house.ask('owner', 'GET', '/account/app-transfers')).body[0].state).toBe('declined')
  for (const user of [id, 'leaver@example.com', `${id}@deleted.invalid`]) {
    const add = await house.ask('owner', 'POST', '/apps/shared/collaborators', { user })
    expect([user, add.status]).toEqual([user, 404])
  }
  const invited = await house.ask('operator', 'POST', '/invites', { email: 'leaver@example.com' })
  expect(invited.status).toBe(201)
})

test('preferences are kept for oneself, and what is not set is null', async () => {
  const before = (await house.ask('mate', 'GET', '/users/~/preferences')).body
  expect(new Set(Object.values(before))).toEqual(new Set([null]))
  const change = { timezone: 'Europe/Dublin', 'dismissed-sms-banner': true, unheard: 'of' }
  const { body } = await house.ask('mate', 'PATCH', '/users/~/preferences', change)
  expect(body).toEqual({ ...before, timezone: 'Europe/Dublin', 'dismissed-sms-banner': true })
  expect((await house.ask('mate', 'GET', '/users/mate@example.com/preferences')).body).toEqual(body)
  expect((await house.ask('owner', 'GET', '/users/mate@example.com/preferences')).status).toBe(404)
})

test("the own account is changed under each of its names, and nobody else's", async () => {
  expect((await house.ask('mate', 'PATCH', '/users/~', { name: 'Mate' })).body.name).toBe('Mate')
  expect((await house.ask('owner', 'PATCH', '/users/mate@example.com', { name: 'X' })).status).toBe(404)
  const nobody = { scheduled_deletion_time: null, scheduled_suspension_time: null }
  expect((await house.ask('mate', 'GET', '/account/delinquency')).body).toEqual(nobody)
  expect((await house.ask('owner', 'GET', '/teams/crew/delinquency')).body).toEqual(nobody)
})

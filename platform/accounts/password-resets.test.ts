import { afterAll, beforeAll, expect, test } from 'vitest'
import { type House, testHouse } from '../start/test-house.js'

let house: House<'operator' | 'forgetful' | 'other'>
beforeAll(async () => {
  house = await testHouse(['operator', 'forgetful', 'other'])
})
afterAll(async () => {
  expect(house.faults).toEqual([])
  await house.end()
})
const email = 'forgetful@example.com'
const chosen = 'a-new-long-password'
const reset = (who: 'operator' | 'other' | null, of = email) =>
  house.ask(who, 'POST', '/password-resets', { email: of })
const finalize = (secret: string, password = chosen, confirmation = password) =>
  house.ask(null, 'POST', `/password-resets/${secret}/actions/finalize`, {
    password,
    password_confirmation: confirmation,
  })
const waiting = async () =>
  (await house.ask('operator', 'GET', '/password-resets')).body.map(
    (one: { user: { email: string } }) => one.user.email,
  )

test('whoever asks is told the same, whether there is such an account or not, and only the operator sees who asked', async () => {
  const known = await reset(null)
  const unknown = await reset(null, 'nobody@example.com')
  expect([known.status, unknown.status]).toEqual([201, 201])
  expect(Object.keys(known.body)).toEqual(Object.keys(unknown.body))
  expect(known.text).not.toContain(house.people.forgetful.id)
  // Of one's own making: asking again shows nothing new.
  expect((await reset(null)).body.user).toEqual(known.body.user)
  expect((await reset('other')).body.url).toBeUndefined()
  expect(await waiting()).toEqual([email])
  expect((await house.ask('other', 'GET', '/password-resets')).status).toBe(403)
  expect((await reset(null, 'no address')).status).toBe(422)
})

test("the operator's link sets the password once, and the request is off the list", async () => {
  const made = await reset('operator')
  expect(made.body.user).toEqual({ id: house.people.forgetful.id, email })
  expect(await waiting()).toEqual([])
  const secret = new URL(made.body.url).pathname.split('/').at(-1) ?? ''
  expect((await finalize(secret, 'short')).status).toBe(422)
  expect((await finalize(secret, chosen, 'another-long-password')).body.message).toContain('differ')
  const done = await finalize(secret)
  expect(done).toMatchObject({ status: 200, body: { user: { id: house.people.forgetful.id, email } } })
  expect(done.text).not.toContain(chosen)
  const signIn = await house.ask(null, 'POST', '/web/session', { email, password: chosen }, { 'x-mortise-web': '1' })
  expect(signIn.status).toBe(201)
  expect((await finalize(secret)).body).toMatchObject({ id: 'not_found', resource: 'password_reset' })
  expect((await finalize('guessed')).status).toBe(404)
  expect((await reset('operator', 'nobody@example.com')).status).toBe(404)
})

test('an invite for a new account is no password reset', async () => {
  const { body } = await house.ask('operator', 'POST', '/invites', { email: 'new@example.com' })
  expect((await finalize(new URL(body.url).pathname.split('/').at(-1) ?? '')).status).toBe(404)
})

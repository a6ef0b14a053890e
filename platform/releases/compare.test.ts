import { afterAll, beforeAll, expect, test } from 'vitest'
import { takeConfigNames } from '../attachments/store.js'
import { transact } from '../db/db.js'
import { type House, testHouse } from '../start/test-house.js'

let house: House<'ann' | 'bob'>
beforeAll(async () => {
  house = await testHouse(['ann', 'bob'])
  await house.push('fast-db', 'ann')
})
afterAll(async () => {
  expect(house.faults).toEqual([])
  await house.end()
})

async function must(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', url: string, body?: object) {
  const answer = await house.ask('ann', method, url, body)
  expect([method, url, answer.status < 300, answer.text]).toEqual([method, url, true, answer.text])
  return answer.body
}

test('what a release changed, and what going back to one would change, in names and never in values', async () => {
  const app = await must('POST', '/apps', { name: 'shop' })
  await must('PATCH', '/apps/shop/config-vars', { GREETING: 'hello-secret', COLOUR: 'blue', FAST_DB_URL: 'my-own' })
  await must('PATCH', '/apps/shop/config-vars', { GREETING: 'other-secret', COLOUR: null, SIZE: 'large' })
  const compared = (release: string, query = '') => must('GET', `/apps/shop/releases/${release}/comparison${query}`)

  const none = { add_ons: { attached: [], detached: [], renewed: [] }, slug: { changed: false, from: null, to: null } }
  expect(await compared('v1')).toMatchObject({
    ...none,
    from: null,
    config_vars: { added: [], changed: [], removed: [] },
  })
  expect(await compared('v2')).toMatchObject({
    ...none,
    from: { version: 1 },
    to: { version: 2 },
    config_vars: { added: ['COLOUR', 'FAST_DB_URL', 'GREETING'], changed: [], removed: [], kept: [] },
  })
  expect((await compared('v3')).config_vars).toEqual({
    added: ['SIZE'],
    changed: ['GREETING'],
    removed: ['COLOUR'],
    kept: [],
  })
  expect(await compared('v2', '?with=now')).toMatchObject({
    ...none,
    from: { version: 3 },
    to: { version: 2 },
    config_vars: { added: ['COLOUR'], changed: ['GREETING'], removed: ['SIZE'], kept: [] },
  })

  // An add-on that takes a name of the app's own keeps it when one goes back.
  await must('PATCH', '/apps/shop/config-vars', { FAST_DB_URL: null })
  const addonId = await house.addon('fast-db:mini', { id: app.id, ownerId: house.people.ann.id }, 'fast-db-1')
  const [attachment] = (await house.pool.query('select id from attachments where addon_id = $1', [addonId])).rows
  await transact(house.db, (tx) => takeConfigNames(tx, app.id, ['FAST_DB_URL'], attachment.id))
  await must('PATCH', '/apps/shop/config-vars', { SIZE: 'small' })
  const attached = [{ name: 'FAST_DB', addon: expect.objectContaining({ name: 'fast-db-1' }) }]
  expect((await compared('v5')).add_ons).toEqual({ attached, detached: [], renewed: [] })
  const back = await compared('v2', '?with=now')
  expect(back.config_vars).toEqual({
    added: ['COLOUR'],
    changed: ['GREETING'],
    removed: ['SIZE'],
    kept: ['FAST_DB_URL'],
  })
  await must('POST', '/apps/shop/releases', { release: 'v2' })
  const made = (await compared('v6')).config_vars
  expect(made).toEqual({ ...back.config_vars, kept: [] })
  for (const secret of ['hello-secret', 'other-secret', 'postgres://'])
    expect(JSON.stringify(back)).not.toContain(secret)
})

test('whoever may not see the app compares nothing, and it is said what can be compared', async () => {
  expect((await house.ask('bob', 'GET', '/apps/shop/releases/v1/comparison')).status).toBe(404)
  expect((await house.ask('ann', 'GET', '/apps/shop/releases/v99/comparison')).status).toBe(404)
  expect((await house.ask('ann', 'GET', '/apps/shop/releases/v1/comparison?with=later')).status).toBe(422)
})

import { afterEach, describe, expect, test } from 'vitest'
import type { Lie } from '../../test/lying-provider.js'
import type { Addon } from '../addons/addon.js'
import { addonById } from '../addons/store.js'
import { findApp } from '../apps/store.js'
import { rotationHours } from '../catalog/rotation-store.js'
import { findPlan } from '../catalog/store.js'
import { rows, sql } from '../db/db.js'
import { type TestLifecycle, testLifecycle, whatIsWrong } from './test-lifecycle.js'
import { changePlan } from './upgrade-addon.js'

// What real providers teach a platform: the numbers are those of docs/decisions/what-providers-teach.md, which names the
// tests of those that are held elsewhere.

let t: TestLifecycle
afterEach(async () => {
  expect(await whatIsWrong(t)).toEqual([])
  await t.stop()
})
const begin = async (given: Parameters<typeof testLifecycle>[0] = {}) => {
  t = await testLifecycle(given)
  return t
}
const sent = (method: string) => t.provider.received.filter((one) => one.method === method)
const upgrade = async (addon: Addon) => {
  const plan = await findPlan(t.db, 'fast-db:large')
  if (!plan) throw new Error('no plan')
  return changePlan(t.life.deps, t.life.stories.changePlan, { addon, plan, actor: t.actor })
}
const config = { FAST_DB_URL: 'fast://x' }
const done = (status: number, body?: unknown, headers: Record<string, string> = {}): Lie => ({
  acts: true,
  status,
  body,
  headers,
})
const html = { 'content-type': 'text/html' }

describe('1: no JSON is needed to say yes', () => {
  test.each([
    ['ok as text', done(200, 'ok')],
    ['ok as HTML', done(200, 'ok', html)],
    ['an empty body', done(200)],
    ['an empty object', done(201, {})],
    ['204', done(204)],
    ['202', done(202)],
  ])('to a plan change: %s', async (_, lie) => {
    await begin()
    const addon = await t.create(await t.newApp())
    t.provider.lie('PUT', lie)
    await upgrade(addon)
    expect((await addonById(t.db, addon.id))?.planName).toBe('fast-db:large')
  })

  test.each([
    ['200 with text', done(200, 'ok')],
    ['200 with HTML', done(200, '<p>ok</p>', html)],
    ['204', done(204)],
  ])('to a removal: %s', async (_, lie) => {
    await begin()
    const addon = await t.create(await t.newApp())
    t.provider.lie('DELETE', lie)
    expect((await t.remove(addon.id)).state).toBe('deprovisioned')
    expect((await t.debt(addon.id))?.state).toBe('clear')
  })

  test('and a provision is read whatever type it says it has', async () => {
    await begin()
    t.provider.lie('POST', done(200, JSON.stringify({ id: 7, config }), html))
    expect((await t.create(await t.newApp())).state).toBe('provisioned')
  })
})

describe('2: ids are the affair of the provider', () => {
  test('numbers and the same one twice are taken, and ours tells them apart', async () => {
    await begin()
    t.provider.lie('POST', done(201, { id: 456, config }), done(201, { id: 456, config }))
    const one = await t.create(await t.newApp())
    const two = await t.create(await t.newApp())
    expect([one.providerId, two.providerId]).toEqual(['456', '456'])
    await t.remove(one.id)
    expect((await addonById(t.db, two.id))?.state).toBe('provisioned')
  })

  test('one that is another at the second try is kept as it was said last', async () => {
    await begin()
    t.provider.lie('POST', done(500, 'oops'), done(201, { id: 'second', config }))
    const addon = await t.create(await t.newApp())
    t.advance(10_000)
    await t.work()
    expect(await addonById(t.db, addon.id)).toMatchObject({ state: 'provisioned', providerId: 'second' })
    expect(new Set(sent('POST').map(({ body }) => body?.['uuid']))).toEqual(new Set([addon.id]))
  })
})

describe('3: every spelling of success counts', () => {
  test.each([200, 201])('%i to a provision', async (status) => {
    await begin()
    t.provider.lie('POST', done(status, { id: 'x', config }))
    expect((await t.create(await t.newApp())).state).toBe('provisioned')
  })
  test.each([200, 204, 410])('%i to a removal', async (status) => {
    await begin()
    const addon = await t.create(await t.newApp())
    t.provider.lie('DELETE', done(status))
    expect((await t.remove(addon.id)).state).toBe('deprovisioned')
  })
})

test('4: null messages, no config, and fields that nobody knows are no fault', async () => {
  await begin({ configVars: [] })
  t.provider.lie('POST', done(201, { id: 'x', message: null, config: null, colour: 'blue', links: [] }))
  const addon = await t.create(await t.newApp())
  expect([addon.state, addon.provisionMessage]).toEqual(['provisioned', ''])
})

describe('5 and 6: what is sent', () => {
  test('is the union of all generations, options as texts, and the literal headers', async () => {
    await begin({ requires: ['many_per_app', 'log_input', 'syslog_drain'] })
    const app = await t.newApp()
    const addon = await t.create(app, { options: { size: 3, ha: true, region: 'x', nothing: null } })
    const [post] = sent('POST')
    const number = (await findApp(t.db, app.id))?.number
    expect(post?.body).toEqual({
      uuid: addon.id,
      heroku_id: `app${number}@heroku.com`,
      name: addon.name,
      plan: 'small',
      region: 'amazon-web-services::us-east-1',
      callback_url: `http://localhost:5055/addons/${addon.id}`,
      options: { size: '3', ha: 'true', region: 'x' },
      oauth_grant: {
        code: expect.any(String),
        type: 'authorization_code',
        // Heroku's has no fractions of a second either, and providers read it by a fixed pattern.
        expires_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      },
      logplex_token: null,
      log_input_url: expect.stringMatching(/^http:\/\/token:t\./),
      log_drain_token: expect.stringMatching(/^d\./),
    })
    expect(post?.headers).toMatchObject({
      'content-type': 'application/json',
      accept: 'application/vnd.heroku-addons+json; version=3',
    })
    await upgrade(addon)
    const [put] = sent('PUT')
    expect(put?.body).toEqual({ plan: 'large', uuid: addon.id, heroku_id: `app${number}@heroku.com` })
    expect(put?.headers['accept']).toBe('application/vnd.heroku-addons+json; version=3')
    await t.remove(addon.id)
    expect(sent('DELETE')[0]?.headers['content-type']).toBeUndefined()
  })

  test('to the first generation: its Accept, and a callback that its App Info answers', async () => {
    await begin({ version: '1', requires: ['attachable'] })
    const app = await t.newApp()
    await t.create(app)
    const [post] = sent('POST')
    expect(post?.headers['accept']).toBe('application/json')
    const number = (await findApp(t.db, app.id))?.number
    expect(post?.body?.['callback_url']).toBe(`http://localhost:5055/vendor/apps/app${number}%40heroku.com`)
  })

  test('a DELETE that is refused for its Accept is asked once more with any, and only then', async () => {
    await begin()
    const addon = await t.create(await t.newApp())
    t.provider.lie('DELETE', { status: 406 })
    expect((await t.remove(addon.id)).state).toBe('deprovisioned')
    expect(sent('DELETE').map(({ headers }) => headers['accept'])).toEqual([
      'application/vnd.heroku-addons+json; version=3',
      '*/*',
    ])
  })
})

describe('7: what stands in the path', () => {
  test('is our uuid for the newer contract', async () => {
    await begin()
    t.provider.lie('POST', done(201, { id: 'theirs', config }))
    const addon = await t.create(await t.newApp())
    await upgrade(addon)
    expect(sent('PUT')[0]?.path).toBe(`/heroku/resources/${addon.id}`)
  })

  test("is the provider's id for the first one, escaped", async () => {
    await begin({ version: '1' })
    t.provider.lie('POST', done(201, { id: 'a/b c?d', config }))
    const addon = await t.create(await t.newApp())
    t.provider.lie('PUT', done(200, 'ok'))
    await upgrade(addon)
    t.provider.lie('DELETE', done(200, 'ok'))
    await t.remove(addon.id)
    t.provider.resources.clear()
    expect([sent('PUT')[0]?.path, sent('DELETE')[0]?.path]).toEqual([
      '/heroku/resources/a%2Fb%20c%3Fd',
      '/heroku/resources/a%2Fb%20c%3Fd',
    ])
  })
})

describe('12: a password that is being replaced', () => {
  const renewed = 'renewed-password-0123456789abcdef'
  const pushRenewed = () => t.push({ api: { ...t.manifest.api, password: renewed } })

  test('a provider that does not know the new one yet is asked with the old one, for a day', async () => {
    await begin()
    await pushRenewed()
    const addon = await t.create(await t.newApp())
    expect(addon.state).toBe('provisioned')
    expect(sent('POST').map(({ headers }) => headers.authorization)).toHaveLength(2)
    await t.remove(addon.id)
    t.advance((rotationHours * 60 + 1) * 60_000)
    await expect(t.create(await t.newApp())).rejects.toThrow(/do not understand each other/)
  })

  test('a 401 to both is a fault of the set-up, and neither password is in what we keep', async () => {
    await begin()
    await pushRenewed()
    const echo = (words: string): Lie => ({ status: 401, body: { message: words } })
    t.provider.lie('POST', echo(renewed), echo(t.manifest.api.password))
    await expect(t.create(await t.newApp())).rejects.toThrow(/do not understand each other/)
    const kept = JSON.stringify(await rows(t.db, sql`select * from attempts`))
    expect(kept).not.toContain(renewed)
    expect(kept).not.toContain(t.manifest.api.password)
  })
})

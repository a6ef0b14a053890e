import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type ProvidedHouse, providedHouse, value } from './test-provided.js'

let house: ProvidedHouse<'ann' | 'bob' | 'eve'>
const must = (...asked: Parameters<typeof house.must>) => house.must(...asked)

beforeAll(async () => {
  house = await providedHouse(['ann', 'bob', 'eve'], { 'fast-db': {}, 'slow-db': {} })
})
afterAll(async () => {
  expect(house.faults).toEqual([])
  await house.end()
})

let number = 0
let app = ''
beforeEach(async () => {
  app = `shop-${++number}`
  await must('ann', 'POST', '/apps', { name: app })
})
const change = (body: object, query = '', who: 'ann' | 'bob' | 'eve' = 'ann') =>
  house.ask(who, 'POST', `/apps/${app}/changes${query}`, body)
const vars = async () => must('ann', 'GET', `/apps/${app}/config-vars`)
const releases = async () => (await must('ann', 'GET', `/apps/${app}/releases`)).length

describe('several changes in one call', () => {
  test('are one release, and can be read again', async () => {
    const made = await change({
      config: { COLOUR: 'blue' },
      create: [{ plan: 'fast-db:mini', attachment: { name: 'MAIN' }, name: `db-of-${app}` }, { plan: 'fast-db' }],
    })
    expect([made.status, made.body.state, made.body.message]).toEqual([201, 'done', null])
    expect(await vars()).toEqual({ COLOUR: 'blue', MAIN_URL: value, FAST_DB_URL: value })
    expect(await releases()).toBe(2)
    expect(made.body.release).toMatchObject({ version: 2, description: made.body.description })
    expect(made.body.config_vars).toEqual({ added: ['COLOUR', 'FAST_DB_URL', 'MAIN_URL'], changed: [], removed: [] })
    expect(made.body.price).toEqual({ cents: 1000, unit: 'month' })
    expect(made.body.add_ons[0]).toMatchObject({ name: `db-of-${app}`, plan: 'fast-db:mini', attachment: 'MAIN' })
    expect(await must('ann', 'GET', `/apps/${app}/changes/${made.body.id}`)).toEqual(made.body)
    const addon = await must('ann', 'GET', `/addons/db-of-${app}`)
    expect([addon.id, addon.state]).toEqual([made.body.add_ons[0].id, 'provisioned'])
  })

  test('dry_run says it all and does nothing; other spellings are refused', async () => {
    const body = { config: { A: '1' }, create: [{ plan: 'fast-db:standard-0' }] }
    const asked = house.provider('fast-db').received.length
    const would = await change(body, '?dry_run=true')
    expect([would.status, would.body.state, would.body.id, would.body.release]).toEqual([200, 'preview', null, null])
    expect(would.body.config_vars.added).toEqual(['A', 'FAST_DB_URL'])
    expect(would.body.price.cents).toBe(5000)
    expect([await releases(), house.provider('fast-db').received.length, await vars()]).toEqual([1, asked, {}])
    expect((await change(body, '?dry_run=maybe')).status).toBe(422)
    expect((await change(body, '?dry_run=false')).status).toBe(201)
  })

  test('a refusal of one leaves the app as it was, in the words of its provider', async () => {
    house.provider('slow-db').lie('POST', { status: 422, body: { message: 'No more room.' } })
    const refused = await change({
      config: { A: '1' },
      create: [{ plan: 'fast-db:mini' }, { plan: 'slow-db:standard-0' }],
    })
    expect([refused.status, refused.body]).toEqual([
      422,
      { id: 'provider_refused', message: 'slow-db: No more room. Nothing of this change was made.' },
    ])
    expect([await vars(), await releases()]).toEqual([{}, 1])
  })

  test('a slow provider: 202, then the same change is done; what waits is said', async () => {
    house.provider('fast-db').lie('POST', { acts: true, status: 202, body: { id: 'later' } })
    const begun = await change({ config: { A: '1' }, create: [{ plan: 'fast-db:mini', name: `late-${app}` }] })
    expect([begun.status, begun.body.state, begun.body.release]).toEqual([202, 'pending', null])
    expect(begun.body.message).toBe(`Waits for the providers of late-${app}.`)
    expect(await vars()).toEqual({})
    // Given up by removing what it waits for.
    await must('ann', 'DELETE', `/apps/${app}/addons/late-${app}`)
    await expect
      .poll(async () => {
        await house.work()
        return (await must('ann', 'GET', `/apps/${app}/changes/${begun.body.id}`)).state
      })
      .toBe('failed')
    expect((await must('ann', 'GET', `/apps/${app}/changes/${begun.body.id}`)).message).toContain('was removed')
    expect([await vars(), await releases()]).toEqual([{}, 1])
  })

  test('what would be lost is asked for by the name of the app', async () => {
    await must('ann', 'PATCH', `/apps/${app}/config-vars`, { FAST_DB_URL: 'mine' })
    const body = { config: { A: '1' }, create: [{ plan: 'fast-db:mini', attachment: { name: 'FAST_DB' } }] }
    const asked = await change(body)
    expect([asked.status, asked.body.id]).toEqual([423, 'confirmation_required'])
    expect(asked.body.message).toContain('the config var FAST_DB_URL')
    expect(asked.headers['x-confirmation-required']).toBe(app)
    expect((await change(body, '?dry_run=true')).body).toMatchObject({
      overwrites: ['the config var FAST_DB_URL'],
      config_vars: { added: ['A'], changed: ['FAST_DB_URL'], removed: [] },
    })
    const done = await change({ ...body, confirm: app })
    expect([done.status, await vars()]).toEqual([201, { A: '1', FAST_DB_URL: value }])
  })

  test('what is wrong is said before anybody is asked', async () => {
    const asked = house.provider('fast-db').received.length
    const create = [{ plan: 'fast-db:mini' }]
    for (const [body, status, words] of [
      [{}, 422, 'Say what changes'],
      [
        { create: [...create, { plan: 'no-db' }] },
        422,
        'Couldn\'t find either the add-on service or the add-on plan of "no-db".',
      ],
      [{ create, attach: [{ addon: 'no-such-addon' }] }, 404, "Couldn't find that add-on."],
      [{ create, detach: ['NOTHING'] }, 404, 'Looked for "NOTHING"'],
      [{ create, config: { 'a b': '1' } }, 422, '"a b" can\'t be a config var'],
      [{ create: [{ plan: 'fast-db', name: 'A b' }] }, 422, 'name'],
      [{ create, config: { FAST_DB_URL: 'mine' } }, 422, 'Cannot overwrite attachment values FAST_DB_URL.'],
      [{ create: 'fast-db' }, 422, 'create'],
    ] as const) {
      const answer = await change(body)
      expect([answer.status, answer.body.message]).toEqual([status, expect.stringContaining(words)])
    }
    expect([house.provider('fast-db').received.length, await vars(), await releases()]).toEqual([asked, {}, 1])
  })
})

describe('who may', () => {
  test('a change needs operate; a viewer reads it; nobody else learns that there is one', async () => {
    await must('ann', 'POST', `/apps/${app}/collaborators`, { user: 'bob@example.com', permissions: ['view'] })
    const made = await change({ config: { A: '1' } })
    const url = `/apps/${app}/changes/${made.body.id}`
    expect((await change({ config: { A: '2' } }, '', 'bob')).status).toBe(403)
    expect((await change({ config: { A: '2' } }, '?dry_run=true', 'bob')).status).toBe(403)
    expect((await house.ask('bob', 'GET', url)).status).toBe(200)
    for (const who of ['eve', null] as const) expect([401, 404]).toContain((await house.ask(who, 'GET', url)).status)
    await must('eve', 'POST', '/apps', { name: `of-eve-${number}` })
    expect((await house.ask('eve', 'GET', `/apps/of-eve-${number}/changes/${made.body.id}`)).status).toBe(404)
    expect(await vars()).toEqual({ A: '1' })
  })

  test("nobody attaches an add-on that is not theirs to give, and a team's list of services holds", async () => {
    await must('eve', 'POST', '/apps', { name: `eves-${number}` })
    const foreign = await must('eve', 'POST', `/apps/eves-${number}/addons`, { plan: 'fast-db:mini' })
    expect((await change({ attach: [{ addon: foreign.name }] })).status).toBe(404)
    await must('ann', 'POST', '/teams', { name: `crew-${number}` })
    await must('ann', 'POST', `/teams/${`crew-${number}`}/allowed-addon-services`, { addon_service: 'slow-db' })
    await must('ann', 'POST', '/teams/apps', { name: `crew-app-${number}`, team: `crew-${number}` })
    app = `crew-app-${number}`
    const refused = await change({ config: { A: '1' }, create: [{ plan: 'slow-db' }, { plan: 'fast-db' }] })
    expect([refused.status, refused.body.message]).toEqual([403, expect.stringContaining('does not allow fast-db')])
    expect(await vars()).toEqual({})
    expect((await change({ create: [{ plan: 'slow-db' }] })).status).toBe(201)
  })
})

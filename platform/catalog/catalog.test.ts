import pg from 'pg'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type Marketplace, manifestOf, marketplace } from '../addons/test-addons.js'
import { eventsOf } from '../events/store.js'
import { tokenHash } from '../secrets/tokens.js'
import { mayInstall, noPasses } from './installable.js'
import type { Service } from './service.js'
import {
  catalogStamp,
  defaultPlan,
  findPlan,
  findPlanOf,
  findService,
  listPlans,
  manifestSecrets,
  planById,
} from './store.js'

let at: Marketplace
let abroad: Marketplace
beforeAll(async () => {
  at = await marketplace()
  abroad = await marketplace({ localhost: false })
})
afterAll(async () => {
  expect(at.faults).toEqual([])
  await at.end()
  await abroad.end()
})

const manifests = (slug: string) => `/api/v3/addons/${slug}/manifests`
const https = {
  production: { base_url: 'https://db.example.com/heroku/resources', sso_url: 'https://db.example.com/sso' },
}
const serviceNamed = async (name: string, where = at) => {
  const service = await findService(where.db, name)
  if (!service) throw new Error(`no service ${name}`)
  return service
}

test('the first push makes the service, its plans, and tells the client secret once', async () => {
  const contents = manifestOf('first-db')
  const first = await at.ask('ann', 'POST', manifests('first-db'), { contents })
  expect(first.status).toBe(201)
  expect(first.body.contents).toMatchObject({ id: 'first-db', $base: 1, api: { password: contents.api.password } })
  expect(first.body.client_secret).toHaveLength(43)
  const service = await serviceNamed('first-db')
  expect(service).toMatchObject({ state: 'alpha', protocol: 'heroku-v3', ownerId: at.people.ann.id })
  expect(service.clientSecretHash).toEqual(tokenHash(first.body.client_secret))

  const changed = { ...contents, description: 'Faster.' }
  const second = await at.ask('ann', 'POST', manifests('first-db'), { contents: changed })
  expect(second.body).toMatchObject({ contents: { description: 'Faster.', $base: 2 } })
  expect(second.body).not.toHaveProperty('client_secret')
})

test('secrets are sealed apart from the contents, and open again', async () => {
  await at.push('sealed-db')
  const service = await serviceNamed('sealed-db')
  const stored = await at.pool.query('select contents::text, sealed from manifests where id = $1', [service.manifestId])
  expect(JSON.stringify(stored.rows)).not.toMatch(/random-characters/)
  expect(stored.rows[0].sealed.toString('latin1')).not.toMatch(/random-characters/)
  expect(await manifestSecrets(at.db, at.secrets, service)).toEqual({
    password: 'password-of-32-random-characters',
    ssoSalt: 'the-salt-of-32-random-characters',
  })
  expect(service.manifest.api).not.toHaveProperty('password')
})

test('pushing what is in force makes no version; a change of a secret alone does', async () => {
  await at.push('twice-db')
  const again = await at.ask('ann', 'POST', manifests('twice-db'), { contents: manifestOf('twice-db') })
  expect([again.status, again.body.contents.$base]).toEqual([200, 1])
  const renewed = await at.push('twice-db', {}, 'ann', { password: 'another-password-of-32-characters' })
  expect(renewed.revision).toBe(2)
  const list = await at.ask('ann', 'GET', manifests('twice-db'))
  expect(list.body).toHaveLength(2)
  const old = await at.ask('ann', 'GET', `${manifests('twice-db')}/${list.body[1].id}`)
  expect(old.body.contents).toMatchObject({ $base: 1, api: { password: 'password-of-32-random-characters' } })
})

test('a push that is based on an older revision is refused, and its twin on the newest is taken', async () => {
  await at.push('based-db')
  await at.push('based-db', { description: 'One.' })
  await expect(at.push('based-db', { description: 'Two.', $base: 1 })).rejects.toThrow(/changed since you pulled it/)
  expect((await at.push('based-db', { description: 'Two.', $base: 2 })).revision).toBe(3)
})

test("nobody but the owner or the operator pushes over a service, and the portal's errors are lists", async () => {
  await at.push('owned-db')
  const stolen = await at.ask('eve', 'POST', manifests('owned-db'), {
    contents: manifestOf('owned-db', { name: 'Mine' }),
  })
  expect([stolen.status, stolen.body]).toEqual([
    403,
    { error: { base: [expect.stringContaining('another provider')] } },
  ])
  expect((await at.ask('eve', 'GET', '/api/v3/addons/owned-db/current_manifest')).status).toBe(404)
  expect((await at.ask(null, 'GET', '/api/v3/addons/owned-db/current_manifest')).body).toHaveProperty('error.base')
  const byOperator = await at.push('owned-db', { name: 'Put right' }, 'operator')
  expect(byOperator.service.ownerId).toBe(at.people.ann.id)
  const looked = await at.ask('operator', 'GET', '/api/v3/addons/owned-db/current_manifest')
  expect(looked.body.contents.api).not.toHaveProperty('password')
})

test('a bad manifest is refused with every problem, and changes nothing', async () => {
  const bad = manifestOf('bad-db', {}, { config_vars: ['LD_PRELOAD'], regions: ['mars'] })
  const answer = await at.ask('ann', 'POST', manifests('bad-db'), { contents: bad })
  expect(answer.status).toBe(422)
  expect(answer.body.error.base.join(' ')).toMatch(/LD_PRELOAD is reserved.*mars/)
  expect(await findService(at.db, 'bad-db')).toBeUndefined()
  expect((await at.ask('ann', 'POST', manifests('bad-db'), {})).body).toHaveProperty('error.base')
  const other = await at.ask('ann', 'POST', manifests('other-db'), { contents: manifestOf('bad-db') })
  expect([other.status, other.body.error.base[0]]).toEqual([422, expect.stringContaining('pushed as "other-db"')])
})

test("the house's slugs are the operator's and Heroku's are nobody's", async () => {
  await expect(at.push('mortise-fake', {}, 'eve')).rejects.toThrow(/operator's/)
  await expect(at.push('heroku-postgresql', {}, 'operator')).rejects.toThrow(/Heroku/)
  expect((await at.push('mortise-postgresql', {}, 'operator')).isNew).toBe(true)
})

test("on one's own machine short secrets pass with a warning; elsewhere they and plain http do not", async () => {
  const short = { password: 'short', sso_salt: 'salty' }
  expect((await at.push('short-db', {}, 'ann', short)).warnings.join(' ')).toMatch(/password.*too short/)
  await expect(abroad.push('short-db', {}, 'ann', { ...https, ...short })).rejects.toThrow(/16 random/)
  await expect(abroad.push('plain-db')).rejects.toThrow(/https/)
})

test('two first pushes in one moment make one service with one owner', async () => {
  const racers = ['ann', 'bob', 'eve', 'bob', 'ann'] as const
  const ends = await Promise.allSettled(racers.map((by) => at.push('raced-db', { description: by }, by)))
  const { ownerId } = await serviceNamed('raced-db')
  const won = ends.flatMap((end) => (end.status === 'fulfilled' ? [end.value] : []))
  expect(won.filter((one) => one.clientSecret !== null)).toHaveLength(1)
  for (const [index, end] of ends.entries()) {
    expect(end.status, `push ${index}`).toBe(
      at.people[racers[index] ?? 'ann'].id === ownerId ? 'fulfilled' : 'rejected',
    )
  }
  expect(await listPlans(at.db, (await serviceNamed('raced-db')).id)).toHaveLength(2)
})

test('plans follow the manifest: prices are versioned, missing plans are deleted and can come back', async () => {
  await at.push('plans-db')
  const { id } = await serviceNamed('plans-db')
  const mini = await findPlan(at.db, 'plans-db:mini')
  const standard = await findPlan(at.db, 'plans-db:standard-0')
  expect(mini).toMatchObject({ cents: 500, isDefault: true, fullName: 'plans-db:mini', humanName: 'Mini' })

  const dearer = { name: 'mini', price: { cents: 700, unit: 'month' }, features: ['1 GB'] }
  await at.push('plans-db', { plans: [dearer, { name: 'maxi', default: true, price: { cents: 900, unit: 'month' } }] })
  const after = await findPlan(at.db, 'plans-db:mini')
  expect(after).toMatchObject({ id: mini?.id, cents: 700, isDefault: false, features: ['1 GB'] })
  expect(after?.priceId).not.toBe(mini?.priceId)
  expect(await defaultPlan(at.db, id)).toMatchObject({ name: 'maxi' })
  expect(await findPlan(at.db, 'plans-db:standard-0')).toBeUndefined()
  expect((await planById(at.db, standard?.id ?? ''))?.deletedAt).toBeInstanceOf(Date)
  const prices = await at.pool.query('select cents from plan_prices where plan_id = $1 order by cents', [mini?.id])
  expect(prices.rows).toEqual([{ cents: 500 }, { cents: 700 }])

  await at.push('plans-db')
  expect(await findPlanOf(at.db, id, 'standard-0')).toMatchObject({ id: standard?.id, priceId: standard?.priceId })
  expect(await findPlanOf(at.db, id, 'other:standard-0')).toBeUndefined()
})

test('services and plans are listed in the shapes of the contract, without signing in', async () => {
  await at.push('listed-db', { description: 'A database.', categories: ['Data Stores'] })
  const services = await at.ask(null, 'GET', '/addon-services')
  expect(services.body).toContainEqual(
    expect.objectContaining({ name: 'listed-db', supports_sharing: true, description: 'A database.', state: 'alpha' }),
  )
  const plans = await at.ask(null, 'GET', '/addon-services/listed-db/plans')
  expect(plans.body.map((plan: { name: string }) => plan.name).sort()).toEqual([
    'listed-db:mini',
    'listed-db:standard-0',
  ])
  const plan = await at.ask(null, 'GET', '/plans/listed-db:mini')
  expect(plan.body).toMatchObject({ name: 'listed-db:mini', price: { cents: 500, unit: 'month' }, default: true })
  expect((await at.ask(null, 'GET', `/addon-services/listed-db/plans/mini`)).body.id).toBe(plan.body.id)
  expect((await at.ask(null, 'GET', '/addon-services/none')).body).toMatchObject({ resource: 'add_on_service' })
  expect((await at.ask(null, 'GET', '/plans/listed-db:none')).body).toMatchObject({ id: 'not_found', resource: 'plan' })
})

test('a hidden plan is listed for its provider only, and found by whoever knows its name', async () => {
  await at.push('hiding-db', {
    plans: [
      { name: 'open', default: true },
      { name: 'deal', state: 'hidden' },
    ],
  })
  const names = async (as: 'ann' | 'bob') =>
    (await at.ask(as, 'GET', '/addon-services/hiding-db/plans')).body.map((one: { name: string }) => one.name).sort()
  expect(await names('bob')).toEqual(['hiding-db:open'])
  expect(await names('ann')).toEqual(['hiding-db:deal', 'hiding-db:open'])
  expect((await at.ask('bob', 'GET', '/plans/hiding-db:deal')).status).toBe(200)
})

test('an alpha service is seen and installed by its owner only, but by everyone on a localhost installation', async () => {
  await abroad.push('secret-db', {}, 'ann', https)
  const path = '/addon-services/secret-db'
  expect((await abroad.ask('ann', 'GET', path)).status).toBe(200)
  expect((await abroad.ask('bob', 'GET', path)).body).toMatchObject({ resource: 'add_on_service' })
  expect((await abroad.ask('bob', 'GET', '/addon-services')).body).toEqual([])
  expect((await abroad.ask(null, 'GET', '/plans/secret-db:mini')).status).toBe(404)
  const alpha = await serviceNamed('secret-db', abroad)
  const { ann, bob } = abroad.people
  const mini = await findPlan(abroad.db, 'secret-db:mini')
  if (!mini) throw new Error('no plan')
  const may = (service: Service, who: string, localhost: boolean) =>
    mayInstall(service, mini, who, { localhost }, noPasses)
  expect(may(alpha, ann.id, false)).toBeNull()
  expect(may(alpha, bob.id, false)).toMatch(/alpha/)
  expect(may(alpha, bob.id, true)).toBeNull()
  expect(may({ ...alpha, state: 'beta' }, bob.id, false)).toBeNull()
  expect(may({ ...alpha, state: 'shutdown' }, ann.id, true)).toMatch(/shut down/)
})

test('the operator moves a service from stage to stage, on record, and nobody else does', async () => {
  await abroad.push('staged-db', {}, 'ann', https)
  const to = (who: 'ann' | 'operator', state: string) =>
    abroad.ask(who, 'PATCH', '/addon-services/staged-db', { state })
  expect((await to('ann', 'beta')).status).toBe(403)
  expect((await abroad.ask('bob', 'GET', '/addon-services/staged-db')).status).toBe(404)
  expect((await to('operator', 'beta')).body).toMatchObject({ name: 'staged-db', state: 'beta' })
  expect((await to('operator', 'beta')).status).toBe(200)
  expect((await abroad.ask('bob', 'GET', '/addon-services/staged-db')).body.state).toBe('beta')
  expect((await to('operator', 'famous')).status).toBe(422)
  const { id } = await serviceNamed('staged-db', abroad)
  expect(await eventsOf(abroad.db, id)).toMatchObject([
    { action: 'update', resource: 'addon-service', data: { state: 'beta' }, previousData: { state: 'alpha' } },
  ])
})

test('ga takes a green inspection of the manifest in force, at most 30 days old, or a reason that is put on record', async () => {
  await abroad.push('inspected-db', {}, 'ann', https)
  const to = (state: string, reason?: string) =>
    abroad.ask('operator', 'PATCH', '/addon-services/inspected-db', { state, ...(reason ? { reason } : {}) })
  const report = (...statuses: string[]) => {
    const checks = statuses.map((status, n) => ({ id: `c${n}`, title: 'c', status, reason: '', advice: '' }))
    return abroad.ask('ann', 'POST', '/api/v3/addons/inspected-db/inspections', { checks })
  }
  const refusal = async () => {
    const { status, body } = await to('ga')
    return status === 422 ? body.message : status
  }
  expect(await refusal()).toMatch(/was never inspected.*mortise inspect --report.*give a reason/)
  // The other stages are about who may install it, not about money.
  expect((await to('beta')).status).toBe(200)
  await report('pass', 'fail', 'fail')
  expect(await refusal()).toMatch(/failed 2 of its checks/)
  await report('pass', 'warn')
  await report('pass', 'fail')
  expect(await refusal()).toMatch(/failed 1 of its checks/)
  await report('pass', 'warn', 'skip')
  await abroad.push('inspected-db', { description: 'Another manifest.' }, 'ann', https)
  expect(await refusal()).toMatch(/was of manifest 1, which is no longer in force/)
  await report('pass')
  abroad.clock.aheadMs = 31 * 86_400_000
  expect(await refusal()).toMatch(/is 31 days old; it may be 30/)
  abroad.clock.aheadMs = 29 * 86_400_000
  expect((await to('ga')).body).toMatchObject({ state: 'ga' })
  // What is ga already is not asked again, and a reason is a way around.
  abroad.clock.aheadMs = 40 * 86_400_000
  expect((await to('ga')).status).toBe(200)
  expect((await to('beta')).status).toBe(200)
  expect((await to('ga', 'Looked at by hand.')).body).toMatchObject({ state: 'ga' })
  abroad.clock.aheadMs = 0
  const { id } = await serviceNamed('inspected-db', abroad)
  const moves = (await eventsOf(abroad.db, id)).map(({ data }) => data)
  expect(moves).toEqual([
    { name: 'inspected-db', state: 'beta' },
    { name: 'inspected-db', state: 'ga' },
    { name: 'inspected-db', state: 'beta' },
    { name: 'inspected-db', state: 'ga', reason: 'Looked at by hand.', missing: expect.stringMatching(/40 days old/) },
  ])
  expect((await abroad.ask('ann', 'PATCH', '/addon-services/inspected-db', { state: 'ga', reason: 'x' })).status).toBe(
    403,
  )
})

test('once others rely on a service, a push can not send their data elsewhere without the operator', async () => {
  await abroad.push('trusted-db', {}, 'ann', https)
  await abroad.pool.query(`update addon_services set state = 'ga' where name = 'trusted-db'`)
  const elsewhere = { production: { ...https.production, base_url: 'https://evil.example.com/heroku/resources' } }
  await expect(abroad.push('trusted-db', {}, 'ann', elsewhere)).rejects.toThrow(/base_url.*operator/)
  expect((await abroad.push('trusted-db', { description: 'New words.' }, 'ann', https)).revision).toBe(2)
  expect((await abroad.push('trusted-db', {}, 'operator', elsewhere)).revision).toBe(3)
})

test('resetting the client secret ends every access token of the service at once', async () => {
  await at.push('reset-db')
  const app = await at.app('reset-app')
  const addon = await at.addon('reset-db:mini', app)
  const token = await at.grant(addon.id)
  expect((await at.ask({ token }, 'GET', '/addons')).status).toBe(200)
  expect((await at.ask('eve', 'POST', '/api/v3/addons/reset-db/oauth')).status).toBe(404)
  const before = (await serviceNamed('reset-db')).clientSecretHash
  const reset = await at.ask('ann', 'POST', '/api/v3/addons/reset-db/oauth')
  expect(reset.status).toBe(201)
  const after = (await serviceNamed('reset-db')).clientSecretHash
  expect(after).toEqual(tokenHash(reset.body.client_secret))
  expect(after).not.toEqual(before)
  expect((await at.ask({ token }, 'GET', '/addons')).status).toBe(401)
  // On record, without the secret.
  const [fact] = await eventsOf(at.db, (await serviceNamed('reset-db')).id)
  expect(fact).toMatchObject({ action: 'update', data: { client_secret: 'reset', tokens_ended: 1 } })
  expect(JSON.stringify(fact)).not.toContain(reset.body.client_secret)
})

test('a thousand services with what they cost from are listed by as many questions as ten', async () => {
  const questions = async () => {
    const asked = vi.spyOn(pg.Client.prototype, 'query')
    try {
      const answer = await at.ask('ann', 'GET', '/addon-services')
      expect(answer.status).toBeLessThan(300)
      return { count: asked.mock.calls.length, listed: answer.body }
    } finally {
      asked.mockRestore()
    }
  }
  await at.push('many-0')
  const few = await questions()
  expect(few.listed.find((one: { name: string }) => one.name === 'many-0')).toMatchObject({
    plan_count: expect.any(Number),
    lowest_price: { cents: expect.any(Number), unit: 'month' },
    regions: ['us', 'eu'],
  })
  // As pushes leave them, copied in the database.
  await at.pool.query(`
    insert into addon_services (id, name, human_name, state, protocol, owner_id, manifest_id, client_secret_hash, created_at, updated_at)
    select gen_random_uuid(), 'copy-' || n, 'Copy ' || n, 'ga', protocol, owner_id, manifest_id, null, now(), now()
    from addon_services, generate_series(1, 1000) n where name = 'many-0'`)
  const many = await questions()
  expect(many.count).toBe(few.count)
})

test('the stamp of the catalog is another after each change that the marketplace shows, and only then', async () => {
  const first = await catalogStamp(at.db)
  expect(await catalogStamp(at.db)).toBe(first)
  await at.push('stamped-db')
  const pushed = await catalogStamp(at.db)
  expect(pushed).not.toBe(first)
  await at.push('stamped-db', { plans: [{ name: 'mini', price: { cents: 1, unit: 'month' }, default: true }] })
  const priced = await catalogStamp(at.db)
  expect(priced).not.toBe(pushed)
  expect((await at.ask('operator', 'PATCH', '/addon-services/stamped-db', { state: 'beta' })).status).toBe(200)
  expect(await catalogStamp(at.db)).not.toBe(priced)
})

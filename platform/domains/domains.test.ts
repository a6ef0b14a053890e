import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventsOf } from '../events/store.js'
import { selfSigned } from '@mortise/certificates/certificate'
import { type House, testHouse } from '../start/test-house.js'
import { hostnameOf, isReserved } from './domain.js'

let house: House<'owner' | 'other' | 'viewer'>
const day = 86_400_000
const pairFor = (hosts: string[], days = 60) =>
  selfSigned(hosts, new Date(Date.now() - 2 * day), new Date(Date.now() + days * day))
const bodyOf = (pair: { certificate: string; key: string }) => ({
  certificate_chain: pair.certificate,
  private_key: pair.key,
})

beforeAll(async () => {
  house = await testHouse(['owner', 'other', 'viewer'])
  for (const [who, name] of [
    ['owner', 'shop'],
    ['owner', 'shop-two'],
    ['other', 'rival'],
  ] as const) {
    expect((await house.ask(who, 'POST', '/apps', { name })).status).toBe(201)
  }
  await house.ask('owner', 'POST', '/apps/shop/collaborators', { user: 'viewer@example.com', permissions: ['view'] })
})
afterAll(async () => {
  expect(house.faults).toEqual([])
  await house.end()
})

const add = (who: 'owner' | 'other' | 'viewer', app: string, hostname: string, more: object = {}) =>
  house.ask(who, 'POST', `/apps/${app}/domains`, { hostname, sni_endpoint: null, ...more })

describe('a domain', () => {
  test('is added, found by its name and id, listed beside the own one, and removed, with an event each', async () => {
    const made = await add('owner', 'shop', 'WWW.Example.com.')
    expect(made.status).toBe(201)
    expect(made.body).toMatchObject({
      hostname: 'www.example.com',
      kind: 'custom',
      cname: 'shop.localhost',
      status: 'succeeded',
      sni_endpoint: null,
      acm_status: null,
    })
    for (const identity of ['www.example.com', made.body.id]) {
      expect((await house.ask('viewer', 'GET', `/apps/shop/domains/${identity}`)).body).toEqual(made.body)
    }
    const { body: list } = await house.ask('owner', 'GET', '/apps/shop/domains')
    expect(list.map(({ kind }: { kind: string }) => kind).sort()).toEqual(['custom', 'heroku'])
    const own = await house.ask('owner', 'GET', '/apps/shop/domains/shop.localhost')
    expect(own.body).toMatchObject({ kind: 'heroku', cname: null })
    expect((await house.ask('owner', 'DELETE', '/apps/shop/domains/shop.localhost')).status).toBe(422)
    expect((await house.ask('owner', 'GET', '/apps/shop-two/domains/www.example.com')).status).toBe(404)

    expect((await house.ask('owner', 'DELETE', '/apps/shop/domains/www.example.com')).body).toEqual(made.body)
    expect((await house.ask('owner', 'GET', `/apps/shop/domains/${made.body.id}`)).status).toBe(404)
    const events = await eventsOf(house.db, made.body.id)
    expect(events.map(({ action, data }) => [action, data['hostname']])).toEqual([
      ['create', 'www.example.com'],
      ['destroy', 'www.example.com'],
    ])
  })

  test('leads to one app, whoever asks', async () => {
    expect((await add('owner', 'shop', 'one.example.com')).status).toBe(201)
    for (const [who, app] of [
      ['owner', 'shop'],
      ['owner', 'shop-two'],
      ['other', 'rival'],
    ] as const) {
      const again = await add(who, app, 'one.example.com')
      expect([again.status, again.body.message]).toEqual([422, expect.stringContaining('is served for an app already')])
    }
  })

  test("reaches neither over nor under somebody else's wildcard, but its owner's own", async () => {
    expect((await add('owner', 'shop', '*.wild.example.com')).status).toBe(201)
    expect((await add('other', 'rival', 'sub.wild.example.com')).status).toBe(422)
    expect((await add('owner', 'shop-two', 'sub.wild.example.com')).status).toBe(201)
    expect((await add('owner', 'shop', 'deep.taken.example.com')).status).toBe(201)
    expect((await add('other', 'rival', '*.taken.example.com')).status).toBe(422)
  })

  test.each([
    ['mortise.example.org'],
    ['x.mortise.example.org'],
    ['*.example.org'],
    ['rival.localhost'],
    ['printer.local'],
    ['127.0.0.1'],
    ['1.2.3'],
    ['nodots'],
    ['-x.example.com'],
    ['a b.example.com'],
    ['http://example.com'],
    ['*.*.example.com'],
    ['*'],
    [`${'a'.repeat(64)}.example.com`],
  ])('can not be %s', async (hostname) => {
    const answer = await add('owner', 'shop', hostname)
    expect([answer.status, answer.body.id]).toEqual([422, 'invalid_params'])
  })

  test('may be international, and is kept as it goes over the wire', () => {
    expect(hostnameOf('müller.example')).toBe('xn--mller-kva.example')
    expect(hostnameOf('*.MÜLLER.example')).toBe('*.xn--mller-kva.example')
    expect(isReserved('example.org', ['mortise.example.org'])).toBe(false)
  })

  test('is not changed by somebody who only sees the app', async () => {
    expect((await add('viewer', 'shop', 'viewer.example.com')).status).toBe(403)
    expect((await house.ask('viewer', 'DELETE', '/apps/shop/domains/one.example.com')).status).toBe(403)
  })

  test('is free again once its app is destroyed', async () => {
    await house.ask('other', 'POST', '/apps', { name: 'short-lived' })
    expect((await add('other', 'short-lived', 'free.example.com')).status).toBe(201)
    expect((await house.ask('other', 'DELETE', '/apps/short-lived')).status).toBe(200)
    expect((await add('owner', 'shop', 'free.example.com')).status).toBe(201)
  })
})

describe('a certificate', () => {
  test('is kept without a word of its key, serves domains that it names, and is replaced by a newer one', async () => {
    const pair = pairFor(['cert.example.com', '*.cert.example.com'])
    const made = await house.ask('owner', 'POST', '/apps/shop/sni-endpoints', bodyOf(pair))
    expect(made.status).toBe(201)
    expect(made.body).toMatchObject({
      domains: [],
      ssl_cert: {
        'ca_signed?': false,
        'self_signed?': true,
        cert_domains: ['cert.example.com', '*.cert.example.com'],
        issuer: made.body.ssl_cert.subject,
      },
    })
    expect(made.body.name).toMatch(/^[a-z][a-z0-9-]{2,29}$/)
    const { name } = made.body
    const domain = await add('owner', 'shop', 'cert.example.com', { sni_endpoint: name })
    expect(domain.body.sni_endpoint).toEqual({ id: made.body.id, name })
    const unnamed = await add('owner', 'shop', 'other.example.com', { sni_endpoint: name })
    expect([unnamed.status, unnamed.body.message]).toEqual([
      422,
      expect.stringContaining('is not for other.example.com'),
    ])
    const seen = (await house.ask('viewer', 'GET', `/apps/shop/sni-endpoints/${name}`)).body
    expect(seen.domains).toEqual([domain.body.id])

    const address = `/apps/shop/sni-endpoints/${name}`
    const narrow = await house.ask('owner', 'PATCH', address, bodyOf(pairFor(['elsewhere.example.com'])))
    expect([narrow.status, narrow.body.message]).toEqual([422, expect.stringContaining('cert.example.com')])
    const renewed = await house.ask('owner', 'PATCH', address, bodyOf(pairFor(['cert.example.com'])))
    expect(renewed.body).toMatchObject({ id: made.body.id, ssl_cert: { cert_domains: ['cert.example.com'] } })

    const detached = await house.ask('owner', 'PATCH', '/apps/shop/domains/cert.example.com', { sni_endpoint: null })
    expect(detached.body.sni_endpoint).toBeNull()
    expect((await house.ask('owner', 'DELETE', address)).status).toBe(200)
    expect((await house.ask('owner', 'GET', address)).status).toBe(404)
    const events = await eventsOf(house.db, made.body.id)
    expect(events.map(({ action }) => action)).toEqual(['create', 'update', 'destroy'])
    expect(JSON.stringify(events)).not.toContain('PRIVATE')
    const { rows } = await house.pool.query(
      "select count(*)::int as n from sni_endpoints where sealed::text like '%PRIVATE%'",
    )
    expect(rows[0].n).toBe(0)
  })

  test('takes its domain along when it is removed only as a certificate: the domain stays', async () => {
    const made = await house.ask('owner', 'POST', '/apps/shop/sni-endpoints', bodyOf(pairFor(['stay.example.com'])))
    await add('owner', 'shop', 'stay.example.com', { sni_endpoint: { id: made.body.id } })
    await house.ask('owner', 'DELETE', `/apps/shop/sni-endpoints/${made.body.id}`)
    expect((await house.ask('owner', 'GET', '/apps/shop/domains/stay.example.com')).body.sni_endpoint).toBeNull()
  })

  test('removed twice at once, it is told once', async () => {
    const made = await house.ask('owner', 'POST', '/apps/shop/sni-endpoints', bodyOf(pairFor(['twice.example.com'])))
    const address = `/apps/shop/sni-endpoints/${made.body.id}`
    const waiting = async () =>
      (
        await house.pool.query(
          "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
        )
      ).rowCount
    const holder = await house.pool.connect()
    await holder.query('begin')
    await holder.query('select 1 from sni_endpoints where id = $1 for update', [made.body.id])
    // Both have found it by now.
    const removals = [1, 2].map(() => house.ask('owner', 'DELETE', address))
    await expect.poll(waiting).toBe(2)
    await holder.query('commit')
    holder.release()
    expect((await Promise.all(removals)).map(({ status }) => status).sort()).toEqual([200, 404])
    expect((await eventsOf(house.db, made.body.id)).map(({ action }) => action)).toEqual(['create', 'destroy'])
  })

  test('is refused with what is wrong about it', async () => {
    const pair = pairFor(['a.example.com'])
    const wrong: [object, string][] = [
      [{ certificate_chain: 'nonsense', private_key: pair.key }, 'holds no certificate'],
      [{ certificate_chain: pair.certificate, private_key: 'nonsense' }, 'no private key in PEM'],
      [{ certificate_chain: pair.certificate, private_key: pairFor(['b.example.com']).key }, 'does not fit'],
      [{ certificate_chain: pair.certificate.replace(/MII/, 'AAA'), private_key: pair.key }, 'can not be read'],
      [bodyOf(pairFor(['old.example.com'], -1)), 'ended on'],
      [{ certificate_chain: pair.certificate }, 'private_key'],
    ]
    for (const [body, sentence] of wrong) {
      const answer = await house.ask('owner', 'POST', '/apps/shop/sni-endpoints', body)
      expect([answer.status, answer.body.message]).toEqual([422, expect.stringContaining(sentence)])
      expect(answer.text).not.toContain(pair.key.slice(40, 80))
    }
  })
})

test('certificates are not got by themselves, and the API says so', async () => {
  for (const method of ['POST', 'PATCH'] as const) {
    const answer = await house.ask('owner', method, '/apps/shop/acm')
    expect([answer.status, answer.body.message]).toEqual([422, expect.stringContaining('certs:add')])
  }
  expect((await house.ask('owner', 'DELETE', '/apps/shop/acm')).body).toMatchObject({ name: 'shop', acm: false })
})

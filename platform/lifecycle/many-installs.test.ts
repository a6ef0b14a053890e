import { afterAll, beforeAll, expect, test } from 'vitest'
import { findService, manifestSecrets } from '../catalog/store.js'
import { one, sql } from '../db/db.js'
import { type House, testHouse } from '../start/test-house.js'

// A service with more installs than one answer of App Info holds.
const installs = 4_321
let house: House<'owner'>
let headers: Record<string, string>

beforeAll(async () => {
  house = await testHouse(['owner'])
  await house.push('old-db', 'owner')
  const { body: app } = await house.ask('owner', 'POST', '/apps', { name: 'shop' })
  const id = await house.addon('old-db:mini', { id: app.id, ownerId: house.people.owner.id }, 'old-db-1')
  await sql`insert into addons select (jsonb_populate_record(null::addons, to_jsonb(d)
      || jsonb_build_object('id', gen_random_uuid(), 'name', 'old-db-many-' || n))).*
    from addons d, generate_series(2, ${installs}::int) n where d.id = ${id}`.execute(house.db)
  const service = await findService(house.db, 'old-db')
  const { password } = await manifestSecrets(house.db, house.secrets, service!)
  headers = { authorization: `Basic ${Buffer.from(`old-db:${password}`).toString('base64')}` }
})
afterAll(async () => {
  expect(house.faults).toEqual([])
  await house.end()
})

test('whoever follows the Link headers of /vendor/apps meets every install once, forth and back', async () => {
  const { count } = await one<{ count: number }>(house.db, sql`select count(*)::int as count from addons`)
  expect(count).toBe(installs)
  const seen: string[] = []
  let at: string | undefined = '/vendor/apps'
  const sizes: number[] = []
  let last: string | undefined
  while (at) {
    const answer = await house.ask(null, 'GET', at, undefined, headers)
    expect(answer.status).toBe(200)
    sizes.push(answer.body.length)
    seen.push(...answer.body.map(({ resource }: { resource: { uuid: string } }) => resource.uuid))
    last = String(answer.headers['link'] ?? '')
    at = /<http:\/\/localhost:5055([^>]+)>; rel="next"/.exec(last)?.[1]
  }
  expect(sizes).toEqual([4_000, installs - 4_000])
  expect(new Set(seen).size).toBe(installs)
  expect(last).toContain('rel="prev"')
})

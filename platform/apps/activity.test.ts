import type { Activity } from '@mortise/contract/platform-api/activity'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type House, testHouse } from '../start/test-house.js'

let house: House<'owner' | 'other' | 'viewer' | 'operator'>
beforeAll(async () => {
  house = await testHouse(['owner', 'other', 'viewer', 'operator'])
  await house.ask('owner', 'POST', '/apps', { name: 'shop' })
  await house.ask('owner', 'POST', '/apps/shop/collaborators', { user: 'viewer@example.com', permissions: ['view'] })
  await house.ask('owner', 'PATCH', '/apps/shop/config-vars', { TOKEN: 's3cret' })
  await house.ask('owner', 'PATCH', '/apps/shop', { maintenance: true })
})
afterAll(async () => {
  expect(house.faults).toEqual([])
  await house.end()
})

const told = async (query = '', headers: Record<string, string> = {}) =>
  (await house.ask('owner', 'GET', `/apps/shop/activity${query}`, undefined, headers)).body as Activity[]
const short = (all: Activity[]) => all.map(({ action, resource }) => `${resource} ${action}`)

test('the trail of an app says who did what, with before and after, and no values', async () => {
  const all = await told()
  expect(short(all)).toEqual(['release create', 'app create', 'collaborator create', 'release create', 'app update'])
  expect(all.at(-1)).toMatchObject({
    actor: { email: 'owner@example.com' },
    data: { maintenance: true },
    previous_data: { maintenance: false },
    subject: { name: 'shop' },
  })
  expect(JSON.stringify(all)).not.toContain('s3cret')
})

test('it is narrowed by what, who and which action', async () => {
  expect(short(await told('?eq[resource]=app'))).toEqual(['app create', 'app update'])
  expect(short(await told('?eq[resource]=app&eq[action]=update'))).toEqual(['app update'])
  expect(await told('?eq[actor]=other@example.com')).toEqual([])
  expect(await told('?eq[actor]=OWNER@example.com')).toHaveLength(5)
})

test('it is read in pages, either way round, with nothing lost and nothing twice', async () => {
  for (const order of ['asc', 'desc']) {
    const whole = await told('', { range: `seq ..; order=${order}, max=1000` })
    const seen: Activity[] = []
    let range: string | undefined = `seq ..; order=${order}, max=2`
    while (range !== undefined) {
      const answer = await house.ask('owner', 'GET', '/apps/shop/activity', undefined, { range })
      seen.push(...answer.body)
      range = answer.headers['next-range'] as string | undefined
    }
    expect(seen).toEqual(whole)
  }
})

test('only those who work on the app read it', async () => {
  expect((await house.ask('viewer', 'GET', '/apps/shop/activity')).status).toBe(403)
  expect((await house.ask('other', 'GET', '/apps/shop/activity')).status).toBe(404)
})

test('the operator reads the whole installation, by app, person and time, and nobody else does', async () => {
  const all = (query = '') => house.ask('operator', 'GET', `/activity${query}`)
  expect((await house.ask('owner', 'GET', '/activity')).status).toBe(403)
  const ofShop = await all('?eq[app]=shop')
  expect(short(ofShop.body)).toEqual(short(await told()))
  expect(ofShop.body.at(-1)).toMatchObject({ app: { name: 'shop' } })
  expect((await all('?eq[app]=nothing')).status).toBe(404)
  expect((await all('?eq[actor]=nobody@example.com')).body).toEqual([])
  const since = (at: number) => `ge[created_at]=${new Date(at).toISOString()}`
  expect((await all(`?eq[app]=shop&${since(Date.now() + 60_000)}`)).body).toEqual([])
  expect((await all(`?eq[app]=shop&${since(Date.now() - 3_600_000)}`)).body.length).toBe(ofShop.body.length)
  expect((await all('?ge[created_at]=yesterday')).status).toBe(422)
})

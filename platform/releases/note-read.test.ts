import { afterAll, beforeAll, expect, test } from 'vitest'
import { type House, testHouse } from '../start/test-house.js'

let house: House<'owner' | 'other' | 'viewer'>
beforeAll(async () => {
  house = await testHouse(['owner', 'other', 'viewer'])
})
afterAll(async () => {
  expect(house.faults).toEqual([])
  await house.end()
})

let number = 0
async function shop(): Promise<string> {
  const name = `shop-${++number}`
  await house.ask('owner', 'POST', '/apps', { name })
  await house.ask('owner', 'PATCH', `/apps/${name}/config-vars`, { TOKEN: 's3cret', GREETING: 'hello' })
  return name
}
const readings = async (app: string) =>
  (await house.ask('owner', 'GET', `/apps/${app}/activity?eq[resource]=config-read`)).body

test('names are told without values and without a trace', async () => {
  const app = await shop()
  const { body, text } = await house.ask('owner', 'GET', `/apps/${app}/config-var-names`)
  expect(body).toEqual([
    { name: 'GREETING', addon: null, attachment: null },
    { name: 'TOKEN', addon: null, attachment: null },
  ])
  expect(text).not.toContain('s3cret')
  expect(await readings(app)).toEqual([])
})

test('whoever reads a value is on record with its name, and the value is not', async () => {
  const app = await shop()
  expect((await house.ask('owner', 'GET', `/apps/${app}/config-vars/TOKEN`)).body).toEqual({
    name: 'TOKEN',
    value: 's3cret',
  })
  expect(await readings(app)).toMatchObject([{ actor: { email: 'owner@example.com' }, data: { names: ['TOKEN'] } }])
  expect(JSON.stringify(await readings(app))).not.toContain('s3cret')
})

test('whoever reads all, or those of an older release, is on record too', async () => {
  const app = await shop()
  await house.ask('owner', 'GET', `/apps/${app}/config-vars`)
  await house.ask('owner', 'GET', `/apps/${app}/releases/1/config-vars`)
  await house.ask('owner', 'GET', `/apps/${app}/releases/2/config-vars`)
  expect((await readings(app)).map(({ data }: { data: object }) => data)).toEqual([
    { names: 'all' },
    { names: 'all', version: 1 },
    { names: 'all', version: 2 },
  ])
})

test('reading the same again adds nothing for an hour', async () => {
  const app = await shop()
  for (let i = 0; i < 3; i++) await house.ask('owner', 'GET', `/apps/${app}/config-vars/TOKEN`)
  expect(await readings(app)).toHaveLength(1)
})

test('a name that is not there, and an app of somebody else, tell nothing', async () => {
  const app = await shop()
  expect((await house.ask('owner', 'GET', `/apps/${app}/config-vars/NONE`)).status).toBe(404)
  expect((await house.ask('other', 'GET', `/apps/${app}/config-vars/TOKEN`)).status).toBe(404)
  expect((await house.ask('other', 'GET', `/apps/${app}/config-var-names`)).status).toBe(404)
  await house.ask('owner', 'POST', `/apps/${app}/collaborators`, { user: 'viewer@example.com', permissions: ['view'] })
  expect((await house.ask('viewer', 'GET', `/apps/${app}/config-vars/TOKEN`)).status).toBe(403)
  expect(await readings(app)).toEqual([])
})

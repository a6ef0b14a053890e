import { afterAll, beforeAll, expect, test } from 'vitest'
import { type House, testHouse } from '../start/test-house.js'

let house: House<'owner' | 'mate' | 'stranger'>
beforeAll(async () => {
  house = await testHouse(['owner', 'mate', 'stranger'])
  await house.ask('owner', 'POST', '/apps', { name: 'alone' })
  await house.ask('owner', 'POST', '/teams', { name: 'crew' })
  await house.ask('owner', 'POST', '/teams/crew/members', { email: 'mate@example.com', role: 'member' })
  await house.ask('mate', 'POST', '/teams/apps', { name: 'crew-app', team: 'crew' })
})
afterAll(async () => {
  expect(house.faults).toEqual([])
  await house.end()
})
const get = async (who: 'owner' | 'mate' | 'stranger' | null, url: string) => house.ask(who, 'GET', url)

test('generations, stacks and dyno sizes are listed, and each is found by its name and its id', async () => {
  for (const [list, one] of [
    ['/generations', '/generations'],
    ['/dyno-sizes', '/dyno-sizes'],
    ['/apps/alone/available-stacks', '/stacks'],
    ['/apps/alone/available-dyno-sizes', '/dyno-sizes'],
    ['/teams/crew/available-generations', '/generations'],
  ] as const) {
    const { status, body } = await get('owner', list)
    expect([list, status, body.length > 0]).toEqual([list, 200, true])
    for (const identity of [body[0].id, body[0].name]) {
      expect((await get('owner', `${one}/${identity}`)).body).toEqual(body[0])
    }
    expect((await get('owner', `${one}/nothing`)).body.id).toBe('not_found')
  }
  expect((await get(null, '/dyno-sizes/standard-1x')).body).toMatchObject({ name: 'Standard-1X', memory: 0.5 })
  expect((await get('owner', '/apps/alone')).body.generation).toEqual(
    (await get(null, '/generations')).body.map(({ id, name }: { id: string; name: string }) => ({ id, name }))[0],
  )
})

test('a service is capable of the regions that its manifest names', async () => {
  await house.push('far-db', 'owner')
  const { body } = await get('owner', '/addon-services/far-db/region-capabilities')
  expect(body.map((one: { region: { name: string } }) => one.region.name).sort()).toEqual(['eu', 'us'])
  expect(body[0]).toMatchObject({ addon_service: { name: 'far-db' }, supports_private_networking: false })
  const names = (answer: { body: { addon_service: { name: string } }[] }) =>
    answer.body.map((one) => one.addon_service.name)
  expect(names(await get('owner', '/regions/us/addon-region-capabilities'))).toContain('far-db')
  expect(names(await get('owner', '/addon-region-capabilities'))).toContain('far-db')
  expect((await get('owner', '/regions/mars/addon-region-capabilities')).body.resource).toBe('region')
  expect((await get('owner', '/addon-services/none/region-capabilities')).body.resource).toBe('add_on_service')
})

test('apps are filtered by id, and only those that the caller sees are told', async () => {
  const all = (await house.ask('mate', 'POST', '/filters/apps')).body
  expect(all.map(({ name, joined, locked }: Record<string, unknown>) => [name, joined, locked])).toEqual([
    ['crew-app', true, false],
  ])
  const alone = (await get('owner', '/apps/alone')).body
  const wanted = { in: { id: [alone.id, all[0].id, 'nonsense'] } }
  const seen = async (who: 'owner' | 'stranger') =>
    (await house.ask(who, 'POST', '/filters/apps', wanted)).body.map((one: { name: string }) => one.name).sort()
  expect(await seen('owner')).toEqual(['alone', 'crew-app'])
  expect(await seen('stranger')).toEqual([])
  const [ofTeam] = (await get('owner', '/teams/crew/apps')).body
  expect(ofTeam).toMatchObject({ name: 'crew-app', joined: false, locked: false })
})

test('nouns that are not here have empty lists, are not found one by one, and are refused when made', async () => {
  const lists = '/pipelines /pipeline-couplings /users/~/pipeline-couplings /teams/crew/pipeline-couplings /spaces'
  for (const list of [...lists.split(' '), '/teams/crew/spaces', '/enterprise-accounts']) {
    expect([list, await get('owner', list)]).toMatchObject([list, { status: 200, body: [] }])
  }
  for (const [single, resource] of [
    ['/pipelines/x', 'pipeline'],
    ['/pipelines/x/pipeline-couplings', 'pipeline'],
    ['/pipeline-couplings/x', 'pipeline_coupling'],
    ['/spaces/x', 'space'],
    ['/enterprise-accounts/x', 'enterprise_account'],
    ['/apps/alone/oci-images/x', 'oci_image'],
  ]) {
    expect((await get('owner', single as string)).body).toMatchObject({ id: 'not_found', resource })
  }
  for (const made of ['/pipelines', '/pipeline-couplings', '/spaces', '/apps/alone/oci-images']) {
    const { status, body } = await house.ask('owner', 'POST', made, { name: 'x' })
    expect([made, status, body.id]).toEqual([made, 422, 'invalid_params'])
  }
})

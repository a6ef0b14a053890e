import { afterAll, beforeAll, expect, test } from 'vitest'
import { chargesOf } from '../billing/store.js'
import { type House, testHouse } from '../start/test-house.js'

type Person = 'ann' | 'bob' | 'cat' | 'dan' | 'eve'
let house: House<Person>
let ask: House<Person>['ask']

beforeAll(async () => {
  house = await testHouse<Person>(['ann', 'bob', 'cat', 'dan', 'eve'])
  ask = house.ask
  for (const slug of ['fast-db', 'slow-db']) await house.push(slug, 'ann')
})
afterAll(async () => {
  expect(house.faults).toEqual([])
  await house.end()
})

const mail = (who: Person) => `${who}@example.com`
async function newTeam(name: string, members: Partial<Record<Person, string>> = {}) {
  expect((await ask('ann', 'POST', '/teams', { name })).status).toBe(201)
  for (const [who, role] of Object.entries(members)) {
    const added = await ask('ann', 'PUT', `/teams/${name}/members`, { email: mail(who as Person), role })
    expect([who, added.status]).toEqual([who, 200])
  }
}
const newApp = async (name: string, as: Person = 'ann', team?: string) => {
  const made = await (team ? ask(as, 'POST', '/teams/apps', { name, team }) : ask(as, 'POST', '/apps', { name }))
  expect([name, made.status]).toEqual([name, 201])
  return made.body
}
const statusOf = async (as: Person, url: string) => (await ask(as, 'GET', url)).status

test('a team is made by anybody, who is its admin, and no two have one name', async () => {
  const made = await ask('bob', 'POST', '/teams', { name: 'builders' })
  expect(made.body).toMatchObject({ name: 'builders', role: 'admin', type: 'team' })
  expect((await ask('ann', 'POST', '/teams', { name: 'builders' })).body.message).toMatch(/already/)
  for (const name of ['apps', 'Has Space', 'x', 'a--', 'permissions', 'ünder']) {
    expect([name, (await ask('ann', 'POST', '/teams', { name })).status]).toEqual([name, 422])
  }
  expect((await ask('bob', 'GET', '/teams')).body.map((team: { name: string }) => team.name)).toEqual(['builders'])
  expect((await ask('eve', 'GET', '/teams')).body).toEqual([])
  const renamed = await ask('bob', 'PATCH', '/teams/builders', { name: 'carpenters' })
  expect(renamed.body.name).toBe('carpenters')
  expect([await statusOf('bob', '/teams/builders'), await statusOf('bob', '/teams/carpenters')]).toEqual([404, 200])
})

test('members come, change and leave, and a team is never left without an admin', async () => {
  await newTeam('smiths', { bob: 'member', cat: 'viewer' })
  const again = await ask('ann', 'POST', '/teams/smiths/members', { email: mail('bob'), role: 'admin' })
  expect(again.status).toBe(422)
  const promoted = await ask('ann', 'PATCH', '/teams/smiths/members', { email: mail('bob'), role: 'admin' })
  expect(promoted.body).toMatchObject({ email: mail('bob'), role: 'admin', two_factor_authentication: false })
  const unknown = await ask('ann', 'PUT', '/teams/smiths/members', { email: 'nobody@example.com', role: 'member' })
  expect(unknown.body).toMatchObject({ id: 'not_found', message: expect.stringMatching(/operator to invite/) })
  const single = await ask('ann', 'PUT', '/teams/smiths/members', { email: mail('dan'), role: 'collaborator' })
  expect(single.body.message).toMatch(/access:add/)
  // Everybody may leave; only admins remove others.
  expect((await ask('cat', 'DELETE', `/teams/smiths/members/${mail('bob')}`)).status).toBe(403)
  expect((await ask('cat', 'DELETE', `/teams/smiths/members/${mail('cat')}`)).status).toBe(200)
  expect(await statusOf('cat', '/teams/smiths')).toBe(404)
  expect((await ask('bob', 'DELETE', `/teams/smiths/members/${mail('ann')}`)).status).toBe(200)
  const last = await ask('bob', 'DELETE', `/teams/smiths/members/${mail('bob')}`)
  expect(last.body.message).toMatch(/without an admin/)
  const demoted = await ask('bob', 'PATCH', '/teams/smiths/members', { email: mail('bob'), role: 'viewer' })
  expect(demoted.status).toBe(422)
  expect(await statusOf('bob', '/teams/smiths/members')).toBe(200)
})

test("a team's app shows its team, and its owner at the address that clients look for", async () => {
  await newTeam('weavers', { bob: 'member', cat: 'viewer' })
  const made = await newApp('loom', 'bob', 'weavers')
  expect(made).toMatchObject({
    team: { name: 'weavers' },
    owner: { email: 'weavers@herokumanager.com' },
    locked: false,
  })
  // A member who makes an app works on it, though an admin does not need that.
  const config = { method: 'PATCH', url: '/apps/loom/config-vars' } as const
  expect((await ask('bob', config.method, config.url, { A: '1' })).status).toBe(200)
  expect((await ask('ann', config.method, config.url, { A: '2' })).status).toBe(200)
  expect((await ask('cat', config.method, config.url, { A: '3' })).status).toBe(403)
  expect((await ask('cat', 'POST', '/teams/apps', { team: 'weavers' })).status).toBe(403)
  const names = async (as: Person, url: string) =>
    (await ask(as, 'GET', url)).body.map((app: { name: string }) => app.name)
  expect(await names('cat', '/apps')).toContain('loom')
  expect(await names('cat', '/users/~/apps')).not.toContain('loom')
  expect(await names('cat', '/teams/weavers/apps')).toEqual(['loom'])
  expect(await names('ann', `/teams/weavers/members/${mail('bob')}/apps`)).toEqual(['loom'])
})

test('a member joins an open app and gets what members get, never more', async () => {
  await newTeam('masons', { bob: 'member', cat: 'viewer' })
  await newApp('wall', 'ann', 'masons')
  const join = (as: Person, permissions?: string[]) =>
    ask(as, 'POST', '/teams/apps/wall/collaborators', { user: mail(as), ...(permissions ? { permissions } : {}) })
  const joined = await join('bob', ['manage'])
  expect(joined.status).toBe(201)
  const given = joined.body.permissions.map((one: { name: string }) => one.name)
  expect(given).toEqual(['view', 'deploy', 'operate'])
  expect((await join('cat')).status).toBe(403)
  const other = { user: mail('eve') }
  expect((await ask('bob', 'POST', '/teams/apps/wall/collaborators', other)).status).toBe(403)
  // Leaving the team takes along what was given on its apps.
  await ask('ann', 'DELETE', `/teams/masons/members/${mail('bob')}`)
  expect(await statusOf('bob', '/apps/wall')).toBe(404)
})

test('a locked app lets nobody join', async () => {
  await newTeam('lockers', { bob: 'member' })
  await newApp('safe', 'ann', 'lockers')
  const lock = () => ask('ann', 'PATCH', '/teams/apps/safe', { locked: true })
  expect((await lock()).body.locked).toBe(true)
  await lock()
  const { body: trail } = await ask('ann', 'GET', '/apps/safe/activity')
  const locks = trail.filter((one: { previous_data: object }) => 'locked' in one.previous_data)
  expect(locks).toMatchObject([{ data: { locked: true }, previous_data: { locked: false } }])
  expect((await ask('bob', 'POST', '/teams/apps/safe/collaborators', { user: mail('bob') })).status).toBe(404)
  const named = { user: mail('bob'), permissions: ['deploy'] }
  expect((await ask('ann', 'POST', '/teams/apps/safe/collaborators', named)).status).toBe(201)
  expect(await statusOf('bob', '/apps/safe')).toBe(200)
})

test('collaborators are added, changed and removed, each told as an event', async () => {
  const app = await newApp('shared')
  const add = await ask('ann', 'POST', '/apps/shared/collaborators', { user: mail('dan') })
  expect(add.body).toMatchObject({ role: 'collaborator', user: { email: mail('dan') } })
  expect((await ask('ann', 'POST', '/apps/shared/collaborators', { user: mail('dan') })).status).toBe(422)
  const none = await ask('ann', 'POST', '/apps/shared/collaborators', { user: 'nobody@example.com' })
  expect(none.body).toMatchObject({ id: 'not_found', resource: 'account', message: expect.stringMatching(/invite/) })
  const odd = { user: mail('cat'), permissions: ['fly'] }
  expect((await ask('ann', 'POST', '/apps/shared/collaborators', odd)).body.message).toMatch(/"fly".*view, deploy/)
  const path = `/apps/shared/collaborators/${mail('dan')}`
  const fewer = await ask('ann', 'PATCH', `/teams/apps/shared/collaborators/${mail('dan')}`, {
    permissions: ['deploy'],
  })
  expect(fewer.body.permissions.map((one: { name: string }) => one.name)).toEqual(['view', 'deploy'])
  expect((await ask('dan', 'PATCH', path, { permissions: ['manage'] })).status).toBe(403)
  expect((await ask('dan', 'GET', path)).body.user.email).toBe(mail('dan'))
  expect((await ask('ann', 'DELETE', `/apps/shared/collaborators/${mail('ann')}`)).body.message).toMatch(/transfer/)
  expect((await ask('dan', 'DELETE', path)).status).toBe(200)
  expect(await statusOf('dan', '/apps/shared')).toBe(404)
  const { rows } = await house.pool.query(
    "select action from events where resource = 'collaborator' and app_id = $1 order by seq",
    [app.id],
  )
  expect(rows.map(({ action }) => action)).toEqual(['create', 'update', 'destroy'])
})

test('a team that allows some services refuses the others, and says whom to ask', async () => {
  await newTeam('picky')
  await newApp('picky-app', 'ann', 'picky')
  const path = '/teams/picky/allowed-addon-services'
  expect((await ask('ann', 'POST', path, { addon_service: 'fast-db' })).body).toMatchObject([
    { addon_service: { name: 'fast-db' }, added_by: { email: mail('ann') } },
  ])
  expect((await ask('ann', 'POST', path, { addon_service: 'fast-db' })).status).toBe(409)
  const order = await ask('ann', 'POST', '/apps/picky-app/addons', { plan: 'slow-db:mini' })
  expect(order.body).toMatchObject({
    id: 'forbidden',
    message: expect.stringMatching(/picky does not allow slow-db.*admins/),
  })
  // Nor does it come in with an app that has it.
  const brought = await newApp('brought')
  await house.addon('slow-db:mini', { id: brought.id, ownerId: house.people.ann.id }, 'slow-1')
  const moved = await ask('ann', 'PATCH', '/teams/apps/brought', { owner: 'picky' })
  expect(moved.body.message).toMatch(/does not allow slow-db/)
  expect((await ask('ann', 'DELETE', `${path}/fast-db`)).status).toBe(200)
  expect((await ask('ann', 'PATCH', '/teams/apps/brought', { owner: 'picky' })).status).toBe(200)
})

test('an app changes hands when the other accepts, with its add-ons and what they cost from then on', async () => {
  const app = await newApp('gift')
  const addon = await house.addon('fast-db:mini', { id: app.id, ownerId: house.people.ann.id }, 'gift-db')
  const offer = await ask('ann', 'POST', '/account/app-transfers', { app: 'gift', recipient: mail('bob') })
  expect(offer.body).toMatchObject({ state: 'pending', app: { name: 'gift' }, owner: { email: mail('ann') } })
  const twice = await ask('ann', 'POST', '/account/app-transfers', { app: 'gift', recipient: mail('cat') })
  expect(twice.body.message).toMatch(/offered to somebody already/)
  const path = `/account/app-transfers/${offer.body.id}`
  expect(await statusOf('eve', path)).toBe(404)
  expect((await ask('ann', 'PATCH', path, { state: 'accepted' })).status).toBe(403)
  expect(await statusOf('bob', '/apps/gift')).toBe(404)
  house.clock.aheadMs += 60_000
  expect((await ask('bob', 'PATCH', '/account/app-transfers/gift', { state: 'accepted' })).body.state).toBe('accepted')
  expect((await ask('bob', 'GET', '/apps/gift')).body.owner.email).toBe(mail('bob'))
  // The giver still works on it, and no longer decides.
  expect(await statusOf('ann', '/apps/gift')).toBe(200)
  expect((await ask('ann', 'PATCH', '/apps/gift', { maintenance: true })).status).toBe(403)
  const charges = await chargesOf(house.db, addon)
  expect(charges).toHaveLength(2)
  expect(charges[0]?.closedAt).toEqual(charges[1]?.openedAt)
  expect(charges[1]?.closedAt).toBeNull()
  expect((await ask('bob', 'PATCH', path, { state: 'declined' })).status).toBe(409)
})

test('a declined or withdrawn offer leaves everything as it was', async () => {
  await newApp('kept')
  const offer = () => ask('ann', 'POST', '/account/app-transfers', { app: 'kept', recipient: mail('bob') })
  const first = (await offer()).body
  expect((await ask('bob', 'PATCH', `/account/app-transfers/${first.id}`, { state: 'declined' })).body.state).toBe(
    'declined',
  )
  const second = (await offer()).body
  expect((await ask('bob', 'DELETE', `/account/app-transfers/${second.id}`)).status).toBe(403)
  expect((await ask('ann', 'DELETE', `/account/app-transfers/${second.id}`)).status).toBe(200)
  expect((await ask('ann', 'GET', '/apps/kept')).body.owner.email).toBe(mail('ann'))
  expect(await statusOf('bob', '/apps/kept')).toBe(404)
})

test('an app goes into a team and out again, and nobody comes along who was in the team only', async () => {
  await newTeam('movers', { bob: 'admin', cat: 'member' })
  await newApp('box')
  await ask('ann', 'POST', '/apps/box/collaborators', { user: mail('dan'), permissions: ['manage'] })
  // To manage an app is not to decide whose it is.
  expect((await ask('dan', 'PATCH', '/teams/apps/box', { owner: 'movers' })).status).toBe(403)
  const direct = await ask('ann', 'PATCH', '/teams/apps/box', { owner: mail('bob') })
  expect(direct.body.message).toMatch(/app-transfers/)
  expect((await ask('ann', 'PATCH', '/teams/apps/box', { owner: 'movers' })).body.team.name).toBe('movers')
  expect(await statusOf('cat', '/apps/box')).toBe(200)
  expect(await statusOf('dan', '/apps/box')).toBe(200)
  // Whoever is an admin of the team needs no rights of their own, and is not listed twice.
  const listed = (await ask('bob', 'GET', '/apps/box/collaborators')).body
  expect(listed.map((one: { user: { email: string } }) => one.user.email)).not.toContain(mail('ann'))
  expect((await ask('cat', 'PATCH', '/teams/apps/box', { owner: '~' })).status).toBe(403)
  expect((await ask('bob', 'PATCH', '/teams/apps/box', { owner: mail('bob') })).body.owner.email).toBe(mail('bob'))
  for (const who of ['ann', 'cat', 'dan'] as const) expect([who, await statusOf(who, '/apps/box')]).toEqual([who, 404])
})

test('a team with apps is not deleted, and one without is gone with its name free again', async () => {
  await newTeam('short', { bob: 'admin' })
  await newApp('short-app', 'ann', 'short')
  expect((await ask('ann', 'DELETE', '/teams/short')).body.message).toMatch(/still has apps/)
  await ask('ann', 'PATCH', '/teams/apps/short-app', { owner: '~' })
  expect((await ask('ann', 'DELETE', '/teams/short')).status).toBe(200)
  expect(await statusOf('bob', '/teams/short')).toBe(404)
  await newTeam('short')
})

test('nobody signs in as a team, invites its address, or makes it a collaborator', async () => {
  await newTeam('ghosts')
  await newApp('haunted')
  const address = 'ghosts@herokumanager.com'
  expect((await ask('ann', 'POST', '/apps/haunted/collaborators', { user: address })).status).toBe(404)
  const offer = await ask('ann', 'POST', '/account/app-transfers', { app: 'haunted', recipient: address })
  expect(offer.status).toBe(404)
  const basic = `Basic ${Buffer.from(`${address}:`).toString('base64')}`
  const login = await ask(null, 'POST', '/oauth/authorizations', {}, { authorization: basic })
  expect(login.status).toBe(401)
})

test('what clients ask of a team before they offer permissions is there', async () => {
  await newTeam('asked')
  const features = (await ask('ann', 'GET', '/teams/asked/features')).body
  expect(features.map((one: { name: string }) => one.name)).toContain('org-access-controls')
  expect((await ask('ann', 'GET', '/teams/permissions')).body.map((one: { name: string }) => one.name)).toEqual([
    'view',
    'deploy',
    'operate',
    'manage',
  ])
  expect((await ask('ann', 'GET', '/teams/asked/invitations')).body).toEqual([])
  expect((await ask('ann', 'GET', '/teams/asked/addons')).body).toEqual([])
})

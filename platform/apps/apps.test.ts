import type { FastifyInstance, InjectOptions } from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AppRight, appRights } from '../accounts/permit.js'
import { insertAccount } from '../accounts/store.js'
import { transact } from '../db/db.js'
import { type TestDatabase, testDatabase } from '../db/test-database.js'
import { eventsOf } from '../events/store.js'
import type { Asker } from '../http/handle.js'
import { createHttpServer } from '../http/server.js'
import { realWorld } from '../world/world.js'
import { guardApp } from './guard.js'
import { checkAppName, generatedAppName } from './name.js'
import { appRoutes } from './routes.js'
import { insertApp } from './store.js'

const people = ['owner', 'deployer', 'stranger', 'operator'] as const
const ids = Object.fromEntries(people.map((who) => [who, realWorld.id()]))
let database: TestDatabase
let server: FastifyInstance

beforeAll(async () => {
  database = await testDatabase()
  const { db } = database
  const at = realWorld.now()
  await transact(db, async (tx) => {
    for (const who of people) {
      const account = { id: ids[who] as string, email: `${who}@example.com`, passwordHash: null }
      await insertAccount(tx, { ...account, isOperator: who === 'operator', at })
    }
  })
  server = await createHttpServer({
    world: realWorld,
    handlers: appRoutes({
      db,
      world: realWorld,
      addresses: {
        hostname: (name) => `${name}.localhost`,
        webUrl: (name) => `http://${name}.localhost:5055/`,
        gitUrl: (name) => `http://localhost:5055/${name}.git`,
      },
    }),
    // Who asks is said by a header here; how people prove it is the promise of accounts/.
    authenticate: async ({ headers }): Promise<Asker | null> => {
      const who = headers['x-who'] as string | undefined
      if (!who) return null
      const account = {
        id: ids[who] as string,
        email: `${who}@example.com`,
        name: null,
        isOperator: who === 'operator',
      }
      const sudo = headers['x-heroku-sudo'] === 'true'
      return { account, addonId: null, tokenId: realWorld.id(), scopes: ['global'], via: 'bearer', sudo }
    },
    guard: async (permission, asker, params) => {
      const [noun, right] = permission.split(/[.+]/)
      if (noun !== 'app' || !asker) return {}
      return { app: await guardApp(db, asker, params['app'] as string, right as AppRight) }
    },
    log: () => undefined,
    onFault: (error) => console.error(error),
    checkAnswers: true,
  })
})
afterAll(async () => {
  await server.close()
  await database.drop()
})

async function newApp(name: string): Promise<string> {
  const id = realWorld.id()
  const at = realWorld.now()
  const place = { region: 'us', stack: 'mortise-24', kind: 'hosted' } as const
  const app = await transact(database.db, (tx) =>
    insertApp(tx, { id, name, ownerId: ids['owner'] as string, ...place, at }),
  )
  expect(app?.name).toBe(name)
  const permissions = ['view', 'deploy']
  await database.pool.query('insert into collaborators values ($1, $2, $3, $4, $5, $5)', [
    realWorld.id(),
    id,
    ids['deployer'],
    permissions,
    at,
  ])
  return id
}

const ask = (who: string | null, options: InjectOptions, headers: Record<string, string> = {}) =>
  server.inject({ ...options, headers: { ...(who ? { 'x-who': who } : {}), ...headers } })
const patch = (who: string, app: string, payload: object) => ask(who, { method: 'PATCH', url: `/apps/${app}`, payload })

test('an app is found by name and by id, with every field that clients crash without', async () => {
  const id = await newApp('found-app')
  const app = (await ask('owner', { url: '/apps/found-app' })).json()
  expect(app).toMatchObject({
    id,
    web_url: 'http://found-app.localhost:5055/',
    git_url: 'http://localhost:5055/found-app.git',
    repo_size: null,
    slug_size: null,
    region: { name: 'us' },
    stack: { name: 'mortise-24' },
    owner: { email: 'owner@example.com' },
    create_status: 'complete',
  })
  expect((await ask('owner', { url: `/apps/${id.toUpperCase()}?extended=true` })).json()).toEqual(app)
})

test('who may not see an app gets the same answer as for one that is not there', async () => {
  await newApp('hidden-app')
  const hidden = await ask('stranger', { url: '/apps/hidden-app' })
  const missing = await ask('stranger', { url: '/apps/missing-app' })
  expect(hidden.statusCode).toBe(404)
  expect(hidden.json()).toEqual({ id: 'not_found', message: "Couldn't find that app.", resource: 'app' })
  expect(hidden.json()).toEqual(missing.json())
  expect((await ask(null, { url: '/apps/hidden-app' })).statusCode).toBe(401)
})

test('a collaborator does what was permitted and is told who can permit the rest', async () => {
  await newApp('shared-app')
  expect((await ask('deployer', { url: '/apps/shared-app' })).statusCode).toBe(200)
  const refused = await patch('deployer', 'shared-app', { maintenance: true })
  expect(refused.statusCode).toBe(403)
  expect(refused.json().message).toContain('owner@example.com')
  const people = (await ask('deployer', { url: '/apps/shared-app/collaborators' })).json()
  const byEmail = Object.fromEntries(
    people.map((one: { user: { email: string }; role: string; permissions: { name: string }[] }) => [
      one.user.email,
      [one.role, one.permissions.map(({ name }) => name)],
    ]),
  )
  expect(byEmail).toEqual({
    'owner@example.com': ['owner', [...appRights]],
    'deployer@example.com': ['collaborator', ['view', 'deploy']],
  })
})

test('the operator sees what is theirs, and the rest only with sudo', async () => {
  await newApp('sudo-app')
  expect((await ask('operator', { url: '/apps/sudo-app' })).statusCode).toBe(404)
  const sudo = { 'x-heroku-sudo': 'true' }
  expect((await ask('operator', { url: '/apps/sudo-app' }, sudo)).statusCode).toBe(200)
  expect((await ask('stranger', { url: '/apps/sudo-app' }, sudo)).statusCode).toBe(404)
})

test('lists hold what an account owns and works on', async () => {
  await newApp('listed-app')
  const names = async (who: string, url: string) =>
    (await ask(who, { url })).json().map(({ name }: { name: string }) => name)
  for (const url of ['/apps', '/users/~/apps', '/users/owner%40example.com/apps']) {
    expect(await names('owner', url)).toContain('listed-app')
  }
  expect(await names('deployer', '/users/~/apps')).toContain('listed-app')
  expect(await names('stranger', '/apps')).toEqual([])
  expect((await ask('stranger', { url: '/users/owner%40example.com/apps' })).statusCode).toBe(404)
})

test('renaming moves the address and leaves one event with the old name', async () => {
  const id = await newApp('old-name')
  const renamed = await patch('owner', 'old-name', { name: 'new-name' })
  expect(renamed.json()).toMatchObject({ name: 'new-name', web_url: 'http://new-name.localhost:5055/' })
  expect((await ask('owner', { url: '/apps/old-name' })).statusCode).toBe(404)
  const again = await patch('owner', 'new-name', { name: 'new-name' })
  expect(again.statusCode).toBe(200)
  const events = await eventsOf(database.db, id)
  expect(events.map(({ action, previousData }) => [action, previousData])).toEqual([['update', { name: 'old-name' }]])
})

test('a taken name is refused, also when two rename to it in the same moment', async () => {
  await newApp('taken-name')
  await newApp('first-app')
  await newApp('second-app')
  const taken = await patch('owner', 'first-app', { name: 'taken-name' })
  expect(taken.statusCode).toBe(422)
  expect(taken.json()).toEqual({ id: 'invalid_params', message: 'Name is already taken. Choose another one.' })
  const both = await Promise.all(['first-app', 'second-app'].map((app) => patch('owner', app, { name: 'wanted-name' })))
  expect(both.map(({ statusCode }) => statusCode).sort()).toEqual([200, 422])
})

test('a second app of a name is not made, and a destroyed one gives its name back', async () => {
  const id = await newApp('once-only')
  const again = { id: realWorld.id(), name: 'once-only', ownerId: ids['owner'] as string, region: 'us', stack: 'x' }
  const insert = () => transact(database.db, (tx) => insertApp(tx, { ...again, kind: 'hosted', at: realWorld.now() }))
  expect(await insert()).toBeUndefined()
  await database.pool.query("update apps set state = 'destroyed' where id = $1", [id])
  expect((await insert())?.name).toBe('once-only')
})

test('maintenance goes on and off', async () => {
  await newApp('paused-app')
  for (const maintenance of [true, false]) {
    expect((await patch('owner', 'paused-app', { maintenance })).json().maintenance).toBe(maintenance)
  }
})

test.each(['a', 'Ab-c', '1abc', 'abc-', 'a_b', 'x'.repeat(31), 'www', 'api', 'dashboard', 'xn--abc', ''])(
  'the name "%s" is refused with a sentence',
  async (name) => {
    expect(() => checkAppName(name)).toThrow(/^Name /)
  },
)

test('a generated name is always a good one', () => {
  for (let drawn = 0; drawn < 2_000; drawn++) checkAppName(generatedAppName(realWorld))
})

test('what an app has not is an empty list, and no pipeline is the 404 that clients expect', async () => {
  await newApp('plain-app')
  expect((await ask('owner', { url: '/apps/plain-app/features' })).json()).toEqual([])
  expect((await ask('owner', { url: '/apps/plain-app/pipeline-couplings' })).statusCode).toBe(404)
})

test('regions and stacks are public, and an alias of Heroku leads to our stack', async () => {
  const regions = (await ask(null, { url: '/regions' })).json()
  expect(regions.map(({ name }: { name: string }) => name)).toEqual(expect.arrayContaining(['us', 'eu']))
  expect((await ask(null, { url: '/regions/us' })).json().provider.region).toBe('us-east-1')
  expect((await ask(null, { url: '/stacks/heroku-24' })).json()).toMatchObject({ name: 'mortise-24', default: true })
  expect((await ask(null, { url: '/regions/moon' })).json()).toMatchObject({ id: 'not_found', resource: 'region' })
})

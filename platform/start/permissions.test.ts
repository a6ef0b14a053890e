import { randomUUID } from 'node:crypto'
import { WireError } from '@mortise/contract/errors'
import { routes } from '@mortise/contract/platform-api/routes'
import type { Permission, Route } from '@mortise/contract/route'
import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { manifestOf } from '../addons/test-addons.js'
import { createHttpServer } from '../http/server.js'
import { insertGrantToken } from '../partner/grant-store.js'
import { tokenHash } from '../secrets/tokens.js'
import { everybody } from './authenticate.js'
import { guardOf } from './guard.js'
import { type House, testHouse } from './test-house.js'

// Made from the route table: a route that is added is tested, and one whose permission is not listed here fails.
const table: [string, Route][] = Object.entries(routes).flatMap(([noun, all]) =>
  Object.entries(all as Record<string, Route>).map(([verb, route]): [string, Route] => [`${noun}.${verb}`, route]),
)

const people = ['owner', 'viewer', 'deployer', 'worker', 'manager', 'admin', 'member', 'watcher', 'stranger'] as const
type Person = (typeof people)[number]
let house: House<Person | 'operator'>
let guarded: FastifyInstance
const ids = { addon: '', authorization: '', client: '', transfer: '', login: '', webhook: '' }

beforeAll(async () => {
  house = await testHouse([...people, 'operator'])
  const { ask } = house
  const must = async (...asked: Parameters<typeof ask>) => {
    const answer = await ask(...asked)
    if (answer.status >= 300) throw new Error(`${asked[1]} ${asked[2]}: ${answer.status} ${answer.text}`)
    return answer.body
  }
  await house.push('fast-db', 'owner')
  const app = await must('owner', 'POST', '/apps', { name: 'shop' })
  ids.addon = await house.addon('fast-db:mini', { id: app.id, ownerId: house.people.owner.id }, 'fast-db-1')
  const given = { viewer: ['view'], deployer: ['deploy'], worker: ['operate'], manager: ['manage'] }
  for (const [who, permissions] of Object.entries(given)) {
    await must('owner', 'POST', '/apps/shop/collaborators', { user: `${who}@example.com`, permissions })
  }
  await must('owner', 'POST', '/teams', { name: 'crew' })
  const roles = { admin: 'admin', member: 'member', watcher: 'viewer' }
  for (const [who, role] of Object.entries(roles)) {
    await must('owner', 'POST', '/teams/crew/members', { email: `${who}@example.com`, role })
  }
  await must('owner', 'POST', '/teams/apps', { name: 'crew-app', team: 'crew' })
  ids.authorization = (await must('owner', 'POST', '/oauth/authorizations', { description: 'private-thing' })).id
  const client = { name: 'private-client', redirect_uri: 'https://a.example/' }
  ids.client = (await must('owner', 'POST', '/oauth/clients', client)).id
  const offer = { app: 'shop', recipient: 'manager@example.com' }
  ids.transfer = (await must('owner', 'POST', '/account/app-transfers', offer)).id
  ids.login = (await must(null, 'POST', '/auth', {})).cli_url.split('/').at(-1)

  // The same doors with nothing behind: what comes through is answered 501.
  guarded = await createHttpServer({
    world: house.world,
    handlers: table.map(([, route]) => ({
      route,
      run: async () => {
        throw new WireError('not_implemented', 'came through')
      },
    })),
    authenticate: everybody(house),
    guard: guardOf(house.db, house.world.now),
    log: () => undefined,
    onFault: (error) => console.error(error),
  })
})
afterAll(async () => {
  expect(house.faults).toEqual([])
  await guarded.close()
  await house.end()
})

/** The owner's own things in every place of a path. */
function pathOf(route: Route, app: string): string {
  const named: Record<string, string> = {
    app,
    addon: 'fast-db-1',
    team: 'crew',
    user: 'owner@example.com',
    slug: 'fast-db',
    authorization: ids.authorization,
    session: ids.authorization,
    client: ids.client,
    transfer: ids.transfer,
    login: ids.login,
    attachment: 'FAST_DB',
    collaborator: 'owner@example.com',
    member: 'admin@example.com',
    service: 'fast-db',
    addon_service: 'fast-db',
    plan: 'fast-db:mini',
    region: 'us',
    stack: 'mortise-24',
    release: '1',
  }
  return route.path.replace(/:([a-z_]+)/g, (_, name: string) =>
    encodeURIComponent(named[name] ?? '01234567-89ab-cdef-0123-456789abcdef'),
  )
}

const everyone = [...people, 'operator'] as const
const shopPeople = ['owner', 'viewer', 'deployer', 'worker', 'manager'] as const
/** Who comes through the door, besides nobody else. The heart of the golden list. */
const through: Record<Permission, readonly (Person | 'operator' | null)[]> = {
  anyone: [null, ...everyone],
  account: everyone,
  bearer: everyone,
  'app.view': shopPeople,
  'app.deploy': ['owner', 'deployer'],
  'app.operate': ['owner', 'worker'],
  'app.manage': ['owner', 'manager'],
  'app.view+partner': shopPeople,
  'app.operate+partner': ['owner', 'worker'],
  'addon.view': shopPeople,
  'addon.manage': ['owner', 'worker', 'manager'],
  'addon.partner': ['owner', 'worker', 'manager'],
  'team.view+partner': ['owner', 'admin', 'member', 'watcher'],
  'team.view': ['owner', 'admin', 'member', 'watcher'],
  'team.admin': ['owner', 'admin'],
  provider: [],
  'service.owner': ['owner', 'operator'],
  operator: ['operator'],
}

async function comesThrough(who: Person | 'operator' | null, route: Route, app = 'shop'): Promise<boolean> {
  const headers: Record<string, string> = who === null ? {} : { authorization: `Bearer token-of-${who}` }
  const answer = await guarded.inject({ method: route.method, url: pathOf(route, app), headers })
  const isStopped = [401, 403, 404].includes(answer.statusCode)
  if (who === null && isStopped) expect([route.path, answer.statusCode]).toEqual([route.path, 401])
  return !isStopped
}

// The guard judges by the permission and by what the path names: for each such pair one route is tried by everybody,
// and every other one by nobody, by a stranger, and by somebody who holds the right.
const kindOf = (route: Route) => `${route.permission} ${(route.path.match(/:[a-z_]+/g) ?? []).sort().join(' ')}`
const first = new Map([...table].reverse().map(([name, route]) => [kindOf(route), name]))

test.each(table)('%s lets in exactly those who hold its permission', async (name, route) => {
  const wanted = through[route.permission]
  const isFirst = first.get(kindOf(route)) === name
  const tried = isFirst ? [null, ...everyone] : [null, 'stranger' as const, wanted.find((who) => who !== null) ?? null]
  for (const who of tried) {
    expect([who, await comesThrough(who, route)]).toEqual([who, wanted.includes(who)])
  }
})

describe('a token of one scope', () => {
  /** What each is good for. Source: the API's OAuth scopes. */
  const good: Record<string, readonly string[]> = {
    global: ['global', 'identity', 'read', 'write', 'read-protected', 'write-protected'],
    identity: ['identity'],
    read: ['identity', 'read'],
    'read-protected': ['identity', 'read', 'read-protected'],
    write: ['identity', 'read', 'write'],
    'write-protected': ['identity', 'read', 'write', 'read-protected', 'write-protected'],
  }
  /** Routes that change nothing though they are no GET, and those that end the asker's own session. */
  const reads = new Set([
    'addons.resolve',
    'attachments.resolve',
    'apps.filter',
    'releases.acknowledge',
    'authorizations.endSession',
    'webSession.signOut',
    'logs.createSession',
  ])
  const scopeOf: Record<string, string> = {}

  beforeAll(async () => {
    for (const scope of Object.keys(good)) {
      const made = await house.ask('owner', 'POST', '/oauth/authorizations', { description: scope, scope: [scope] })
      scopeOf[scope] = made.body.access_token.token
    }
  })

  test.each(Object.keys(good))('%s opens the routes that it is good for, and no other', async (scope) => {
    const wrong: unknown[] = []
    for (const [name, route] of table) {
      if (route.permission === 'anyone' || route.permission === 'operator') continue
      const authorization = `Bearer ${scopeOf[scope]}`
      const answer = await guarded.inject({
        method: route.method,
        url: pathOf(route, 'shop'),
        headers: { authorization },
      })
      const isStopped = answer.statusCode === 403 && answer.body.includes('lacks the scope')
      if (isStopped === good[scope]?.includes(route.scope)) wrong.push([name, route.scope, answer.statusCode])
    }
    expect(wrong).toEqual([])
  })

  test('that only reads changes nothing: every change asks for a scope that writes', () => {
    const open = table
      .filter(([name, route]) => route.method !== 'GET' && route.permission !== 'anyone' && !reads.has(name))
      .filter(([, { scope }]) => !['write', 'write-protected', 'global'].includes(scope))
    expect(open.map(([name, { scope }]) => [name, scope])).toEqual([])
  })

  test('that is not protected reads and sets no config: what tells or takes values asks for more', () => {
    const secret = table.filter(([, { path }]) => /config(-vars)?(\/:[a-z]+)?$/.test(path) || path.endsWith('/changes'))
    expect(secret.length).toBeGreaterThan(5)
    expect(secret.filter(([, { scope }]) => !scope.endsWith('-protected')).map(([name]) => name)).toEqual([])
  })
})

describe("on a team's app", () => {
  const ofTeam: Partial<Record<Permission, readonly Person[]>> = {
    'app.view': ['owner', 'admin', 'member', 'watcher'],
    'app.deploy': ['owner', 'admin'],
    'app.operate': ['owner', 'admin'],
    'app.manage': ['owner', 'admin'],
    'app.view+partner': ['owner', 'admin', 'member', 'watcher'],
    'app.operate+partner': ['owner', 'admin'],
  }
  const kinds = table.filter(([name, route]) => route.permission in ofTeam && first.get(kindOf(route)) === name)
  test.each(kinds)('%s follows the roles', async (_, route) => {
    for (const who of people) {
      const isWanted = ofTeam[route.permission]?.includes(who)
      expect([who, await comesThrough(who, route, 'crew-app')]).toEqual([who, isWanted])
    }
  })

  test('a locked one is seen by admins only, in lists too', async () => {
    await house.ask('owner', 'PATCH', '/teams/apps/crew-app', { locked: true })
    const seen = async (who: Person) => {
      const direct = (await house.ask(who, 'GET', '/apps/crew-app')).status === 200
      const names = async (url: string) =>
        (await house.ask(who, 'GET', url)).body.some((app: { name: string }) => app.name === 'crew-app')
      // What the rights say and what the lists say is one thing.
      expect([who, await names('/apps'), await names('/teams/crew/apps')]).toEqual([who, direct, direct])
      return direct
    }
    for (const who of ['admin', 'member', 'watcher'] as const)
      expect([who, await seen(who)]).toEqual([who, who === 'admin'])
    await house.ask('owner', 'PATCH', '/teams/apps/crew-app', { locked: false })
    for (const who of ['admin', 'member', 'watcher'] as const) expect([who, await seen(who)]).toEqual([who, true])
  })
})

describe('behind the door, with the real rooms', () => {
  /** What any account may make or read of its own. A new route of this kind is judged by a person and listed here. */
  const ownThings = new Set([
    'account.addKey',
    'account.info',
    'account.update',
    'account.remove',
    'preferences.delinquency',
    'account.rateLimits',
    'apps.create',
    'apps.filter',
    'appSetups.create',
    'authorizations.create',
    'oauthClients.create',
    'pipelines.couple',
    'pipelines.create',
    'spaces.create',
    'sources.create',
    'teams.create',
    'teams.permissions',
    'webSession.signOut',
  ])
  /** Bodies that name what is not the stranger's. */
  const bodies: Record<string, object> = {
    'account.updateFeature': { enabled: true },
    'addons.resolve': { addon: 'fast-db-1', app: 'shop' },
    'attachments.resolve': { addon_attachment: 'FAST_DB', app: 'shop' },
    'attachments.create': { addon: 'fast-db-1', app: 'shop' },
    'authorizations.update': { description: 'mine now' },
    'changes.rehearseNewApp': { team: 'crew', create: [{ plan: 'fast-db:mini' }] },
    'oauthClients.update': { name: 'mine now' },
    'telemetryDrains.create': {
      exporter: { endpoint: 'https://a.example/', type: 'otlp' },
      owner: { id: 'shop', type: 'app' },
      signals: ['logs'],
    },
    'portal.push': { contents: manifestOf('fast-db') },
    'teamApps.create': { team: 'crew' },
    'transfers.create': { app: 'shop', recipient: 'stranger@example.com' },
    'transfers.update': { state: 'accepted' },
  }
  const closed = table.filter(([name, route]) => route.permission !== 'anyone' && !ownThings.has(name))

  test.each(closed)('%s tells and gives a stranger nothing', async (name, route) => {
    const sends = route.method === 'GET' ? undefined : (bodies[name] ?? {})
    const answer = await house.ask('stranger', route.method, pathOf(route, 'shop'), sends)
    const isList =
      route.method === 'GET' &&
      !route.path.includes('/:') &&
      route.permission !== 'operator' &&
      route.permission !== 'provider'
    if (isList) expect(answer.status).toBe(200)
    else
      expect([route.path, [401, 403, 404].includes(answer.status), answer.status]).toEqual([
        route.path,
        true,
        answer.status,
      ])
    for (const secret of [ids.addon, 'fast-db-1', 'private-thing', 'private-client', ids.transfer, 'postgres://']) {
      expect(answer.text).not.toContain(secret)
    }
  })
})

describe("a provider's token", () => {
  const grant = { authorization: 'Bearer grant-of-fast-db' }
  const service = {
    authorization: `Basic ${Buffer.from('fast-db:password-of-32-random-characters').toString('base64')}`,
  }
  let listed: { method: string; path: string }[]
  beforeAll(async () => {
    await house.db.transaction().execute((tx) =>
      insertGrantToken(tx, {
        id: randomUUID(),
        kind: 'grant_access',
        addonId: ids.addon,
        hash: tokenHash('grant-of-fast-db'),
        expiresAt: null,
        at: house.world.now(),
      }),
    )
    listed = (await house.ask(null, 'GET', '/partner/permissions', undefined, grant)).body
  })
  const isListed = (route: Route) => listed.some((one) => one.method === route.method && one.path === route.path)

  // The guard alone, and the real rooms behind it: what is listed is not refused, and what is not listed is.
  test.each(table.filter(([, route]) => route.permission !== 'anyone'))(
    '%s is listed if it may be called',
    async (name, route) => {
      const guardedBy = await guarded.inject({ method: route.method, url: pathOf(route, 'shop'), headers: grant })
      // The team of the table has no app with this add-on, so it is not found rather than refused.
      const refused = route.permission.startsWith('team.') ? [403] : [403, 404]
      if (name !== 'addons.sso')
        expect([name, !refused.includes(guardedBy.statusCode)]).toEqual([name, isListed(route)])
      if (route.method !== 'GET') return
      const { status } = await house.ask(null, 'GET', pathOf(route, 'shop'), undefined, grant)
      if (isListed(route)) expect([name, status]).not.toEqual([name, 403])
      else expect([name, [403, 404].includes(status)]).toEqual([name, true])
    },
  )

  test.each(table.filter(([, route]) => route.permission !== 'anyone'))(
    '%s is open to a password only if it is for one',
    async (name, route) => {
      const answer = await guarded.inject({ method: route.method, url: pathOf(route, 'shop'), headers: service })
      const isThrough = ![401, 403, 404].includes(answer.statusCode)
      expect([name, isThrough]).toEqual([name, route.permission === 'provider'])
    },
  )
})

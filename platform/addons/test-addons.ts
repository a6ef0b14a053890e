import { randomUUID } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { authenticator } from '../accounts/authenticate.js'
import { insertAccount } from '../accounts/store.js'
import { insertToken } from '../accounts/token-store.js'
import type { App } from '../apps/app.js'
import { regions } from '../apps/place.js'
import { insertApp } from '../apps/store.js'
import { attachmentRoutes } from '../attachments/routes.js'
import { insertAttachment } from '../attachments/store.js'
import { pushManifest } from '../catalog/push.js'
import { catalogRoutes } from '../catalog/routes.js'
import { findPlan } from '../catalog/store.js'
import { transact } from '../db/db.js'
import { testDatabase } from '../db/test-database.js'
import { createHttpServer } from '../http/server.js'
import { insertGrantToken } from '../partner/grant-store.js'
import { parseMasterKeys } from '../secrets/keys.js'
import { createSecrets } from '../secrets/seal.js'
import { tokenHash } from '../secrets/tokens.js'
import { ssoPages } from '../sso/pages.js'
import { ssoRoutes } from '../sso/routes.js'
import { guardOf } from '../start/guard.js'
import { later, realWorld, type World } from '../world/world.js'
import { insertCredential } from './credential-store.js'
import { addonRoutes } from './routes.js'
import { addonById, insertAddon, moveAddon } from './store.js'

export type Person = 'ann' | 'bob' | 'eve' | 'operator'
export type Marketplace = Awaited<ReturnType<typeof marketplace>>

/**
 * The catalog, add-ons, attachments and sign-on on a real database behind the real server, with four people whose
 * tokens are `token-of-<name>`. Add-ons are put in place as the stories of lifecycle/ leave them.
 */
export async function marketplace(installation = { localhost: true }) {
  const database = await testDatabase()
  const { db } = database
  const secrets = createSecrets(parseMasterKeys(`1:${Buffer.alloc(32, 7).toString('base64')}`))
  const clock = { aheadMs: 0 }
  const world: World = { ...realWorld, now: () => later(new Date(), clock.aheadMs) }
  const audit: string[] = []
  const faults: unknown[] = []
  const people = {} as Record<Person, { id: string; email: string; isOperator: boolean }>
  for (const name of ['ann', 'bob', 'eve', 'operator'] as const) people[name] = await person(name)

  async function person(name: Person) {
    const at = world.now()
    const isOperator = name === 'operator'
    return transact(db, async (tx) => {
      const email = `${name}@example.com`
      const account = await insertAccount(tx, { id: randomUUID(), email, passwordHash: null, isOperator, at })
      const token = { accountId: account.id, hint: '', scopes: ['global'], description: 'test', expiresAt: null, at }
      const hash = (text: string) => tokenHash(text)
      await insertToken(tx, { ...token, id: randomUUID(), kind: 'authorization', hash: hash(`token-of-${name}`) })
      await insertToken(tx, { ...token, id: randomUUID(), kind: 'web', hash: hash(`cookie-of-${name}`) })
      return { id: account.id, email, isOperator }
    })
  }

  const deps = { db, world, secrets, installation, regions }
  const sso = { db, world, secrets, log: (text: string) => void audit.push(text) }
  const authenticate = authenticator(db, world)
  const server: FastifyInstance = await createHttpServer({
    world,
    handlers: [
      ...catalogRoutes(deps),
      ...addonRoutes({ db, world }),
      ...attachmentRoutes({ db, secrets }),
      ...ssoRoutes(sso),
    ],
    authenticate,
    guard: guardOf(db, world.now),
    log: () => undefined,
    onFault: (error) => void faults.push(error),
    checkAnswers: true,
    extra: ssoPages({ ...sso, authenticate }),
  })

  const push = (slug: string, change: Record<string, unknown> = {}, by: Person = 'ann', api = {}) =>
    pushManifest(deps, people[by], slug, manifestOf(slug, change, api))

  const app = (name: string, owner: Person = 'ann'): Promise<App> =>
    transact(db, async (tx) => {
      const ownerId = people[owner].id
      const place = { region: 'us', stack: 'mortise-24', kind: 'hosted' as const }
      const made = await insertApp(tx, { id: randomUUID(), name, ownerId, ...place, at: world.now() })
      if (!made) throw new Error(`${name} is taken`)
      return made
    })

  const collaborate = (on: App, name: Person, permissions: string[]) =>
    database.pool.query(
      'insert into collaborators (id, app_id, account_id, permissions, created_at, updated_at) values ($1, $2, $3, $4, now(), now())',
      [randomUUID(), on.id, people[name].id, permissions],
    )

  const attach = (addonId: string, on: App, name: string, prefix: string) =>
    transact(db, async (tx) => {
      const id = randomUUID()
      const configNames = { [`${prefix}_URL`]: `${name}_URL` }
      const row = { id, appId: on.id, addonId, name, namespace: null, credential: 'default', configNames }
      await insertAttachment(tx, { ...row, at: world.now() })
      return id
    })

  /** An add-on as provisioning leaves it; `state` provisioning stops before the outcome. */
  async function addon(
    planName: string,
    on: App,
    options: { name?: string; as?: string; state?: 'provisioning' | 'provisioned' } = {},
  ) {
    const plan = await findPlan(db, planName)
    if (!plan) throw new Error(`no plan ${planName}`)
    const prefix = plan.serviceName.toUpperCase().replaceAll('-', '_')
    const id = randomUUID()
    const at = world.now()
    await transact(db, async (tx) => {
      const name = options.name ?? `${plan.serviceName}-${id.slice(0, 8)}`
      const row = { id, name, serviceId: plan.serviceId, planId: plan.id, priceId: plan.priceId, ownerId: on.ownerId }
      await insertAddon(tx, { ...row, appId: on.id, region: 'us', options: Buffer.alloc(0), at })
      if (options.state === 'provisioning') return
      await moveAddon(tx, id, ['provisioning'], 'provisioned', { providerId: `res-${id.slice(0, 4)}`, at })
      const values = { [`${prefix}_URL`]: 'postgres://secret' }
      await insertCredential(tx, secrets, {
        id: randomUUID(),
        addonId: id,
        name: 'default',
        state: 'active',
        values,
        at,
      })
    })
    await attach(id, on, options.as ?? prefix, prefix)
    const made = await addonById(db, id)
    if (!made) throw new Error('the add-on was not made')
    return made
  }

  /** A provider's token for this add-on. */
  async function grant(addonId: string): Promise<string> {
    const token = `grant-${randomUUID()}`
    const at = world.now()
    const row = {
      id: randomUUID(),
      kind: 'grant_access' as const,
      addonId,
      hash: tokenHash(token),
      expiresAt: null,
      at,
    }
    await transact(db, (tx) => insertGrantToken(tx, row))
    return token
  }

  async function ask(
    as: Person | null | { token: string } | { cookie: Person },
    method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
    url: string,
    payload?: object,
    headers: Record<string, string> = {},
  ) {
    const who: Record<string, string> =
      as === null
        ? {}
        : typeof as === 'string'
          ? { authorization: `Bearer token-of-${as}` }
          : 'token' in as
            ? { authorization: `Bearer ${as.token}` }
            : { cookie: `mortise_session=cookie-of-${as.cookie}` }
    const answer = await server.inject({
      method,
      url,
      headers: { host: 'localhost:5055', ...who, ...headers },
      ...(payload ? { payload } : {}),
    })
    const isJson = String(answer.headers['content-type']).includes('json')
    // biome-ignore lint/suspicious/noExplicitAny: tests read answers of every shape; checkAnswers has checked them.
    const body: any = isJson && answer.body ? answer.json() : answer.body
    return { status: answer.statusCode, body, headers: answer.headers, text: answer.body }
  }

  return {
    server,
    db,
    pool: database.pool,
    clock,
    world,
    secrets,
    people,
    audit,
    faults,
    push,
    app,
    collaborate,
    attach,
    addon,
    grant,
    ask,
    async end() {
      await server.close()
      await database.drop()
    },
  }
}

export function manifestOf(slug: string, change: Record<string, unknown> = {}, api: Record<string, unknown> = {}) {
  const prefix = slug.toUpperCase().replaceAll('-', '_')
  return {
    id: slug,
    name: `The ${slug}`,
    api: {
      version: '3',
      password: 'password-of-32-random-characters',
      sso_salt: 'the-salt-of-32-random-characters',
      config_vars: [`${prefix}_URL`],
      regions: ['*'],
      requires: ['attachable', 'many_per_app'],
      production: {
        base_url: 'http://localhost:5060/heroku/resources',
        sso_url: 'http://localhost:5060/heroku/sso',
      },
      ...api,
    },
    plans: [
      { name: 'mini', price: { cents: 500, unit: 'month' }, default: true },
      { name: 'standard-0', price: { cents: 5000, unit: 'month' } },
    ],
    ...change,
  }
}

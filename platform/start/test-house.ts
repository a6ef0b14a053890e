import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Builder } from '@mortise/runtime/build/build'
import type { Driver } from '@mortise/runtime/driver'
import { createLogs } from '@mortise/runtime/logs/logs'
import type { LightMyRequestResponse } from 'fastify'
import { insertAccount } from '../accounts/store.js'
import { insertToken } from '../accounts/token-store.js'
import { insertCredential } from '../addons/credential-store.js'
import { addonById, insertAddon, moveAddon } from '../addons/store.js'
import { manifestOf } from '../addons/test-addons.js'
import type { App } from '../apps/app.js'
import { insertAttachment } from '../attachments/store.js'
import { confirmCharge, openCharge } from '../billing/store.js'
import { pushManifest } from '../catalog/push.js'
import { findPlan } from '../catalog/store.js'
import { listen } from '../db/bell.js'
import { transact } from '../db/db.js'
import { testDatabase } from '../db/test-database.js'
import { createOutbound } from '../http/outbound.js'
import { createHttpServer, type HttpOptions } from '../http/server.js'
import { standardPatience } from '../lifecycle/patience.js'
import { parseMasterKeys } from '../secrets/keys.js'
import { createSecrets } from '../secrets/seal.js'
import { tokenHash } from '../secrets/tokens.js'
import { later, realWorld, type World } from '../world/world.js'
import { everybody } from './authenticate.js'
import { guardOf } from './guard.js'
import { furnish } from './rooms.js'

export type House<Name extends string> = Awaited<ReturnType<typeof testHouse<Name>>>
type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** The whole answer, but of one that stays open only its beginning. */
async function whole(answer: LightMyRequestResponse) {
  const { statusCode, headers } = answer
  const stream = answer.stream()
  const staysOpen = String(headers['content-type']).startsWith('text/event-stream')
  const parts: Buffer[] = []
  for await (const part of stream) {
    parts.push(Buffer.from(part))
    if (staysOpen) break
  }
  return { statusCode, headers, body: Buffer.concat(parts).toString() }
}

/** Runs nothing: for what is decided before anything runs. */
const idleDriver: Driver = {
  roll: async () => ({ outcome: 'rolled' }),
  scale: async () => undefined,
  restart: async () => 0,
  stopDyno: async () => 0,
  run: async () => {
    throw new Error('nothing runs here')
  },
  list: () => [],
  remove: async () => undefined,
  webTargets: () => [],
  onChange: () => () => undefined,
  stop: async () => undefined,
}
const idleBuilder = { build: async () => ({ outcome: 'failed' }), forget: async () => undefined } as unknown as Builder

/**
 * All rooms behind the real server, guard and authentication, with people whose tokens are `token-of-<name>`. No
 * reconciler runs and no app does.
 */
export async function testHouse<Name extends string>(
  names: readonly Name[],
  change: Partial<HttpOptions> = {},
  { isAtHome = true, builder = idleBuilder }: { isAtHome?: boolean; builder?: Builder } = {},
) {
  const database = await testDatabase()
  const { db } = database
  const dir = await mkdtemp(path.join(tmpdir(), 'mortise-house-'))
  const secrets = createSecrets(parseMasterKeys(`1:${Buffer.alloc(32, 7).toString('base64')}`))
  const clock = { aheadMs: 0 }
  const world: World = { ...realWorld, now: () => later(new Date(), clock.aheadMs) }
  const faults: unknown[] = []
  const outbound = createOutbound({ loopbackAllowed: true })
  const logs = createLogs()
  const stopping = new AbortController()
  const rooms = furnish({
    db,
    world,
    secrets,
    outbound,
    patience: standardPatience,
    driver: idleDriver,
    builder,
    logs,
    addresses: {
      hostname: (name) => `${name}.localhost`,
      webUrl: (name) => `http://${name}.localhost:5055/`,
      gitUrl: (name) => `http://localhost:5055/${name}.git`,
    },
    origin: 'http://localhost:5055',
    ownHosts: ['localhost', '127.0.0.1', 'mortise.example.org'],
    attachAddress: 'localhost:5055',
    certificate: 'a certificate',
    version: '0.0.0',
    dataDir: dir,
    stopping: stopping.signal,
    isAtHome,
    onFault: (error) => void faults.push(error),
    audit: () => undefined,
  })
  const server = await createHttpServer({
    world,
    handlers: rooms.handlers,
    authenticate: everybody({ db, world, secrets }),
    guard: guardOf(db, world.now),
    log: () => undefined,
    onProviderCall: rooms.onProviderCall,
    onFault: (error) => void faults.push(error),
    checkAnswers: true,
    async extra(instance) {
      for (const add of rooms.extras) await add(instance)
    },
    ...change,
  })
  const bells = listen(database.connection)
  rooms.hear(bells)
  const people = {} as Record<Name, { id: string; email: string; isOperator: boolean }>
  for (const name of names) {
    const at = world.now()
    await transact(db, async (tx) => {
      const email = `${name}@example.com`
      const isOperator = name === 'operator'
      const { id } = await insertAccount(tx, { id: randomUUID(), email, passwordHash: null, isOperator, at })
      const token = { accountId: id, hint: '', scopes: ['global'], description: 'test', expiresAt: null, at }
      const hash = tokenHash(`token-of-${name}`)
      await insertToken(tx, { ...token, id: randomUUID(), kind: 'authorization', hash })
      people[name] = { id, email, isOperator }
    })
  }

  async function ask(
    as: Name | null,
    method: Method,
    url: string,
    payload?: object,
    headers: Record<string, string> = {},
  ) {
    const who: Record<string, string> = as === null ? {} : { authorization: `Bearer token-of-${as}` }
    const answer = await whole(
      await server.inject({
        method,
        url,
        headers: { host: 'localhost:5055', ...who, ...headers },
        ...(payload ? { payload } : {}),
        payloadAsStream: true,
      }),
    )
    const isJson = String(answer.headers['content-type']).includes('json')
    // biome-ignore lint/suspicious/noExplicitAny: tests read answers of every shape; checkAnswers has checked them.
    const body: any = isJson && answer.body ? JSON.parse(answer.body) : answer.body
    return { status: answer.statusCode, body, headers: answer.headers, text: answer.body }
  }

  /** A service with the plans mini and standard-0. */
  const push = (slug: string, by: Name) =>
    pushManifest({ db, world, secrets, installation: { localhost: true } }, people[by], slug, manifestOf(slug))

  /** An add-on as provisioning leaves it, with its open charge. */
  async function addon(planName: string, app: Pick<App, 'id' | 'ownerId'>, name: string): Promise<string> {
    const plan = await findPlan(db, planName)
    if (!plan) throw new Error(`there is no plan ${planName}`)
    const id = randomUUID()
    const at = world.now()
    const prefix = plan.serviceName.toUpperCase().replaceAll('-', '_')
    await transact(db, async (tx) => {
      const row = { id, name, serviceId: plan.serviceId, planId: plan.id, priceId: plan.priceId, ownerId: app.ownerId }
      await insertAddon(tx, { ...row, appId: app.id, region: 'us', options: Buffer.alloc(0), at })
      await moveAddon(tx, id, ['provisioning'], 'provisioned', { providerId: `res-${id.slice(0, 4)}`, at })
      const values = { [`${prefix}_URL`]: 'postgres://secret' }
      const credential = { id: randomUUID(), addonId: id, name: 'default', state: 'active' as const, values, at }
      await insertCredential(tx, secrets, credential)
      await insertAttachment(tx, {
        id: randomUUID(),
        appId: app.id,
        addonId: id,
        name: prefix,
        namespace: null,
        credential: 'default',
        configNames: { [`${prefix}_URL`]: `${prefix}_URL` },
        at,
      })
      await openCharge(tx, { id: randomUUID(), addonId: id, ownerId: app.ownerId, priceId: plan.priceId, at })
      await confirmCharge(tx, id, at)
    })
    if (!(await addonById(db, id))) throw new Error('the add-on was not made')
    return id
  }

  return {
    db,
    pool: database.pool,
    world,
    clock,
    secrets,
    logs,
    server,
    handlers: rooms.handlers,
    /** As it is when the platform stops. */
    stopping,
    engine: rooms.engine,
    /** What works in the background, when a test says so. */
    reconcilers: rooms.reconcilers,
    people,
    faults,
    ask,
    push,
    addon,
    async end() {
      stopping.abort()
      await server.close()
      await bells.close()
      await rooms.engine.settled()
      await outbound.close()
      await database.drop()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

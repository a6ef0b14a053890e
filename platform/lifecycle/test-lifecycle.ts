import { randomUUID } from 'node:crypto'
import { lyingProvider } from '../../test/lying-provider.js'
import { insertAccount } from '../accounts/store.js'
import type { App } from '../apps/app.js'
import { findApp } from '../apps/store.js'
import { listConfigNames } from '../attachments/store.js'
import { chargesOf } from '../billing/store.js'
import { pushManifest } from '../catalog/push.js'
import { type Db, rows, sql, transact } from '../db/db.js'
import { testDatabase } from '../db/test-database.js'
import { createOutbound, type Downloads, type Outbound } from '../http/outbound.js'
import { createPartnerClient } from '../partner/client.js'
import { createGate } from '../partner/gate.js'
import { findDebt } from '../partner/ledger-store.js'
import { headOf } from '../releases/environment.js'
import { listReleases } from '../releases/store.js'
import type { Trials } from '../saga/engine.js'
import { parseMasterKeys } from '../secrets/keys.js'
import { createSecrets, type Secrets } from '../secrets/seal.js'
import type { World } from '../world/world.js'
import { createApp } from './app-lifecycle.js'
import { type AddonOrder, createAddon } from './create-addon.js'
import { removeAddon } from './remove-addon.js'
import type { SetupPorts } from './deps.js'
import { createLifecycle, lifecycleReconcilers } from './stories.js'
import { sweepOne } from './sweep.js'

/** Waits of a story pass at once and move the clock; a customer's own patience is longer and really waits. */
const realWaitMs = 10_000

export type TestLifecycle = Awaited<ReturnType<typeof testLifecycle>>

/** The stories on a real database, with a real provider party over HTTP that may lie, and a clock of our own. */
export async function testLifecycle(
  given: {
    requires?: string[]
    configVars?: string[]
    version?: '1' | '3'
    slug?: string
    listsResources?: boolean
    /** What setups of apps need; made from what is here. */
    setup?: (ground: { db: Db; world: World; secrets: Secrets; outbound: Outbound & Downloads }) => SetupPorts
  } = {},
) {
  const database = await testDatabase()
  const { db } = database
  const secrets = createSecrets(parseMasterKeys(`1:${Buffer.alloc(32, 7).toString('base64')}`))
  const password = 'provider-password-0123456789'
  const slug = given.slug ?? 'fast-db'
  const provider = await lyingProvider(password, slug)
  let skippedMs = 0
  let drawn = 5_055
  const world: World = {
    now: () => new Date(Date.now() + skippedMs),
    id: () => randomUUID(),
    // Chance without surprises: the same numbers in each run.
    chance: () => {
      drawn = (drawn * 16_807) % 2_147_483_647
      return drawn / 2_147_483_647
    },
    sleep: async (ms) => {
      if (ms < realWaitMs) skippedMs += ms
      else await new Promise((done) => setTimeout(done, ms).unref())
    },
  }
  const outbound = createOutbound({ loopbackAllowed: true })
  const faults: unknown[] = []
  const undeployed: string[] = []
  const running: { appId: string; version: number }[] = []
  const make = (trials: Trials = {}) =>
    createLifecycle(
      {
        db,
        world,
        secrets,
        partner: createPartnerClient(outbound, undefined, createGate({ db, world })),
        publicUrl: () => 'http://localhost:5055',
        localhost: true,
        undeploy: async (appId) => void undeployed.push(appId),
        running: () => running,
        ...(given.setup ? { setup: given.setup({ db, world, secrets, outbound }) } : {}),
      },
      { trials, onFault: (error) => void faults.push(error) },
    )
  const life = make()
  const at = world.now()
  const account = await transact(db, (tx) =>
    insertAccount(tx, { id: randomUUID(), email: 'dev@example.com', passwordHash: null, isOperator: true, at }),
  )
  const actor = { id: account.id, email: account.email }
  const manifest = {
    id: slug,
    name: 'Fast DB',
    api: {
      version: given.version ?? '3',
      password,
      sso_salt: 'salt-of-the-provider-0123456789',
      regions: ['us'],
      config_vars: given.configVars ?? ['FAST_DB_URL'],
      requires: given.requires ?? ['attachable', 'many_per_app'],
      ...(given.listsResources ? { lists_resources: true } : {}),
      production: { base_url: `${provider.url}/heroku/resources`, sso_url: `${provider.url}/sso` },
    },
    plans: [
      {
        name: 'small',
        human_name: 'Small',
        description: '',
        price: { cents: 500, unit: 'month' },
        default: true,
        features: [],
      },
      { name: 'large', human_name: 'Large', description: '', price: { cents: 5000, unit: 'month' }, features: [] },
    ],
  }
  await pushManifest(
    { db, world, secrets, installation: { localhost: true } },
    { id: account.id, isOperator: true },
    slug,
    manifest,
  )

  const newApp = async (name: string | null = null): Promise<App> =>
    createApp(life.deps, { name, region: 'us', stack: 'mortise-24', kind: 'hosted', actor })

  return {
    db,
    pool: database.pool,
    world,
    secrets,
    provider,
    life,
    make,
    actor,
    faults,
    undeployed,
    running,
    manifest,
    newApp,
    slug,
    push: (change: object) =>
      pushManifest(
        { db, world, secrets, installation: { localhost: true } },
        { id: account.id, isOperator: true },
        slug,
        { ...manifest, ...change },
      ),
    /** Another service of the same provider. */
    pushOther: (other: string) =>
      pushManifest(
        { db, world, secrets, installation: { localhost: true } },
        { id: account.id, isOperator: true },
        other,
        {
          ...manifest,
          id: other,
          api: { ...manifest.api, config_vars_prefix: 'FAST_DB' },
        },
      ),
    create: (app: App, order: Partial<AddonOrder> = {}, how = life) =>
      createAddon(how.deps, how.stories.provision, {
        app,
        plan: `${slug}:small`,
        name: null,
        as: null,
        confirm: null,
        options: {},
        actor,
        ...order,
      }),
    remove: (addonId: string, force = false, how = life) =>
      removeAddon(how.deps, how.stories.deprovision, { addonId, actor, force, maySee: async () => true }),
    /** Time passes. */
    advance: (ms: number) => {
      skippedMs += ms
    },
    /** Works off whatever is due now: operations, debts, heads. */
    async work(how = life) {
      for (let turn = 0; turn < 50; turn++) {
        let more = false
        while (await how.deps.engine().workOne()) more = true
        while (await sweepOne(how.deps)) more = true
        if (!more) break
      }
      for (const reconciler of lifecycleReconcilers(how.deps)) if (reconciler.name === 'pins') await reconciler.pass()
    },
    /** A process of ours dies: what it held is free at once, as after its lease. */
    async crash() {
      await sql`update operations set lease_until = null where ended_at is null`.execute(db)
    },
    head: async (app: App) => headOf(db, secrets, (await findApp(db, app.id)) ?? app),
    releases: (app: App) => listReleases(db, app.id),
    debt: (addonId: string) => findDebt(db, addonId),
    charges: (addonId: string) => chargesOf(db, addonId),
    async stop() {
      await life.engine.settled()
      await provider.stop()
      await outbound.close()
      await database.drop()
    },
  }
}

/** Every add-on ever asked for, newest last. */
export function allAddons(
  db: Db,
): Promise<{ id: string; name: string; state: string; provisionMessage: string; providerId: string | null }[]> {
  return rows(
    db,
    sql`select id, name, state, provision_message as "provisionMessage", provider_id as "providerId" from addons order by created_at, id`,
  )
}

/**
 * What is wrong with the world, in sentences; none after every settled story. The same questions the simulator asks:
 * nothing at the provider that we do not know, one open charge per live add-on and none for a dead one, no name without
 * an owner, no open operation, no live attachment of a dead add-on, an event for every beginning and every end.
 */
export async function whatIsWrong(test: TestLifecycle): Promise<string[]> {
  const wrong: string[] = []
  const addons = await allAddons(test.db)
  const live = addons.filter((addon) => addon.state === 'provisioned')
  for (const uuid of test.provider.resources.keys()) {
    const addon = addons.find((one) => one.id === uuid)
    const debt = await test.debt(uuid)
    if (!addon) wrong.push(`the provider has ${uuid}, which we never asked for`)
    else if (addon.state === 'deprovisioned' && debt?.state === 'clear')
      wrong.push(`${addon.name} is an orphan: the provider has it and the ledger says clear`)
  }
  for (const addon of addons) {
    const open = (await test.charges(addon.id)).filter((charge) => !charge.closedAt && !charge.voidedAt)
    const should = addon.state === 'provisioned' || addon.state === 'provisioning' ? 1 : 0
    if (open.length !== should) wrong.push(`${addon.name} is ${addon.state} and has ${open.length} open charges`)
    if (addon.state === 'provisioned' && !test.provider.resources.has(addon.id))
      wrong.push(`${addon.name} is provisioned and the provider has no such resource`)
  }
  const dangling = await rows<{ name: string }>(
    test.db,
    sql`select t.name from attachments t join addons d on d.id = t.addon_id
    where t.detached_at is null and d.state = 'deprovisioned'`,
  )
  for (const { name } of dangling) wrong.push(`the attachment ${name} belongs to an add-on that is gone`)
  const apps = await rows<{ id: string }>(test.db, sql`select id from apps where state = 'live'`)
  for (const { id } of apps) {
    const names = (await listConfigNames(test.db, id)).map(({ name }) => name)
    const app = await findApp(test.db, id)
    const head = Object.keys(app ? await test.head(app) : {})
    const missing = head.filter((name) => !names.includes(name))
    if (missing.length) wrong.push(`the app has ${missing.join(', ')} and nobody owns the name`)
    const idle = names.filter((name) => !head.includes(name))
    if (idle.length && live.length === addons.filter((addon) => addon.state !== 'deprovisioned').length) {
      wrong.push(`the names ${idle.join(', ')} are owned and have no value`)
    }
  }
  const untold = await rows<{ what: string }>(
    test.db,
    sql`with things as (
      select id, 'the attachment ' || name as what, 'addon-attachment' as resource, detached_at is not null as ended from attachments
      union all select id, 'the add-on ' || name, 'addon', state = 'deprovisioned' from addons)
    select what from things t where (select count(*) from events e where e.subject = t.id and e.resource = t.resource
        and e.action = 'create') <> 1
      or (select count(*) from events e where e.subject = t.id and e.resource = t.resource
        and e.action = 'destroy') <> t.ended::int`,
  )
  for (const { what } of untold) wrong.push(`${what} began or ended and its events do not say so, once each`)
  const openOperations = await rows<{ saga: string; state: string }>(
    test.db,
    sql`select saga, state from operations where ended_at is null`,
  )
  for (const { saga, state } of openOperations) wrong.push(`an operation ${saga} is still ${state}`)
  for (const fault of test.faults) wrong.push(`a fault: ${fault instanceof Error ? fault.stack : fault}`)
  return wrong
}

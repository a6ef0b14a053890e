import { insertAccount } from '../platform/accounts/store.js'
import { findAddon } from '../platform/addons/store.js'
import type { App } from '../platform/apps/app.js'
import { listAppsOf, lockApp } from '../platform/apps/store.js'
import { findAttachment } from '../platform/attachments/store.js'
import { pushManifest } from '../platform/catalog/push.js'
import { findPlan } from '../platform/catalog/store.js'
import { type Db, maybeOne, rows, sql, transact } from '../platform/db/db.js'
import { testDatabase } from '../platform/db/test-database.js'
import { createApp, destroyApp } from '../platform/lifecycle/app-lifecycle.js'
import { attach, detach } from '../platform/lifecycle/attach.js'
import { patchConfig, providerSays } from '../platform/lifecycle/call-backs.js'
import { releaseConfig } from '../platform/lifecycle/change-config.js'
import { createAddon } from '../platform/lifecycle/create-addon.js'
import { removeAddon } from '../platform/lifecycle/remove-addon.js'
import { createLifecycle } from '../platform/lifecycle/stories.js'
import { sweepOne } from '../platform/lifecycle/sweep.js'
import { changePlan } from '../platform/lifecycle/upgrade-addon.js'
import { createPartnerClient } from '../platform/partner/client.js'
import { applyChange } from '../platform/releases/change.js'
import { parseMasterKeys } from '../platform/secrets/keys.js'
import { createSecrets } from '../platform/secrets/seal.js'
import { checkers, type View } from './checkers.js'
import { createClock, worldOf } from './clock.js'
import { Crashed, type Fate, mortalDb, mortalWorld, strike } from './process.js'
import { honest, short, simulatedProvider, type Temper } from './provider.js'
import { randomFrom } from './random.js'

export interface SimulationOptions {
  seed: number
  /** How long the world misbehaves, on its own clock. */
  hours: number
  /** For the checkers' twins: called after each tick, may break the world on purpose. */
  sabotage?(view: View & { at: 'always' | 'settled' }): Promise<void>
  /** Called with each line of the story. */
  tell?(line: string): void
}

export interface SimulationResult {
  seed: number
  ticks: number
  crashes: number
  asked: number
  addons: number
  /** `checker: sentence`; empty when every invariant held. */
  wrong: string[]
}

/** Far more turns than any story needs to end; one that needs more will never end. */
const settleTurnsMax = 500

/** Ticks in an hour of the world's clock. */
const ticksPerHour = 12

/**
 * Runs the production stories over a seeded clock, network and provider that lie, with a process of ours that dies between
 * any two effects. One worker at a time: true races are proven with real processes elsewhere. The same seed is the same world.
 */
export async function simulate(options: SimulationOptions): Promise<SimulationResult> {
  const database = await testDatabase()
  const random = randomFrom(options.seed)
  const clock = createClock(new Date('2026-11-23T00:00:00Z'))
  const world = worldOf(clock, random)
  const tell = (line: string) => options.tell?.(`${clock.now().toISOString().slice(5, 19)} ${line}`)
  const secrets = createSecrets(parseMasterKeys(`1:${Buffer.alloc(32, 9).toString('base64')}`))
  const provider = simulatedProvider(clock, random, tell)
  const actor = { id: random.uuid(), email: 'dev@example.com' }
  const password = 'simulated-password-0123456789'
  const faults: string[] = []
  let crashes = 0

  // The lasting door: for set-up, checkers, and whoever calls from outside.
  const db: Db = database.db
  await transact(db, (tx) =>
    insertAccount(tx, { id: actor.id, email: actor.email, passwordHash: null, isOperator: true, at: world.now() }),
  )
  await pushManifest(
    { db, world, secrets, installation: { localhost: true } },
    { id: actor.id, isOperator: true },
    'fast-db',
    {
      id: 'fast-db',
      name: 'Fast DB',
      api: {
        version: '3',
        password,
        sso_salt: 'simulated-salt-0123456789',
        regions: ['us'],
        config_vars: ['FAST_DB_URL'],
        requires: ['attachable', 'many_per_app'],
        production: { base_url: 'http://127.0.0.1:9/heroku/resources', sso_url: 'http://127.0.0.1:9/sso' },
      },
      plans: ['small', 'large'].map((name, at) => ({
        name,
        human_name: name,
        description: '',
        price: { cents: 500 * (at * 9 + 1), unit: 'month' },
        default: at === 0,
        features: [],
      })),
    },
  )

  /** A process of ours: its own door to the database and to the network, both of which die with it. */
  function newProcess() {
    const fate: Fate = { effectsLeft: null, actsLast: false, dead: false }
    const mine = mortalDb(database.pool, fate)
    const outbound = {
      ...provider,
      async send(question: Parameters<typeof provider.send>[0]) {
        if (fate.dead) throw new Crashed()
        const outcome = strike(fate)
        if (outcome === 'dies before') throw new Crashed()
        const answer = await provider.send(question)
        if (outcome === 'dies after') fate.dead = true
        if (fate.dead) throw new Crashed()
        return answer
      },
    }
    const life = createLifecycle(
      {
        db: mine,
        world: mortalWorld(world, fate),
        secrets,
        partner: createPartnerClient(outbound),
        publicUrl: () => 'http://localhost:5055',
        localhost: true,
        undeploy: async () => undefined,
      running: () => [],
      },
      {
        onFault: (error) => {
          if (!fate.dead) faults.push(error instanceof Error ? (error.stack ?? error.message) : String(error))
        },
      },
    )
    return { ...life, fate, db: mine }
  }
  type Process = ReturnType<typeof newProcess>
  let ours = newProcess()
  // Requests from outside reach whichever process is alive; this one is never killed, as another machine's would not be.
  const other = newProcess()
  provider.callBacks = {
    provisioned: (uuid) => outside(() => providerSays(other.deps, uuid, 'provision')),
    failed: (uuid) => outside(() => providerSays(other.deps, uuid, 'deprovision')),
    patch: (uuid, value) =>
      outside(async () => {
        const addon = await findAddon(db, uuid, world.now())
        if (addon) await patchConfig(other.deps, addon, [{ name: 'FAST_DB_URL', value }])
      }),
  }

  /** A caller that takes a refusal for an answer. Anything else is a fault of ours. */
  async function outside(work: () => Promise<unknown>): Promise<void> {
    try {
      await work()
    } catch (error) {
      if ((error as { name?: string }).name !== 'WireError')
        faults.push(error instanceof Error ? (error.stack ?? error.message) : String(error))
    }
  }

  /** Runs one thing in our process, which may die in the middle of it; a new one takes its place. */
  async function inProcess(what: string, work: (process: Process) => Promise<unknown>): Promise<void> {
    if (temper.lies > 0 && random.happens(0.25)) {
      ours.fate.effectsLeft = random.between(0, 5)
      ours.fate.actsLast = random.happens(0.5)
    }
    // A work that died hangs where it was: the process it ran in is gone, and nobody waits for it.
    const mine = ours
    const died = new Promise<'died'>((resolve) => {
      const look = setInterval(() => {
        if (!mine.fate.dead) return
        clearInterval(look)
        resolve('died')
      }, 1)
      void Promise.resolve().then(async () => {
        try {
          tell(`ours ${what}: ${(await work(mine)) ?? ''}`)
        } catch (error) {
          if ((error as { name?: string }).name === 'WireError') tell(`ours ${what}: ${(error as Error).message}`)
          else if (!(error instanceof Crashed) && !mine.fate.dead)
            faults.push(error instanceof Error ? (error.stack ?? error.message) : String(error))
        }
        clearInterval(look)
        resolve('died')
      })
    })
    await died
    if (ours.fate.dead) {
      crashes++
      tell(`ours died in ${what}`)
      ours = newProcess()
      // Its leases lapse; on this clock at once.
      await sql`update operations set lease_until = null where ended_at is null`.execute(db)
      await sql`update debts set lease_until = null`.execute(db)
    }
    ours.fate.effectsLeft = null
  }

  let temper: Temper = { ...honest }
  const setTemper = (next: Temper) => {
    temper = next
    provider.temper = next
  }

  const apps = async (): Promise<App[]> => listAppsOf(db, actor.id)
  const anyApp = async () => {
    const all = await apps()
    return all.length ? random.pick(all) : undefined
  }
  const anyAddon = async () => {
    const all = await rows<{ id: string }>(
      db,
      sql`select id from addons where state <> 'deprovisioned' order by created_at, id`,
    )
    return all.length ? findAddon(db, random.pick(all).id, world.now()) : undefined
  }

  /** What customers do, with how often. */
  const customers: [number, string, (process: Process) => Promise<unknown>][] = [
    [
      2,
      'create app',
      async (p) =>
        (await apps()).length < 5
          ? (
              await createApp(p.deps, {
                name: `app-${random.between(0, 99_999)}`,
                region: 'us',
                stack: 'mortise-24',
                kind: 'hosted',
                actor,
              })
            ).name
          : '-',
    ],
    [
      8,
      'create add-on',
      async (p) => {
        const app = await anyApp()
        if (!app) return '-'
        const as = random.happens(0.3) ? random.pick(['MAIN', 'SPARE', 'CACHE']) : null
        const confirm = random.happens(0.5) ? app.name : null
        const addon = await createAddon(p.deps, p.stories.provision, {
          app,
          plan: random.pick(['fast-db', 'fast-db:large']),
          name: null,
          as,
          confirm,
          options: { size: '1' },
          actor,
        })
        return `${short(addon.id)} ${addon.state}`
      },
    ],
    [
      4,
      'remove add-on',
      async (p) => {
        const addon = await anyAddon()
        return addon
          ? `${short(addon.id)} ${(await removeAddon(p.deps, p.stories.deprovision, { addonId: addon.id, actor, force: random.happens(0.5), maySee: async () => true })).state}`
          : '-'
      },
    ],
    [
      2,
      'change plan',
      async (p) => {
        const addon = await anyAddon()
        const plan = await findPlan(db, random.pick(['fast-db:small', 'fast-db:large']))
        return addon && plan ? (await changePlan(p.deps, p.stories.changePlan, { addon, plan, actor })).pending : '-'
      },
    ],
    [
      2,
      'attach',
      async (p) => {
        const [app, addon] = [await anyApp(), await anyAddon()]
        return app && addon
          ? (
              await attach(p.deps, {
                appId: app.id,
                addonId: addon.id,
                wanted: random.happens(0.5) ? random.pick(['MAIN', 'SHARED']) : null,
                confirm: random.happens(0.5) ? app.name : null,
                actor,
              })
            ).name
          : '-'
      },
    ],
    [
      1,
      'detach',
      async (p) => {
        const found = await maybeOne<{ id: string }>(
          db,
          sql`select id from attachments where detached_at is null order by created_at desc, id limit 1`,
        )
        const attachment = found && (await findAttachment(db, found.id))
        return attachment ? (await detach(p.deps, attachment, actor)).name : '-'
      },
    ],
    [
      3,
      'set config',
      async (p) => {
        const app = await anyApp()
        if (!app) return '-'
        const name = random.pick(['GREETING', 'MAIN_URL', 'FAST_DB_URL'])
        const value = random.happens(0.2) ? null : String(random.between(0, 99))
        return transact(p.db, async (tx) => {
          const locked = await lockApp(tx, app.id)
          return (
            locked &&
            (
              await applyChange(tx, p.deps, {
                app: locked,
                actor,
                accountId: actor.id,
                vars: { [name]: value },
                rebuild: true,
              })
            )?.version
          )
        })
      },
    ],
    [
      0.5,
      'destroy app',
      async (p) => {
        const app = await anyApp()
        if (!app) return '-'
        await destroyApp(p.deps, p.stories.destroyApp, {
          app,
          actor,
          force: random.happens(0.7),
          maySee: async () => true,
        })
        return app.name
      },
    ],
    [
      1,
      'rotate',
      async () => {
        const addon = await anyAddon()
        if (addon?.state === 'provisioned')
          await provider.callBacks?.patch(addon.id, `fast://rotated.${random.between(0, 999)}`)
      },
    ],
  ]
  const weight = customers.reduce((sum, [one]) => sum + one, 0)
  function nextCustomer() {
    let at = random.next() * weight
    for (const customer of customers) {
      at -= customer[0]
      if (at < 0) return customer
    }
    return customers[0]!
  }

  async function work(): Promise<void> {
    for (let turn = 0; turn < 6; turn++) {
      let more = false
      await inProcess('operations', async (p) => {
        more = await p.engine.workOne()
        return more
      })
      await inProcess('sweep', async (p) => {
        more = (await sweepOne(p.deps)) || more
        return more
      })
      if (!more) break
    }
    await inProcess('pins', (p) => releaseConfig(p.deps, null))
  }

  const view: View = { db, secrets, provider }
  const wrong: string[] = []
  async function look(when: 'always' | 'settled', tick: number): Promise<boolean> {
    await options.sabotage?.({ ...view, at: when })
    for (const checker of checkers) {
      if (checker.when !== when) continue
      for (const sentence of await checker.check(view)) wrong.push(`tick ${tick}, ${checker.name}: ${sentence}`)
    }
    for (const fault of faults.splice(0)) wrong.push(`tick ${tick}, a fault of ours: ${fault}`)
    return wrong.length === 0
  }

  for (const name of ['first-app', 'second-app']) {
    await createApp(other.deps, { name, region: 'us', stack: 'mortise-24', kind: 'hosted', actor })
  }
  /** When something of ours or of the world's is due next; null when all is at rest. */
  async function nextDue(): Promise<Date | null> {
    const [row] = await rows<{ at: Date | null }>(
      db,
      sql`select min(at) as at from (
      select next_at as at from operations where ended_at is null and state <> 'stuck'
      union all select d.next_at from debts d where d.state in ('owed', 'watching')
        and not exists (select 1 from operations o where o.subject = d.addon_id and o.ended_at is null)) due`,
    )
    const found = [row?.at ?? null, clock.next()].filter((at) => at !== null).sort((a, b) => a.getTime() - b.getTime())
    return found[0] ?? null
  }

  const ticks = Math.max(1, Math.round(options.hours * ticksPerHour))
  let tick = 0
  try {
    for (; tick < ticks; tick++) {
      if (tick % 10 === 0) {
        setTemper({
          lies: random.pick([0.05, 0.15, 0.4, 0.9]),
          refuses: random.pick([0, 0.1]),
          defers: random.pick([0, 0.1, 0.4]),
          forgets: 0,
        })
      }
      const [, what, does] = nextCustomer()
      await inProcess(what, does)
      await clock.advance(random.between(1_000, (2 * 3_600_000) / ticksPerHour))
      await work()
      if (!(await look('always', tick))) break
    }
    // The weather clears; everything must come to an end by itself.
    setTemper(honest)
    for (let turn = 0; turn < settleTurnsMax && wrong.length === 0; turn++) {
      const due = await nextDue()
      if (due === null) break
      await clock.advance(Math.max(1_000, due.getTime() - clock.now().getTime() + 1_000))
      await work()
      await look('always', ++tick)
    }
    if (wrong.length === 0) {
      await look('settled', tick)
      await look('always', tick)
    }
    const [{ addons } = { addons: 0 }] = await rows<{ addons: number }>(
      db,
      sql`select count(*)::int as addons from addons`,
    )
    return { seed: options.seed, ticks: tick, crashes, asked: provider.said.length, addons, wrong }
  } finally {
    await database.drop()
  }
}

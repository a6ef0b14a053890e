import type { Addon } from '../platform/addons/addon.js'
import { addonById } from '../platform/addons/store.js'
import type { App } from '../platform/apps/app.js'
import { findApp, lockApp } from '../platform/apps/store.js'
import { findAttachment } from '../platform/attachments/store.js'
import { outputContext } from '../platform/builds/build.js'
import { buildCreated } from '../platform/builds/events.js'
import { insertSource, markUploaded } from '../platform/builds/source-store.js'
import { findBuild, insertBuild } from '../platform/builds/store.js'
import { findPlan, findService } from '../platform/catalog/store.js'
import { type Db, maybeOne, rows, sql, transact } from '../platform/db/db.js'
import { createApp, destroyApp } from '../platform/lifecycle/app-lifecycle.js'
import { attach, detach } from '../platform/lifecycle/attach.js'
import { createAddon } from '../platform/lifecycle/create-addon.js'
import { moveApp } from '../platform/lifecycle/move-app.js'
import { changeApp } from '../platform/lifecycle/order-change.js'
import { removeAddon } from '../platform/lifecycle/remove-addon.js'
import { changePlan } from '../platform/lifecycle/upgrade-addon.js'
import { applyChange } from '../platform/releases/change.js'
import { requestScale } from '../platform/releases/roll-store.js'
import type { Ours } from './ours.js'
import { type SimulatedProvider, short } from './provider.js'
import type { Random } from './random.js'

export interface CustomerDeps {
  /** A look at the world before acting, as whoever reads a page has. */
  db: Db
  random: Random
  provider: SimulatedProvider
  people: readonly { id: string; email: string }[]
}

/** What somebody does, and how often. */
export interface Deed {
  name: string
  weight: number
  does(ours: Ours): Promise<unknown>
}

const appsMax = 5
const maySee = async () => true

export function customers({ db, random, provider, people }: CustomerDeps): Deed[] {
  const [ann, bob] = people as [{ id: string; email: string }, { id: string; email: string }]
  const actor = ann
  const apps = () => rows<{ id: string }>(db, sql`select id from apps where state = 'live' order by created_at, id`)
  const anyApp = async () => {
    const all = await apps()
    return all.length ? findApp(db, random.pick(all).id) : undefined
  }
  const anyAddon = async (states: readonly string[]): Promise<Addon | undefined> => {
    const all = await rows<{ id: string }>(
      db,
      sql`select id from addons where state = any(${[...states]}) order by created_at, id`,
    )
    return all.length ? addonById(db, random.pick(all).id) : undefined
  }
  const live = ['provisioning', 'provisioned', 'deprovisioning']

  /** One transaction on a locked app. */
  async function withApp<T>(ours: Ours, app: App, work: Parameters<typeof transact<T>>[1]): Promise<T | undefined> {
    return transact(ours.db, async (tx) => ((await lockApp(tx, app.id))?.state === 'live' ? work(tx) : undefined))
  }

  return [
    {
      name: 'creates an app',
      weight: 2,
      async does({ deps }) {
        if ((await apps()).length >= appsMax) return '-'
        const name = `app-${random.between(0, 99_999)}`
        return (await createApp(deps, { name, region: 'us', stack: 'mortise-24', kind: 'hosted', actor })).name
      },
    },
    {
      name: 'creates an add-on',
      weight: 10,
      async does({ deps, stories }) {
        const app = await anyApp()
        if (!app) return '-'
        const as = random.happens(0.3) ? random.pick(['MAIN', 'SPARE', 'CACHE']) : null
        const confirm = random.happens(0.5) ? app.name : null
        const plan = random.pick(['fast-db', 'fast-db', 'fast-db:large', 'fast-db:large', 'old-db', 'old-db:large'])
        const order = { app, plan, name: null, as, confirm, options: { size: '1' }, actor }
        const addon = await createAddon(deps, stories.provision, order)
        return `${short(addon.id)} ${addon.state}`
      },
    },
    {
      name: 'makes several changes as one',
      weight: 3,
      async does({ deps, stories }) {
        const app = await anyApp()
        if (!app) return '-'
        const name = random.pick(['fast-db', 'fast-db', 'old-db'])
        const [service, plan] = [await findService(db, name), await findPlan(db, `${name}:small`)]
        if (!service || !plan) return '-'
        const one = () => ({
          service,
          plan,
          name: null,
          as: random.happens(0.3) ? random.pick(['MAIN', 'SPARE']) : null,
          options: {},
        })
        const create = Array.from({ length: random.between(0, 2) }, one)
        const shared = random.happens(0.3) ? await anyAddon(['provisioned']) : undefined
        const here = await rows<{ id: string }>(
          db,
          sql`select id from attachments where app_id = ${app.id} and detached_at is null order by created_at, id`,
        )
        const config: Record<string, string | null> = {}
        if (random.happens(0.6)) config['GREETING'] = random.happens(0.2) ? null : String(random.between(0, 99))
        const order = {
          config,
          attach: shared ? [{ addonId: shared.id, name: null }] : [],
          detach: here.length && random.happens(0.3) ? [random.pick(here).id] : [],
          create,
        }
        const confirm = random.happens(0.7) ? app.name : null
        return (await changeApp(deps, stories, { app, actor, order, confirm })).state
      },
    },
    {
      name: 'removes an add-on',
      weight: 4,
      async does({ deps, stories }) {
        // Whoever regrets an order does so soon.
        const addon = await anyAddon(random.happens(0.4) ? ['provisioning'] : live)
        if (!addon) return '-'
        const removal = { addonId: addon.id, actor, force: random.happens(0.5), maySee }
        return `${short(addon.id)} ${(await removeAddon(deps, stories.deprovision, removal)).state}`
      },
    },
    {
      name: 'changes a plan',
      weight: 4,
      async does({ deps, stories }) {
        const addon = await anyAddon(live)
        const plan = addon && (await findPlan(db, `${addon.serviceName}:${random.pick(['small', 'large'])}`))
        if (!addon || !plan) return '-'
        const { pending } = await changePlan(deps, stories.changePlan, { addon, plan, actor })
        return `${short(addon.id)} ${pending ? 'in doubt' : 'done'}`
      },
    },
    {
      name: 'attaches an add-on',
      weight: 2,
      async does({ deps }) {
        const [app, addon] = [await anyApp(), await anyAddon(live)]
        if (!app || !addon) return '-'
        const wanted = random.happens(0.5) ? random.pick(['MAIN', 'SHARED']) : null
        const confirm = random.happens(0.5) ? app.name : null
        return (await attach(deps, { appId: app.id, addonId: addon.id, wanted, confirm, actor })).name
      },
    },
    {
      name: 'detaches an add-on',
      weight: 1,
      async does({ deps }) {
        const found = await maybeOne<{ id: string }>(
          db,
          sql`select id from attachments where detached_at is null order by created_at desc, id limit 1`,
        )
        const attachment = found && (await findAttachment(db, found.id))
        return attachment ? (await detach(deps, attachment, actor)).name : '-'
      },
    },
    {
      name: 'sets config',
      weight: 4,
      async does(ours) {
        const app = await anyApp()
        if (!app) return '-'
        const name = random.pick(['GREETING', 'MAIN_URL', 'FAST_DB_URL'])
        const vars = { [name]: random.happens(0.2) ? null : String(random.between(0, 99)) }
        return transact(ours.db, async (tx) => {
          const locked = await lockApp(tx, app.id)
          const change = { app: locked ?? app, actor, accountId: actor.id, vars, rebuild: true }
          return locked?.state === 'live' && `v${(await applyChange(tx, ours.deps, change))?.version}`
        })
      },
    },
    {
      name: 'pushes code',
      weight: 3,
      async does(ours) {
        const app = await anyApp()
        if (!app) return '-'
        const { world, secrets } = ours.deps
        const [id, sourceId, at] = [world.id(), world.id(), world.now()]
        await ours.uploads(sourceId)
        await withApp(ours, app, async (tx) => {
          await insertSource(tx, { id: sourceId, accountId: actor.id, hash: Buffer.from(sourceId), at })
          await markUploaded(tx, sourceId, 1, at)
          await insertBuild(tx, {
            id,
            appId: app.id,
            accountId: actor.id,
            sourceId,
            sourceUrl: 'http://localhost/source',
            sourceChecksum: null,
            sourceVersion: null,
            sourceDescription: null,
            purpose: 'deploy',
            stack: app.stack,
            buildpacks: null,
            sealed: secrets.seal('token', outputContext(id)),
            releaseId: null,
            at,
          })
          const made = await findBuild(tx, id)
          if (made) await buildCreated(tx, world, made, at)
        })
        return app.name
      },
    },
    {
      name: 'releases a slug again, or rolls back',
      weight: 1.5,
      async does(ours) {
        const app = await anyApp()
        const found =
          app &&
          (await maybeOne<{ version: number; snapshotId: string; slugId: string }>(
            db,
            sql`select version, snapshot_id as "snapshotId", slug_id as "slugId" from releases
              where app_id = ${app.id} and status = 'succeeded' and slug_id is not null order by version limit 1`,
          ))
        if (!found) return '-'
        const isRollback = random.happens(0.5)
        return transact(ours.db, async (tx) => {
          const locked = await lockApp(tx, app.id)
          if (locked?.state !== 'live') return '-'
          const made = await applyChange(tx, ours.deps, {
            app: locked,
            actor,
            accountId: actor.id,
            rebuild: false,
            slugId: found.slugId,
            description: isRollback ? `Rollback to v${found.version}` : 'Deploy slug',
            ...(isRollback ? { varsOfSnapshot: found.snapshotId } : {}),
          })
          return `v${made?.version}`
        })
      },
    },
    {
      name: 'scales',
      weight: 1,
      async does(ours) {
        const app = await anyApp()
        if (!app) return '-'
        const quantity = random.between(1, 3)
        await withApp(ours, app, async (tx) => {
          await sql`update formation set quantity = ${quantity} where app_id = ${app.id} and type = 'web'`.execute(tx)
          await requestScale(tx, { appId: app.id, at: ours.deps.world.now() })
        })
        return `${app.name} to ${quantity}`
      },
    },
    {
      name: 'gives an app away',
      weight: 0.7,
      async does(ours) {
        const app = await anyApp()
        if (!app) return '-'
        const to = app.ownerId === ann.id ? bob : ann
        await transact(ours.db, (tx) => moveApp(tx, ours.deps, app, to.id, actor))
        return `${app.name} to ${to.email}`
      },
    },
    {
      name: 'destroys an app',
      weight: 0.7,
      async does({ deps, stories }) {
        const app = await anyApp()
        if (!app) return '-'
        await destroyApp(deps, stories.destroyApp, { app, actor, force: random.happens(0.7), maySee })
        return app.name
      },
    },
    {
      name: 'is the provider and rotates a value',
      weight: 1.5,
      async does() {
        // Also of what is gone here: proof that it lives there.
        const all = [...provider.resources.keys()].sort()
        if (all.length) await provider.rotate(random.pick(all))
      },
    },
    {
      name: 'is somebody else and orders at the provider',
      weight: 1,
      async does() {
        provider.serveAnother()
      },
    },
    {
      name: 'is the provider and speaks of what is gone',
      weight: 0.3,
      async does() {
        const addon = await anyAddon(['deprovisioned'])
        if (addon)
          await provider.callBacks.patch(addon.id, [...provider.given].find(([, id]) => id === addon.id)?.[0] ?? '')
      },
    },
  ]
}

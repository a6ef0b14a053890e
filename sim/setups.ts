import { insertSource, markUploaded } from '../platform/builds/source-store.js'
import { type Db, rows, sql, transact } from '../platform/db/db.js'
import { beginSetup } from '../platform/lifecycle/setup-app.js'
import type { Archives } from './archives.js'
import type { Deed } from './customers.js'
import { short } from './provider.js'
import type { Random } from './random.js'

interface SetupDeps {
  db: Db
  random: Random
  archives: Archives
  people: readonly { id: string; email: string }[]
}

/** A world with more apps than that has enough to do. */
const appsMax = 5

/** Customers who let an app be made of an archive: with add-ons, a command, and now and then with what can't be had. */
export function setups({ db, random, archives, people }: SetupDeps): Deed[] {
  const [actor] = people as [{ id: string; email: string }]

  function description(): unknown {
    if (random.happens(0.05)) return '{"name": '
    const addon = () => {
      const plan = random.pick(['fast-db', 'fast-db:large', 'old-db', 'old-db:large'])
      return random.happens(0.4) ? { plan, as: random.pick(['MAIN', 'SPARE', 'CACHE']) } : plan
    }
    const addons: unknown[] = Array.from({ length: random.pick([0, 1, 1, 2, 3]) }, addon)
    if (random.happens(0.05)) addons.push('nowhere-db')
    return {
      env: {
        GREETING: String(random.between(0, 99)),
        ...(random.happens(0.5) ? { TOKEN: { generator: 'secret' } } : {}),
      },
      addons,
      // There is no type of that name in any source of this world.
      formation: random.happens(0.1) ? { worker: { quantity: 1 } } : { web: { quantity: random.between(1, 3) } },
      ...(random.happens(0.5) ? { scripts: { postdeploy: 'node seed.js' } } : {}),
    }
  }

  return [
    {
      name: 'sets an app up',
      weight: 2,
      async does(ours) {
        const live = await rows(db, sql`select 1 from apps where state = 'live'`)
        if (live.length >= appsMax) return '-'
        const { deps, stories } = ours
        const { world } = deps
        const [sourceId, at] = [world.id(), world.now()]
        const url = archives.put(description())
        await ours.uploads(sourceId)
        await transact(ours.db, async (tx) => {
          await insertSource(tx, { id: sourceId, accountId: actor.id, hash: Buffer.from(sourceId), at })
          await markUploaded(tx, sourceId, 1, at)
        })
        const source = { id: sourceId, url, isNew: false }
        const order = { url, source, checksum: null, version: null, overrides: { env: {}, buildpacks: null } }
        const newApp = { name: null, region: 'us', stack: 'mortise-24', kind: 'hosted' as const, actor }
        const begun = await beginSetup(deps, stories.setupApp, order, newApp)
        void deps.engine().drive(begun)
        return `${begun.params.appName} ${short(begun.id)}`
      },
    },
  ]
}

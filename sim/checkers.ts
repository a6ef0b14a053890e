import { type Db, rows, sql } from '../platform/db/db.js'
import { configAtRelease, headOf } from '../platform/releases/environment.js'
import type { Secrets } from '../platform/secrets/seal.js'
import type { SimulatedProvider } from './provider.js'

/** What the checkers look at: the database as it is, and the provider as it really is. */
export interface View {
  db: Db
  secrets: Secrets
  provider: SimulatedProvider
}

/** A named invariant: a sentence for each place where it does not hold. */
export interface Checker {
  name: string
  /** `always`: after each tick · `settled`: when nothing is due any more and the provider is honest. */
  when: 'always' | 'settled'
  check(view: View): Promise<string[]>
}

/** What an add-on's row says, with what belongs to it. */
interface Row {
  id: string
  name: string
  state: string
  debt: string | null
  open: number
  unbilled: number
  running: number
  lastEvent: string | null
}

async function addonRows(db: Db): Promise<Row[]> {
  return rows(
    db,
    sql`select d.id, d.name, d.state, b.state as debt,
      (select count(*) from charges c where c.addon_id = d.id and c.closed_at is null and c.voided_at is null)::int as open,
      (select count(*) from charges c where c.addon_id = d.id and c.confirmed_at is not null and c.voided_at is not null)::int as unbilled,
      (select count(*) from operations o where o.subject = d.id and o.ended_at is null)::int as running,
      (select e.data ->> 'state' from events e where e.subject = d.id and e.resource = 'addon' and e.data ? 'state' order by e.seq desc limit 1) as "lastEvent"
    from addons d left join debts b on b.addon_id = d.id`,
  )
}

export const checkers: readonly Checker[] = [
  {
    name: 'no resource at a provider is unknown to us',
    when: 'always',
    async check({ db, provider }) {
      const known = new Map((await addonRows(db)).map((addon) => [addon.id, addon]))
      const wrong: string[] = []
      for (const uuid of provider.resources.keys()) {
        const addon = known.get(uuid)
        if (!addon) wrong.push(`${uuid} was never asked for`)
        else if (addon.debt === null || addon.debt === 'clear')
          wrong.push(`${addon.name} is ${addon.state}, the ledger says ${addon.debt}, and the provider has it`)
      }
      return wrong
    },
  },
  {
    name: 'exactly one open charge for a live add-on, none for a dead one',
    when: 'always',
    async check({ db }) {
      return (await addonRows(db))
        .filter(({ state, open }) => open !== (state === 'provisioned' || state === 'provisioning' ? 1 : 0))
        .map(({ name, state, open }) => `${name} is ${state} and has ${open} open charges`)
    },
  },
  {
    name: 'events match state',
    when: 'always',
    async check({ db }) {
      return (await addonRows(db))
        .filter(({ state, lastEvent }) => state !== lastEvent)
        .map(({ name, state, lastEvent }) => `${name} is ${state} and its last event says ${lastEvent}`)
    },
  },
  {
    name: 'an add-on between states has an operation that moves it',
    when: 'always',
    async check({ db }) {
      return (await addonRows(db))
        .filter(({ state, running }) => (state === 'provisioning' || state === 'deprovisioning') && running !== 1)
        .map(({ name, state }) => `${name} is ${state} and nobody works on it`)
    },
  },
  {
    name: 'a config var name has one owner, and it is alive',
    when: 'always',
    async check({ db }) {
      const idle = await rows<{ name: string }>(
        db,
        sql`select n.name from app_config_names n join attachments t on t.id = n.attachment_id
        join addons d on d.id = t.addon_id where t.detached_at is not null or d.state = 'deprovisioned'`,
      )
      return idle.map(({ name }) => `${name} is owned by an attachment that is gone`)
    },
  },
  {
    name: 'every change of config has a release',
    when: 'always',
    async check({ db, secrets }) {
      const wrong: string[] = []
      for (const { id, name, release, snapshot } of await rows<{
        id: string
        name: string
        release: string
        snapshot: string
      }>(
        db,
        sql`
        select a.id, a.name, a.snapshot_id as snapshot, (select r.id from releases r where r.app_id = a.id order by r.version desc limit 1) as release
        from apps a where a.state = 'live'`,
      )) {
        const head = await headOf(db, secrets, { id, snapshotId: snapshot })
        const [newest] = await rows<{ snapshotId: string }>(
          db,
          sql`select snapshot_id as "snapshotId" from releases where id = ${release}`,
        )
        const released = await configAtRelease(db, secrets, { id: release, snapshotId: newest?.snapshotId ?? '' })
        // A provider's new value is released a moment later, app by app; its names never change without a release.
        const difference = [...new Set([...Object.keys(head), ...Object.keys(released)])].filter(
          (key) => key in head !== key in released,
        )
        if (difference.length) wrong.push(`${name} shows ${difference.join(', ')} otherwise than its newest release`)
      }
      return wrong
    },
  },
  {
    name: 'what is provisioned is at the provider',
    when: 'settled',
    async check({ db, provider }) {
      return (await addonRows(db))
        .filter(({ id, state }) => state === 'provisioned' && !provider.resources.has(id))
        .map(({ name }) => `${name} is provisioned and the provider has no such resource`)
    },
  },
  {
    name: 'what is gone here is gone there',
    when: 'settled',
    async check({ db, provider }) {
      return (await addonRows(db))
        .filter(({ id, state, debt }) => state === 'deprovisioned' && provider.resources.has(id) && debt !== 'stuck')
        .map(({ name, debt }) => `${name} is gone here (ledger: ${debt}) and the provider still has it`)
    },
  },
  {
    name: 'every operation ends, or is stuck with a reason',
    when: 'settled',
    async check({ db }) {
      const open = await rows<{ saga: string; state: string; step: string; reason: string | null }>(
        db,
        sql`
        select saga, state, step, reason from operations where ended_at is null and not (state = 'stuck' and reason is not null)`,
      )
      return open.map(({ saga, state, step, reason }) => `${saga} is ${state} at ${step} (${reason ?? 'no reason'})`)
    },
  },
  {
    name: 'every debt is paid, held or stuck',
    when: 'settled',
    async check({ db }) {
      const open = await rows<{ name: string; state: string }>(
        db,
        sql`select d.name, b.state from debts b join addons d on d.id = b.addon_id
        where b.state in ('asked', 'owed', 'watching') or (b.state = 'held') <> (d.state = 'provisioned')`,
      )
      return open.map(({ name, state }) => `${name}: ${state}`)
    },
  },
  {
    name: "an app's config is its vars and its attachments' credentials",
    when: 'settled',
    async check({ db, secrets }) {
      const wrong: string[] = []
      const stale = await rows<{ app: string; name: string }>(
        db,
        sql`
        select a.name as app, t.name from attachments t join apps a on a.id = t.app_id and a.state = 'live'
          join addons d on d.id = t.addon_id and d.state = 'provisioned'
          join credentials c on c.addon_id = d.id and c.name = t.credential and c.state = 'active'
        where t.detached_at is null and not exists (
          select 1 from release_pins p where p.attachment_id = t.id and p.credential_id = c.id
            and p.release_id = (select r.id from releases r where r.app_id = a.id order by r.version desc limit 1))`,
      )
      for (const { app, name } of stale) wrong.push(`${app}: its newest release does not pin ${name} as it is now`)
      const idle = await rows<{ app: string; id: string; snapshot: string }>(
        db,
        sql`select a.name as app, a.id, a.snapshot_id as snapshot from apps a where a.state = 'live'`,
      )
      for (const { app, id, snapshot } of idle) {
        const head = Object.keys(await headOf(db, secrets, { id, snapshotId: snapshot })).sort()
        const names = (
          await rows<{ name: string }>(db, sql`select name from app_config_names where app_id = ${id} order by name`)
        ).map(({ name }) => name)
        const ownerless = head.filter((name) => !names.includes(name))
        if (ownerless.length) wrong.push(`${app}: nobody owns ${ownerless.join(', ')}`)
      }
      return wrong
    },
  },
]

import { type Db, rows, sql, transact } from '../platform/db/db.js'
import { compareNow } from '../platform/lifecycle/compare-store.js'
import { adoptDiscrepancy, forgetDiscrepancy } from '../platform/operations/discrepancy-verbs.js'
import { adoptDebt, forgetEntry, retryDebt } from '../platform/operations/ledger-verbs.js'
import { cancel, retry, settle } from '../platform/operations/operation-verbs.js'
import type { Deed } from './customers.js'
import type { SimulatedProvider } from './provider.js'
import type { Random } from './random.js'

export interface OperatorDeps {
  db: Db
  random: Random
  provider: SimulatedProvider
  actor: { id: string; email: string }
}

/** What an operator does who sees something wait or stuck. What is refused to them is refused in words. */
export function operators({ db, random, provider, actor }: OperatorDeps): Deed[] {
  const anyOpen = async () => {
    const open = await rows<{ id: string; saga: string; subject: string; plan: string | null }>(
      db,
      sql`select id, saga, subject, params -> 'to' ->> 'name' as plan from operations where ended_at is null order by created_at, id`,
    )
    return open.length ? random.pick(open) : undefined
  }
  const anyDebt = async (states: readonly string[]) => {
    const found = await rows<{ id: string }>(
      db,
      sql`select addon_id as id from debts where state = any(${[...states]}) order by addon_id`,
    )
    return found.length ? random.pick(found).id : undefined
  }

  const anyDiscrepancy = async () => {
    const found = await rows<{ id: string }>(
      db,
      sql`select id from discrepancies where ended_at is null and state = 'open' order by found_at, id`,
    )
    return found.length ? random.pick(found).id : undefined
  }

  return [
    {
      name: 'retries an operation',
      weight: 0.7,
      async does({ deps }) {
        const open = await anyOpen()
        return open ? (await retry(deps, { id: open.id, actor, reason: null })).state : '-'
      },
    },
    {
      name: 'cancels an operation',
      weight: 0.3,
      async does({ deps }) {
        const open = await anyOpen()
        return open ? (await cancel(deps, { id: open.id, actor, reason: 'It takes too long.' })).state : '-'
      },
    },
    {
      name: 'settles a change of plan',
      weight: 0.5,
      async does({ deps }) {
        const open = await anyOpen()
        if (open?.saga !== 'addon.change-plan') return '-'
        // Found out by telephone.
        const outcome = open.plan?.split(':')[1] === provider.resources.get(open.subject) ? 'changed' : 'unchanged'
        return `${outcome}: ${(await settle(deps, { id: open.id, actor, reason: 'They said so.', outcome })).state}`
      },
    },
    {
      name: 'retries a debt',
      weight: 0.3,
      async does({ deps }) {
        const addon = await anyDebt(['owed', 'watching', 'stuck'])
        return addon ? (await retryDebt(deps, { addon, actor, reason: null })).state : '-'
      },
    },
    {
      name: 'adopts what was found',
      weight: 0.3,
      async does({ deps }) {
        const addon = await anyDebt(['clear', 'stuck'])
        return addon ? (await adoptDebt(deps, { addon, actor, reason: 'It is there.', providerId: null })).state : '-'
      },
    },
    {
      name: 'adopts a discrepancy',
      weight: 0.6,
      async does({ deps }) {
        const id = await anyDiscrepancy()
        return id ? (await adoptDiscrepancy(deps, { id, actor, reason: 'It was ours.' })).state : '-'
      },
    },
    {
      name: 'forgets a discrepancy',
      weight: 0.1,
      async does({ deps }) {
        const id = await anyDiscrepancy()
        return id ? (await forgetDiscrepancy(deps, { id, actor, reason: 'It is known.' })).state : '-'
      },
    },
    {
      name: 'has a provider compared',
      weight: 0.5,
      async does({ deps }) {
        const found = await rows<{ id: string }>(db, sql`select id from addon_services order by name`)
        if (found.length) await transact(deps.db, (tx) => compareNow(tx, random.pick(found).id, deps.world.now()))
      },
    },
    {
      name: 'forgets a debt',
      weight: 0.2,
      async does({ deps }) {
        const addon = await anyDebt(['stuck', 'owed'])
        return addon ? (await forgetEntry(deps, { addon, actor, reason: 'The provider is no more.' })).state : '-'
      },
    },
  ]
}

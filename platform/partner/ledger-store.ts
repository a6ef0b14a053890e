import { ring } from '../db/bell.js'
import { changed, type Db, maybeOne, rows, sql, type Tx } from '../db/db.js'
import { tell } from '../db/fact.js'
import type { Lease } from '../saga/store.js'

/**
 * asked: sent or about to be · held: a live resource · owed: to be removed · watching: said to be gone, but
 * it was once in doubt, so it is asked again later · clear: known gone, or never made · stuck: needs a person.
 */
export type DebtState = 'asked' | 'held' | 'owed' | 'watching' | 'clear' | 'stuck'

export interface Debt {
  addonId: string
  state: DebtState
  wasDoubtful: boolean
  tries: number
  watches: number
  notFounds: number
  firstNotFoundAt: Date | null
  owedAt: Date | null
  nextAt: Date | null
  epoch: number
  reason: string | null
}

const columns = sql`addon_id as "addonId", state, was_doubtful as "wasDoubtful", tries, watches, not_founds as "notFounds",
  first_not_found_at as "firstNotFoundAt", owed_at as "owedAt", next_at as "nextAt", epoch, reason`

/** For whoever looks at the ledger. */
const told = (tx: Db, addonId: string) =>
  tell(tx, { resource: 'ledger-entry', action: 'update', id: addonId, app: null })

/** Written with the intent, before anything is sent. Safe to repeat. */
export async function recordAsked(tx: Tx, addonId: string, at: Date): Promise<void> {
  await sql`insert into debts (addon_id, state, updated_at) values (${addonId}, 'asked', ${at}) on conflict do nothing`.execute(
    tx,
  )
  await told(tx, addonId)
}

export async function findDebt(db: Db, addonId: string): Promise<Debt | undefined> {
  return maybeOne(db, sql`select ${columns} from debts where addon_id = ${addonId}`)
}

export async function listDebts(db: Db, states: readonly DebtState[]): Promise<Debt[]> {
  return rows(db, sql`select ${columns} from debts where state = any(${[...states]}) order by addon_id`)
}

/** The resource is live and ours. Doubt from before stays on record. */
export async function hold(tx: Tx, addonId: string, at: Date): Promise<void> {
  await sql`update debts set state = 'held', next_at = null, updated_at = ${at} where addon_id = ${addonId} and state = 'asked'`.execute(
    tx,
  )
  await told(tx, addonId)
}

export async function clear(db: Db, addonId: string, at: Date): Promise<void> {
  await sql`update debts set state = 'clear', next_at = null, lease_until = null, epoch = epoch + 1, updated_at = ${at}
    where addon_id = ${addonId}`.execute(db)
  await told(db, addonId)
}

/** To be removed at the provider, from now on and until it says gone. Safe to repeat. */
export async function owe(
  tx: Tx,
  debt: { addonId: string; wasDoubtful: boolean; reason: string; nextAt: Date; at: Date },
): Promise<void> {
  await sql`update debts set state = 'owed', was_doubtful = was_doubtful or ${debt.wasDoubtful}, reason = ${debt.reason},
      owed_at = coalesce(owed_at, ${debt.at}), next_at = ${debt.nextAt}, tries = 0, updated_at = ${debt.at}
    where addon_id = ${debt.addonId} and state not in ('owed', 'watching')`.execute(tx)
  await ring(tx, 'sweep')
  await told(tx, debt.addonId)
}

export async function setStuck(db: Db, addonId: string, reason: string, at: Date): Promise<void> {
  await sql`update debts set state = 'stuck', reason = ${reason}, next_at = null, lease_until = null, updated_at = ${at}
    where addon_id = ${addonId}`.execute(db)
  await told(db, addonId)
}

/** Gives back every lease: only for a process that knows itself to be the only one. */
export async function dropDebtLeases(db: Db): Promise<number> {
  return changed(db, sql`update debts set lease_until = null where lease_until is not null`)
}

/**
 * Claims one debt that is due; those whose add-on has an open operation are that operation's to pay.
 * @param providerMax debts at one provider that are paid at a time, in all processes together
 */
export async function claimDebt(
  db: Db,
  at: Date,
  { leaseMs, owner }: Lease,
  providerMax: number,
): Promise<Debt | undefined> {
  return maybeOne(
    db,
    sql`
    with busy as (
      select d.service_id from debts b join addons d on d.id = b.addon_id
      where b.lease_until > now() group by d.service_id having count(*) >= ${providerMax})
    update debts set epoch = epoch + 1, lease_until = now() + make_interval(secs => ${leaseMs / 1000}), lease_owner = ${owner},
      updated_at = ${at}
    where addon_id = (
      select d.addon_id from debts d join addons a on a.id = d.addon_id
      where d.state in ('owed', 'watching') and d.next_at <= ${at} and (d.lease_until is null or d.lease_until < now())
        and not exists (select 1 from operations o where o.subject = d.addon_id and o.ended_at is null)
        and a.service_id not in (select service_id from busy)
      order by d.next_at limit 1 for update of d skip locked)
    returning ${columns}`,
  )
}

/** What a payment came to; only whoever claimed it may say so. */
export async function settleDebt(
  db: Db,
  debt: Debt,
  move: {
    state: DebtState
    nextAt: Date | null
    tries: number
    watches: number
    notFounds: number
    firstNotFoundAt: Date | null
    reason: string | null
    at: Date
  },
): Promise<void> {
  await sql`update debts set state = ${move.state}, next_at = ${move.nextAt}, tries = ${move.tries}, watches = ${move.watches},
      not_founds = ${move.notFounds}, first_not_found_at = ${move.firstNotFoundAt}, reason = ${move.reason},
      lease_until = null, updated_at = ${move.at}
    where addon_id = ${debt.addonId} and epoch = ${debt.epoch}`.execute(db)
  await told(db, debt.addonId)
}

/** An intent that was withdrawn before anything could be sent. Safe to repeat. */
export async function clearIfOnlyAsked(tx: Tx, addonId: string, at: Date): Promise<void> {
  await sql`update debts set state = 'clear', updated_at = ${at} where addon_id = ${addonId} and state = 'asked'`.execute(
    tx,
  )
  await told(tx, addonId)
}

/**
 * A provider spoke of a resource that was said to be gone: proof of life. It is owed again, and doubtful from now on.
 * @returns whether the ledger had closed it
 */
export async function reopen(tx: Tx, addonId: string, reason: string, at: Date): Promise<boolean> {
  const reopened = await changed(
    tx,
    sql`update debts set state = 'owed', was_doubtful = true, reason = ${reason}, next_at = ${at},
      owed_at = ${at}, tries = 0, watches = 0, updated_at = ${at} where addon_id = ${addonId} and state in ('clear', 'watching')`,
  )
  if (reopened) {
    await ring(tx, 'sweep')
    await told(tx, addonId)
  }
  return reopened > 0
}

/** What an operator may take up: somebody found what was thought to be nowhere. */
export const settledOrStuck = ['clear', 'stuck'] as const satisfies readonly DebtState[]

/**
 * What waited for a person, or was settled: owed, with patience anew. Doubtful, since it was never confirmed.
 * @param from the states in which it is taken up; in every other it stays as it is
 */
export async function takeUp(
  tx: Tx,
  addonId: string,
  up: { from: readonly DebtState[]; reason: string; at: Date },
): Promise<void> {
  const { reason, at } = up
  await sql`update debts set state = 'owed', was_doubtful = true, reason = ${reason}, next_at = ${at}, owed_at = ${at},
      tries = 0, watches = 0, not_founds = 0, first_not_found_at = null, epoch = epoch + 1, lease_until = null,
      forgotten_at = null, updated_at = ${at}
    where addon_id = ${addonId} and state = any(${[...up.from]})`.execute(tx)
  await ring(tx, 'sweep')
  await told(tx, addonId)
}

import { invalid, WireError } from '@mortise/contract/errors'
import { type Tx, transact } from '../db/db.js'
import type { Actor, JsonObject } from '../saga/saga.js'
import { lockAccount } from './end-store.js'
import { lockOperators, setOperator, suspendAccount, unsuspendAccount } from './people-store.js'
import type { AccountDeps } from './routes.js'
import { recordFact } from './trail.js'

type Deps = Pick<AccountDeps, 'db' | 'world'>

/** What an operator wants done with somebody, and why. */
export interface Order {
  account: { id: string; email: string }
  reason: string
  actor: Actor
}

/** From this moment on the person's tokens and sessions lead nowhere. Nothing of theirs is ended, and their apps run on. */
export async function suspend(deps: Deps, order: Order): Promise<void> {
  requireSomebodyElse(order, 'suspend')
  await change(deps, order, { state: 'suspended' }, { state: 'active' }, async (tx, at) => {
    if (!(await suspendAccount(tx, order.account.id, order.reason, at))) {
      throw invalid(`${order.account.email} is suspended already.`)
    }
  })
}

/** The tokens and sessions that were good before are good again, so far as they have not run out. */
export async function unsuspend(deps: Deps, order: Order): Promise<void> {
  await change(deps, order, { state: 'active' }, { state: 'suspended' }, async (tx, at) => {
    if (!(await unsuspendAccount(tx, order.account.id, at))) throw invalid(`${order.account.email} is not suspended.`)
  })
}

export async function makeOperator(deps: Deps, order: Order): Promise<void> {
  await change(deps, order, { is_operator: true }, { is_operator: false }, async (tx, at) => {
    if (!(await setOperator(tx, order.account.id, true, at))) {
      throw invalid(`${order.account.email} is an operator already.`)
    }
  })
}

export async function unmakeOperator(deps: Deps, order: Order): Promise<void> {
  requireSomebodyElse(order, 'unmake')
  await change(deps, order, { is_operator: false }, { is_operator: true }, async (tx, at) => {
    if (!(await setOperator(tx, order.account.id, false, at))) throw invalid(`${order.account.email} is no operator.`)
  })
}

/** Whoever acts stays an operator: so there is always one. */
function requireSomebodyElse({ account, actor }: Order, verb: 'suspend' | 'unmake'): void {
  if (account.id !== actor.id) return
  throw invalid(
    verb === 'suspend'
      ? 'You can not suspend yourself. Ask another operator.'
      : 'You can not take your own rights away: nobody could give them back. Ask another operator.',
  )
}

async function change(
  { db, world }: Deps,
  { account, actor, reason }: Order,
  now: JsonObject,
  before: JsonObject,
  work: (tx: Tx, at: Date) => Promise<void>,
): Promise<void> {
  const at = world.now()
  await transact(db, async (tx) => {
    // Two operators who stop each other at once would leave none: the second finds itself stopped.
    const operators = await lockOperators(tx)
    if (!operators.includes(actor.id)) {
      throw new WireError('forbidden', 'You are no operator any more: somebody changed it in the same moment.')
    }
    await lockAccount(tx, account.id)
    await work(tx, at)
    await recordFact(tx, world, {
      ...{ at, actor, action: 'update', resource: 'account', subject: account.id, accountId: account.id },
      data: { email: account.email, ...now, reason },
      previous: before,
    })
  })
}

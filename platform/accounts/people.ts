import { invalid, notFound } from '@mortise/contract/errors'
import {
  accountKinds,
  accountStates,
  type InstallationAccount,
  type InstallationAccountDetail,
} from '@mortise/contract/platform-api/installation-accounts'
import { routes } from '@mortise/contract/platform-api/routes'
import { timestamp } from '@mortise/contract/platform-api/shared'
import type { Db } from '../db/db.js'
import { type Handler, handle } from '../http/handle.js'
import { oneOf } from '../http/one-of.js'
import type { Actor } from '../saga/saga.js'
import { pageIn } from './page.js'
import { findBelongings, findKnownAccount, type Known, listAppsOf, listKnownAccounts } from './people-store.js'
import type { AccountDeps } from './routes.js'
import { makeOperator, type Order, suspend, unmakeOperator, unsuspend } from './standing.js'

/** Who is here, for the operator: people and teams, what each has, and the verbs that change how they stand. */
export function peopleRoutes({ db, world }: Pick<AccountDeps, 'db' | 'world'>): Handler[] {
  async function find(identity: string): Promise<Known> {
    const known = await findKnownAccount(db, identity)
    if (!known) throw notFound('account', 'See who is here with accounts; a team goes by its name.')
    return known
  }
  const verb =
    (change: (deps: Pick<AccountDeps, 'db' | 'world'>, order: Order) => Promise<void>) =>
    async ({ params, body, actor }: { params: { account: string }; body: { reason: string }; actor: Actor }) => {
      const { id, kind, email } = await find(params.account)
      if (kind === 'team') throw invalid('A team is nobody that signs in. Suspend or change its members one by one.')
      await change({ db, world }, { account: { id, email }, reason: body.reason.trim(), actor })
      return detail(db, await find(id), world.now())
    }

  return [
    handle(routes.accounts.list, async ({ query, request }) => {
      const found = await listKnownAccounts(db, {
        ...pageIn(request.headers.range, routes.accounts.list.list?.fields ?? []),
        kind: oneOf(query['eq[kind]'] || undefined, accountKinds, 'eq[kind]') ?? null,
        state: oneOf(query['eq[state]'] || undefined, accountStates, 'eq[state]') ?? null,
        text: query.q?.trim() ?? '',
      })
      return found.map(summary)
    }),
    handle(routes.accounts.info, async ({ params }) => detail(db, await find(params.account), world.now())),
    handle(routes.accounts.apps, async ({ params }) => {
      const apps = await listAppsOf(db, (await find(params.account)).id)
      return apps.map(({ id, name, isMaintenance, createdAt, releasedAt, addons }) => ({
        add_ons: addons,
        created_at: timestamp(createdAt),
        id,
        maintenance: isMaintenance,
        name,
        released_at: releasedAt && timestamp(releasedAt),
      }))
    }),
    handle(routes.accounts.suspend, verb(suspend)),
    handle(routes.accounts.unsuspend, verb(unsuspend)),
    handle(routes.accounts.makeOperator, verb(makeOperator)),
    handle(routes.accounts.unmakeOperator, verb(unmakeOperator)),
  ]
}

function summary(known: Known): InstallationAccount {
  return {
    add_ons: known.addons,
    apps: known.apps,
    created_at: timestamp(known.createdAt),
    email: known.email,
    id: known.id,
    is_operator: known.isOperator,
    kind: known.kind,
    last_login: known.lastLoginAt && timestamp(known.lastLoginAt),
    name: known.name,
    price: { cents: known.cents, unit: 'month' },
    suspended_at: known.suspendedAt && timestamp(known.suspendedAt),
    suspended_reason: known.suspendedReason,
  }
}

async function detail(db: Db, known: Known, at: Date): Promise<InstallationAccountDetail> {
  return { ...summary(known), ...(await findBelongings(db, known.id, at)) }
}

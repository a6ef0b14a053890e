import { invalid, notFound } from '@mortise/contract/errors'
import { routes } from '@mortise/contract/platform-api/routes'
import { transact } from '../db/db.js'
import { type Asker, type Handler, handle } from '../http/handle.js'
import { accountView } from './account.js'
import { endAccount, lockAccount, type Possessions, possessionsOf } from './end-store.js'
import { listClients } from './oauth-client-store.js'
import { recordEndOfAllowed } from './oauth-client-trail.js'
import { lockOperators } from './people-store.js'
import type { AccountDeps } from './routes.js'
import { accountOf, isSelf } from './self.js'
import { recordFact } from './trail.js'

/** Somebody leaves. What they own is theirs to destroy or to give away first: nothing goes by itself. */
export function endRoutes({ db, world }: Pick<AccountDeps, 'db' | 'world'>): Handler[] {
  async function end(asker: Asker) {
    const account = await accountOf(db, asker)
    await transact(db, async (tx) => {
      // Before one's own row: operators are locked in one order, or two that leave at once would wait for each other.
      if (account.isOperator) await lockOperators(tx)
      if (!(await lockAccount(tx, account.id))) throw notFound('account')
      const reason = reasonToStay(await possessionsOf(tx, account.id))
      if (reason) throw invalid(reason)
      const at = world.now()
      await recordFact(tx, world, {
        ...{ at, actor: { id: account.id, email: account.email }, action: 'destroy', resource: 'account' },
        ...{ subject: account.id, accountId: account.id, data: { email: account.email } },
      })
      const clientIds = (await listClients(tx, account.id)).map(({ id }) => id)
      const actor = { id: account.id, email: account.email }
      await recordEndOfAllowed(tx, world, { clientIds, actor, at, of: account.id })
      await endAccount(tx, account.id, at)
    })
    return accountView(account)
  }

  return [
    handle(routes.account.remove, async ({ asker }) => end(asker)),
    handle(routes.account.removeUser, async ({ asker, params }) => {
      if (!isSelf(await accountOf(db, asker), params.user)) throw notFound('account')
      return end(asker)
    }),
  ]
}

function reasonToStay({ apps, addons, services, teams, isLastOperator }: Possessions): string | null {
  if (apps.length) return `You own apps: ${some(apps)}. Destroy them or transfer them first.`
  if (addons.length) return `You own add-ons: ${some(addons)}. Destroy them first.`
  if (services.length) return `You are the provider of ${some(services)}. Ask the operator to give it to somebody else.`
  if (teams.length) return `You are the only admin of ${some(teams)}. Make somebody else an admin, or delete the team.`
  if (isLastOperator) return 'You are the only operator of this installation, and nobody could let another one in.'
  return null
}

const shownMax = 5

function some(names: readonly string[]): string {
  const rest = names.length - shownMax
  return names.slice(0, shownMax).join(', ') + (rest > 0 ? ` and ${rest} more` : '')
}

import { notFound, WireError } from '@mortise/contract/errors'
import { type AppRight, may } from '../accounts/permit.js'
import type { Db } from '../db/db.js'
import type { Asker } from '../http/handle.js'
import type { App } from './app.js'
import { findApp, findAppStake } from './store.js'

/**
 * The live app of that name or id, if who asks has the right. Whoever may not even see it learns nothing, not even
 * that there is such an app.
 * @throws WireError 404, or 403 for those who see the app but lack the right
 */
export async function guardApp(db: Db, asker: Asker, identity: string, right: AppRight): Promise<App> {
  if (!asker.account) throw new WireError('forbidden', 'This needs an account, not the token of a grant.')
  const app = await findApp(db, identity)
  if (app?.state !== 'live') throw notFound('app')
  const stake = await findAppStake(db, app.id, asker.account.id)
  if (!may(asker, stake, 'view')) throw notFound('app')
  if (!may(asker, stake, right)) {
    throw new WireError(
      'forbidden',
      `You do not have the permission "${right}" on ${app.name}. ${app.teamName ? `An admin of the team ${app.teamName}` : `Its owner, ${app.ownerEmail},`} can give it.`,
      { app: { id: app.id, name: app.name } },
    )
  }
  return app
}

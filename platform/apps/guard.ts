import { notFound, WireError } from '@mortise/contract/errors'
import { type AppRight, may } from '../accounts/permit.js'
import type { Db } from '../db/db.js'
import type { Asker } from '../http/handle.js'
import type { App } from './app.js'
import { nearNames } from './near.js'
import { findApp, findAppStake, listAppsOf } from './store.js'

/**
 * The live app of that name or id, if who asks has the right. Whoever may not even see it learns nothing, not even
 * that there is such an app.
 * @throws WireError 404, or 403 for those who see the app but lack the right
 */
export async function guardApp(db: Db, asker: Asker, identity: string, right: AppRight): Promise<App> {
  if (!asker.account)
    throw new WireError('forbidden', 'This needs an account, not the token of a grant. Send the token of a person.')
  const app = await findApp(db, identity)
  if (app?.state !== 'live') throw await noSuchApp(db, asker.account.id, identity)
  const stake = await findAppStake(db, app.id, asker.account.id)
  if (!may(asker, stake, 'view')) throw await noSuchApp(db, asker.account.id, identity)
  if (!may(asker, stake, right)) {
    throw new WireError(
      'forbidden',
      `You do not have the permission "${right}" on ${app.name}. ${app.teamName ? `An admin of the team ${app.teamName}` : `Its owner, ${app.ownerEmail},`} can give it.`,
      { app: { id: app.id, name: app.name } },
    )
  }
  return app
}

/** What the words may have meant, among what the asker sees anyway: whether there is such an app stays untold. */
async function noSuchApp(db: Db, accountId: string, identity: string): Promise<WireError> {
  const near = nearNames(
    identity,
    (await listAppsOf(db, accountId)).map(({ name }) => name),
  )
  return notFound('app', near.length ? `Did you mean ${near.join(', ')}?` : '')
}

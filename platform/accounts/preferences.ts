import { notFound } from '@mortise/contract/errors'
import { Preferences } from '@mortise/contract/platform-api/preferences'
import { routes } from '@mortise/contract/platform-api/routes'
import { transact } from '../db/db.js'
import { type Asker, type Handler, handle } from '../http/handle.js'
import type { AccountDeps } from './routes.js'
import { accountOf, isSelf } from './self.js'
import { findPreferences, mergePreferences } from './store.js'

const unset = Object.fromEntries(Object.keys(Preferences.properties).map((name) => [name, null])) as Preferences
const nobodyIsCutOff = { scheduled_deletion_time: null, scheduled_suspension_time: null }

export function preferenceRoutes({ db, world }: Pick<AccountDeps, 'db' | 'world'>): Handler[] {
  async function selfOf(asker: Asker, identity: string): Promise<string> {
    const account = await accountOf(db, asker)
    if (!isSelf(account, identity)) throw notFound('account')
    return account.id
  }

  return [
    handle(routes.preferences.info, async ({ asker, params }) => ({
      ...unset,
      ...(await findPreferences(db, await selfOf(asker, params.user))),
    })),
    handle(routes.preferences.update, async ({ asker, params, body }) => {
      const id = await selfOf(asker, params.user)
      const known = Object.fromEntries(Object.entries(body).filter(([name]) => name in unset))
      return { ...unset, ...(await transact(db, (tx) => mergePreferences(tx, id, known, world.now()))) }
    }),
    handle(routes.preferences.delinquency, async () => nobodyIsCutOff),
    handle(routes.preferences.delinquencyOfTeam, async () => nobodyIsCutOff),
  ]
}

import { checkAppName, generatedAppName } from '../apps/name.js'
import { rehearse, transact } from '../db/db.js'
import { appNameTaken, makeApp, type NewApp } from './app-lifecycle.js'
import { type ChangeOrder, checkOrder } from './change-set.js'
import { nameTaken } from './create-addon.js'
import type { LifecycleDeps } from './deps.js'
import { type Preview, rehearseChange } from './preview-change.js'
import { NameTaken } from './provision.js'
import type { Stories } from './stories.js'

/**
 * What a new app with these add-ons would come with. The app is made and taken back, so what stands in its way is found by
 * the code that makes it. Names and ids of what is not there yet are drawn anew each time, and so are not told.
 * @throws WireError 422 for a name that is taken or can't be, and for whatever else stands in the way
 */
export async function rehearseNewApp(
  deps: LifecycleDeps,
  stories: Pick<Stories, 'provisionTogether'>,
  app: NewApp,
  create: ChangeOrder['create'],
): Promise<Preview> {
  if (app.name !== null) checkAppName(app.name)
  const name = app.name ?? generatedAppName(deps.world)
  const order: ChangeOrder = { config: {}, create, attach: [], detach: [] }
  checkOrder(order)
  const preview = await transact(deps.db, (tx) =>
    rehearse(tx, async () => {
      const made = await makeApp(tx, deps, app, name)
      if (!made) throw appNameTaken(name)
      return (await rehearseChange(tx, deps, stories.provisionTogether, { app: made, actor: app.actor, order })).preview
    }),
  ).catch((error) => {
    throw error instanceof NameTaken ? nameTaken(error.taken) : error
  })
  return { ...preview, add_ons: preview.add_ons.map((one) => ({ ...one, id: null, name: null })) }
}

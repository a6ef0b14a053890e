import type { Driver, Dyno, DynoState } from '@mortise/runtime/driver'
import { appById } from '../apps/store.js'
import { type Db, transact } from '../db/db.js'
import { tell } from '../db/fact.js'
import { dynoView } from '../dynos/view.js'
import { appendEvent } from '../events/store.js'
import { findRelease } from '../releases/store.js'
import { nobody } from '../releases/view.js'
import type { World } from '../world/world.js'
import { isDynoWanted } from './event-store.js'

export interface DynoEventDeps {
  db: Db
  world: World
  driver: Pick<Driver, 'onChange'>
  onFault(error: unknown): void
}

/**
 * Writes events of dynos: created, changed, gone. What runs is the driver's to know and in no transaction, so such an
 * event may be lost with the process that saw it; and because an app in trouble changes its dynos all day, they are
 * written for those apps only whose dynos some webhook asks for. Whoever looks on is told of them all.
 * @returns how to stop, which waits for what was seen
 */
export function recordDynos(deps: DynoEventDeps): () => Promise<void> {
  const seen = new Map<string, DynoState>()
  // One after the other, so that a dyno's events have its own order.
  let written = Promise.resolve()
  const silence = deps.driver.onChange((dyno) => {
    const before = seen.get(dyno.id)
    if (before === dyno.state) return
    if (dyno.state === 'down') seen.delete(dyno.id)
    else seen.set(dyno.id, dyno.state)
    written = written.then(() => record(deps, dyno, before)).catch(deps.onFault)
  })
  return async () => {
    silence()
    await written
  }
}

async function record({ db, world }: DynoEventDeps, dyno: Dyno, before: DynoState | undefined): Promise<void> {
  const action = dyno.state === 'down' ? 'destroy' : before === undefined ? 'create' : 'update'
  if (!(await isDynoWanted(db, dyno.appId))) return tell(db, { resource: 'dyno', action, id: dyno.id, app: dyno.appId })
  const app = await appById(db, dyno.appId)
  const release = app && (await findRelease(db, app.id, String(dyno.version)))
  if (!release) return
  await transact(db, (tx) =>
    appendEvent(tx, {
      id: world.id(),
      at: dyno.updatedAt,
      actor: { id: release.accountId ?? nobody, email: release.actorEmail },
      action,
      resource: 'dyno',
      subject: dyno.id,
      appId: app.id,
      data: { ...dynoView(dyno, app, release.id) },
      previous: before === undefined ? {} : { state: before },
    }),
  )
}

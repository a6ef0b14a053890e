import type { Tx } from '../db/db.js'
import { appendEvent } from '../events/store.js'
import type { Actor, JsonObject } from '../saga/saga.js'
import type { World } from '../world/world.js'
import type { App } from './app.js'
import { appFacts } from './view.js'

/** Says that an app is other than it was. */
export async function appChanged(
  tx: Tx,
  world: World,
  /** `data`: what belongs to the change and is no common fact of an app. */
  {
    app,
    actor,
    at,
    data = {},
    previous,
  }: { app: App; actor: Actor; at: Date; data?: JsonObject; previous: JsonObject },
): Promise<void> {
  await appendEvent(tx, {
    id: world.id(),
    at,
    actor,
    action: 'update',
    resource: 'app',
    subject: app.id,
    appId: app.id,
    data: { ...appFacts(app), ...data },
    previous,
  })
}

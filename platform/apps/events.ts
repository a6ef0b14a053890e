import { recordFact } from '../accounts/trail.js'
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

interface OwnerFact {
  /** As it is, or was, with that owner. */
  app: Pick<App, 'id' | 'name' | 'ownerId' | 'teamName'>
  actor: Actor
  at: Date
  /** `create`: it came to its owner. `destroy`: it left. */
  action: 'create' | 'destroy'
  /** From whom it came, or to whom it went; left out where it was made or ended. */
  other?: { from: string } | { to: string }
  operationId?: string
}

/** In the trail of a team or person: an app came to them or left them. */
export async function recordOwner(
  tx: Tx,
  world: World,
  { app, actor, at, action, other, operationId }: OwnerFact,
): Promise<void> {
  await recordFact(tx, world, {
    ...{ at, actor, action, resource: 'owned-app', subject: app.id, accountId: app.ownerId },
    data: { name: app.name, ...(app.teamName ? { team: app.teamName } : {}), ...(other ?? {}) },
    ...(operationId ? { operationId } : {}),
  })
}

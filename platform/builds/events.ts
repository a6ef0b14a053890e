import type { Tx } from '../db/db.js'
import { appendEvent } from '../events/store.js'
import type { World } from '../world/world.js'
import { actorOf, type Build } from './build.js'

/** Says that a build was asked for. */
export async function buildCreated(tx: Tx, world: World, build: Build, at: Date): Promise<void> {
  await appendEvent(tx, {
    ...common(world, build, at),
    action: 'create',
    data: { status: 'pending', version: build.sourceVersion },
  })
}

/** Says how a build ended. */
export async function buildEnded(
  tx: Tx,
  world: World,
  build: Build,
  status: 'succeeded' | 'failed',
  at: Date,
): Promise<void> {
  await appendEvent(tx, {
    ...common(world, build, at),
    action: 'update',
    data: { status, version: build.sourceVersion },
    previous: { status: 'pending' },
  })
}

function common(world: World, build: Build, at: Date) {
  return {
    id: world.id(),
    at,
    actor: actorOf(build),
    resource: 'build',
    subject: build.id,
    appId: build.appId,
  } as const
}

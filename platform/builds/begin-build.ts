import type { Tx } from '../db/db.js'
import type { World } from '../world/world.js'
import type { Build } from './build.js'
import { buildCreated } from './events.js'
import { findBuild, insertBuild, type NewBuild } from './store.js'

/** A build to be made, and that it was asked for: whoever asks. The caller has seen to it that there is none of its id. */
export async function beginBuild(tx: Tx, world: World, build: NewBuild): Promise<Build> {
  await insertBuild(tx, build)
  const made = await findBuild(tx, build.id)
  if (!made) throw new Error(`build ${build.id} was written and is not there`)
  await buildCreated(tx, world, made, build.at)
  return made
}

import { type Db, transact } from '../db/db.js'
import { appendEvent } from '../events/store.js'
import type { Actor, JsonObject } from '../saga/saga.js'
import type { World } from '../world/world.js'

/** Programs read config again and again; one line an hour says as much as one each time. */
const sameReadMs = 3_600_000
/** Readings that a process remembers. Past that it forgets them, and a line more is written. */
const rememberedMax = 10_000

export interface ConfigRead {
  actor: Actor
  appId: string
  /** What was read: names or a release, never a value. */
  data: JsonObject
}

/**
 * Puts on record who saw values of an app's config: all of it, one name, or that of an older release. What was read again
 * within the hour is remembered here and not looked up, since reading config is what running apps do most.
 */
export function readNotes({ db, world }: { db: Db; world: World }): (read: ConfigRead) => Promise<void> {
  const noted = new Map<string, number>()
  return async ({ actor, appId, data }) => {
    const at = world.now()
    const key = JSON.stringify([actor.id, actor.email, appId, data])
    const before = noted.get(key)
    if (before !== undefined && at.getTime() - before < sameReadMs) return
    await transact(db, (tx) =>
      appendEvent(tx, {
        id: world.id(),
        at,
        actor,
        action: 'create',
        resource: 'config-read',
        subject: appId,
        appId,
        data,
      }),
    )
    if (noted.size >= rememberedMax) noted.clear()
    noted.set(key, at.getTime())
  }
}

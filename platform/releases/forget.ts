import { rm } from 'node:fs/promises'
import type { Builder } from '@mortise/runtime/build/build'
import type { Driver } from '@mortise/runtime/driver'
import type { Logs } from '@mortise/runtime/logs/logs'
import { buildEnded } from '../builds/events.js'
import { listSlugs } from '../builds/slug-store.js'
import { slugFile, sourceFile } from '../builds/source.js'
import { listSourcesOfApp } from '../builds/source-store.js'
import { cancelBuilds } from '../builds/store.js'
import { type Db, transact } from '../db/db.js'
import type { World } from '../world/world.js'
import { forgetRoll } from './roll-store.js'

export interface ForgetDeps {
  db: Db
  world: World
  driver: Driver
  builder: Builder
  logs: Logs
  /** Sources and slugs live below. */
  dir: string
}

/**
 * Takes apart what of an app is not in the database: its dynos end, its builds stop, its files and log go. The app
 * must not be live any more, or a new roll would start it again. May be repeated.
 */
export async function forgetApp(deps: ForgetDeps, appId: string): Promise<void> {
  const { db, world, driver, builder, logs, dir } = deps
  // First the rows: whoever builds or rolls now loses the right to write, and stops.
  await transact(db, async (tx) => {
    const at = world.now()
    const message = 'The app was removed.'
    const cancelled = await cancelBuilds(tx, { appId, purpose: null, exceptReleaseId: null, message, at })
    for (const build of cancelled) await buildEnded(tx, world, build, 'failed', at)
    await forgetRoll(tx, appId)
  })
  await driver.remove(appId)
  await builder.forget(appId)
  for (const id of await listSlugs(db, appId)) await rm(slugFile(dir, id), { force: true })
  for (const id of await listSourcesOfApp(db, appId)) await rm(sourceFile(dir, id), { force: true })
  logs.forget(appId)
}

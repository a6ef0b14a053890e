import { rm } from 'node:fs/promises'
import type { Builder } from '@mortise/runtime/build/build'
import type { Driver } from '@mortise/runtime/driver'
import type { Logs } from '@mortise/runtime/logs/logs'
import { appById } from '../apps/store.js'
import { buildEnded } from '../builds/events.js'
import { listSlugFiles } from '../builds/slug-store.js'
import { slugFile, sourceFile } from '../builds/source.js'
import { listSourcesOfApp } from '../builds/source-store.js'
import { cancelBuilds } from '../builds/store.js'
import { type Db, transact } from '../db/db.js'
import type { Reconciler } from '../reconcile/reconciler.js'
import type { World } from '../world/world.js'
import { leaveRemains, nextRemains, remainsBell, remainsCleared } from './remains-store.js'
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
 * Takes away an app's roll and builds, and asks for the rest: whoever builds or rolls now loses the right to write, and
 * stops. The app must not be live any more, or a new roll would start it again. May be repeated, by any process.
 */
export async function endWorkOn({ db, world }: Pick<ForgetDeps, 'db' | 'world'>, appId: string): Promise<void> {
  await transact(db, async (tx) => {
    const at = world.now()
    const message = 'The app was removed.'
    const cancelled = await cancelBuilds(tx, { appId, purpose: null, exceptReleaseId: null, message, at })
    for (const build of cancelled) await buildEnded(tx, world, build, 'failed', at)
    await forgetRoll(tx, appId)
    await leaveRemains(tx, appId, at)
  })
}

/**
 * The same, and takes apart at once what of an app is not in the database: its dynos end, its files and log go. For the
 * process that runs apps; the others leave that to it.
 */
export async function forgetApp(deps: ForgetDeps, appId: string): Promise<void> {
  await endWorkOn(deps, appId)
  await clearRemains(deps, appId)
}

/** What others left to the process that runs apps, or what it was killed over. */
export function remainsReconciler(deps: ForgetDeps): Reconciler {
  return {
    name: 'remains',
    bell: remainsBell,
    everyMs: 5_000,
    async pass() {
      const appId = await nextRemains(deps.db)
      if (appId === null) return false
      await clearRemains(deps, appId)
      return true
    },
  }
}

/** A slug that was kept while its app went is for nobody: what goes over the app's files may have come before. */
export async function dropIfAppIsGone(
  { db, dir }: Pick<ForgetDeps, 'db' | 'dir'>,
  build: { id: string; appId: string },
): Promise<void> {
  if ((await appById(db, build.appId))?.state !== 'live') await rm(slugFile(dir, build.id), { force: true })
}

async function clearRemains({ db, driver, builder, logs, dir }: ForgetDeps, appId: string): Promise<void> {
  await driver.remove(appId)
  await builder.forget(appId)
  for (const id of await listSlugFiles(db, appId)) await rm(slugFile(dir, id), { force: true })
  for (const id of await listSourcesOfApp(db, appId)) await rm(sourceFile(dir, id), { force: true })
  logs.forget(appId)
  await remainsCleared(db, appId)
}
